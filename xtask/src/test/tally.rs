//! What a test runner says about itself.

use std::ops::AddAssign;

/// Sums over one or more runners.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    /// Ignored, skipped or left to do: this repository has none.
    pub skipped: usize,
    /// Of those that passed, so many only when their file was run once more.
    pub again: usize,
    /// What the runners said about each failure, to stand at the end of a long output, too.
    pub failures: String,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.again += other.again;
        self.failures.push_str(&other.failures);
    }
}

impl Tally {
    /// A check that is one thing.
    pub const ONE: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
        again: 0,
        failures: String::new(),
    };

    /// Every `test result:` line of `cargo test`.
    pub fn of_cargo(output: &str) -> Self {
        let mut sum = Self {
            failures: blocks(output, "failures:", Some("test result: ")),
            ..Self::default()
        };
        for line in output.lines().map(plain) {
            let Some(counts) = line.trim().strip_prefix("test result: ") else {
                continue;
            };
            let count = |word: &str| {
                let part = counts
                    .split([';', '.'])
                    .map(str::trim)
                    .find(|part| part.ends_with(word));
                part.and_then(|part| part.split(' ').next()?.parse().ok())
                    .unwrap_or(0)
            };
            sum += Self {
                passed: count("passed"),
                failed: count("failed"),
                skipped: count("ignored"),
                again: 0,
                failures: String::new(),
            };
        }
        sum
    }

    /// The summary of `node --test`, in its spec and its TAP form.
    pub fn of_node(output: &str) -> Self {
        let mut sum = Self {
            failures: blocks(output, "✖ failing tests:", None),
            ..Self::default()
        };
        for line in output.lines().map(plain) {
            let Some(summary) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) else {
                continue;
            };
            let Some((word, count)) = summary.trim().split_once(' ') else {
                continue;
            };
            let Ok(count) = count.parse::<usize>() else {
                continue;
            };
            match word {
                "pass" => sum.passed += count,
                "fail" | "cancelled" => sum.failed += count,
                "skipped" | "todo" => sum.skipped += count,
                _ => {}
            }
        }
        sum
    }

    /// What the suite comes to: a runner that failed without counting a failure counts as one.
    pub fn judged(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

/// The lines from each one that is `head` to the next that begins with `end`, or to the last.
fn blocks(output: &str, head: &str, end: Option<&str>) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in output.lines().map(plain) {
        inside = line == head || (inside && !end.is_some_and(|end| line.starts_with(end)));
        if inside {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: usize, failed: usize, skipped: usize) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
            ..Tally::default()
        }
    }

    fn counts(tally: Tally) -> Tally {
        super::tests::tally(tally.passed, tally.failed, tally.skipped)
    }

    #[test]
    fn what_failed_is_kept() {
        let cargo = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\nleft: 1\n\nfailures:\n    a\n\ntest result: FAILED. 0 passed; 1 failed\nnext crate";
        let kept = Tally::of_cargo(cargo).failures;
        assert!(
            kept.starts_with("failures:\n\n---- a stdout") && kept.ends_with("    a\n\n"),
            "{kept}"
        );
        let node = "✖ b\nℹ fail 1\n\n\u{1b}[31m✖ failing tests:\u{1b}[39m\n\n✖ b\n  400 !== 200\n";
        assert_eq!(
            Tally::of_node(node).failures,
            "✖ failing tests:\n\n✖ b\n  400 !== 200\n"
        );
        assert_eq!(Tally::of_node("✔ b\nℹ fail 0\n").failures, "");
        assert_eq!(
            Tally::of_cargo("test failures: ... ok\ntest result: ok. 1 passed").failures,
            ""
        );
    }

    #[test]
    fn cargo_lines_are_summed() {
        let rows = [
            (
                "test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
                tally(9, 0, 0),
            ),
            (
                "test result: FAILED. 7 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished",
                tally(7, 2, 1),
            ),
            (
                "test result: \u{1b}[32mok\u{1b}[0m. 3 passed; 0 failed; 0 ignored; 0 measured",
                tally(3, 0, 0),
            ),
            (
                "test result: ok. 1 passed; 0 failed\nx\ntest result: ok. 2 passed; 1 failed",
                tally(3, 1, 0),
            ),
            ("error: could not compile", tally(0, 0, 0)),
            ("test result lines are counted: 8 passed", tally(0, 0, 0)),
            ("", tally(0, 0, 0)),
        ];
        for (output, expected) in rows {
            assert_eq!(counts(Tally::of_cargo(output)), expected, "{output}");
        }
    }

    #[test]
    fn node_summaries_are_read_in_both_forms() {
        let rows = [
            (
                "ℹ tests 5\nℹ suites 0\nℹ pass 4\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms 12.5",
                tally(4, 1, 0),
            ),
            (
                "# tests 3\n# pass 1\n# fail 0\n# cancelled 1\n# skipped 1\n# todo 0",
                tally(1, 1, 1),
            ),
            ("\u{1b}[34mℹ pass 2\u{1b}[39m\nℹ todo 1", tally(2, 0, 1)),
            ("# pass the salt\nℹ pass x\n    # pass 3", tally(0, 0, 0)),
            ("", tally(0, 0, 0)),
        ];
        for (output, expected) in rows {
            assert_eq!(counts(Tally::of_node(output)), expected, "{output}");
        }
    }

    #[test]
    fn a_crash_is_a_failure() {
        assert_eq!(tally(3, 0, 0).judged(false), tally(3, 1, 0));
        assert_eq!(tally(3, 2, 0).judged(false), tally(3, 2, 0));
        assert_eq!(tally(3, 0, 0).judged(true), tally(3, 0, 0));
    }
}
