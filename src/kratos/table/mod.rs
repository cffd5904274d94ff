//! Which request goes through the tunnel: segment-exact, with methods, by mount (semantics 7.1).
//!
//! ```
//! use edgeward::kratos::table::{Kind, Lookup, Mount, Table};
//! use edgeward::kratos::Flow;
//!
//! let table = Table::new(vec![Mount::Root]);
//! let Lookup::Found(found) = table.find("GET", "/self-service/login/browser") else { panic!("in the table") };
//! assert_eq!((found.kind, found.upstream_path), (Kind::Init(Flow::Login), "/self-service/login/browser"));
//! assert_eq!(table.find("DELETE", "/self-service/login/browser"), Lookup::MethodNotAllowed("GET, HEAD"));
//! assert_eq!(table.find("GET", "/self-service-x"), Lookup::None);
//! ```

mod rows;

pub use rows::{ROWS, Row};

use super::Flow;

/// Where the identity server's paths appear on the app's own origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mount {
    /// `/`: the paths stand beside the app's own, so only those that say whose they are.
    Root,
    /// `/api/.ory`: a place of their own, so the whole table.
    ApiOry,
}

impl Mount {
    /// Parses the config's spelling.
    ///
    /// ```
    /// # use edgeward::kratos::table::Mount;
    /// assert_eq!(Mount::parse("/api/.ory"), Some(Mount::ApiOry));
    /// assert_eq!(Mount::parse("/api/.ory/"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "/" => Some(Self::Root),
            "/api/.ory" => Some(Self::ApiOry),
            _ => None,
        }
    }

    /// What stands before the identity server's path: nothing, or `/api/.ory`.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::ApiOry => "/api/.ory",
        }
    }
}

/// What a row of the table does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Inits a browser flow.
    Init(Flow),
    /// Inits a native flow, or ends a native session (`/self-service/logout/api`).
    Native(Flow),
    /// Gets a flow by its id; the one kind of tunnelled request that is idempotent.
    Get(Flow),
    /// Submits a flow, by form, by mail link or on the way back from a re-login; for logout, ends the session.
    Submit(Flow),
    /// The return from a social sign-in.
    Callback,
    /// The description of an error.
    Error,
    /// Who the session belongs to.
    Whoami,
    /// The visitor's sessions: listed, ended.
    Sessions,
    /// A native app trades a code for a session token.
    TokenExchange,
    /// Identity schemas.
    Schemas,
    /// The script that drives WebAuthn and passkeys.
    Script,
    /// A page or resource that Ory Network itself hosts.
    Hosted,
}

/// What a path asks for beyond the paths that every config has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposed {
    /// Always there.
    Always,
    /// `/sessions…` at `/`: only when named in `kratos.expose`.
    Sessions,
    /// `/schemas…` at `/`: only when named in `kratos.expose`.
    Schemas,
    /// Only with `native = true`, at any mount.
    Native,
    /// Only when the upstream is an Ory Network host.
    Network,
}

/// The table of one config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    mounts: Vec<Mount>,
    sessions: bool,
    schemas: bool,
    native: bool,
    network: bool,
}

/// The answer of [`Table::find`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The request goes up.
    Found(Found<'a>),
    /// The path is the identity server's, the method is not one that it has; the value of `Allow`.
    MethodNotAllowed(&'static str),
    /// Not a path of the tunnel: the app's.
    None,
}

/// A request that goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// The mount that the request came in by; what comes back is mapped to the same.
    pub mount: Mount,
    /// The path on the identity server, without the base path of its URL. Byte-equal to what arrived.
    pub upstream_path: &'a str,
    /// What the row does.
    pub kind: Kind,
    /// A GET that changes something or can be used once; see [`Found::goes_up`].
    pub one_shot: bool,
    /// The row is there for native apps (`native = true`).
    pub native: bool,
}

/// What the gate knows of the request's purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// A person goes to the page.
    pub navigation: bool,
    /// A prefetch or an RSC request: nobody has asked for the effect.
    pub speculative: bool,
}

impl Found<'_> {
    /// Whether the request may reach the identity server: a one-shot GET only on a navigation or when a script asks
    /// for JSON, and never on speculation (semantics 7.4: the prefetch of a logout link must not sign anybody out).
    #[must_use]
    pub fn goes_up(&self, purpose: Purpose, accept: Option<&str>) -> bool {
        !self.one_shot || (!purpose.speculative && (purpose.navigation || accept.is_some_and(accepts_json)))
    }
}

impl Table {
    /// The table at the given mounts, first match wins, with nothing exposed beyond the self-service paths.
    #[must_use]
    pub const fn new(mounts: Vec<Mount>) -> Self {
        Self {
            mounts,
            sessions: false,
            schemas: false,
            native: false,
            network: false,
        }
    }

    /// Exposes `/sessions…` and `/schemas…` at `/` (`kratos.expose`).
    #[must_use]
    pub const fn exposing(mut self, sessions: bool, schemas: bool) -> Self {
        self.sessions = sessions;
        self.schemas = schemas;
        self
    }

    /// Adds the flows of native apps and the token exchange (`kratos.native`).
    #[must_use]
    pub const fn with_native(mut self, native: bool) -> Self {
        self.native = native;
        self
    }

    /// Adds the pages that Ory Network hosts; `network` is [`Upstream::is_ory_network`](super::Upstream::is_ory_network).
    #[must_use]
    pub const fn with_ory_network(mut self, network: bool) -> Self {
        self.network = network;
        self
    }

    /// The mount under which the gate's own links to flows are made.
    #[must_use]
    pub fn first_mount(&self) -> Mount {
        self.mounts.first().copied().unwrap_or(Mount::Root)
    }

    /// Whether native apps are served.
    #[must_use]
    pub const fn is_native(&self) -> bool {
        self.native
    }

    /// Finds the row for a method and the raw path as it arrived, query excluded. One spelling only (semantics 2.3).
    #[must_use]
    pub fn find<'a>(&self, method: &str, path: &'a str) -> Lookup<'a> {
        for &mount in &self.mounts {
            let Some(upstream_path) = path.strip_prefix(mount.prefix()).filter(|p| p.starts_with('/')) else {
                continue;
            };
            let mut rows = ROWS.iter().filter(|row| self.has(mount, row));
            // The first row that fits decides: `/sessions/whoami` is no session's id.
            let Some(row) = rows.find(|row| row.matches(upstream_path)) else {
                continue;
            };
            if !row.methods().any(|m| m == method) {
                return Lookup::MethodNotAllowed(row.allow);
            }
            return Lookup::Found(Found {
                mount,
                upstream_path,
                kind: row.kind,
                one_shot: row.one_shot && matches!(method, "GET" | "HEAD"),
                native: row.exposed == Exposed::Native,
            });
        }
        Lookup::None
    }

    const fn has(&self, mount: Mount, row: &Row) -> bool {
        match row.exposed {
            Exposed::Always => true,
            Exposed::Sessions => self.sessions || matches!(mount, Mount::ApiOry),
            Exposed::Schemas => self.schemas || matches!(mount, Mount::ApiOry),
            Exposed::Native => self.native,
            Exposed::Network => self.network,
        }
    }
}

/// Whether an `Accept` value names `application/json` itself, with a quality above zero (RFC 9110 section 12.5.1).
fn accepts_json(accept: &str) -> bool {
    accept.split(',').any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let json = parts
            .next()
            .is_some_and(|t| t.eq_ignore_ascii_case("application/json"));
        json && !parts.any(|p| {
            p.split_once('=').is_some_and(|(name, q)| {
                name.trim().eq_ignore_ascii_case("q") && q.trim().bytes().all(|b| matches!(b, b'0' | b'.'))
            })
        })
    })
}
