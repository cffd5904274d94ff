//! AES-256 in CBC mode with PKCS#7 padding, without an authenticator: for envelopes that bring one of their own.

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};

/// The ciphertext, a multiple of 16 bytes.
#[must_use]
pub fn encrypt(key: &[u8; 32], iv: &[u8; 16], plaintext: &[u8]) -> Vec<u8> {
    cbc::Encryptor::<Aes256>::new(&(*key).into(), &(*iv).into()).encrypt_padded_vec::<Pkcs7>(plaintext)
}

/// The plaintext, if the padding is right. Only for a ciphertext that was authenticated: the padding is no oracle then.
#[must_use]
pub fn decrypt(key: &[u8; 32], iv: &[u8; 16], mut buffer: Vec<u8>) -> Option<Vec<u8>> {
    let length = cbc::Decryptor::<Aes256>::new(&(*key).into(), &(*iv).into())
        .decrypt_padded::<Pkcs7>(&mut buffer)
        .ok()?
        .len();
    buffer.truncate(length);
    Some(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encrypted_is_decrypted_and_nothing_else() {
        for length in [0, 1, 15, 16, 17, 500] {
            let plaintext = vec![7; length];
            let sealed = encrypt(&[1; 32], &[2; 16], &plaintext);
            assert_eq!(sealed.len(), length / 16 * 16 + 16);
            assert_eq!(
                decrypt(&[1; 32], &[2; 16], sealed.clone()),
                Some(plaintext.clone())
            );
            assert_ne!(decrypt(&[3; 32], &[2; 16], sealed.clone()), Some(plaintext));
            assert_eq!(
                decrypt(&[1; 32], &[2; 16], sealed.get(1..).unwrap_or_default().to_vec()),
                None
            );
        }
        assert_eq!(decrypt(&[1; 32], &[2; 16], Vec::new()), None);
    }
}
