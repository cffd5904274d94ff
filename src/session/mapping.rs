//! From a claims set to a [`Session`]: where a format keeps what, and what the gate itself adds to a foreign value.

use serde_json::{Map, Value};

use super::own::Opened;
use super::{Aal, Email, Pointer, Session, SessionError, Source};
use crate::base::{Timestamp, json};
use crate::jose::jwt::{Claims, ClaimsError};

/// Where a claim is: a name at the top, or a pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A member of the top level; any text, `https://…` included.
    Name(String),
    /// Deeper.
    At(Pointer),
}

impl Place {
    /// A text that begins with `/` is a pointer.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Pointer::parse(text).map_or_else(|| Self::Name(text.to_owned()), Self::At)
    }

    /// What stands there.
    #[must_use]
    pub fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        match self {
            Self::Name(name) => claims.get(name),
            Self::At(pointer) => pointer.find(claims),
        }
    }

    /// Puts a value there.
    pub fn put(&self, claims: &mut Map<String, Value>, value: Value) {
        match self {
            Self::Name(name) => {
                claims.insert(name.clone(), value);
            }
            Self::At(pointer) => pointer.put(claims, value),
        }
    }

    fn text<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a str> {
        self.find(claims)?.as_str().filter(|text| !text.is_empty())
    }
}

/// Where a format keeps what a session is made of.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The subject; mandatory in every value.
    pub subject: Place,
    /// The id of the login, the first that is there.
    pub session_id: Vec<Place>,
    /// The e-mail address.
    pub email: Option<Place>,
    /// Whether it is verified.
    pub email_verified: Option<Place>,
    /// When the person authenticated: seconds.
    pub auth_time: Option<Place>,
    /// Whether the subject may be a whole number: ids that apps write themselves often are.
    pub numeric_subject: bool,
}

impl Mapping {
    /// `sub`, `sid`, `email`, `email_verified`, `auth_time`: the names of OpenID Connect.
    #[must_use]
    pub fn oidc() -> Self {
        let name = |name: &str| Place::Name(name.to_owned());
        Self {
            subject: name("sub"),
            session_id: vec![name("sid")],
            email: Some(name("email")),
            email_verified: Some(name("email_verified")),
            auth_time: Some(name("auth_time")),
            numeric_subject: false,
        }
    }
}

/// The times of a value that was opened; what the format does not know is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spans {
    /// When the session began.
    pub born: Option<Timestamp>,
    /// When this value was made.
    pub issued_at: Option<Timestamp>,
    /// When this value ends.
    pub expires_at: Option<Timestamp>,
}

impl Spans {
    /// `iat` and `exp`.
    pub(crate) fn of(claims: &Claims) -> Result<Self, SessionError> {
        let time = |name| claims.numeric_date(name).map_err(claims_error);
        let issued_at = time("iat")?;
        Ok(Self {
            born: issued_at,
            issued_at,
            expires_at: time("exp")?,
        })
    }
}

/// A start that the format does not know. It is before every `not_before`.
pub const UNKNOWN: Timestamp = Timestamp::from_secs(0);
/// An end that the format does not know: the last second of the year 9999.
pub const NEVER: Timestamp = Timestamp::from_secs(253_402_300_799);

/// Makes the session of an authentic claims set whose times were validated.
pub(crate) fn session(
    claims: Map<String, Value>,
    mapping: &Mapping,
    spans: Spans,
    now: Timestamp,
) -> Result<Opened, SessionError> {
    let subject = match mapping.subject.find(&claims) {
        Some(Value::String(text)) if !text.is_empty() => text.clone(),
        Some(Value::Number(number)) if mapping.numeric_subject && !number.is_f64() => number.to_string(),
        _ => return Err(SessionError::Malformed),
    };
    let carried = Carried::of(&claims)?;
    let email = mapping.email.as_ref().and_then(|place| place.text(&claims));
    let verified = mapping
        .email_verified
        .as_ref()
        .and_then(|place| place.find(&claims));
    let auth_time = mapping
        .auth_time
        .as_ref()
        .and_then(|place| place.find(&claims)?.as_i64());
    let end = earliest(carried.end, spans.expires_at);
    if end.is_some_and(|end| now >= end) {
        return Err(SessionError::Expired);
    }
    let born = carried.born.or(spans.born).unwrap_or(UNKNOWN);
    let session = Session {
        session_id: mapping
            .session_id
            .iter()
            .find_map(|place| place.text(&claims))
            .map(str::to_owned),
        source: carried.source.unwrap_or(Source::Own),
        born,
        issued_at: spans.issued_at.unwrap_or(UNKNOWN),
        expires_at: end.unwrap_or(NEVER),
        auth_time: auth_time.filter(|secs| *secs > 0).map(Timestamp::from_secs),
        verified_at: None,
        aal: claims.get("aal").and_then(Value::as_str).and_then(Aal::parse),
        amr: amr(&claims),
        email: email.map(|address| Email {
            address: address.to_owned(),
            verified: verified.and_then(Value::as_bool),
        }),
        subject,
        roles: Vec::new(),
        claims,
    };
    Ok(Opened {
        session,
        binding: None,
        end: carried.end,
    })
}

/// Authentication methods: texts, or objects with a `method` (Supabase, Kratos).
fn amr(claims: &Map<String, Value>) -> Vec<String> {
    let listed = claims
        .get("amr")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    listed
        .iter()
        .filter_map(|method| method.as_str().or_else(|| method.get("method")?.as_str()))
        .map(str::to_owned)
        .collect()
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// What the gate itself writes into a foreign value that it seals: libraries carry unknown claims along, and so neither
/// the start nor the hard end of a session is lost when the app seals it anew (semantics 5.3).
struct Carried {
    born: Option<Timestamp>,
    end: Option<Timestamp>,
    source: Option<Source>,
}

/// The claim's name.
const CARRIED: &str = "edgeward";

impl Carried {
    fn of(claims: &Map<String, Value>) -> Result<Self, SessionError> {
        let Some(own) = claims.get(CARRIED) else {
            return Ok(Self {
                born: None,
                end: None,
                source: None,
            });
        };
        let own = own
            .as_object()
            .cloned()
            .map(Claims::from)
            .ok_or(SessionError::Malformed)?;
        let time = |name| own.numeric_date(name).map_err(claims_error);
        let accepted = own.text("src").map_err(claims_error)?;
        Ok(Self {
            born: time("born")?,
            end: time("end")?,
            source: accepted.map(|format| Source::Accepted(format.to_owned())),
        })
    }
}

/// Puts that claim into a payload.
pub(crate) fn carry(
    payload: &mut Map<String, Value>,
    born: Timestamp,
    end: Option<Timestamp>,
    source: Option<&Source>,
) {
    let mut own = payload
        .get(CARRIED)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    if born > UNKNOWN {
        own.insert("born".into(), Value::from(born.as_secs()));
    }
    if let Some(end) = end {
        own.insert("end".into(), Value::from(end.as_secs()));
    }
    if let Some(Source::Accepted(format)) = source {
        own.insert("src".into(), Value::from(&**format));
    }
    payload.insert(CARRIED.to_owned(), Value::Object(own));
}

/// The claims of a session that moves into a format with a flat claims set: everything but the registered ones.
pub(crate) fn portable(session: &Session) -> Map<String, Value> {
    const REGISTERED: [&str; 10] = [
        "iat", "exp", "nbf", "jti", "iss", "aud", "sid", "azp", "typ", CARRIED,
    ];
    let kept = session
        .claims
        .iter()
        .filter(|(name, _)| !REGISTERED.contains(&name.as_str()));
    let mut claims = json::members(kept.map(|(name, value)| (name.clone(), value.clone())));
    if let Some(email) = &session.email {
        claims.insert("email".into(), Value::from(&*email.address));
    }
    claims
}

/// What a claims error is to a session.
pub(crate) fn claims_error(error: ClaimsError) -> SessionError {
    match error {
        ClaimsError::Expired => SessionError::Expired,
        ClaimsError::WrongAudience | ClaimsError::WrongIssuer => SessionError::Audience,
        _ => SessionError::Malformed,
    }
}
