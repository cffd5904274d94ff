//! The policy through its public face: rules as a document writes them, requests as they arrive.

mod circles;
mod classes;
mod faults;
mod find;
mod judging;
mod legitimate;
mod matrix;
mod properties;
mod spellings;
mod widenings;

use edgeward::config::read::{Errors, Node};
use edgeward::config::{ConfigError, routes};
use edgeward::policy::{Finding, Policy, Requirement, Terms};
use serde_json::{Value, json};

const GIVEN: routes::Given = routes::Given {
    fresh_within: 300,
    user_editable: &[],
};

/// Compiles `routes` with `default` as a document would.
fn compile_with(routes: &Value, default: &Value, terms: Terms) -> Result<Policy, Vec<ConfigError>> {
    let errors = Errors::new();
    let rules = routes::read(&Node::root(routes, "routes", &errors), GIVEN);
    let default = routes::read_requirement(&Node::root(default, "default", &errors), GIVEN);
    let default = default.unwrap_or_else(|| Requirement::of(edgeward::policy::Access::Session));
    if errors.count() > 0 {
        return Err(errors.into_inner());
    }
    let policy = routes::compile(rules, default, terms, &errors);
    policy.ok_or_else(|| errors.into_inner())
}

fn compile(routes: &Value) -> Policy {
    compile_with(routes, &json!("session"), Terms::default()).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn faults(routes: &Value) -> Vec<ConfigError> {
    compile_with(routes, &json!("session"), Terms::default())
        .err()
        .unwrap_or_default()
}

/// The outcome of a request in one line: the places of the rules, `405 GET, HEAD`, `400` with what was ambiguous
/// or why the path was refused.
fn outcome(policy: &Policy, host: &str, method: &str, path: &str) -> String {
    let readings = match policy.readings(path) {
        Ok(readings) => readings,
        Err(refusal) => return format!("400 {}", refusal.code()),
    };
    match policy.find(&readings, host, method) {
        Finding::Found(found) => {
            let places: Vec<_> = found.rules().iter().map(|rule| rule.place.as_str()).collect();
            places.join(" & ")
        }
        Finding::MethodNotAllowed { allow, .. } => format!("405 {}", allow.join(", ")),
        Finding::Ambiguous(a, b) => format!("400 {} | {}", a.place, b.place),
    }
}
