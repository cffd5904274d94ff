//! How many whoami calls are under way.

use crate::base::limits;

/// The calls under way in this isolate: at most 32, half of them kept for visitors who hold a valid copy, so that a
/// flood of invented cookies never takes a signed-in visitor's place.
#[derive(Debug, Default)]
pub struct Flights {
    next: u64,
    under_way: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    flight: Flight,
    started_ms: u64,
    holder: bool,
}

/// A place that was given; hand it back with [`Flights::land`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flight(u64);

impl Flights {
    /// No call under way.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            next: 0,
            under_way: Vec::new(),
        }
    }

    /// Takes a place for a visitor who holds a valid copy (`holder`) or who does not; `None` is 503 with `Retry-After`.
    ///
    /// A place whose request died with its client is freed by time: no callback is counted on (semantics 9.2).
    pub fn depart(&mut self, holder: bool, now_ms: u64) -> Option<Flight> {
        self.under_way
            .retain(|e| now_ms.saturating_sub(e.started_ms) < LONGEST_FLIGHT_MS);
        let strangers = self.under_way.iter().filter(|e| !e.holder).count();
        if self.under_way.len() >= limits::WHOAMI_IN_FLIGHT
            || (!holder && strangers >= limits::WHOAMI_IN_FLIGHT / 2)
        {
            return None;
        }
        let flight = Flight(self.next);
        self.next = self.next.wrapping_add(1);
        self.under_way.push(Entry {
            flight,
            started_ms: now_ms,
            holder,
        });
        Some(flight)
    }

    /// Hands a place back. A second time changes nothing.
    pub fn land(&mut self, flight: Flight) {
        self.under_way.retain(|e| e.flight != flight);
    }

    /// How many are under way, dead ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.under_way.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }
}

/// A call ends by its own timeout; a second more for its answer to be handed over.
const LONGEST_FLIGHT_MS: u64 = limits::WHOAMI_TIMEOUT_MS as u64 + 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_places_are_kept_for_holders() {
        let mut flights = Flights::new();
        let strangers: Vec<_> = (0..100).filter_map(|_| flights.depart(false, 0)).collect();
        assert_eq!(strangers.len(), 16);
        let holders: Vec<_> = (0..100).filter_map(|_| flights.depart(true, 0)).collect();
        assert_eq!(holders.len(), 16);
        assert_eq!(flights.len(), 32);
        flights.land(holders[0]);
        flights.land(holders[0]);
        assert!(flights.depart(false, 0).is_none(), "the free place is a holder's");
        assert!(flights.depart(true, 0).is_some());
        assert!(flights.depart(true, 0).is_none());
        flights.land(strangers[0]);
        assert!(flights.depart(false, 0).is_some());
    }

    #[test]
    fn holders_alone_may_fill_every_place() {
        let mut flights = Flights::new();
        assert_eq!((0..100).filter_map(|_| flights.depart(true, 0)).count(), 32);
        assert!(flights.depart(false, 0).is_none());
    }

    #[test]
    fn places_of_dead_requests_are_freed_by_time() {
        let mut flights = Flights::new();
        let first = flights.depart(true, 0).unwrap();
        (0..31).for_each(|_| assert!(flights.depart(true, 0).is_some()));
        assert!(flights.depart(true, 5_999).is_none());
        let later = flights.depart(true, 6_000).unwrap();
        assert_ne!(first, later);
        flights.land(first);
        assert_eq!(flights.len(), 1, "a late landing frees nobody else's place");
    }
}
