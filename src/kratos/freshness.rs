//! How old the copy of a session may be: the arithmetic of semantics 6.1, nothing else.
//!
//! Ages are milliseconds and never counted too young: `ver` is whole seconds rounded down, the clock is not rounded.

use crate::base::Timestamp;

/// The three times of a rule. With `fresh_within = 0` the other two are 0 as well, whatever was asked for.
///
/// ```
/// use edgeward::kratos::freshness::{Bounds, Plan};
///
/// let bounds = Bounds::new(300, None, None);
/// assert_eq!(bounds.plan(200_000), Plan::Serve);
/// assert_eq!(bounds.plan(310_000), Plan::ServeAndAsk);
/// assert_eq!(bounds.plan(400_000), Plan::AskFirst);
/// assert!(bounds.serves_after_error(400_000));
/// assert_eq!(bounds.longest().upstream_up, 330);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    fresh_within: u32,
    stale_for: u32,
    stale_if_error: u32,
}

/// What to do with a copy of a known age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Decide by the copy; no call.
    Serve,
    /// Decide by the copy and ask whoami beside the origin fetch.
    ServeAndAsk,
    /// Ask whoami before the decision.
    AskFirst,
}

/// The longest time for which a session that was revoked is still served, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longest {
    /// While the identity server answers: F + S.
    pub upstream_up: u32,
    /// While it does not: F + max(S, E).
    pub upstream_down: u32,
}

impl Bounds {
    /// Bounds of a rule in seconds, none below 0; `None` takes the default (30 s stale, 10 minutes in trouble).
    #[must_use]
    pub fn new(fresh_within: i64, stale_for: Option<i64>, stale_if_error: Option<i64>) -> Self {
        let secs = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        let unless_zero = |value: i64| if fresh_within <= 0 { 0 } else { secs(value) };
        Self {
            fresh_within: secs(fresh_within),
            stale_for: unless_zero(stale_for.unwrap_or(STALE_FOR_SECS)),
            stale_if_error: unless_zero(stale_if_error.unwrap_or(STALE_IF_ERROR_SECS)),
        }
    }

    /// The plan for a copy of this age. `fresh_within = 0` always asks first.
    #[must_use]
    pub fn plan(&self, age_ms: u64) -> Plan {
        if self.fresh_within == 0 {
            Plan::AskFirst
        } else if age_ms <= ms(self.fresh_within) {
            Plan::Serve
        } else if age_ms <= ms(self.fresh_within) + ms(self.stale_for) {
            Plan::ServeAndAsk
        } else {
            Plan::AskFirst
        }
    }

    /// Whether the copy still serves when whoami gave no answer (refused, timeout, 5xx, 429, breaker open); otherwise
    /// the request is answered 503. Never used after an answer: 401 and 403 end the copy at any age.
    #[must_use]
    pub fn serves_after_error(&self, age_ms: u64) -> bool {
        // Within F + S the copy was served without asking at all; an error cannot make it worse than that.
        self.fresh_within != 0
            && age_ms <= ms(self.fresh_within) + ms(self.stale_for.max(self.stale_if_error))
    }

    /// The bounds that `check` prints for each rule.
    #[must_use]
    pub const fn longest(&self) -> Longest {
        let stale = if self.stale_for > self.stale_if_error {
            self.stale_for
        } else {
            self.stale_if_error
        };
        Longest {
            upstream_up: self.fresh_within.saturating_add(self.stale_for),
            upstream_down: self.fresh_within.saturating_add(stale),
        }
    }

    /// S in seconds: how long a verdict that no response could carry waits for its visitor.
    #[must_use]
    pub const fn stale_for(&self) -> u32 {
        self.stale_for
    }

    /// F in seconds.
    #[must_use]
    pub const fn fresh_within(&self) -> u32 {
        self.fresh_within
    }
}

/// The age of a copy in milliseconds, `None` when `ver` is more than a minute ahead of the clock: such a copy was
/// sealed by a clock that cannot be trusted, and is asked about first.
#[must_use]
pub fn age_ms(now_ms: u64, verified_at: Timestamp) -> Option<u64> {
    let now = i64::try_from(now_ms).ok()?;
    let age = now.checked_sub(verified_at.as_secs().checked_mul(1_000)?)?;
    if age < -CLOCK_TOLERANCE_MS {
        return None;
    }
    Some(age.max(0).unsigned_abs())
}

const fn ms(secs: u32) -> u64 {
    secs as u64 * 1_000
}

const STALE_FOR_SECS: i64 = 30;
const STALE_IF_ERROR_SECS: i64 = 600;
/// Clocks of two edge machines differ by less than this, or one of them is broken.
const CLOCK_TOLERANCE_MS: i64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_at_the_edges() {
        use Plan::{AskFirst, Serve, ServeAndAsk};
        // F, S, E (seconds), age (ms) → plan, serves after an error
        for (f, s, e, age, plan, after) in [
            (0, None, None, 0, AskFirst, false),
            (0, None, None, 1, AskFirst, false),
            (0, Some(30), Some(600), 0, AskFirst, false),
            (60, None, None, 0, Serve, true),
            (60, None, None, 60_000, Serve, true),
            (60, None, None, 60_001, ServeAndAsk, true),
            (60, None, None, 90_000, ServeAndAsk, true),
            (60, None, None, 90_001, AskFirst, true),
            (60, None, None, 660_000, AskFirst, true),
            (60, None, None, 660_001, AskFirst, false),
            (60, Some(0), Some(0), 60_000, Serve, true),
            (60, Some(0), Some(0), 60_001, AskFirst, false),
            (60, Some(120), Some(0), 180_000, ServeAndAsk, true),
            (60, Some(120), Some(0), 180_001, AskFirst, false),
            (60, Some(0), Some(10), 70_000, AskFirst, true),
            (60, Some(0), Some(10), 70_001, AskFirst, false),
            (
                i64::MAX,
                Some(i64::MAX),
                Some(i64::MAX),
                u64::MAX,
                AskFirst,
                false,
            ),
            (-1, Some(30), Some(30), 0, AskFirst, false),
            (60, Some(-1), Some(-1), 60_001, AskFirst, false),
        ] {
            let bounds = Bounds::new(f, s, e);
            assert_eq!(
                (bounds.plan(age), bounds.serves_after_error(age)),
                (plan, after),
                "{f} {s:?} {e:?} {age}"
            );
        }
    }

    #[test]
    fn nothing_is_served_beyond_the_longest_time() {
        for f in [0, 1, 60, 300] {
            for s in [None, Some(0), Some(1), Some(900)] {
                for e in [None, Some(0), Some(1), Some(900)] {
                    let bounds = Bounds::new(f, s, e);
                    let longest = bounds.longest();
                    for age in (0..2_500_000).step_by(500) {
                        if bounds.plan(age) != Plan::AskFirst {
                            assert!(age <= ms(longest.upstream_up), "{bounds:?} {age}");
                        }
                        if bounds.serves_after_error(age) {
                            assert!(age <= ms(longest.upstream_down), "{bounds:?} {age}");
                        }
                    }
                }
            }
        }
        assert_eq!(
            Bounds::new(0, None, None).longest(),
            Longest {
                upstream_up: 0,
                upstream_down: 0
            }
        );
        assert_eq!(
            Bounds::new(300, None, None).longest(),
            Longest {
                upstream_up: 330,
                upstream_down: 900
            }
        );
    }

    #[test]
    fn ages_are_never_too_young() {
        for (now_ms, ver, want) in [
            (10_999, 10, Some(999)),
            (10_000, 10, Some(0)),
            (9_500, 10, Some(0)),
            (10_000, 70, Some(0)),
            (9_999, 70, None),
            (10_000, i64::MAX, None),
            (10_000, i64::MIN, None),
            (u64::MAX, 10, None),
            (0, -5, Some(5_000)),
        ] {
            assert_eq!(age_ms(now_ms, Timestamp::from_secs(ver)), want, "{now_ms} {ver}");
        }
    }
}
