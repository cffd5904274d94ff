//! What can go wrong with a JWE, one enum per operation.

use super::Enc;
use crate::jose::header::HeaderError;

/// The key has the wrong length for its algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key for {} has {} bytes", enc.as_str(), enc.key_len())]
pub struct KeyError {
    pub(super) enc: Enc,
}

impl KeyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "jwe.key_length"
    }
}

/// Why a JWE did not open. A client must not learn which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Longer than [`COMPACT_BYTES`](crate::jose::limits::COMPACT_BYTES).
    #[error("the token is too large")]
    TooLarge,
    /// Not five base64url parts of possible lengths with an empty encrypted key.
    #[error("the token is malformed")]
    Malformed,
    /// The header was refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// `alg` is not `dir`, or `enc` is not what the key is for.
    #[error("the token names an algorithm that its key is not for")]
    AlgorithmNotAllowed,
    /// Wrong key, or a changed header, initialization vector, ciphertext or tag.
    #[error("the token did not open")]
    TagMismatch,
}

impl OpenError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "jwe.too_large",
            Self::Malformed => "jwe.malformed",
            Self::Header(error) => error.code(),
            Self::AlgorithmNotAllowed => "jwe.algorithm_not_allowed",
            Self::TagMismatch => "jwe.tag_mismatch",
        }
    }
}

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The header's `alg` is not `dir` or its `enc` is not what the key is for.
    #[error("the header names another algorithm than the key's")]
    HeaderMismatch,
    /// The token would be longer than [`open`](super::open) accepts.
    #[error("the token would be too large")]
    TooLarge,
}

impl SealError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HeaderMismatch => "jwe.header_mismatch",
            Self::TooLarge => "jwe.too_large",
        }
    }
}
