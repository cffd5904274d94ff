//! Upstream cookies that whoami has just refused.

use std::collections::VecDeque;

use edgeward_primitives::sip;

use crate::base::limits;

type Tag = u128;

/// The last refusals (401), by keyed hash, for 15 s each: a visitor who repeats a dead cookie costs one call, and a
/// flood of dead cookies pushes out the oldest entries, never the bound.
pub struct Refusals {
    key: [u8; 16],
    entries: VecDeque<(Tag, u64)>,
}

impl Refusals {
    /// An empty list under a random key of this isolate, so that nobody can aim at an entry.
    #[must_use]
    pub const fn new(key: [u8; 16]) -> Self {
        Self {
            key,
            entries: VecDeque::new(),
        }
    }

    /// Remembers that a call asked at `asked_ms` found no session for this value.
    pub fn remember(&mut self, cookie_name: &str, cookie_value: &str, asked_ms: u64) {
        let tag = self.tag(cookie_name, cookie_value);
        self.entries.retain(|(t, _)| *t != tag);
        if self.entries.len() >= limits::REFUSALS {
            self.entries.pop_front();
        }
        self.entries.push_back((tag, asked_ms));
    }

    /// Whether this value was refused within the last 15 s.
    #[must_use]
    pub fn has(&self, cookie_name: &str, cookie_value: &str, now_ms: u64) -> bool {
        let tag = self.tag(cookie_name, cookie_value);
        let found = self.entries.iter().find(|(t, _)| *t == tag);
        found.is_some_and(|(_, asked)| now_ms.saturating_sub(*asked) < REFUSAL_MS)
    }

    /// How many values are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn tag(&self, cookie_name: &str, cookie_value: &str) -> Tag {
        sip::tag24(
            &self.key,
            &[cookie_name.as_bytes(), &[0], cookie_value.as_bytes()],
        )
    }
}

impl std::fmt::Debug for Refusals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refusals")
            .field("len", &self.entries.len())
            .finish_non_exhaustive()
    }
}

const REFUSAL_MS: u64 = limits::REFUSAL_SECS.unsigned_abs() * 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_exactly_what_was_refused_and_not_for_long() {
        let mut refusals = Refusals::new([7; 16]);
        refusals.remember("ory_kratos_session", "dead", 1_000);
        for (name, value, now, want) in [
            ("ory_kratos_session", "dead", 1_000, true),
            ("ory_kratos_session", "dead", 15_999, true),
            ("ory_kratos_session", "dead", 16_000, false),
            ("ory_kratos_session", "dead", 500, true),
            ("ory_kratos_session", "Dead", 1_000, false),
            ("ory_kratos_session", "dead ", 1_000, false),
            ("ory_kratos_session", "", 1_000, false),
            ("ory_kratos_sessio", "ndead", 1_000, false),
            ("ory_kratos_session\0", "dead", 1_000, false),
            ("other", "dead", 1_000, false),
        ] {
            assert_eq!(refusals.has(name, value, now), want, "{name} {value} {now}");
        }
        assert!(!format!("{refusals:?}").contains("dead"));
    }

    #[test]
    fn a_flood_stays_within_the_bound_and_pushes_out_the_oldest() {
        let mut refusals = Refusals::new([7; 16]);
        for n in 0..3 * limits::REFUSALS {
            refusals.remember("c", &n.to_string(), 10);
        }
        assert_eq!(refusals.len(), limits::REFUSALS);
        assert!(!refusals.has("c", "0", 10));
        assert!(refusals.has("c", &(3 * limits::REFUSALS - 1).to_string(), 10));
        refusals.remember("c", &(3 * limits::REFUSALS - 1).to_string(), 10);
        assert_eq!(refusals.len(), limits::REFUSALS, "one entry a value");
    }
}
