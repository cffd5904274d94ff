//! The rows. Source: `tests/vectors/kratos-1.3.1/` (the published document and the router's registrations); a test
//! compares both with this list and with the reasons for what is left out.

use super::super::Flow;
use super::{Exposed, Kind};

/// One path of the identity server's public API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The path; a segment `{…}` stands for one segment, a last segment `*` for one or more.
    pub path: &'static str,
    /// The methods, as `Allow` lists them.
    pub allow: &'static str,
    /// What it does.
    pub kind: Kind,
    /// A GET that changes something or can be used once.
    pub one_shot: bool,
    /// When it is there.
    pub exposed: Exposed,
}

/// A parameter segment longer than this is no provider, session or schema id.
const PARAMETER_BYTES: usize = 256;

const fn row(path: &'static str, allow: &'static str, kind: Kind) -> Row {
    Row {
        path,
        allow,
        kind,
        one_shot: false,
        exposed: Exposed::Always,
    }
}

impl Row {
    const fn once(mut self) -> Self {
        self.one_shot = true;
        self
    }

    const fn when(mut self, exposed: Exposed) -> Self {
        self.exposed = exposed;
        self
    }

    /// The methods.
    pub fn methods(&self) -> impl Iterator<Item = &'static str> {
        self.allow.split(", ")
    }

    /// Whether a raw path is this row's, byte for byte outside its parameters.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut given = path.split('/');
        for wanted in self.path.split('/') {
            let Some(segment) = given.next() else { return false };
            if wanted == "*" {
                return is_segment(segment) && given.all(is_segment);
            }
            let fits = if wanted.starts_with('{') {
                is_segment(segment)
            } else {
                wanted == segment
            };
            if !fits {
                return false;
            }
        }
        given.next().is_none()
    }
}

/// One segment without a second spelling: no escape, no dot segment, no parameter syntax that routers cut off.
fn is_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment.len() <= PARAMETER_BYTES
        && segment.bytes().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'+' | b'=')
        })
}

const G: &str = "GET, HEAD";
const GP: &str = "GET, HEAD, POST";

/// Every row that any config has, in the order in which they are tried.
pub const ROWS: &[Row] = &[
    row("/self-service/login/browser", G, Kind::Init(Flow::Login)).once(),
    row("/self-service/login/api", G, Kind::Native(Flow::Login)).when(Exposed::Native),
    row("/self-service/login/flows", G, Kind::Get(Flow::Login)),
    row("/self-service/login", GP, Kind::Submit(Flow::Login)).once(),
    row(
        "/self-service/registration/browser",
        G,
        Kind::Init(Flow::Registration),
    )
    .once(),
    row(
        "/self-service/registration/api",
        G,
        Kind::Native(Flow::Registration),
    )
    .when(Exposed::Native),
    row(
        "/self-service/registration/flows",
        G,
        Kind::Get(Flow::Registration),
    ),
    row("/self-service/registration", GP, Kind::Submit(Flow::Registration)).once(),
    row("/self-service/settings/browser", G, Kind::Init(Flow::Settings)).once(),
    row("/self-service/settings/api", G, Kind::Native(Flow::Settings)).when(Exposed::Native),
    row("/self-service/settings/flows", G, Kind::Get(Flow::Settings)),
    row("/self-service/settings", GP, Kind::Submit(Flow::Settings)).once(),
    row("/self-service/recovery/browser", G, Kind::Init(Flow::Recovery)).once(),
    row("/self-service/recovery/api", G, Kind::Native(Flow::Recovery)).when(Exposed::Native),
    row("/self-service/recovery/flows", G, Kind::Get(Flow::Recovery)),
    row("/self-service/recovery", GP, Kind::Submit(Flow::Recovery)).once(),
    row(
        "/self-service/verification/browser",
        G,
        Kind::Init(Flow::Verification),
    )
    .once(),
    row(
        "/self-service/verification/api",
        G,
        Kind::Native(Flow::Verification),
    )
    .when(Exposed::Native),
    row(
        "/self-service/verification/flows",
        G,
        Kind::Get(Flow::Verification),
    ),
    row("/self-service/verification", GP, Kind::Submit(Flow::Verification)).once(),
    row("/self-service/logout/browser", G, Kind::Init(Flow::Logout)).once(),
    row("/self-service/logout/api", "DELETE", Kind::Native(Flow::Logout)).when(Exposed::Native),
    row("/self-service/logout", G, Kind::Submit(Flow::Logout)).once(),
    row("/self-service/methods/oidc/callback", G, Kind::Callback).once(),
    row(
        "/self-service/methods/oidc/callback/{provider}",
        GP,
        Kind::Callback,
    )
    .once(),
    row("/self-service/errors", G, Kind::Error),
    row("/sessions/whoami", G, Kind::Whoami),
    row("/sessions/token-exchange", G, Kind::TokenExchange)
        .once()
        .when(Exposed::Native),
    row("/sessions", "GET, HEAD, DELETE", Kind::Sessions).when(Exposed::Sessions),
    row("/sessions/{id}", "DELETE", Kind::Sessions).when(Exposed::Sessions),
    row("/schemas", G, Kind::Schemas).when(Exposed::Schemas),
    row("/schemas/{id}", G, Kind::Schemas).when(Exposed::Schemas),
    row("/.well-known/ory/webauthn.js", G, Kind::Script),
    row("/.well-known/ory/*", G, Kind::Hosted).when(Exposed::Network),
    row("/ui", GP, Kind::Hosted).when(Exposed::Network),
    row("/ui/*", GP, Kind::Hosted).when(Exposed::Network),
    row("/.ory/*", GP, Kind::Hosted).when(Exposed::Network),
];
