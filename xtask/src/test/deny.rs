//! What deny.toml says about licences and banned crates, held against Cargo.lock without a tool to install. Advisories need
//! a database from the network: `cargo deny check advisories`, where the tool is at hand.

use std::collections::BTreeSet;

use serde_json::Value;

use super::spdx;
use super::tally::Tally;
use crate::fault::{Fault, Outcome, read};
use crate::{paths, run};

pub(super) fn suite() -> Outcome<Tally> {
    let rules = Rules::parse(&read(&paths::root().join("deny.toml"))?)?;
    let output = run::output(
        run::cargo().args(["metadata", "--format-version", "1", "--locked"]),
        "cargo metadata",
    )?;
    let metadata: Value =
        serde_json::from_slice(&output).map_err(|error| Fault::new("cargo metadata", error.to_string()))?;
    let complaints = rules.judge(&metadata);
    if complaints.is_empty() {
        return Ok(Tally {
            passed: 2,
            ..Tally::default()
        });
    }
    Err(
        Fault::new("deny.toml", format!("{} packages break it", complaints.len()))
            .remedy("replace the dependency, or change deny.toml with a reason")
            .log(complaints.join("\n")),
    )
}

struct Rules {
    licences: BTreeSet<String>,
    /// A crate and those who may ask for it all the same.
    banned: Vec<(String, BTreeSet<String>)>,
}

impl Rules {
    fn parse(text: &str) -> Outcome<Self> {
        let document: toml::Table =
            toml::from_str(text).map_err(|error| Fault::new("deny.toml", error.to_string()))?;
        let list = |table: &str, key: &str| {
            let list = document
                .get(table)
                .and_then(|table| table.get(key))
                .and_then(toml::Value::as_array);
            list.ok_or_else(|| Fault::new("deny.toml", format!("has no list `{key}` in [{table}]")))
        };
        let texts = |value: Option<&toml::Value>| -> BTreeSet<String> {
            let list = value.and_then(toml::Value::as_array).into_iter().flatten();
            list.filter_map(|entry| entry.as_str().map(str::to_owned))
                .collect()
        };
        let licences = list("licenses", "allow")?
            .iter()
            .filter_map(|entry| entry.as_str().map(str::to_owned));
        let banned = list("bans", "deny")?.iter().filter_map(|entry| {
            let name = entry.get("crate").and_then(toml::Value::as_str)?;
            Some((name.to_owned(), texts(entry.get("wrappers"))))
        });
        Ok(Self {
            licences: licences.collect(),
            banned: banned.collect(),
        })
    }

    fn judge(&self, metadata: &Value) -> Vec<String> {
        let mut complaints = Vec::new();
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let name = package["name"].as_str().unwrap_or_default();
            let licence = package["license"].as_str().unwrap_or_default();
            if !spdx::allowed(licence, &|name| self.licences.contains(name)) {
                complaints.push(format!("{name}: licence `{licence}`"));
            }
            for dependency in package["dependencies"].as_array().into_iter().flatten() {
                let asked = dependency["name"].as_str().unwrap_or_default();
                // Only what is resolved counts: an optional dependency that nobody switches on is not there.
                let resolved = || {
                    metadata["packages"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .any(|other| other["name"] == asked)
                };
                let ban = self.banned.iter().find(|(banned, _)| banned == asked);
                if ban.is_some_and(|(_, wrappers)| !wrappers.contains(name))
                    && dependency["kind"].is_null()
                    && resolved()
                {
                    complaints.push(format!("{name}: asks for {asked}, which is banned"));
                }
            }
        }
        complaints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_and_bans_are_judged() {
        let rules = Rules::parse(
            "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"ring\", wrappers = [\"ok\"] }, { crate = \"openssl\" }]",
        )
        .unwrap();
        let metadata = serde_json::json!({ "packages": [
            { "name": "a", "license": "MIT OR GPL-3.0", "dependencies": [{ "name": "ring", "kind": null }] },
            { "name": "ok", "license": "MIT", "dependencies": [{ "name": "ring", "kind": null }] },
            { "name": "ring", "license": "MIT", "dependencies": [{ "name": "openssl", "kind": null }] },
            { "name": "d", "license": "MIT", "dependencies": [{ "name": "ring", "kind": "dev" }] },
            { "name": "b", "license": null, "dependencies": [] },
        ] });
        let complaints = rules.judge(&metadata);
        assert_eq!(complaints, ["a: asks for ring, which is banned", "b: licence ``"]);
    }

    #[test]
    fn a_file_without_its_lists_is_refused() {
        for text in ["", "[licenses]\nallow = []", "[bans]\ndeny = []", "[licenses"] {
            assert!(Rules::parse(text).is_err(), "{text}");
        }
    }
}
