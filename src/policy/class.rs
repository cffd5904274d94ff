//! What kind of request this is. It decides the form of an answer and what is written, never whether a requirement
//! is met (semantics 1.10).

use crate::message::Headers;

/// Where the gate stands, which decides what headers it can see (semantics 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shell {
    /// In front of the app: every header is as the client sent it.
    Front,
    /// Inside Next.js, which hides its own headers: RSC, prefetch and fetch look alike.
    InsideNext,
}

/// The kind of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestClass {
    /// A document that a person goes to, or a form that is posted.
    Navigation,
    /// A framework's request for a page's data (React server components, `_next/data`).
    Data,
    /// A request ahead of need.
    Prefetch,
    /// A server action of Next.js (`Next-Action`).
    ServerAction,
    /// A script's or a program's request.
    Api,
    /// The browser's question before a cross-origin request.
    Preflight,
    /// A WebSocket upgrade.
    WebSocket,
    /// An image, a style, a script, a font.
    Asset,
}

impl RequestClass {
    /// Classes a request by `Sec-Fetch-*`, then by the framework's headers, then by `Accept`.
    ///
    /// ```
    /// use edgeward::message::Headers;
    /// use edgeward::policy::{RequestClass, Shell};
    ///
    /// let page = Headers::from_iter([("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]);
    /// assert_eq!(RequestClass::of("GET", &page, Shell::Front), RequestClass::Navigation);
    /// assert_eq!(RequestClass::of("GET", &Headers::new(), Shell::Front), RequestClass::Api);
    /// ```
    #[must_use]
    pub fn of(method: &str, headers: &Headers, shell: Shell) -> Self {
        if is_action(method, headers) {
            return Self::ServerAction;
        }
        if is_preflight(method, headers) {
            return Self::Preflight;
        }
        if has_token(headers, "upgrade", "websocket") || is(headers, "sec-fetch-mode", "websocket") {
            return Self::WebSocket;
        }
        let safe = matches!(method, "GET" | "HEAD");
        if safe && is_speculative(headers) {
            return Self::Prefetch;
        }
        let metadata = by_fetch_metadata(method, headers);
        let class = match metadata {
            Some(Self::Navigation) => Self::Navigation,
            _ if safe && has_any(headers, &PREFETCH_HEADERS) => Self::Prefetch,
            _ if has_any(headers, &DATA_HEADERS) => Self::Data,
            Some(class) => class,
            None => by_accept(method, headers),
        };
        match (shell, class) {
            // A fetch inside Next.js may be a page's payload whose headers were taken away.
            (Shell::InsideNext, Self::Api) if safe => Self::Data,
            _ => class,
        }
    }

    /// The lower-case name, as traces and logs show it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Navigation => "navigation",
            Self::Data => "data",
            Self::Prefetch => "prefetch",
            Self::ServerAction => "server_action",
            Self::Api => "api",
            Self::Preflight => "preflight",
            Self::WebSocket => "websocket",
            Self::Asset => "asset",
        }
    }

    /// Whether a response to it may carry a session cookie of ours: renewed, re-sealed or cleared (semantics 5.1).
    #[must_use]
    pub const fn may_write_session(self) -> bool {
        matches!(
            self,
            Self::Navigation | Self::Data | Self::ServerAction | Self::Api
        )
    }

    /// Whether a login may begin here, with what a login writes. Only where a person is on the way to a page.
    #[must_use]
    pub const fn may_begin_login(self) -> bool {
        matches!(self, Self::Navigation)
    }
}

/// The method that a request is judged by: that of the request which a preflight asks about, else its own.
///
/// ```
/// use edgeward::{message::Headers, policy::judged_method};
/// let headers = Headers::from_iter([("Origin", "https://a.test"), ("Access-Control-Request-Method", "PUT")]);
/// assert_eq!(judged_method("OPTIONS", &headers), "PUT");
/// assert_eq!(judged_method("OPTIONS", &Headers::new()), "OPTIONS");
/// ```
#[must_use]
pub fn judged_method<'h>(method: &'h str, headers: &'h Headers) -> &'h str {
    if is_preflight(method, headers) {
        headers.get("access-control-request-method").unwrap_or(method)
    } else {
        method
    }
}

/// Whether Next.js would run a server action for this request (semantics 1.11).
#[must_use]
pub fn is_action(method: &str, headers: &Headers) -> bool {
    method != "OPTIONS" && headers.contains("next-action")
}

/// Whether this is a CORS preflight: `OPTIONS` with both headers that a browser sends, each once (semantics 1.10).
#[must_use]
pub fn is_preflight(method: &str, headers: &Headers) -> bool {
    let once = |name: &str| {
        let mut values = headers.get_all(name);
        values.next().is_some_and(|value| !value.is_empty()) && values.next().is_none()
    };
    method == "OPTIONS" && once("origin") && once("access-control-request-method")
}

fn by_fetch_metadata(method: &str, headers: &Headers) -> Option<RequestClass> {
    let mode = headers.get("sec-fetch-mode");
    let dest = headers.get("sec-fetch-dest");
    if mode.is_none() && dest.is_none() {
        return None;
    }
    let navigable = matches!(method, "GET" | "HEAD" | "POST");
    let says = |value: Option<&str>, words: &[&str]| {
        value.is_some_and(|value| words.iter().any(|word| word.eq_ignore_ascii_case(value)))
    };
    Some(
        if navigable && (says(mode, &["navigate"]) || says(dest, &["document"])) {
            RequestClass::Navigation
        } else if says(dest, &ASSET_DESTINATIONS) {
            RequestClass::Asset
        } else {
            RequestClass::Api
        },
    )
}

/// For clients without fetch metadata. `*/*` alone says nothing: such a client reads a status, not a page.
fn by_accept(method: &str, headers: &Headers) -> RequestClass {
    let script = headers
        .get("x-requested-with")
        .is_some_and(|value| value.eq_ignore_ascii_case("xmlhttprequest"));
    let accepted: Vec<&str> = headers
        .get_all("accept")
        .flat_map(|value| value.split(','))
        .filter(|range| !has_zero_weight(range))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .collect();
    let html = |range: &&str| {
        ["text/html", "application/xhtml+xml"]
            .iter()
            .any(|t| t.eq_ignore_ascii_case(range))
    };
    let asset = |range: &str| {
        let range = range.to_ascii_lowercase();
        ["image/", "font/", "audio/", "video/", "text/css"]
            .iter()
            .any(|kind| range.starts_with(kind))
    };
    if !script && matches!(method, "GET" | "HEAD" | "POST") && accepted.iter().any(html) {
        RequestClass::Navigation
    } else if !script && accepted.first().is_some_and(|first| asset(first)) {
        RequestClass::Asset
    } else {
        RequestClass::Api
    }
}

fn has_zero_weight(range: &str) -> bool {
    range.split(';').skip(1).any(|parameter| {
        parameter
            .trim()
            .strip_prefix(['q', 'Q'])
            .and_then(|rest| rest.trim_start().strip_prefix('='))
            .is_some_and(|q| q.trim().bytes().all(|b| matches!(b, b'0' | b'.')))
    })
}

/// What browsers say of a page that nobody has asked for yet.
fn is_speculative(headers: &Headers) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"]
        .iter()
        .any(|name| {
            headers
                .get_all(name)
                .flat_map(|value| value.split([';', ',']))
                .any(|token| {
                    ["prefetch", "preview"]
                        .iter()
                        .any(|t| t.eq_ignore_ascii_case(token.trim()))
                })
        })
}

fn has_any(headers: &Headers, names: &[&str]) -> bool {
    names.iter().any(|name| headers.contains(name))
}

fn is(headers: &Headers, name: &str, word: &str) -> bool {
    headers
        .get(name)
        .is_some_and(|value| value.eq_ignore_ascii_case(word))
}

fn has_token(headers: &Headers, name: &str, token: &str) -> bool {
    headers
        .get_all(name)
        .flat_map(|value| value.split(','))
        .any(|one| one.trim().eq_ignore_ascii_case(token))
}

/// Destinations whose answer nobody reads as a page (Fetch standard, request destination).
const ASSET_DESTINATIONS: [&str; 17] = [
    "audio",
    "audioworklet",
    "embed",
    "font",
    "image",
    "manifest",
    "object",
    "paintworklet",
    "report",
    "script",
    "serviceworker",
    "sharedworker",
    "style",
    "track",
    "video",
    "worker",
    "xslt",
];
/// What Next.js adds to a request ahead of need.
const PREFETCH_HEADERS: [&str; 3] = [
    "next-router-prefetch",
    "next-router-segment-prefetch",
    "x-middleware-prefetch",
];
/// What Next.js adds to a request for a page's data.
const DATA_HEADERS: [&str; 3] = ["rsc", "x-nextjs-data", "next-router-state-tree"];
