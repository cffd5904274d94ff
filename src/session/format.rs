//! What a format does: it opens what a request presents, and may make values of its own.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::chunk;
use super::keys::{KeySets, KeyUse, SourceId};
use super::own::Opened;
use super::recipe::Chunks;
use super::{SessionError, chunk::Gathered};
use crate::base::{Entropy, Timestamp, limits};
use crate::jose::jws::VerifyRequest;
use crate::message::cookie::Cookies;

/// A value as a request presents it, chunks joined.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Presented {
    /// Which of the format's names it stands under.
    pub name: usize,
    /// The value, joined and percent-decoded where the library does so.
    pub value: String,
    /// The pairs that make it up, as they were sent; empty where it is one pair, of this very value.
    pub pairs: Vec<(String, String)>,
    /// Values of other cookies that it is judged with.
    pub beside: Vec<(&'static str, String)>,
    /// Whether it is the token of an `Authorization` field, bare.
    pub bearer: bool,
}

impl Presented {
    /// One cookie, as it was sent.
    #[must_use]
    pub fn plain(name: usize, value: &str) -> Self {
        Self {
            name,
            value: value.to_owned(),
            ..Self::default()
        }
    }

    /// The token of an `Authorization` field.
    #[must_use]
    pub fn bearer(token: &str) -> Self {
        Self {
            bearer: true,
            ..Self::plain(0, token)
        }
    }

    /// A value that stands beside it.
    #[must_use]
    pub fn beside(&self, name: &str) -> Option<&str> {
        self.beside
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Presented {
    /// Without values (invariant 7).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("name", &self.name)
            .field("pairs", &self.pairs.len())
            .finish_non_exhaustive()
    }
}

/// When, for whom and with what means a value is opened.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// Now, in milliseconds since the epoch.
    pub now_ms: u64,
    /// The audience of this request's origin.
    pub audience: &'a str,
    /// What is left of the request's budget.
    pub budget: &'a Budget,
    /// The key sets.
    pub key_sets: &'a RefCell<KeySets>,
}

impl At<'_> {
    /// Now, in whole seconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_secs(i64::try_from(self.now_ms / 1000).unwrap_or(i64::MAX))
    }
}

/// What one request may spend on cryptography (semantics 4.6).
#[derive(Debug)]
pub struct Budget {
    bytes: Cell<usize>,
    trials: Cell<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: Cell::new(limits::CRYPTO_BYTES),
            trials: Cell::new(limits::TRIAL_OPENS),
        }
    }
}

impl Budget {
    /// Spends the bytes of a value.
    ///
    /// # Errors
    /// `TooMuchWork` when they are not there.
    pub fn bytes(&self, count: usize) -> Result<(), SessionError> {
        spend(&self.bytes, count)
    }

    /// Spends the trial of one key.
    ///
    /// # Errors
    /// `TooMuchWork` when there is none left.
    pub fn trial(&self) -> Result<(), SessionError> {
        spend(&self.trials, 1)
    }

    /// How many trials are left; a bound on work is asserted by counting.
    #[must_use]
    pub fn trials_left(&self) -> usize {
        self.trials.get()
    }
}

fn spend(left: &Cell<usize>, count: usize) -> Result<(), SessionError> {
    let rest = left.get().checked_sub(count).ok_or(SessionError::TooMuchWork)?;
    left.set(rest);
    Ok(())
}

/// What comes of opening a value. Exhaustive on purpose.
pub enum Opening {
    /// An authenticated, unexpired session.
    Opened(Box<Opened>),
    /// None, and why.
    Failed(SessionError),
    /// The host must verify a signature first.
    Verify(Box<Verifying>),
    /// A key set must be fetched first; then the value is opened anew.
    NeedsKeys(SourceId),
}

impl Opening {
    /// A result as an opening.
    pub(crate) fn of(result: Result<Opened, SessionError>) -> Self {
        match result {
            Ok(opened) => Self::Opened(Box::new(opened)),
            Err(error) => Self::Failed(error),
        }
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened(opened) => f.debug_tuple("Opened").field(opened).finish(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Verify(_) => f.write_str("Verify(..)"),
            Self::NeedsKeys(source) => f.debug_tuple("NeedsKeys").field(source).finish(),
        }
    }
}

type Then = Box<dyn FnOnce(bool, &At<'_>) -> Opening>;

/// A signature that the host verifies, and the way on.
pub struct Verifying {
    /// What to verify.
    pub request: VerifyRequest,
    /// The key, where it comes from a set that may change.
    pub key: Option<KeyUse>,
    then: Then,
}

impl Verifying {
    pub(crate) fn new(
        request: VerifyRequest,
        key: Option<KeyUse>,
        then: impl FnOnce(bool, &At<'_>) -> Opening + 'static,
    ) -> Self {
        Self {
            request,
            key,
            then: Box::new(then),
        }
    }

    /// Goes on with the host's word; any failure in the host is `false` (semantics 10.1).
    #[must_use]
    pub fn conclude(self, verified: bool, at: &At<'_>) -> Opening {
        (self.then)(verified, at)
    }
}

impl fmt::Debug for Verifying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifying")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// The times of a value that is about to be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Now.
    pub now: Timestamp,
    /// The end of the value.
    pub expires_at: Timestamp,
    /// When the session began; never moves.
    pub born: Timestamp,
    /// The hard end of the session, where it has one.
    pub end: Option<Timestamp>,
}

/// A format that is ready. Read-only ones open and nothing else.
pub trait Format {
    /// Finds the values that the cookies present under the names, by the chunk rule unless the format knows better.
    fn gather(&self, cookies: &Cookies<'_>, names: &[String], chunks: Chunks) -> Gathered {
        chunk::gather(cookies, names, chunks)
    }

    /// Opens a value: the authenticator first, then claims and times.
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening;

    /// What a value holds that this format opened already, whole, to be sealed anew.
    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        let _ = (presented, at);
        None
    }

    /// What a value of this format holds for a session that comes from another one.
    fn draft(&self, moved: &Opened) -> Option<Map<String, Value>> {
        let _ = moved;
        None
    }

    /// Seals a payload under one of the names. `None` for a format that is read-only.
    fn seal(
        &self,
        name: usize,
        payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        let _ = (name, payload, times, entropy);
        None
    }

    /// Every cookie name, beside the names and their chunks, that belongs to a session of this format.
    fn companions(&self, cookies: &Cookies<'_>) -> Vec<String> {
        let _ = cookies;
        Vec::new()
    }
}

// Not `Format: Debug`: every recipe's would be in the wasm, to be printed by nobody.
impl fmt::Debug for dyn Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Format")
    }
}
