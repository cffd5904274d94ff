//! What goes up to the identity server: an allow-list's result and what the platform vouches for (semantics 7.2).

use crate::message::client_ip::ClientIp;
use crate::message::cookie::{CookieRewrite, Cookies};
use crate::message::field_name::is_field_name;
use crate::message::fields::{is_hop_by_hop, keep_only, listed};
use crate::message::url::Origin;
use crate::message::{Headers, RequestHead};

use super::Upstream;
use super::table::{Found, Mount};

/// What the gate knows of a request that the table has.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The row, from [`Table::find`](super::table::Table::find); of a CORS preflight the row of the method that it asks for.
    pub found: &'a Found<'a>,
    /// The request as it came; of its URL nothing is read here.
    pub head: &'a RequestHead,
    /// The query as it came, without `?`.
    pub query: Option<&'a str>,
    /// The upstream session cookie that counts ([`copy::select`](super::copy::select)); the session that was judged is the one
    /// that goes up, once (semantics 4.2).
    pub session: Option<&'a str>,
    /// The public origin that the request came in on.
    pub public: &'a Origin,
    /// `kratos.native`: whether tokens of native apps may go up at all.
    pub native: bool,
    /// `kratos.forward_headers`, checked by [`ExtraFields::new`].
    pub extra: &'a ExtraFields,
}

/// A request for the identity server. It is sent once (semantics 7.3).
#[derive(Clone, PartialEq, Eq)]
pub struct UpRequest {
    /// The method.
    pub method: String,
    /// The absolute URL, path and query byte-equal to what came.
    pub url: String,
    /// All fields.
    pub headers: Headers,
    /// Whether the visitor's body goes up.
    pub with_body: bool,
}

impl std::fmt::Debug for UpRequest {
    /// Without the URL, which may carry a token (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UpRequest")
            .field("method", &self.method)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// Why a request cannot go up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpError {
    /// The target would not arrive as it was written: answer 400.
    #[error("the request target would not arrive as it is written")]
    Target,
    /// The judged session value cannot stand in a header: answer 400.
    #[error("the session cookie cannot stand in a header")]
    Cookie,
}

impl UpError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Target => "kratos.target",
            Self::Cookie => "kratos.cookie",
        }
    }
}

/// Builds the request.
///
/// # Errors
/// [`UpError`]; nothing is repaired on the way.
///
/// ```
/// use edgeward::kratos::{Upstream, table::{Lookup, Mount, Table}, up};
/// use edgeward::message::{Headers, RequestHead, url::{BaseUrl, Origin}};
///
/// let upstream = Upstream::new(BaseUrl::parse("https://id.example.com/kratos")?).unwrap();
/// let public = Origin::parse("https://app.example.com")?;
/// let head = RequestHead {
///     method: "GET".into(),
///     url: "https://app.example.com/self-service/login/flows?id=a%2Fb".into(),
///     headers: Headers::from_iter([("Accept", "application/json"), ("Authorization", "Bearer x"), ("Cookie", "other=1")]),
///     client_ip: Some("192.0.2.7".into()),
/// };
/// let table = Table::new(vec![Mount::Root]);
/// let Lookup::Found(found) = table.find("GET", "/self-service/login/flows") else { panic!("in the table") };
/// let extra = up::ExtraFields::default();
/// let ask = up::Ask {
///     found: &found, head: &head, query: Some("id=a%2Fb"), session: None, public: &public, native: false, extra: &extra,
/// };
/// let request = up::build(&upstream, &ask).unwrap();
/// assert_eq!(request.url, "https://id.example.com/kratos/self-service/login/flows?id=a%2Fb");
/// assert!(!request.headers.contains("authorization") && !request.headers.contains("cookie"));
/// assert_eq!(request.headers.get("x-forwarded-for"), Some("192.0.2.7"));
/// # Ok::<(), edgeward::message::url::UrlError>(())
/// ```
pub fn build(upstream: &Upstream, ask: &Ask<'_>) -> Result<UpRequest, UpError> {
    let from = &ask.head.headers;
    let url = upstream
        .base()
        .join(ask.found.upstream_path, ask.query)
        .map_err(|_| UpError::Target)?;
    let mut headers = keep_only(from, ALLOWED);
    if let Some(accepted) = headers.get("accept-encoding").map(readable_codings) {
        headers.set("accept-encoding", accepted);
    }
    // Nobody is signed in on a preflight (semantics 1.10): it goes up for the answer about the origin alone.
    let preflight = ask.head.method == "OPTIONS";
    if preflight {
        for (name, value) in keep_only(from, &["access-control-request-*"]).iter() {
            headers.append(name, value);
        }
    }
    for (name, value) in keep_only(from, &ask.extra.names()).iter() {
        if !headers.contains(name) {
            headers.append(name, value);
        }
    }
    if ask.native && !preflight && !brings_session(upstream, from) {
        for (name, value) in keep_only(from, NATIVE).iter() {
            headers.append(name, value);
        }
    }
    if let Some(cookie) = cookies(upstream, from, ask.session)?.filter(|_| !preflight) {
        headers.set("cookie", cookie);
    }
    vouch(&mut headers, ask);
    if let Some(network) = upstream.ory_network() {
        headers.set(
            "ory-base-url-rewrite",
            format!("{}{}", ask.public, ask.found.mount.prefix()),
        );
        headers.set("ory-no-custom-domain-redirect", "true");
        if let Some(token) = network
            .token
            .as_ref()
            .and_then(|t| std::str::from_utf8(t.expose()).ok())
        {
            headers.set("ory-base-url-rewrite-token", token);
        }
    }
    let with_body = !matches!(ask.head.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    if !with_body {
        headers.remove("content-length");
        headers.remove("content-type");
    }
    Ok(UpRequest {
        method: ask.head.method.clone(),
        url,
        headers,
        with_body,
    })
}

/// Further request fields that the config lets up (`kratos.forward_headers`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtraFields(Vec<String>);

/// A field that no config may let up, by its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` never goes to the identity server from a client")]
pub struct ExtraFieldError(pub String);

impl ExtraFieldError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "kratos.forward_headers"
    }
}

impl ExtraFields {
    /// Takes the configured names.
    ///
    /// # Errors
    /// [`ExtraFieldError`] for the first that is no field name or that would let a client choose who it is, where it
    /// comes from or what is done (semantics 7.2).
    ///
    /// ```
    /// # use edgeward::kratos::up::ExtraFields;
    /// assert!(ExtraFields::new(["X-Request-Id"]).is_ok());
    /// assert!(ExtraFields::new(["Authorization"]).is_err());
    /// ```
    pub fn new<N: AsRef<str>>(configured: impl IntoIterator<Item = N>) -> Result<Self, ExtraFieldError> {
        let mut names = Vec::new();
        for name in configured {
            let name = name.as_ref().to_ascii_lowercase();
            let refused = NEVER.iter().any(|pattern| match pattern.strip_suffix('*') {
                Some(prefix) => name.starts_with(prefix),
                None => name == *pattern,
            });
            let refused = refused || listed(&name).is_some() || is_hop_by_hop(&name);
            if refused || !is_field_name(&name) || name.contains(['_', '*']) {
                return Err(ExtraFieldError(name));
            }
            names.push(name);
        }
        Ok(Self(names))
    }

    fn names(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}

/// The identity server's cookies, each name once; the session cookie only with the judged value.
fn cookies(upstream: &Upstream, from: &Headers, session: Option<&str>) -> Result<Option<String>, UpError> {
    let name = upstream.session_cookie();
    let rewrite = CookieRewrite::new(from)
        .put(name, session.map(|value| (name, value)))
        .map_err(|_| UpError::Cookie)?;
    Ok(rewrite.build_only(|cookie| upstream.owns_cookie(cookie)))
}

/// Whether the request has a session cookie at all, judged or not: beside one, a token would change who is signed in and
/// make logout a lie.
fn brings_session(upstream: &Upstream, from: &Headers) -> bool {
    let cookies = Cookies::parse(from);
    cookies.overflow().is_some() || cookies.values(upstream.session_cookie()).next().is_some()
}

/// Kratos asks `True-Client-IP`, then `CF-Connecting-IP` (which a Worker's own fetch carries with Cloudflare's address),
/// then `X-Forwarded-For`: all that it may ask first must say the same.
fn vouch(headers: &mut Headers, ask: &Ask<'_>) {
    if let Some(address) = ClientIp::of(ask.head) {
        headers.set("true-client-ip", address.to_string());
        headers.set("x-forwarded-for", address.to_string());
    }
    headers.set("x-forwarded-proto", ask.public.scheme().as_str());
    headers.set("x-forwarded-host", ask.public.authority());
    if ask.found.mount == Mount::ApiOry {
        headers.set("x-forwarded-prefix", ask.found.mount.prefix());
    }
}

/// Of what the client accepts, what every host of the gate can read: not all of them know zstd.
fn readable_codings(accepted: &str) -> String {
    let readable = |member: &&str| {
        let coding = member.split(';').next().unwrap_or_default().trim();
        let known = ["gzip", "deflate", "br", "identity"];
        known.iter().any(|known| coding.eq_ignore_ascii_case(known))
    };
    let kept: Vec<&str> = accepted.split(',').map(str::trim).filter(readable).collect();
    if kept.is_empty() {
        "identity".to_owned()
    } else {
        kept.join(", ")
    }
}

const ALLOWED: &[&str] = &[
    "accept*",
    "content-*",
    "origin",
    "referer",
    "sec-fetch-*",
    "user-agent",
    "x-csrf-token",
];

const NATIVE: &[&str] = &["authorization", "x-session-token"];

/// Beside the fields that no origin gets from a client either ([`listed`]), and those of one connection.
const NEVER: &[&str] = &[
    "authorization",
    "cdn-loop",
    "cf-*",
    "client-cert*",
    "cookie*",
    "expect",
    "fastly-*",
    "fly-*",
    "host",
    "ory-*",
    "proxy*",
    "set-cookie*",
    "ssl-client-*",
    "via",
    "x-amzn-oidc-*",
    "x-arr-*",
    "x-client-cert*",
    "x-edgeward-*",
    "x-forwarded*",
    "x-goog-authenticated-*",
    "x-goog-iap-*",
    "x-kratos-*",
    "x-ms-client-principal*",
    "x-proxy*",
    "x-remote-*",
    "x-rewrite-*",
    "x-session-token",
    "x-ssl-*",
    "x-vercel-ip-*",
];
