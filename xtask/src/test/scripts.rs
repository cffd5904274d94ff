//! Suites of Node test files, `*.test.mjs`, run by `node --test`.

use std::path::PathBuf;

use super::tally::Tally;
use super::{Context, kratos};
use crate::fault::{Fault, Outcome};
use crate::{build, node, paths, run};

/// Test files that need nothing but Node and the pinned packages.
pub(super) fn alone(dirs: &[&str]) -> Outcome<Tally> {
    run_files("scripts", &find(dirs)?, &[])
}

/// Test files that load the built wasm: `WASM` and `GLUE` name the files.
pub(super) fn wasm() -> Outcome<Tally> {
    build::worker()?;
    let target = build::target("worker")?;
    let glue = paths::work().join("worker/glue/glue.mjs");
    let environment = [("WASM", target.wasm()), ("GLUE", glue)]
        .map(|(name, path)| (name.to_owned(), path.display().to_string()));
    run_files("wasm", &find(&["tests/wasm"])?, &environment)
}

/// The Worker's own: beside the world, builds with a fake core and with traps on demand.
pub(super) fn worker(context: &mut Context) -> Outcome<Tally> {
    build::build(build::target("worker-test")?, build::Mode::Release)?;
    in_world(context, "tests/worker")
}

/// Test files that talk to a running world, but for those of the suite `kratos`; `World::environment` says what they get.
pub(super) fn in_world(context: &mut Context, dir: &str) -> Outcome<Tally> {
    let mut files = find(&[dir])?;
    files.retain(|file| !kratos::is_ours(file) && context.wants(file));
    let all = context.all;
    let world = context.world()?;
    let mut environment = world.environment()?;
    if all {
        // Semantics 9.3's thousand; the ordinary run has forty, since each round waits for slow upstreams.
        environment.push(("TRAP_ROUNDS".to_owned(), "1000".to_owned()));
    }
    let tally = run_files(&dir.replace('/', "-"), &files, &environment)?;
    world.alive()?;
    Ok(tally)
}

/// Runs the files one after the other: they share a world.
pub(super) fn run_files(name: &str, files: &[PathBuf], environment: &[(String, String)]) -> Outcome<Tally> {
    node::install(&node::toolchain())?;
    let mut command = node::with_node()?;
    command
        .args(["--test", "--test-reporter=spec", "--test-concurrency=1"])
        .args(files);
    command.envs(environment.iter().cloned());
    // Where the files find the pinned packages: `createRequire(process.env.TOOLCHAIN)`.
    command.env("TOOLCHAIN", node::toolchain().join("package.json"));
    let (succeeded, output) = run::shown(&mut command, name)?;
    Ok(Tally::of_node(&output).judged(succeeded))
}

/// Every test file below the folders.
pub(super) fn find(dirs: &[&str]) -> Outcome<Vec<PathBuf>> {
    let all = dirs.iter().flat_map(|dir| paths::files(&paths::root().join(dir)));
    let files: Vec<PathBuf> = all
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    if files.is_empty() {
        return Err(Fault::new(dirs.join(", "), "has no test file").accepted("files named *.test.mjs"));
    }
    Ok(files)
}
