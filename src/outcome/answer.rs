//! From a code to a status and an answer: a page for people, a problem document (RFC 9457) for programs.

use serde_json::{Map, Value};

use super::page::{self, Page};
use super::{Code, Event};
use crate::decision::{Body, Respond};
use crate::message::{Headers, ResponseHead};

/// In which form an answer goes out, and what it may say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Form<'a> {
    /// A page, else a problem document.
    pub(crate) html: bool,
    /// No body at all: nobody reads it.
    pub(crate) bare: bool,
    /// No body: the request was a `HEAD`.
    pub(crate) head_only: bool,
    /// Another status than the code's own.
    pub(crate) status: Option<u16>,
    /// Where a program finds the sign-in (`login_url`), where a person finds it.
    pub(crate) login_url: Option<&'a str>,
    /// Seconds for `Retry-After`.
    pub(crate) retry_after: Option<u32>,
    /// `WWW-Authenticate`, with 401 (RFC 9110 section 11.6.1).
    pub(crate) authenticate: Option<&'a str>,
    /// `Allow`, with 405.
    pub(crate) allow: Option<&'a str>,
    /// Another word than the code's own, for a page.
    pub(crate) word: Option<&'a str>,
    /// The path of the "clear session" endpoint.
    pub(crate) clear: Option<&'a str>,
}

/// The status of a code (semantics 6, 10.1, 11.1).
pub(crate) const fn status(code: Code) -> u16 {
    match code {
        Code::PathRefused | Code::PathAmbiguous | Code::RequestTarget => 400,
        Code::RequirementForbidden
        | Code::RequirementAal
        | Code::RequirementMaxAge
        | Code::RequestCrossSite => 403,
        Code::RequestMethod | Code::TunnelMethod => 405,
        Code::LoopBroken => 409,
        Code::RequestHost => 421,
        Code::RequestCookies | Code::RequestFields => 431,
        Code::OriginUnavailable | Code::UpstreamTooLarge | Code::UpstreamBroken => 502,
        Code::IdentityUnavailable
        | Code::IdentityBusy
        | Code::KeyUnknown
        | Code::GateTrapped
        | Code::GateStalled => 503,
        Code::ConfigInvalid | Code::AssertionUnsigned | Code::SessionTooLarge => 500,
        Code::TunnelPrefetch => 204,
        _ => 401,
    }
}

/// Builds the answer for the event's code and fills in the event's status.
pub(crate) fn refuse(mut event: Event, form: &Form<'_>) -> Respond {
    let status = form.status.unwrap_or(status(event.code));
    event.status = Some(status);
    let mut headers = private_headers();
    headers.append("x-content-type-options", "nosniff");
    // A form that posts back must say where from: without a referrer a browser sends `Origin: null`.
    let referrer = if form.clear.is_some() {
        "same-origin"
    } else {
        "no-referrer"
    };
    headers.append("referrer-policy", referrer);
    if let Some(secs) = form.retry_after {
        headers.append("retry-after", secs.to_string());
    }
    if let Some(challenge) = form.authenticate.filter(|_| status == 401) {
        headers.append("www-authenticate", challenge);
    }
    if let Some(allow) = form.allow {
        headers.append("allow", allow);
    }
    let body = if status == 204 || form.bare {
        Body::None
    } else if form.html {
        headers.append("content-type", "text/html; charset=utf-8");
        headers.append("content-security-policy", page::CSP);
        Body::Bytes(page_of(&event, form).into_bytes())
    } else {
        headers.append("content-type", "application/problem+json");
        Body::Bytes(problem(&event, status, form).into_bytes())
    };
    let body = if form.head_only { Body::None } else { body };
    Respond {
        head: ResponseHead { status, headers },
        body,
        event,
    }
}

/// What every answer of ours says to caches (semantics 8.1).
pub(crate) fn private_headers() -> Headers {
    Headers::from_iter([("cache-control", "private, no-store"), ("vary", "Cookie")])
}

fn page_of(event: &Event, form: &Form<'_>) -> String {
    let (title, text, word) = page::texts(event.code);
    page::html(&Page {
        title,
        text,
        word: form.word.unwrap_or(word),
        request_id: &event.request_id,
        onward: form
            .login_url
            .map(|url| ("Sign in", url))
            .or_else(|| page::way_on(event.code)),
        clear: form.clear,
    })
}

/// RFC 9457; the client learns the code that is true for everybody, never why a value was no session (semantics 11).
fn problem(event: &Event, status: u16, form: &Form<'_>) -> String {
    let (title, ..) = page::texts(event.code);
    let mut problem = Map::new();
    let mut put = |name: &str, value: Value| problem.insert(name.to_owned(), value);
    put("type", Value::from("about:blank"));
    put("title", Value::from(title));
    put("status", Value::from(status));
    put("code", Value::from(public_code(event.code)));
    put("request_id", Value::from(&*event.request_id));
    if let Some(url) = form.login_url {
        put("login_url", Value::from(url));
    }
    serde_json::to_string(&problem).unwrap_or_default()
}

/// Every reason for having no session is one thing to the client (design section 5).
const fn public_code(code: Code) -> &'static str {
    match code {
        Code::SessionAbsent
        | Code::SessionMalformed
        | Code::SessionUnopened
        | Code::SessionExpired
        | Code::SessionAudience
        | Code::SessionTooOld
        | Code::SessionTombstoned
        | Code::SessionUnbound
        | Code::SessionAmbiguous
        | Code::SessionTooMuchWork
        | Code::SessionRefused => "unauthenticated",
        code => code.as_str(),
    }
}
