//! JWK Sets (RFC 7517 section 5) and key selection.

use serde_json::Value;

use super::jwk::{Jwk, JwkError};
use super::{Algorithm, Header, Unverified, limits};
use crate::base::json;

/// Public keys of an issuer.
#[derive(Debug, Clone)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

/// Why no single key was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The token's `alg` is not one that the config allows, or no signature algorithm at all.
    #[error("the token names an algorithm that is not allowed")]
    AlgorithmNotAllowed,
    /// No key of that name and type: the issuer may have rotated (semantics 10.1).
    #[error("no key of the set fits the token")]
    UnknownKid,
    /// Several keys fit.
    #[error("more than one key of the set fits the token")]
    Ambiguous,
}

impl SelectError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlgorithmNotAllowed => "key.algorithm_not_allowed",
            Self::UnknownKid => "key.unknown",
            Self::Ambiguous => "key.ambiguous",
        }
    }
}

impl JwkSet {
    /// Parses a JWK Set. Keys that no algorithm here uses are left out, as RFC 7517 asks, and so are malformed ones,
    /// private ones and shared secrets: none of them belongs into a published set.
    ///
    /// # Errors
    /// [`JwkError`] when the document is too large, is no JWK Set, or has more than [`limits::JWK_SET_KEYS`] keys.
    ///
    /// ```
    /// # use edgeward::jose::JwkSet;
    /// let set = JwkSet::parse(r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"},{"kty":"future"}]}"#)?;
    /// assert!(set.keys().is_empty());
    /// # Ok::<(), edgeward::jose::jwk::JwkError>(())
    /// ```
    pub fn parse(document: &str) -> Result<Self, JwkError> {
        if document.len() > limits::JWK_SET_BYTES {
            return Err(JwkError::TooLarge);
        }
        let members = json::object(document.as_bytes()).map_err(|_| JwkError::Malformed)?;
        let Some(Value::Array(listed)) = members.get("keys") else {
            return Err(JwkError::Malformed);
        };
        if listed.len() > limits::JWK_SET_KEYS {
            return Err(JwkError::TooLarge);
        }
        let keys = listed
            .iter()
            .filter_map(Value::as_object)
            .filter_map(|key| Jwk::from_members(key).ok())
            .filter(|key| key.secret().is_none())
            .collect();
        Ok(Self { keys })
    }

    /// A set of given keys: those that a config lists. Here, and only here, they may be shared secrets.
    ///
    /// # Errors
    /// [`JwkError::Mixed`] for secrets beside public keys: somebody could take the one for the other.
    pub fn from_keys(keys: Vec<Jwk>) -> Result<Self, JwkError> {
        let secrets = keys.iter().filter(|key| key.secret().is_some()).count();
        if secrets == 0 || secrets == keys.len() {
            Ok(Self { keys })
        } else {
            Err(JwkError::Mixed)
        }
    }

    /// The usable keys.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The key for a token: by `kid` where the token has one, and by what the key is for. A token without `kid` is served
    /// only when exactly one key fits.
    ///
    /// # Errors
    /// [`SelectError`].
    pub fn select(&self, header: &Unverified<Header>, allowed: &[Algorithm]) -> Result<&Jwk, SelectError> {
        let header = header.peek();
        let algorithm = Algorithm::parse(header.alg())
            .filter(|algorithm| allowed.contains(algorithm))
            .ok_or(SelectError::AlgorithmNotAllowed)?;
        let mut fitting = self
            .keys
            .iter()
            .filter(|key| header.kid().is_none_or(|kid| key.kid() == Some(kid)) && key.verifies(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(SelectError::UnknownKid),
            (Some(_), Some(_)) => Err(SelectError::Ambiguous),
        }
    }
}
