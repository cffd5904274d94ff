//! `cargo xtask size [--json] [--write]`: what the Worker weighs, against its budget and its last committed figures.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use crate::fault::{Fault, Outcome, read, write};
use crate::size_npm::{self, Entry};
use crate::{build, paths};

/// The Worker with all features, gzipped: a tenth of the 3 MB that Cloudflare takes on its free plan. A KB has 1,000 bytes here.
const BUDGET: usize = 300_000;
/// What the design said before there was a Worker; ARCHITECTURE.md says why it does not hold.
const FIRST_BUDGET: usize = 130_000;
/// What may be added without a word, in hundredths of the last figure.
const SLACK_PERCENT: usize = 2;

/// Bytes as they are and gzipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight {
    pub raw: usize,
    pub gzip: usize,
}

impl std::ops::Add for Weight {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            raw: self.raw + other.raw,
            gzip: self.gzip + other.gzip,
        }
    }
}

#[derive(Debug)]
struct Figures {
    wasm: Weight,
    js: Weight,
}

impl Figures {
    fn sum(&self) -> Weight {
        Weight {
            raw: self.wasm.raw + self.js.raw,
            gzip: self.wasm.gzip + self.js.gzip,
        }
    }
}

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    if let Some(other) = arguments
        .iter()
        .find(|argument| !matches!(argument.as_str(), "--json" | "--write"))
    {
        return Err(
            Fault::new("cargo xtask size", format!("`{other}` is no option")).accepted("`--json`, `--write`")
        );
    }
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    build::worker()?;
    let figures = measure()?;
    let entries = size_npm::measure()?;
    if has("--write") {
        write(&committed_path(), text(&figures, &entries))?;
    }
    let committed = committed()?;
    let worker = gzip_of(&committed, &["worker", "gzip"]);
    if has("--json") {
        let weight = |weight: Weight| json!({ "raw": weight.raw, "gzip": weight.gzip });
        let sum = weight(figures.sum());
        let npm: serde_json::Map<String, serde_json::Value> = entries
            .iter()
            .map(|entry| {
                (
                    entry.name.to_owned(),
                    json!({ "js": weight(entry.js), "sum": weight(entry.sum) }),
                )
            })
            .collect();
        println!(
            "{}",
            json!({ "npm": npm, "worker": { "wasm": weight(figures.wasm), "js": weight(figures.js), "sum": sum,
                "budget_gzip": BUDGET, "first_budget_gzip": FIRST_BUDGET, "committed_gzip": worker } })
        );
    } else {
        print(&figures, worker);
        size_npm::print(&entries);
    }
    within_budget(figures.sum().gzip)?;
    judge("the Worker", figures.sum().gzip, worker)?;
    for entry in &entries {
        let name = format!("edgeward/{}", entry.name);
        judge(&name, entry.sum.gzip, gzip_of(&committed, &["npm", entry.name]))?;
    }
    Ok(())
}

/// The gate, as a suite.
pub fn gate() -> Outcome {
    verb(&[])
}

fn print(figures: &Figures, committed: Option<usize>) {
    println!("Worker          raw     gzip");
    for (name, weight) in [("wasm", figures.wasm), ("js", figures.js), ("sum", figures.sum())] {
        println!("  {name:<6} {:>9} {:>8}", weight.raw, weight.gzip);
    }
    let verdict = verdict(figures.sum().gzip, BUDGET);
    println!("  budget {BUDGET:>18}  {verdict} (the design's first figure was {FIRST_BUDGET})");
    if let Some(committed) = committed {
        println!("  committed {committed:>15}");
    }
}

/// What is printed beside a budget.
pub fn verdict(gzip: usize, budget: usize) -> &'static str {
    if gzip <= budget { "met" } else { "missed" }
}

/// The Worker has a budget beside the gate of every entry.
fn within_budget(gzip: usize) -> Outcome {
    if gzip <= BUDGET {
        return Ok(());
    }
    Err(Fault::new("the Worker", format!("{gzip} bytes gzipped"))
        .accepted(format!("{BUDGET}, the budget"))
        .remedy("make it smaller: ARCHITECTURE.md says what helped and what did not"))
}

/// The gate is the last committed figure and a little.
fn judge(what: &str, gzip: usize, committed: Option<usize>) -> Outcome {
    let Some(committed) = committed else {
        return Err(
            Fault::new("xtask/sizes.toml", format!("has no figure for {what}"))
                .remedy("cargo xtask size --write"),
        );
    };
    let limit = committed + committed * SLACK_PERCENT / 100;
    if gzip > limit {
        return Err(Fault::new(what, format!("{gzip} bytes gzipped"))
            .accepted(format!(
                "{limit}: the committed {committed} and {SLACK_PERCENT} %"
            ))
            .remedy("make it smaller, or commit cargo xtask size --write with the reason"));
    }
    Ok(())
}

fn measure() -> Outcome<Figures> {
    let target = build::target("worker")?;
    Ok(Figures {
        wasm: weigh(&target.wasm())?,
        js: weigh(&target.script())?,
    })
}

pub fn weigh(path: &Path) -> Outcome<Weight> {
    let fault = |error: std::io::Error| Fault::new(paths::shown(path), error.to_string());
    let bytes = std::fs::read(path).map_err(fault)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let gzip = encoder
        .write_all(&bytes)
        .and_then(|()| encoder.finish())
        .map_err(fault)?;
    Ok(Weight {
        raw: bytes.len(),
        gzip: gzip.len(),
    })
}

fn committed_path() -> PathBuf {
    paths::root().join("xtask/sizes.toml")
}

/// The last figures; none where there is no file.
fn committed() -> Outcome<toml::Table> {
    let path = committed_path();
    if !path.is_file() {
        return Ok(toml::Table::new());
    }
    toml::from_str(&read(&path)?).map_err(|error| {
        Fault::new(paths::shown(&path), error.to_string()).remedy("cargo xtask size --write")
    })
}

fn gzip_of(committed: &toml::Table, [table, key]: &[&str; 2]) -> Option<usize> {
    let gzip = committed.get(*table)?.get(*key)?.as_integer()?;
    usize::try_from(gzip).ok()
}

fn text(figures: &Figures, entries: &[Entry]) -> String {
    let sum = figures.sum();
    let npm: String = entries
        .iter()
        .map(|entry| format!("{:?} = {}\n", entry.name, entry.sum.gzip))
        .collect();
    format!(
        "# Written by `cargo xtask size --write`. The gates are the gzipped sums and {SLACK_PERCENT} %.\n\
         [worker]\nraw = {}\ngzip = {}\nwasm_gzip = {}\njs_gzip = {}\n\n\
         # Entries of the npm package, wasm and JavaScript, gzipped.\n[npm]\n{npm}",
        sum.raw, sum.gzip, figures.wasm.gzip, figures.js.gzip
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_a_limit() {
        assert!(within_budget(BUDGET).is_ok());
        let fault = within_budget(BUDGET + 1).unwrap_err().to_string();
        assert!(fault.contains("300001") && fault.contains("300000"), "{fault}");
    }

    #[test]
    fn the_gate_is_the_last_figure_and_two_percent() {
        let rows: &[(usize, Option<usize>, Option<&str>)] = &[
            (100_000, Some(100_000), None),
            (102_000, Some(100_000), None),
            (102_001, Some(100_000), Some("102000")),
            (50_000, Some(100_000), None),
            (BUDGET, Some(BUDGET), None),
            (BUDGET + 1, Some(BUDGET), None),
            (2 * BUDGET, Some(BUDGET), Some("committed")),
            (100_000, None, Some("--write")),
        ];
        for (gzip, committed, expected) in rows {
            match (judge("it", *gzip, *committed), expected) {
                (Ok(()), None) => {}
                (Err(fault), Some(part)) => assert!(fault.to_string().contains(part), "{gzip}: {fault}"),
                (outcome, _) => panic!("{gzip}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn written_figures_are_read_again() {
        let weight = |raw, gzip| Weight { raw, gzip };
        let figures = Figures {
            wasm: weight(10, 5),
            js: weight(4, 2),
        };
        let entry = |name, gzip| Entry {
            name,
            js: weight(1, 1),
            sum: weight(2 * gzip, gzip),
        };
        let table: toml::Table =
            toml::from_str(&text(&figures, &[entry("next", 9), entry("ory-pages", 11)])).unwrap();
        assert_eq!(table["worker"]["raw"].as_integer(), Some(14));
        for (place, gzip) in [
            (["worker", "gzip"], Some(7)),
            (["npm", "next"], Some(9)),
            (["npm", "ory-pages"], Some(11)),
            (["npm", "react"], None),
            (["rpm", "next"], None),
        ] {
            assert_eq!(gzip_of(&table, &place), gzip, "{place:?}");
        }
    }
}
