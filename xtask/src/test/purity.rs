//! The core does no IO: its dependency tree names no runtime, and the wasm asks its host for nothing but the glue.

use super::tally::Tally;
use super::wasm_imports::imports;
use crate::fault::{Fault, Outcome};
use crate::{build, run};

/// Crates that bring a clock, a random source, a socket or an executor.
const RUNTIME: &[&str] = &[
    "async-std",
    "chrono",
    "fastrand",
    "futures",
    "futures-executor",
    "getrandom",
    "hyper",
    "instant",
    "js-sys",
    "log",
    "mio",
    "native-tls",
    "openssl",
    "rand",
    "regex",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "time",
    "tokio",
    "tracing",
    "url",
    "wasm-bindgen",
    "web-sys",
    "web-time",
    "worker",
];

/// The module that wasm-bindgen's glue answers for.
const GLUE: &str = "./edgeward_bg.js";

pub(super) fn suite() -> Outcome<Tally> {
    core_tree()?;
    build::worker()?;
    let wasm = build::target("worker")?.wasm();
    let bytes =
        std::fs::read(&wasm).map_err(|error| Fault::new(crate::paths::shown(&wasm), error.to_string()))?;
    foreign(&imports(&bytes)?)?;
    Ok(Tally {
        passed: 2,
        ..Tally::default()
    })
}

/// Fails on a runtime crate anywhere below the core.
pub fn core_tree() -> Outcome {
    let tree = [
        "tree",
        "--package",
        "edgeward",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--all-features",
    ];
    let output = run::output(
        run::cargo()
            .args(tree)
            .args(["--target", "wasm32-unknown-unknown"]),
        "cargo tree",
    )?;
    runtime_crates(&String::from_utf8_lossy(&output))
}

fn runtime_crates(tree: &str) -> Outcome {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let mut found: Vec<&str> = names.filter(|name| RUNTIME.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Ok(());
    }
    Err(Fault::new(
        "the core's dependency tree",
        format!("names {}", found.join(", ")),
    )
    .accepted("no clock, random source, socket or executor below adapters/")
    .remedy(format!(
        "cargo tree -p edgeward -i {} shows who asks for it",
        found.join(" ")
    )))
}

/// What a clock, randomness, a timer or a request would be called, if one came in through the glue.
const HOSTLY: &[&str] = &[
    "now",
    "date",
    "performance",
    "random",
    "crypto",
    "timeout",
    "interval",
    "fetch",
];

fn foreign(imports: &[(String, String)]) -> Outcome {
    let hostly = |name: &str| {
        let name = name.to_ascii_lowercase();
        HOSTLY.iter().any(|word| name.contains(word))
    };
    let foreign: Vec<String> = imports
        .iter()
        .filter(|(module, name)| module != GLUE || hostly(name))
        .map(|(module, name)| format!("{module}.{name}"))
        .collect();
    if foreign.is_empty() {
        return Ok(());
    }
    Err(
        Fault::new("the Worker's wasm", format!("imports {}", foreign.join(", ")))
            .accepted(format!(
                "imports from {GLUE} alone, and no clock or randomness among them"
            ))
            .remedy(
                "a dependency wants the host's libc or clock: find it with cargo tree -p edgeward-worker",
            ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtime_crates_are_found_by_whole_name() {
        assert_eq!(
            runtime_crates("edgeward v0.1.0 (/x)\nserde v1.0.0\nsubtle v2 (*)\nrand_core v0.9.0"),
            Ok(())
        );
        let text =
            runtime_crates("edgeward v0.1.0\ntokio v1.0.0\ngetrandom v0.3.0\ntokio v1.0.0 (*)").unwrap_err();
        assert!(text.to_string().contains("names getrandom, tokio\n"), "{text}");
    }

    #[test]
    fn only_the_glue_is_imported() {
        let row = |module: &str| {
            vec![
                (GLUE.to_owned(), "a".to_owned()),
                (module.to_owned(), "b".to_owned()),
            ]
        };
        assert_eq!(foreign(&row(GLUE)), Ok(()));
        for name in [
            "__wbg_now_7ab3",
            "__wbg_getRandomValues_01",
            "__wbg_setTimeout_2f",
        ] {
            let clock = [(GLUE.to_owned(), name.to_owned())];
            assert!(foreign(&clock).unwrap_err().to_string().contains(name));
        }
        for module in ["env", "wasi_snapshot_preview1", "./other.js"] {
            assert!(
                foreign(&row(module))
                    .unwrap_err()
                    .to_string()
                    .contains(&format!("{module}.b"))
            );
        }
    }
}
