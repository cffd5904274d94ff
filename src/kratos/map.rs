//! The identity server's URLs as the visitor sees them (semantics 7.4, 7.5): the message module's map, and what only Kratos
//! and Ory Network do.

use std::borrow::Cow;

use crate::message::location::OriginMap;
use crate::message::url::Origin;

use super::Upstream;
use super::flow::{Page, Ui};
use super::table::Mount;

/// Maps URLs of the identity server to the public origin and mount that the request came in by. Everything else, and
/// above all the query of a URL on a foreign host (a provider's `redirect_uri`), stays as it is.
///
/// ```
/// use edgeward::kratos::{Upstream, map::UrlMap, table::Mount};
/// use edgeward::message::url::{BaseUrl, Origin};
///
/// let upstream = Upstream::new(BaseUrl::parse("https://id.example.com/kratos")?).unwrap();
/// let map = UrlMap::new(&upstream, &Origin::parse("https://app.example.com")?, Mount::Root);
/// assert_eq!(
///     map.url("https://id.example.com/kratos/self-service/login?flow=1"),
///     "https://app.example.com/self-service/login?flow=1",
/// );
/// let provider = "https://op.example/auth?redirect_uri=https%3A%2F%2Fid.example.com%2Fkratos%2Fcb";
/// assert_eq!(map.url(provider), provider);
/// # Ok::<(), edgeward::message::url::UrlError>(())
/// ```
#[derive(Debug, Clone)]
pub struct UrlMap<'a> {
    origins: OriginMap,
    public: Origin,
    mount: Mount,
    hosted: Option<Hosted<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Hosted<'a> {
    ui: &'a Ui,
    welcome: &'a str,
}

impl<'a> UrlMap<'a> {
    /// A map to one mount of one public origin.
    #[must_use]
    pub fn new(upstream: &Upstream, public: &Origin, mount: Mount) -> Self {
        Self {
            origins: OriginMap::new(upstream.names().iter().cloned(), public.clone(), mount.prefix()),
            public: public.clone(),
            mount,
            hosted: None,
        }
    }

    /// Maps the pages that an Ory Network project hosts (`/ui/login` …) to the app's own, and `/ui/welcome` to `welcome`.
    #[must_use]
    pub const fn with_own_pages(mut self, ui: &'a Ui, welcome: &'a str) -> Self {
        self.hosted = Some(Hosted { ui, welcome });
        self
    }

    /// The public origin that it maps to.
    #[must_use]
    pub const fn public(&self) -> &Origin {
        &self.public
    }

    /// A URL, as it stands in a JSON field; borrowed where nothing changes.
    #[must_use]
    pub fn url<'v>(&self, url: &'v str) -> Cow<'v, str> {
        match self.origins.url(url) {
            Cow::Owned(mapped) => Cow::Owned(self.own_page(&mapped).unwrap_or(mapped)),
            same => same,
        }
    }

    /// A `Location` value. Beside [`url`](Self::url): a path that only the identity server has lies under the mount. Other paths are the
    /// app's: Kratos passes a relative `ui_url` on as it stands in its config.
    #[must_use]
    pub fn location<'v>(&self, location: &'v str) -> Cow<'v, str> {
        // The legacy hosted pages answer this one relative form.
        let own = match location.strip_prefix("../") {
            Some(rest) if rest.starts_with("self-service/") => Some(Cow::Owned(format!("/{rest}"))),
            _ => is_own_path(location).then_some(Cow::Borrowed(location)),
        };
        match own {
            Some(path) => Cow::Owned(format!(
                "{}{}{}",
                self.public,
                self.mount.prefix(),
                self.url(&path)
            )),
            None => self.url(location),
        }
    }

    /// A `Link` value (RFC 8288); the targets are mapped as a `Location` is.
    #[must_use]
    pub fn link<'v>(&self, value: &'v str) -> Cow<'v, str> {
        // Kratos' own page links are paths and know no mount: they are made absolute first.
        let mut parts = value.split('<');
        let mut absolute = parts.next().unwrap_or_default().to_owned();
        for target in parts {
            absolute.push('<');
            if is_own_path(target) {
                absolute.push_str(&self.public.to_string());
                absolute.push_str(self.mount.prefix());
            }
            absolute.push_str(target);
        }
        let mapped = self.origins.link(&absolute);
        if mapped == value {
            Cow::Borrowed(value)
        } else {
            Cow::Owned(mapped.into_owned())
        }
    }

    /// A content security policy.
    #[must_use]
    pub fn policy<'v>(&self, policy: &'v str) -> Cow<'v, str> {
        self.origins.csp(policy)
    }

    /// Prose with every URL of the identity server in it mapped.
    #[must_use]
    pub fn text<'v>(&self, text: &'v str) -> Cow<'v, str> {
        let mut out = String::new();
        let mut rest = text;
        let mut changed = false;
        while let Some((before, found)) = rest.find("http").and_then(|at| rest.split_at_checked(at)) {
            out.push_str(before);
            let end = found.find(ends_url).unwrap_or(found.len());
            let (url, after) = found.split_at_checked(end).unwrap_or((found, ""));
            let mapped = self.url(url);
            changed |= matches!(mapped, Cow::Owned(_));
            out.push_str(&mapped);
            rest = after;
        }
        out.push_str(rest);
        if changed {
            Cow::Owned(out)
        } else {
            Cow::Borrowed(text)
        }
    }

    /// The app's own page for a mapped URL of a hosted one.
    fn own_page(&self, mapped: &str) -> Option<String> {
        let hosted = self.hosted?;
        let origin = self.public.to_string();
        let path = mapped
            .strip_prefix(origin.as_str())?
            .strip_prefix(self.mount.prefix())?;
        let rest = path.strip_prefix("/ui/")?;
        let (page, tail) = rest.split_at_checked(rest.find(['?', '#']).unwrap_or(rest.len()))?;
        let page = match page {
            "welcome" => hosted.welcome,
            name => hosted
                .ui
                .path(Page::ALL.into_iter().find(|page| page.as_str() == name)?),
        };
        Some(format!("{origin}{page}{tail}"))
    }
}

/// Whether a path, with or without more behind it, is one that only the identity server has.
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
        rest.is_some_and(|rest| {
            own.ends_with('/') || rest.is_empty() || rest.starts_with(['/', '?', '#', '>'])
        })
    })
}

const fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`')
}
