//! Answers of whoami that no response could carry.

use std::collections::VecDeque;

use crate::base::limits;
use crate::session::Binding;

/// Verdicts that wait for the next request of their visitor, by the binding of the upstream cookie (semantics 6.1).
#[derive(Debug)]
pub struct Verdicts<V> {
    entries: VecDeque<Entry<V>>,
}

#[derive(Debug)]
struct Entry<V> {
    binding: Binding,
    asked_ms: u64,
    until_ms: u64,
    verdict: V,
}

impl<V> Verdicts<V> {
    /// No verdicts.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: VecDeque::new(),
        }
    }

    /// Enters a verdict with the time at which it was *asked*, to be kept for S seconds from then. An older one never
    /// replaces a newer one; of two asked in the same millisecond the one that came first stays.
    pub fn enter(&mut self, binding: Binding, asked_ms: u64, stale_for_secs: u32, verdict: V) {
        if self
            .entries
            .iter()
            .any(|e| e.binding == binding && e.asked_ms >= asked_ms)
        {
            return;
        }
        self.entries.retain(|e| e.binding != binding);
        if self.entries.len() >= limits::VERDICTS {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            binding,
            asked_ms,
            until_ms: asked_ms.saturating_add(u64::from(stale_for_secs) * 1_000),
            verdict,
        });
    }

    /// The verdict on a binding and when it was asked; it counts only where that is later than the copy's `ver`.
    #[must_use]
    pub fn find(&self, binding: &Binding, now_ms: u64) -> Option<(&V, u64)> {
        let entry = self.entries.iter().find(|e| e.binding == *binding)?;
        (now_ms <= entry.until_ms).then_some((&entry.verdict, entry.asked_ms))
    }

    /// Forgets what has ended.
    pub fn sweep(&mut self, now_ms: u64) {
        self.entries.retain(|e| now_ms <= e.until_ms);
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<V> Default for Verdicts<V> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(n: usize) -> Binding {
        Binding::of("c", &n.to_string())
    }

    #[test]
    fn an_older_verdict_never_replaces_a_newer_one() {
        for (first, second, want) in [
            ((10, "old"), (20, "new"), "new"),
            ((20, "new"), (10, "old"), "new"),
            ((10, "first"), (10, "second"), "first"),
        ] {
            let mut verdicts = Verdicts::new();
            for (asked, verdict) in [first, second] {
                verdicts.enter(binding(1), asked, 30, verdict);
            }
            assert_eq!(verdicts.find(&binding(1), 20).map(|(v, _)| *v), Some(want));
            assert_eq!(verdicts.len(), 1);
        }
    }

    #[test]
    fn a_verdict_is_found_for_its_binding_while_it_is_kept() {
        let mut verdicts = Verdicts::new();
        verdicts.enter(binding(1), 1_000, 30, "no");
        for (n, now, want) in [
            (1, 1_000, Some(("no", 1_000))),
            (1, 31_000, Some(("no", 1_000))),
            (1, 31_001, None),
            (1, u64::MAX, None),
            (2, 1_000, None),
        ] {
            assert_eq!(
                verdicts.find(&binding(n), now).map(|(v, asked)| (*v, asked)),
                want,
                "{n} {now}"
            );
        }
        verdicts.sweep(31_001);
        assert!(verdicts.is_empty());
    }

    #[test]
    fn the_table_is_bounded() {
        let mut verdicts = Verdicts::new();
        for n in 0..2 * limits::VERDICTS {
            verdicts.enter(binding(n), 1, 30, n);
        }
        assert_eq!(verdicts.len(), limits::VERDICTS);
        assert!(verdicts.find(&binding(0), 1).is_none());
        assert!(verdicts.find(&binding(2 * limits::VERDICTS - 1), 1).is_some());
    }
}
