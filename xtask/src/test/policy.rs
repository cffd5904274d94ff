//! The policy: its rows and properties, the tables of cases, and every rule × every spelling through the Worker in workerd
//! in front of the real routers.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tally::Tally;
use super::{npm, rust, scripts};
use crate::fault::{Fault, Outcome, make_dir};
use crate::stamp::Fingerprint;
use crate::step::step;
use crate::{build, node, paths, run};

/// The Next.js apps: the folder that each is built in; which router, whether a page catches the rest, and the gate inside.
const NEXT: &[(&str, &[&str])] = &[
    ("next-app", &["app"]),
    ("next-app-catch", &["app", "catch"]),
    ("next-pages", &["pages"]),
    ("next-pages-catch", &["pages", "catch"]),
    ("next-app-catch-proxy", &["app", "catch", "proxy"]),
    ("next-pages-catch-middleware", &["pages", "catch", "middleware"]),
    ("next-app-catch-middleware", &["app", "catch", "middleware"]),
    ("next-pages-catch-proxy", &["pages", "catch", "proxy"]),
];

pub(super) fn suite(all: bool) -> Outcome<Tally> {
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
    let package = package(&routers)?;
    for (name, arguments) in NEXT {
        next(&routers, name, arguments, &package)?;
    }
    let examples = paths::root().join("examples/assertions");
    node::install(&examples.join("node"))?;
    build::worker()?;
    let mut environment = [
        ("ASSERTIONS_GO", go(&examples.join("go"))?),
        ("WORKER_DIR", paths::build_worker()),
        ("WORKERD", node::workerd()?),
    ]
    .map(|(name, path)| (name.to_owned(), path.display().to_string()))
    .to_vec();
    if all {
        environment.push(("NEXT_ROWS".to_owned(), "all".to_owned()));
    }
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

/// The packed npm package where the apps find it: a link would lead out of what Next.js takes for the project.
fn package(routers: &Path) -> Outcome<PathBuf> {
    build::build(build::target("js")?, build::Mode::Release)?;
    let tarball = npm::pack()?;
    let to = routers.join("target/node_modules/edgeward");
    if to.exists() {
        std::fs::remove_dir_all(&to).map_err(|error| Fault::new(paths::shown(&to), error.to_string()))?;
    }
    make_dir(&to)?;
    let mut tar = Command::new("tar");
    tar.arg("-xzf")
        .arg(tarball)
        .arg("-C")
        .arg(&to)
        .arg("--strip-components=1");
    run::quiet(&mut tar, "routers-package")?;
    Ok(to)
}

/// Builds one app, unless it was built from the same pages by the same Next.js.
fn next(routers: &Path, name: &str, arguments: &[&str], package: &Path) -> Outcome {
    let out = routers.join("target").join(name);
    let mut print = Fingerprint::default()
        .file(&routers.join("package-lock.json"))
        .file(&routers.join("pages.mjs"))
        .file(&routers.join("next.mjs"))
        .file(&routers.join("rules.mjs"));
    if arguments.len() > 2 {
        print = print.dir(package);
    }
    let stamp = print.check(&format!("routers-{name}"), &[out.join(".next/BUILD_ID")]);
    if stamp.fresh() {
        return Ok(());
    }
    step(format!("next build {name}"), || {
        let mut write = node::with_node()?;
        write
            .current_dir(routers)
            .arg("next.mjs")
            .arg(&out)
            .args(arguments);
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
