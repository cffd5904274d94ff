//! What comes down from the identity server: the head for the visitor, and what it did to the session (semantics 6.3, 7).

use std::borrow::Cow;

use crate::base::{Timestamp, limits};
use crate::message::fields::keep_only;
use crate::message::set_cookie::{CookieDomain, SetCookieLine};
use crate::message::url::Origin;
use crate::message::{Headers, ResponseHead};

use super::map::UrlMap;
use super::table::{Found, Kind};
use super::{Flow, Upstream, body};

/// What a response answers, and for whom.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// The row of the request.
    pub found: &'a Found<'a>,
    /// The method of the request.
    pub method: &'a str,
    /// To the public origin and mount that the request came in by.
    pub map: UrlMap<'a>,
    /// `kratos.cookie_domain`; host-only without it.
    pub cookie_domain: Option<&'a CookieDomain>,
    /// The origins for which the identity server's CORS fields pass: the configured public origins.
    pub cors_origins: &'a [Origin],
    /// The gate's clock.
    pub now: Timestamp,
}

/// A response head for the visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Down {
    /// Status as it came, fields by allow-list, URLs mapped, cookies edited.
    pub head: ResponseHead,
    /// What the response did.
    pub effects: Effects,
    /// What becomes of its body.
    pub body: BodyPlan,
    /// The identity server named itself in the head by a URL that is not the public one: its `serve.public.base_url` is not
    /// the app's origin and mount (semantics 7.7: log it once). [`body::rewrite`] tells the same of a body by giving one.
    pub foreign_base: bool,
}

/// What a tunnelled response did to the visitor's session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects {
    /// What it did to the session cookie.
    pub session_cookie: SessionCookie,
    /// A logout went through: 204, or 303 with the session cookie ended. The copy goes and its `sid` is tombstoned.
    pub logged_out: bool,
    /// Something may have changed without a new session cookie: a verification, a whoami that found no session, or a logout whose
    /// 303 may lead to the error page as well (a wrong token must not sign anybody out). The copy goes and the next request
    /// asks whoami.
    pub recheck: bool,
}

/// What a response did to the upstream session cookie.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum SessionCookie {
    /// Set to this value: mint, bound to it.
    Set(String),
    /// Ended: the copy goes.
    Cleared,
    /// Not named.
    #[default]
    Untouched,
}

impl std::fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Set(_) => "Set(..)",
            Self::Cleared => "Cleared",
            Self::Untouched => "Untouched",
        })
    }
}

/// What becomes of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyPlan {
    /// It streams as it is.
    Stream,
    /// There is none: 204, 205, 304, or the answer to `HEAD`.
    Null,
    /// JSON that may name the upstream: read it up to `max` bytes, decoded, give it to [`body::rewrite`], then [`finish`].
    Rewrite {
        /// [`limits::REWRITE_BODY_BYTES`]
        max: usize,
    },
}

/// Processes a response head.
///
/// ```
/// use edgeward::base::Timestamp;
/// use edgeward::kratos::{Upstream, down, map::UrlMap, table::{Lookup, Mount, Table}};
/// use edgeward::message::{Headers, ResponseHead, url::{BaseUrl, Origin}};
///
/// let upstream = Upstream::new(BaseUrl::parse("https://id.example.com")?).unwrap();
/// let public = Origin::parse("https://app.example.com")?;
/// let table = Table::new(vec![Mount::Root]);
/// let Lookup::Found(found) = table.find("POST", "/self-service/login") else { panic!("in the table") };
/// let answer = down::Answer {
///     found: &found, method: "POST", map: UrlMap::new(&upstream, &public, found.mount),
///     cookie_domain: None, cors_origins: &[], now: Timestamp::from_secs(0),
/// };
/// let head = ResponseHead { status: 303, headers: Headers::from_iter([
///     ("Location", "https://id.example.com/self-service/settings/browser"),
///     ("Set-Cookie", "ory_kratos_session=MTc5; Domain=id.example.com; Path=/"),
/// ]) };
/// let down = down::process(&upstream, head, &answer);
/// assert_eq!(down.head.headers.get("location"), Some("https://app.example.com/self-service/settings/browser"));
/// assert_eq!(down.head.headers.get("set-cookie"), Some("ory_kratos_session=MTc5; Path=/"));
/// assert_eq!(down.effects.session_cookie, down::SessionCookie::Set("MTc5".into()));
/// # Ok::<(), edgeward::message::url::UrlError>(())
/// ```
#[must_use]
pub fn process(upstream: &Upstream, head: ResponseHead, answer: &Answer<'_>) -> Down {
    let mut headers = keep_only(&head.headers, ALLOWED);
    let cors = head.headers.get("access-control-allow-origin");
    if cors.is_some_and(|allowed| {
        answer
            .cors_origins
            .iter()
            .any(|origin| origin.to_string() == allowed)
    }) {
        for (name, value) in keep_only(&head.headers, &["access-control-*"]).iter() {
            headers.append(name, value);
        }
        merge_vary(&mut headers, "Origin");
    }
    let preflight = answer.method == "OPTIONS";
    let session_cookie = if preflight {
        SessionCookie::Untouched
    } else {
        cookies(upstream, &head.headers, &mut headers, answer)
    };
    let foreign_base = map_fields(&mut headers, answer);
    let body = plan(head.status, &headers, answer);
    if body == BodyPlan::Null && answer.method != "HEAD" {
        headers.remove("content-length");
    }
    Down {
        effects: if preflight {
            Effects::default()
        } else {
            effects(head.status, session_cookie, answer.found.kind)
        },
        head: ResponseHead {
            status: head.status,
            headers,
        },
        body,
        foreign_base,
    }
}

/// Makes a head fit the body that was read and perhaps rewritten: its length, and no validator or coding of the old one.
pub fn finish(head: &mut ResponseHead, body_bytes: usize, rewritten: bool) {
    head.headers.remove("content-encoding");
    head.headers.set("content-length", body_bytes.to_string());
    if rewritten {
        for name in [
            "etag",
            "last-modified",
            "accept-ranges",
            "content-md5",
            "digest",
            "content-digest",
        ] {
            head.headers.remove(name);
        }
    }
}

/// One `Set-Cookie` line of the identity server as the visitor gets it: host-only, or for the configured domain where the
/// public host is within it; `None` for a cookie that is not the identity server's, and for a line with a control character.
#[must_use]
pub fn edit_cookie(
    upstream: &Upstream,
    line: &str,
    public: &Origin,
    domain: Option<&CookieDomain>,
) -> Option<String> {
    let cookie = SetCookieLine::parse(line).ok()?;
    if !upstream.owns_cookie(cookie.name()) {
        return None;
    }
    Some(match domain.filter(|d| d.covers(public.host())) {
        Some(domain) => cookie.with_domain(domain),
        None => cookie.host_only(),
    })
}

fn cookies(upstream: &Upstream, from: &Headers, to: &mut Headers, answer: &Answer<'_>) -> SessionCookie {
    let mut session = SessionCookie::Untouched;
    for line in from.get_all("set-cookie") {
        let Some(edited) = edit_cookie(upstream, line, answer.map.public(), answer.cookie_domain) else {
            continue;
        };
        to.append("Set-Cookie", edited);
        let Some(cookie) = SetCookieLine::parse(line)
            .ok()
            .filter(|c| c.name() == upstream.session_cookie())
        else {
            continue;
        };
        // Of two lines for one name browsers keep the last.
        session = if cookie.is_deletion(answer.now) || cookie.value().is_empty() {
            SessionCookie::Cleared
        } else {
            SessionCookie::Set(cookie.value().to_owned())
        };
    }
    session
}

/// Maps the fields that hold URLs; says whether one changed.
fn map_fields(headers: &mut Headers, answer: &Answer<'_>) -> bool {
    let mut changed = false;
    let mapped = headers.iter().map(|(name, value)| {
        let new = match name.to_ascii_lowercase().as_str() {
            "location" | "content-location" => answer.map.location(value),
            "link" => answer.map.link(value),
            "refresh" => answer.map.text(value),
            "content-security-policy" | "content-security-policy-report-only" => answer.map.policy(value),
            _ => Cow::Borrowed(value),
        };
        changed |= matches!(new, Cow::Owned(_)) && value.contains("//");
        (name.to_owned(), new.into_owned())
    });
    *headers = mapped.collect();
    changed
}

fn effects(status: u16, session_cookie: SessionCookie, kind: Kind) -> Effects {
    let ended = session_cookie == SessionCookie::Cleared;
    let logout = kind == Kind::Submit(Flow::Logout);
    let logged_out = logout && (status == 204 || (status == 303 && ended));
    let recheck = match kind {
        Kind::Submit(Flow::Logout) => !logged_out && (300..400).contains(&status),
        // Ends the session of a token, perhaps the one that the cookie stands for as well.
        Kind::Native(Flow::Logout) => status == 204,
        Kind::Submit(Flow::Verification) => (200..400).contains(&status),
        // The visitor's own script asked, and there is no session.
        Kind::Whoami => matches!(status, 401 | 403),
        _ => false,
    };
    Effects {
        session_cookie,
        logged_out,
        recheck,
    }
}

fn plan(status: u16, headers: &Headers, answer: &Answer<'_>) -> BodyPlan {
    if matches!(status, 204 | 205 | 304) || answer.method == "HEAD" {
        return BodyPlan::Null;
    }
    let user_documents = matches!(answer.found.kind, Kind::Schemas | Kind::Script | Kind::Hosted);
    let json = headers.get("content-type").is_some_and(body::is_json);
    if json && !user_documents && status != 206 {
        BodyPlan::Rewrite {
            max: limits::REWRITE_BODY_BYTES,
        }
    } else {
        BodyPlan::Stream
    }
}

fn merge_vary(headers: &mut Headers, name: &str) {
    let mut listed: Vec<String> = headers
        .get_all("vary")
        .flat_map(|value| value.split(','))
        .map(|item| item.trim().to_owned())
        .collect();
    if !listed
        .iter()
        .any(|item| item == "*" || item.eq_ignore_ascii_case(name))
    {
        listed.push(name.to_owned());
    }
    headers.set("Vary", listed.join(", "));
}

/// Not here, on purpose: `Strict-Transport-Security` and `Clear-Site-Data` (they would speak for the app's host), the
/// identity in `X-Kratos-*`, `Server`, `Alt-Svc`, and whatever a CDN before the upstream adds.
const ALLOWED: &[&str] = &[
    "accept-ranges",
    "allow",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-security-policy",
    "content-security-policy-report-only",
    "content-type",
    "cross-origin-*",
    "date",
    "etag",
    "expires",
    "last-modified",
    "link",
    "location",
    "ory-session-cache-for",
    "permissions-policy",
    "pragma",
    "ratelimit*",
    "referrer-policy",
    "refresh",
    "retry-after",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
    "x-ratelimit-*",
    "x-request-id",
    "x-total-count",
    "x-xss-protection",
];
