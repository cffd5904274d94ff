//! `cargo xtask tidy`: the repository's own rules, each a check over its files.

mod arrows;
mod dependencies;
mod length;
mod provenance;
mod source;

use crate::fault::{Fault, Outcome, read};
use crate::{build, paths, test};

type Check = fn() -> Outcome<Vec<String>>;

/// A rule and its check, which returns what breaks it.
const CHECKS: &[(&str, Check)] = &[
    ("imports go down only", arrows::check),
    ("no long file", length::check),
    ("the core's tree names no runtime", || {
        test::core_tree().map(|()| Vec::new())
    }),
    ("vectors have a source", provenance::check),
    ("dependencies have a reason", dependencies::check),
    ("wasm-bindgen has one version", || {
        build::check_versions(&read(&paths::root().join("Cargo.lock"))?).map(|()| Vec::new())
    }),
    ("variables fit", || {
        build::check_vars(&paths::root().join("wrangler.toml")).map(|()| Vec::new())
    }),
];

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    if let Some(argument) = arguments.first() {
        return Err(Fault::new("cargo xtask tidy", format!("`{argument}` is no option")).accepted("none"));
    }
    match run()? {
        (_, 0) => Ok(()),
        (_, failed) => Err(Fault::new(
            "cargo xtask tidy",
            format!("{failed} rules are broken"),
        )),
    }
}

/// Runs every check; how many hold, how many do not.
pub fn run() -> Outcome<(usize, usize)> {
    let mut failed = 0;
    for (rule, check) in CHECKS {
        let complaints = check().unwrap_or_else(|fault| vec![fault.to_string()]);
        println!("  {} {rule}", if complaints.is_empty() { "ok  " } else { "FAIL" });
        for complaint in &complaints {
            println!("       {complaint}");
        }
        failed += usize::from(!complaints.is_empty());
    }
    Ok((CHECKS.len() - failed, failed))
}
