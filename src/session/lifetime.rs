//! How long a session lasts and when it is sealed anew (semantics 3.2, 5.1).

use crate::base::Timestamp;

/// The two bounds of the config, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// From one seal to the next.
    pub idle: i64,
    /// From the start of the session, whatever happens.
    pub absolute: i64,
}

impl Lifetimes {
    /// `exp` of a seal made at `now`: the earliest of idle, absolute and the hard end.
    ///
    /// ```
    /// # use edgeward::base::Timestamp;
    /// # use edgeward::session::Lifetimes;
    /// let at = Timestamp::from_secs;
    /// let lifetimes = Lifetimes { idle: 100, absolute: 1000 };
    /// assert_eq!(lifetimes.expires_at(at(50), at(0), None), at(150));
    /// assert_eq!(lifetimes.expires_at(at(950), at(0), None), at(1000));
    /// assert_eq!(lifetimes.expires_at(at(50), at(0), Some(at(60))), at(60));
    /// ```
    #[must_use]
    pub fn expires_at(self, now: Timestamp, born: Timestamp, end: Option<Timestamp>) -> Timestamp {
        let bound = now.plus(self.idle).min(born.plus(self.absolute));
        end.map_or(bound, |end| bound.min(end))
    }

    /// Whether a value sealed at `issued_at` may be sealed anew: only after a tenth of `idle`.
    #[must_use]
    pub fn roll_due(self, issued_at: Timestamp, now: Timestamp) -> bool {
        now.since(issued_at) > self.idle / 10
    }
}
