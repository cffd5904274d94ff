//! SHA-2 and SHA-1 (FIPS 180-4) over bytes that are at hand, of which often only the first are kept.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// SHA-256 over these parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().into()
}

/// SHA-256 over these parts, each behind its length in eight bytes, the same on every host: the border between two of them counts.
#[must_use]
pub fn sha256_framed(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// SHA-512.
#[must_use]
pub fn sha512(bytes: &[u8]) -> [u8; 64] {
    Sha512::digest(bytes).into()
}

/// SHA-1, for names that others made with it; it protects nothing here.
#[must_use]
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    Sha1::digest(bytes).into()
}

/// The first `N` bytes of a digest, at most all of it: a name, where that many are enough to be its own.
///
/// ```
/// use edgeward_primitives::digest::{first, sha256};
///
/// assert_eq!(first::<3>(&sha256(&[b"abc"])), [0xba, 0x78, 0x16]); // FIPS 180-4's example
/// ```
#[must_use]
pub fn first<const N: usize>(digest: &[u8; 32]) -> [u8; N] {
    const { assert!(N <= 32, "SHA-256 has 32 bytes") };
    let mut first = [0; N];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = *from;
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of FIPS 180: the digest of `abc` begins so.
    #[test]
    fn published_digests() {
        assert_eq!(first::<4>(&sha256(&[b"abc"])), [0xba, 0x78, 0x16, 0xbf]);
        assert!(sha512(b"abc").starts_with(&[0xdd, 0xaf, 0x35, 0xa1]));
        assert!(sha1(b"abc").starts_with(&[0xa9, 0x99, 0x3e, 0x36]));
    }

    #[test]
    fn borders_count_only_where_they_are_framed() {
        assert_eq!(sha256(&[b"ab", b"c"]), sha256(&[b"a", b"bc"]));
        assert_ne!(sha256_framed(&[b"ab", b"c"]), sha256_framed(&[b"a", b"bc"]));
        assert_ne!(sha256_framed(&[b"ab", b""]), sha256_framed(&[b"ab"]));
    }
}
