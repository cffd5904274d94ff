//! SipHash (Aumasson and Bernstein) under a random key: a visitor who picks the input cannot pick collisions.

use std::hash::Hasher as _;

use siphasher::sip::{SipHasher13, SipHasher24};
use siphasher::sip128::{Hasher128 as _, SipHasher24 as Wide};

/// SipHash-1-3 to 64 bits, for tables.
#[must_use]
pub fn hash13(key: &[u8; 16], bytes: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new_with_key(key);
    hasher.write(bytes);
    hasher.finish()
}

/// SipHash-2-4 to 64 bits.
#[must_use]
pub fn hash24(key: &[u8; 16], bytes: &[u8]) -> u64 {
    let mut hasher = SipHasher24::new_with_key(key);
    hasher.write(bytes);
    hasher.finish()
}

/// SipHash-2-4 to 128 bits, of several parts in a row.
#[must_use]
pub fn tag24(key: &[u8; 16], parts: &[&[u8]]) -> u128 {
    let mut hasher = Wide::new_with_key(key);
    for part in parts {
        hasher.write(part);
    }
    hasher.finish128().as_u128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authors_vector() {
        // Of the reference implementation's test vectors: the key 00..0f, the message 00..0e.
        let key: [u8; 16] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        assert_eq!(hash24(&key, &key[..15]), 0xa129_ca61_49be_45e5);
        assert_ne!(hash13(&key, &key[..15]), hash24(&key, &key[..15]));
        assert_eq!(tag24(&key, &[&key[..3], &key[3..]]), tag24(&key, &[&key]));
        assert_ne!(tag24(&key, &[&key]), tag24(&[0; 16], &[&key]));
    }
}
