//! HMAC keys (RFC 7518 section 3.2).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::KeyError;
use crate::jose::Algorithm;

/// An HMAC key, made ready once: its state is kept, and wiped when it is dropped.
#[derive(Clone)]
pub struct MacKey {
    algorithm: Algorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    Sha256(Hmac<Sha256>),
    Sha384(Box<Hmac<Sha384>>),
    Sha512(Box<Hmac<Sha512>>),
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
        // HMAC takes keys of any length; the conversion has no other error.
        let state = match algorithm {
            Algorithm::Hs256 => State::Sha256(KeyInit::new_from_slice(secret).map_err(|_| KeyError::Empty)?),
            Algorithm::Hs384 => State::Sha384(Box::new(
                KeyInit::new_from_slice(secret).map_err(|_| KeyError::Empty)?,
            )),
            Algorithm::Hs512 => State::Sha512(Box::new(
                KeyInit::new_from_slice(secret).map_err(|_| KeyError::Empty)?,
            )),
            _ => return Err(KeyError::NotSymmetric),
        };
        Ok(Self { algorithm, state })
    }

    /// The one algorithm that this key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The MAC of some bytes.
    #[must_use]
    pub fn mac(&self, message: &[u8]) -> Vec<u8> {
        match &self.state {
            State::Sha256(mac) => mac.clone().chain_update(message).finalize().into_bytes().to_vec(),
            State::Sha384(mac) => Hmac::clone(mac)
                .chain_update(message)
                .finalize()
                .into_bytes()
                .to_vec(),
            State::Sha512(mac) => Hmac::clone(mac)
                .chain_update(message)
                .finalize()
                .into_bytes()
                .to_vec(),
        }
    }

    /// Whether this is the MAC of these bytes, in constant time; a shortened MAC is none.
    #[must_use]
    pub fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        match &self.state {
            State::Sha256(state) => state.clone().chain_update(message).verify_slice(mac).is_ok(),
            State::Sha384(state) => Hmac::clone(state).chain_update(message).verify_slice(mac).is_ok(),
            State::Sha512(state) => Hmac::clone(state).chain_update(message).verify_slice(mac).is_ok(),
        }
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MacKey")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
