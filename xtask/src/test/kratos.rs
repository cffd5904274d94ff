//! What stands between a visitor and the identity server, whole: natively, against the real Kratos, and every flow in Chromium.

use std::path::{Path, PathBuf};

use super::tally::Tally;
use super::{Context, browser, rust, scripts};
use crate::fault::{Fault, Outcome};
use crate::{build, node, paths, run};

/// Of `tests/worker`, what is the identity server's; the suite `worker` leaves it out.
const LIVE: &[&str] = &["live-faults", "live-freshness", "live-journey", "live-kratos"];

/// The same of `tests/browser`.
const FLOWS: &str = "flows-";

pub(super) fn is_ours(file: &Path) -> bool {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.starts_with(FLOWS) || LIVE.iter().any(|ours| name.starts_with(ours))
}

pub(super) fn suite(context: &mut Context) -> Outcome<Tally> {
    let mut tally = Tally::default();
    // In a whole run the suite `unit` was first.
    if !context.ran.contains(&"unit") && context.only.is_none() {
        tally += native()?;
    }
    // The soak injects traps.
    build::build(build::target("worker-test")?, build::Mode::Release)?;
    node::install(&paths::root().join("tests/live/op"))?;
    let chromium = browser::chromium()?;
    let mut files: Vec<PathBuf> = scripts::find(&["tests/worker", "tests/browser"])?;
    files.retain(|file| is_ours(file) && context.wants(file));
    let world = context.world()?;
    let mut environment = world.environment()?;
    environment.push(("CHROMIUM".to_owned(), chromium.display().to_string()));
    let mut live = scripts::run_files("kratos", &files, &environment)?;
    let again = failed_of(&live.failures, &files);
    if live.failed > 0 && !again.is_empty() {
        // Kratos on SQLite: now and then a lock is held longer than anybody waits. What fails twice fails; what does not is told.
        println!("\n{} failed; its file once more", live.failed);
        if scripts::run_files("kratos-again", &again, &environment)?.failed == 0 {
            live.passed += live.failed;
            live.again = live.failed;
            live.failed = 0;
            live.failures.insert_str(0, "passed when run once more:\n");
        }
    }
    tally += live;
    world.alive()?;
    Ok(tally)
}

/// The files that the runner names beside its failures.
fn failed_of(failures: &str, files: &[PathBuf]) -> Vec<PathBuf> {
    let named = |file: &&PathBuf| {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
            return false;
        };
        let place = format!("/{name}:");
        failures
            .lines()
            .any(|line| line.starts_with("test at ") && line.contains(&place))
    };
    files.iter().filter(named).cloned().collect()
}

/// `cargo xtask soak [--requests N]`: one isolate, two hundred visitors, traps, stalls and hang-ups; 100,000 requests.
pub fn soak(arguments: &[String]) -> Outcome {
    let requests = match arguments {
        [] => "100000",
        [option, number] if option == "--requests" && number.parse::<u32>().is_ok() => number,
        other => {
            return Err(
                Fault::new("cargo xtask soak", format!("`{}` is no option", other.join(" ")))
                    .accepted("--requests N"),
            );
        }
    };
    build::build(build::target("worker-test")?, build::Mode::Release)?;
    let mut context = Context::default();
    let mut environment = context.world()?.environment()?;
    environment.push(("SOAK_REQUESTS".to_owned(), requests.to_owned()));
    let file = paths::root().join("tests/worker/live-kratos-soak.test.mjs");
    let tally = scripts::run_files("soak", &[file], &environment)?;
    if tally.failed == 0 && tally.passed > 0 {
        Ok(())
    } else {
        Err(Fault::new("cargo xtask soak", "failed"))
    }
}

fn native() -> Outcome<Tally> {
    let mut cargo = run::cargo();
    cargo.args(["test", "--no-fail-fast", "--package", "edgeward", "kratos"]);
    rust::cargo_test("kratos-native", &mut cargo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_name_their_files() {
        let files = [
            "tests/browser/flows-mail.test.mjs",
            "tests/worker/live-kratos.test.mjs",
        ]
        .map(PathBuf::from);
        let failures = "✖ failing tests:\n\ntest at tests/browser/flows-mail.test.mjs:60:1\n✖ x\n  at y (tests/worker/live-kratos.test.mjs:1:2)\n";
        assert_eq!(failed_of(failures, &files), files[..1]);
        assert_eq!(failed_of("", &files), Vec::<PathBuf>::new());
    }

    #[test]
    fn files_belong_to_one_suite() {
        for (file, ours) in [
            ("tests/worker/live-kratos-matrix.test.mjs", true),
            ("tests/worker/live-faults.test.mjs", true),
            ("tests/browser/flows-mail.test.mjs", true),
            ("tests/browser/main-job.test.mjs", false),
            ("tests/worker/live-cookies.test.mjs", false),
            ("tests/worker/streams.test.mjs", false),
        ] {
            assert_eq!(is_ours(Path::new(file)), ours, "{file}");
        }
    }
}
