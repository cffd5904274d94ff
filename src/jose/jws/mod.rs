//! Compact JWS (RFC 7515 section 7.1): HMAC here, signatures by asymmetric keys in the host.

mod error;
mod host;
mod mac;

use std::fmt;

use super::compact::split;
use super::header::{self, Header, Protected};
use super::jwt::{Claims, ClaimsError};
use super::{Unverified, limits};
use crate::base::base64url;
pub use error::{KeyError, SignError, VerifyError};
pub use host::{Pending, VerifyRequest};
pub use mac::MacKey;

/// A compact JWS whose header was decoded. Choose the key from [`Self::header`], then verify.
#[derive(Debug)]
pub struct Jws<'a> {
    header: Unverified<Header>,
    signing_input: &'a str,
    payload: &'a str,
    signature: &'a str,
}

/// What a JWS held. Its signature was right; its claims are not yet validated.
#[derive(Clone)]
pub struct Verified {
    /// The protected header.
    pub header: Header,
    /// The payload.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verified(..)")
    }
}

/// Splits a compact JWS and decodes its header; nothing else is decoded yet.
///
/// # Errors
/// [`VerifyError`] for a token whose shape or header no key can mend.
pub fn decode(compact: &str) -> Result<Jws<'_>, VerifyError> {
    if compact.len() > limits::COMPACT_BYTES {
        return Err(VerifyError::TooLarge);
    }
    let [protected, payload, signature] = split::<3>(compact).ok_or(VerifyError::Malformed)?;
    if signature.is_empty() || signature.len() > limits::SIGNATURE_BYTES {
        return Err(VerifyError::Malformed);
    }
    let signing_input = compact
        .get(..protected.len() + 1 + payload.len())
        .ok_or(VerifyError::Malformed)?;
    let header = header::decode_part(protected)?;
    Ok(Jws {
        header,
        signing_input,
        payload,
        signature,
    })
}

impl Jws<'_> {
    /// The header, to choose the key from.
    #[must_use]
    pub const fn header(&self) -> &Unverified<Header> {
        &self.header
    }

    /// The claims, to decide whether a key set is worth asking for (semantics 10.1).
    ///
    /// # Errors
    /// [`ClaimsError::Malformed`] when the payload is no claims set.
    pub fn claims(&self) -> Result<Unverified<Claims>, ClaimsError> {
        let payload = base64url::decode(self.payload).map_err(|_| ClaimsError::Malformed)?;
        Claims::parse(&payload).map(Unverified::new)
    }

    /// Verifies the MAC.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(self, key: &MacKey) -> Result<Verified, VerifyError> {
        let payload = self.try_verify(key)?;
        Ok(Verified {
            header: self.header.verified(),
            payload,
        })
    }

    /// As [`Self::verify`] with each key in turn; the caller bounds their number (semantics 4.6).
    ///
    /// # Errors
    /// The error of the last key, or [`VerifyError::AlgorithmNotAllowed`] when there is none.
    pub fn verify_with_any<'k>(
        self,
        keys: impl IntoIterator<Item = &'k MacKey>,
    ) -> Result<Verified, VerifyError> {
        let mut outcome = Err(VerifyError::AlgorithmNotAllowed);
        for key in keys {
            match self.try_verify(key) {
                Ok(payload) => {
                    return Ok(Verified {
                        header: self.header.verified(),
                        payload,
                    });
                }
                // A key for another algorithm says nothing about the token.
                Err(VerifyError::AlgorithmNotAllowed) => {}
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    fn try_verify(&self, key: &MacKey) -> Result<Vec<u8>, VerifyError> {
        if self.header.peek().alg() != key.algorithm().as_str() {
            return Err(VerifyError::AlgorithmNotAllowed);
        }
        let signature = base64url::decode(self.signature).map_err(|_| VerifyError::Malformed)?;
        if !key.verify(self.signing_input.as_bytes(), &signature) {
            return Err(VerifyError::SignatureMismatch);
        }
        base64url::decode(self.payload).map_err(|_| VerifyError::Malformed)
    }
}

/// Verifies a compact JWS with one HMAC key: [`decode`], then [`Jws::verify`].
///
/// # Errors
/// [`VerifyError`].
///
/// ```
/// use edgeward::jose::{Algorithm, Protected, jws};
///
/// let key = jws::MacKey::new(Algorithm::Hs256, "a secret of at least 32 characters")?;
/// let header = Protected::new(&[("alg", "HS256"), ("typ", "JWT")]);
/// let signed = jws::sign(&header, br#"{"sub":"ann"}"#, &key)?;
/// assert_eq!(jws::verify(&signed, &key)?.payload, br#"{"sub":"ann"}"#);
///
/// let other = jws::MacKey::new(Algorithm::Hs256, "another secret of 32 characters...")?;
/// assert_eq!(jws::verify(&signed, &other).unwrap_err(), jws::VerifyError::SignatureMismatch);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify(compact: &str, key: &MacKey) -> Result<Verified, VerifyError> {
    decode(compact)?.verify(key)
}

/// Signs a payload under a protected header with an HMAC key.
///
/// # Errors
/// [`SignError`].
pub fn sign(header: &Protected, payload: &[u8], key: &MacKey) -> Result<String, SignError> {
    if !header.is(key.algorithm().as_str(), None) {
        return Err(SignError::HeaderMismatch);
    }
    let length = header.encoded().len() + payload.len().div_ceil(3).saturating_mul(4) + 88;
    if length > limits::COMPACT_BYTES || header.encoded().len() > limits::HEADER_BYTES {
        return Err(SignError::TooLarge);
    }
    let mut compact = String::with_capacity(length);
    compact.push_str(header.encoded());
    compact.push('.');
    compact.push_str(&base64url::encode(payload));
    let signature = key.mac(compact.as_bytes());
    compact.push('.');
    compact.push_str(&base64url::encode(signature));
    Ok(compact)
}
