//! What was opened already: a bounded map from the exact cookie value (design section 5).

use edgeward_primitives::sip;
use hashbrown::HashTable;

use super::format::Presented;
use super::keys::KeyUse;
use super::own::Opened;
use crate::base::{Entropy, Timestamp};

/// Opened sessions by cookie value, in two generations: when the young one is full it becomes the old one, and what
/// was old and not asked for again is gone. Nothing here extends a lifetime: an entry is dropped at its session's end,
/// and bindings, tombstones and freshness are judged by the caller on every use.
#[derive(Debug)]
pub struct Memo {
    /// Of SipHash, random: a visitor who picks cookie values cannot pick collisions.
    key: [u8; 16],
    half: usize,
    young: HashTable<Entry>,
    old: HashTable<Entry>,
}

#[derive(Debug)]
struct Entry {
    /// So that nothing is hashed again when the map grows.
    hash: u64,
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

impl Memo {
    /// An empty memo of at most `capacity` entries.
    #[must_use]
    pub fn new(capacity: usize, entropy: &mut Entropy) -> Self {
        Self {
            key: entropy.draw(),
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
        self.insert(entry);
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
                hash,
                slot,
                value: presented.value.clone(),
                beside: presented.beside.clone(),
                audience: audience.to_owned(),
                opened: opened.clone(),
                used,
            };
            self.insert(entry);
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

    fn insert(&mut self, entry: Entry) {
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert_unique(entry.hash, entry, |entry| entry.hash);
    }

    fn hash(&self, slot: u32, value: &str) -> u64 {
        sip::hash13(&self.key, value.as_bytes()) ^ u64::from(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Session, Source};

    fn opened(expires_at: i64) -> Opened {
        let at = Timestamp::from_secs;
        let session = Session {
            subject: "ann".into(),
            session_id: None,
            source: Source::Own,
            born: at(1),
            issued_at: at(1),
            expires_at: at(expires_at),
            auth_time: None,
            verified_at: None,
            aal: None,
            amr: Vec::new(),
            email: None,
            roles: Vec::new(),
            claims: serde_json::Map::new(),
        };
        Opened {
            session,
            binding: None,
            end: None,
        }
    }

    fn memo(capacity: usize) -> Memo {
        Memo::new(capacity, &mut Entropy::from_seed([1; 32]))
    }

    fn has(memo: &mut Memo, slot: u32, presented: &Presented, audience: &str, now: i64) -> bool {
        let now = Timestamp::from_secs(now);
        memo.get(slot, presented, audience, now, |_| true).is_some()
    }

    #[test]
    fn an_entry_is_for_one_value_its_companions_its_place_and_its_time() {
        let value = Presented::plain(0, "v");
        let beside = Presented {
            beside: vec![("uat", "1".to_owned())],
            ..value.clone()
        };
        let mut memo = memo(8);
        memo.put(1, &beside, "a", &opened(100), Vec::new());
        assert!(has(&mut memo, 1, &beside, "a", 99));
        for (slot, presented, audience) in [(2, &beside, "a"), (1, &value, "a"), (1, &beside, "b")] {
            assert!(!has(&mut memo, slot, presented, audience, 99));
        }
        assert!(!has(&mut memo, 1, &beside, "a", 100), "never beyond its end");
        assert!(memo.is_empty(), "and then it is gone");
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_asked_for() {
        let mut memo = memo(64);
        let often = Presented::plain(0, "often");
        memo.put(1, &often, "a", &opened(100), Vec::new());
        for n in 0..10_000 {
            memo.put(
                1,
                &Presented::plain(0, &format!("v{n}")),
                "a",
                &opened(100),
                Vec::new(),
            );
            assert!(memo.len() <= 64 + 1);
            assert!(has(&mut memo, 1, &often, "a", 5), "{n}");
        }
        assert!(!has(&mut memo, 1, &Presented::plain(0, "v0"), "a", 5));
    }

    #[test]
    fn an_entry_dies_with_its_key() {
        let mut sets = crate::session::keys::KeySets::default();
        let id = sets.register("https://id.example/jwks");
        let jwk =
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        sets.enter(id, Some(jwk.as_bytes()), 0, 0);
        let header = crate::jose::header::decode("eyJhbGciOiJFZERTQSJ9.e30.").unwrap();
        let crate::session::keys::Choice::Key(_, used) =
            sets.choose(id, &header, &[crate::jose::Algorithm::EdDsa], 1)
        else {
            panic!("not chosen");
        };
        let mut memo = memo(8);
        let value = Presented::plain(0, "v");
        memo.put(1, &value, "a", &opened(100), vec![used]);
        let now = Timestamp::from_secs(5);
        assert!(
            memo.get(1, &value, "a", now, |used| used
                .iter()
                .all(|used| sets.holds(used, 5)))
                .is_some()
        );
        assert!(memo.get(1, &value, "a", now, |_| false).is_none());
        assert!(memo.get(1, &value, "a", now, |_| true).is_none(), "gone for good");
    }
}
