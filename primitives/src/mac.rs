//! HMAC (RFC 2104) over SHA-2, its state kept between messages.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key made ready once; wiped when it is dropped.
#[derive(Clone)]
pub enum HmacKey {
    /// HMAC-SHA-256.
    Sha256(Hmac<Sha256>),
    /// HMAC-SHA-384.
    Sha384(Box<Hmac<Sha384>>),
    /// HMAC-SHA-512.
    Sha512(Box<Hmac<Sha512>>),
}

impl HmacKey {
    /// HMAC-SHA-256 under a key of any length.
    #[must_use]
    pub fn sha256(key: &[u8]) -> Option<Self> {
        KeyInit::new_from_slice(key).map(Self::Sha256).ok()
    }

    /// HMAC-SHA-256 under a key as long as its digest, which always fits the block.
    #[must_use]
    pub fn of_digest(key: &[u8; 32]) -> Self {
        let mut block = Zeroizing::new([0; 64]);
        for (to, from) in block.iter_mut().zip(key) {
            *to = *from;
        }
        Self::Sha256(Hmac::new(&(*block).into()))
    }

    /// HMAC-SHA-384 under a key of any length.
    #[must_use]
    pub fn sha384(key: &[u8]) -> Option<Self> {
        KeyInit::new_from_slice(key)
            .map(|key| Self::Sha384(Box::new(key)))
            .ok()
    }

    /// HMAC-SHA-512 under a key of any length.
    #[must_use]
    pub fn sha512(key: &[u8]) -> Option<Self> {
        KeyInit::new_from_slice(key)
            .map(|key| Self::Sha512(Box::new(key)))
            .ok()
    }

    /// The MAC of some bytes.
    #[must_use]
    pub fn mac(&self, message: &[u8]) -> Vec<u8> {
        self.mac_of(&[message])
    }

    /// The MAC of these parts, one after the other.
    #[must_use]
    pub fn mac_of(&self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha256(key) => finished(key.clone(), parts),
            Self::Sha384(key) => finished(Hmac::clone(key), parts),
            Self::Sha512(key) => finished(Hmac::clone(key), parts),
        }
    }

    /// Whether this is the MAC of these bytes, in constant time; a shortened MAC is none.
    #[must_use]
    pub fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        self.mac(message).ct_eq(mac).into()
    }
}

fn finished<M: Mac>(mut mac: M, parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

impl std::fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HmacKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_digest_is_that_key() {
        let (one, other) = (HmacKey::of_digest(&[9; 32]), HmacKey::sha256(&[9; 32]).unwrap());
        assert_eq!(one.mac(b"message"), other.mac(b"message"));
    }

    #[test]
    fn a_mac_is_of_its_key_its_message_and_its_length() {
        for key in [HmacKey::sha256, HmacKey::sha384, HmacKey::sha512] {
            let (right, wrong) = (key(b"right").unwrap(), key(b"wrong").unwrap());
            let mac = right.mac(b"message");
            assert!(right.verify(b"message", &mac));
            assert!(!wrong.verify(b"message", &mac));
            assert!(!right.verify(b"massage", &mac));
            assert!(!right.verify(b"message", mac.get(1..).unwrap()));
            assert!(!right.verify(b"message", b""));
        }
    }
}
