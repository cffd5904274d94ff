//! HMAC keys (RFC 7518 section 3.2).

use std::fmt;

use edgeward_primitives::mac::HmacKey;

use super::KeyError;
use crate::jose::Algorithm;

/// An HMAC key, made ready once: its state is kept, and wiped when it is dropped.
#[derive(Clone)]
pub struct MacKey {
    algorithm: Algorithm,
    key: HmacKey,
}

impl MacKey {
    /// Makes a secret ready for one algorithm. Text secrets are their UTF-8 bytes. RFC 7518 section 3.2 asks for a key as
    /// long as the digest; libraries sign with any, so the length is the caller's rule and only an empty key is refused.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn new(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let secret = secret.as_ref();
        if secret.is_empty() {
            return Err(KeyError::Empty);
        }
        let key = match algorithm {
            Algorithm::Hs256 => HmacKey::sha256(secret),
            Algorithm::Hs384 => HmacKey::sha384(secret),
            Algorithm::Hs512 => HmacKey::sha512(secret),
            _ => return Err(KeyError::NotSymmetric),
        };
        // HMAC takes keys of any length; there is no other error.
        let key = key.ok_or(KeyError::Empty)?;
        Ok(Self { algorithm, key })
    }

    /// The one algorithm that this key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The MAC of some bytes.
    #[must_use]
    pub fn mac(&self, message: &[u8]) -> Vec<u8> {
        self.key.mac(message)
    }

    /// Whether this is the MAC of these bytes, in constant time; a shortened MAC is none.
    #[must_use]
    pub fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        self.key.verify(message, mac)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
