//! The content encryption algorithms of RFC 7518 section 5, over one trait so that a key is one pointer.

use aes::cipher::array::typenum::U12;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, BlockSizeUser,
};
use aes::cipher::{InnerIvInit, KeyInit, array::typenum::U16};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha384, Sha512};

use crate::enc::Enc;

/// One algorithm with its key made ready. Lengths of `iv` and `tag` are the algorithm's.
pub trait ContentEncryption: Send + Sync {
    /// Ciphertext and tag.
    fn seal(&self, iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<(Vec<u8>, Vec<u8>)>;
    /// The plaintext, if the tag is right. The tag is checked before anything is decrypted.
    fn open(&self, iv: &[u8], aad: &[u8], ciphertext: Vec<u8>, tag: &[u8]) -> Option<Vec<u8>>;
}

/// Makes a key ready; `None` when it has the wrong length.
#[must_use]
pub fn prepare(enc: Enc, key: &[u8]) -> Option<Box<dyn ContentEncryption>> {
    if key.len() != enc.key_len() {
        return None;
    }
    Some(match enc {
        Enc::A128Gcm => Box::new(AesGcm::<Aes128, U12>::new_from_slice(key).ok()?),
        Enc::A192Gcm => Box::new(AesGcm::<Aes192, U12>::new_from_slice(key).ok()?),
        Enc::A256Gcm => Box::new(AesGcm::<Aes256, U12>::new_from_slice(key).ok()?),
        Enc::A128CbcHs256 => Box::new(CbcHmac::<Aes128, Hmac<Sha256>>::new(key)?),
        Enc::A192CbcHs384 => Box::new(CbcHmac::<Aes192, Hmac<Sha384>>::new(key)?),
        Enc::A256CbcHs512 => Box::new(CbcHmac::<Aes256, Hmac<Sha512>>::new(key)?),
    })
}

impl<A> ContentEncryption for AesGcm<A, U12>
where
    Self: AeadInOut<NonceSize = U12, TagSize = U16> + Send + Sync,
{
    fn seal(&self, iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut buffer = plaintext.to_vec();
        let tag = self
            .encrypt_inout_detached(iv.try_into().ok()?, aad, buffer.as_mut_slice().into())
            .ok()?;
        Some((buffer, tag.to_vec()))
    }

    fn open(&self, iv: &[u8], aad: &[u8], mut buffer: Vec<u8>, tag: &[u8]) -> Option<Vec<u8>> {
        let tag = tag.try_into().ok()?;
        self.decrypt_inout_detached(iv.try_into().ok()?, aad, buffer.as_mut_slice().into(), tag)
            .ok()?;
        Some(buffer)
    }
}

/// AES-CBC with HMAC (RFC 7518 section 5.2.2): the first half of the key authenticates, the second encrypts.
struct CbcHmac<C, M> {
    cipher: C,
    mac: M,
}

impl<C: KeyInit, M: Mac + KeyInit> CbcHmac<C, M> {
    fn new(key: &[u8]) -> Option<Self> {
        let (mac_key, enc_key) = key.split_at_checked(key.len() / 2)?;
        Some(Self {
            cipher: C::new_from_slice(enc_key).ok()?,
            mac: <M as KeyInit>::new_from_slice(mac_key).ok()?,
        })
    }
}

impl<C, M: Mac + Clone> CbcHmac<C, M> {
    /// HMAC over AAD, IV, ciphertext and the length of the AAD in bits.
    fn authenticate(&self, iv: &[u8], aad: &[u8], ciphertext: &[u8]) -> M {
        let bits = (aad.len() as u64).wrapping_mul(8).to_be_bytes();
        self.mac
            .clone()
            .chain_update(aad)
            .chain_update(iv)
            .chain_update(ciphertext)
            .chain_update(bits)
    }
}

impl<C, M> ContentEncryption for CbcHmac<C, M>
where
    C: BlockCipherEncrypt + BlockCipherDecrypt + BlockSizeUser<BlockSize = U16> + Clone + Send + Sync,
    M: Mac + Clone + Send + Sync,
{
    fn seal(&self, iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let ciphertext = cbc::Encryptor::inner_iv_slice_init(self.cipher.clone(), iv)
            .ok()?
            .encrypt_padded_vec::<Pkcs7>(plaintext);
        let tag = self.authenticate(iv, aad, &ciphertext).finalize().into_bytes();
        let tag = tag.get(..tag.len() / 2)?.to_vec();
        Some((ciphertext, tag))
    }

    fn open(&self, iv: &[u8], aad: &[u8], mut buffer: Vec<u8>, tag: &[u8]) -> Option<Vec<u8>> {
        // The caller checked that the tag has the algorithm's length: half of the digest.
        self.authenticate(iv, aad, &buffer)
            .verify_truncated_left(tag)
            .ok()?;
        let length = cbc::Decryptor::inner_iv_slice_init(self.cipher.clone(), iv)
            .ok()?
            .decrypt_padded::<Pkcs7>(&mut buffer)
            .ok()?
            .len();
        buffer.truncate(length);
        Some(buffer)
    }
}
