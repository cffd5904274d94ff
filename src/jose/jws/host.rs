//! Signatures by asymmetric keys: everything but the mathematics, which the host's WebCrypto does.

use std::fmt;

use super::{Jws, Verified, VerifyError};
use crate::base::base64url;
use crate::jose::{Algorithm, Header, Jwk, Unverified};

impl Jws<'_> {
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
