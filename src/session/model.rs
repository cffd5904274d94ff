//! The session, the same for every format.

use serde_json::{Map, Value};

use crate::base::Timestamp;

/// An authenticated, unexpired session for this audience (invariant 2). Only `open` and `verify` code makes one.
#[derive(Clone, PartialEq)]
pub struct Session {
    /// `sub`: the identity, never empty.
    pub subject: String,
    /// `sid`: this login, where the format knows one.
    pub session_id: Option<String>,
    /// Where it came from.
    pub source: Source,
    /// When the session began; never moves.
    pub born: Timestamp,
    /// When this value was sealed or signed.
    pub issued_at: Timestamp,
    /// When this value ends.
    pub expires_at: Timestamp,
    /// When the person last proved who they are; `None` where the format does not know.
    pub auth_time: Option<Timestamp>,
    /// `ver`: when the identity server last confirmed the session (semantics 6.1).
    pub verified_at: Option<Timestamp>,
    /// Assurance level; `None` where the format does not know.
    pub aal: Option<Aal>,
    /// Authentication methods, RFC 8176.
    pub amr: Vec<String>,
    /// The e-mail address, with what is known of its verification.
    pub email: Option<Email>,
    /// Roles, read through the one pointer of the config (semantics 1.8).
    pub roles: Vec<String>,
    /// The claims that rules and the origin may see.
    pub claims: Map<String, Value>,
}

impl std::fmt::Debug for Session {
    /// Without subject and claims (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("source", &self.source)
            .field("aal", &self.aal)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// `src`: which kind of session this is; the kind says what it may satisfy (semantics 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A sealed copy of a Kratos session.
    Kratos,
    /// The app's own session, in the configured format.
    Own,
    /// Made by the gate as a relying party.
    Oidc,
    /// Moved from another format; it meets `session` and roles, never assurance or freshness.
    Accepted(String),
}

/// Authenticator assurance level, as Kratos names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aal {
    /// Nothing proved.
    Aal0,
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
    /// A hardware-bound factor.
    Aal3,
}

impl Aal {
    /// Parses the wire name, exactly.
    ///
    /// ```
    /// # use edgeward::session::Aal;
    /// assert_eq!(Aal::parse("aal2"), Some(Aal::Aal2));
    /// assert_eq!(Aal::parse("AAL2"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "aal0" => Self::Aal0,
            "aal1" => Self::Aal1,
            "aal2" => Self::Aal2,
            "aal3" => Self::Aal3,
            _ => return None,
        })
    }

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal0 => "aal0",
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
            Self::Aal3 => "aal3",
        }
    }
}

/// An e-mail address and whether it was verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    /// The address as the format has it.
    pub address: String,
    /// `Some(true)` only where the identity server says so; `None` where the format does not know.
    pub verified: Option<bool>,
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Email")
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}
