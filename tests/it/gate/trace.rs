//! Why a request was decided as it was: in the log, in debug responses, in explanations (semantics 11.2; P 35, P 36).

use edgeward::base::Timestamp;
use edgeward::message::{Headers, RequestHead, ResponseHead};
use edgeward::session::{Session, Source};
use edgeward::{Gate, Shell};
use serde_json::{Value, json};

use super::world::{Came, DEBUG, ORIGIN, START, World, kratos_config, try_gate};

const NOW: Timestamp = Timestamp::from_secs((START / 1000) as i64);

fn debug_config() -> Value {
    let mut config = kratos_config();
    config["debug"] = json!({ "secret": { "env": "DEBUG_SECRET" } });
    config
}

fn last(world: &World) -> Value {
    serde_json::from_str(world.events.last().unwrap()).unwrap()
}

fn trace(came: &Came) -> Value {
    serde_json::from_str(came.headers().get("x-edgeward-trace").unwrap()).unwrap()
}

#[test]
fn the_event_says_which_rule_which_readings_and_what_was_not_met() {
    let mut world = World::new(&kratos_config());
    let cookie = world.sign_in_upstream("ann");
    let rows: &[(&str, &str, &str, Value)] = &[
        ("/about", "route.public", "routes[0]", Value::Null),
        ("/dashboard", "route.met", "default", Value::Null),
        ("/admin/x", "requirement.forbidden", "routes[2]", json!("any")),
        ("/vault/x", "requirement.aal", "routes[3]", json!("aal")),
        ("/login", "route.signed_in", "kratos.ui.login", json!("guest")),
        ("/login?flow=1", "route.guest", "kratos.ui.login", Value::Null),
    ];
    for (path, code, place, unmet) in rows {
        world.page(path);
        let event = last(&world);
        assert_eq!(event["code"], *code, "{path}");
        assert_eq!(event["trace"]["rules"], json!([place]), "{path}");
        assert_eq!(event["trace"]["unmet"], *unmet, "{path}");
        assert_eq!(event["trace"]["readings"][0], "as it stands", "{path}");
    }
    world.sessions.get_mut(&cookie).unwrap().aal = "aal2";
    world.wait(1000);
    world.page("/vault/x");
    assert_eq!(last(&world)["trace"]["unmet"], "max_age");
    assert_eq!(last(&world)["effects"][0]["purpose"], "whoami");
    world.sessions.clear();
    world.jar.clear();
    world.page("/dashboard");
    assert_eq!(last(&world)["trace"]["unmet"], "session");
    world.request("POST", "/hello", &[("sec-fetch-site", "cross-site")]);
    assert_eq!(last(&world)["trace"]["unmet"], "cross_site");
    world.page("/api%2Fx");
    let event = last(&world);
    assert_eq!(event["code"], "path.ambiguous");
    assert_eq!(
        event["trace"]["rules"].as_array().unwrap().len(),
        2,
        "both rules: {event}"
    );
}

#[test]
fn the_trace_comes_out_for_the_debug_secret_and_for_nothing_else() {
    let mut world = World::new(&debug_config());
    world.sign_in_upstream("ann");
    let came = world.request(
        "GET",
        "/dashboard/%C3%BC",
        &[("x-edgeward-debug", DEBUG), ("accept", "text/html")],
    );
    let seen = trace(&came);
    assert_eq!(seen["code"], "route.met");
    assert_eq!(seen["path"], "/dashboard/%C3%BC");
    assert_eq!(seen["readings"][0], "/dashboard/ü");
    assert_eq!(seen["rules"], json!(["default"]));
    let timing = came.headers().get("server-timing").unwrap();
    assert_eq!(timing, r#"edgeward;desc="route.met", whoami;dur=0"#);
    assert!(!came.through().contains("x-edgeward-debug"), "it ends here");
    let wrong = [
        vec![],
        vec![("x-edgeward-debug", "")],
        vec![("x-edgeward-debug", "1")],
        vec![("x-edgeward-debug", &DEBUG[1..])],
        vec![("x-edgeward-debug", DEBUG), ("x-edgeward-debug", DEBUG)],
        vec![("x_edgeward_debug", DEBUG)],
        vec![("x-edgeward-trace", DEBUG)],
    ];
    for fields in wrong {
        for path in ["/dashboard", "/about", "/admin", "/login"] {
            let came = world.request("GET", path, &fields);
            for name in ["server-timing", "x-edgeward-trace"] {
                assert!(!came.headers().contains(name), "{fields:?} {path}");
            }
            if let Came::Through { app, .. } = &came {
                assert!(!app.iter().any(|(_, value)| value == DEBUG), "{fields:?}");
            }
        }
    }
    let mut without = World::new(&kratos_config());
    assert!(
        !without
            .request("GET", "/about", &[("x-edgeward-debug", DEBUG)])
            .headers()
            .contains("server-timing")
    );
}

#[test]
fn every_kind_of_answer_shows_it_and_none_of_them_may_be_stored() {
    let mut world = World::new(&debug_config());
    for (method, path) in [
        ("GET", "/about"),
        ("GET", "/hello"),
        ("GET", "/dashboard"),
        ("GET", "/api/x"),
        ("POST", "/.edgeward/clear"),
        ("GET", "/self-service/login/browser"),
        ("PATCH", "/self-service/login"),
        ("GET", "/%zz"),
    ] {
        let came = world.request(
            method,
            path,
            &[("x-edgeward-debug", DEBUG), ("accept", "text/html")],
        );
        assert_eq!(trace(&came)["request_id"].as_str().unwrap().len(), 16, "{path}");
        let control: Vec<_> = came.headers().get_all("cache-control").collect();
        assert_eq!(control, ["private, no-store"], "{path}");
        assert!(!came.headers().contains("cdn-cache-control"), "{path}");
    }
    let mut config = debug_config();
    config.as_object_mut().unwrap().remove("origin");
    let mut world = World::with_shell(&config, Shell::NEXT);
    let came = world.request("GET", "/about", &[("x-edgeward-debug", DEBUG)]);
    assert!(
        came.headers()
            .get_all("cache-control")
            .any(|value| value == "private, no-store")
    );
    assert_eq!(trace(&came)["code"], "route.public");
}

#[test]
fn an_origin_cannot_put_words_into_the_trace() {
    let mut world = World::new(&debug_config());
    world.next_response = Some(ResponseHead {
        status: 200,
        headers: Headers::from_iter([("x-edgeward-trace", "{}"), ("x-edgeward-debug", "echo")]),
    });
    let came = world.request("GET", "/about", &[("x-edgeward-debug", DEBUG)]);
    assert_eq!(came.headers().get_all("x-edgeward-trace").count(), 1);
    assert_eq!(trace(&came)["code"], "route.public");
    assert!(!came.headers().contains("x-edgeward-debug"));
}

#[test]
fn the_debug_secret_is_one_of_its_own() {
    let rows = [
        (
            json!({ "secret": "hunter2" }),
            "config.secret_value: debug.secret",
        ),
        (
            json!({ "secret": { "env": "SHORT" } }),
            "config.secret_short: debug.secret",
        ),
        (
            json!({ "secret": { "env": "NOPE" } }),
            "config.secret_unset: debug.secret",
        ),
        (
            json!({ "secret": { "env": "SESSION_SECRET" } }),
            "config.debug_secret: debug.secret",
        ),
        (json!({}), "config.missing: debug.secret"),
        (json!(true), "config.type: debug"),
        (
            json!({ "secret": { "env": "DEBUG_SECRET" }, "on": true }),
            "config.unknown_key: debug.on",
        ),
    ];
    for (debug, wanted) in rows {
        let mut config = kratos_config();
        config["debug"] = debug;
        let errors = try_gate(&config, Shell::FRONT).unwrap_err().to_string();
        assert!(errors.contains(wanted), "{wanted}: {errors}");
        assert!(!errors.contains("hunter2"));
    }
}

fn session(roles: &[&str]) -> Session {
    Session {
        subject: "ann".into(),
        session_id: None,
        source: Source::Kratos,
        born: NOW,
        issued_at: NOW,
        expires_at: NOW.plus(3600),
        auth_time: Some(NOW),
        verified_at: Some(NOW),
        aal: Some(edgeward::session::Aal::Aal1),
        amr: vec![],
        email: None,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        claims: serde_json::Map::new(),
    }
}

fn head(method: &str, url: &str, fields: &[(&str, &str)]) -> RequestHead {
    RequestHead {
        method: method.into(),
        url: url.into(),
        headers: fields.iter().copied().collect(),
        client_ip: None,
    }
}

const PAGE: &[(&str, &str)] = &[("sec-fetch-mode", "navigate")];

#[test]
fn an_explanation_names_normal_form_readings_rules_and_answer() {
    let gate: Gate = try_gate(&kratos_config(), Shell::FRONT).unwrap();
    let explain = |path: &str| gate.explain(&head("GET", &format!("{ORIGIN}{path}"), PAGE), None, NOW);
    let one = explain("/ADMIN/%61?x=1");
    assert_eq!(one.path.as_deref(), Some("/ADMIN/%61"));
    assert!(one.rules.iter().any(|rule| rule.place == "routes[2]"), "{one}");
    let text = one.to_string();
    for wanted in [
        "origin    https://app.example.com",
        "class     navigation",
        "rule      routes[2] (/admin/:path*)",
        "verdict   policy.unauthenticated",
        "unmet     session",
        "answer    redirect",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    assert_eq!(explain("/api%2Fx").verdict, "path.ambiguous");
    assert!(explain("/strict").rules[0].place == "routes[4]");
    let strict = gate.explain(
        &head("GET", &format!("{ORIGIN}/strict"), PAGE),
        Some(&session(&[])),
        NOW.plus(5),
    );
    assert!(strict.asks && strict.answer == "continue", "{strict}");
}

/// What a request came to, in the words of an explanation.
fn word(came: &Came) -> String {
    match came {
        Came::Through { .. } => "continue".into(),
        Came::Sent { .. } => "redirect".into(),
        Came::Answered { status, headers, .. } => match headers.get("content-type") {
            Some("application/json") => format!("json {status}"),
            Some("application/problem+json") => format!("problem {status}"),
            Some(_) => format!("page {status}"),
            None => format!("bare {status}"),
        },
    }
}

#[test]
fn an_explanation_agrees_with_the_gate() {
    let classes: &[&[(&str, &str)]] = &[
        PAGE,
        &[("accept", "application/json")],
        &[("rsc", "1")],
        &[("sec-purpose", "prefetch")],
        &[("sec-fetch-dest", "image")],
        &[("next-action", "abc"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "cross-site")],
        &[
            ("upgrade", "websocket"),
            ("connection", "upgrade"),
            ("origin", ORIGIN),
        ],
    ];
    let paths = [
        "/",
        "/about",
        "/hello",
        "/dashboard",
        "/admin",
        "/admin/x",
        "/vault/1",
        "/strict",
        "/api/x",
        "/login",
        "/login?flow=1",
        "/settings",
        "/error",
        "/%zz",
        "/a/../b",
        "/api%2Fx",
        "/.edgeward/other",
        "/.edgeward/session",
        "/.edgeward/clear",
    ];
    let mut compared = 0;
    for signed_in in [None, Some(&["user"][..]), Some(&["admin"][..])] {
        for path in paths {
            for fields in classes {
                for method in ["GET", "POST"] {
                    let mut world = World::new(&kratos_config());
                    if let Some(roles) = signed_in {
                        let cookie = world.sign_in_upstream("ann");
                        world.sessions.get_mut(&cookie).unwrap().roles = json!(roles);
                    }
                    let came = world.request(method, path, fields);
                    let head = head(method, &format!("{ORIGIN}{path}"), fields);
                    let session = signed_in.map(session);
                    let said = world.gate.explain(&head, session.as_ref(), NOW);
                    assert_eq!(
                        said.answer,
                        word(&came),
                        "{method} {path} {fields:?} {signed_in:?}\n{said}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 800, "{compared}");
}
