//! URLs of honest apps: each must pass, judged by one rule (semantics 2.2). `tests/routers/legitimate.test.mjs` sends the same
//! ones through the Worker.

use edgeward::policy::{Router, Terms};
use serde_json::{Value, json};

use super::{compile_with, outcome};

#[test]
fn honest_urls_pass() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/routers/legitimate.json"
    );
    let known: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let rules = known["rules"].as_array().unwrap();
    let routes: Vec<_> = rules
        .iter()
        .map(|rule| json!({ "path": rule[1], "require": { "any": [{ "role": rule[0] }] } }))
        .collect();
    let routes = Value::Array(routes);
    for router in [Router::Any, Router::CaseSensitive, Router::Next] {
        let terms = Terms {
            router,
            ..Terms::default()
        };
        let policy = compile_with(&routes, &json!("session"), terms).unwrap();
        let groups = known["urls"].as_object().unwrap().values();
        let mut passed = 0;
        for row in groups.flat_map(|group| group.as_array().unwrap()) {
            let url = row[0].as_str().unwrap();
            let path = url.split('?').next().unwrap();
            let wanted = rules.iter().position(|rule| rule[0] == row[1]);
            let wanted = wanted.map_or("default".into(), |n| format!("routes[{n}]"));
            assert_eq!(outcome(&policy, "h", "GET", path), wanted, "{url} {router:?}");
            passed += 1;
        }
        assert!(passed >= 130, "{passed}");
    }
}
