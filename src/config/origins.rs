//! Where the app is reached, and where it is.

use super::SecretRef;
use super::read::{Node, Table};
use crate::base::limits;
use crate::message::url::{BaseUrl, Origin, OriginPattern, Scheme};

/// The public origins: the only source of absolute URLs and the only absolute redirect targets (semantics 1.9).
#[derive(Debug, Clone)]
pub struct Origins {
    /// Exact origins, at least one; the first is the default.
    pub public: Vec<Origin>,
    /// Patterns by which a request's own host may be selected, and nothing else.
    pub preview: Vec<OriginPattern>,
}

impl Origins {
    pub(crate) fn read(table: &mut Table<'_>) -> Option<Self> {
        const ACCEPTED: &str = "exact origins, `https://app.example.com`";
        let node = table.need("public_origins", ACCEPTED)?;
        let mut public = Vec::new();
        for item in node.one_or_more()? {
            let Some(text) = item.string() else { continue };
            match Origin::parse(text) {
                Ok(origin) if origin.scheme() == Scheme::Http && !origin.is_loopback_or_private() => item
                    .refuse(
                        "config.insecure",
                        "https, or http on a loopback or private address",
                        "a session cookie over plain http can be read on the way",
                    ),
                Ok(origin) => public.push(origin),
                Err(error) => item.refuse("config.origin", ACCEPTED, error.to_string()),
            }
        }
        let mut preview = Vec::new();
        if let Some(node) = table.get("preview_origins") {
            for item in node.one_or_more().unwrap_or_default() {
                let Some(text) = item.string() else { continue };
                match OriginPattern::parse(text) {
                    Ok(pattern) => preview.push(pattern),
                    Err(error) => {
                        item.refuse(
                            "config.origin",
                            "`https://*-team.vercel.app`: one `*` within one label",
                            error.to_string(),
                        );
                    }
                }
            }
        }
        (!public.is_empty()).then_some(Self { public, preview })
    }

    /// Whether an origin is the app's own, exactly or by a pattern.
    pub(crate) fn names(&self, origin: &Origin) -> bool {
        self.public.contains(origin) || self.preview.iter().any(|pattern| pattern.matches(origin))
    }

    /// Selects the origin that a request came in on, by its authority; the scheme decides between two of one host.
    #[must_use]
    pub fn select(&self, scheme: Scheme, authority: &str) -> Option<Selected> {
        let same_host = || self.public.iter().filter(|origin| origin.is_authority(authority));
        if let Some(origin) = same_host()
            .find(|origin| origin.scheme() == scheme)
            .or_else(|| same_host().next())
        {
            return Some(Selected {
                origin: origin.clone(),
                preview: false,
            });
        }
        let origin = Origin::from_authority(Scheme::Https, authority).ok()?;
        self.preview
            .iter()
            .any(|pattern| pattern.matches(&origin))
            .then_some(Selected {
                origin,
                preview: true,
            })
    }
}

/// The origin that a request is judged under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// The origin; redirects may name it.
    pub origin: Origin,
    /// Whether a pattern selected it: previews have their own audience.
    pub preview: bool,
}

/// Where the app is, for a host in front of it.
#[derive(Debug, Clone)]
pub enum Upstream {
    /// By URL: `Host` and the forwarded fields are set, redirects of its own host are mapped back.
    Url {
        /// The base URL.
        base: BaseUrl,
        /// The shared secret that the origin asks for (semantics 4.4).
        lock: Option<SecretRef>,
    },
    /// By service binding: the request goes on as it is.
    Binding(String),
}

impl Upstream {
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let url = table.get("url");
        let binding = table.get("binding");
        let lock = table.get("lock").and_then(|node| SecretRef::read(&node));
        table.finish();
        match (url, binding) {
            (Some(url), None) => Some(Self::Url {
                base: upstream_url(&url)?,
                lock,
            }),
            (None, Some(binding)) => binding.string().map(|name| Self::Binding(name.to_owned())),
            _ => {
                node.refuse("config.origin", "exactly one of `url` and `binding`", "");
                None
            }
        }
    }
}

/// A URL of ours to call: https, unless it never leaves the machine (semantics 7.3).
pub(crate) fn upstream_url(node: &Node<'_>) -> Option<BaseUrl> {
    match BaseUrl::parse(node.string()?) {
        Ok(base) if base.origin().scheme() == Scheme::Http && !base.origin().is_loopback() => {
            node.refuse("config.insecure", "https, or http on a loopback address", "");
            None
        }
        Ok(base) => Some(base),
        Err(error) => {
            node.refuse(
                "config.url",
                "an absolute URL without query, `https://id.example.com`",
                error.to_string(),
            );
            None
        }
    }
}

/// Reads a path of the app: absolute, plain, without query.
pub(crate) fn app_path(node: &Node<'_>) -> Option<String> {
    let text = node.string()?;
    let plain = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= limits::RETURN_TO_BYTES
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/-._~@".contains(&b))
        && !text.split('/').any(|segment| segment == "." || segment == "..");
    if !plain {
        node.refuse(
            "config.path",
            "a path of the app, `/login`: letters, digits and `-._~@`, no query",
            "",
        );
        return None;
    }
    Some(text.to_owned())
}

/// Reads a list of app paths.
pub(crate) fn app_paths(node: &Node<'_>) -> Vec<String> {
    node.one_or_more()
        .unwrap_or_default()
        .iter()
        .filter_map(app_path)
        .collect()
}
