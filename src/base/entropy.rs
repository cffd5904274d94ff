//! Randomness as an argument.

use std::fmt;

use edgeward_primitives::{derive, sip};

/// 32 bytes from the host's generator, stretched to what one call needs with HKDF (RFC 5869).
///
/// Not `Clone`, and fresh for each call: a seed used twice repeats initialization vectors, which gives GCM's key away.
pub struct Entropy {
    seed: [u8; 32],
    drawn: u32,
}

impl Entropy {
    /// Entropy from 32 bytes of the host's cryptographic generator.
    #[must_use]
    pub const fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The next `N` bytes (at most 8,160, HKDF's bound, far above any use here).
    pub fn draw<const N: usize>(&mut self) -> [u8; N] {
        const { assert!(N <= 255 * 32, "HKDF-SHA256 expands to at most 255 blocks") };
        let mut out = [0; N];
        self.drawn = self.drawn.wrapping_add(1);
        // The seed is uniformly random already: RFC 5869 section 3.3 leaves the extraction out.
        let expanded = derive::expand_sha256(&self.seed, &self.drawn.to_be_bytes(), &mut out);
        debug_assert!(
            expanded,
            "a seed is as long as a digest, and the length is bounded above"
        );
        out
    }

    /// A name for this call: 64 bits that say nothing of the seed to whoever lacks `key`, at a tenth of the price of a
    /// draw. Not for secrets.
    #[must_use]
    pub fn label(&self, key: &[u8; 16]) -> u64 {
        sip::hash24(key, &self.seed)
    }

    /// Entropy of its own for one operation.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self::from_seed(self.draw())
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ_and_repeat_only_with_the_seed() {
        let mut a = Entropy::from_seed([7; 32]);
        let mut b = Entropy::from_seed([7; 32]);
        let (first, second) = (a.draw::<16>(), a.draw::<16>());
        assert_ne!(first, second);
        assert_eq!(first, b.draw::<16>());
        assert_ne!(first, Entropy::from_seed([8; 32]).draw::<16>());
        assert_eq!(format!("{a:?}"), "Entropy(..)");
    }

    #[test]
    fn a_label_is_of_the_seed_and_the_key() {
        let label = |seed: u8, key: u8| Entropy::from_seed([seed; 32]).label(&[key; 16]);
        assert_eq!(label(1, 1), label(1, 1));
        assert_ne!(label(1, 1), label(2, 1));
        assert_ne!(label(1, 1), label(1, 2));
    }
}
