//! Compact JWS (RFC 7515 section 7.1): HMAC here, signatures by asymmetric keys in the host.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use super::compact::split;
use super::header::{self, Header, HeaderError, Protected};
use super::jwk::Jwk;
use super::jwt::{Claims, ClaimsError};
use super::{Algorithm, Unverified, limits};
use crate::base::base64url;

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

/// Why a secret is no MAC key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There are no bytes.
    #[error("the secret is empty")]
    Empty,
    /// The algorithm takes a key pair.
    #[error("the algorithm takes no secret")]
    NotSymmetric,
}

impl KeyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "jws.key_empty",
            Self::NotSymmetric => "jws.key_not_symmetric",
        }
    }
}

/// Why a JWS was not verified. A client must not learn which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Longer than [`limits::COMPACT_BYTES`].
    #[error("the token is too large")]
    TooLarge,
    /// Not three base64url parts, or a signature of impossible length.
    #[error("the token is malformed")]
    Malformed,
    /// The header was refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// `alg` is not what the key is for.
    #[error("the token names an algorithm that its key is not for")]
    AlgorithmNotAllowed,
    /// Wrong key, or a changed header, payload or signature.
    #[error("the signature does not match")]
    SignatureMismatch,
}

impl VerifyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "jws.too_large",
            Self::Malformed => "jws.malformed",
            Self::Header(error) => error.code(),
            Self::AlgorithmNotAllowed => "jws.algorithm_not_allowed",
            Self::SignatureMismatch => "jws.signature_mismatch",
        }
    }
}

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
        if self.header.peek().alg() != key.algorithm.as_str() {
            return Err(VerifyError::AlgorithmNotAllowed);
        }
        let signature = base64url::decode(self.signature).map_err(|_| VerifyError::Malformed)?;
        if !key.verify(self.signing_input.as_bytes(), &signature) {
            return Err(VerifyError::SignatureMismatch);
        }
        base64url::decode(self.payload).map_err(|_| VerifyError::Malformed)
    }

    /// What the host must verify with a public key: the same checks as [`Self::verify`], up to the mathematics.
    ///
    /// `allowed` comes from the config. The key must be one for the algorithm, and the signature must have the one length
    /// that algorithm and key give it.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn prepare(self, allowed: &[Algorithm], key: &Jwk) -> Result<Pending, VerifyError> {
        let algorithm = Algorithm::parse(self.header.peek().alg())
            .filter(|algorithm| !algorithm.is_symmetric() && allowed.contains(algorithm))
            .filter(|algorithm| key.verifies(*algorithm))
            .ok_or(VerifyError::AlgorithmNotAllowed)?;
        let decode = |part: &str| base64url::decode(part).map_err(|_| VerifyError::Malformed);
        let signature = decode(self.signature)?;
        if key.signature_len() != Some(signature.len()) {
            return Err(VerifyError::Malformed);
        }
        Ok(Pending {
            request: VerifyRequest {
                algorithm,
                kid: self.header.peek().kid().map(str::to_owned),
                key: key.clone(),
                signing_input: self.signing_input.to_owned(),
                signature,
            },
            payload: decode(self.payload)?,
            header: self.header,
        })
    }
}

/// A verification that the host performs, with everything it needs.
#[derive(Clone)]
pub struct VerifyRequest {
    /// The algorithm; checked against the config and the key.
    pub algorithm: Algorithm,
    /// The `kid` of the token's header.
    pub kid: Option<String>,
    /// The public key; [`Jwk::to_public_json`] is what WebCrypto imports, [`Jwk::thumbprint_sha256`] names it in a cache.
    pub key: Jwk,
    /// The bytes that were signed: encoded header, dot, encoded payload.
    pub signing_input: String,
    /// The signature; for ECDSA the concatenation of R and S that WebCrypto takes.
    pub signature: Vec<u8>,
}

impl fmt::Debug for VerifyRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyRequest")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A token that waits for the host's answer to its [`VerifyRequest`].
#[derive(Clone, Debug)]
pub struct Pending {
    request: VerifyRequest,
    payload: Vec<u8>,
    header: Unverified<Header>,
}

impl Pending {
    /// What the host must verify.
    #[must_use]
    pub const fn request(&self) -> &VerifyRequest {
        &self.request
    }

    /// Ends the verification with the host's answer; any failure in the host is `false`.
    ///
    /// # Errors
    /// [`VerifyError::SignatureMismatch`] for `false`.
    pub fn conclude(self, verified: bool) -> Result<Verified, VerifyError> {
        if verified {
            Ok(Verified {
                header: self.header.verified(),
                payload: self.payload,
            })
        } else {
            Err(VerifyError::SignatureMismatch)
        }
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

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The header's `alg` is not what the key is for, or it has an `enc`.
    #[error("the header names another algorithm than the key's")]
    HeaderMismatch,
    /// The token would be longer than [`verify`] accepts.
    #[error("the token would be too large")]
    TooLarge,
}

impl SignError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HeaderMismatch => "jws.header_mismatch",
            Self::TooLarge => "jws.too_large",
        }
    }
}

/// Signs a payload under a protected header with an HMAC key.
///
/// # Errors
/// [`SignError`].
pub fn sign(header: &Protected, payload: &[u8], key: &MacKey) -> Result<String, SignError> {
    if !header.is(key.algorithm.as_str(), None) {
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
