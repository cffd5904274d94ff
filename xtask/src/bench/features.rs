//! What each Cargo feature adds to the Worker's wasm: a build without any, one for each, one with all. Cargo and
//! the stamps of the build keep what is the same as last time.

use std::thread::ScopedJoinHandle;

use serde_json::{Value, json};

use super::{Report, judged, script};
use crate::build::{self, Around, Compiled, Mode, Target};
use crate::fault::{Fault, Outcome, copy, make_dir, read, write};
use crate::{paths, run};

const PREFIX: &str = "format-";

/// One build: what the table calls it, and its features.
struct Build {
    name: String,
    features: Vec<String>,
}

pub(super) fn measure(report: &Report) -> Outcome {
    let builds = builds(&formats(&read(&paths::root().join("Cargo.toml"))?)?);
    let found = builds
        .iter()
        .map(|build| json!({ "name": build.name, "wasm": paths::root().join(build.out()).join("edgeward.wasm") }))
        .collect::<Vec<_>>();
    all(&builds)?;
    let list = paths::work().join("bench-features.json");
    write(&list, Value::from(found).to_string())?;
    let mut command = script(&paths::root().join("tests/bench/features.mjs"), report)?;
    command.arg(&list);
    judged(run::shown(&mut command, "bench-features")?)
}

fn builds(formats: &[String]) -> Vec<Build> {
    let build = |name: &str, features: &[&str]| Build {
        name: name.to_owned(),
        features: features.iter().map(|feature| (*feature).to_owned()).collect(),
    };
    let each = formats
        .iter()
        .map(|format| build(&format!("`{format}`"), &[&format!("edgeward/{format}")]));
    let every = "edgeward/formats";
    [build("none", &[])]
        .into_iter()
        .chain(each)
        .chain([
            build("every format", &[every]),
            build("every format, `verify-in-wasm`", &[every, "verify-in-wasm"]),
        ])
        .collect()
}

impl Build {
    fn place(&self) -> String {
        match self.features.as_slice() {
            [] => "none".to_owned(),
            features => features.join("-").replace("edgeward/", ""),
        }
    }

    fn out(&self) -> String {
        format!("build/features/{}", self.place())
    }

    fn with_target<T>(&self, optimise: &str, work: impl FnOnce(&Target<'_>) -> T) -> T {
        let features: Vec<&str> = self.features.iter().map(String::as_str).collect();
        work(&Target {
            name: &format!("features-{}", self.place()),
            package: "edgeward-worker",
            features: &features,
            defaults: false,
            around: Around::Nothing,
            out: &self.out(),
            optimise,
        })
    }
}

/// Compiles one after the other; while the optimiser works on one, the next is compiled.
fn all(builds: &[Build]) -> Outcome {
    let optimise = build::target("worker")?.optimise;
    std::thread::scope(|scope| {
        let mut before: Option<ScopedJoinHandle<'_, Outcome>> = None;
        for one in builds {
            let made = one.with_target(optimise, |target| {
                kept(target, build::compile(target, Mode::Release)?)
            })?;
            before
                .take()
                .map_or(Ok(()), |thread| build::joined(thread.join()))?;
            before = Some(scope.spawn(move || {
                one.with_target(optimise, |target| build::finish(target, Mode::Release, &made))
            }));
        }
        before.map_or(Ok(()), |thread| build::joined(thread.join()))
    })
}

/// Cargo puts the next build's wasm in the place of this one's.
fn kept(target: &Target<'_>, made: Compiled) -> Outcome<Compiled> {
    let raw = target.out().join("raw.wasm");
    make_dir(&target.out())?;
    copy(&made.wasm, &raw)?;
    Ok(Compiled { wasm: raw, ..made })
}

/// The features of the core that are formats, as its manifest lists them.
pub fn formats(manifest: &str) -> Outcome<Vec<String>> {
    let fault = |text: String| Fault::new("Cargo.toml", text);
    let manifest: toml::Table = toml::from_str(manifest).map_err(|error| fault(error.to_string()))?;
    let listed = manifest
        .get("features")
        .and_then(|features| features.get("formats"))
        .and_then(toml::Value::as_array)
        .ok_or_else(|| fault("has no feature `formats`".to_owned()))?;
    let names = listed.iter().filter_map(toml::Value::as_str);
    Ok(names
        .filter(|name| name.starts_with(PREFIX))
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_build_has_a_place_of_its_own() {
        let builds = builds(&["format-a".to_owned(), "format-b".to_owned()]);
        let places: Vec<String> = builds.iter().map(Build::place).collect();
        assert_eq!(
            places,
            [
                "none",
                "format-a",
                "format-b",
                "formats",
                "formats-verify-in-wasm"
            ]
        );
    }

    #[test]
    fn the_formats_are_those_of_the_manifest() {
        let manifest = "[features]\nformats = [\"format-a\", \"format-b\", \"other\"]\nformat-c = []\n";
        assert_eq!(formats(manifest).unwrap(), ["format-a", "format-b"]);
        for manifest in ["", "[features]\ndefault = []\n", "[features"] {
            assert!(formats(manifest).is_err(), "{manifest}");
        }
    }
}
