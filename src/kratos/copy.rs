//! The sealed copy of the identity server's session: what it is made from and what it is bound to (semantics 3.2, 6).

use crate::base::Timestamp;
use crate::message::cookie::Cookies;
use crate::session::own::Opened;
use crate::session::select::select_upstream;
use crate::session::{Binding, Session, SessionError, Source};

use super::Upstream;
use super::whoami::WhoamiSession;

/// Whether a value could be a session cookie of the identity server, so that junk costs no call (semantics 6.2):
/// base64url with its padding, or a newer codec's dotted form, of a length that its library can write.
///
/// ```
/// # use edgeward::kratos::copy::possible_shape;
/// assert!(possible_shape(&format!("MTc5NTIxMDc2N3x{}==", "A".repeat(60))));
/// assert!(!possible_shape("undefined") && !possible_shape(&"A".repeat(5000)));
/// ```
#[must_use]
pub fn possible_shape(cookie_value: &str) -> bool {
    let body = cookie_value.trim_end_matches('=');
    let padding = cookie_value.len().saturating_sub(body.len());
    (SHORTEST..=LONGEST).contains(&cookie_value.len())
        && padding <= 2
        && body
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Selects the upstream session cookie that counts (semantics 4.1): one distinct value, or the one that the copy is bound
/// to. Values that cannot be the identity server's are not counted: they open nothing there either.
///
/// # Errors
/// `Absent` without a possible value, `Ambiguous` for several that no copy decides between.
///
/// ```
/// use edgeward::kratos::{Upstream, copy::select};
/// use edgeward::message::{Headers, cookie::Cookies, url::BaseUrl};
/// use edgeward::session::{Binding, SessionError};
///
/// let upstream = Upstream::new(BaseUrl::parse("https://id.example.com").unwrap()).unwrap();
/// let (a, b) = ("A".repeat(64), "B".repeat(64));
/// let headers = Headers::from_iter([("cookie", format!("ory_kratos_session={a}; ory_kratos_session={b}; ory_kratos_session=junk"))]);
/// let cookies = Cookies::parse(&headers);
/// assert_eq!(select(&upstream, &cookies, None), Err(SessionError::Ambiguous));
/// assert_eq!(select(&upstream, &cookies, Some(Binding::of("ory_kratos_session", &b))), Ok(b.as_str()));
/// ```
pub fn select<'a>(
    upstream: &Upstream,
    cookies: &Cookies<'a>,
    bound: Option<Binding>,
) -> Result<&'a str, SessionError> {
    let name = upstream.session_cookie();
    let values: Vec<&'a str> = cookies
        .values(name)
        .filter(|value| possible_shape(value))
        .collect();
    select_upstream(name, &values, bound)
}

/// Makes the copy of a session that whoami confirmed for `cookie_value`. `asked_at` is when whoami was *asked*: an answer is
/// as old as its question. A cookie that whoami re-issued is the one that the copy is bound to, if a response can carry
/// it to the browser (`carried`); else the old binding stays (semantics 6.4).
#[must_use]
pub fn mint(
    upstream: &Upstream,
    whoami: &WhoamiSession,
    cookie_value: &str,
    carried: bool,
    asked_at: Timestamp,
) -> Opened {
    let value = match &whoami.reissued {
        Some(reissued) if carried => reissued.value.as_str(),
        _ => cookie_value,
    };
    Opened {
        session: Session {
            subject: whoami.identity_id.clone(),
            session_id: Some(whoami.session_id.clone()),
            source: Source::Kratos,
            // The last login, as for a session that is moved (semantics 5.3). A fresh login does not move Kratos' `issued_at`
            // (measured): with it, a session older than `absolute` or `not_before` could never be mended by logging in again.
            born: whoami.authenticated_at.max(whoami.issued_at).min(asked_at),
            issued_at: asked_at,
            expires_at: whoami.expires_at,
            auth_time: Some(whoami.authenticated_at.min(asked_at)),
            verified_at: Some(asked_at),
            aal: Some(whoami.aal),
            amr: whoami.amr.clone(),
            email: whoami.email.clone(),
            roles: whoami.roles.clone(),
            claims: whoami.claims.clone(),
        },
        binding: Some(Binding::of(upstream.session_cookie(), value)),
        end: Some(whoami.expires_at),
    }
}

/// A signed token of 32 characters is 200 bytes and more; below this it is a placeholder.
const SHORTEST: usize = 32;
/// The library's own maximum.
const LONGEST: usize = 4_096;
