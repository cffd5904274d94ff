//! Match and decide alone, at 10 to 10,000 rules: natively, and as wasm under Node.

use super::{Report, judged, script};
use crate::fault::Outcome;
use crate::{paths, run};

const TRIPLE: &str = "wasm32-unknown-unknown";

pub(super) fn measure(report: &Report) -> Outcome {
    let folder = paths::root().join("benches/wasm");
    for target in [&["--lib", "--target", TRIPLE][..], &["--bins"]] {
        let mut build = run::cargo();
        build
            .current_dir(&folder)
            .args(["build", "--release"])
            .args(target)
            .env("CARGO_TARGET_DIR", paths::target());
        run::quiet(&mut build, "bench-policy-build")?;
    }
    let mut command = script(&folder.join("policy.mjs"), report)?;
    let made = |file: &str| paths::target().join(file);
    command
        .arg(made(&format!("{TRIPLE}/release/edgeward_bench_wasm.wasm")))
        .arg(made("release/edgeward-bench-wasm"));
    judged(run::shown(&mut command, "bench-policy")?)
}
