//! `cargo xtask bench [what…] [--quick]`: figures, not verdicts. What is measured beside the rivals goes into
//! docs/performance.md, and so is `next`, the npm package's middleware; `tunnel` runs in a world of its own; `policy` is match
//! and decide alone, at 10 to 10,000 rules.

use std::path::Path;

use crate::fault::{Fault, Outcome};
use crate::test::npm;
use crate::world::{Wish, World};
use crate::{build, node, paths, run};

/// A script of `tests/live/bench`.
const TUNNEL: &str = "tunnel";

/// A middleware in Next.js, beside an empty one.
const NEXT: &str = "next";

/// A bench of the core, and the same as wasm.
const POLICY: &str = "policy";

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    let (policy, arguments): (Vec<String>, Vec<String>) = arguments
        .iter()
        .cloned()
        .partition(|argument| *argument == POLICY);
    if !policy.is_empty() {
        match_and_decide()?;
        if arguments.is_empty() {
            return Ok(());
        }
    }
    let (next, arguments): (Vec<String>, Vec<String>) =
        arguments.into_iter().partition(|argument| *argument == NEXT);
    if !next.is_empty() {
        inside_next(&arguments)?;
        if arguments.iter().all(|argument| argument == "--quick") {
            return Ok(());
        }
    }
    let arguments = arguments.as_slice();
    let (tunnel, rivals): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| *argument == TUNNEL);
    let only_tunnel = rivals.is_empty() && !tunnel.is_empty();
    if !only_tunnel {
        beside_rivals(&rivals)?;
    }
    if only_tunnel || arguments.is_empty() {
        through_the_tunnel()?;
    }
    Ok(())
}

fn beside_rivals(arguments: &[&String]) -> Outcome {
    build::worker()?;
    node::install(&node::toolchain())?;
    node::install(&paths::root().join("tests/interop"))?;
    let target = build::target("worker")?;
    let report = paths::work().join("bench.json");
    let scripts = paths::root().join("tests/bench");
    let mut command = node::with_node()?;
    command
        .arg(scripts.join("main.mjs"))
        .args(arguments)
        .arg("--out")
        .arg(&report)
        .env("WASM", target.wasm())
        .env("WORKER_DIR", target.out())
        .env("GLUE", paths::work().join("worker/glue/glue.mjs"))
        .env("WORKERD", node::workerd()?)
        .env("TOOLCHAIN", node::toolchain().join("package.json"));
    judged(run::shown(&mut command, "bench")?)?;
    write_report(&report)
}

/// The tables of docs/performance.md, from what was measured.
fn write_report(report: &Path) -> Outcome {
    let mut command = node::with_node()?;
    command
        .arg(paths::root().join("tests/bench/report.mjs"))
        .arg(report)
        .arg(paths::root().join("docs"));
    judged(run::shown(&mut command, "bench-report")?)
}

/// The packed npm package.
fn inside_next(arguments: &[String]) -> Outcome {
    build::build(build::target("js")?, build::Mode::Release)?;
    node::install(&node::toolchain())?;
    let report = paths::work().join("bench.json");
    let mut command = node::with_node()?;
    command
        .arg(paths::root().join("tests/npm/overhead.mjs"))
        .args(arguments)
        .arg("--out")
        .arg(&report)
        .env("TARBALL", npm::pack()?)
        .env("NPM_CACHE", npm::cache())
        .env("TOOLCHAIN", node::toolchain().join("package.json"));
    judged(run::shown(&mut command, "bench-next")?)?;
    write_report(&report)
}

fn match_and_decide() -> Outcome {
    let mut native = run::cargo();
    native.args(["bench", "--package", "edgeward", "--bench", POLICY]);
    judged(run::shown(&mut native, "bench-policy")?)?;
    let folder = paths::root().join("benches/wasm");
    let mut build = run::cargo();
    build
        .current_dir(&folder)
        .args(["build", "--release", "--target", "wasm32-unknown-unknown"])
        .env("CARGO_TARGET_DIR", paths::target());
    run::quiet(&mut build, "bench-policy-wasm")?;
    let wasm = paths::target().join("wasm32-unknown-unknown/release/edgeward_bench_wasm.wasm");
    let mut command = node::with_node()?;
    command.arg(folder.join("policy.mjs")).arg(wasm);
    judged(run::shown(&mut command, "bench-policy-node")?)
}

fn through_the_tunnel() -> Outcome {
    let world = World::start(&Wish {
        name: "bench",
        port: None,
        for_tests: true,
    })?;
    let mut command = node::with_node()?;
    command.arg(paths::root().join(format!("tests/live/bench/{TUNNEL}.mjs")));
    command.envs(world.environment()?);
    command.env("TOOLCHAIN", node::toolchain().join("package.json"));
    judged(run::shown(&mut command, "bench-tunnel")?)
}

fn judged((succeeded, _): (bool, String)) -> Outcome {
    if succeeded {
        return Ok(());
    }
    Err(Fault::new("cargo xtask bench", "did not come to its end").remedy("what it said stands above"))
}
