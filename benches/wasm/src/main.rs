//! The same natively: a line for each number of rules, with the least and the median of many short rounds, in nanoseconds a decision.

#![allow(clippy::disallowed_methods, reason = "a benchmark has a clock")]
use std::time::Instant;

use edgeward_bench_wasm::Loaded;

const TIMES: usize = 1_024;
const ROUNDS: usize = 400;

fn main() {
    let sizes = [10, 100, 1_000, 10_000].map(|rules| (rules, Loaded::new(rules)));
    let mut rounds = [const { Vec::new() }; 4];
    // The sizes take turns, so that whatever else the machine does meets all of them.
    for _ in 0..ROUNDS {
        for ((_, loaded), rounds) in sizes.iter().zip(&mut rounds) {
            let begun = Instant::now();
            assert_eq!(loaded.run(TIMES), TIMES, "everybody comes in");
            rounds.push(begun.elapsed().as_nanos() / TIMES as u128);
        }
    }
    for ((rules, _), rounds) in sizes.iter().zip(&mut rounds) {
        rounds.sort_unstable();
        println!("{rules} {} {}", rounds[0], rounds[ROUNDS / 2]);
    }
}
