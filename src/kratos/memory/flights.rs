//! How many whoami calls are under way.

use crate::base::limits;
use crate::session::Binding;

/// The calls under way in this isolate: at most 32, half of them kept for visitors who hold a valid copy, so that a
/// flood of invented cookies never takes a signed-in visitor's place. Requests that ask the same at once share one call of
/// the host, and so one place.
#[derive(Debug, Default)]
pub struct Flights {
    last: u64,
    under_way: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    flight: Flight,
    binding: Binding,
    started_ms: u64,
    holder: bool,
    shared: bool,
}

/// A call that somebody wants to make.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The session that is asked about.
    pub binding: Binding,
    /// The visitor shows a valid copy.
    pub holder: bool,
    /// The host may answer it with another request's call.
    pub share: bool,
}

/// A place that was given; hand it back with [`Flights::land`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Flight(u64);

impl Flight {
    /// In the place of a call that another request makes.
    const PASSENGER: Self = Self(0);

    /// Whether the call is this request's own.
    #[must_use]
    pub fn is_own(self) -> bool {
        self != Self::PASSENGER
    }
}

impl Flights {
    /// No call under way.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            last: 0,
            under_way: Vec::new(),
        }
    }

    /// Takes a place; `None` is 503 with `Retry-After`.
    ///
    /// A place whose request died with its client is freed by time: no callback is counted on (semantics 9.2).
    pub fn depart(&mut self, question: Question, now_ms: u64) -> Option<Flight> {
        let Question {
            binding,
            holder,
            share,
        } = question;
        self.under_way
            .retain(|e| now_ms.saturating_sub(e.started_ms) < LONGEST_FLIGHT_MS);
        let joins =
            |e: &Entry| e.shared && e.binding == binding && now_ms.saturating_sub(e.started_ms) < SHARED_MS;
        if share && self.under_way.iter().any(joins) {
            return Some(Flight::PASSENGER);
        }
        let strangers = self.under_way.iter().filter(|e| !e.holder).count();
        if self.under_way.len() >= limits::WHOAMI_IN_FLIGHT
            || (!holder && strangers >= limits::WHOAMI_IN_FLIGHT / 2)
        {
            return None;
        }
        self.last = self.last.saturating_add(1);
        let flight = Flight(self.last);
        self.under_way.push(Entry {
            flight,
            binding,
            started_ms: now_ms,
            holder,
            shared: share,
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

/// How long a host lets others wait for a call (semantics 9.2).
const SHARED_MS: u64 = 1_000;
/// A call ends by its own timeout; a second more for its answer to be handed over.
const LONGEST_FLIGHT_MS: u64 = limits::WHOAMI_TIMEOUT_MS as u64 + 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn about(cookie: &str, holder: bool) -> Question {
        Question {
            binding: Binding::of("ory_kratos_session", cookie),
            holder,
            share: true,
        }
    }

    /// `count` visitors, each with a session of their own.
    fn visitors(flights: &mut Flights, from: usize, holder: bool, now_ms: u64) -> Vec<Flight> {
        (from..from + 100)
            .filter_map(|n| flights.depart(about(&n.to_string(), holder), now_ms))
            .collect()
    }

    #[test]
    fn half_the_places_are_kept_for_holders() {
        let mut flights = Flights::new();
        let strangers = visitors(&mut flights, 0, false, 0);
        assert_eq!(strangers.len(), 16);
        let holders = visitors(&mut flights, 200, true, 0);
        assert_eq!(holders.len(), 16);
        assert_eq!(flights.len(), 32);
        flights.land(holders[0]);
        flights.land(holders[0]);
        assert!(
            flights.depart(about("x", false), 0).is_none(),
            "the free place is a holder's"
        );
        assert!(flights.depart(about("y", true), 0).is_some());
        assert!(flights.depart(about("z", true), 0).is_none());
        flights.land(strangers[0]);
        assert!(flights.depart(about("x", false), 0).is_some());
    }

    #[test]
    fn holders_alone_may_fill_every_place() {
        let mut flights = Flights::new();
        assert_eq!(visitors(&mut flights, 0, true, 0).len(), 32);
        assert!(flights.depart(about("x", false), 0).is_none());
    }

    #[test]
    fn who_asks_the_same_at_once_takes_one_place() {
        let mut flights = Flights::new();
        let first = flights.depart(about("ann", false), 0).unwrap();
        assert!(first.is_own());
        for now in 0..999 {
            let flight = flights.depart(about("ann", now % 2 == 0), now).unwrap();
            assert!(!flight.is_own());
            flights.land(flight);
        }
        assert_eq!(flights.len(), 1, "a passenger that lands ends no call");
        let alone = Question {
            share: false,
            ..about("ann", false)
        };
        assert!(flights.depart(alone, 0).unwrap().is_own(), "asked for itself");
        assert!(
            flights.depart(about("ann", false), 1_000).unwrap().is_own(),
            "too old to be waited for"
        );
        assert!(!flights.depart(about("ann", false), 1_000).unwrap().is_own());
        assert!(flights.depart(about("bob", false), 1_000).unwrap().is_own());
        assert_eq!(flights.len(), 4);
    }

    #[test]
    fn places_of_dead_requests_are_freed_by_time() {
        let mut flights = Flights::new();
        let first = flights.depart(about("ann", true), 0).unwrap();
        assert_eq!(visitors(&mut flights, 0, true, 0).len(), 31);
        assert!(flights.depart(about("x", true), 5_999).is_none());
        let later = flights.depart(about("x", true), 6_000).unwrap();
        assert_ne!(first, later);
        flights.land(first);
        assert_eq!(flights.len(), 1, "a late landing frees nobody else's place");
    }
}
