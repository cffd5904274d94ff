//! xtask as the wasm linker: rustc's own `rust-lld`, without exports that no host calls.
//!
//! The `worker` crate exports classes for streams and options of the platform. Nothing of Rust's crosses our boundary
//! (invariant 8), but an export keeps its code alive, with the futures and closures behind it: a thirtieth of the Worker.
//! No attribute and no linker option takes an export of a dependency back; a linker that is not told of it does.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use super::compile;
use crate::fault::Outcome;
use crate::{paths, step};

/// cargo's setting for the linker of the one target that is linked here.
const SETTING: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER";
/// Where the real linker is.
const LLD: &str = "EDGEWARD_LLD";
/// The classes, as they are spelled in the names of their exports.
const CLASSES: &[&str] = &[
    "containerstartupoptions",
    "intounderlying",
    "minifyconfig",
    "r2range",
];

/// Lets `cargo` link by this program, where the toolchain has the linker that it stands in front of.
pub(super) fn by_us(cargo: &mut Command) -> Outcome {
    let lld = format!("rust-lld{}", std::env::consts::EXE_SUFFIX);
    let lld = compile::libraries(&[])?.with_file_name("bin").join(lld);
    match copied() {
        Ok(linker) if lld.is_file() => {
            cargo.env(SETTING, linker).env(LLD, lld);
        }
        _ => step::say("  --   no rust-lld to stand in front of: the wasm keeps exports that nobody calls"),
    }
    Ok(())
}

/// This program under a name of its own: cargo may replace the original while a build runs, and links anew when the name
/// of the linker changes, not its content.
fn copied() -> std::io::Result<PathBuf> {
    let mut classes = DefaultHasher::new();
    CLASSES.hash(&mut classes);
    let copy = paths::work().join(format!("linker-{:016x}", classes.finish()));
    if !copy.is_file() {
        std::fs::create_dir_all(paths::work())?;
        let whole = copy.with_extension(std::process::id().to_string());
        std::fs::copy(std::env::current_exe()?, &whole)?;
        std::fs::rename(whole, &copy)?;
    }
    Ok(copy)
}

/// What rustc asked of its linker, where these arguments are such a call.
pub fn asked(arguments: &[String]) -> Option<ExitCode> {
    if arguments.first().map(String::as_str) != Some("-flavor") {
        return None;
    }
    let lld = std::env::var_os(LLD)?;
    let status = Command::new(lld).args(kept(arguments)).status();
    let code = status.ok().and_then(|status| status.code());
    Some(
        code.and_then(|code| u8::try_from(code).ok())
            .map_or(ExitCode::FAILURE, ExitCode::from),
    )
}

/// The arguments without `--export <a method of those classes>`.
fn kept(arguments: &[String]) -> Vec<&String> {
    let mut kept = Vec::with_capacity(arguments.len());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        if argument != "--export" {
            kept.push(argument);
            continue;
        }
        let Some(name) = rest.next() else {
            kept.push(argument);
            break;
        };
        if !CLASSES.iter().any(|class| name.contains(class)) {
            kept.extend([argument, name]);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_of_those_classes_and_nothing_else_are_left_out() {
        let rows = [
            (
                "-flavor wasm --export begin_9d --gc-sections",
                "-flavor wasm --export begin_9d --gc-sections",
            ),
            ("--export __wbg_minifyconfig_free_64 a.o", "a.o"),
            (
                "--export __wbindgen_describe_intounderlyingsink_write_64 --export b",
                "--export b",
            ),
            // An import of the platform, described: the glue needs it.
            (
                "--export __wbindgen_describe___wbg_set_feb",
                "--export __wbindgen_describe___wbg_set_feb",
            ),
            // A path is no export.
            ("minifyconfig.o -o out", "minifyconfig.o -o out"),
            ("--export", "--export"),
        ];
        for (given, expected) in rows {
            let arguments: Vec<String> = given.split(' ').map(str::to_owned).collect();
            let words: Vec<&str> = kept(&arguments).into_iter().map(String::as_str).collect();
            assert_eq!(words.join(" "), expected, "{given}");
        }
    }

    #[test]
    fn a_verb_is_no_call_of_the_linker() {
        assert!(asked(&["build".to_owned(), "worker".to_owned()]).is_none());
        assert!(asked(&[]).is_none());
    }
}
