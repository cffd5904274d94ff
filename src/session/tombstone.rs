//! What was signed out in this browser (semantics 5.2): it stops late responses, not a copied cookie.

use edgeward_primitives::digest;
use serde_json::{Map, Value};

use super::sealed::KeyRing;
use crate::base::{Entropy, Timestamp, base64url, limits};

/// The last few sessions that were signed out, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tombstones(Vec<(String, Timestamp)>);

impl Tombstones {
    /// Opens the cookie; anything that does not open or has ended is no tombstone.
    #[must_use]
    pub fn open(keys: &KeyRing, value: &str, now: Timestamp) -> Self {
        let Ok(claims) = keys.open(value) else {
            return Self::default();
        };
        if claims
            .get("exp")
            .and_then(Value::as_i64)
            .is_none_or(|exp| exp <= now.as_secs())
        {
            return Self::default();
        }
        let pairs = claims
            .get("out")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let read = |pair: &Value| {
            Some((
                pair.get(0)?.as_str()?.to_owned(),
                Timestamp::from_secs(pair.get(1)?.as_i64()?),
            ))
        };
        Self(pairs.iter().filter_map(read).take(limits::TOMBSTONES).collect())
    }

    /// Whether the session was signed out.
    #[must_use]
    pub fn contains(&self, session_id: &str) -> bool {
        let name = name_of(session_id);
        self.0.iter().any(|(known, _)| *known == name)
    }

    /// Adds a session, and forgets the oldest beyond the bound.
    pub fn add(&mut self, session_id: &str, now: Timestamp) {
        let name = name_of(session_id);
        self.0.retain(|(known, _)| *known != name);
        self.0.insert(0, (name, now));
        self.0.truncate(limits::TOMBSTONES);
    }

    /// Joins what two values of the cookie say.
    pub fn merge(&mut self, other: Self) {
        for pair in std::mem::take(&mut self.0).into_iter().chain(other.0) {
            if !self.0.contains(&pair) {
                let at = self.0.partition_point(|(_, time)| *time >= pair.1);
                self.0.insert(at, pair);
            }
        }
        self.0.truncate(limits::TOMBSTONES);
    }

    /// Seals the cookie value; it must outlive the sessions it names, hence `max_age`.
    #[must_use]
    pub fn seal(
        &self,
        keys: &KeyRing,
        now: Timestamp,
        max_age: i64,
        entropy: &mut Entropy,
    ) -> Option<String> {
        let pairs: Vec<Value> = self
            .0
            .iter()
            .map(|(name, time)| Value::from(vec![Value::from(&**name), Value::from(time.as_secs())]))
            .collect();
        let mut claims = Map::new();
        claims.insert("out".to_owned(), Value::Array(pairs));
        claims.insert("exp".to_owned(), Value::from(now.plus(max_age).as_secs()));
        keys.seal(&claims, entropy)
    }
}

/// A hash, so that the cookie does not carry session ids.
fn name_of(session_id: &str) -> String {
    base64url::encode(digest::first::<12>(&digest::sha256(&[session_id.as_bytes()])))
}
