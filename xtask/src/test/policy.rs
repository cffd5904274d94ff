//! The policy: its rows and properties, the tables of cases, and every rule × every spelling through the Worker in workerd
//! in front of the real routers.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tally::Tally;
use super::{rust, scripts};
use crate::fault::Outcome;
use crate::stamp::Fingerprint;
use crate::step::step;
use crate::{build, node, paths, run};

/// The Next.js apps: the folder that each is built in, which router, and whether a page catches the rest.
const NEXT: &[(&str, &str, Option<&str>)] = &[
    ("next-app", "app", None),
    ("next-app-catch", "app", Some("catch")),
    ("next-pages", "pages", None),
    ("next-pages-catch", "pages", Some("catch")),
];

pub(super) fn suite() -> Outcome<Tally> {
    let mut cargo = run::cargo();
    cargo.args(["test", "--package", "edgeward", "--test", "it", "--"]);
    // The gate's tables of cases print how many they are.
    cargo.args([
        "policy::",
        "gate::cases",
        "gate::docs",
        "gate::trace",
        "--nocapture",
    ]);
    let mut tally = rust::cargo_test("policy", &mut cargo)?;
    let routers = paths::root().join("tests/routers");
    node::install(&routers)?;
    for (name, router, catch) in NEXT {
        next(&routers, name, router, *catch)?;
    }
    let examples = paths::root().join("examples/assertions");
    node::install(&examples.join("node"))?;
    build::worker()?;
    let environment = [
        ("ASSERTIONS_GO", go(&examples.join("go"))?),
        ("WORKER_DIR", paths::build_worker()),
        ("WORKERD", node::workerd()?),
    ]
    .map(|(name, path)| (name.to_owned(), path.display().to_string()));
    tally += scripts::run_files("policy-live", &scripts::find(&["tests/routers"])?, &environment)?;
    Ok(tally)
}

/// Builds the origin in Go, of its standard library alone.
fn go(dir: &Path) -> Outcome<PathBuf> {
    let out = paths::work().join("assertions-go");
    let mut go = Command::new("go");
    go.current_dir(dir)
        .args(["build", "-trimpath", "-o"])
        .arg(&out)
        .arg(".");
    run::quiet(&mut go, "assertions-go")?;
    Ok(out)
}

/// Builds one app, unless it was built from the same pages by the same Next.js.
fn next(routers: &Path, name: &str, router: &str, catch: Option<&str>) -> Outcome {
    let out = routers.join("target").join(name);
    let stamp = Fingerprint::default()
        .file(&routers.join("package-lock.json"))
        .file(&routers.join("pages.mjs"))
        .file(&routers.join("next.mjs"))
        .check(&format!("routers-{name}"), &[out.join(".next/BUILD_ID")]);
    if stamp.fresh() {
        return Ok(());
    }
    step(format!("next build {name}"), || {
        let mut write = node::with_node()?;
        write
            .current_dir(routers)
            .args(["next.mjs", router])
            .arg(&out)
            .args(catch);
        run::quiet(&mut write, name)?;
        let mut build = node::with_node()?;
        build
            .current_dir(routers)
            .env("NEXT_TELEMETRY_DISABLED", "1")
            .args(["node_modules/next/dist/bin/next", "build"])
            .arg(&out);
        run::quiet(&mut build, name)
    })?;
    stamp.set()
}
