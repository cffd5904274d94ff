//! What was opened already: a bounded map from the exact cookie value (design section 5).

use std::hash::BuildHasher;

use hashbrown::HashTable;
use siphasher::sip::SipHasher13;

use super::format::Presented;
use super::keys::KeyUse;
use super::own::Opened;
use crate::base::{Entropy, Timestamp};

/// Opened sessions by cookie value, in two generations: when the young one is full it becomes the old one, and what
/// was old and not asked for again is gone. Nothing here extends a lifetime: an entry is dropped at its session's end,
/// and bindings, tombstones and freshness are judged by the caller on every use.
#[derive(Debug)]
pub struct Memo {
    hasher: Keyed,
    half: usize,
    young: HashTable<Entry>,
    old: HashTable<Entry>,
}

#[derive(Debug)]
struct Entry {
    slot: u32,
    value: String,
    beside: Vec<(&'static str, String)>,
    audience: String,
    opened: Opened,
    used: Vec<KeyUse>,
}

impl Entry {
    fn is(&self, slot: u32, presented: &Presented, audience: &str) -> bool {
        self.slot == slot
            && self.value == presented.value
            && self.beside == presented.beside
            && self.audience == audience
    }

    fn lives(&self, now: Timestamp, holds: impl Fn(&[KeyUse]) -> bool) -> bool {
        now < self.opened.session.expires_at && (self.used.is_empty() || holds(&self.used))
    }
}

/// SipHash under a random key: a visitor who picks cookie values cannot pick collisions.
#[derive(Debug, Clone)]
struct Keyed([u8; 16]);

impl BuildHasher for Keyed {
    type Hasher = SipHasher13;
    fn build_hasher(&self) -> SipHasher13 {
        SipHasher13::new_with_key(&self.0)
    }
}

impl Memo {
    /// An empty memo of at most `capacity` entries.
    #[must_use]
    pub fn new(capacity: usize, entropy: &mut Entropy) -> Self {
        Self {
            hasher: Keyed(entropy.draw()),
            half: (capacity / 2).max(1),
            young: HashTable::new(),
            old: HashTable::new(),
        }
    }

    /// The session that a value opened to under this slot and audience, if it has not ended and its keys still hold.
    pub fn get(
        &mut self,
        slot: u32,
        presented: &Presented,
        audience: &str,
        now: Timestamp,
        holds: impl Fn(&[KeyUse]) -> bool,
    ) -> Option<Opened> {
        let hash = self.hash(slot, &presented.value);
        let same = |entry: &Entry| entry.is(slot, presented, audience);
        if let Ok(entry) = self.young.find_entry(hash, same) {
            if entry.get().lives(now, holds) {
                return Some(entry.get().opened.clone());
            }
            entry.remove();
            return None;
        }
        let entry = self.old.find_entry(hash, same).ok()?.remove().0;
        if !entry.lives(now, holds) {
            return None;
        }
        let opened = entry.opened.clone();
        self.insert(hash, entry);
        Some(opened)
    }

    /// Remembers what a value opened to, and with which keys of which sets.
    pub fn put(
        &mut self,
        slot: u32,
        presented: &Presented,
        audience: &str,
        opened: &Opened,
        used: Vec<KeyUse>,
    ) {
        let hash = self.hash(slot, &presented.value);
        let same = |entry: &Entry| entry.is(slot, presented, audience);
        if self.young.find(hash, same).is_none() {
            let entry = Entry {
                slot,
                value: presented.value.clone(),
                beside: presented.beside.clone(),
                audience: audience.to_owned(),
                opened: opened.clone(),
                used,
            };
            self.insert(hash, entry);
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn insert(&mut self, hash: u64, entry: Entry) {
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        let hasher = self.hasher.clone();
        self.young
            .insert_unique(hash, entry, |entry| hash_one(&hasher, entry.slot, &entry.value));
    }

    fn hash(&self, slot: u32, value: &str) -> u64 {
        hash_one(&self.hasher, slot, value)
    }
}

fn hash_one(hasher: &Keyed, slot: u32, value: &str) -> u64 {
    hasher.hash_one((slot, value))
}
