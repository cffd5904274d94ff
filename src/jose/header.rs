//! The JOSE header (RFC 7515 section 4, RFC 7516 section 4) of a compact serialization.

use std::fmt;

use serde_json::{Map, Value};

use super::{Unverified, limits};
use crate::base::{base64url, json};

/// Why a header was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// The compact serialization or its header is longer than [`limits`] allow.
    #[error("the token is too large")]
    TooLarge,
    /// No header part, not base64url, not a strict JSON object, or a member of the wrong type.
    #[error("the JOSE header is malformed")]
    Malformed,
    /// `crit`, `zip` or `b64`: an extension that changes what the bytes mean, none of which is implemented.
    #[error("the JOSE header asks for an unsupported extension")]
    Extension,
    /// `jwk`, `jku`, `x5u` or `x5c`: the token brings, or points to, its own key.
    #[error("the JOSE header carries its own key")]
    CarriesKey,
}

impl HeaderError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "header.too_large",
            Self::Malformed => "header.malformed",
            Self::Extension => "header.extension",
            Self::CarriesKey => "header.carries_key",
        }
    }
}

/// The members of a protected header: `alg` is a string, and `enc`, `kid`, `typ`, `cty` are strings where present.
#[derive(Clone, PartialEq)]
pub struct Header {
    members: Map<String, Value>,
}

impl Header {
    /// `alg`, as written. Compared with what the key is for; never used to choose an algorithm.
    #[must_use]
    pub fn alg(&self) -> &str {
        self.text("alg").unwrap_or_default()
    }

    /// `enc` of a JWE, as written.
    #[must_use]
    pub fn enc(&self) -> Option<&str> {
        self.text("enc")
    }

    /// `kid`: the name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// `typ`, as written; see [`Self::is_typ`].
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.text("typ")
    }

    /// `cty`: the type of the payload.
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.text("cty")
    }

    /// Whether `typ` is this media type: in any case, with or without `application/` (RFC 7515 section 4.1.9).
    ///
    /// ```
    /// # use edgeward::jose::{header, jws};
    /// let token = format!("{}.e30.", edgeward::base::base64url::encode(r#"{"alg":"RS256","typ":"application/at+jwt"}"#));
    /// let header = header::decode(&token)?;
    /// assert!(header.peek().is_typ("at+JWT"));
    /// # Ok::<(), header::HeaderError>(())
    /// ```
    #[must_use]
    pub fn is_typ(&self, media_type: &str) -> bool {
        fn short(media_type: &str) -> &str {
            let prefix = media_type.get(..12).unwrap_or_default();
            match media_type.get(12..) {
                Some(rest) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => rest,
                _ => media_type,
            }
        }
        self.typ()
            .is_some_and(|typ| short(typ).eq_ignore_ascii_case(short(media_type)))
    }

    /// Any member; some formats keep times here.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All members, to be read as claims where a format keeps them in the header.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Header(..)")
    }
}

/// Decodes the header of a compact JWS or JWE and nothing else: format and key are chosen from it.
///
/// # Errors
/// [`HeaderError`]; lengths are checked before anything is decoded.
///
/// ```
/// # use edgeward::jose::header;
/// let header = header::decode("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..sl5vCoGnCwQ_zsNo.jxp1.1GTc")?;
/// assert_eq!((header.peek().alg(), header.peek().enc()), ("dir", Some("A256GCM")));
/// # Ok::<(), header::HeaderError>(())
/// ```
pub fn decode(compact: &str) -> Result<Unverified<Header>, HeaderError> {
    if compact.len() > limits::COMPACT_BYTES {
        return Err(HeaderError::TooLarge);
    }
    let (encoded, _) = compact.split_once('.').ok_or(HeaderError::Malformed)?;
    decode_part(encoded)
}

/// Decodes the first part of a compact serialization whose whole length was checked.
pub(super) fn decode_part(encoded: &str) -> Result<Unverified<Header>, HeaderError> {
    if encoded.len() > limits::HEADER_BYTES {
        return Err(HeaderError::TooLarge);
    }
    let text = base64url::decode(encoded).map_err(|_| HeaderError::Malformed)?;
    let members = json::object(&text).map_err(|_| HeaderError::Malformed)?;
    if members
        .keys()
        .any(|name| matches!(name.as_str(), "crit" | "zip" | "b64"))
    {
        return Err(HeaderError::Extension);
    }
    if members
        .keys()
        .any(|name| matches!(name.as_str(), "jwk" | "jku" | "x5u" | "x5c"))
    {
        return Err(HeaderError::CarriesKey);
    }
    let header = Header { members };
    let typed = header.text("alg").is_some()
        && ["enc", "kid", "typ", "cty"]
            .iter()
            .all(|name| header.get(name).is_none_or(Value::is_string))
        && header.kid().is_none_or(|kid| kid.len() <= limits::KID_BYTES);
    if typed {
        Ok(Unverified::new(header))
    } else {
        Err(HeaderError::Malformed)
    }
}

/// A protected header to seal or sign with: string members in the given order, encoded once and kept.
///
/// ```
/// # use edgeward::jose::Protected;
/// let header = Protected::new(&[("alg", "HS256"), ("typ", "JWT")]);
/// assert_eq!(header.encoded(), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
/// ```
#[derive(Debug, Clone)]
pub struct Protected {
    encoded: String,
    alg: String,
    enc: Option<String>,
}

impl Protected {
    /// Encodes the members, in order. Sealing and signing refuse it when `alg` or `enc` is not what the key is for.
    #[must_use]
    pub fn new(members: &[(&str, &str)]) -> Self {
        let mut text = String::from("{");
        for (n, (name, value)) in members.iter().enumerate() {
            if n > 0 {
                text.push(',');
            }
            text.push_str(&json::text(&Value::from(*name)));
            text.push(':');
            text.push_str(&json::text(&Value::from(*value)));
        }
        text.push('}');
        let find = |wanted: &str| {
            members
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| (*value).to_owned())
        };
        Self {
            encoded: base64url::encode(text),
            alg: find("alg").unwrap_or_default(),
            enc: find("enc"),
        }
    }

    /// The base64url text, as it stands in the compact serialization.
    #[must_use]
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    pub(super) fn is(&self, alg: &str, enc: Option<&str>) -> bool {
        self.alg == alg && self.enc.as_deref() == enc
    }
}
