//! Upstream addresses in responses → the app's own: `Location`, `Link`, CSP, and the URL fields of JSON (semantics 7.5).
//!
//! An address on a foreign host stays byte for byte, its query included (a provider's `redirect_uri`). Mapping twice
//! equals once: what was mapped is absolute on the public origin, and nothing there is mapped again but a `return_to`
//! that still names the upstream.

use std::borrow::Cow;

use super::Headers;
use super::query::{decode, encode};
use super::url::{BaseUrl, Origin, Scheme};

/// Where upstream addresses lead in the app: each base's origin and path become the public origin and mount.
#[derive(Debug, Clone)]
pub struct OriginMap {
    upstreams: Vec<BaseUrl>,
    public: Origin,
    mount: String,
}

impl OriginMap {
    /// A map from the upstream, under every address by which it calls itself, to `public` and `mount` (`/`, `/api/.ory`).
    /// An address that is the public origin itself hides nothing and is left out.
    #[must_use]
    pub fn new(upstreams: impl IntoIterator<Item = BaseUrl>, public: Origin, mount: &str) -> Self {
        let upstreams = upstreams
            .into_iter()
            .filter(|base| *base.origin() != public)
            .collect();
        Self {
            upstreams,
            public,
            mount: mount.trim_end_matches('/').to_owned(),
        }
    }

    /// The address in a `Location` field or a JSON field, mapped; borrowed where nothing changes.
    ///
    /// Mapped are: an absolute or scheme-relative URL on an upstream; a path below an upstream's base path; and on the
    /// upstream or the public origin each query value that is such a URL itself.
    ///
    /// ```
    /// # use edgeward::message::{location::OriginMap, url::{BaseUrl, Origin}};
    /// let base = BaseUrl::parse("https://id.example.com/kratos")?;
    /// let map = OriginMap::new([base], Origin::parse("https://app.example.com")?, "/api/.ory");
    /// assert_eq!(map.url("https://id.example.com/kratos/self-service/x?flow=1"), "https://app.example.com/api/.ory/self-service/x?flow=1");
    /// let provider = "https://op.example/auth?redirect_uri=https%3A%2F%2Fid.example.com%2Fkratos%2Fcb";
    /// assert_eq!(map.url(provider), provider);
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    #[must_use]
    pub fn url<'v>(&self, value: &'v str) -> Cow<'v, str> {
        self.map(value, NESTING).map_or(Cow::Borrowed(value), Cow::Owned)
    }

    /// A `Link` value (RFC 8288): each target in angle brackets is mapped, parameters stay.
    #[must_use]
    pub fn link<'v>(&self, value: &'v str) -> Cow<'v, str> {
        let mut out = String::new();
        let (mut quoted, mut escaped) = (false, false);
        let mut rest = value;
        let mut changed = false;
        while let Some(c) = rest.chars().next() {
            let tail = rest.get(c.len_utf8()..).unwrap_or_default();
            if c == '<'
                && !quoted
                && let Some((target, after)) = tail.split_once('>')
            {
                let mapped = self.url(target);
                changed |= matches!(mapped, Cow::Owned(_));
                out.extend(["<", &mapped, ">"]);
                rest = after;
                continue;
            }
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
            out.push(c);
            rest = tail;
        }
        if changed {
            Cow::Owned(out)
        } else {
            Cow::Borrowed(value)
        }
    }

    /// A content security policy: each source that names an upstream, with or without scheme, port and path, names the
    /// public origin instead. Wildcard hosts stay.
    #[must_use]
    pub fn csp<'v>(&self, value: &'v str) -> Cow<'v, str> {
        let mut out = String::with_capacity(value.len());
        let (mut changed, mut named) = (false, false);
        for piece in value.split_inclusive(CSP_SEPARATORS) {
            let token = piece.trim_end_matches(CSP_SEPARATORS);
            // The first word is the directive's name.
            let mapped = if named { self.source(token) } else { None };
            changed |= mapped.is_some();
            named |= !token.is_empty();
            out.push_str(mapped.as_deref().unwrap_or(token));
            let separator = piece.get(token.len()..).unwrap_or_default();
            named &= !separator.contains([';', ',']);
            out.push_str(separator);
        }
        if changed {
            Cow::Owned(out)
        } else {
            Cow::Borrowed(value)
        }
    }

    /// Maps every field of a response that may hold an upstream address. Other fields, and the order, stay.
    pub fn rewrite(&self, headers: &mut Headers) {
        let mapped = headers.iter().map(|(name, value)| {
            let value = match name {
                _ if is_one_of(name, &["location", "content-location"]) => self.url(value),
                _ if name.eq_ignore_ascii_case("link") => self.link(value),
                _ if is_one_of(name, CSP) => self.csp(value),
                _ => Cow::Borrowed(value),
            };
            (name.to_owned(), value.into_owned())
        });
        *headers = mapped.collect();
    }

    fn map(&self, value: &str, depth: u8) -> Option<String> {
        let (value, fragment) = match value.find('#').and_then(|at| value.split_at_checked(at)) {
            Some((value, fragment)) => (value, fragment),
            None => (value, ""),
        };
        let (address, query) = match value.split_once('?') {
            Some((address, query)) => (address, Some(query)),
            None => (value, None),
        };
        let mapped = match Reference::parse(address) {
            Reference::Absolute {
                scheme,
                authority,
                path,
            } => {
                let mapped = self
                    .upstream(scheme, authority)
                    .map(|base| self.public_url(base, path));
                if mapped.is_none() && !self.is_public(scheme, authority) {
                    return None;
                }
                mapped
            }
            Reference::Path => {
                let own = self
                    .upstreams
                    .iter()
                    .find(|b| !b.path().is_empty() && below(address, b.path()).is_some());
                own.map(|base| self.public_url(base, address))
            }
            Reference::Other => return None,
        };
        let query_mapped = query.and_then(|query| self.query(query, depth));
        if mapped.is_none() && query_mapped.is_none() {
            return None;
        }
        let mut out = mapped.unwrap_or_else(|| address.to_owned());
        if let Some(query) = query_mapped.as_deref().or(query) {
            out.push('?');
            out.push_str(query);
        }
        out.push_str(fragment);
        Some(out)
    }

    /// The query of an address of ours, with each value that is an upstream address mapped; others keep their bytes.
    fn query(&self, query: &str, depth: u8) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let mut changed = false;
        let parts: Vec<Cow<'_, str>> = query
            .split('&')
            .map(|part| {
                let mapped = part.split_once('=').and_then(|(name, raw)| {
                    let value = decode(raw).ok().filter(|value| value.contains("//"))?;
                    self.map(&value, depth)
                        .map(|value| format!("{name}={}", encode(&value)))
                });
                changed |= mapped.is_some();
                mapped.map_or(Cow::Borrowed(part), Cow::Owned)
            })
            .collect();
        changed.then(|| parts.join("&"))
    }

    /// One CSP source.
    fn source(&self, token: &str) -> Option<String> {
        let (scheme, rest) = match token.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, token),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let any_port = authority.strip_suffix(":*");
        let base = self.upstream(
            Reference::scheme(scheme.unwrap_or("https")),
            any_port.unwrap_or(authority),
        )?;
        let secure = self.public.scheme() == Scheme::Https;
        let scheme = match scheme.map(str::to_ascii_lowercase).as_deref() {
            None => "",
            Some("ws" | "wss") if secure => "wss://",
            Some("ws" | "wss") => "ws://",
            Some(_) if secure => "https://",
            Some(_) => "http://",
        };
        let path = match path {
            "" | "/" => path.to_owned(),
            _ => self.mounted(base, path),
        };
        Some(format!("{scheme}{}{path}", self.public.authority()))
    }

    /// The upstream that an authority names, with the other scheme too: behind TLS an upstream may not know its own.
    fn upstream(&self, scheme: Option<Scheme>, authority: &str) -> Option<&BaseUrl> {
        let scheme = scheme?;
        let authority = authority.rsplit('@').next()?;
        let named = Origin::from_authority(scheme, authority).ok()?;
        let default = |origin: &Origin| origin.port() == origin.scheme().default_port();
        self.upstreams.iter().find(|base| {
            let own = base.origin();
            own.host() == named.host() && (own.port() == named.port() || (default(own) && default(&named)))
        })
    }

    fn is_public(&self, scheme: Option<Scheme>, authority: &str) -> bool {
        scheme.is_some_and(|scheme| self.public.is(scheme, authority))
    }

    fn public_url(&self, base: &BaseUrl, path: &str) -> String {
        let mut path = self.mounted(base, path);
        if path.is_empty() {
            path.push('/');
        }
        format!("{}{path}", self.public)
    }

    /// Below the base path it lies under the mount; beside it, it is a page that the tunnel does not serve.
    fn mounted(&self, base: &BaseUrl, path: &str) -> String {
        match below(path, base.path()) {
            Some(rest) => format!("{}{rest}", self.mount),
            None => path.to_owned(),
        }
    }
}

/// The forms of a URL reference that matter here.
enum Reference<'a> {
    Absolute {
        scheme: Option<Scheme>,
        authority: &'a str,
        path: &'a str,
    },
    Path,
    Other,
}

impl<'a> Reference<'a> {
    fn parse(address: &'a str) -> Self {
        let (scheme, rest) = match (address.strip_prefix("//"), address.split_once("://")) {
            (Some(rest), _) => ("https", rest),
            (None, Some((scheme, rest))) if !scheme.contains('/') => (scheme, rest),
            _ if address.starts_with('/') => return Self::Path,
            _ => return Self::Other,
        };
        let end = rest.find('/').unwrap_or(rest.len());
        match rest.split_at_checked(end) {
            Some((authority, path)) => Self::Absolute {
                scheme: Self::scheme(scheme),
                authority,
                path,
            },
            None => Self::Other,
        }
    }

    fn scheme(text: &str) -> Option<Scheme> {
        match text.to_ascii_lowercase().as_str() {
            "https" | "wss" => Some(Scheme::Https),
            "http" | "ws" => Some(Scheme::Http),
            _ => None,
        }
    }
}

/// What follows `base` in a path below it, cut at a segment's end.
fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    path.strip_prefix(base)
        .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter().any(|entry| name.eq_ignore_ascii_case(entry))
}

/// The two policy fields.
const CSP: &[&str] = &["content-security-policy", "content-security-policy-report-only"];

/// What ends a word, a directive or a policy.
const CSP_SEPARATORS: [char; 4] = [' ', '\t', ';', ','];

/// Addresses inside query values inside addresses that are followed; login flows nest two deep.
const NESTING: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn map(bases: &[&str], mount: &str) -> OriginMap {
        let bases = bases.iter().map(|base| BaseUrl::parse(base).unwrap());
        OriginMap::new(bases, Origin::parse("https://app.example.com").unwrap(), mount)
    }

    #[test]
    fn addresses() {
        let root = map(&["https://id.example.com"], "/");
        let based = map(
            &["https://id.example.com/kratos", "http://kratos:4433/"],
            "/api/.ory",
        );
        for (value, want_root, want_based) in [
            (
                "https://id.example.com/a?b#c",
                "https://app.example.com/a?b#c",
                "https://app.example.com/a?b#c",
            ),
            (
                "https://id.example.com/kratos/a",
                "https://app.example.com/kratos/a",
                "https://app.example.com/api/.ory/a",
            ),
            (
                "https://id.example.com/kratosx",
                "https://app.example.com/kratosx",
                "https://app.example.com/kratosx",
            ),
            (
                "HTTP://ID.example.com.:80",
                "https://app.example.com/",
                "https://app.example.com/",
            ),
            (
                "//id.example.com/kratos",
                "https://app.example.com/kratos",
                "https://app.example.com/api/.ory",
            ),
            (
                "https://u:p@id.example.com/a",
                "https://app.example.com/a",
                "https://app.example.com/a",
            ),
            (
                "http://kratos:4433/x",
                "http://kratos:4433/x",
                "https://app.example.com/api/.ory/x",
            ),
            (
                "http://kratos:4434/x",
                "http://kratos:4434/x",
                "http://kratos:4434/x",
            ),
            (
                "https://id.example.com:8443/a",
                "https://id.example.com:8443/a",
                "https://id.example.com:8443/a",
            ),
            (
                "https://xid.example.com/a",
                "https://xid.example.com/a",
                "https://xid.example.com/a",
            ),
            (
                "https://id.example.com.evil.io/",
                "https://id.example.com.evil.io/",
                "https://id.example.com.evil.io/",
            ),
            (
                "/kratos/a?b",
                "/kratos/a?b",
                "https://app.example.com/api/.ory/a?b",
            ),
            ("/login?flow=1", "/login?flow=1", "/login?flow=1"),
            ("?flow=1", "?flow=1", "?flow=1"),
            ("login", "login", "login"),
            ("", "", ""),
            (
                "mailto:a@id.example.com",
                "mailto:a@id.example.com",
                "mailto:a@id.example.com",
            ),
            (
                "myapp://id.example.com/cb",
                "myapp://id.example.com/cb",
                "myapp://id.example.com/cb",
            ),
            (
                "https://op.example/a?redirect_uri=https%3A%2F%2Fid.example.com%2Fcb&return_to=https://id.example.com/",
                "https://op.example/a?redirect_uri=https%3A%2F%2Fid.example.com%2Fcb&return_to=https://id.example.com/",
                "https://op.example/a?redirect_uri=https%3A%2F%2Fid.example.com%2Fcb&return_to=https://id.example.com/",
            ),
            (
                "https://app.example.com/login?a=%2f&return_to=https%3a%2f%2Fid.example.com%2fkratos%2fx%3fy&&b=+",
                "https://app.example.com/login?a=%2f&return_to=https%3A%2F%2Fapp.example.com%2Fkratos%2Fx%3Fy&&b=+",
                "https://app.example.com/login?a=%2f&return_to=https%3A%2F%2Fapp.example.com%2Fapi%2F.ory%2Fx%3Fy&&b=+",
            ),
            (
                "/login?return_to=https://id.example.com/a%3Freturn_to%3Dhttps%253A%252F%252Fid.example.com%252Fb",
                "/login?return_to=https%3A%2F%2Fapp.example.com%2Fa%3Freturn_to%3Dhttps%253A%252F%252Fapp.example.com%252Fb",
                "/login?return_to=https%3A%2F%2Fapp.example.com%2Fa%3Freturn_to%3Dhttps%253A%252F%252Fapp.example.com%252Fb",
            ),
        ] {
            for (map, want) in [(&root, want_root), (&based, want_based)] {
                assert_eq!(map.url(value), want, "{value}");
                assert_eq!(map.url(want), want, "twice: {value}");
            }
        }
        assert_eq!(
            map(&["https://app.example.com/k"], "/").url("https://app.example.com/k/k"),
            "https://app.example.com/k/k"
        );
    }

    #[test]
    fn links_and_policies() {
        let map = map(&["https://id.example.com/kratos"], "/api/.ory");
        for (link, want) in [
            (
                "<https://id.example.com/kratos/a,b>; rel=\"x, <https://id.example.com/>\", </c>",
                "<https://app.example.com/api/.ory/a,b>; rel=\"x, <https://id.example.com/>\", </c>",
            ),
            ("</c>; rel=preload", "</c>; rel=preload"),
            ("<https://id.example.com/kratos", "<https://id.example.com/kratos"),
            (
                "\"\\\"<https://id.example.com/x>",
                "\"\\\"<https://id.example.com/x>",
            ),
            ("", ""),
        ] {
            assert_eq!(map.link(link), want);
            assert_eq!(map.link(want), want);
        }
        for (csp, want) in [
            (
                "default-src 'self';  form-action https://id.example.com https://op.example; report-uri /x",
                "default-src 'self';  form-action https://app.example.com https://op.example; report-uri /x",
            ),
            (
                "connect-src wss://ID.example.com id.example.com:443 id.example.com:* *.example.com https:",
                "connect-src wss://app.example.com app.example.com app.example.com *.example.com https:",
            ),
            (
                "script-src https://id.example.com/kratos/.well-known/ http://id.example.com/,img-src id.example.com/a",
                "script-src https://app.example.com/api/.ory/.well-known/ https://app.example.com/,img-src app.example.com/a",
            ),
            (
                "report-uri https://id.example.com/kratos/csp?a=b",
                "report-uri https://app.example.com/api/.ory/csp?a=b",
            ),
            ("id.example.com 'none'", "id.example.com 'none'"),
            (
                "img-src *; id.example.com x,id.example.com",
                "img-src *; id.example.com x,id.example.com",
            ),
            (
                "script-src data: blob: 'nonce-id.example.com'",
                "script-src data: blob: 'nonce-id.example.com'",
            ),
            ("", ""),
        ] {
            assert_eq!(map.csp(csp), want);
            assert_eq!(map.csp(want), want);
        }
    }

    #[test]
    fn only_address_fields_change() {
        let map = map(&["https://id.example.com"], "/");
        let url = "https://id.example.com/x";
        let mut headers = Headers::from_iter([
            ("LOCATION", url),
            ("Content-Location", url),
            ("Set-Cookie", url),
            ("Link", "<https://id.example.com/x>"),
            ("Content-Security-Policy-Report-Only", "img-src id.example.com"),
            ("X-Url", url),
        ]);
        map.rewrite(&mut headers);
        let got: Vec<_> = headers.iter().map(|(_, v)| v).collect();
        let app = "https://app.example.com/x";
        assert_eq!(
            got,
            [
                app,
                app,
                url,
                "<https://app.example.com/x>",
                "img-src app.example.com",
                url
            ]
        );
    }
}
