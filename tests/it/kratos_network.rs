//! What a config can say of an identity server that is not a plain self-hosted one: Ory Network, custom domains, hosted pages, further
//! fields, a cookie domain (semantics 7.2, 7.5, 7.6; field section 4 rows 4, 7 and 9). The upstream is emulated: its heads and bodies have
//! the shape of a project's, no project was asked.

use edgeward::base::{Moment, Secret};
use edgeward::decision::{Body, Decision, FinalResponse, Forward};
use edgeward::message::{Headers, RequestHead, ResponseHead};
use edgeward::step::{Answer, Effect, Reply, Step};
use edgeward::{Config, Gate, Shell};
use serde_json::{Value, json};

const SDK: &str = "https://slug.projects.oryapis.com";
const CUSTOM: &str = "https://auth.example.com";
const APP: &str = "https://app.example.com";

fn moment() -> Moment {
    Moment::new(1_800_000_000_000, [3; 32])
}

/// A gate whose `[kratos]` is what a row says.
fn gate(kratos: &Value) -> Gate {
    let config = json!({
        "public_origins": [APP],
        "origin": { "binding": "APP" },
        "default": "session",
        "signed_in": "/dashboard",
        "session": { "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }] },
        "kratos": kratos,
    });
    let secrets = |name: &str| match name {
        "SESSION_SECRET" => Some(Secret::new("a session secret of at least 32 characters")),
        "ORY_TOKEN" => Some(Secret::new("ory_pat_secret")),
        _ => None,
    };
    let config = Config::parse(&config).unwrap_or_else(|errors| panic!("{errors}"));
    Gate::new(config, Shell::FRONT, secrets, moment()).unwrap_or_else(|errors| panic!("{errors}"))
}

fn ask(gate: &Gate, path: &str, fields: &[(&str, &str)]) -> Decision {
    let navigation = [("accept", "text/html"), ("sec-fetch-mode", "navigate")];
    let head = RequestHead {
        method: "GET".into(),
        url: format!("{APP}{path}"),
        headers: navigation.iter().chain(fields).copied().collect(),
        client_ip: Some("192.0.2.7".into()),
    };
    match gate.begin(head, moment()) {
        Step::Done(decision) => decision,
        Step::Perform(..) => panic!("{path}: asked"),
    }
}

fn forward(gate: &Gate, path: &str, fields: &[(&str, &str)]) -> Forward {
    match ask(gate, path, fields) {
        Decision::Forward(forward) => forward,
        other => panic!("{path}: {other:?}"),
    }
}

/// The visitor's response to what the upstream says.
fn down(gate: &Gate, path: &str, status: u16, fields: &[(&str, &str)], body: &str) -> FinalResponse {
    let head = ResponseHead {
        status,
        headers: Headers::from_iter(fields.iter().copied()),
    };
    let mut step = forward(gate, path, &[]).after.head(head, moment());
    loop {
        step = match step {
            Step::Done(out) => return out,
            Step::Perform(effect, pending) => {
                assert!(matches!(effect, Effect::ReadBody(_)), "{effect:?}");
                let answer = Answer {
                    id: effect.id(),
                    asked_ms: moment().now_ms,
                    reply: Reply::Body(body.as_bytes().to_vec()),
                };
                pending.resume(answer, moment()).expect("awaited")
            }
        };
    }
}

const ORY: [&str; 3] = [
    "ory-base-url-rewrite",
    "ory-base-url-rewrite-token",
    "ory-no-custom-domain-redirect",
];

#[test]
fn the_config_says_which_upstream_gets_ory_networks_fields_and_its_token() {
    let token = json!({ "env": "ORY_TOKEN" });
    for (kratos, want) in [
        (json!({ "url": SDK }), [Some(APP), None, Some("true")]),
        (
            json!({ "url": SDK, "network_token": token }),
            [Some(APP), Some("ory_pat_secret"), Some("true")],
        ),
        (
            json!({ "url": CUSTOM, "network": true }),
            [Some(APP), None, Some("true")],
        ),
        (
            json!({ "url": CUSTOM, "network": true, "network_token": token }),
            [Some(APP), Some("ory_pat_secret"), Some("true")],
        ),
        (
            json!({ "url": CUSTOM, "network_token": token }),
            [Some(APP), Some("ory_pat_secret"), Some("true")],
        ),
        (json!({ "url": CUSTOM }), [None; 3]),
        (json!({ "url": CUSTOM, "network": false }), [None; 3]),
        (
            json!({ "url": "https://projects.oryapis.com.evil.example" }),
            [None; 3],
        ),
    ] {
        let gate = gate(&kratos);
        let up = forward(
            &gate,
            "/self-service/login/browser",
            &[
                ("ory-base-url-rewrite", "https://evil.example"),
                ("ory-base-url-rewrite-token", "forged"),
            ],
        );
        assert_eq!(ORY.map(|name| up.headers.get(name)), want, "{kratos}");
        assert!(!format!("{gate:?} {up:?}").contains("ory_pat_secret"));
        // What is the app's own, and what the gate refuses, carries nothing of it anywhere.
        for path in ["/uikit", "/self-service-x", "/about", "/dashboard"] {
            let other = ask(&gate, path, &[]);
            assert!(!matches!(other, Decision::Forward(_)), "{path}");
            assert!(!format!("{other:?}").contains("ory_pat_secret"), "{path}");
        }
    }
}

#[test]
fn a_base_path_of_the_sdk_url_is_kept() {
    for (url, want) in [
        (
            "https://id.example.com/kratos",
            "https://id.example.com/kratos/self-service/login/browser?aal=",
        ),
        (
            "https://id.example.com/a/b/",
            "https://id.example.com/a/b/self-service/login/browser?aal=",
        ),
        (
            SDK,
            "https://slug.projects.oryapis.com/self-service/login/browser?aal=",
        ),
    ] {
        let gate = gate(&json!({ "url": url }));
        assert_eq!(forward(&gate, "/self-service/login/browser?aal=", &[]).url, want);
    }
}

#[test]
fn every_name_of_the_upstream_is_mapped_and_no_other() {
    let gate = gate(&json!({ "url": SDK, "also_known_as": [CUSTOM, "https://old.example.com/id"] }));
    for (location, want) in [
        (
            "https://slug.projects.oryapis.com/self-service/settings/browser",
            "https://app.example.com/self-service/settings/browser",
        ),
        (
            "https://auth.example.com/self-service/settings/browser",
            "https://app.example.com/self-service/settings/browser",
        ),
        (
            "https://old.example.com/id/self-service/settings/browser",
            "https://app.example.com/self-service/settings/browser",
        ),
        // Outside its base path the host is still the upstream's, and no upstream host survives.
        (
            "https://old.example.com/identity",
            "https://app.example.com/identity",
        ),
        (
            "https://auth.example.com.evil.example/x",
            "https://auth.example.com.evil.example/x",
        ),
        (
            "https://op.example/auth?redirect_uri=https%3A%2F%2Fauth.example.com%2Fcb",
            "https://op.example/auth?redirect_uri=https%3A%2F%2Fauth.example.com%2Fcb",
        ),
    ] {
        let out = down(
            &gate,
            "/self-service/login/browser",
            303,
            &[("location", location)],
            "",
        );
        assert_eq!(out.head.headers.get("location"), Some(want));
    }
}

#[test]
fn pages_that_a_project_hosts_give_way_to_the_apps_own_where_the_config_names_them() {
    let hosted = "https://slug.projects.oryapis.com/ui/login?flow=1";
    let flow = r#"{"ui":{"action":"https://slug.projects.oryapis.com/self-service/login?flow=1"},"return_to":"https://slug.projects.oryapis.com/ui/welcome"}"#;
    for (kratos, page, welcome) in [
        (json!({ "url": SDK }), "/ui/login?flow=1", "/ui/welcome"),
        (
            json!({ "url": SDK, "ui": { "login": "/auth/sign-in" } }),
            "/auth/sign-in?flow=1",
            "/dashboard",
        ),
        (json!({ "url": SDK, "ui": {} }), "/login?flow=1", "/dashboard"),
    ] {
        let gate = gate(&kratos);
        let out = down(
            &gate,
            "/self-service/login/browser",
            303,
            &[("location", hosted)],
            "",
        );
        assert_eq!(
            out.head.headers.get("location"),
            Some(&*format!("{APP}{page}")),
            "{kratos}"
        );
        let json = [("content-type", "application/json")];
        let out = down(&gate, "/self-service/login/flows?id=1", 200, &json, flow);
        let Body::Bytes(bytes) = out.body else {
            panic!("read")
        };
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(body["return_to"], format!("{APP}{welcome}"), "{kratos}");
        assert_eq!(body["ui"]["action"], format!("{APP}/self-service/login?flow=1"));
    }
    // A self-hosted Kratos hosts no pages: what it calls `/ui/login` is some page of the app's.
    let own = gate(&json!({ "url": CUSTOM, "ui": { "login": "/auth/sign-in" } }));
    let out = down(
        &own,
        "/self-service/login/browser",
        303,
        &[("location", "https://auth.example.com/ui/login?flow=1")],
        "",
    );
    assert_eq!(
        out.head.headers.get("location"),
        Some("https://app.example.com/ui/login?flow=1")
    );
    assert!(!matches!(ask(&own, "/ui/login", &[]), Decision::Forward(_)));
}

#[test]
fn further_fields_go_up_when_the_config_names_them() {
    let fields = [
        ("X-Request-Id", "r1"),
        ("Traceparent", "t1"),
        ("X-Other", "o1"),
        ("Authorization", "Bearer x"),
    ];
    for (kratos, want) in [
        (json!({ "url": CUSTOM }), [None, None, None, None]),
        (
            json!({ "url": CUSTOM, "forward_headers": ["x-request-id", "Traceparent"] }),
            [Some("r1"), Some("t1"), None, None],
        ),
    ] {
        let up = forward(&gate(&kratos), "/self-service/login/browser", &fields);
        assert_eq!(
            ["x-request-id", "traceparent", "x-other", "authorization"].map(|name| up.headers.get(name)),
            want
        );
    }
}

#[test]
fn cookies_are_widened_to_the_configured_domain_and_never_to_a_forwarded_host() {
    let line = "csrf_token_ab12=x%2By; Path=/; Domain=slug.projects.oryapis.com; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax";
    for (kratos, want) in [
        (
            json!({ "url": SDK }),
            "csrf_token_ab12=x%2By; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax",
        ),
        (
            json!({ "url": SDK, "cookie_domain": "example.com" }),
            "csrf_token_ab12=x%2By; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax; Domain=example.com",
        ),
    ] {
        let out = down(
            &gate(&kratos),
            "/self-service/login/browser",
            303,
            &[("set-cookie", line)],
            "",
        );
        assert_eq!(out.head.headers.get("set-cookie"), Some(want), "{kratos}");
    }
}
