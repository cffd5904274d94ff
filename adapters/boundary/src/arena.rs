//! Things that wait for the host, by name. Bounded in number and age; each is taken once.

use std::collections::VecDeque;

/// Names one waiting thing: the instance that made it, and 64 random bits.
///
/// A name from another instance, from another request's guess or used before names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name {
    /// The instance's number in its isolate.
    pub generation: u32,
    /// From the host's cryptographic generator.
    pub key: u64,
}

impl Name {
    /// From the halves of a key, as a host keeps them.
    #[must_use]
    pub const fn new(generation: u32, low: u32, high: u32) -> Self {
        Self {
            generation,
            key: (high as u64) << 32 | low as u64,
        }
    }
}

/// The things that wait in one instance.
#[derive(Debug)]
pub struct Arena<T> {
    generation: u32,
    capacity: usize,
    max_age_ms: u64,
    /// Oldest first. Looked through from the end: who comes back soon is found soon, and thousands of pairs are little
    /// work beside a request.
    waiting: VecDeque<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    key: u64,
    since_ms: u64,
    /// Boxed, because others move about when one is taken.
    value: Box<T>,
}

impl<T> Arena<T> {
    /// An arena for instance `generation` that holds at most `capacity` things, each for `max_age_ms` milliseconds.
    #[must_use]
    pub const fn new(generation: u32, capacity: usize, max_age_ms: u64) -> Self {
        Self {
            generation,
            capacity,
            max_age_ms,
            waiting: VecDeque::new(),
        }
    }

    /// Keeps `value` under `key`; the oldest is abandoned when there is no room. `None` when the key is in use, which a
    /// working generator does not do within the age of the universe.
    ///
    /// ```
    /// # use edgeward_boundary::Arena;
    /// let mut arena = Arena::new(1, 8, 1_000);
    /// let name = arena.insert(0xfeed, "waits", 0).unwrap();
    /// assert_eq!(arena.take(name, 10), Some("waits"));
    /// assert_eq!(arena.take(name, 10), None);
    /// ```
    pub fn insert(&mut self, key: u64, value: T, now_ms: u64) -> Option<Name> {
        if self.place(key).is_some() {
            return None;
        }
        self.make_room(now_ms);
        self.waiting.push_back(Entry {
            key,
            since_ms: now_ms,
            value: Box::new(value),
        });
        Some(Name {
            generation: self.generation,
            key,
        })
    }

    /// Takes what `name` names, if it is of this instance, not too old, and was not taken before.
    pub fn take(&mut self, name: Name, now_ms: u64) -> Option<T> {
        if name.generation != self.generation {
            return None;
        }
        let entry = self.waiting.remove(self.place(name.key)?)?;
        (now_ms.saturating_sub(entry.since_ms) <= self.max_age_ms).then_some(*entry.value)
    }

    /// How many things wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn place(&self, key: u64) -> Option<usize> {
        self.waiting.iter().rposition(|entry| entry.key == key)
    }

    fn make_room(&mut self, now_ms: u64) {
        while let Some(oldest) = self.waiting.front() {
            let full = self.waiting.len() >= self.capacity;
            if !full && now_ms.saturating_sub(oldest.since_ms) <= self.max_age_ms {
                break;
            }
            self.waiting.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD_MS: u64 = 1_000;

    fn arena() -> Arena<u32> {
        Arena::new(7, 4, OLD_MS)
    }

    #[test]
    fn what_names_nothing() {
        let rows: &[(&str, Name, u64)] = &[
            (
                "never made",
                Name {
                    generation: 7,
                    key: 2,
                },
                0,
            ),
            (
                "the instance before",
                Name {
                    generation: 6,
                    key: 1,
                },
                0,
            ),
            (
                "the instance behind",
                Name {
                    generation: 8,
                    key: 1,
                },
                0,
            ),
            (
                "too old",
                Name {
                    generation: 7,
                    key: 1,
                },
                OLD_MS + 1,
            ),
        ];
        for (row, name, now_ms) in rows {
            let mut arena = arena();
            arena.insert(1, 10, 0).unwrap();
            assert_eq!(arena.take(*name, *now_ms), None, "{row}");
        }
    }

    #[test]
    fn a_name_is_used_once() {
        let mut arena = arena();
        let name = arena.insert(1, 10, 0).unwrap();
        assert_eq!(arena.take(name, OLD_MS), Some(10));
        assert_eq!(arena.take(name, OLD_MS), None);
        assert!(arena.is_empty());
    }

    #[test]
    fn a_key_in_use_is_refused() {
        let mut arena = arena();
        let name = arena.insert(1, 10, 0).unwrap();
        assert_eq!(arena.insert(1, 11, 0), None);
        assert_eq!(arena.take(name, 0), Some(10));
    }

    #[test]
    fn the_oldest_is_abandoned_first() {
        let mut arena = arena();
        let names: Vec<Name> = (0..6)
            .map(|key| arena.insert(key, key as u32, key).unwrap())
            .collect();
        assert_eq!(arena.len(), 4);
        let left: Vec<Option<u32>> = names.iter().map(|name| arena.take(*name, 6)).collect();
        assert_eq!(left, [None, None, Some(2), Some(3), Some(4), Some(5)]);
    }

    #[test]
    fn the_too_old_give_room_without_pressure() {
        let mut arena = arena();
        arena.insert(1, 1, 0).unwrap();
        arena.insert(2, 2, OLD_MS + 1).unwrap();
        assert_eq!(arena.len(), 1);
    }

    #[test]
    fn a_clock_that_steps_back_ages_nobody() {
        let mut arena = arena();
        let name = arena.insert(1, 1, 5_000).unwrap();
        assert_eq!(arena.take(name, 0), Some(1));
    }

    #[test]
    fn what_was_taken_leaves_nothing_behind_one_that_waits() {
        let mut arena = arena();
        let slow = arena.insert(0, 0, 0).unwrap();
        for key in 1..10_000 {
            let name = arena.insert(key, 1, 0).unwrap();
            assert_eq!(arena.take(name, 0), Some(1));
        }
        assert_eq!(arena.waiting.len(), 1);
        assert_eq!(arena.take(slow, 0), Some(0));
    }

    proptest::proptest! {
        #[test]
        fn never_above_capacity_and_never_twice(steps in proptest::collection::vec((0_u64..12, 0_u64..3_000, proptest::bool::ANY), 0..200)) {
            let mut arena = arena();
            let mut taken = std::collections::BTreeSet::new();
            for (at, (key, now_ms, insert)) in steps.into_iter().enumerate() {
                if insert {
                    if arena.insert(key, at as u32, now_ms).is_some() {
                        taken.remove(&key);
                    }
                } else if arena.take(Name { generation: 7, key }, now_ms).is_some() {
                    proptest::prop_assert!(taken.insert(key), "{key} twice");
                }
                proptest::prop_assert!(arena.len() <= 4);
            }
        }
    }
}
