//! The claims set of a JWT (RFC 7519) and its validation against time and expectations (RFC 8725).

use std::fmt;

use serde_json::{Map, Value};

use super::jwe::Opened;
use super::jws::Verified;
use super::limits;
use crate::base::{Timestamp, json};

/// Why a claims set was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// Not one strict JSON object: other JSON, a repeated name, a number out of range.
    #[error("the claims set is malformed")]
    Malformed,
    /// A claim of the wrong type, or a time that is no `NumericDate`.
    #[error("the claim `{0}` has the wrong type")]
    WrongType(&'static str),
    /// A required claim is not there.
    #[error("the claim `{0}` is missing")]
    Missing(&'static str),
    /// `exp` has passed, or the token is older than it may be.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is still to come, or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Another issuer.
    #[error("the issuer is another")]
    WrongIssuer,
    /// For another audience.
    #[error("the audience is another")]
    WrongAudience,
}

impl ClaimsError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "claims.malformed",
            Self::WrongType(_) => "claims.wrong_type",
            Self::Missing(_) => "claims.missing",
            Self::Expired => "claims.expired",
            Self::NotYetValid => "claims.not_yet_valid",
            Self::WrongIssuer => "claims.wrong_issuer",
            Self::WrongAudience => "claims.wrong_audience",
        }
    }
}

/// A claims set. It says nothing until [`Self::validate`] has passed.
#[derive(Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

/// What a claims set is held against. Start from [`Expected::at`].
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Now.
    pub now: Timestamp,
    /// Clock tolerance in seconds, for `exp` and `nbf`. Libraries use 0 to 60.
    pub tolerance: i64,
    /// How many seconds ahead `iat` may be: a signer's clock may run fast, a token from the future may not exist.
    pub iat_ahead: i64,
    /// Whether a token without `exp` is refused. Only a format whose library writes none may say `false`.
    pub require_exp: bool,
    /// Claims that must be there and must not be `null`.
    pub required: &'a [&'static str],
    /// Accepted values of `iss`; empty: not looked at.
    pub issuers: &'a [&'a str],
    /// Accepted values of `aud`, one of which must be named; empty: not looked at.
    pub audiences: &'a [&'a str],
    /// Seconds since `iat` after which the token is refused; it then must have an `iat`.
    pub max_token_age: Option<i64>,
}

impl Expected<'_> {
    /// At `now`: no tolerance, `exp` required, `iat` at most 60 seconds ahead, nothing else expected.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now,
            tolerance: 0,
            iat_ahead: 60,
            require_exp: true,
            required: &[],
            issuers: &[],
            audiences: &[],
            max_token_age: None,
        }
    }
}

impl Claims {
    /// Parses a claims set.
    ///
    /// # Errors
    /// [`ClaimsError::Malformed`].
    pub fn parse(payload: &[u8]) -> Result<Self, ClaimsError> {
        json::object(payload)
            .map(Self)
            .map_err(|_| ClaimsError::Malformed)
    }

    /// Validates times and expectations.
    ///
    /// A `NumericDate` is a JSON number of seconds from 1 to the end of the year 9999; text, `null`, zero, negative
    /// numbers and counts of milliseconds are refused. Fractions are cut off.
    ///
    /// # Errors
    /// [`ClaimsError`].
    ///
    /// ```
    /// use edgeward::base::Timestamp;
    /// use edgeward::jose::jwt::{Claims, ClaimsError, Expected};
    ///
    /// let claims = Claims::parse(br#"{"sub":"ann","aud":["app"],"exp":1000}"#)?;
    /// let expected = Expected { audiences: &["app"], required: &["sub"], ..Expected::at(Timestamp::from_secs(999)) };
    /// claims.validate(&expected)?;
    /// let later = Expected { now: Timestamp::from_secs(1000), ..expected };
    /// assert_eq!(claims.validate(&later), Err(ClaimsError::Expired));
    /// # Ok::<(), ClaimsError>(())
    /// ```
    pub fn validate(&self, expected: &Expected<'_>) -> Result<(), ClaimsError> {
        let Expected { now, tolerance, .. } = *expected;
        for name in expected.required {
            if self.0.get(*name).is_none_or(Value::is_null) {
                return Err(ClaimsError::Missing(name));
            }
        }
        match self.numeric_date("exp")? {
            Some(exp) if exp.plus(tolerance) <= now => return Err(ClaimsError::Expired),
            None if expected.require_exp => return Err(ClaimsError::Missing("exp")),
            _ => {}
        }
        if self
            .numeric_date("nbf")?
            .is_some_and(|nbf| nbf > now.plus(tolerance))
        {
            return Err(ClaimsError::NotYetValid);
        }
        let iat = self.numeric_date("iat")?;
        if iat.is_some_and(|iat| iat > now.plus(expected.iat_ahead)) {
            return Err(ClaimsError::NotYetValid);
        }
        if let Some(age) = expected.max_token_age {
            let iat = iat.ok_or(ClaimsError::Missing("iat"))?;
            if now.since(iat) > age.saturating_add(tolerance) {
                return Err(ClaimsError::Expired);
            }
        }
        let issuer = self.text("iss")?;
        if !expected.issuers.is_empty() {
            let issuer = issuer.ok_or(ClaimsError::Missing("iss"))?;
            if !expected.issuers.contains(&issuer) {
                return Err(ClaimsError::WrongIssuer);
            }
        }
        let audiences = self.audiences()?;
        if !expected.audiences.is_empty() {
            if audiences.is_empty() {
                return Err(ClaimsError::Missing("aud"));
            }
            if !audiences
                .iter()
                .any(|audience| expected.audiences.contains(audience))
            {
                return Err(ClaimsError::WrongAudience);
            }
        }
        self.text("sub")?;
        self.text("jti")?;
        Ok(())
    }

    /// Any claim.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that is a string where present.
    ///
    /// # Errors
    /// [`ClaimsError::WrongType`], for `null` too.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, ClaimsError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ClaimsError::WrongType(name)),
        }
    }

    /// A claim that is a `NumericDate` where present; see [`Self::validate`].
    ///
    /// # Errors
    /// [`ClaimsError::WrongType`], for `null` too.
    pub fn numeric_date(&self, name: &'static str) -> Result<Option<Timestamp>, ClaimsError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => numeric_date(value).map(Some).ok_or(ClaimsError::WrongType(name)),
        }
    }

    /// `aud`: a string, or an array of strings (RFC 7519 section 4.1.3); empty where absent, and for an empty array, which
    /// Kinde writes and which names nobody.
    ///
    /// # Errors
    /// [`ClaimsError::WrongType`] for anything else.
    pub fn audiences(&self) -> Result<Vec<&str>, ClaimsError> {
        const WRONG: ClaimsError = ClaimsError::WrongType("aud");
        match self.0.get("aud") {
            None => Ok(Vec::new()),
            Some(Value::String(audience)) => Ok(vec![audience]),
            Some(Value::Array(listed)) if listed.len() <= limits::AUDIENCES => listed
                .iter()
                .map(|audience| audience.as_str().ok_or(WRONG))
                .collect(),
            Some(_) => Err(WRONG),
        }
    }

    /// All claims.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All claims, owned.
    #[must_use]
    pub fn into_members(self) -> Map<String, Value> {
        self.0
    }
}

impl From<Map<String, Value>> for Claims {
    /// Members that were already parsed: of a header, or of an object inside another format.
    fn from(members: Map<String, Value>) -> Self {
        Self(members)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Claims(..)")
    }
}

impl Opened {
    /// The plaintext as a claims set, still to be validated.
    ///
    /// # Errors
    /// [`ClaimsError::Malformed`].
    pub fn claims(&self) -> Result<Claims, ClaimsError> {
        Claims::parse(&self.plaintext)
    }
}

impl Verified {
    /// The payload as a claims set, still to be validated.
    ///
    /// # Errors
    /// [`ClaimsError::Malformed`].
    pub fn claims(&self) -> Result<Claims, ClaimsError> {
        Claims::parse(&self.payload)
    }
}

fn numeric_date(value: &Value) -> Option<Timestamp> {
    let secs = match (value.as_i64(), value.as_f64()) {
        (Some(secs), _) => secs,
        // Checked to lie within the exact range, so that the conversion only cuts the fraction off.
        #[allow(clippy::cast_possible_truncation, reason = "the range is checked")]
        (None, Some(secs)) if value.is_f64() && secs >= 1.0 && secs <= limits::LATEST_DATE as f64 => {
            secs as i64
        }
        _ => return None,
    };
    (1..=limits::LATEST_DATE)
        .contains(&secs)
        .then(|| Timestamp::from_secs(secs))
}
