//! The key parameters of each `kty` (RFC 7518 section 6, RFC 8037 section 2), with their lengths checked.

use serde_json::{Map, Value};

use super::JwkError;
use crate::base::{Secret, base64url};
use crate::jose::limits;

#[derive(Clone)]
pub(super) enum Material {
    Rsa {
        n: String,
        e: String,
        modulus_len: usize,
    },
    Ec {
        curve: Curve,
        x: String,
        y: String,
    },
    Ed25519 {
        x: String,
    },
    Oct(Secret),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    pub(super) const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl Material {
    pub(super) fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        match optional(members, "kty")?.ok_or(JwkError::Malformed)? {
            "RSA" => {
                let (n, modulus) = required(members, "n")?;
                let (e, exponent) = required(members, "e")?;
                let leading = modulus.first().map_or(8, |byte| byte.leading_zeros() as usize);
                let bits = (modulus.len() * 8).saturating_sub(leading);
                // A leading zero byte would give the modulus another length, and with it the signature.
                if leading == 8 || !limits::RSA_BITS.contains(&bits) {
                    return Err(JwkError::Length);
                }
                // Odd, above one, at most four bytes: 3 and 65,537 in practice.
                let odd = exponent.last().is_some_and(|byte| byte & 1 == 1);
                if exponent.len() > 4 || !odd || exponent == [1] || exponent.first() == Some(&0) {
                    return Err(JwkError::Length);
                }
                Ok(Self::Rsa {
                    n,
                    e,
                    modulus_len: modulus.len(),
                })
            }
            "EC" => {
                let curve = match optional(members, "crv")?.ok_or(JwkError::Malformed)? {
                    "P-256" => Curve::P256,
                    "P-384" => Curve::P384,
                    "P-521" => Curve::P521,
                    _ => return Err(JwkError::Unsupported),
                };
                let (x, x_bytes) = required(members, "x")?;
                let (y, y_bytes) = required(members, "y")?;
                if x_bytes.len() != curve.coordinate_len() || y_bytes.len() != curve.coordinate_len() {
                    return Err(JwkError::Length);
                }
                Ok(Self::Ec { curve, x, y })
            }
            "OKP" => {
                if optional(members, "crv")?.ok_or(JwkError::Malformed)? != "Ed25519" {
                    return Err(JwkError::Unsupported);
                }
                let (x, bytes) = required(members, "x")?;
                if bytes.len() == 32 {
                    Ok(Self::Ed25519 { x })
                } else {
                    Err(JwkError::Length)
                }
            }
            "oct" => {
                let (_, bytes) = required(members, "k")?;
                if bytes.is_empty() {
                    Err(JwkError::Length)
                } else {
                    Ok(Self::Oct(Secret::new(bytes)))
                }
            }
            _ => Err(JwkError::Unsupported),
        }
    }
}

pub(super) fn optional<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, JwkError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwkError::Malformed),
    }
}

/// A base64url member, as text and as bytes.
fn required(members: &Map<String, Value>, name: &str) -> Result<(String, Vec<u8>), JwkError> {
    let text = optional(members, name)?.ok_or(JwkError::Malformed)?;
    let bytes = base64url::decode(text).map_err(|_| JwkError::Malformed)?;
    Ok((text.to_owned(), bytes))
}
