//! Raw wasm → wasm plus glue, by wasm-bindgen's generator, and functions in another order: `xtask/bindgen`, which cargo
//! compiles once.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Mode;
use crate::fault::{Fault, Outcome, make_dir};
use crate::step::step;
use crate::{paths, run};

/// Compiles the generator.
pub(super) fn generator() -> Outcome<PathBuf> {
    step("compile wasm-bindgen's generator", || {
        let mut cargo = run::cargo();
        cargo.args(["build", "--package", "xtask-bindgen", "--profile", "xtask"]);
        run::quiet(&mut cargo, "compile-bindgen")
    })?;
    Ok(paths::target().join("xtask/xtask-bindgen"))
}

/// Writes `edgeward_bg.wasm`, `edgeward_bg.js` and the types into the folder `out`, emptied before.
pub(super) fn run(generator: &Path, wasm: &Path, out: &Path, mode: Mode) -> Outcome {
    if out.exists() {
        let cleared = std::fs::remove_dir_all(out);
        cleared.map_err(|error| Fault::new(paths::shown(out), error.to_string()))?;
    }
    make_dir(out)?;
    step("generate the glue", || {
        let names = if mode == Mode::Dev {
            "keep-names"
        } else {
            "strip-names"
        };
        let mut command = Command::new(generator);
        command.arg("glue").arg(wasm).arg(out).args(["edgeward", names]);
        run::quiet(&mut command, "bindgen")
    })
}

/// Puts the functions of `wasm`, a file, in the order in which gzip makes least of them.
pub(super) fn order(generator: &Path, wasm: &Path) -> Outcome {
    step("order the functions for gzip", || {
        let mut command = Command::new(generator);
        command.arg("order").arg(wasm).arg(wasm);
        run::quiet(&mut command, "order")
    })
}

/// The glue's format changes between patch releases, so crate and generator must be one version.
pub fn check_versions(lock: &str) -> Outcome {
    let place = "Cargo.lock";
    let crate_version = locked(lock, "wasm-bindgen");
    let generator = locked(lock, "wasm-bindgen-cli-support").ok_or_else(|| {
        Fault::new(place, "`wasm-bindgen-cli-support` is not locked").remedy("run cargo check")
    })?;
    // Nothing in the workspace uses the crate yet: nothing to disagree with.
    let Some(crate_version) = crate_version else {
        return Ok(());
    };
    if crate_version == generator {
        return Ok(());
    }
    Err(Fault::new(
        place,
        format!("`wasm-bindgen` is {crate_version}, `wasm-bindgen-cli-support` is {generator}"),
    )
    .accepted("one version for both")
    .remedy(format!(
        "cargo update -p wasm-bindgen --precise {generator}, or raise the pin in xtask/bindgen/Cargo.toml"
    )))
}

fn locked(lock: &str, name: &str) -> Option<String> {
    let lock: toml::Table = toml::from_str(lock).ok()?;
    let packages = lock.get("package")?.as_array()?;
    let package = packages
        .iter()
        .find(|package| package.get("name").and_then(toml::Value::as_str) == Some(name))?;
    package.get("version")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(rows: &[(&str, &str)]) -> String {
        rows.iter()
            .map(|(name, version)| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n"))
            .collect()
    }

    #[test]
    fn versions_must_agree() {
        let support = "wasm-bindgen-cli-support";
        assert_eq!(
            check_versions(&lock(&[("wasm-bindgen", "0.2.130"), (support, "0.2.130")])),
            Ok(())
        );
        assert_eq!(check_versions(&lock(&[(support, "0.2.130")])), Ok(()));
        for rows in [
            &[("wasm-bindgen", "0.2.131"), (support, "0.2.130")][..],
            &[("wasm-bindgen", "0.2.130")],
            &[],
        ] {
            let text = check_versions(&lock(rows)).unwrap_err().to_string();
            assert!(
                text.starts_with("Cargo.lock: ") && text.contains("remedy"),
                "{text}"
            );
        }
    }
}
