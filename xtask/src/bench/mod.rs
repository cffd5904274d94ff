//! `cargo xtask bench [what…] [--quick] [--json]`: figures, not verdicts. They go into docs/performance.md, its plots and the README.

mod features;
mod next;
mod policy;
mod tunnel;

pub use features::formats;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::fault::{Fault, Outcome, read, write};
use crate::{build, node, paths, run, step};

/// What the scripts of `tests/bench` measure.
const SCRIPTS: &[&str] = &["size", "start", "open", "boundary", "request"];
/// Measured without a word for it, too.
const REST: &[&str] = &["policy", "tunnel"];
/// Measured only by name: what they build takes longest.
const NAMED: &[&str] = &["next", "features"];

/// The documents that a report is written into.
const DOCUMENTS: &[&str] = &["README.md", "docs/performance.md"];

/// Where a run's figures and documents go.
#[derive(Debug)]
struct Report {
    /// The JSON.
    json: PathBuf,
    /// The folder with the documents: the repository, or a copy for a quick run, whose figures mean nothing.
    root: PathBuf,
    quick: bool,
}

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    let (options, what): (Vec<&str>, Vec<&str>) = arguments
        .iter()
        .map(String::as_str)
        .partition(|word| word.starts_with("--"));
    check(&options, &what)?;
    let begun = Instant::now();
    let wanted = |name: &str| what.contains(&name) || what.is_empty() && !NAMED.contains(&name);
    let report = report(options.contains(&"--quick"))?;
    let scripts: Vec<&str> = SCRIPTS.iter().copied().filter(|name| wanted(name)).collect();
    if !scripts.is_empty() {
        beside_rivals(&scripts, &report)?;
    }
    if wanted("policy") {
        policy::measure(&report)?;
    }
    if wanted("tunnel") {
        tunnel::measure(&report)?;
    }
    if wanted("next") {
        next::measure(&report)?;
    }
    if wanted("features") {
        features::measure(&report)?;
    }
    write_documents(&report)?;
    if options.contains(&"--json") {
        print!("{}", read(&report.json)?);
    }
    step::say(format!(
        "ok   bench: {}, {}",
        paths::shown(&report.root.join("docs/performance.md")),
        step::seconds(begun.elapsed())
    ));
    Ok(())
}

fn check(options: &[&str], what: &[&str]) -> Outcome {
    let known = || SCRIPTS.iter().chain(REST).chain(NAMED);
    if let Some(other) = options
        .iter()
        .find(|option| !matches!(**option, "--quick" | "--json"))
    {
        return Err(Fault::new("cargo xtask bench", format!("`{other}` is no option"))
            .accepted("`--quick`, `--json`"));
    }
    match what.iter().find(|word| !known().any(|name| name == *word)) {
        None => Ok(()),
        Some(other) => {
            let names: Vec<String> = known().map(|name| format!("`{name}`")).collect();
            Err(
                Fault::new("cargo xtask bench", format!("`{other}` is nothing to measure"))
                    .accepted(names.join(", ")),
            )
        }
    }
}

fn report(quick: bool) -> Outcome<Report> {
    if !quick {
        return Ok(Report {
            json: paths::work().join("bench-report.json"),
            root: paths::root(),
            quick,
        });
    }
    let root = paths::work().join("bench-quick");
    for document in DOCUMENTS {
        write(&root.join(document), read(&paths::root().join(document))?)?;
    }
    Ok(Report {
        json: root.join("bench.json"),
        root,
        quick,
    })
}

/// A script of the bench, told where the report is.
fn script(path: &Path, report: &Report) -> Outcome<Command> {
    let mut command = node::with_node()?;
    command
        .arg(path)
        .env("BENCH_OUT", &report.json)
        .env("TOOLCHAIN", node::toolchain().join("package.json"));
    if report.quick {
        command.env("BENCH_QUICK", "1");
    }
    Ok(command)
}

fn beside_rivals(what: &[&str], report: &Report) -> Outcome {
    build::worker()?;
    let (worker, js, one) = (
        build::target("worker")?,
        build::target("js")?,
        build::target("js-one")?,
    );
    build::build(js, build::Mode::Release)?;
    build::build(one, build::Mode::Release)?;
    node::install(&node::toolchain())?;
    node::install(&paths::root().join("tests/interop"))?;
    node::install(&paths::root().join("tests/bench/rivals"))?;
    let mut command = script(&paths::root().join("tests/bench/main.mjs"), report)?;
    command.args(what).env("WORKERD", node::workerd()?);
    command.env("WORKER_DIR", worker.out());
    for (name, target) in [("", worker), ("JS_", js), ("ONE_", one)] {
        command.env(format!("{name}WASM"), target.wasm());
        command.env(format!("{name}GLUE"), target.glue());
    }
    judged(run::shown(&mut command, "bench")?)
}

fn write_documents(report: &Report) -> Outcome {
    let mut command = script(&paths::root().join("tests/bench/report/main.mjs"), report)?;
    command.arg(&report.json).arg(&report.root);
    judged(run::shown(&mut command, "bench-report")?)
}

fn judged((succeeded, _): (bool, String)) -> Outcome {
    if succeeded {
        return Ok(());
    }
    Err(Fault::new("cargo xtask bench", "did not come to its end").remedy("what it said stands above"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_measures_is_refused_with_what_there_is() {
        for (options, what, complaint) in [
            (&["--quick", "--json"][..], &["open", "features"][..], None),
            (&[], &[], None),
            (&["--fast"], &[], Some("--quick")),
            (&[], &["opens"], Some("`open`")),
            (&[], &["open", "tunel"], Some("`tunnel`")),
        ] {
            match (check(options, what), complaint) {
                (Ok(()), None) => {}
                (Err(fault), Some(part)) => assert!(fault.to_string().contains(part), "{fault}"),
                (outcome, _) => panic!("{options:?} {what:?}: {outcome:?}"),
            }
        }
    }
}
