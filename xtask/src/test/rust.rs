//! Suites that are cargo commands or other verbs of ours.

use std::process::Command;

use super::tally::Tally;
use crate::fault::Outcome;
use crate::{demo, paths, run, size, tidy};

/// Heavy and apart: their tests run with the profile that they are built with anyway.
const INDEX: &[&str] = &["--exclude", "xtask", "--exclude", "xtask-bindgen"];

pub(super) fn fmt() -> Outcome<Tally> {
    one("fmt", run::cargo().args(["fmt", "--all", "--", "--check"]))
}

pub(super) fn clippy() -> Outcome<Tally> {
    let mut tally = one(
        "clippy",
        run::cargo()
            .args(["clippy", "--workspace", "--all-targets"])
            .args(INDEX)
            .args(["--", "-D", "warnings"]),
    )?;
    tally += one("clippy-xtask", run::cargo().args(INDEX_ONLY_CLIPPY))?;
    // The hosts' crates are empty for any other target; what the tests' Worker has of its own goes along.
    for package in WASM_ONLY_CLIPPY {
        let mut cargo = run::cargo();
        cargo.args(["clippy", "--target", "wasm32-unknown-unknown", "--package"]);
        tally += one("clippy-wasm", cargo.args(*package).args(["--", "-D", "warnings"]))?;
    }
    Ok(tally)
}

const WASM_ONLY_CLIPPY: &[&[&str]] = &[
    &["edgeward-js"],
    &["edgeward-worker"],
    &["edgeward-worker", "--features", "__test-fake,__test-trap"],
];

const INDEX_ONLY_CLIPPY: &[&str] = &[
    "clippy",
    "--package",
    "xtask",
    "--package",
    "xtask-bindgen",
    "--all-targets",
    "--profile",
    "xtask",
    "--",
    "-D",
    "warnings",
];

pub(super) fn unit() -> Outcome<Tally> {
    let mut tally = cargo_test(
        "unit",
        run::cargo()
            .args(["test", "--no-fail-fast", "--workspace"])
            .args(INDEX),
    )?;
    let index = [
        "test",
        "--no-fail-fast",
        "--package",
        "xtask",
        "--package",
        "xtask-bindgen",
        "--profile",
        "xtask",
    ];
    tally += cargo_test("unit-xtask", run::cargo().args(index))?;
    Ok(tally)
}

/// Not guided by coverage, so that it needs no nightly and no C++: the same functions that libfuzzer drives.
pub(super) fn fuzz() -> Outcome<Tally> {
    let smoke = [
        "run",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--bin",
        "smoke",
        "--",
        "10",
    ];
    one(
        "fuzz",
        run::cargo().args(smoke).env("CARGO_TARGET_DIR", paths::target()),
    )
}

pub(super) fn docs() -> Outcome<Tally> {
    let mut cargo = run::cargo();
    cargo
        .args(["doc", "--workspace", "--no-deps", "--document-private-items"])
        .args(INDEX);
    one("docs", cargo.env("RUSTDOCFLAGS", "-D warnings"))
}

pub(super) fn size() -> Outcome<Tally> {
    size::gate().map(|()| Tally::ONE)
}

pub(super) fn tidy() -> Outcome<Tally> {
    let (passed, failed) = tidy::run()?;
    Ok(Tally {
        passed,
        failed,
        ..Tally::default()
    })
}

pub(super) fn demo() -> Outcome<Tally> {
    demo::verb(&["--check".to_owned()]).map(|()| Tally::ONE)
}

pub(super) fn cargo_test(name: &str, command: &mut Command) -> Outcome<Tally> {
    let (succeeded, output) = run::shown(command, name)?;
    Ok(Tally::of_cargo(&output).judged(succeeded))
}

pub(super) fn one(name: &str, command: &mut Command) -> Outcome<Tally> {
    let (succeeded, _) = run::shown(command, name)?;
    Ok(Tally {
        passed: usize::from(succeeded),
        failed: usize::from(!succeeded),
        ..Tally::default()
    })
}
