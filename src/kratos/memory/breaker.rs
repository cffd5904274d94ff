//! Stops asking an identity server that does not answer.

use crate::session::Binding;

/// Counts the gate's own whoami calls, never tunnelled traffic (a visitor can make those fail at will).
///
/// Open, it says "not answered" at once, which is judged exactly as a timeout is: a valid copy serves within its
/// bounds, everything else is 503.
#[derive(Debug, Default)]
pub struct Breaker {
    /// The calls that failed in a row, at most [`FAILURES`], by session and time. One that several requests waited for is one
    /// failure, whichever of them is still there to tell.
    failed: Vec<(Binding, u64)>,
    answered_ms: u64,
    failed_ms: u64,
    paused_ms: u64,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            failed: Vec::new(),
            answered_ms: 0,
            failed_ms: 0,
            paused_ms: 0,
        }
    }

    /// Whether a call may be made now. While open, one call in two seconds is let through to see.
    pub fn allows(&mut self, now_ms: u64) -> bool {
        if self.failed.len() < FAILURES {
            return true;
        }
        if now_ms.saturating_sub(self.paused_ms) < PAUSE_MS {
            return false;
        }
        self.paused_ms = now_ms;
        true
    }

    /// A call asked at `asked_ms` was answered, with whatever verdict: 401 and 403 are answers.
    pub fn answered(&mut self, asked_ms: u64) {
        self.answered_ms = self.answered_ms.max(asked_ms);
        if asked_ms >= self.failed_ms {
            self.failed.clear();
        }
    }

    /// A call about a session, asked at `asked_ms`, turned out at `now_ms` to be refused, too late or a 5xx. A 429 is not
    /// counted: the server is there.
    pub fn failed(&mut self, about: Binding, asked_ms: u64, now_ms: u64) {
        // A failure that is older than an answer says nothing about now.
        if asked_ms < self.answered_ms || self.failed.contains(&(about, asked_ms)) {
            return;
        }
        if self.failed.len() < FAILURES {
            self.failed.push((about, asked_ms));
        }
        self.failed_ms = self.failed_ms.max(asked_ms);
        self.paused_ms = self.paused_ms.max(now_ms);
    }
}

/// In a row. Fewer would let one lost connection stop the calls of everybody in the isolate.
const FAILURES: usize = 5;
const PAUSE_MS: u64 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(n: u32) -> Binding {
        Binding::of("ory_kratos_session", &n.to_string())
    }

    /// The calls of so many visitors fail.
    fn fail(breaker: &mut Breaker, visitors: u32, asked_ms: u64, now_ms: u64) {
        (0..visitors).for_each(|n| breaker.failed(visitor(n), asked_ms, now_ms));
    }

    fn opened_at(ms: u64) -> Breaker {
        let mut breaker = Breaker::new();
        fail(&mut breaker, 5, ms, ms);
        breaker
    }

    #[test]
    fn opens_after_five_failures_in_a_row() {
        let mut breaker = Breaker::new();
        for n in 0..4 {
            breaker.failed(visitor(n), 100, 100);
            assert!(breaker.allows(100), "{n}");
        }
        breaker.answered(100);
        fail(&mut breaker, 4, 101, 101);
        assert!(breaker.allows(101), "an answer starts the count again");
        breaker.failed(visitor(0), 102, 102);
        assert!(!breaker.allows(102));
    }

    #[test]
    fn lets_one_call_through_and_closes_on_its_answer() {
        let mut breaker = opened_at(1_000);
        assert!(!breaker.allows(2_999));
        assert!(breaker.allows(3_000));
        assert!(!breaker.allows(3_000), "one probe");
        assert!(!breaker.allows(4_999));
        assert!(
            breaker.allows(5_000),
            "a probe that died with its client is followed by another"
        );
        breaker.failed(visitor(0), 5_000, 6_000);
        assert!(
            !breaker.allows(7_999),
            "the pause begins when the failure is known"
        );
        assert!(breaker.allows(8_000));
        breaker.answered(8_000);
        assert!(breaker.allows(8_000) && breaker.allows(8_000));
    }

    #[test]
    fn timeouts_of_one_moment_pause_the_calls_from_their_end() {
        let mut breaker = Breaker::new();
        fail(&mut breaker, 32, 0, 5_000);
        assert!(!breaker.allows(5_000));
        assert!(!breaker.allows(6_999));
        assert!(breaker.allows(7_000));
    }

    #[test]
    fn a_call_is_one_failure_however_many_waited_for_it_and_whoever_tells() {
        let mut breaker = Breaker::new();
        for asked in 0..4 {
            (0..50).for_each(|_| breaker.failed(visitor(1), asked, 5_000 + asked));
            assert!(breaker.allows(5_000), "{asked}");
        }
        breaker.failed(visitor(2), 3, 5_004);
        assert!(
            !breaker.allows(5_005),
            "another visitor's call of the same moment"
        );
    }

    #[test]
    fn late_news_does_not_replace_newer() {
        let mut breaker = opened_at(1_000);
        breaker.answered(999);
        assert!(!breaker.allows(1_500), "an answer asked before the failures");
        breaker.answered(1_200);
        assert!(breaker.allows(1_500));
        fail(&mut breaker, 9, 1_100, 1_600);
        assert!(breaker.allows(1_700), "failures asked before the answer");
    }
}
