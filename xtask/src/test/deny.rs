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
        let packages = || metadata["packages"].as_array().into_iter().flatten();
        for package in packages() {
            let name = package["name"].as_str().unwrap_or_default();
            let licence = package["license"].as_str().unwrap_or_default();
            if !spdx::allowed(licence, &|name| self.licences.contains(name)) {
                complaints.push(format!("{name}: licence `{licence}`"));
            }
        }
        // The resolved graph, not the manifests: an optional dependency that nobody switches on is not there.
        let name_of = |id: &Value| {
            let package = packages().find(|package| package["id"] == *id);
            package
                .and_then(|package| package["name"].as_str())
                .unwrap_or_default()
                .to_owned()
        };
        for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
            for dependency in node["deps"].as_array().into_iter().flatten() {
                let mut kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
                if !kinds.any(|kind| kind["kind"].is_null()) {
                    continue;
                }
                let (name, asked) = (name_of(&node["id"]), name_of(&dependency["pkg"]));
                let ban = self.banned.iter().find(|(banned, _)| *banned == asked);
                if ban.is_some_and(|(_, wrappers)| !wrappers.contains(&name)) {
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
        let package = |name: &str, licence: Option<&str>| serde_json::json!({ "id": name, "name": name, "license": licence });
        let asks = |name: &str, kind: Option<&str>| serde_json::json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = serde_json::json!({
            "packages": [
                package("a", Some("MIT OR GPL-3.0")), package("ok", Some("MIT")), package("ring", Some("MIT")),
                package("d", Some("MIT")), package("b", None),
            ],
            "resolve": { "nodes": [
                { "id": "a", "deps": [asks("ok", None), asks("ring", None)] },
                { "id": "ok", "deps": [asks("ring", None)] },
                { "id": "d", "deps": [asks("ring", Some("dev"))] },
            ] },
        });
        let complaints = rules.judge(&metadata);
        assert_eq!(complaints, ["b: licence ``", "a: asks for ring, which is banned"]);
    }

    #[test]
    fn a_file_without_its_lists_is_refused() {
        for text in ["", "[licenses]\nallow = []", "[bans]\ndeny = []", "[licenses"] {
            assert!(Rules::parse(text).is_err(), "{text}");
        }
    }
}
