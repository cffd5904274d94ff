//! An assertion at the app that it is for (semantics 4.3): verified with the public half of a key pair, and held against what ended
//! in the minute that it lives.

use edgeward::base::{Moment, Secret};
use edgeward::decision::{Decision, Respond};
use edgeward::message::RequestHead;
use edgeward::step::{Answer, Effect, Failure, Reply, Step};
use edgeward::{Config, Gate, Question, Shell};
use serde_json::{Value, json};

use super::assertion::{KEY, PUBLIC, host_signs};

const NOW: u64 = 1_800_000_000_000;
const SECRET: &str = "a secret of at least 32 characters";
/// RFC 7517, appendix A.1.
const STRANGER: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
/// The thumbprint of `PUBLIC`.
const KID: &str = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";

fn document(change: Value) -> Value {
    let mut document = json!({
        "public_origins": ["https://app.example.com"], "default": "session", "sign_in": "/login",
        "session": { "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }], "roles": "/roles" },
        "assertion": { "key": { "env": "ASSERTION_KEY" }, "audience": "orders" },
    });
    for (pointer, value) in change.as_object().unwrap() {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value.clone();
    }
    document
}

fn try_gate(document: &Value, key: &str, shell: Shell) -> Result<Gate, String> {
    let secret = |name: &str| {
        Some(Secret::new(match name {
            "ASSERTION_KEY" => key.to_owned(),
            _ => [name, SECRET].concat(),
        }))
    };
    let config = Config::parse(document).map_err(|errors| errors.to_string())?;
    Gate::new(config, shell, secret, Moment::new(NOW, [1; 32])).map_err(|errors| errors.to_string())
}

fn gate(change: Value, key: &str, shell: Shell) -> Gate {
    try_gate(&document(change), key, shell).unwrap()
}

fn front() -> Gate {
    gate(json!({ "/origin": { "binding": "APP" } }), KEY, Shell::FRONT)
}

fn head(headers: &[(&str, &str)]) -> RequestHead {
    RequestHead {
        method: "GET".into(),
        url: "https://app.example.com/orders".into(),
        headers: headers.iter().copied().collect(),
        client_ip: None,
    }
}

/// To the end, with a host that signs, and verifies or answers something else.
fn drive(mut step: Step<Decision>, now: u64, verifies: impl Fn(bool) -> Reply) -> (Decision, usize) {
    for asked in 0..4 {
        step = match step {
            Step::Done(decision) => return (decision, asked),
            Step::Perform(effect, pending) => {
                let reply = match &effect {
                    Effect::Sign(sign) => host_signs(sign),
                    Effect::Verify(asked) => verifies(edgeward_verifier::verify(asked)),
                    other => panic!("{other:?}"),
                };
                let answer = Answer {
                    id: effect.id(),
                    asked_ms: now,
                    reply,
                };
                pending.resume(answer, Moment::new(now, [7; 32])).unwrap()
            }
        };
    }
    panic!("more than 4 effects");
}

fn ask(gate: &Gate, headers: &[(&str, &str)], question: Question, now: u64) -> (Respond, usize) {
    let step = gate.ask(head(headers), question, Moment::new(now, [2; 32]));
    match drive(step, now, Reply::Verified) {
        (Decision::Respond(respond), asked) => (respond, asked),
        (other, _) => panic!("{other:?}"),
    }
}

fn who(gate: &Gate, headers: &[(&str, &str)], now: u64) -> (u16, Option<&'static str>) {
    let (respond, _) = ask(gate, headers, Question::Session(Value::Null), now);
    (
        respond.head.status,
        respond.event.session.map(|code| code.as_str()),
    )
}

fn lines(gate: &Gate, headers: &[(&str, &str)], question: Question) -> Vec<String> {
    let (respond, _) = ask(gate, headers, question, NOW);
    let pair = |line: &str| line.split(';').next().unwrap().to_owned();
    respond.head.headers.get_all("set-cookie").map(pair).collect()
}

fn ann() -> String {
    let app = gate(json!({}), PUBLIC, Shell::INSIDE);
    lines(
        &app,
        &[],
        Question::Seal(json!({ "sub": "ann", "roles": ["user"] })),
    )
    .remove(0)
}

/// What the gate in front says of ann.
fn assertion(front: &Gate, cookie: &str) -> String {
    let step = front.begin(head(&[("cookie", cookie)]), Moment::new(NOW, [3; 32]));
    let (Decision::Continue(on), 1) = drive(step, NOW, Reply::Verified) else {
        panic!("signed in");
    };
    let found = on
        .edits
        .set
        .iter()
        .find(|(name, _)| name == "x-edgeward-assertion");
    found.unwrap().1.clone()
}

#[test]
fn an_app_that_holds_the_public_key_verifies_and_cannot_sign() {
    let (cookie, set) = (ann(), |keys: &[&str]| {
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    });
    let good = assertion(&front(), &cookie);
    let named = PUBLIC.replace("{", &format!(r#"{{"kid":"{KID}","#));
    let renamed = PUBLIC.replace("{", r#"{"kid":"another","#);
    for (name, key, status) in [
        ("the public key", PUBLIC.to_owned(), 200),
        ("its set", set(&[PUBLIC]), 200),
        ("a set, while keys are exchanged", set(&[STRANGER, &named]), 200),
        ("the private key", KEY.to_owned(), 200),
        ("another key", STRANGER.to_owned(), 401),
        ("another name", renamed, 401),
    ] {
        for shell in [Shell::INSIDE, Shell::NEXT] {
            let app = gate(json!({}), &key, shell);
            assert_eq!(
                who(&app, &[("x-edgeward-assertion", &good)], NOW).0,
                status,
                "{name}"
            );
        }
    }
    let app = gate(json!({}), PUBLIC, Shell::INSIDE);
    let (answer, asked) = ask(
        &app,
        &[("x-edgeward-assertion", &good)],
        Question::Session(json!({ "any": [{ "role": "admin" }] })),
        NOW,
    );
    assert_eq!((answer.head.status, asked), (403, 1));
    // As a gate it would have to sign.
    let app = gate(
        json!({ "/session/to_origin": "assertion" }),
        PUBLIC,
        Shell::INSIDE,
    );
    let step = app.begin(head(&[("cookie", &cookie)]), Moment::new(NOW, [3; 32]));
    let (Decision::Respond(refused), 0) = drive(step, NOW, Reply::Verified) else {
        panic!("let through without an assertion");
    };
    assert_eq!(
        (refused.head.status, refused.event.code.as_str()),
        (500, "assertion.unsigned")
    );
}

#[test]
fn nothing_but_what_that_key_signed_just_now_for_this_app_counts() {
    let (front, cookie) = (front(), ann());
    let good = assertion(&front, &cookie);
    let app = gate(json!({}), PUBLIC, Shell::INSIDE);
    let other = gate(json!({ "/assertion/audience": "billing" }), PUBLIC, Shell::INSIDE);
    let parts: Vec<&str> = good.split('.').collect();
    let sealed = cookie.split_once('=').unwrap().1;
    let forged = [parts[0], &parts[1][..parts[1].len() - 4], parts[2]].join(".");
    let short = good[..good.len() - 4].to_owned();
    let none = ["eyJhbGciOiJub25lIn0", parts[1], ""].join(".");
    let field = "x-edgeward-assertion";
    let rows: &[(&str, &Gate, &[(&str, &str)], u64)] = &[
        ("later", &app, &[(field, &good)], NOW + 71_000),
        ("for another app", &other, &[(field, &good)], NOW),
        ("other claims", &app, &[(field, &forged)], NOW),
        ("a shorter signature", &app, &[(field, &short)], NOW),
        ("no signature", &app, &[(field, &none)], NOW),
        ("a session", &app, &[(field, sealed)], NOW),
        ("twice", &app, &[(field, &good), (field, &good)], NOW),
        ("nothing", &app, &[(field, "")], NOW),
        ("a name", &app, &[("x-edgeward-user", "ann")], NOW),
    ];
    assert_eq!(who(&app, &[(field, &good)], NOW), (200, None));
    for (name, gate, headers, now) in rows {
        assert_eq!(who(gate, headers, *now).0, 401, "{name}");
    }
    for reply in [
        Reply::Verified(false),
        Reply::Failed(Failure::Broken),
        Reply::Signed(vec![1]),
    ] {
        let step = app.ask(
            head(&[(field, &good)]),
            Question::Session(Value::Null),
            Moment::new(NOW, [2; 32]),
        );
        let (Decision::Respond(respond), 1) = drive(step, NOW, |_| reply.clone()) else {
            panic!("{reply:?}");
        };
        assert_eq!(respond.head.status, 401, "{reply:?}");
    }
}

#[test]
fn what_ended_within_the_minute_of_a_statement_is_ended() {
    let (front, cookie) = (front(), ann());
    let good = assertion(&front, &cookie);
    let app = gate(json!({}), PUBLIC, Shell::INSIDE);
    let out = lines(&app, &[("cookie", &cookie)], Question::Clear).remove(1);
    let field = ("x-edgeward-assertion", good.as_str());
    assert_eq!(
        who(&app, &[field, ("cookie", &out)], NOW),
        (401, Some("session.tombstoned"))
    );
    assert_eq!(who(&app, &[field, ("cookie", "t=1")], NOW).0, 200);
    for (from, status) in [("2027-01-15T08:00:00Z", 200), ("2027-01-15T08:00:01Z", 401)] {
        let app = gate(json!({ "/session/not_before": from }), PUBLIC, Shell::INSIDE);
        assert_eq!(who(&app, &[field], NOW + 2_000).0, status, "{from}");
    }
}

#[test]
fn a_gate_in_front_needs_the_key_that_signs() {
    let document = document(json!({ "/origin": { "binding": "APP" } }));
    for key in [PUBLIC, r#"{"keys":[]}"#] {
        let refused = try_gate(&document, key, Shell::FRONT).unwrap_err();
        assert!(
            refused.contains("config.assertion_key: assertion.key"),
            "{refused}"
        );
    }
    for key in [r#"{"keys":[]}"#, "", "x", r#"{"kty":"oct","k":"c2VjcmV0"}"#] {
        assert!(try_gate(&document, key, Shell::INSIDE).is_err(), "{key}");
    }
}
