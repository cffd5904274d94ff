//! Running tools: found by path, output kept in a log, failure told in one place.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::spawn;

use crate::fault::{Fault, Outcome, make_dir, write};
use crate::paths;

/// So many last lines of a log are shown with a failure.
const LAST_LINES: usize = 30;

/// Cargo itself, the one that runs us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root());
    // Set by the outer cargo for us; an inner one would take them for its own.
    for name in [
        "CARGO_MANIFEST_DIR",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
        "CARGO_CRATE_NAME",
    ] {
        command.env_remove(name);
    }
    command
}

/// Runs to the end; the output goes to `index/logs/<name>.log`, and its end into the fault when the tool fails.
pub fn quiet(command: &mut Command, name: &str) -> Outcome {
    let log = into_log(command, name)?;
    let status = command.status();
    let status = status.map_err(|error| missing(command.get_program(), &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Fault::new(name, ended(status))
        .remedy(format!("read {}", paths::shown(&log)))
        .log(last_lines(&log)))
}

/// Gives a command no input and `index/logs/<name>.log` for what it says; the log's path.
pub fn into_log(command: &mut Command, name: &str) -> Outcome<PathBuf> {
    let log = paths::logs().join(format!("{name}.log"));
    make_dir(&paths::logs())?;
    let fault = |error: std::io::Error| Fault::new(paths::shown(&log), error.to_string());
    let file = File::create(&log).map_err(fault)?;
    let errors = file.try_clone().map_err(fault)?;
    command.stdin(Stdio::null()).stdout(file).stderr(errors);
    Ok(log)
}

/// Runs to the end and returns standard output; standard error goes into the fault when the tool fails.
pub fn output(command: &mut Command, name: &str) -> Outcome<Vec<u8>> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| missing(command.get_program(), &error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Fault::new(name, ended(output.status)).log(tail(&String::from_utf8_lossy(&output.stderr))))
}

/// Runs to the end, shows every line as it comes, and returns all of them with the status: test runners.
pub fn shown(command: &mut Command, name: &str) -> Outcome<(bool, String)> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|error| missing(command.get_program(), &error))?;
    let errors = child
        .stderr
        .take()
        .map(|pipe| spawn(move || copy_lines(pipe, std::io::stderr())));
    let text = child
        .stdout
        .take()
        .map(|pipe| copy_lines(pipe, std::io::stdout()))
        .unwrap_or_default();
    let errors = errors.and_then(|thread| thread.join().ok()).unwrap_or_default();
    let status = child
        .wait()
        .map_err(|error| Fault::new(name, error.to_string()))?;
    let all = format!("{text}{errors}");
    write(&paths::logs().join(format!("{name}.log")), &all)?;
    Ok((status.success(), all))
}

fn copy_lines(pipe: impl Read, mut to: impl Write) -> String {
    let mut all = String::new();
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let _ = to.write_all(&line);
        all.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    let _ = to.flush();
    all
}

/// The path of a program on `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// The last lines of a log file.
pub fn last_lines(log: &Path) -> String {
    tail(
        &std::fs::read(log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default(),
    )
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

/// How a process ended, in words.
pub fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "was ended by a signal".to_owned(),
    }
}

/// A program that cannot be started, with the way to get it.
pub fn missing(program: &OsStr, error: &std::io::Error) -> Fault {
    let program = program.to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    if error.kind() != ErrorKind::NotFound {
        return Fault::new(name, format!("cannot be started: {error}"));
    }
    let remedy = match name.as_str() {
        "go" => {
            "install Go 1.23 or newer (Debian: apt-get install golang-go, or the archive from the Go project)"
        }
        "npm" | "node" => {
            "install Node.js with npm (Debian: apt-get install nodejs npm); any version will do"
        }
        "rustup" => "install Rust with rustup; rust-toolchain.toml then brings the pinned version",
        "chromium" => "install Chromium (Debian: apt-get install chromium)",
        _ => "run the same verb again; if it stays missing, delete target/index and try once more",
    };
    Fault::new(name, "is not installed or not on PATH").remedy(remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_is_named_with_its_remedy() {
        let error = std::io::Error::from(ErrorKind::NotFound);
        for (program, remedy) in [
            ("go", "install Go"),
            ("/usr/bin/npm", "install Node.js"),
            ("x/esbuild", "run the same"),
        ] {
            let text = missing(OsStr::new(program), &error).to_string();
            assert!(text.contains("is not installed"), "{text}");
            assert!(text.contains(remedy), "{text}");
        }
    }

    #[test]
    fn a_tail_is_the_last_lines_without_blanks() {
        let long: String = (0..100).map(|line| format!("{line}\n\n")).collect();
        let tail = tail(&long);
        assert_eq!(tail.lines().count(), LAST_LINES);
        assert!(tail.ends_with("99"));
        assert_eq!(super::tail(""), "");
    }

    #[test]
    fn a_tool_that_fails_carries_its_last_words() {
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"]), "sh")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("exit code 3") && error.contains("| why"),
            "{error}"
        );
    }
}
