//! From a request's cookies to the one session that counts.

use std::cell::RefCell;

use serde_json::Value;

use super::memo::Memo;
use super::own::{Opened, OwnFormat};
use super::provider::jwt::JwtFormat;
use super::sealed::KeyRing;
use super::select::{self, Candidate};
use super::tombstone::Tombstones;
use super::{Pointer, SessionError};
use crate::base::{Timestamp, limits};
use crate::message::cookie::Cookies;

/// A format, ready to open values.
#[derive(Debug)]
pub enum Codec {
    /// The gate's own.
    Edgeward(OwnFormat),
    /// A JWT signed with a shared secret.
    Jwt(JwtFormat),
}

/// A session cookie's name with everything that belongs to it.
#[derive(Debug)]
pub struct Slot {
    /// Tells the slots of a gate apart in the memo.
    pub number: u16,
    /// The cookie's name.
    pub cookie: String,
    /// Opens its values.
    pub codec: Codec,
    /// The tombstone cookie's name.
    pub tombstone_cookie: String,
    /// Opens and seals tombstones.
    pub tombstone_keys: KeyRing,
    /// Whether the cookies carry `Secure`; not on plain-http loopback.
    pub secure: bool,
}

/// What a look-up is made against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Now.
    pub now: Timestamp,
    /// The audience of this request's origin.
    pub audience: &'a str,
    /// Sessions that began earlier are none.
    pub not_before: Option<Timestamp>,
    /// Where roles are, in the claims.
    pub roles: Option<&'a Pointer>,
}

/// What the cookies hold.
#[derive(Debug)]
pub struct Lookup {
    /// The session and the value that it came from, or why there is none.
    pub found: Result<(String, Opened), SessionError>,
    /// Whether the name occurred at all.
    pub present: bool,
    /// What was signed out in this browser.
    pub tombstones: Tombstones,
}

impl Slot {
    /// Opens all values of the name and selects the one that counts (semantics 4.1, 4.6).
    #[must_use]
    pub fn look_up(&self, cookies: &Cookies<'_>, terms: &Terms<'_>, memo: &RefCell<Memo>) -> Lookup {
        let mut tombstones = Tombstones::default();
        for value in cookies
            .values(&self.tombstone_cookie)
            .take(limits::VALUES_PER_NAME)
        {
            tombstones.merge(Tombstones::open(&self.tombstone_keys, value, terms.now));
        }
        let mut values: Vec<&str> = Vec::new();
        for value in cookies.values(&self.cookie) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let present = !values.is_empty();
        let found = self.open_all(&values, terms, &tombstones, memo);
        Lookup {
            found,
            present,
            tombstones,
        }
    }

    fn open_all(
        &self,
        values: &[&str],
        terms: &Terms<'_>,
        tombstones: &Tombstones,
        memo: &RefCell<Memo>,
    ) -> Result<(String, Opened), SessionError> {
        if values.len() > limits::VALUES_PER_NAME {
            return Err(SessionError::Ambiguous);
        }
        let mut bytes = 0_usize;
        let mut candidates = Vec::with_capacity(values.len());
        for value in values {
            bytes = bytes.saturating_add(value.len());
            if bytes > limits::CRYPTO_BYTES {
                return Err(SessionError::TooMuchWork);
            }
            let outcome = self
                .open(value, terms, memo)
                .and_then(|opened| judge(opened, terms, tombstones));
            candidates.push(Candidate {
                value: (*value).to_owned(),
                outcome,
            });
        }
        select::select(candidates)
    }

    fn open(&self, value: &str, terms: &Terms<'_>, memo: &RefCell<Memo>) -> Result<Opened, SessionError> {
        if let Some(opened) = memo
            .borrow_mut()
            .get(self.number, value, terms.audience, terms.now)
        {
            return Ok(opened);
        }
        let mut opened = match &self.codec {
            Codec::Edgeward(format) => format.open(value, terms.audience, terms.now)?,
            Codec::Jwt(format) => format.open(value, terms.now)?,
        };
        if let (true, Some(pointer)) = (opened.session.roles.is_empty(), terms.roles) {
            opened.session.roles = roles_at(pointer, &opened.session.claims);
        }
        memo.borrow_mut().put(self.number, value, terms.audience, &opened);
        Ok(opened)
    }
}

/// What is judged on every use, memo hits included.
fn judge(opened: Opened, terms: &Terms<'_>, tombstones: &Tombstones) -> Result<Opened, SessionError> {
    let session = &opened.session;
    if terms
        .not_before
        .is_some_and(|not_before| session.born < not_before)
    {
        return Err(SessionError::TooOld);
    }
    if session
        .session_id
        .as_deref()
        .is_some_and(|id| tombstones.contains(id))
    {
        return Err(SessionError::Tombstoned);
    }
    Ok(opened)
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
