//! The identity server as the config names it.

use crate::base::Secret;
use crate::message::host::Host;
use crate::message::url::{BaseUrl, Scheme};

/// Where the identity server is, which names it goes by, and which cookies are its own.
#[derive(Debug, Clone)]
pub struct Upstream {
    base: BaseUrl,
    names: Vec<BaseUrl>,
    session_cookie: String,
    network: Option<OryNetwork>,
}

/// What is sent to an Ory Network host and to no other.
#[derive(Debug, Clone, Default)]
pub struct OryNetwork {
    /// The project's API token, which lets the project believe `Ory-Base-URL-Rewrite`.
    pub token: Option<Secret>,
}

/// A URL that cannot be an identity server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// Plain http to another machine (semantics 7.3).
    #[error("an identity server is reached by https unless it is on the loopback")]
    Insecure,
    /// A cookie name outside RFC 6265's token.
    #[error("not a cookie name")]
    CookieName,
}

impl UpstreamError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Insecure => "kratos.insecure",
            Self::CookieName => "kratos.cookie_name",
        }
    }
}

impl Upstream {
    /// The identity server at `base` (`kratos.url`), whose session cookie has the default name.
    ///
    /// # Errors
    /// [`UpstreamError::Insecure`] for http to anything but the loopback.
    ///
    /// ```
    /// use edgeward::kratos::{Upstream, UpstreamError};
    /// use edgeward::message::url::BaseUrl;
    ///
    /// let far = BaseUrl::parse("http://id.example.com").unwrap();
    /// assert_eq!(Upstream::new(far).unwrap_err(), UpstreamError::Insecure);
    /// assert!(Upstream::new(BaseUrl::parse("http://127.0.0.1:4433/kratos").unwrap()).is_ok());
    /// ```
    pub fn new(base: BaseUrl) -> Result<Self, UpstreamError> {
        if base.origin().scheme() == Scheme::Http && !base.origin().is_loopback() {
            return Err(UpstreamError::Insecure);
        }
        Ok(Self::over_binding(base))
    }

    /// The identity server behind a service binding: the URL only names it, nothing goes over a network.
    #[must_use]
    pub fn over_binding(base: BaseUrl) -> Self {
        let network = is_ory_network_host(base.origin().host()).then(OryNetwork::default);
        Self {
            names: vec![base.clone()],
            base,
            session_cookie: DEFAULT_SESSION_COOKIE.to_owned(),
            network,
        }
    }

    /// Another URL under which the identity server speaks of itself: its own `serve.public.base_url`, a custom domain.
    #[must_use]
    pub fn also_known_as(mut self, name: BaseUrl) -> Self {
        if !self.names.contains(&name) {
            self.names.push(name);
        }
        self
    }

    /// The name of its session cookie (`session.cookie.name` of Kratos).
    ///
    /// # Errors
    /// [`UpstreamError::CookieName`] for anything but token characters.
    pub fn with_session_cookie(mut self, name: &str) -> Result<Self, UpstreamError> {
        if name.is_empty() || name.len() > 128 || !name.bytes().all(is_token_byte) {
            return Err(UpstreamError::CookieName);
        }
        name.clone_into(&mut self.session_cookie);
        Ok(self)
    }

    /// Says that it is an Ory Network project (a custom domain does not show it), with the project's API token.
    #[must_use]
    pub fn on_ory_network(mut self, network: OryNetwork) -> Self {
        self.network = Some(network);
        self
    }

    /// The URL that requests go to.
    #[must_use]
    pub const fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// Every URL that it goes by, the one that requests go to first.
    #[must_use]
    pub fn names(&self) -> &[BaseUrl] {
        &self.names
    }

    /// The name of its session cookie.
    #[must_use]
    pub fn session_cookie(&self) -> &str {
        &self.session_cookie
    }

    /// What an Ory Network project is sent; `None` for any other host.
    #[must_use]
    pub const fn ory_network(&self) -> Option<&OryNetwork> {
        self.network.as_ref()
    }

    /// Whether it is an Ory Network project.
    #[must_use]
    pub const fn is_ory_network(&self) -> bool {
        self.network.is_some()
    }

    /// Whether a cookie is the identity server's: the session, the CSRF tokens (one for each of its base URLs), and
    /// what carries a flow through a social sign-in. Source: `tests/vectors/kratos-1.3.1/cookies.txt`.
    #[must_use]
    pub fn owns_cookie(&self, name: &str) -> bool {
        name == self.session_cookie
            || name == CONTINUITY_COOKIE
            || name.strip_prefix(CSRF_COOKIE_PREFIX).is_some_and(|hash| {
                (1..=64).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit())
            })
    }
}

fn is_ory_network_host(host: &Host) -> bool {
    ORY_NETWORK_SUFFIXES
        .iter()
        .any(|suffix| host.as_str().ends_with(suffix))
}

const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

const DEFAULT_SESSION_COOKIE: &str = "ory_kratos_session";
const CONTINUITY_COOKIE: &str = "ory_kratos_continuity";
const CSRF_COOKIE_PREFIX: &str = "csrf_token_";
const ORY_NETWORK_SUFFIXES: &[&str] = &[".projects.oryapis.com", ".projects.staging.oryapis.dev"];
