//! The real Kratos: built from `tests/live/kratos` and configured from its template.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fault::{Fault, Outcome, make_dir, read, write};
use crate::stamp::Fingerprint;
use crate::step::step;
use crate::{paths, run};

/// SQLite is the in-memory store. The version is stamped in, or Kratos would warn that the config is for another one.
const FLAGS: &[&str] = &[
    "build",
    "-mod=readonly",
    "-trimpath",
    "-tags",
    "sqlite",
    "-ldflags",
    "-s -w -X github.com/ory/kratos/driver/config.Version=v1.3.1",
];

fn source() -> PathBuf {
    paths::root().join("tests/live/kratos")
}

/// The binary, built when the sources changed. The first build takes some minutes.
pub fn build() -> Outcome<PathBuf> {
    let (dir, out) = (source(), paths::target().join("kratos"));
    let binary = out.join("kratos");
    let stamp = Fingerprint::default()
        .file(&dir.join("go.mod"))
        .file(&dir.join("go.sum"))
        .file(&dir.join("main.go"))
        .value(FLAGS)
        .check("kratos", std::slice::from_ref(&binary));
    if stamp.fresh() {
        return Ok(binary);
    }
    if !dir.join("main.go").is_file() {
        return Err(
            Fault::new(paths::shown(&dir), "has no main.go").accepted("the module that builds Kratos")
        );
    }
    make_dir(&out)?;
    step("go build Kratos v1.3.1 (two to five minutes, once)", || {
        let mut go = Command::new("go");
        go.current_dir(&dir).args(FLAGS).arg("-o").arg(&binary).arg(".");
        go.env("CGO_ENABLED", "1");
        run::quiet(&mut go, "kratos-build")
    })?;
    stamp.set()?;
    Ok(binary)
}

/// A store in a file of its own folder, removed at the end. Of the store in memory, parallel requests find tables locked, and a
/// session that is there is not found; on a disk that was busy a write took longer than SQLite or the gate waits.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    /// As Kratos' config has it.
    pub dsn: String,
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Memory that is a folder, where the machine has it.
const MEMORY: &str = "/dev/shm";

/// An empty store: in memory's folder, or else below `dir`.
pub fn store(binary: &Path, dir: &Path) -> Outcome<Store> {
    let name = format!("edgeward-kratos-{}", std::process::id());
    let quick = Path::new(MEMORY).join(&name);
    let dir = match std::fs::create_dir(&quick) {
        Ok(()) => quick,
        Err(_) => dir.join(name),
    };
    make_dir(&dir)?;
    let file = dir.join("kratos.sqlite");
    let dsn = format!(
        "sqlite://{}?_fk=true&_journal_mode=WAL&_busy_timeout=20000&_txlock=immediate&_synchronous=OFF",
        file.display()
    );
    let store = Store {
        dir,
        dsn: format!("{dsn:?}"),
    };
    run::quiet(
        Command::new(binary).args(["migrate", "sql", "--yes", &dsn]),
        "kratos-migrate",
    )?;
    Ok(store)
}

/// Writes the config for one run.
pub fn configure(to: &Path, values: &[(&str, String)]) -> Outcome {
    let template = source().join("kratos.yml.tmpl");
    let schema = (
        "IDENTITY_SCHEMA_URL",
        format!("file://{}", source().join("identity.schema.json").display()),
    );
    let text = fill(&read(&template)?, &|name| {
        values
            .iter()
            .chain([&schema])
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
    })
    .map_err(|name| {
        Fault::new(paths::shown(&template), format!("`${{{name}}}` has no value"))
            .remedy("give it in xtask/src/world")
    })?;
    write(to, text)
}

/// Replaces `${NAME}` and `${NAME:-default}`; gives the name that has neither value nor default. `$$` and `$x` stay.
fn fill(template: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut filled = String::new();
    for line in template.split_inclusive('\n') {
        // The comments explain the syntax in its own words.
        if line.trim_start().starts_with('#') {
            filled.push_str(line);
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("${") {
            let (inside, left) = after.split_once('}').ok_or_else(|| after.trim().to_owned())?;
            let (name, default) = inside
                .split_once(":-")
                .map_or((inside, None), |(name, text)| (name, Some(text)));
            filled.push_str(before);
            filled.push_str(
                &value(name)
                    .or(default.map(str::to_owned))
                    .ok_or_else(|| name.to_owned())?,
            );
            rest = left;
        }
        filled.push_str(rest);
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled() {
        let value = |name: &str| (name == "A").then(|| "1".to_owned());
        let rows: &[(&str, Result<&str, &str>)] = &[
            ("a: ${A}\nb: ${A}/${B:-two}\n", Ok("a: 1\nb: 1/two\n")),
            (
                "# `${NAME}` is replaced\n  # ${B}\na: $x $$",
                Ok("# `${NAME}` is replaced\n  # ${B}\na: $x $$"),
            ),
            ("a: ${A:-no}", Ok("a: 1")),
            ("a: ${B:-}", Ok("a: ")),
            ("a: ${B}", Err("B")),
            ("a: ${A", Err("A")),
            ("", Ok("")),
        ];
        for (template, expected) in rows {
            let filled = fill(template, &value);
            assert_eq!(filled.as_deref().map_err(String::as_str), *expected, "{template}");
        }
    }
}
