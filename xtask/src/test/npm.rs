//! The npm package: packed, installed as a user does, and run in every runtime that the README names.
//!
//! Large packages (Next.js) stay below the target folder between runs; their versions are those of `tests/npm/locks`.

use std::path::PathBuf;
use std::process::Command;

use super::tally::Tally;
use super::{Context, browser, scripts};
use crate::fault::{Fault, Outcome, make_dir};
use crate::{build, kratos, node, paths, run};

pub(super) fn suite(context: &mut Context) -> Outcome<Tally> {
    build::build(build::target("js")?, build::Mode::Release)?;
    run(context)
}

/// The tests over whatever `js-shim/dist` holds.
fn run(context: &Context) -> Outcome<Tally> {
    let mut environment = vec![
        ("TARBALL".to_owned(), pack()?.display().to_string()),
        ("NPM_CACHE".to_owned(), cache().display().to_string()),
        ("WORKERD".to_owned(), node::workerd()?.display().to_string()),
        ("CHROMIUM".to_owned(), browser::chromium()?.display().to_string()),
        ("KRATOS".to_owned(), kratos::build()?.display().to_string()),
    ];
    if context.all {
        environment.push(("NEXT_ROWS".to_owned(), "all".to_owned()));
    }
    let mut files = scripts::find(&["tests/npm"])?;
    // One of each kind is enough for every run.
    files.retain(|file| context.all || !file.to_string_lossy().ends_with(".all.test.mjs"));
    files.retain(|file| context.wants(file));
    scripts::run_files("npm", &files, &environment)
}

/// Where large packages stay between runs.
pub fn cache() -> PathBuf {
    paths::work().join("npm")
}

/// What `npm publish` would send of `js-shim/dist`, as a file.
pub fn pack() -> Outcome<PathBuf> {
    let to = cache();
    make_dir(&to)?;
    let mut npm = Command::new("npm");
    npm.current_dir(paths::root().join("js-shim"));
    npm.args([
        "pack",
        "--json",
        "--ignore-scripts",
        "--loglevel=error",
        "--pack-destination",
    ]);
    let output = run::output(npm.arg(&to), "npm-pack")?;
    let told: serde_json::Value = serde_json::from_slice(&output).map_err(|error| {
        Fault::new("npm pack", error.to_string()).remedy("read what `npm pack --json` prints")
    })?;
    let name = told
        .pointer("/0/filename")
        .or_else(|| told.pointer("/edgeward/filename"))
        .and_then(serde_json::Value::as_str);
    let name = name.ok_or_else(|| Fault::new("npm pack", "names no file"))?;
    Ok(to.join(name))
}
