//! What the app and the visitor's script may ask (semantics 4.3): the session, a seal, an end.
use edgeward::base::{Moment, Secret};
use edgeward::decision::{Body, Decision, Respond};
use edgeward::message::RequestHead;
use edgeward::step::Step;
use edgeward::{Config, Gate, Question, Shell};
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000_000;
const SECRET: &str = "a secret of at least 32 characters";

fn document() -> Value {
    json!({
        "public_origins": ["https://app.example.com"], "default": "session", "sign_in": "/login",
        "session": {
            "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }], "roles": "/roles",
            "to_client": ["/name", "/email", "/roles", "/deep/one"],
        },
        "assertion": { "secret": { "env": "ASSERTION_SECRET" }, "audience": "origin" },
        "routes": [{ "path": "/login", "require": "guest" }],
    })
}

fn gate(document: &Value, shell: Shell) -> Gate {
    let secrets = |name: &str| Some(Secret::new([name, SECRET].concat()));
    Gate::new(
        Config::parse(document).unwrap(),
        shell,
        secrets,
        Moment::new(NOW, [1; 32]),
    )
    .unwrap()
}

fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> RequestHead {
    RequestHead {
        method: method.into(),
        url: format!("https://app.example.com{path}"),
        headers: headers.iter().copied().collect(),
        client_ip: None,
    }
}

fn ask(gate: &Gate, headers: &[(&str, &str)], question: Question, now_ms: u64) -> Respond {
    match gate.ask(head("GET", "/", headers), question, Moment::new(now_ms, [2; 32])) {
        Step::Done(Decision::Respond(respond)) => respond,
        other => panic!("{other:?}"),
    }
}

fn body(respond: &Respond) -> Value {
    match &respond.body {
        Body::Bytes(bytes) => serde_json::from_slice(bytes).unwrap(),
        _ => Value::Null,
    }
}

fn pair(line: &str) -> String {
    line.split(';').next().unwrap().to_owned()
}

fn sealed(gate: &Gate, claims: Value) -> String {
    let respond = ask(gate, &[], Question::Seal(claims), NOW);
    assert_eq!(respond.head.status, 200, "{}", body(&respond));
    pair(respond.head.headers.get("set-cookie").unwrap())
}

fn ann(gate: &Gate) -> String {
    sealed(
        gate,
        json!({ "sub": "ann", "email": "ann@example.com", "roles": ["user"],
            "claims": { "name": "Ann", "secret": "s", "deep": { "one": 1, "two": 2 } } }),
    )
}

#[test]
fn a_question_is_answered_by_what_opens() {
    let gate = gate(&document(), Shell::NEXT);
    let cookie = ann(&gate);
    let hour = 3_600_000;
    let rows: &[(&str, Value, u64, u16, Option<&str>)] = &[
        ("", json!(null), NOW, 401, Some("session.absent")),
        (
            "__Host-edgeward=x",
            json!(null),
            NOW,
            401,
            Some("session.malformed"),
        ),
        (
            &cookie,
            json!(null),
            NOW + 25 * hour,
            401,
            Some("session.expired"),
        ),
        (&cookie, json!({ "any": [{ "role": "admin" }] }), NOW, 403, None),
        (&cookie, json!({ "aal": "aal2" }), NOW, 403, None),
        (&cookie, json!({ "rol": "admin" }), NOW, 500, None),
        (&cookie, json!("public"), NOW, 500, None),
        (&cookie, json!("guest"), NOW, 500, None),
        (&cookie, json!({}), NOW, 500, None),
        (&cookie, json!(null), NOW + hour, 200, None),
        (&cookie, json!("session"), NOW, 200, None),
        (&cookie, json!({ "any": [{ "role": "user" }] }), NOW, 200, None),
    ];
    for (cookie, require, now, status, code) in rows {
        let respond = ask(
            &gate,
            &[("cookie", cookie)],
            Question::Session(require.clone()),
            *now,
        );
        assert_eq!(respond.head.status, *status, "{require} {cookie}");
        assert!(
            !respond.head.headers.contains("set-cookie"),
            "a question writes nothing: {require}"
        );
        if let Some(code) = code {
            assert_eq!(respond.event.session.map(|code| code.as_str()), Some(*code));
        }
    }
    let known = body(&ask(
        &gate,
        &[("cookie", &cookie)],
        Question::Session(Value::Null),
        NOW,
    ));
    assert_eq!(
        (&known["sub"], &known["claims"]["deep"]["two"]),
        (&json!("ann"), &json!(2))
    );
}

#[test]
fn an_assertion_is_verified_and_nothing_else_counts() {
    let front = {
        let mut document = document();
        document["origin"] = json!({ "binding": "APP" });
        gate(&document, Shell::FRONT)
    };
    let inside = gate(&document(), Shell::NEXT);
    let cookie = ann(&inside);
    let Step::Done(Decision::Continue(on)) = front.begin(
        head("GET", "/", &[("cookie", &cookie)]),
        Moment::new(NOW, [3; 32]),
    ) else {
        panic!("signed in");
    };
    let assertion = on
        .edits
        .set
        .iter()
        .find(|(name, _)| name == "x-edgeward-assertion");
    let assertion = &assertion.unwrap().1;
    let other = {
        let mut document = document();
        document["assertion"]["audience"] = json!("another");
        gate(&document, Shell::NEXT)
    };
    let cut = &assertion[..assertion.len() - 2];
    let rows: &[(&Gate, &[(&str, &str)], u64, u16)] = &[
        (&inside, &[("x-edgeward-assertion", assertion)], NOW, 200),
        (
            &inside,
            &[("x-edgeward-assertion", assertion)],
            NOW + 300_000,
            401,
        ),
        (&inside, &[("x-edgeward-assertion", cut)], NOW, 401),
        (
            &inside,
            &[("x-edgeward-assertion", &cookie["__Host-edgeward=".len()..])],
            NOW,
            401,
        ),
        (
            &inside,
            &[
                ("x-edgeward-assertion", assertion),
                ("x-edgeward-assertion", assertion),
            ],
            NOW,
            401,
        ),
        (&inside, &[("x-edgeward-user", "ann")], NOW, 401),
        (&other, &[("x-edgeward-assertion", assertion)], NOW, 401),
    ];
    for (at, (gate, headers, now, status)) in rows.iter().enumerate() {
        let respond = ask(gate, headers, Question::Session(Value::Null), *now);
        assert_eq!(respond.head.status, *status, "row {at}");
    }
}

#[test]
fn a_seal_says_what_is_wrong_with_it() {
    let gate = gate(&document(), Shell::NEXT);
    for claims in [
        json!(null),
        json!({}),
        json!({ "sub": "" }),
        json!({ "sub": 7 }),
        json!({ "sub": "ann", "role": "admin" }),
        json!({ "sub": "ann", "roles": [7] }),
        json!({ "sub": "ann", "auth_time": 99_999_999_999_i64 }),
        json!({ "sub": "ann", "claims": [] }),
        json!({ "sub": "ann", "aal": "aal9" }),
    ] {
        let respond = ask(&gate, &[], Question::Seal(claims.clone()), NOW);
        assert_eq!(respond.head.status, 500, "{claims}");
        assert!(!respond.head.headers.contains("set-cookie"));
    }
    let long = "x".repeat(5_000);
    let respond = ask(
        &gate,
        &[],
        Question::Seal(json!({ "sub": "ann", "claims": { "long": long } })),
        NOW,
    );
    assert_eq!(respond.event.code.as_str(), "session.too_large");
}

#[test]
fn clear_ends_the_session_for_good_in_this_browser() {
    let gate = gate(&document(), Shell::NEXT);
    let cookie = ann(&gate);
    let respond = ask(&gate, &[("cookie", &cookie)], Question::Clear, NOW);
    let lines: Vec<&str> = respond.head.headers.get_all("set-cookie").collect();
    assert!(
        lines[0].starts_with("__Host-edgeward=; ") && lines[0].contains("Max-Age=0"),
        "{lines:?}"
    );
    let late = format!("{cookie}; {}", pair(lines[1]));
    let respond = ask(&gate, &[("cookie", &late)], Question::Session(Value::Null), NOW);
    assert_eq!(
        respond.event.session.map(|code| code.as_str()),
        Some("session.tombstoned")
    );
}

#[test]
fn a_script_sees_what_is_listed() {
    for shell in [Shell::NEXT, Shell::INSIDE] {
        let gate = gate(&document(), shell);
        let cookie = ann(&gate);
        let rows: &[(&str, &[(&str, &str)], u16)] = &[
            ("GET", &[("cookie", &cookie)], 200),
            ("HEAD", &[("cookie", &cookie)], 200),
            ("GET", &[], 401),
            (
                "GET",
                &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
                401,
            ),
            ("POST", &[("cookie", &cookie)], 405),
        ];
        for (method, headers, status) in rows {
            let head = head(method, "/.edgeward/session", headers);
            let Step::Done(Decision::Respond(respond)) = gate.begin(head, Moment::new(NOW, [4; 32])) else {
                panic!("{method} {headers:?}");
            };
            assert_eq!(respond.head.status, *status, "{method} {headers:?}");
            assert!(
                respond
                    .head
                    .headers
                    .get("cache-control")
                    .unwrap()
                    .contains("no-store")
            );
            if (*method, *status) == ("GET", 200) {
                let mut shown = body(&respond);
                assert!(shown.as_object_mut().unwrap().remove("exp").is_some());
                let listed = json!({ "sub": "ann", "name": "Ann", "email": "ann@example.com", "roles": ["user"], "deep": { "one": 1 } });
                assert_eq!(shown, listed);
            }
        }
    }
}
