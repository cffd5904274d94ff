//! Session formats against the libraries that write them: the vectors that those made, and the libraries themselves, live.

use std::process::Command;

use super::tally::Tally;
use super::{rust, scripts};
use crate::fault::Outcome;
use crate::{node, paths, run, vectors};

pub(super) fn suite() -> Outcome<Tally> {
    let mut tally = rust::cargo_test("formats", cargo("test").args(["--test", "it", "interop_"]))?;
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

fn cargo(verb: &str) -> Command {
    let mut cargo = run::cargo();
    cargo.args([verb, "--package", "edgeward"]);
    cargo
}
