//! Cloudflare takes at most 5,000 bytes for a variable, and says so only at the deployment: we say so at the build.

use std::path::Path;

use crate::fault::{Fault, Outcome, read};
use crate::paths;

const LIMIT: usize = 5_000;

/// Checks `[vars]` and every `[env.<name>.vars]` of a wrangler.toml; no file, no complaint.
pub fn check(path: &Path) -> Outcome {
    if !path.is_file() {
        return Ok(());
    }
    check_text(&paths::shown(path), &read(path)?)
}

/// The document of `edgeward.toml` as JSON, which the Worker is compiled with; no file, no document.
pub fn compiled_in(path: &Path) -> Outcome<Option<String>> {
    if !path.is_file() {
        return Ok(None);
    }
    document(&paths::shown(path), &read(path)?).map(Some)
}

fn document(place: &str, text: &str) -> Outcome<String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        Fault::new(place, error.to_string().trim().to_owned()).accepted("a TOML document")
    })?;
    Ok(json(&toml::Value::Table(table)).to_string())
}

/// TOML has dates, JSON has not: they are texts in the document, as they would be in a variable.
fn json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect(),
        toml::Value::Array(list) => list.iter().map(json).collect(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
    }
}

fn check_text(place: &str, text: &str) -> Outcome {
    let document: toml::Table = toml::from_str(text).map_err(|error| {
        Fault::new(place, error.to_string().trim().to_owned()).accepted("a TOML document")
    })?;
    let mut tables = vec![("vars".to_owned(), document.get("vars"))];
    if let Some(environments) = document.get("env").and_then(toml::Value::as_table) {
        for (name, environment) in environments {
            tables.push((format!("env.{name}.vars"), environment.get("vars")));
        }
    }
    for (table, vars) in tables {
        for (name, value) in vars.and_then(toml::Value::as_table).into_iter().flatten() {
            let json = serde_json::to_string(value)
                .map_err(|error| Fault::new(format!("{place}: {table}.{name}"), error.to_string()))?;
            if json.len() > LIMIT {
                return Err(too_long(place, &format!("{table}.{name}"), json.len()));
            }
        }
    }
    Ok(())
}

fn too_long(place: &str, name: &str, bytes: usize) -> Fault {
    Fault::new(format!("{place}: {name}"), format!("{bytes} bytes as JSON"))
        .accepted(format!(
            "at most {LIMIT} bytes for one variable (Cloudflare's limit)"
        ))
        .remedy(
            "move rules into EDGEWARD_ROUTES, EDGEWARD_ROUTES_2 …, which continue the list, \
             or put the whole document into edgeward.toml, which is compiled in",
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn var(table: &str, bytes: usize) -> String {
        // Two quotes are part of the JSON.
        format!("[{table}]\nEDGEWARD = \"{}\"\n", "x".repeat(bytes - 2))
    }

    #[test]
    fn a_document_is_compiled_in_as_json() {
        let text = "default = \"session\"\nrolling = 2\nratio = 0.5\non = true\nuntil = 2027-03-01\n[[routes]]\npath = [\"/\"]\n";
        let expected = serde_json::json!({
            "default": "session", "rolling": 2, "ratio": 0.5, "on": true, "until": "2027-03-01",
            "routes": [{ "path": ["/"] }],
        });
        let found: serde_json::Value =
            serde_json::from_str(&document("edgeward.toml", text).unwrap()).unwrap();
        assert_eq!(found, expected);
        let fault = document("edgeward.toml", "default = ").unwrap_err().to_string();
        assert!(fault.starts_with("edgeward.toml: "), "{fault}");
        assert!(
            compiled_in(Path::new("/nowhere/edgeward.toml"))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_variable_fits_or_the_way_out_is_named() {
        let nested = format!("[[vars.EDGEWARD.routes]]\npath = \"/{}\"\n", "x".repeat(LIMIT));
        let wide = format!("[vars]\nEDGEWARD = \"{}\"\n", "ä".repeat(2_500));
        let rows: &[(&str, &str, Option<&str>)] = &[
            ("empty", "", None),
            ("no vars", "name = \"x\"", None),
            ("at the limit", &var("vars", LIMIT), None),
            (
                "one over",
                &var("vars", LIMIT + 1),
                Some("vars.EDGEWARD: 5001 bytes"),
            ),
            (
                "an environment",
                &var("env.staging.vars", LIMIT + 1),
                Some("env.staging.vars.EDGEWARD"),
            ),
            ("a nested table", &nested, Some("vars.EDGEWARD")),
            ("bytes, not characters", &wide, Some("5002 bytes")),
            ("no TOML", "[vars", Some("a TOML document")),
        ];
        for (name, text, expected) in rows {
            match (check_text("wrangler.toml", text), expected) {
                (Ok(()), None) => {}
                (Err(fault), Some(part)) => assert!(fault.to_string().contains(part), "{name}: {fault}"),
                (outcome, _) => panic!("{name}: {outcome:?}"),
            }
        }
        let text = check_text("w", &var("vars", 6_000)).unwrap_err().to_string();
        for way in ["EDGEWARD_ROUTES", "EDGEWARD_ROUTES_2", "edgeward.toml"] {
            assert!(text.contains(way), "{text}");
        }
    }
}
