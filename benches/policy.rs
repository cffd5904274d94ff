//! What it costs to find a rule and to judge by it, at 10 to 10,000 rules. `cargo bench --bench policy`
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may panic")]

#[path = "support/rules.rs"]
mod rules;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

use rules::{decide, paths, policy, session};

fn match_and_decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("match_and_decide");
    let session = session();
    for rules in [10, 100, 1_000, 10_000] {
        let (policy, paths) = (policy(rules), paths(rules));
        assert!(paths.iter().all(|path| decide(&policy, path, &session)));
        let mut next = paths.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter(rules), |bencher| {
            bencher.iter(|| {
                decide(
                    black_box(&policy),
                    black_box(next.next().unwrap()),
                    black_box(&session),
                )
            });
        });
    }
    group.finish();
}

/// The paths that cost most: every reading is formed and looked up.
fn odd_paths(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("odd_paths");
    let (policy, session) = (policy(1_000), session());
    for (name, path) in [
        ("escape", "/team1/projects/a%20b/edit"),
        ("encoded_slash", "/api/v1/team1/group%2Fname"),
        ("data", "/_next/data/BUILD/team1.json"),
        ("long", &format!("/api/v1/team1/{}", "a/".repeat(250))),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| decide(black_box(&policy), black_box(path), black_box(&session)));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().without_plots();
    targets = match_and_decide, odd_paths
}
criterion_main!(benches);
