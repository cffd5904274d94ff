//! `cargo xtask test [suite…]`: everything that must hold, suite by suite; without a name, all of them.
//!
//! A new suite is a row of [`SUITES`]; most are a cargo command or a folder of Node test files.

mod browser;
mod deny;
mod deploy;
mod formats;
mod kratos;
pub mod npm;
mod policy;
mod purity;
mod rust;
mod scripts;
mod spdx;
mod tally;
mod wasm_imports;

pub use kratos::soak;
pub use purity::core_tree;

use std::path::Path;
use std::time::Instant;

use tally::Tally;

use crate::fault::{Fault, Outcome};
use crate::step;
use crate::world::{Wish, World, stop};

/// One suite.
struct Suite {
    name: &'static str,
    about: &'static str,
    run: fn(&mut Context) -> Outcome<Tally>,
}

/// In the order in which they run: cheap ones first, so that a slip is known early.
const SUITES: &[Suite] = &[
    Suite {
        name: "fmt",
        about: "rustfmt has nothing to change",
        run: |_| rust::fmt(),
    },
    Suite {
        name: "tidy",
        about: "the repository's rules",
        run: |_| rust::tidy(),
    },
    Suite {
        name: "clippy",
        about: "no warning, in any target",
        run: |_| rust::clippy(),
    },
    Suite {
        name: "unit",
        about: "native tests of every crate",
        run: |_| rust::unit(),
    },
    Suite {
        name: "fuzz",
        about: "the fuzz targets, ten seconds",
        run: |_| rust::fuzz(),
    },
    Suite {
        name: "docs",
        about: "rustdoc, private items included",
        run: |_| rust::docs(),
    },
    Suite {
        name: "purity",
        about: "the core names no runtime, the wasm no env",
        run: |_| purity::suite(),
    },
    Suite {
        name: "deny",
        about: "licences and banned crates",
        run: |_| deny::suite(),
    },
    Suite {
        name: "size",
        about: "the Worker against its last figures",
        run: |_| rust::size(),
    },
    Suite {
        name: "formats",
        about: "every session format, with the real libraries, both ways",
        run: |_| formats::suite(),
    },
    Suite {
        name: "policy",
        about: "rules, cases, and every rule in every spelling before the real routers",
        run: |context| policy::suite(context.all),
    },
    Suite {
        name: "parts",
        about: "the demo's own parts, and what the bench says of a figure",
        run: |_| scripts::alone(&["tests/live", "tests/bench", "examples"]),
    },
    Suite {
        name: "wasm",
        about: "the wasm under Node",
        run: |_| scripts::wasm(),
    },
    Suite {
        name: "demo",
        about: "the main job over HTTP",
        run: |_| rust::demo(),
    },
    Suite {
        name: "worker",
        about: "the Worker in workerd, Kratos behind it; `--all` runs a thousand rounds of traps",
        run: scripts::worker,
    },
    Suite {
        name: "browser",
        about: "the main job in Chromium",
        run: browser::suite,
    },
    Suite {
        name: "kratos",
        about: "the identity server: tunnel, copy and every flow in Chromium",
        run: kratos::suite,
    },
    Suite {
        name: "npm",
        about: "the packed npm package in every runtime; `--all` runs the whole matrix",
        run: npm::suite,
    },
    Suite {
        name: "deploy",
        about: "wrangler takes what we built",
        run: |_| deploy::suite(),
    },
];

/// What suites share: one world for all that need one.
#[derive(Default)]
pub struct Context {
    world: Option<World>,
    /// The suites that this run is through with.
    ran: Vec<&'static str>,
    /// `--all`: every combination, not one of each kind.
    all: bool,
    /// `--only TEXT`: of the suites that run test files in the world, the files whose name has it, or one of several between commas.
    only: Option<String>,
}

impl Context {
    /// The running world, started by the first suite that asks.
    pub fn world(&mut self) -> Outcome<&mut World> {
        let world = match self.world.take() {
            Some(world) => world,
            None => World::start(&Wish {
                name: "test",
                port: None,
                for_tests: true,
            })?,
        };
        Ok(self.world.insert(world))
    }

    /// Whether a test file is asked for.
    fn wants(&self, file: &Path) -> bool {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        self.only
            .as_ref()
            .is_none_or(|text| text.split(',').any(|text| name.contains(text)))
    }
}

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    let (mut context, names) = options(arguments)?;
    let suites = chosen(&names)?;
    if let (Some(_), Some(suite)) = (
        &context.only,
        suites.iter().find(|suite| !ONLY.contains(&suite.name)),
    ) {
        return Err(Fault::new(
            "cargo xtask test",
            format!("`--only` chooses no file of `{}`", suite.name),
        )
        .accepted(ONLY.join(", ")));
    }
    let begun = Instant::now();
    let mut sum = Tally::default();
    let mut lines = Vec::new();
    for suite in suites {
        stop::check()?;
        println!("\n== {}: {}", suite.name, suite.about);
        let begun = Instant::now();
        let tally = match (suite.run)(&mut context).and_then(|tally| judged(suite.name, tally)) {
            Ok(tally) => tally,
            Err(fault) => {
                eprintln!("error: {fault}");
                Tally {
                    failed: 1,
                    ..Tally::default()
                }
            }
        };
        context.ran.push(suite.name);
        let time = step::seconds(begun.elapsed());
        let again = match tally.again {
            0 => String::new(),
            again => format!(", {again} of them only when run once more"),
        };
        lines.push(format!(
            "{:<8} {:>5} passed, {} failed{again}, {time}",
            suite.name, tally.passed, tally.failed
        ));
        sum += tally;
    }
    drop(context);
    print!("\n{}", sum.failures);
    println!("\n{}\nin {}", lines.join("\n"), step::seconds(begun.elapsed()));
    if sum.again > 0 {
        println!("{} passed only when their file was run once more", sum.again);
    }
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 {
        Ok(())
    } else {
        Err(Fault::new("cargo xtask test", format!("{} failed", sum.failed)))
    }
}

/// The suites that `--only` can narrow.
const ONLY: &[&str] = &["worker", "browser", "kratos", "npm"];

/// What `--…` says, and the names of suites.
fn options(arguments: &[String]) -> Outcome<(Context, Vec<String>)> {
    let mut context = Context::default();
    let mut names = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--all" => context.all = true,
            "--only" => match rest.next() {
                Some(text) => context.only = Some(text.clone()),
                None => {
                    return Err(Fault::new("cargo xtask test", "`--only` names nothing")
                        .accepted("a part of a test file's name"));
                }
            },
            _ => names.push(argument.clone()),
        }
    }
    Ok((context, names))
}

fn chosen(arguments: &[String]) -> Outcome<Vec<&'static Suite>> {
    if arguments.is_empty() {
        return Ok(SUITES.iter().collect());
    }
    let find = |name: &String| {
        SUITES.iter().find(|suite| suite.name == name).ok_or_else(|| {
            let known: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
            Fault::new("cargo xtask test", format!("`{name}` is no suite")).accepted(known.join(", "))
        })
    };
    arguments.iter().map(find).collect()
}

/// A suite without tests proves nothing, and a skipped test hides something.
fn judged(name: &str, tally: Tally) -> Outcome<Tally> {
    if tally.passed + tally.failed == 0 {
        return Err(Fault::new(name, "ran no test").accepted("at least one test"));
    }
    if tally.skipped > 0 {
        return Err(
            Fault::new(name, format!("{} tests were skipped", tally.skipped)).accepted("tests that run")
        );
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_chosen_by_name() {
        let names = |text: &str| {
            let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            chosen(&arguments).map(|suites| suites.iter().map(|suite| suite.name).collect::<Vec<_>>())
        };
        assert_eq!(names("size fmt"), Ok(vec!["size", "fmt"]));
        assert_eq!(names("").map(|all| all.len()), Ok(SUITES.len()));
        let given = |text: &str| options(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let (context, names_left) = given("--all kratos --only flows-mail").unwrap();
        assert!(context.all && names_left == ["kratos"]);
        for (file, wanted) in [
            ("tests/browser/flows-mail.test.mjs", true),
            ("tests/flows-mail/other.test.mjs", false),
        ] {
            assert_eq!(context.wants(Path::new(file)), wanted, "{file}");
        }
        assert!(given("kratos --only").is_err());
        let text = names("fnt").unwrap_err().to_string();
        assert!(text.contains("`fnt`") && text.contains("fmt, tidy"), "{text}");
    }

    #[test]
    fn nothing_run_and_anything_skipped_is_an_error() {
        let tally = |passed, failed, skipped| {
            judged(
                "x",
                Tally {
                    passed,
                    failed,
                    skipped,
                    ..Tally::default()
                },
            )
        };
        assert!(tally(1, 0, 0).is_ok());
        assert!(tally(0, 1, 0).is_ok());
        assert!(tally(0, 0, 0).unwrap_err().to_string().contains("ran no test"));
        assert!(
            tally(5, 0, 1)
                .unwrap_err()
                .to_string()
                .contains("1 tests were skipped")
        );
    }
}
