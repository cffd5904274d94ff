//! The cryptography of Fe26.2: two keys from one password, AES-256-CBC, HMAC-SHA256.

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::base::Secret;

/// The format's own count. It derives, it does not stretch.
const ITERATIONS: u32 = 1;

fn derive(password: &Secret, salt: &str) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let derived = pbkdf2::pbkdf2::<Hmac<Sha1>>(password.expose(), salt.as_bytes(), ITERATIONS, &mut key[..]);
    debug_assert!(derived.is_ok(), "HMAC takes keys of any length");
    key
}

fn keyed(password: &Secret, salt: &str) -> Hmac<Sha256> {
    // A key of the digest's own length, so that it fits the block.
    let key = derive(password, salt);
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key.iter()) {
        *to = *from;
    }
    Hmac::new(&(*block).into())
}

pub(super) fn mac(password: &Secret, salt: &str, sealed: &str) -> [u8; 32] {
    keyed(password, salt)
        .chain_update(sealed)
        .finalize()
        .into_bytes()
        .into()
}

/// In constant time.
pub(super) fn verify(password: &Secret, salt: &str, sealed: &str, digest: &[u8]) -> bool {
    keyed(password, salt)
        .chain_update(sealed)
        .verify_slice(digest)
        .is_ok()
}

pub(super) fn encrypt(password: &Secret, salt: &str, iv: &[u8; 16], payload: &[u8]) -> Vec<u8> {
    let key = derive(password, salt);
    cbc::Encryptor::<Aes256>::new(&(*key).into(), &(*iv).into()).encrypt_padded_vec::<Pkcs7>(payload)
}

/// Only for a ciphertext whose digest was right: the padding is no oracle then.
pub(super) fn decrypt(password: &Secret, salt: &str, iv: &[u8; 16], mut buffer: Vec<u8>) -> Option<Vec<u8>> {
    let key = derive(password, salt);
    let length = cbc::Decryptor::<Aes256>::new(&(*key).into(), &(*iv).into())
        .decrypt_padded::<Pkcs7>(&mut buffer)
        .ok()?
        .len();
    buffer.truncate(length);
    Some(buffer)
}
