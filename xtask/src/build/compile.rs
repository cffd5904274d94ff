//! The cargo half of the pipeline.

use std::path::PathBuf;

use super::{Mode, Target, link, vars};
use crate::fault::{Fault, Outcome};
use crate::step::step;
use crate::{paths, run};

const TRIPLE: &str = "wasm32-unknown-unknown";

/// Compiles the target's package and returns the raw wasm.
pub(super) fn wasm(target: &Target<'_>, mode: Mode) -> Outcome<PathBuf> {
    ensure_triple()?;
    let (profile, folder) = match mode {
        Mode::Release => ("release", "release"),
        Mode::Fast => ("wasm-fast", "wasm-fast"),
        Mode::Dev => ("dev", "debug"),
    };
    let document = vars::compiled_in(&paths::root().join("edgeward.toml"))?;
    step(format!("compile {} to wasm", target.package), || {
        let mut cargo = run::cargo();
        if let Some(document) = &document {
            cargo.env("EDGEWARD_DOCUMENT", document);
        }
        link::by_us(&mut cargo)?;
        cargo.args([
            "build",
            "--lib",
            "--package",
            target.package,
            "--target",
            TRIPLE,
            "--profile",
            profile,
        ]);
        if !target.defaults {
            cargo.arg("--no-default-features");
        }
        if !target.features.is_empty() {
            cargo.args(["--features", &target.features.join(",")]);
        }
        run::quiet(&mut cargo, &format!("compile-{}", target.name))
    })?;
    let file = format!("{TRIPLE}/{folder}/{}.wasm", target.package.replace('-', "_"));
    let wasm = paths::target().join(file);
    if wasm.is_file() {
        return Ok(wasm);
    }
    Err(
        Fault::new(paths::shown(&wasm), "was not written by cargo").remedy(format!(
            "set crate-type = [\"cdylib\"] in the [lib] of {}",
            target.package
        )),
    )
}

/// Where the toolchain of this repository keeps the libraries of a target; without arguments those of this machine.
pub(super) fn libraries(target: &[&str]) -> Outcome<PathBuf> {
    let mut rustc = std::process::Command::new("rustc");
    rustc
        .current_dir(paths::root())
        .args(["--print", "target-libdir"])
        .args(target);
    let path = run::output(&mut rustc, "rustc")?;
    Ok(PathBuf::from(String::from_utf8_lossy(&path).trim()))
}

/// Installs the wasm target where the toolchain has none.
pub fn ensure_triple() -> Outcome {
    if libraries(&["--target", TRIPLE])?.is_dir() {
        return Ok(());
    }
    step(format!("rustup target add {TRIPLE}"), || {
        let mut rustup = std::process::Command::new("rustup");
        rustup.current_dir(paths::root()).args(["target", "add", TRIPLE]);
        run::quiet(&mut rustup, "rustup-target")
    })
}
