//! `GET /sessions/whoami`: the question, and what its answers mean (semantics 6, design section 6).

use serde_json::{Map, Value};

use crate::base::{Timestamp, json, limits, rfc3339};
use crate::message::set_cookie::SetCookieLine;
use crate::message::{Headers, ResponseHead};
use crate::session::{Aal, Email, Pointer};

use super::{Upstream, claims, copy};

/// The question. Safe to repeat (semantics 7.3), sent with [`limits::WHOAMI_TIMEOUT_MS`] and
/// [`limits::WHOAMI_BODY_BYTES`], redirects not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The absolute URL.
    pub url: String,
    /// The session cookie and `Accept`, nothing else (semantics 6.3).
    pub headers: Headers,
}

/// Builds the question for an upstream cookie; `None` when the value cannot be one (semantics 6.2: no call).
///
/// ```
/// use edgeward::kratos::{Upstream, whoami};
/// use edgeward::message::url::BaseUrl;
///
/// let upstream = Upstream::new(BaseUrl::parse("https://id.example.com/kratos").unwrap()).unwrap();
/// let question = whoami::build(&upstream, &"M".repeat(64)).unwrap();
/// assert_eq!(question.url, "https://id.example.com/kratos/sessions/whoami");
/// assert!(whoami::build(&upstream, "junk").is_none());
/// ```
#[must_use]
pub fn build(upstream: &Upstream, cookie_value: &str) -> Option<Question> {
    if !copy::possible_shape(cookie_value) {
        return None;
    }
    let url = upstream.base().join("/sessions/whoami", None).ok()?;
    let cookie = format!("{}={cookie_value}", upstream.session_cookie());
    let headers = Headers::from_iter([("accept", "application/json"), ("cookie", cookie.as_str())]);
    Some(Question { url, headers })
}

/// What the copy may carry, from the config.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// `kratos.claims`
    pub claims: Vec<Pointer>,
    /// `session.roles`
    pub roles: Option<Pointer>,
}

/// What whoami says.
#[derive(Debug, Clone, PartialEq)]
pub enum Whoami {
    /// A session.
    Session(Box<WhoamiSession>),
    /// A session whose subject is withheld until the second factor (403 `session_aal2_required`): nothing is minted and
    /// an older copy is dropped.
    Aal2Required {
        /// Where the identity server would send the browser; the gate makes its own URL.
        redirect: Option<String>,
    },
    /// No session (401, any other 403, an inactive or expired one). An answer: it ends the copy at once.
    NoSession,
    /// Too many questions (429). An error: the copy serves within its bounds.
    RateLimited {
        /// `Retry-After` in seconds, where it was given so.
        retry_after: Option<u32>,
    },
    /// No usable answer. An error, and never a session.
    Unavailable(Unusable),
}

/// Why an answer is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unusable {
    /// A 5xx.
    ServerError,
    /// A redirect, a 204, a 404: something else answers at this URL.
    Status,
    /// 200 without JSON: an HTML page, an empty body.
    NotJson,
    /// JSON that is not a session: a member missing or of another type.
    Malformed,
    /// More than [`limits::WHOAMI_BODY_BYTES`].
    TooLarge,
}

impl Unusable {
    /// For the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServerError => "server_error",
            Self::Status => "status",
            Self::NotJson => "not_json",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
        }
    }
}

/// A session as the identity server confirmed it.
#[derive(Clone, PartialEq)]
pub struct WhoamiSession {
    /// The session's id.
    pub session_id: String,
    /// The identity's id.
    pub identity_id: String,
    /// The assurance level.
    pub aal: Aal,
    /// The methods used, as Kratos names them (`password`, `totp`), each once.
    pub amr: Vec<String>,
    /// When the last factor was proved.
    pub authenticated_at: Timestamp,
    /// When the session was issued.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The e-mail address, with its verification.
    pub email: Option<Email>,
    /// The roles at `session.roles`.
    pub roles: Vec<String>,
    /// The claims that the config allows.
    pub claims: Map<String, Value>,
    /// The session cookie that this answer re-issued (an extended session): the copy is bound to it.
    pub reissued: Option<Reissued>,
}

impl std::fmt::Debug for WhoamiSession {
    /// Without ids and claims (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WhoamiSession")
            .field("aal", &self.aal)
            .field("expires_at", &self.expires_at)
            .field("reissued", &self.reissued.is_some())
            .finish_non_exhaustive()
    }
}

/// A session cookie that whoami set.
#[derive(Clone, PartialEq, Eq)]
pub struct Reissued {
    /// The new value.
    pub value: String,
    /// The `Set-Cookie` line as it came; [`down::edit_cookie`](super::down::edit_cookie) makes it fit for the visitor.
    pub line: String,
}

impl std::fmt::Debug for Reissued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reissued(..)")
    }
}

/// Processes an answer. Whatever is not exactly a session of Kratos is none (field section 2, row 22).
#[must_use]
pub fn process(
    upstream: &Upstream,
    head: &ResponseHead,
    body: &[u8],
    reading: &Reading,
    now: Timestamp,
) -> Whoami {
    match head.status {
        200 => match session(body, head, reading, now) {
            Ok(Some(mut session)) => {
                session.reissued = reissued(upstream, &head.headers, now);
                Whoami::Session(Box::new(session))
            }
            Ok(None) => Whoami::NoSession,
            Err(unusable) => Whoami::Unavailable(unusable),
        },
        403 => aal2_required(body).unwrap_or(Whoami::NoSession),
        401 => Whoami::NoSession,
        429 => Whoami::RateLimited {
            retry_after: head.headers.get("retry-after").and_then(retry_after),
        },
        500..=599 => Whoami::Unavailable(Unusable::ServerError),
        _ => Whoami::Unavailable(Unusable::Status),
    }
}

/// `Ok(None)` is a whole session that is not, or no longer, active.
fn session(
    body: &[u8],
    head: &ResponseHead,
    reading: &Reading,
    now: Timestamp,
) -> Result<Option<WhoamiSession>, Unusable> {
    if body.len() > limits::WHOAMI_BODY_BYTES {
        return Err(Unusable::TooLarge);
    }
    if !head.headers.get("content-type").is_some_and(super::body::is_json) {
        return Err(Unusable::NotJson);
    }
    let document = json::object(body).map_err(|_| Unusable::NotJson)?;
    read(&document, reading, now).ok_or(Unusable::Malformed)
}

fn read(document: &Map<String, Value>, reading: &Reading, now: Timestamp) -> Option<Option<WhoamiSession>> {
    let time = |name: &str| document.get(name)?.as_str().and_then(rfc3339::parse);
    let active = document.get("active")?.as_bool()?;
    let (authenticated_at, issued_at, expires_at) =
        (time("authenticated_at")?, time("issued_at")?, time("expires_at")?);
    let aal = Aal::parse(document.get("authenticator_assurance_level")?.as_str()?)?;
    let mut amr: Vec<String> = Vec::new();
    for method in document.get("authentication_methods")?.as_array()? {
        let method = method.get("method")?.as_str()?;
        if !amr.iter().any(|known| known == method) {
            amr.push(method.to_owned());
        }
    }
    let identity = document.get("identity")?.as_object()?;
    if !identity.get("traits")?.is_object() {
        return None;
    }
    let state = match identity.get("state") {
        Some(state) => state.as_str()?,
        None => "active",
    };
    let session = WhoamiSession {
        session_id: id(document.get("id")?)?,
        identity_id: id(identity.get("id")?)?,
        aal,
        amr,
        authenticated_at,
        issued_at,
        expires_at,
        email: email(identity)?,
        roles: claims::roles(reading.roles.as_ref(), identity),
        claims: claims::select(&reading.claims, identity),
        reissued: None,
    };
    let ahead = now.plus(CLOCK_TOLERANCE_SECS);
    if authenticated_at > ahead || issued_at > ahead {
        return None;
    }
    let alive = active && state == "active" && expires_at > now && aal != Aal::Aal0;
    Some(alive.then_some(session))
}

/// Ids are UUIDs; the nil one is Kratos's word for none.
fn id(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let uuid = text.len() == 36
        && text.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    (uuid && !text.bytes().all(|b| matches!(b, b'0' | b'-'))).then(|| text.to_owned())
}

/// The address that stands for the person: the one in `/traits/email` where the identity server knows it, else the first
/// verified one, else the first. `Some(None)` without any; `None` for addresses of odd form.
fn email(identity: &Map<String, Value>) -> Option<Option<Email>> {
    let addresses = match identity.get("verifiable_addresses") {
        Some(Value::Array(addresses)) => addresses.as_slice(),
        None | Some(Value::Null) => &[],
        Some(_) => return None,
    };
    let mut emails = Vec::new();
    for address in addresses {
        let (value, verified) = (
            address.get("value")?.as_str()?,
            address.get("verified")?.as_bool()?,
        );
        if address.get("via")?.as_str()? == "email" && !value.is_empty() {
            emails.push(Email {
                address: value.to_owned(),
                verified: Some(verified),
            });
        }
    }
    let trait_email = identity
        .get("traits")
        .and_then(|t| t.get("email"))
        .and_then(Value::as_str);
    let of_trait = |e: &&Email| trait_email.is_some_and(|t| t.eq_ignore_ascii_case(&e.address));
    let chosen = emails
        .iter()
        .find(of_trait)
        .or_else(|| emails.iter().find(|e| e.verified == Some(true)))
        .or_else(|| emails.first())
        .cloned();
    // An address that the schema does not have verified is known not to be.
    let unverified = trait_email.filter(|t| !t.is_empty()).map(|t| Email {
        address: t.to_owned(),
        verified: Some(false),
    });
    Some(chosen.or(unverified))
}

fn aal2_required(body: &[u8]) -> Option<Whoami> {
    if body.len() > limits::WHOAMI_BODY_BYTES {
        return None;
    }
    let document = json::object(body).ok()?;
    (document.get("error")?.get("id")?.as_str()? == "session_aal2_required").then(|| Whoami::Aal2Required {
        redirect: document
            .get("redirect_browser_to")
            .and_then(Value::as_str)
            .map(str::to_owned),
    })
}

fn reissued(upstream: &Upstream, headers: &Headers, now: Timestamp) -> Option<Reissued> {
    let lines = headers
        .get_all("set-cookie")
        .filter_map(|line| Some((line, SetCookieLine::parse(line).ok()?)));
    // Of two lines for one name browsers keep the last.
    let (line, cookie) = lines
        .filter(|(_, cookie)| cookie.name() == upstream.session_cookie())
        .last()?;
    (!cookie.is_deletion(now) && copy::possible_shape(cookie.value())).then(|| Reissued {
        value: cookie.value().to_owned(),
        line: line.to_owned(),
    })
}

fn retry_after(value: &str) -> Option<u32> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let secs: u32 = digits.then(|| value.parse().ok())??;
    Some(secs.min(RETRY_AFTER_SECS))
}

/// The identity server's clock and the edge's differ by less, or one of them is broken (field row 30).
const CLOCK_TOLERANCE_SECS: i64 = 60;
/// A longer pause than this is not promised to a visitor.
const RETRY_AFTER_SECS: u32 = 3_600;
