//! What a client claims, before anybody has checked it.

use std::fmt;

/// A value that was only parsed or decoded. Only `open` and `verify` unwrap it.
#[derive(Clone, PartialEq)]
pub struct Unverified<T>(T);

impl<T> Unverified<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(value)
    }

    /// Looks at the claim, to *choose*: which format, which key, whether a key set is worth asking for.
    ///
    /// # Security
    /// Anybody can write this value. It must not decide who somebody is, what they may do, or which algorithm is used.
    pub const fn peek(&self) -> &T {
        &self.0
    }

    /// The value, now that its authenticator has been checked.
    pub(super) fn verified(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Unverified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unverified(..)")
    }
}
