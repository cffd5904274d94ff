//! What can go wrong with a JWS, one enum per operation.

use crate::jose::header::HeaderError;

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
    /// Longer than [`COMPACT_BYTES`](crate::jose::limits::COMPACT_BYTES).
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

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The header's `alg` is not what the key is for, or it has an `enc`.
    #[error("the header names another algorithm than the key's")]
    HeaderMismatch,
    /// The token would be longer than [`verify`](super::verify) accepts.
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
