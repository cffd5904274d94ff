//! The Worker in the raw `workerd`: its config in Cap'n Proto's text form.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::vars::Deployment;
use crate::fault::{Outcome, copy, make_dir, write};
use crate::{build, node};

/// Copies the build into `dir`, so that a later build does not pull it from under a running Worker, and writes the config.
pub fn prepare(
    dir: &Path,
    deployment: &Deployment,
    secrets: &[(String, String)],
    port: u16,
) -> Outcome<Command> {
    make_dir(dir)?;
    let target = build::target("worker")?;
    copy(&target.script(), &dir.join("index.js"))?;
    copy(&target.wasm(), &dir.join("edgeward.wasm"))?;
    let config = dir.join("worker.capnp");
    write(&config, text(deployment, secrets, port))?;
    let mut command = Command::new(node::workerd()?);
    command.current_dir(dir).arg("serve").arg(config);
    Ok(command)
}

fn text(deployment: &Deployment, secrets: &[(String, String)], port: u16) -> String {
    let flags: Vec<String> = deployment
        .compatibility_flags
        .iter()
        .map(|flag| quoted(flag))
        .collect();
    let vars = deployment.vars.iter().map(|(name, value)| match value {
        Value::String(text) => format!("(name = {}, text = {})", quoted(name), quoted(text)),
        other => format!("(name = {}, json = {})", quoted(name), quoted(&other.to_string())),
    });
    let secrets = secrets
        .iter()
        .map(|(name, value)| format!("(name = {}, text = {})", quoted(name), quoted(value)));
    let bindings: Vec<String> = vars.chain(secrets).collect();
    format!(
        r#"using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "edgeward.wasm", wasm = embed "edgeward.wasm"),
  ],
  compatibilityDate = {date},
  compatibilityFlags = [{flags}],
  bindings = [
    {bindings}
  ],
);
"#,
        date = quoted(&deployment.compatibility_date),
        flags = flags.join(", "),
        bindings = bindings.join(",\n    "),
    )
}

/// A Cap'n Proto string literal: C's escapes, bytes outside ASCII in hexadecimal.
fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' => literal.push_str("\\\""),
            b'\\' => literal.push_str("\\\\"),
            b' '..=b'~' => literal.push(char::from(byte)),
            _ => literal.push_str(&format!("\\x{byte:02x}")),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_escaped() {
        for (text, literal) in [
            ("a b", r#""a b""#),
            ("\"\\", r#""\"\\""#),
            ("ä\n", r#""\xc3\xa4\x0a""#),
            ("", r#""""#),
        ] {
            assert_eq!(quoted(text), literal);
        }
    }

    #[test]
    fn tables_are_json_and_secrets_are_text() {
        let deployment = Deployment {
            compatibility_date: "2026-01-01".into(),
            compatibility_flags: vec!["f".into()],
            vars: vec![
                ("E".into(), serde_json::json!({ "a": "b" })),
                ("T".into(), "x".into()),
            ],
            secrets: vec![],
            lock: None,
            assertion: None,
            audience: None,
        };
        let text = text(&deployment, &[("S".into(), "hidden".into())], 8787);
        for part in [
            r#"(name = "E", json = "{\"a\":\"b\"}")"#,
            r#"(name = "T", text = "x")"#,
            r#"(name = "S", text = "hidden")"#,
            "127.0.0.1:8787",
            r#"compatibilityFlags = ["f"]"#,
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}
