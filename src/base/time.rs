//! Points in time. The core never asks for one: the host passes a [`Moment`] into each call.

use super::Entropy;

/// Whole seconds since 1970-01-01T00:00:00Z, the `NumericDate` of RFC 7519 section 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A point in time from seconds since the epoch.
    ///
    /// ```
    /// # use edgeward::base::Timestamp;
    /// assert_eq!(Timestamp::from_secs(10).plus(5).as_secs(), 15);
    /// ```
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// This point moved by `secs`, saturating, so that a hostile claim cannot wrap it round.
    #[must_use]
    pub const fn plus(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs))
    }

    /// Seconds from `earlier` to this point, saturating; negative when `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// When a call is made, and the only randomness it may use.
///
/// Each call gets its own: not `Clone`, so that no seed is used twice. A replayed call gets a fresh seed too.
#[derive(Debug)]
pub struct Moment {
    /// The host's clock, in milliseconds since the epoch.
    pub now_ms: u64,
    /// Fresh randomness for this call; see [`Entropy`].
    pub entropy: Entropy,
}

impl Moment {
    /// A moment at `now_ms` milliseconds since the epoch with 32 bytes of fresh randomness.
    #[must_use]
    pub const fn new(now_ms: u64, seed: [u8; 32]) -> Self {
        Self {
            now_ms,
            entropy: Entropy::from_seed(seed),
        }
    }

    /// The moment in whole seconds, as claims count them.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_secs(i64::try_from(self.now_ms / 1000).unwrap_or(i64::MAX))
    }
}
