//! Which header fields go on: hop-by-hop fields, identity fields of ours, and fields that only a framework or a proxy
//! in front may write. Every name is looked at in its [twin spelling](super::field_name::is_same_field), because some server below will.

use super::Headers;
use super::edits::RequestEdits;
use super::field_name::{FieldName, is_field_name, is_same_field};
use crate::base::{docs, limits};

/// The gate's own prefix: nothing that begins so comes from a client (semantics 4.2).
pub const OWN_PREFIX: &str = "x-edgeward-";

/// A field that clients must not send, and why.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// Lower case; a `*` at the end stands for any rest.
    pub pattern: &'static str,
    /// Whether a platform in front writes it by itself, so that an in-app shell leaves it ([`Forwarding::Platform`]).
    pub platform: bool,
    /// What it does to whom, for the documentation: empty in wasm.
    pub reason: &'static str,
}

/// Who wrote the forwarding fields that the gate sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a shell must say which of the two it is")]
pub enum Forwarding {
    /// The client may have: the gate is the first hop (the Worker). All go; the gate adds its own.
    Ours,
    /// A platform or a proxy that overwrites them (inside Next.js, a Node server, another runtime): what it writes itself stays.
    Platform,
}

/// A configured identity field that is no header name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a header field name")]
pub struct FieldNameError(pub String);

/// The names under which the origin gets identity: [`OWN_PREFIX`] and the configured ones. Built once, from config.
#[derive(Debug, Clone, Default)]
pub struct IdentityFields(Vec<String>);

impl IdentityFields {
    /// Takes the configured names.
    ///
    /// # Errors
    /// [`FieldNameError`] for the first one that is no token (RFC 9110 section 5.1).
    pub fn new<N: AsRef<str>>(configured: impl IntoIterator<Item = N>) -> Result<Self, FieldNameError> {
        let names = configured.into_iter().map(|name| {
            let name = name.as_ref();
            if is_field_name(name) {
                Ok(name.to_owned())
            } else {
                Err(FieldNameError(name.to_owned()))
            }
        });
        Ok(Self(names.collect::<Result<_, _>>()?))
    }

    /// Whether some server below could read `name` as one of them.
    ///
    /// ```
    /// # use edgeward::message::fields::IdentityFields;
    /// let identity = IdentityFields::new(["X-User"])?;
    /// assert!(identity.covers("x_user "));
    /// assert!(identity.covers("X-Edgeward-Anything"));
    /// assert!(!identity.covers("x-users"));
    /// # Ok::<(), edgeward::message::fields::FieldNameError>(())
    /// ```
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        self.takes(FieldName::of(name))
    }

    fn takes(&self, name: FieldName<'_>) -> bool {
        name.begins_as(OWN_PREFIX) || self.0.iter().any(|own| name.is(FieldName::of(own)))
    }
}

/// What must not go on from a client, at any hop: identity fields in every spelling, framework fields, forwarding fields
/// (field rows 1, 5, 13, 15, 17). Apply it before the gate sets its own.
///
/// ```
/// # use edgeward::message::{Headers, fields::{Forwarding, IdentityFields, client_edits}};
/// let headers = Headers::from_iter([("X_Edgeward_Sub", "root"), ("X-Middleware-Subrequest", "x"), ("Accept", "*/*")]);
/// let edits = client_edits(&headers, &IdentityFields::default(), Forwarding::Ours);
/// assert_eq!(edits.remove, ["X_Edgeward_Sub", "X-Middleware-Subrequest"]);
/// ```
#[must_use]
pub fn client_edits(headers: &Headers, identity: &IdentityFields, forwarding: Forwarding) -> RequestEdits {
    let mut edits = RequestEdits::new();
    for (spelled, _) in headers.iter() {
        let name = FieldName::of(spelled);
        let listed = entry(name).is_some_and(|l| forwarding == Forwarding::Ours || !l.platform);
        if listed || identity.takes(name) {
            edits.remove(spelled);
        }
    }
    edits
}

/// What ends at this hop of a request (RFC 9110 section 7.6.1): the fixed names, and those that `Connection` lists, except
/// the ones in which the request or the judged session itself stands.
///
/// A WebSocket upgrade stays one; any other `Upgrade` goes (h2c). Of `TE` only `trailers` stays.
#[must_use]
pub fn hop_edits(headers: &Headers) -> RequestEdits {
    let mut edits = RequestEdits::new();
    let upgrade = is_websocket_upgrade(headers);
    let options: Vec<FieldName<'_>> = connection_options(headers).map(FieldName::of).collect();
    for (spelled, _) in headers.iter() {
        let name = FieldName::of(spelled);
        let listed = || options.iter().any(|option| option.is(name));
        if name.is_one_of(HOP_BY_HOP) || (listed() && !name.is_one_of(REQUEST_CORE)) {
            edits.remove(spelled);
        }
    }
    if upgrade {
        edits.set("upgrade", "websocket");
        edits.set("connection", "Upgrade");
    }
    if has_token(headers, "te", "trailers") {
        edits.set("te", "trailers");
    }
    edits
}

/// Whether the request asks for a WebSocket (RFC 6455 section 4.1). `Connection` is not asked: some hosts hide it.
#[must_use]
pub fn is_websocket_upgrade(headers: &Headers) -> bool {
    let mut values = headers.get_all("upgrade");
    matches!((values.next(), values.next()), (Some(value), None) if value.trim().eq_ignore_ascii_case("websocket"))
}

/// Takes from a response what ends at this hop, what only the framework's own server may read, and any identity field
/// (field rows 5, 16, 26). A 101 keeps its upgrade.
pub fn strip_response(headers: &mut Headers, status: u16, identity: &IdentityFields) {
    let upgrade = status == 101 && is_websocket_upgrade(headers);
    let options: Vec<String> = connection_options(headers).map(str::to_owned).collect();
    headers.retain(|name, _| {
        let name = FieldName::of(name);
        let listed = || options.iter().any(|option| FieldName::of(option).is(name));
        let hop = name.is_one_of(HOP_BY_HOP) || (listed() && !name.is_one_of(RESPONSE_CORE));
        !hop && !identity.takes(name) && !RESPONSE_INTERNAL.iter().any(|l| name.fits(l.pattern))
    });
    if upgrade {
        headers.set("Upgrade", "websocket");
        headers.set("Connection", "Upgrade");
    }
}

/// The fields of `headers` that an allow-list names (semantics 7.2). A `*` at a pattern's end stands for any rest;
/// hop-by-hop fields and what `Connection` lists stay out whatever the list says.
///
/// ```
/// # use edgeward::message::{Headers, fields::keep_only};
/// let headers = Headers::from_iter([("Accept", "*/*"), ("Accept_Language", "de"), ("Authorization", "x")]);
/// assert_eq!(keep_only(&headers, &["accept*"]).iter().collect::<Vec<_>>(), [("Accept", "*/*")]);
/// ```
#[must_use]
pub fn keep_only(headers: &Headers, patterns: &[&str]) -> Headers {
    let allowed = |name: &str| {
        patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name
                .get(..prefix.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(prefix)),
            None => name.eq_ignore_ascii_case(pattern),
        })
    };
    let goes = |name: &str| is_field_name(name) && !name.contains('_') && allowed(name);
    let options: Vec<&str> = connection_options(headers).collect();
    let listed = |name: &str| options.iter().any(|option| is_same_field(option, name));
    let mut kept = headers.clone();
    kept.retain(|name, _| goes(name) && !is_hop_by_hop(name) && !listed(name));
    kept
}

/// Whether a request brings more fields than are worth looking at; the answer is 431 (RFC 6585 section 5).
#[must_use]
pub fn is_too_many(headers: &Headers) -> bool {
    headers.len() > limits::HEADER_FIELDS
}

/// Whether a field ends at this hop by its name alone.
#[must_use]
pub fn is_hop_by_hop(name: &str) -> bool {
    FieldName::of(name).is_one_of(HOP_BY_HOP)
}

fn connection_options(headers: &Headers) -> impl Iterator<Item = &str> {
    let options = headers
        .get_all("connection")
        .flat_map(|value| value.split(','))
        .map(str::trim);
    options
        .filter(|option| !option.is_empty())
        .take(limits::CONNECTION_OPTIONS)
}

fn has_token(headers: &Headers, name: &str, token: &str) -> bool {
    let mut items = headers.get_all(name).flat_map(|value| value.split(','));
    items.any(|item| {
        item.split(';')
            .next()
            .is_some_and(|t| t.trim().eq_ignore_ascii_case(token))
    })
}

/// The entry for a field that no client may send on: of a framework, of proxies, or of another gate.
pub(crate) fn listed(name: &str) -> Option<&'static Listed> {
    entry(FieldName::of(name))
}

fn entry(name: FieldName<'_>) -> Option<&'static Listed> {
    // Most fields of a browser begin with another letter: they cost one comparison.
    let first = name.initial()?;
    for list in [FRAMEWORK, FORWARDED, FOREIGN_IDENTITY] {
        for listed in list {
            if listed.pattern.as_bytes().first() == Some(&first) && name.fits(listed.pattern) {
                return Some(listed);
            }
        }
    }
    None
}

/// Fields of one connection (RFC 9110 section 7.6.1, with the names of RFC 2616 that servers still send).
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What a client cannot have dropped through `Connection`: framing, the host, and the session that was judged.
const REQUEST_CORE: &[&str] = &["content-length", "cookie", "host"];

/// What an origin cannot have dropped through `Connection`: framing, and what keeps caches and browsers in check.
const RESPONSE_CORE: &[&str] = &[
    "cache-control",
    "content-length",
    "content-security-policy",
    "content-type",
    "set-cookie",
    "vary",
];

/// Fields by which a framework talks to itself. From a client each is an attack or a mistake.
pub const FRAMEWORK: &[Listed] = &[
    Listed {
        pattern: "location",
        platform: false,
        reason: docs::text(
            "echoed into a `next()` answer it makes Next.js fetch the address (CVE-2025-57822)",
        ),
    },
    Listed {
        pattern: "next-resume",
        platform: false,
        reason: docs::text("resumes a postponed Next.js render"),
    },
    Listed {
        pattern: "proxy",
        platform: false,
        reason: docs::text("becomes HTTP_PROXY in CGI programs (httpoxy)"),
    },
    Listed {
        pattern: "set-cookie",
        platform: false,
        reason: docs::text("a response field; echoed it sets a cookie"),
    },
    Listed {
        pattern: "x-action-forwarded",
        platform: false,
        reason: docs::text(
            "Next.js takes the action as already forwarded by itself and runs it (semantics 1.11)",
        ),
    },
    Listed {
        pattern: "x-http-method*",
        platform: false,
        reason: docs::text("turns a judged GET into another method below"),
    },
    Listed {
        pattern: "x-invoke-*",
        platform: false,
        reason: docs::text("names the page that Next.js 13 renders"),
    },
    Listed {
        pattern: "x-matched-path",
        platform: true,
        reason: docs::text("names the page that Next.js renders on Vercel"),
    },
    Listed {
        pattern: "x-method-override",
        platform: false,
        reason: docs::text("turns a judged GET into another method below"),
    },
    Listed {
        pattern: "x-middleware-*",
        platform: false,
        reason: docs::text("skips or rewrites Next.js middleware (CVE-2025-29927, CVE-2025-57822)"),
    },
    Listed {
        pattern: "x-next-resume-*",
        platform: false,
        reason: docs::text("resumes a postponed Next.js render"),
    },
    Listed {
        pattern: "x-nextjs-redirect",
        platform: false,
        reason: docs::text("a response field of Next.js; echoed it redirects"),
    },
    Listed {
        pattern: "x-nextjs-rewrite",
        platform: false,
        reason: docs::text("a response field of Next.js; echoed it rewrites"),
    },
    Listed {
        pattern: "x-now-route-matches",
        platform: true,
        reason: docs::text("replaces route parameters on Vercel"),
    },
];

/// Fields in which proxies tell what they received. From a client they are claims about itself.
pub const FORWARDED: &[Listed] = &[
    Listed {
        pattern: "cf-connecting-ip",
        platform: true,
        reason: docs::text("the client's address, on Cloudflare"),
    },
    Listed {
        pattern: "cf-connecting-ipv6",
        platform: true,
        reason: docs::text("the client's address, on Cloudflare"),
    },
    Listed {
        pattern: "cf-pseudo-ipv4",
        platform: true,
        reason: docs::text("the client's address, on Cloudflare"),
    },
    Listed {
        pattern: "client-ip",
        platform: false,
        reason: docs::text("PHP programs take it for the address"),
    },
    Listed {
        pattern: "do-connecting-ip",
        platform: true,
        reason: docs::text("the client's address, on DigitalOcean"),
    },
    Listed {
        pattern: "fastly-client-ip",
        platform: true,
        reason: docs::text("the client's address, on Fastly"),
    },
    Listed {
        pattern: "fly-client-ip",
        platform: true,
        reason: docs::text("the client's address, on Fly.io"),
    },
    Listed {
        pattern: "forwarded",
        platform: true,
        reason: docs::text("RFC 7239: address, host and scheme at once"),
    },
    Listed {
        pattern: "front-end-https",
        platform: false,
        reason: docs::text("chooses the scheme in some programs"),
    },
    Listed {
        pattern: "true-client-ip",
        platform: true,
        reason: docs::text("the client's address, on Akamai and Cloudflare"),
    },
    Listed {
        pattern: "x-appengine-*",
        platform: true,
        reason: docs::text("address, task and cron of App Engine"),
    },
    Listed {
        pattern: "x-azure-*",
        platform: true,
        reason: docs::text("address and host, on Azure"),
    },
    Listed {
        pattern: "x-client-ip",
        platform: true,
        reason: docs::text("many programs take it for the address"),
    },
    Listed {
        pattern: "x-cluster-client-ip",
        platform: true,
        reason: docs::text("many programs take it for the address"),
    },
    Listed {
        pattern: "x-envoy-*",
        platform: true,
        reason: docs::text("steers an Envoy below, original path and address included"),
    },
    Listed {
        pattern: "x-forwarded",
        platform: false,
        reason: docs::text("some programs take it for `Forwarded`"),
    },
    Listed {
        pattern: "x-forwarded-for",
        platform: true,
        reason: docs::text("the client's address"),
    },
    Listed {
        pattern: "x-forwarded-host",
        platform: true,
        reason: docs::text("chooses the host of links, cookies and CSRF checks"),
    },
    Listed {
        pattern: "x-forwarded-port",
        platform: true,
        reason: docs::text("chooses the port of links"),
    },
    Listed {
        pattern: "x-forwarded-proto",
        platform: true,
        reason: docs::text("chooses the scheme, and whether cookies are `Secure`"),
    },
    Listed {
        pattern: "x-forwarded-*",
        platform: false,
        reason: docs::text("URI, prefix, path, method, user: each replaces what was judged (CVE-2026-40575)"),
    },
    Listed {
        pattern: "x-host",
        platform: false,
        reason: docs::text("chooses the host of links in some programs"),
    },
    Listed {
        pattern: "x-http-host-override",
        platform: false,
        reason: docs::text("chooses the host in some programs"),
    },
    Listed {
        pattern: "x-nf-client-connection-ip",
        platform: true,
        reason: docs::text("the client's address, on Netlify"),
    },
    Listed {
        pattern: "x-original-*",
        platform: false,
        reason: docs::text("URL, URI, host, method: replaces what was judged"),
    },
    Listed {
        pattern: "x-real-ip",
        platform: true,
        reason: docs::text("the client's address"),
    },
    Listed {
        pattern: "x-remote-addr",
        platform: false,
        reason: docs::text("the client's address, in some programs"),
    },
    Listed {
        pattern: "x-remote-ip",
        platform: false,
        reason: docs::text("the client's address, in some programs"),
    },
    Listed {
        pattern: "x-rewrite-url",
        platform: false,
        reason: docs::text("replaces the judged path in IIS and Symfony"),
    },
    Listed {
        pattern: "x-scheme",
        platform: false,
        reason: docs::text("chooses the scheme in some programs"),
    },
    Listed {
        pattern: "x-url-scheme",
        platform: false,
        reason: docs::text("chooses the scheme in some programs"),
    },
    Listed {
        pattern: "x-vercel-forwarded-for",
        platform: true,
        reason: docs::text("the client's address, on Vercel"),
    },
];

/// Identity fields of other gates: an origin that once stood behind one still believes them.
pub const FOREIGN_IDENTITY: &[Listed] = &[
    Listed {
        pattern: "remote-email",
        platform: true,
        reason: docs::text("Authelia's"),
    },
    Listed {
        pattern: "remote-groups",
        platform: true,
        reason: docs::text("Authelia's"),
    },
    Listed {
        pattern: "remote-name",
        platform: true,
        reason: docs::text("Authelia's"),
    },
    Listed {
        pattern: "remote-user",
        platform: true,
        reason: docs::text("Authelia's, and CGI's REMOTE_USER by another road"),
    },
    Listed {
        pattern: "x-auth-request-*",
        platform: true,
        reason: docs::text("oauth2-proxy's"),
    },
    Listed {
        pattern: "x-pomerium-*",
        platform: true,
        reason: docs::text("Pomerium's"),
    },
    Listed {
        pattern: "x-remote-user",
        platform: true,
        reason: docs::text("many proxies'"),
    },
];

/// Response fields by which Next.js steers its own server; past it they tell a client how the app is built.
/// `x-middleware-cache` and `x-middleware-skip` are read by its client and stay.
const RESPONSE_INTERNAL: &[Listed] = &[
    Listed {
        pattern: "x-middleware-next",
        platform: false,
        reason: docs::text("read by the Next.js server"),
    },
    Listed {
        pattern: "x-middleware-override-headers",
        platform: false,
        reason: docs::text("read by the Next.js server"),
    },
    Listed {
        pattern: "x-middleware-redirect",
        platform: false,
        reason: docs::text("read by the Next.js server"),
    },
    Listed {
        pattern: "x-middleware-request-*",
        platform: false,
        reason: docs::text("request headers, the session's cookie included"),
    },
    Listed {
        pattern: "x-middleware-rewrite",
        platform: false,
        reason: docs::text("read by the Next.js server"),
    },
    Listed {
        pattern: "x-middleware-set-cookie",
        platform: false,
        reason: docs::text("repeats `Set-Cookie`"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(name: &str, forwarding: Forwarding) -> bool {
        let headers = Headers::from_iter([(name, "v"), ("Accept", "*/*")]);
        let edits = client_edits(&headers, &IdentityFields::new(["X-User"]).unwrap(), forwarding);
        assert!(edits.set.is_empty() && edits.remove.len() <= 1);
        edits.remove == [name]
    }

    #[test]
    fn what_clients_must_not_send() {
        let own = "X-Edgeward-Sub x_edgeward_sub X-Edgeward_Assertion x-edgeward- X.Edgeward.Sub X-User x_user x.user";
        let framework = "x-middleware-subrequest X-Middleware-Subrequest x_middleware_subrequest x-middleware-rewrite \
            x-middleware-request-cookie x-middleware-prefetch x-action-forwarded Location Set-Cookie Proxy x-invoke-path \
            x-next-resume-state-length X-HTTP-Method-Override X-HTTP-Method X-Method-Override";
        let forwarded = "X-Original-URL X-Original-URI X-Original-Method X-Rewrite-URL X-Forwarded-Uri X-Host \
            X-Forwarded-Prefix X-Forwarded-User X-Forwarded Client-IP X-Scheme X_Url_Scheme Front-End-Https";
        let padded = ["x-edgeward-sub ", "\tx-edgeward-sub", "X-USER\u{a0}"];
        let rows = [own, framework, forwarded]
            .into_iter()
            .flat_map(str::split_whitespace);
        for name in rows.chain(padded) {
            assert!(stripped(name, Forwarding::Ours), "{name}");
            assert!(stripped(name, Forwarding::Platform), "{name}");
        }
        let platform = "X-Forwarded-For x_forwarded_for X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port Forwarded \
            X-Real-IP CF-Connecting-IP True-Client-IP Fly-Client-IP DO-Connecting-IP X-Azure-SocketIP X-AppEngine-User-IP \
            X-NF-Client-Connection-IP X-Vercel-Forwarded-For X-Cluster-Client-IP x-matched-path x-now-route-matches Remote-User X-Auth-Request-Email";
        for name in platform.split_whitespace() {
            assert!(stripped(name, Forwarding::Ours), "{name}");
            assert!(!stripped(name, Forwarding::Platform), "{name}");
        }
        let legitimate = "Accept Cookie Authorization Host Origin Referer Sec-Fetch-Site User-Agent RSC Next-Action \
            Next-Router-Prefetch x-nextjs-data x-prerender-revalidate X-Requested-With X-CSRF-Token x-users x-use x-edgewardx \
            x-middleware CF-Ray Content-Location Upgrade-Insecure-Requests";
        for name in legitimate.split_whitespace().chain([""]) {
            assert!(!stripped(name, Forwarding::Ours), "{name}");
        }
    }

    #[test]
    fn every_entry_has_a_reason_and_one_spelling() {
        for l in [FRAMEWORK, FORWARDED, FOREIGN_IDENTITY, RESPONSE_INTERNAL]
            .into_iter()
            .flatten()
        {
            assert!(!l.reason.is_empty(), "{}", l.pattern);
            assert!(
                l.pattern
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'*')
            );
        }
        assert_eq!(
            IdentityFields::new(["a b"]).unwrap_err(),
            FieldNameError("a b".to_owned())
        );
        assert!(IdentityFields::new([""]).is_err());
    }

    #[test]
    fn hops_of_a_request() {
        type Fields = &'static [(&'static str, &'static str)];
        let rows: &[(Fields, Fields)] = &[
            (
                &[("Connection", "keep-alive"), ("Keep-Alive", "5"), ("A", "1")],
                &[("A", "1")],
            ),
            (
                &[
                    ("Connection", "close, x-a ,X-B"),
                    ("X-A", "1"),
                    ("x_b", "2"),
                    ("X-C", "3"),
                ],
                &[("X-C", "3")],
            ),
            (
                &[
                    ("connection", "x-a"),
                    ("CONNECTION", "x-b"),
                    ("x-a", "1"),
                    ("x-b", "2"),
                ],
                &[],
            ),
            (
                &[
                    ("Connection", "cookie, host, content-length"),
                    ("Cookie", "s=1"),
                    ("Host", "h"),
                    ("Content-Length", "1"),
                ],
                &[("Cookie", "s=1"), ("Host", "h"), ("Content-Length", "1")],
            ),
            (
                &[
                    ("Transfer-Encoding", "chunked"),
                    ("Transfer_Encoding", "x"),
                    ("Transfer-Encoding ", "x"),
                ],
                &[],
            ),
            (
                &[("TE", "gzip;q=0.5, Trailers"), ("Trailer", "X-Sum")],
                &[("te", "trailers")],
            ),
            (&[("TE", "gzip")], &[]),
            (
                &[
                    ("Proxy-Authorization", "Basic x"),
                    ("Proxy-Connection", "keep-alive"),
                ],
                &[],
            ),
            (
                &[
                    ("Upgrade", "h2c"),
                    ("HTTP2-Settings", "x"),
                    ("Connection", "Upgrade, HTTP2-Settings"),
                ],
                &[],
            ),
            (&[("Upgrade", "websocket, h2c"), ("Connection", "Upgrade")], &[]),
            (&[("Upgrade", "websocket"), ("Upgrade", "h2c")], &[]),
            (
                &[
                    ("Upgrade", "WebSocket"),
                    ("Connection", "keep-alive, Upgrade, x-a"),
                    ("X-A", "1"),
                    ("Sec-WebSocket-Key", "k"),
                ],
                &[
                    ("Sec-WebSocket-Key", "k"),
                    ("upgrade", "websocket"),
                    ("connection", "Upgrade"),
                ],
            ),
        ];
        for (sent, want) in rows {
            let mut headers = Headers::from_iter(sent.iter().copied());
            hop_edits(&headers).apply(&mut headers);
            assert_eq!(headers.iter().collect::<Vec<_>>(), *want, "{sent:?}");
            hop_edits(&headers).apply(&mut headers);
            assert_eq!(headers.iter().collect::<Vec<_>>(), *want, "twice: {sent:?}");
        }
    }

    #[test]
    fn what_the_gate_sets_survives_a_connection_header() {
        let mut headers = Headers::from_iter([
            ("Connection", "x-edgeward-sub, cookie"),
            ("X-Edgeward-Sub", "root"),
            ("Cookie", "a=b"),
        ]);
        let mut edits = client_edits(&headers, &IdentityFields::default(), Forwarding::Ours);
        edits.merge(hop_edits(&headers));
        edits.set("x-edgeward-sub", "visitor");
        edits.apply(&mut headers);
        assert_eq!(
            headers.iter().collect::<Vec<_>>(),
            [("Cookie", "a=b"), ("x-edgeward-sub", "visitor")]
        );
    }

    #[test]
    fn what_responses_lose() {
        let mut headers = Headers::from_iter([
            ("Connection", "x-a, set-cookie, cache-control"),
            ("X-A", "1"),
            ("Set-Cookie", "a=b"),
            ("Cache-Control", "no-store"),
            ("Transfer-Encoding", "chunked"),
            ("Upgrade", "websocket"),
            ("X-Edgeward-Sub", "visitor"),
            ("x_user", "visitor"),
            ("X-Middleware-Rewrite", "/x"),
            ("x-middleware-request-cookie", "s=1"),
            ("x-middleware-cache", "no-cache"),
            ("Location", "/ok"),
        ]);
        let mut upgraded = headers.clone();
        let identity = IdentityFields::new(["x-user"]).unwrap();
        strip_response(&mut headers, 200, &identity);
        let end_to_end = [
            ("Set-Cookie", "a=b"),
            ("Cache-Control", "no-store"),
            ("x-middleware-cache", "no-cache"),
            ("Location", "/ok"),
        ];
        assert_eq!(headers.iter().collect::<Vec<_>>(), end_to_end);
        strip_response(&mut upgraded, 101, &identity);
        assert_eq!(
            (upgraded.get("upgrade"), upgraded.get("connection")),
            (Some("websocket"), Some("Upgrade"))
        );
    }

    #[test]
    fn work_is_bounded() {
        let full = Headers::from_iter((0..limits::HEADER_FIELDS).map(|n| (format!("x-{n}"), "v")));
        assert!(!is_too_many(&full));
        let mut over = full;
        over.append("x-edgeward-sub", "root");
        assert!(is_too_many(&over));
        over.append("Connection", "x-0,".repeat(100_000));
        assert!(hop_edits(&over).remove.contains(&"x-0".to_owned()));
    }

    #[test]
    fn allow_lists() {
        let headers = Headers::from_iter([
            ("Accept", "*/*"),
            ("accept-language", "de"),
            ("Content-Type", "a/b"),
            ("Content-Length", "3"),
            ("Connection", "content-type"),
            ("Authorization", "x"),
            ("X-Session-Token", "x"),
            ("Accept_Evil", "x"),
            ("Origin", "https://h"),
            ("Original", "x"),
        ]);
        let kept = keep_only(
            &headers,
            &["accept*", "content-*", "origin", "connection", "*-none"],
        );
        let names: Vec<_> = kept.iter().map(|(n, _)| n).collect();
        assert_eq!(names, ["Accept", "accept-language", "Content-Length", "Origin"]);
    }
}
