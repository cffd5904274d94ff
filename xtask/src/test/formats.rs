//! Session formats against the libraries that write them: the vectors that those made, and the libraries themselves, live.

use std::process::Command;

use super::tally::Tally;
use super::{rust, scripts};
use crate::fault::{Outcome, read};
use crate::{bench, node, paths, run, vectors};

pub(super) fn suite() -> Outcome<Tally> {
    let filters = ["--test", "it", "--", "interop_", "session::", "jose_", "bearer"];
    let mut tally = rust::cargo_test("formats", cargo("test").args(filters))?;
    tally += left_out()?;
    node::install(&vectors::interop())?;
    // Built once, not by every test file.
    run::quiet(
        cargo("build").args(["--example", "interop", "--example", "interop_gate"]),
        "formats-build",
    )?;
    let examples = paths::target().join("debug/examples");
    let environment = [
        ("EDGEWARD_INTEROP", "interop"),
        ("EDGEWARD_INTEROP_GATE", "interop_gate"),
    ]
    .map(|(name, example)| (name.to_owned(), examples.join(example).display().to_string()));
    tally += scripts::run_files("formats-live", &scripts::find(&["tests/interop"])?, &environment)?;
    Ok(tally)
}

/// Each format alone, and none: a feature that leaves something behind does not compile, or warns.
fn left_out() -> Outcome<Tally> {
    let mut tally = Tally::default();
    let formats = bench::formats(&read(&paths::root().join("Cargo.toml"))?)?;
    for feature in formats.iter().map(String::as_str).chain([""]) {
        let mut check = cargo("clippy");
        check.args([
            "--lib",
            "--no-default-features",
            "--features",
            feature,
            "--",
            "-D",
            "warnings",
        ]);
        tally += rust::one(&format!("formats-{feature}"), &mut check)?;
    }
    Ok(tally)
}

fn cargo(verb: &str) -> Command {
    let mut cargo = run::cargo();
    cargo.args([verb, "--package", "edgeward"]);
    cargo
}
