//! The Worker's variables for loopback: those of the root wrangler.toml, with our own addresses in them.

use serde_json::{Map, Value, json};

use crate::fault::{Fault, Outcome};

/// What the Worker's config names and the run decides.
#[derive(Debug)]
pub struct Addresses {
    /// What the browser visits.
    pub public_origin: String,
    pub origin_url: String,
    pub kratos_url: String,
}

/// What of wrangler.toml the Worker runs with.
#[derive(Debug)]
pub struct Deployment {
    pub compatibility_date: String,
    pub compatibility_flags: Vec<String>,
    /// Name and JSON of every variable.
    pub vars: Vec<(String, Value)>,
    /// Names of the environment values that the config refers to as secrets.
    pub secrets: Vec<String>,
    /// Name of the secret that the origin wants in a header.
    pub lock: Option<String>,
    /// Name of the secret that signs assertions.
    pub assertion: Option<String>,
    /// The origin's name for itself in assertions.
    pub audience: Option<String>,
}

/// Reads wrangler.toml and puts our addresses into the config document.
pub fn deployment(place: &str, text: &str, addresses: &Addresses) -> Outcome<Deployment> {
    let document: Value = toml::from_str::<toml::Table>(text)
        .map_err(|error| Fault::new(place, error.to_string().trim().to_owned()).accepted("a TOML document"))
        .and_then(|table| {
            serde_json::to_value(table).map_err(|error| Fault::new(place, error.to_string()))
        })?;
    let date = document["compatibility_date"].as_str().ok_or_else(|| {
        Fault::new(place, "has no `compatibility_date`")
            .accepted("a date, `compatibility_date = \"2026-01-01\"`")
    })?;
    let flags = document["compatibility_flags"].as_array().into_iter().flatten();
    let mut vars: Map<String, Value> = document["vars"].as_object().cloned().unwrap_or_default();
    let config = vars
        .get_mut("EDGEWARD")
        .and_then(Value::as_object_mut)
        .ok_or_else(|| {
            Fault::new(place, "has no table `[vars.EDGEWARD]`")
                .remedy("the demo runs with the config that is deployed")
        })?;
    on_loopback(config, addresses);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let lock = config
        .get("origin")
        .and_then(|origin| text(&origin["lock"]["env"]));
    let assertion = config
        .get("assertion")
        .and_then(|assertion| text(&assertion["secret"]["env"]));
    let audience = config
        .get("assertion")
        .and_then(|assertion| text(&assertion["audience"]));
    let mut secrets = Vec::new();
    for value in vars.values() {
        secret_names(value, &mut secrets);
    }
    secrets.sort();
    secrets.dedup();
    Ok(Deployment {
        compatibility_date: date.to_owned(),
        compatibility_flags: flags
            .filter_map(|flag| flag.as_str().map(str::to_owned))
            .collect(),
        vars: vars.into_iter().collect(),
        secrets,
        lock,
        assertion,
        audience,
    })
}

fn on_loopback(config: &mut Map<String, Value>, addresses: &Addresses) {
    config.insert("public_origins".to_owned(), json!([addresses.public_origin]));
    config.remove("preview_origins");
    let origin = config.entry("origin").or_insert_with(|| json!({}));
    if let Some(origin) = origin.as_object_mut() {
        // The lock and the like stay as they are deployed.
        origin.remove("binding");
        origin.insert("url".to_owned(), json!(addresses.origin_url));
    }
    if let Some(kratos) = config.get_mut("kratos").and_then(Value::as_object_mut) {
        kratos.insert("url".to_owned(), json!(addresses.kratos_url));
    }
}

/// Every `{ env = "NAME" }`.
fn secret_names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(table) => match (table.len(), table.get("env")) {
            (1, Some(Value::String(name))) => found.push(name.clone()),
            _ => table.values().for_each(|value| secret_names(value, found)),
        },
        Value::Array(list) => list.iter().for_each(|value| secret_names(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        Addresses {
            public_origin: "http://localhost:1".into(),
            origin_url: "http://127.0.0.1:2".into(),
            kratos_url: "http://127.0.0.1:3".into(),
        }
    }

    #[test]
    fn the_deployed_config_moves_to_loopback() {
        let text = r#"
            compatibility_date = "2026-01-01"
            compatibility_flags = ["a", "b"]
            [vars]
            OTHER = "x"
            [vars.EDGEWARD]
            public_origins = ["https://app.example.com"]
            preview_origins = ["https://*.example.com"]
            origin = { binding = "APP", lock = { env = "LOCK" } }
            default = "session"
            [vars.EDGEWARD.session]
            secrets = [{ env = "NEW" }, { env = "OLD" }, { env = "NEW" }]
            [vars.EDGEWARD.kratos]
            url = "https://id.example.com"
            mounts = ["/"]
            [vars.EDGEWARD.assertion]
            secret = { env = "SIGN" }
            audience = "app"
        "#;
        let deployment = deployment("wrangler.toml", text, &addresses()).unwrap();
        assert_eq!(deployment.secrets, ["LOCK", "NEW", "OLD", "SIGN"]);
        assert_eq!(deployment.lock.as_deref(), Some("LOCK"));
        assert_eq!(deployment.assertion.as_deref(), Some("SIGN"));
        assert_eq!(deployment.audience.as_deref(), Some("app"));
        assert_eq!(deployment.compatibility_flags, ["a", "b"]);
        let config = &deployment
            .vars
            .iter()
            .find(|(name, _)| name == "EDGEWARD")
            .unwrap()
            .1;
        assert_eq!(config["public_origins"], json!(["http://localhost:1"]));
        assert_eq!(
            config["origin"],
            json!({ "url": "http://127.0.0.1:2", "lock": { "env": "LOCK" } })
        );
        assert_eq!(
            config["kratos"],
            json!({ "url": "http://127.0.0.1:3", "mounts": ["/"] })
        );
        assert_eq!(config["default"], "session");
        assert!(config.get("preview_origins").is_none());
    }

    #[test]
    fn what_is_missing_is_named() {
        for (text, part) in [
            ("", "compatibility_date"),
            ("compatibility_date = \"2026-01-01\"", "[vars.EDGEWARD]"),
            (
                "compatibility_date = \"2026-01-01\"\n[vars]\nEDGEWARD = 3",
                "[vars.EDGEWARD]",
            ),
            ("[vars", "a TOML document"),
        ] {
            let fault = deployment("wrangler.toml", text, &addresses())
                .unwrap_err()
                .to_string();
            assert!(fault.contains(part), "{text}: {fault}");
        }
    }
}
