//! Why a value is no session. The operator sees which; the client never does.

/// Absent, malformed, unopened, expired … are told apart for the log and for what is done with the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SessionError {
    /// There is no value under any of the names.
    #[error("no session cookie")]
    Absent,
    /// It has no possible form, or a mandatory claim is missing or of an odd type.
    #[error("malformed session value")]
    Malformed,
    /// No key opened it.
    #[error("the session value did not open")]
    Unopened,
    /// It ended.
    #[error("the session has ended")]
    Expired,
    /// It says that it ended; nobody verified that, or the app renews it itself. The cookie is left alone.
    #[error("the session has lapsed")]
    Lapsed,
    /// It is for another audience.
    #[error("the session is for another audience")]
    Audience,
    /// It began before `session.not_before`.
    #[error("the session began before not_before")]
    TooOld,
    /// It was signed out in this browser.
    #[error("the session was signed out")]
    Tombstoned,
    /// It is a copy of another upstream session than the one beside it.
    #[error("the sealed copy stands for another upstream session")]
    Unbound,
    /// Values of two subjects stand under one name, or too many values.
    #[error("more than one session under one name")]
    Ambiguous,
    /// A bearer token beside another person's cookie. Neither is touched.
    #[error("a bearer token beside another subject's cookie")]
    Mixed,
    /// Its key is in no key set, for now; no cookie is touched (semantics 10.1).
    #[error("the key of the token is not known")]
    UnknownKey,
    /// The request's budget for cryptography is spent.
    #[error("too much work for one request")]
    TooMuchWork,
}

impl SessionError {
    /// Whether the gate may expire the cookie: only what it opened and found ended, or found ambiguous (semantics 4.5).
    #[must_use]
    pub const fn expires_cookie(self) -> bool {
        matches!(
            self,
            Self::Expired | Self::TooOld | Self::Tombstoned | Self::Ambiguous
        )
    }
}
