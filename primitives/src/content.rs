//! The content encryption algorithms of RFC 7518 section 5, over one trait so that a key is one pointer.

use aes::cipher::KeyInit;
use aes::cipher::array::typenum::{U12, U16};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use subtle::ConstantTimeEq;

use crate::cbc::{self, CbcKey};
use crate::enc::Enc;
use crate::mac::HmacKey;

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
        Enc::A128CbcHs256 => CbcHmac::prepare(key, HmacKey::sha256, cbc::prepare::<Aes128>)?,
        Enc::A192CbcHs384 => CbcHmac::prepare(key, HmacKey::sha384, cbc::prepare::<Aes192>)?,
        Enc::A256CbcHs512 => CbcHmac::prepare(key, HmacKey::sha512, cbc::prepare::<Aes256>)?,
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
struct CbcHmac {
    cipher: Box<dyn CbcKey>,
    mac: HmacKey,
}

impl CbcHmac {
    /// The two halves of `key`, made ready by the functions for their lengths.
    fn prepare(
        key: &[u8],
        mac: fn(&[u8]) -> Option<HmacKey>,
        cipher: fn(&[u8]) -> Option<Box<dyn CbcKey>>,
    ) -> Option<Box<dyn ContentEncryption>> {
        let (mac_key, enc_key) = key.split_at_checked(key.len() / 2)?;
        Some(Box::new(Self {
            cipher: cipher(enc_key)?,
            mac: mac(mac_key)?,
        }))
    }

    /// The first half of the HMAC over AAD, IV, ciphertext and the length of the AAD in bits.
    fn tag(&self, iv: &[u8], aad: &[u8], ciphertext: &[u8]) -> Vec<u8> {
        let bits = (aad.len() as u64).wrapping_mul(8).to_be_bytes();
        let mut tag = self.mac.mac_of(&[aad, iv, ciphertext, &bits]);
        tag.truncate(tag.len() / 2);
        tag
    }
}

impl ContentEncryption for CbcHmac {
    fn seal(&self, iv: &[u8], aad: &[u8], plaintext: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let ciphertext = self.cipher.encrypt(iv.try_into().ok()?, plaintext);
        let tag = self.tag(iv, aad, &ciphertext);
        Some((ciphertext, tag))
    }

    fn open(&self, iv: &[u8], aad: &[u8], ciphertext: Vec<u8>, tag: &[u8]) -> Option<Vec<u8>> {
        if !bool::from(self.tag(iv, aad, &ciphertext).ct_eq(tag)) {
            return None;
        }
        self.cipher.decrypt(iv.try_into().ok()?, ciphertext)
    }
}
