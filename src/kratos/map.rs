//! The identity server's URLs as the visitor sees them (semantics 7.4, 7.5).

use crate::message::url::{BaseUrl, Origin, Target};

use super::Upstream;
use super::flow::{Page, Ui, encode_component};
use super::table::Mount;

/// Maps URLs of the identity server to the public origin and mount that the request came in by. Everything else, and
/// above all the query of a URL on a foreign host (a provider's `redirect_uri`), stays as it is.
///
/// ```
/// use edgeward::kratos::{Upstream, map::UrlMap, table::Mount};
/// use edgeward::message::url::{BaseUrl, Origin};
///
/// let upstream = Upstream::new(BaseUrl::parse("https://id.example.com/kratos")?).unwrap();
/// let public = Origin::parse("https://app.example.com")?;
/// let map = UrlMap::new(&upstream, &public, Mount::Root, None);
/// assert_eq!(
///     map.url("https://id.example.com/kratos/self-service/login?flow=1").as_deref(),
///     Some("https://app.example.com/self-service/login?flow=1"),
/// );
/// assert_eq!(map.url("https://accounts.example.net/auth?redirect_uri=https%3A%2F%2Fid.example.com%2Fkratos%2F"), None);
/// # Ok::<(), edgeward::message::url::UrlError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct UrlMap<'a> {
    upstream: &'a Upstream,
    public: &'a Origin,
    mount: Mount,
    ui: Option<&'a Ui>,
}

impl<'a> UrlMap<'a> {
    /// A map to one mount of one public origin. With `ui`, the pages that an Ory Network project hosts (`/ui/login` …)
    /// become the app's own.
    #[must_use]
    pub const fn new(upstream: &'a Upstream, public: &'a Origin, mount: Mount, ui: Option<&'a Ui>) -> Self {
        Self {
            upstream,
            public,
            mount,
            ui,
        }
    }

    /// The public origin that it maps to.
    #[must_use]
    pub const fn public(&self) -> &'a Origin {
        self.public
    }

    /// The visitor's form of an absolute URL; `None` where it stays as it is.
    #[must_use]
    pub fn url(&self, url: &str) -> Option<String> {
        self.nested(url, 0)
    }

    /// The visitor's form of a `Location` value or another reference, absolute or relative to the upstream's host; `None` where it
    /// stays as it is.
    #[must_use]
    pub fn location(&self, location: &str) -> Option<String> {
        if let Some(rest) = location.strip_prefix("//") {
            let scheme = self.upstream.base().origin().scheme().as_str();
            return self.url(&format!("{scheme}://{rest}"));
        }
        if location.starts_with('/') {
            let base = self.upstream.base();
            let below = location
                .strip_prefix(base.path())
                .filter(|rest| rest.starts_with('/'));
            let path = match below {
                Some(rest) if !base.path().is_empty() => rest,
                // A page of the app: Kratos passes a relative `ui_url` on as it stands in its config.
                _ if !is_own_path(location) => return None,
                _ => location,
            };
            return self.url(&format!("{base}{path}"));
        }
        // The legacy hosted pages answer this one relative form.
        if let Some(rest) = location.strip_prefix("../self-service") {
            return self.url(&format!("{}/self-service{rest}", self.upstream.base()));
        }
        self.url(location)
    }

    /// A `Link` value (RFC 8288) with its targets mapped; `None` where none changes.
    #[must_use]
    pub fn link(&self, value: &str) -> Option<String> {
        let mut out = String::new();
        let mut changed = false;
        for (n, part) in value.split('<').enumerate() {
            if n > 0 {
                out.push('<');
            }
            match part
                .split_once('>')
                .filter(|_| n > 0)
                .and_then(|(target, rest)| Some((self.location(target)?, rest)))
            {
                Some((target, rest)) => {
                    out.push_str(&target);
                    out.push('>');
                    out.push_str(rest);
                    changed = true;
                }
                None => out.push_str(part),
            }
        }
        changed.then_some(out)
    }

    /// The text with every URL of the identity server in it mapped; `None` where there is none.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        let mut changed = false;
        while let Some(at) = rest.find("http") {
            let (before, found) = rest.split_at_checked(at)?;
            out.push_str(before);
            let end = found.find(ends_url).unwrap_or(found.len());
            let (candidate, after) = found.split_at_checked(end)?;
            match self.url(candidate) {
                Some(mapped) => {
                    out.push_str(&mapped);
                    changed = true;
                }
                None => out.push_str(candidate),
            }
            rest = after;
        }
        out.push_str(rest);
        changed.then_some(out)
    }

    /// A content security policy with the upstream's sources as the visitor's; `None` where there is none. A source may be
    /// a bare host: `id.example.com`, `id.example.com:443`.
    #[must_use]
    pub fn policy(&self, policy: &str) -> Option<String> {
        let mut changed = false;
        let mapped: Vec<String> = policy
            .split(' ')
            .map(|word| {
                let (source, end) = word.strip_suffix(';').map_or((word, ""), |source| (source, ";"));
                let bare = !source.contains("://") && source.contains('.');
                let url = if bare {
                    self.url(&format!("https://{source}"))
                } else {
                    self.url(source)
                };
                match url {
                    Some(url) => {
                        changed = true;
                        format!(
                            "{}{end}",
                            url.strip_suffix('/')
                                .filter(|_| !source.ends_with('/'))
                                .unwrap_or(&url)
                        )
                    }
                    None => word.to_owned(),
                }
            })
            .collect();
        changed.then(|| mapped.join(" "))
    }

    fn nested(&self, url: &str, depth: u8) -> Option<String> {
        let (plain, fragment) = match url.split_once('#') {
            Some((plain, fragment)) => (plain, Some(fragment)),
            None => (url, None),
        };
        let target = Target::parse(plain).ok()?;
        let public = self.public.is(target.scheme, target.authority);
        let own = self
            .upstream
            .names()
            .iter()
            .find_map(|name| self.own(name, &target, public));
        if own.is_none() && !public {
            return None;
        }
        let query = target.query.and_then(|query| self.query(query, depth));
        if own.is_none() && query.is_none() {
            return None;
        }
        let mut out = self.public.to_string();
        match own {
            Some(Own::Below(path)) => match self.hosted_page(path) {
                Some(page) => out.push_str(page),
                None => {
                    out.push_str(self.mount.prefix());
                    out.push_str(path);
                }
            },
            Some(Own::Beside) | None => out.push_str(target.path),
        }
        if let Some(query) = query.as_deref().or(target.query) {
            out.push('?');
            out.push_str(query);
        }
        if let Some(fragment) = fragment {
            out.push('#');
            out.push_str(fragment);
        }
        (out != url).then_some(out)
    }

    /// The query with its `return_to` values mapped; `None` where none changes. All other bytes stay.
    fn query(&self, query: &str, depth: u8) -> Option<String> {
        if depth >= NESTED_RETURN_TO {
            return None;
        }
        let mut out = String::with_capacity(query.len());
        let mut changed = false;
        for (n, pair) in query.split('&').enumerate() {
            if n > 0 {
                out.push('&');
            }
            let mapped = pair
                .split_once('=')
                .filter(|(name, _)| matches!(*name, "return_to" | "after_verification_return_to"))
                .and_then(|(name, value)| {
                    Some((
                        name,
                        self.nested(&decode_component(value)?, depth.saturating_add(1))?,
                    ))
                });
            match mapped {
                Some((name, value)) => {
                    out.push_str(name);
                    out.push('=');
                    encode_component(&value, &mut out);
                    changed = true;
                }
                None => out.push_str(pair),
            }
        }
        changed.then_some(out)
    }

    /// What a URL is to one name of the upstream. Host and port decide: behind a TLS terminator Kratos may call itself `http`.
    fn own<'t>(&self, name: &BaseUrl, target: &Target<'t>, public: bool) -> Option<Own<'t>> {
        let origin = name.origin();
        let same = origin.is(target.scheme, target.authority)
            || target.origin().is_ok_and(|other| {
                let defaults = other.port() == other.scheme().default_port()
                    && origin.port() == origin.scheme().default_port();
                other.host() == origin.host() && defaults
            });
        let below = match target.path.strip_prefix(name.path()) {
            Some("") => Some("/"),
            rest => rest.filter(|rest| rest.starts_with('/')),
        };
        let prefix = self.mount.prefix();
        let mounted = !prefix.is_empty()
            && target
                .path
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'));
        match below {
            // Where Kratos knows its public URL, what it writes there is right already.
            _ if !same || (public && (name.path().is_empty() || mounted)) => None,
            Some(path) => Some(Own::Below(path)),
            None if public => None,
            None => Some(Own::Beside),
        }
    }

    fn hosted_page(&self, path: &str) -> Option<&str> {
        let ui = self.ui?;
        let page = match path.strip_prefix("/ui/")? {
            "login" => Page::Login,
            "registration" => Page::Registration,
            "settings" => Page::Settings,
            "recovery" => Page::Recovery,
            "verification" => Page::Verification,
            "error" => Page::Error,
            _ => return None,
        };
        Some(ui.path(page))
    }
}

/// A URL on the upstream's host.
#[derive(Clone, Copy)]
enum Own<'t> {
    /// Below its base path: this path.
    Below(&'t str),
    /// Beside it: a proxy on the way cut the base path off, or the URL is another program's.
    Beside,
}

/// Whether a path is one that only the identity server has.
fn is_own_path(path: &str) -> bool {
    [
        "/self-service/",
        "/sessions",
        "/schemas",
        "/.well-known/ory/",
        "/.ory/",
    ]
    .iter()
    .any(|own| {
        let rest = path.strip_prefix(own);
        rest.is_some_and(|rest| own.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?']))
    })
}

/// Decodes `%XX` and `+`; `None` where the bytes are no UTF-8.
fn decode_component(value: &str) -> Option<String> {
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (hex(bytes.next()?)?, hex(bytes.next()?)?);
                high << 4 | low
            }
            _ => byte,
        });
    }
    String::from_utf8(out).ok()
}

const fn hex(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => return None,
    })
}

const fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`')
}

/// A settings flow's re-login carries one `return_to` in another; deeper ones are not Kratos's.
const NESTED_RETURN_TO: u8 = 3;
