//! The cryptography of Fe26.2: two keys from one password, AES-256-CBC, HMAC-SHA256.

use edgeward_primitives::derive::pbkdf2_sha1_once;
use edgeward_primitives::{cbc, mac::HmacKey};
use zeroize::Zeroizing;

use crate::base::Secret;

/// The format's own count of rounds is one.
fn derive(password: &Secret, salt: &str) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let derived = pbkdf2_sha1_once(password.expose(), salt.as_bytes(), &mut key[..]);
    debug_assert!(derived, "HMAC takes keys of any length");
    key
}

fn keyed(password: &Secret, salt: &str) -> HmacKey {
    HmacKey::of_digest(&derive(password, salt))
}

pub(super) fn mac(password: &Secret, salt: &str, sealed: &str) -> Vec<u8> {
    keyed(password, salt).mac(sealed.as_bytes())
}

/// In constant time.
pub(super) fn verify(password: &Secret, salt: &str, sealed: &str, digest: &[u8]) -> bool {
    keyed(password, salt).verify(sealed.as_bytes(), digest)
}

pub(super) fn encrypt(password: &Secret, salt: &str, iv: &[u8; 16], payload: &[u8]) -> Vec<u8> {
    cbc::encrypt(&derive(password, salt), iv, payload)
}

/// Only for a ciphertext whose digest was right: the padding is no oracle then.
pub(super) fn decrypt(password: &Secret, salt: &str, iv: &[u8; 16], buffer: Vec<u8>) -> Option<Vec<u8>> {
    cbc::decrypt(&derive(password, salt), iv, buffer)
}
