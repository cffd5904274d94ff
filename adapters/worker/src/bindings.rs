//! What the bindings say: the config document in its variables, the secrets by name.

use edgeward::base::{Secret, json};
use edgeward::config::{ConfigError, ConfigErrors};
use js_sys::{JSON, Object, Reflect};
use serde_json::Value;
use wasm_bindgen::{JsCast as _, JsValue};
use worker::Env;

/// The variable of the document, and the beginning of those that continue its rules.
const DOCUMENT: &str = "EDGEWARD";
const ROUTES: &str = "EDGEWARD_ROUTES";

/// A document compiled into the Worker, as JSON, for one that is too long for variables.
const COMPILED_IN: Option<&str> = option_env!("EDGEWARD_DOCUMENT");

/// The config document: `EDGEWARD`, else the one compiled in; then the rules of `EDGEWARD_ROUTES`, `EDGEWARD_ROUTES_2` …
pub(crate) fn document(env: &Env) -> Result<Value, ConfigErrors> {
    let mut document = match (read(env, DOCUMENT)?, COMPILED_IN) {
        (Some(document), _) => document,
        (None, Some(text)) => parse(DOCUMENT, text)?,
        (None, None) => {
            return Err(wrong(
                DOCUMENT,
                "nothing",
                "the config document",
                "write it under [vars.EDGEWARD] in wrangler.toml",
            ));
        }
    };
    for name in continued(env)? {
        let Some(Value::Array(rules)) = read(env, &name)? else {
            return Err(wrong(&name, "another type", "a list of rules", ""));
        };
        append(&mut document, rules);
    }
    Ok(document)
}

/// A secret, or a variable, by its name.
pub(crate) fn secret(env: &Env, name: &str) -> Option<Secret> {
    env.secret(name).ok().map(|value| Secret::new(value.to_string()))
}

fn append(document: &mut Value, rules: Vec<Value>) {
    let Value::Object(table) = document else {
        return;
    };
    let routes = table.entry("routes").or_insert_with(|| Value::Array(Vec::new()));
    // Of another type it is an error that the document's own reading reports.
    if let Value::Array(routes) = routes {
        routes.extend(rules);
    }
}

/// The names that continue the rules, in order. A gap is an error: rules that are left out silently open doors.
fn continued(env: &Env) -> Result<Vec<String>, ConfigErrors> {
    let names = Object::keys::<JsValue>(env.unchecked_ref());
    let names = names.iter().filter_map(|name| name.as_string());
    let mut left: Vec<String> = names.filter(|name| name.starts_with(ROUTES)).collect();
    let mut ordered = Vec::new();
    while let Some(at) = left.iter().position(|name| *name == nth(ordered.len() + 1)) {
        ordered.push(left.swap_remove(at));
    }
    let Some(name) = left.first() else {
        return Ok(ordered);
    };
    let digits = name.rsplit_once('_').map_or("", |(_, digits)| digits);
    let gap = digits
        .parse()
        .is_ok_and(|number| number > 1 && nth(number) == *name);
    Err(if gap {
        wrong(
            name,
            "a gap before it",
            "names without a gap, from EDGEWARD_ROUTES on",
            "",
        )
    } else {
        wrong(
            name,
            "this name",
            "EDGEWARD_ROUTES, EDGEWARD_ROUTES_2 and so on",
            "",
        )
    })
}

fn nth(number: usize) -> String {
    match number {
        1 => ROUTES.to_owned(),
        _ => format!("{ROUTES}_{number}"),
    }
}

/// A variable: a table or list as the platform parsed it, or text that is JSON.
fn read(env: &Env, name: &str) -> Result<Option<Value>, ConfigErrors> {
    let value = Reflect::get(env.as_ref(), &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let text = match value.as_string() {
        Some(text) => Some(text),
        None => JSON::stringify(&value).ok().and_then(|text| text.as_string()),
    };
    parse(name, &text.unwrap_or_default()).map(Some)
}

fn parse(name: &str, text: &str) -> Result<Value, ConfigErrors> {
    json::value(text.as_bytes()).map_err(|_| {
        wrong(
            name,
            "a value that is no JSON, or names a key twice",
            "a table, or JSON text",
            "",
        )
    })
}

fn wrong(path: &str, found: &str, accepted: &str, fix: &str) -> ConfigErrors {
    ConfigErrors(vec![ConfigError::new(
        "config.bindings",
        path,
        found,
        accepted,
        fix,
    )])
}
