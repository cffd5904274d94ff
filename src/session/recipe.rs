//! What a format is: one value of [`Recipe`], short data and one function that makes it ready.
//!
//! ```text
//! Cookie ── gather (names, chunk rule) ─▶ Presented ── Format::open ─▶ Opening ─▶ Opened { Session, … }
//!                                                                  └─ Verify, NeedsKeys: the host's turn
//! ```

use std::fmt;
use std::rc::Rc;

use super::format::Format;
use super::provider;
use super::setup::{Setup, SetupError};

/// One session format of the wild: everything that documentation, config and look-up need to know about it.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// The name in the config: `nextauth-v4`.
    pub name: &'static str,
    /// The library and version that it was verified against; empty for the gate's own, and in wasm.
    pub library: &'static str,
    /// The cookie names as the library has them, the one for https first; `<…>` stands for an option.
    pub names: &'static [&'static str],
    /// How a long value is spread over cookies.
    pub chunks: Chunks,
    /// What opens it.
    pub keys: Keys,
    /// Config keys that only this format has.
    pub options: &'static [Opt],
    /// What it can do and what it knows.
    pub can: Can,
    /// Paths under which the library signs out, by its defaults: nothing is rolled there.
    pub logout: &'static [&'static str],
    /// First tokens of pointers into data that the user can edit (semantics 1.8).
    pub user_editable: &'static [&'static str],
    /// Where the gate is stricter than the library, one sentence each; none in wasm.
    pub stricter: &'static [&'static str],
    /// What nobody can know of it at the edge, one sentence each; none in wasm.
    pub cannot: &'static [&'static str],
    /// Checks options before there are secrets; then makes the format ready. `None` for the own format, which is not
    /// built from options.
    pub build: Option<Build>,
}

/// What makes a format ready.
pub type Build = fn(&Setup<'_>) -> Result<Built, SetupError>;

/// A format that is ready, and the cookie names that it is read under.
#[derive(Debug, Clone)]
pub struct Built {
    /// The names, the one to write under first.
    pub names: Vec<String>,
    /// Opens and seals.
    pub format: Rc<dyn Format>,
}

/// What opens a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// `secrets`, each of at least so many bytes.
    Secrets(usize),
    /// `keys` or `jwks`; the recipe may know the address of the set.
    Public,
    /// `secrets`, `keys` or `jwks`, by algorithm.
    Either,
    /// `secrets` for the seal and `keys` or `jwks` for the token in it.
    Both(usize),
}

/// What a format can do and what it knows (semantics 5.4). A config that asks for more is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Can {
    /// The gate can make values of it.
    pub seal: bool,
    /// A value may be sealed anew with a later end.
    pub roll: bool,
    /// Sessions of other formats can be sealed in it.
    pub adopt: bool,
    /// It may stand in `accept`: its values live as long as the session does.
    pub accept: bool,
    /// Its values are short-lived on purpose, and the app renews them: the gate neither rolls nor ends them.
    pub renewed: bool,
    /// Its values are bound to the gate's own `audience`.
    pub audience: bool,
    /// It may come as `Authorization: Bearer`.
    pub bearer: bool,
    /// It knows when the session began.
    pub born: bool,
    /// It knows when the person authenticated.
    pub auth_time: bool,
    /// It knows the assurance level.
    pub aal: bool,
    /// It knows whether the e-mail address is verified.
    pub verified_email: bool,
    /// It knows an id of the login.
    pub session_id: bool,
}

impl Can {
    /// Nothing at all; recipes add to it.
    pub const NOTHING: Self = Self {
        seal: false,
        roll: false,
        adopt: false,
        accept: false,
        renewed: false,
        audience: false,
        bearer: false,
        born: false,
        auth_time: false,
        aal: false,
        verified_email: false,
        session_id: false,
    };

    /// The capabilities by name, for the generated table.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, bool); 11] {
        [
            ("roll", self.roll),
            ("adopt", self.adopt),
            ("accept", self.accept),
            ("renewed by the app", self.renewed),
            ("audience", self.audience),
            ("bearer", self.bearer),
            ("start", self.born),
            ("auth time", self.auth_time),
            ("aal", self.aal),
            ("verified e-mail", self.verified_email),
            ("session id", self.session_id),
        ]
    }
}

/// How a long value is spread over cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunks {
    /// It never is.
    Never,
    /// Numbered cookies.
    Numbered(Numbered),
}

/// The rule of a library that numbers its chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbered {
    /// Between name and number: `.` or `__`; empty in Kinde.
    pub joint: &'static str,
    /// The first number; the bare name is number zero where this is one.
    pub first: usize,
    /// Whether the bare name wins over chunks, or is the first part of the whole.
    pub bare: Bare,
    /// What a missing number means.
    pub gap: Gap,
    /// Characters of a value that still go into one cookie.
    pub whole: usize,
    /// Characters of a chunk.
    pub piece: usize,
    /// Chunks that the library reads at most.
    pub most: usize,
}

/// What the cookie with the bare name is beside chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// The whole value: chunks beside it are leftovers.
    Wins,
    /// The first part of the value.
    Begins,
}

/// What a missing number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// The value ends before it.
    Ends,
    /// The chunks are no value.
    Refused,
    /// Nothing: what is there is joined in order.
    Skipped,
}

/// A config key of one format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opt {
    /// The key.
    pub key: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What is accepted, in words.
    pub accepted: &'static str,
}

/// What a config key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text or a list of texts.
    Texts,
    /// An `https` URL, or one of a loopback host.
    Url,
    /// `true` or `false`.
    Flag,
    /// A duration.
    Duration,
    /// One or more of these words.
    Words(&'static [&'static str]),
}

/// Shorthand for a recipe's list of options.
pub(crate) const fn opt(key: &'static str, kind: Kind, accepted: &'static str) -> Opt {
    Opt { key, kind, accepted }
}

/// The recipe of a name, in this build.
#[must_use]
pub fn find(name: &str) -> Option<&'static Recipe> {
    provider::all().into_iter().find(|recipe| recipe.name == name)
}

/// Formats that nobody can verify without a call, with the way out (semantics 5.4).
pub const OPAQUE: &[(&str, &str)] = &[
    ("kratos", WHOAMI),
    ("ory", WHOAMI),
    ("ory-kratos", WHOAMI),
    ("nextauth-database", DATABASE),
    ("authjs-database", DATABASE),
    ("auth0-stateful", DATABASE),
    ("better-auth-database", COOKIE_CACHE),
    ("lucia", DATABASE),
    ("express-session", DATABASE),
    ("connect-redis", DATABASE),
    (
        "stytch-opaque",
        "use `stytch`: the session JWT in `stytch_session_jwt` can be verified at the edge",
    ),
    ("database", DATABASE),
    ("opaque", DATABASE),
];

const WHOAMI: &str = "the cookie holds an opaque token: configure `[kratos]` with `format = \"edgeward\"`, and the gate asks \
                      whoami and keeps a sealed copy; or tokenise sessions and use `ory-jwt`";
const DATABASE: &str = "the cookie holds an id of a row: switch the library to its JWT or stateless sessions, or leave these \
                        routes `public` here and let the origin look the session up";
const COOKIE_CACHE: &str = "switch on the library's `session.cookieCache` and use `better-auth`";

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recipe").field(&self.name).finish()
    }
}
