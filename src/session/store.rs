//! From a request's cookies to the one session that counts: what a gate reads, and what a look-up finds.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;

use super::accept::Accepting;
use super::chunk;
use super::format::{At, Budget, Format, Presented, Times};
use super::keys::KeySets;
use super::mapping::UNKNOWN;
use super::memo::Memo;
use super::own::{Opened, OwnFormat, Sealed};
use super::recipe::Recipe;
use super::sealed::KeyRing;
use super::tombstone::Tombstones;
use super::{Lifetimes, Pointer, SessionError};
use crate::base::{Entropy, Timestamp, limits};
use crate::message::cookie::Cookies;

/// A format, ready to open values.
#[derive(Debug)]
pub enum Codec {
    /// The gate's own.
    Own(OwnFormat),
    /// Another one.
    Foreign(Rc<dyn Format>),
}

/// A session format with everything that belongs to it.
#[derive(Debug)]
pub struct Slot {
    /// Tells the slots of a gate apart in the memo.
    pub number: u16,
    /// What the format is.
    pub recipe: &'static Recipe,
    /// The cookie names that it is read under, the one to write under first.
    pub names: Vec<String>,
    /// Opens its values.
    pub codec: Codec,
    /// Whether cookies are read.
    pub from_cookie: bool,
    /// Whether bearer tokens are read.
    pub from_bearer: bool,
    /// Whether the gate may write values of it.
    pub write: bool,
    /// The bounds that every value sealed here keeps.
    pub lifetimes: Lifetimes,
    /// The tombstone cookie's name.
    pub tombstone_cookie: String,
    /// Opens and seals tombstones.
    pub tombstone_keys: KeyRing,
    /// Whether the cookies carry `Secure`; not on plain-http loopback.
    pub secure: bool,
}

/// Everything that a request's session may come from.
#[derive(Debug)]
pub struct Reader {
    /// The configured format.
    pub slot: Slot,
    /// Formats that sessions are taken over from.
    pub accepts: Vec<Accepting>,
}

/// What a look-up is made against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Now, in milliseconds since the epoch.
    pub now_ms: u64,
    /// The audience of this request's origin.
    pub audience: &'a str,
    /// Sessions that began earlier are none.
    pub not_before: Option<Timestamp>,
    /// Where roles are, in the claims.
    pub roles: Option<&'a Pointer>,
    /// What was opened before.
    pub memo: &'a RefCell<Memo>,
    /// The key sets.
    pub key_sets: &'a RefCell<KeySets>,
}

impl<'a> Terms<'a> {
    /// Now, in whole seconds.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_secs(i64::try_from(self.now_ms / 1000).unwrap_or(i64::MAX))
    }

    pub(super) const fn at(&self, budget: &'a Budget) -> At<'a> {
        At {
            now_ms: self.now_ms,
            audience: self.audience,
            budget,
            key_sets: self.key_sets,
        }
    }
}

/// What the request holds.
#[derive(Debug)]
pub struct Lookup {
    /// The session, or why there is none.
    pub found: Result<Found, SessionError>,
    /// Whether any cookie of the configured format was there.
    pub present: bool,
    /// Cookies that were opened and found ended, or are ambiguous, by format (semantics 4.5).
    pub ended: Vec<(Which, SessionError)>,
    /// What was signed out in this browser.
    pub tombstones: Tombstones,
}

/// The session that counts, and the value that it came from.
#[derive(Debug, Clone)]
pub struct Found {
    /// The value as it was presented.
    pub presented: Presented,
    /// The session; under [`Which::Accept`] as it is under the configured format.
    pub opened: Opened,
    /// Where it came from.
    pub from: Which,
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// A cookie of the configured format.
    Cookie,
    /// The `Authorization` field.
    Bearer,
    /// A cookie of an accepted format, by its number.
    Accept(usize),
}

impl Slot {
    /// The name that the gate writes under.
    #[must_use]
    pub fn cookie(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// Whether a cookie is a value of this format or a chunk of one.
    #[must_use]
    pub fn owns(&self, cookie_name: &str) -> bool {
        chunk::belongs(cookie_name, &self.names, self.recipe.chunks)
    }

    /// Every cookie of this format that a request brings, each name once: what goes when the session does.
    #[must_use]
    pub fn present(&self, cookies: &Cookies<'_>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let companions = match &self.codec {
            Codec::Own(_) => Vec::new(),
            Codec::Foreign(format) => format.companions(cookies),
        };
        let own = cookies.iter().map(|pair| pair.name).filter(|name| self.owns(name));
        for name in own.chain(companions.iter().map(String::as_str)) {
            if !names.iter().any(|known| known == name) && names.len() < limits::EXPIRY_LINES {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The pairs that a presented value stands in, as they go on to the origin.
    #[must_use]
    pub fn pairs(&self, presented: &Presented) -> Vec<(String, String)> {
        if !presented.pairs.is_empty() {
            return presented.pairs.clone();
        }
        let name = self.names.get(presented.name).map_or("", String::as_str);
        vec![(name.to_owned(), presented.value.clone())]
    }

    /// The pairs of a value that was sealed under a name: one, or its chunks.
    #[must_use]
    pub fn cut(&self, name: usize, value: &str) -> Option<Vec<(String, String)>> {
        let name = self.names.get(name)?;
        chunk::split(self.recipe.chunks, name, value)
    }

    /// Whether a value may be sealed anew: only after a tenth of `idle` (semantics 5.1).
    #[must_use]
    pub fn roll_due(&self, opened: &Opened, now: Timestamp) -> bool {
        let session = &opened.session;
        if session.issued_at == UNKNOWN {
            let idle = self.lifetimes.idle;
            return session.expires_at.since(now) < idle - idle / 10;
        }
        self.lifetimes.roll_due(session.issued_at, now)
    }

    /// Seals a session that this format opened, with a later end.
    #[must_use]
    pub fn reseal(
        &self,
        presented: &Presented,
        opened: &Opened,
        terms: &Terms<'_>,
        entropy: &mut Entropy,
    ) -> Option<Sealed> {
        if !self.write {
            return None;
        }
        match &self.codec {
            Codec::Own(format) => format.seal(opened, terms.audience, terms.now(), entropy).ok(),
            Codec::Foreign(format) => {
                let budget = Budget::default();
                let payload = format.payload(presented, &terms.at(&budget))?;
                self.seal_foreign(format.as_ref(), presented.name, payload, opened, terms.now(), entropy)
            }
        }
    }

    /// Seals a session that comes from elsewhere, under the first name.
    #[must_use]
    pub fn seal(&self, opened: &Opened, terms: &Terms<'_>, entropy: &mut Entropy) -> Option<Sealed> {
        if !self.write {
            return None;
        }
        match &self.codec {
            Codec::Own(format) => format.seal(opened, terms.audience, terms.now(), entropy).ok(),
            Codec::Foreign(format) => {
                let payload = format.draft(opened)?;
                self.seal_foreign(format.as_ref(), 0, payload, opened, terms.now(), entropy)
            }
        }
    }

    fn seal_foreign(
        &self,
        format: &dyn Format,
        name: usize,
        mut payload: serde_json::Map<String, Value>,
        opened: &Opened,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Option<Sealed> {
        let session = &opened.session;
        // A start that nobody knows is counted from the first seal of ours.
        let born = if session.born == UNKNOWN { now } else { session.born };
        let expires_at = self.lifetimes.expires_at(now, born, opened.end);
        if expires_at <= now {
            return None;
        }
        super::mapping::carry(&mut payload, born, opened.end, Some(&session.source));
        let times = Times {
            now,
            expires_at,
            born,
            end: opened.end,
        };
        let value = format.seal(name, payload, &times, entropy)?;
        Some(Sealed {
            value,
            max_age: expires_at.since(now),
        })
    }
}

/// Roles by pointer: a list of texts, or one text. Anything odd is no role.
#[must_use]
pub fn roles_at(pointer: &Pointer, claims: &serde_json::Map<String, Value>) -> Vec<String> {
    match pointer.find(claims) {
        Some(Value::String(role)) => vec![role.clone()],
        Some(Value::Array(roles)) => {
            let texts: Option<Vec<_>> = roles
                .iter()
                .map(|role| role.as_str().map(str::to_owned))
                .collect();
            texts.unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
