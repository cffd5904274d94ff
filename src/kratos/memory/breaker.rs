//! Stops asking an identity server that does not answer.

/// Counts the gate's own whoami calls, never tunnelled traffic (a visitor can make those fail at will).
///
/// Open, it says "not answered" at once, which is judged exactly as a timeout is: a valid copy serves within its
/// bounds, everything else is 503.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    answered_ms: u64,
    failed_ms: u64,
    paused_ms: u64,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            failures: 0,
            answered_ms: 0,
            failed_ms: 0,
            paused_ms: 0,
        }
    }

    /// Whether a call may be made now. While open, one call in two seconds is let through to see.
    pub fn allows(&mut self, now_ms: u64) -> bool {
        if self.failures < FAILURES {
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
            self.failures = 0;
        }
    }

    /// A call asked at `asked_ms` turned out at `now_ms` to be refused, too late or a 5xx. A 429 is not counted: the
    /// server is there.
    pub fn failed(&mut self, asked_ms: u64, now_ms: u64) {
        // A failure that is older than an answer says nothing about now.
        if asked_ms >= self.answered_ms {
            self.failures = self.failures.saturating_add(1);
            self.failed_ms = self.failed_ms.max(asked_ms);
            self.paused_ms = self.paused_ms.max(now_ms);
        }
    }
}

/// In a row. Fewer would let one lost connection stop the calls of everybody in the isolate.
const FAILURES: u32 = 5;
const PAUSE_MS: u64 = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn opened_at(ms: u64) -> Breaker {
        let mut breaker = Breaker::new();
        (0..5).for_each(|_| breaker.failed(ms, ms));
        breaker
    }

    #[test]
    fn opens_after_five_failures_in_a_row() {
        let mut breaker = Breaker::new();
        for n in 0..4 {
            breaker.failed(100, 100);
            assert!(breaker.allows(100), "{n}");
        }
        breaker.answered(100);
        (0..4).for_each(|_| breaker.failed(101, 101));
        assert!(breaker.allows(101), "an answer starts the count again");
        breaker.failed(102, 102);
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
        breaker.failed(5_000, 6_000);
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
        (0..32).for_each(|_| breaker.failed(0, 5_000));
        assert!(!breaker.allows(5_000));
        assert!(!breaker.allows(6_999));
        assert!(breaker.allows(7_000));
    }

    #[test]
    fn late_news_does_not_replace_newer() {
        let mut breaker = opened_at(1_000);
        breaker.answered(999);
        assert!(!breaker.allows(1_500), "an answer asked before the failures");
        breaker.answered(1_200);
        assert!(breaker.allows(1_500));
        (0..9).for_each(|_| breaker.failed(1_100, 1_600));
        assert!(breaker.allows(1_700), "failures asked before the answer");
    }
}
