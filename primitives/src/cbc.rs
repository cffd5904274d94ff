//! AES in CBC mode with PKCS#7 padding, without an authenticator: for envelopes that bring one of their own.

use aes::Aes256;
use aes::cipher::array::typenum::U16;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser, InnerIvInit,
    KeyInit,
};

/// A key made ready, of any of AES' lengths: one pointer, so that each length is compiled once.
pub(crate) trait CbcKey: Send + Sync {
    /// The ciphertext, a multiple of 16 bytes.
    fn encrypt(&self, iv: &[u8; 16], plaintext: &[u8]) -> Vec<u8>;
    /// The plaintext, if the padding is right. Only for a ciphertext that was authenticated: the padding is no oracle then.
    fn decrypt(&self, iv: &[u8; 16], buffer: Vec<u8>) -> Option<Vec<u8>>;
}

impl<C> CbcKey for C
where
    C: BlockCipherEncrypt + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16> + Clone + Send + Sync,
{
    fn encrypt(&self, iv: &[u8; 16], plaintext: &[u8]) -> Vec<u8> {
        cbc::Encryptor::inner_iv_init(self.clone(), &(*iv).into()).encrypt_padded_vec::<Pkcs7>(plaintext)
    }

    fn decrypt(&self, iv: &[u8; 16], mut buffer: Vec<u8>) -> Option<Vec<u8>> {
        let mode = cbc::Decryptor::inner_iv_init(self.clone(), &(*iv).into());
        let length = mode.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
        buffer.truncate(length);
        Some(buffer)
    }
}

/// Makes a key ready; `None` when it has not the cipher's length.
pub(crate) fn prepare<C: CbcKey + KeyInit + 'static>(key: &[u8]) -> Option<Box<dyn CbcKey>> {
    let cipher = C::new_from_slice(key).ok()?;
    Some(Box::new(cipher))
}

/// The ciphertext under AES-256, a multiple of 16 bytes.
#[must_use]
pub fn encrypt(key: &[u8; 32], iv: &[u8; 16], plaintext: &[u8]) -> Vec<u8> {
    CbcKey::encrypt(&Aes256::new(&(*key).into()), iv, plaintext)
}

/// The plaintext under AES-256, if the padding is right. Only for a ciphertext that was authenticated.
#[must_use]
pub fn decrypt(key: &[u8; 32], iv: &[u8; 16], buffer: Vec<u8>) -> Option<Vec<u8>> {
    CbcKey::decrypt(&Aes256::new(&(*key).into()), iv, buffer)
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
