//! How long a copy of an identity server's session is believed (semantics 6.1).

use crate::base::Timestamp;
use crate::session::Session;

/// The three bounds of a rule, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// F: up to this age nobody is asked.
    fresh_within: i64,
    /// S: for so long after F the request continues while the identity server is asked beside it.
    stale_for: i64,
    /// E: for so long after F the copy serves while the identity server cannot answer.
    stale_if_error: i64,
}

/// What the age of a copy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// Nothing: it is fresh, or no copy of anybody's session.
    Fresh,
    /// Continue, and ask beside the origin fetch.
    AskBeside,
    /// Ask before the decision; when nobody answers, the copy still serves.
    AskBefore,
    /// Ask before the decision; when nobody answers, 503.
    Lapsed,
}

impl Bounds {
    /// Bounds as written; what is left out is the default, and S and E are nothing when F is.
    ///
    /// ```
    /// # use edgeward::policy::Bounds;
    /// let bounds = Bounds::of(300, None, None);
    /// assert_eq!((bounds.longest_up(), bounds.longest_down()), (330, 900));
    /// assert_eq!(Bounds::of(0, None, None).longest_down(), 0);
    /// ```
    #[must_use]
    pub fn of(fresh_within: i64, stale_for: Option<i64>, stale_if_error: Option<i64>) -> Self {
        let or = |written: Option<i64>, default| match (fresh_within, written) {
            (..=0, _) => 0,
            (_, written) => written.unwrap_or(default).max(0),
        };
        Self {
            fresh_within: fresh_within.max(0),
            stale_for: or(stale_for, STALE_FOR_SECS),
            stale_if_error: or(stale_if_error, STALE_IF_ERROR_SECS),
        }
    }

    /// F in seconds.
    #[must_use]
    pub const fn fresh_within(self) -> i64 {
        self.fresh_within
    }

    /// S in seconds.
    #[must_use]
    pub const fn stale_for(self) -> i64 {
        self.stale_for
    }

    /// E in seconds.
    #[must_use]
    pub const fn stale_if_error(self) -> i64 {
        self.stale_if_error
    }

    /// The longest time for which a revoked session is served while the identity server answers: F + S.
    #[must_use]
    pub const fn longest_up(self) -> i64 {
        self.fresh_within.saturating_add(self.stale_for)
    }

    /// The same while it does not: F + max(S, E).
    #[must_use]
    pub fn longest_down(self) -> i64 {
        self.fresh_within
            .saturating_add(self.stale_for.max(self.stale_if_error))
    }

    /// Bounds that hold wherever both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let fresh_within = self.fresh_within.min(other.fresh_within);
        let up = self.longest_up().min(other.longest_up());
        let down = self.longest_down().min(other.longest_down());
        Self {
            fresh_within,
            stale_for: up.saturating_sub(fresh_within),
            stale_if_error: down.saturating_sub(fresh_within),
        }
    }

    /// Whether these are nowhere wider than `other`.
    #[must_use]
    pub fn implies(self, other: Self) -> bool {
        self.fresh_within <= other.fresh_within
            && self.longest_up() <= other.longest_up()
            && self.longest_down() <= other.longest_down()
    }

    /// What the age of a session asks for. Only copies (`verified_at`) age; one from the future has lapsed.
    #[must_use]
    pub fn age(self, session: &Session, now: Timestamp) -> Age {
        let Some(verified_at) = session.verified_at else {
            return Age::Fresh;
        };
        let age = now.since(verified_at);
        if age < -CLOCK_TOLERANCE_SECS {
            return Age::Lapsed;
        }
        // `age ≤ F` with F = 0 would let a copy serve for the rest of its second.
        if age <= self.fresh_within && self.fresh_within > 0 {
            Age::Fresh
        } else if self.fresh_within > 0 && age <= self.longest_up() {
            Age::AskBeside
        } else if self.fresh_within > 0 && age <= self.longest_down() {
            Age::AskBefore
        } else {
            Age::Lapsed
        }
    }
}

impl Default for Bounds {
    /// F = 5 minutes with the default S and E.
    fn default() -> Self {
        Self::of(FRESH_WITHIN_SECS, None, None)
    }
}

/// Default of `kratos.fresh_within`.
pub const FRESH_WITHIN_SECS: i64 = 300;
/// Default of `stale_for`.
pub const STALE_FOR_SECS: i64 = 30;
/// Default of `stale_if_error`.
pub const STALE_IF_ERROR_SECS: i64 = 600;
/// Clocks of the isolates that stamp and read a copy differ by less.
pub const CLOCK_TOLERANCE_SECS: i64 = 60;
