//! `cargo xtask bench [what…] [--quick]`: figures, not verdicts. What is measured beside the rivals goes into
//! docs/performance.md; `tunnel` runs in a world of its own.

use crate::fault::{Fault, Outcome};
use crate::world::{Wish, World};
use crate::{build, node, paths, run};

/// A script of `tests/live/bench`.
const TUNNEL: &str = "tunnel";

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
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
    let mut command = node::with_node()?;
    command
        .arg(scripts.join("report.mjs"))
        .arg(&report)
        .arg(paths::root().join("docs"));
    judged(run::shown(&mut command, "bench-report")?)
}

fn through_the_tunnel() -> Outcome {
    let world = World::start(&Wish {
        name: "bench",
        port: None,
        test_origin: true,
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
