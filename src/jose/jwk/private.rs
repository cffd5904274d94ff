//! Private keys: only P-256, only to sign with in the host (RFC 7518 sections 3.4, 6.2.2).

use std::fmt;

use zeroize::Zeroizing;

use super::{Jwk, JwkError, optional};
use crate::base::{base64url, json};
use crate::jose::{Algorithm, limits};

/// A private key for ES256.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    public: Jwk,
    jwk: Zeroizing<String>,
}

impl SigningKey {
    /// Parses a private key for ES256 from a JWK document. Members that say less than everything about it (`use`,
    /// `key_ops`, `ext`) are ignored.
    ///
    /// # Errors
    /// [`JwkError`]: [`JwkError::Unsupported`] for another curve or `alg` and for a public key, [`JwkError::Length`] for a scalar that
    /// is not of 32 bytes.
    pub fn parse_es256(document: &str) -> Result<Self, JwkError> {
        if document.len() > limits::JWK_BYTES {
            return Err(JwkError::TooLarge);
        }
        let mut members = json::object(document.as_bytes()).map_err(|_| JwkError::Malformed)?;
        let Some(scalar) = optional(&members, "d")?.map(|d| Zeroizing::new(d.to_owned())) else {
            return Err(JwkError::Unsupported);
        };
        if base64url::decode(&*scalar)
            .map_err(|_| JwkError::Malformed)?
            .len()
            != SCALAR_BYTES
        {
            return Err(JwkError::Length);
        }
        for name in ["d", "use", "key_ops", "ext"] {
            members.remove(name);
        }
        let public = Jwk::from_members(&members)?;
        let json = public
            .to_public_json()
            .filter(|_| public.verifies(Algorithm::Es256))
            .ok_or(JwkError::Unsupported)?;
        let kid = public
            .kid()
            .map_or_else(|| public.thumbprint_sha256(), str::to_owned);
        let open = json.strip_suffix('}').ok_or(JwkError::Malformed)?;
        Ok(Self {
            kid,
            public,
            jwk: Zeroizing::new([open, ",\"d\":\"", &scalar, "\"}"].concat()),
        })
    }

    /// The document's `kid`, else the thumbprint of the public key (RFC 7638).
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The half that verifies.
    #[must_use]
    pub const fn public(&self) -> &Jwk {
        &self.public
    }

    /// The key as `WebCrypto` imports it.
    pub(crate) fn to_private_json(&self) -> &str {
        &self.jwk
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The bytes of a P-256 scalar.
const SCALAR_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.3.1.
    const KEY: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI""#;

    fn parse(members: &str) -> Result<SigningKey, &'static str> {
        SigningKey::parse_es256(&format!("{{{members}}}")).map_err(JwkError::code)
    }

    #[test]
    fn a_private_key_is_what_webcrypto_imports() {
        let key = parse(KEY).unwrap();
        assert_eq!(key.kid(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
        let json = json::object(key.to_private_json().as_bytes()).unwrap();
        let mut names: Vec<_> = json.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["crv", "d", "kty", "x", "y"]);
        let named = parse(&format!(
            r#"{KEY},"kid":"k1","use":"sig","key_ops":["sign"],"ext":true,"alg":"ES256""#
        ))
        .unwrap();
        assert_eq!(named.kid(), "k1");
        assert_eq!(named.to_private_json(), key.to_private_json());
        assert!(!format!("{key:?}").contains("jpsQ"));
    }

    #[test]
    fn what_is_no_key_for_es256() {
        let public = KEY.split(",\"d\"").next().unwrap();
        for (members, code) in [
            (public.to_owned(), "jwk.unsupported"),
            (format!(r#"{KEY},"alg":"ES384""#), "jwk.unsupported"),
            (format!(r#"{KEY},"alg":"RS256""#), "jwk.unsupported"),
            (KEY.replace("P-256", "P-384"), "jwk.length"),
            (KEY.replace("E9-E9LI", "E9-E9L"), "jwk.malformed"),
            (KEY.replace("jpsQnnGQ", ""), "jwk.length"),
            (KEY.replace("\"jpsQ", "\"+psQ"), "jwk.malformed"),
            (KEY.replace("f83O", ""), "jwk.length"),
            (KEY.replace("\"EC\"", "\"OKP\""), "jwk.unsupported"),
            (
                r#""kty":"oct","k":"AAAA","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI""#.to_owned(),
                "jwk.unsupported",
            ),
            (r#""d":5"#.to_owned(), "jwk.malformed"),
            (String::new(), "jwk.unsupported"),
        ] {
            assert_eq!(parse(&members).err(), Some(code), "{members}");
        }
        for text in ["", "-----BEGIN PRIVATE KEY-----", "[]", "null"] {
            assert_eq!(
                SigningKey::parse_es256(text).unwrap_err(),
                JwkError::Malformed,
                "{text}"
            );
        }
    }
}
