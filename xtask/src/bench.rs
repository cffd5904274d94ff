//! `cargo xtask bench [what…] [--quick]`: measures beside the rivals and rewrites docs/performance.md.

use crate::fault::{Fault, Outcome};
use crate::{build, node, paths, run};

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
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

fn judged((succeeded, _): (bool, String)) -> Outcome {
    if succeeded {
        return Ok(());
    }
    Err(Fault::new("cargo xtask bench", "did not come to its end").remedy("what it said stands above"))
}
