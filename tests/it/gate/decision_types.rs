//! The types of what comes out: the log line of a decision, a session as the app gets it, and what one is sealed from.

use std::fmt::Write as _;

use edgeward::base::{Moment, Secret};
use edgeward::decision::{Body, Decision, Respond};
use edgeward::message::RequestHead;
use edgeward::outcome::{Code, EffectTime, Event, Trace};
use edgeward::policy::RequestClass;
use edgeward::step::Step;
use edgeward::{Config, Gate, Question, Shell};
use serde_json::{Map, Value, json};

const HEAD: &str =
    "// Written by EDGEWARD_WRITE_DOCS=1 cargo test --test it gate::decision_types. From what the gate says.

import type { Code } from './codes.js';

";

const NOW: u64 = 1_800_000_000_000;

const CLASSES: [RequestClass; 8] = [
    RequestClass::Navigation,
    RequestClass::Data,
    RequestClass::Prefetch,
    RequestClass::ServerAction,
    RequestClass::Api,
    RequestClass::Preflight,
    RequestClass::WebSocket,
    RequestClass::Asset,
];

const ACTIONS: [&str; 4] = ["continue", "redirect", "respond", "forward"];

/// A new kind of decision does not compile here, and then belongs into `ACTIONS`.
const fn action(decision: &Decision) -> &'static str {
    let [on, away, answer, up] = ACTIONS;
    match decision {
        Decision::Continue(_) => on,
        Decision::Redirect(_) => away,
        Decision::Respond(_) => answer,
        Decision::Forward(_) => up,
    }
}

/// A member whose values are words, or whose type has a name; and what is said of some others.
fn named(interface: &str, key: &str) -> Option<String> {
    let words = |words: Vec<&str>| {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        quoted.join(" | ")
    };
    Some(match (interface, key) {
        ("LogEvent", "code" | "session") => "Code".to_owned(),
        ("LogEvent", "action") => words(ACTIONS.to_vec()),
        ("LogEvent", "class") => words(CLASSES.iter().map(|class| class.as_str()).collect()),
        (_, "aal") => words(vec!["aal1", "aal2", "aal3"]),
        (_, "claims") => "Record<string, unknown>".to_owned(),
        _ => return None,
    })
}

fn about(interface: &str, key: &str) -> Option<&'static str> {
    Some(match (interface, key) {
        ("Session", "exp") => "The end of this value, in seconds since the epoch.",
        ("NewSession", "sub") => "The user's id.",
        ("NewSession", "sid") => "This login; random where nothing is said.",
        ("NewSession", "auth_time") => {
            "When the person proved who they are, in seconds; now where nothing is said."
        }
        _ => return None,
    })
}

fn kind(interface: &str, key: &str, value: &Value) -> String {
    named(interface, key).unwrap_or_else(|| match value {
        Value::String(_) => "string".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::Array(list) => format!("{}[]", kind(interface, "", &list[0])),
        Value::Object(members) => {
            // What is empty is left out of a trace.
            let mark = if key == "trace" { "?" } else { "" };
            let members = members
                .iter()
                .map(|(key, value)| format!("{key}{mark}: {}", kind(interface, key, value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join("; "))
        }
        Value::Null => panic!("`{key}` of {interface} has no value"),
    })
}

/// Of one with everything and one with nothing that can be left out.
fn interface(
    out: &mut String,
    name: &str,
    text: &str,
    whole: &Map<String, Value>,
    least: &Map<String, Value>,
) {
    let _ = writeln!(out, "/** {text} */\nexport interface {name} {{");
    for (key, value) in whole {
        if let Some(text) = about(name, key) {
            let _ = writeln!(out, "  /** {text} */");
        }
        let mark = if least.contains_key(key) { "" } else { "?" };
        let _ = writeln!(out, "  {key}{mark}: {};", kind(name, key, value));
    }
    assert!(least.keys().all(|key| whole.contains_key(key)), "{name}");
    out.push_str("}\n\n");
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other}"),
    }
}

fn line(event: &Event) -> Map<String, Value> {
    object(serde_json::from_str(&event.to_json()).unwrap())
}

fn events() -> (Map<String, Value>, Map<String, Value>) {
    let least = Event {
        request_id: "0".into(),
        code: Code::RouteMet,
        action: ACTIONS[0],
        rule: None,
        class: None,
        session: None,
        status: None,
        trace: Trace::default(),
        effects: Vec::new(),
    };
    let whole = Event {
        rule: Some("/a".into()),
        class: Some("api"),
        session: Some(Code::SessionAbsent),
        status: Some(200),
        trace: Trace {
            readings: vec!["as it is"],
            rules: vec!["default".into()],
            unmet: Some("session"),
        },
        effects: vec![EffectTime {
            purpose: "whoami",
            ms: 1,
            ok: true,
        }],
        ..least.clone()
    };
    (line(&whole), line(&least))
}

fn gate() -> Gate {
    let document = json!({
        "public_origins": ["https://app.example.com"], "default": "session",
        "session": { "format": "edgeward", "secrets": [{ "env": "A" }], "roles": "/roles" },
    });
    let secret = |_: &str| Some(Secret::new("a secret of at least 32 characters"));
    Gate::new(
        Config::parse(&document).unwrap(),
        Shell::INSIDE,
        secret,
        Moment::new(NOW, [1; 32]),
    )
    .unwrap()
}

fn ask(gate: &Gate, headers: &[(&str, &str)], question: Question) -> Respond {
    let head = RequestHead {
        method: "GET".into(),
        url: "https://app.example.com/".into(),
        headers: headers.iter().copied().collect(),
        client_ip: None,
    };
    match gate.ask(head, question, Moment::new(NOW, [2; 32])) {
        Step::Done(decision) => {
            assert_eq!(action(&decision), "respond");
            let Decision::Respond(respond) = decision else {
                panic!("no answer");
            };
            respond
        }
        Step::Perform(effect, _) => panic!("{effect:?}"),
    }
}

fn body(respond: &Respond) -> Value {
    match &respond.body {
        Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// The session that comes of a seal.
fn session(gate: &Gate, claims: &Map<String, Value>) -> Map<String, Value> {
    let sealed = ask(gate, &[], Question::Seal(Value::Object(claims.clone())));
    assert_eq!(sealed.head.status, 200, "{}", body(&sealed));
    let cookie = sealed
        .head
        .headers
        .get("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap();
    let seen = ask(gate, &[("cookie", cookie)], Question::Session(Value::Null));
    object(body(&seen))
}

fn types() -> String {
    let mut out = HEAD.to_owned();
    let (whole, least) = events();
    interface(
        &mut out,
        "LogEvent",
        "One line of the log, as data: docs/contract.md.",
        &whole,
        &least,
    );
    let gate = gate();
    let given = object(json!({
        "sub": "ann", "sid": "one", "email": "ann@example.com", "email_verified": true, "roles": ["user"], "aal": "aal2", "amr": ["pwd"],
        "auth_time": NOW / 1000, "claims": { "plan": "gold" },
    }));
    // The reader knows these and no others.
    let mut odd = given.clone();
    odd.insert("odd".into(), json!(1));
    let refused = body(&ask(&gate, &[], Question::Seal(Value::Object(odd)))).to_string();
    for key in given.keys() {
        assert!(refused.contains(&format!("`{key}`")), "{refused}");
    }
    let known = refused
        .split("accepted")
        .nth(1)
        .unwrap_or(&refused)
        .matches('`')
        .count()
        / 2;
    assert!(known >= given.len(), "{refused}");
    let sub = object(json!({ "sub": "ann" }));
    interface(
        &mut out,
        "Session",
        "A session, as `getSession` gives it.",
        &session(&gate, &given),
        &common(&gate, &sub),
    );
    interface(&mut out, "NewSession", "What `seal` takes.", &given, &sub);
    out.pop();
    out
}

/// What every session has, whatever its format: `sub`, `exp` and `claims`.
fn common(gate: &Gate, sub: &Map<String, Value>) -> Map<String, Value> {
    let mut least = session(gate, sub);
    // A seal of ours always has these; other formats do not.
    for name in ["sid", "born", "auth_time", "roles", "amr"] {
        least.remove(name);
    }
    assert_eq!(least.keys().collect::<Vec<_>>(), ["claims", "exp", "sub"]);
    least
}

#[test]
fn the_types_of_decisions_are_what_the_gate_says() {
    let path = format!("{}/js-shim/types/decision.d.ts", env!("CARGO_MANIFEST_DIR"));
    let wanted = types();
    if std::env::var_os("EDGEWARD_WRITE_DOCS").is_some() {
        std::fs::write(&path, wanted).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, wanted, "run this test with EDGEWARD_WRITE_DOCS=1");
}
