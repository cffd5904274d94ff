//! JSON Web Keys for verification (RFC 7517, RFC 7518 section 6, RFC 8037) and their thumbprints (RFC 7638); private
//! ones for the host to sign with.

mod material;
mod pem;
mod private;

use std::fmt;

use edgeward_primitives::digest;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Algorithm, limits};
use crate::base::{Secret, base64url, json};
use material::{Curve, Material, optional};

pub use private::SigningKey;

/// Why a JWK was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// Longer than [`limits::JWK_BYTES`].
    #[error("the JWK is too large")]
    TooLarge,
    /// Not a strict JSON object, or a member that is missing, of the wrong type or not base64url.
    #[error("the JWK is malformed")]
    Malformed,
    /// A `kty` or `crv` that no algorithm here uses.
    #[error("the JWK is of an unsupported type")]
    Unsupported,
    /// An RSA modulus or exponent, a coordinate or a secret of a refused length.
    #[error("the JWK has a refused length")]
    Length,
    /// A private key where a public one belongs.
    #[error("the JWK is a private key")]
    Private,
    /// A set of both shared secrets and public keys.
    #[error("the JWK Set mixes secrets and public keys")]
    Mixed,
}

impl JwkError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "jwk.too_large",
            Self::Malformed => "jwk.malformed",
            Self::Unsupported => "jwk.unsupported",
            Self::Length => "jwk.length",
            Self::Private => "jwk.private",
            Self::Mixed => "jwk.mixed",
        }
    }
}

/// A key that verifies: a public key, or (`oct`) a shared secret.
#[derive(Clone)]
pub struct Jwk {
    kid: Option<String>,
    alg: Option<Algorithm>,
    material: Material,
}

impl Jwk {
    /// Parses a JWK document.
    ///
    /// # Errors
    /// [`JwkError`].
    ///
    /// ```
    /// # use edgeward::jose::Jwk;
    /// let jwk = Jwk::parse(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
    /// assert_eq!(jwk.thumbprint_sha256(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); // RFC 8037, A.3
    /// # Ok::<(), edgeward::jose::jwk::JwkError>(())
    /// ```
    pub fn parse(document: &str) -> Result<Self, JwkError> {
        if document.len() > limits::JWK_BYTES {
            return Err(JwkError::TooLarge);
        }
        let members = json::object(document.as_bytes()).map_err(|_| JwkError::Malformed)?;
        Self::from_members(&members)
    }

    pub(super) fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        let kid = optional(members, "kid")?;
        if kid.is_some_and(|kid| kid.len() > limits::KID_BYTES) {
            return Err(JwkError::Length);
        }
        if !is_for_verification(members)? {
            return Err(JwkError::Unsupported);
        }
        let material = Material::from_members(members)?;
        if !matches!(material, Material::Oct(_)) && members.contains_key("d") {
            return Err(JwkError::Private);
        }
        let mut jwk = Self {
            kid: kid.map(str::to_owned),
            alg: None,
            material,
        };
        if let Some(name) = optional(members, "alg")? {
            let alg = Algorithm::parse(name).filter(|alg| jwk.verifies(*alg));
            let alg = alg.ok_or(JwkError::Unsupported)?;
            if jwk
                .secret()
                .is_some_and(|secret| secret.len() < alg.min_secret_len())
            {
                return Err(JwkError::Length);
            }
            jwk.alg = Some(alg);
        }
        Ok(jwk)
    }

    /// A shared secret as a key. Text secrets are their UTF-8 bytes.
    ///
    /// # Errors
    /// [`JwkError::Length`] when there are no bytes.
    pub fn from_secret(secret: Secret) -> Result<Self, JwkError> {
        if secret.is_empty() {
            return Err(JwkError::Length);
        }
        Ok(Self {
            kid: None,
            alg: None,
            material: Material::Oct(secret),
        })
    }

    /// `kid`.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `alg`, where the key is tied to one.
    #[must_use]
    pub const fn alg(&self) -> Option<Algorithm> {
        self.alg
    }

    /// The bytes of an `oct` key.
    #[must_use]
    pub const fn secret(&self) -> Option<&Secret> {
        match &self.material {
            Material::Oct(secret) => Some(secret),
            _ => None,
        }
    }

    /// Whether the key's type, curve and own `alg` allow this algorithm. One key type never serves another's algorithm:
    /// that is the whole of algorithm confusion.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        self.alg.is_none_or(|alg| alg == algorithm)
            && match &self.material {
                Material::Rsa { .. } => {
                    matches!(
                        algorithm,
                        A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512
                    )
                }
                Material::Ec { curve, .. } => match curve {
                    Curve::P256 => algorithm == A::Es256,
                    Curve::P384 => algorithm == A::Es384,
                    Curve::P521 => algorithm == A::Es512,
                },
                Material::Ed25519 { .. } => algorithm == A::EdDsa,
                Material::Oct(_) => algorithm.is_symmetric(),
            }
    }

    /// The one length in bytes of this key's signatures; `None` for a shared secret.
    #[must_use]
    pub const fn signature_len(&self) -> Option<usize> {
        match &self.material {
            Material::Rsa { modulus_len, .. } => Some(*modulus_len),
            Material::Ec { curve, .. } => Some(2 * curve.coordinate_len()),
            Material::Ed25519 { .. } => Some(64),
            Material::Oct(_) => None,
        }
    }

    /// The required members in the order of RFC 7638 section 3.2: what a thumbprint is taken of, and what a host imports.
    /// `None` for a shared secret.
    #[must_use]
    pub fn to_public_json(&self) -> Option<String> {
        // Names are fixed and values are base64url, so nothing needs escaping.
        match &self.material {
            Material::Rsa { n, e, .. } => Some(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#)),
            Material::Ec { curve, x, y } => Some(format!(
                r#"{{"crv":"{}","kty":"EC","x":"{x}","y":"{y}"}}"#,
                curve.name()
            )),
            Material::Ed25519 { x } => Some(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)),
            Material::Oct(_) => None,
        }
    }

    /// The RFC 7638 thumbprint with SHA-256, base64url.
    #[must_use]
    pub fn thumbprint_sha256(&self) -> String {
        base64url::encode(digest::sha256(&[self.canonical().as_bytes()]))
    }

    /// The RFC 7638 thumbprint with SHA-512, base64url.
    #[must_use]
    pub fn thumbprint_sha512(&self) -> String {
        base64url::encode(digest::sha512(self.canonical().as_bytes()))
    }

    fn canonical(&self) -> Zeroizing<String> {
        match (&self.material, self.to_public_json()) {
            (Material::Oct(secret), _) => canonical_oct(secret.expose()),
            (_, public) => Zeroizing::new(public.unwrap_or_default()),
        }
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

/// `use` and `key_ops` (RFC 7517 sections 4.2 and 4.3), where present, must allow verification.
fn is_for_verification(members: &Map<String, Value>) -> Result<bool, JwkError> {
    let by_use = optional(members, "use")?.is_none_or(|usage| usage == "sig");
    let by_ops = match members.get("key_ops") {
        None => true,
        Some(Value::Array(ops)) => ops.iter().any(|op| op == "verify"),
        Some(_) => return Err(JwkError::Malformed),
    };
    Ok(by_use && by_ops)
}

fn canonical_oct(key: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(base64url::encode(key));
    Zeroizing::new(format!(r#"{{"k":"{}","kty":"oct"}}"#, *encoded))
}

/// The RFC 7638 thumbprint with SHA-256 of a symmetric key, base64url: a `kid` that gives nothing away.
///
/// ```
/// # use edgeward::jose::jwk;
/// assert_eq!(jwk::oct_thumbprint_sha256(b"k").len(), 43);
/// ```
#[must_use]
pub fn oct_thumbprint_sha256(key: &[u8]) -> String {
    base64url::encode(digest::sha256(&[canonical_oct(key).as_bytes()]))
}

/// The RFC 7638 thumbprint with SHA-512 of a symmetric key, base64url; Auth.js names its 64-byte keys so.
///
/// ```
/// # use edgeward::jose::jwk;
/// assert_eq!(jwk::oct_thumbprint_sha512(b"k").len(), 86);
/// ```
#[must_use]
pub fn oct_thumbprint_sha512(key: &[u8]) -> String {
    base64url::encode(digest::sha512(canonical_oct(key).as_bytes()))
}
