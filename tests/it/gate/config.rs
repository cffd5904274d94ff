//! Config errors that a person can act on: place, what was found, what is accepted, the nearest spelling.

use edgeward::Shell;
use serde_json::{Value, json};

use super::world::{ORIGIN, World, kratos_config, try_gate};

fn with(pointer: &str, value: Value) -> Value {
    let mut config = kratos_config();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = if parent.is_empty() {
        Some(&mut config)
    } else {
        config.pointer_mut(parent)
    };
    parent.unwrap().as_object_mut().unwrap().insert(key.into(), value);
    config
}

#[test]
fn every_fault_names_its_place_and_the_way_out() {
    let rows = [
        (
            with("/sesion", json!({})),
            "config.unknown_key: sesion",
            "did you mean `session`",
        ),
        (
            with("/session/absolut", json!("1d")),
            "config.unknown_key: session.absolut",
            "did you mean `absolute`",
        ),
        (
            with("/session/secrets", json!(["hunter2"])),
            "config.secret_value: session.secrets[0]",
            "{ env =",
        ),
        (
            with("/session/secrets", json!([{ "env": "NOPE" }])),
            "config.secret_unset: session.secrets[0]",
            "NOPE",
        ),
        (
            with("/session/secrets", json!([{ "env": "SHORT" }])),
            "config.secret_short: session.secrets[0]",
            "32 bytes",
        ),
        (
            with("/session/format", json!("edgward")),
            "session.format",
            "did you mean `edgeward`",
        ),
        (
            with("/session/idle", json!("1 day")),
            "config.duration: session.idle",
            "`7d`",
        ),
        (with("/session/idle", json!("9d")), "config.lifetime", "absolute"),
        (
            with("/session/roles", json!("/traits/roles")),
            "config.user_editable: session.roles",
            "user_editable",
        ),
        (
            with("/session/roles", json!("/Raw_User_Meta_Data/role")),
            "config.user_editable: session.roles",
            "user_editable",
        ),
        (
            with("/session/roles", json!("/identity/traits/role")),
            "config.user_editable: session.roles",
            "user_editable",
        ),
        (
            with(
                "/routes",
                json!([{ "path": "/settings", "require": { "aal": "aal2" } }]),
            ),
            "config.rule_cycle: kratos.ui.settings `/settings` (routes[0])",
            "open one of these pages",
        ),
        (
            with(
                "/origin",
                json!({ "url": "https://origin.example.com", "lock": { "env": "SESSION_SECRET" } }),
            ),
            "config.shared_secret: origin.lock",
            "of its own",
        ),
        (
            with("/kratos/network_token", json!({ "env": "SESSION_SECRET" })),
            "config.shared_secret: kratos.network_token",
            "of its own",
        ),
        (
            with("/session/not_before", json!("yesterday")),
            "config.time: session.not_before",
            "2027-03-01",
        ),
        (
            with("/public_origins", json!([])),
            "public_origins",
            "at least one",
        ),
        (
            with("/public_origins", json!(["app.example.com"])),
            "config.origin: public_origins[0]",
            "https://",
        ),
        (
            with("/public_origins", json!(["http://app.example.com"])),
            "config.insecure",
            "https",
        ),
        (
            with("/preview_origins", json!(["https://*.vercel.app"])),
            "preview_origins[0]",
            "one `*`",
        ),
        (with("/default", json!("open")), "default", "`public`"),
        (
            with("/signed_in", json!("https://evil.example")),
            "config.path: signed_in",
            "path of the app",
        ),
        (with("/origin", json!({})), "config.origin: origin", "exactly one"),
        (
            with("/kratos/url", json!("http://id.example.com")),
            "config.insecure: kratos.url",
            "https",
        ),
        (
            with("/kratos/mounts", json!(["/ory"])),
            "kratos.mounts",
            "`/api/.ory`",
        ),
        (
            with("/kratos/claims", json!(["/credentials/x"])),
            "kratos.claims",
            "metadata_public",
        ),
        (
            with("/kratos/cookie_domain", json!("vercel.app")),
            "config.cookie_domain: kratos.cookie_domain",
            "",
        ),
        (
            with("/kratos/also_known_as", json!(["http://auth.example.com"])),
            "config.insecure: kratos.also_known_as",
            "https",
        ),
        (
            with("/kratos/also_known_as", json!("auth.example.com")),
            "config.url: kratos.also_known_as",
            "absolute",
        ),
        (
            with("/kratos/cookie", json!("a b")),
            "config.cookie: kratos.cookie",
            "a cookie name",
        ),
        (
            with("/kratos/cookie", json!("__Host-edgeward")),
            "config.cookie: kratos.cookie",
            "overwrite",
        ),
        (
            with("/kratos/cookie", json!("__Host-edgeward-out")),
            "config.cookie: kratos.cookie",
            "overwrite",
        ),
        (
            with("/session/cookie", json!("ory_kratos_session")),
            "config.cookie: kratos.cookie",
            "overwrite",
        ),
        (
            with("/kratos/ui", json!({ "login": "/self-service/login" })),
            "config.path: kratos.ui.login",
            "a page of the app",
        ),
        (
            with("/kratos/ui", json!({ "error": "/sessions/whoami" })),
            "config.path: kratos.ui.error",
            "a page of the app",
        ),
        (
            with("/sign_in", json!("/login")),
            "config.sign_in: sign_in",
            "kratos.ui.login",
        ),
        (
            with("/locales", json!(["en", "/de"])),
            "config.value: locales[1]",
            "`pt-BR`",
        ),
        (
            with(
                "/routes",
                json!([{ "path": "/x", "require": { "any": ["admin"] } }]),
            ),
            "config.type: routes[0].require.any[0]",
            "{ role =",
        ),
        (
            with("/kratos/also_known_as", json!(["https://id.example.com", ORIGIN])),
            "config.own_origin: kratos.also_known_as",
            "needs no mapping",
        ),
        (
            with(
                "/kratos/also_known_as",
                json!("https://APP.example.com:443/api/.ory/"),
            ),
            "config.own_origin: kratos.also_known_as",
            "needs no mapping",
        ),
        (
            with(
                "/kratos/forward_headers",
                json!(["x-request-id", "X-Forwarded-For"]),
            ),
            "config.forward_headers: kratos.forward_headers",
            "never goes",
        ),
        (with("/kratos/network", json!("yes")), "kratos.network", ""),
        (
            with("/kratos/network_token", json!("ory_pat_secret")),
            "kratos.network_token",
            "env",
        ),
        (
            with(
                "/assertion",
                json!({ "secret": { "env": "SESSION_SECRET" }, "audience": "app" }),
            ),
            "config.assertion_secret",
            "of its own",
        ),
        (
            with(
                "/assertion",
                json!({ "key": { "env": "SESSION_SECRET" }, "audience": "app" }),
            ),
            "config.assertion_secret: assertion.key",
            "of its own",
        ),
        (
            with(
                "/assertion",
                json!({ "key": { "env": "PUBLIC_KEY" }, "audience": "app" }),
            ),
            "config.assertion_key: assertion.key",
            "private P-256 key",
        ),
        (
            with(
                "/assertion",
                json!({ "key": { "env": "ASSERTION_SECRET" }, "audience": "app" }),
            ),
            "config.assertion_key: assertion.key",
            "JWK",
        ),
        (
            with(
                "/assertion",
                json!({ "key": { "env": "ASSERTION_KEY" }, "secret": { "env": "ASSERTION_SECRET" }, "audience": "app" }),
            ),
            "config.assertion_key: assertion.secret",
            "one of",
        ),
        (
            with("/session/to_origin", json!("assertion")),
            "config.missing: assertion",
            "secret",
        ),
        (
            with(
                "/routes",
                json!([{ "path": "/x", "require": { "role": "admin" } }]),
            ),
            "routes[0]",
            "any",
        ),
        (
            with("/routes", json!([{ "path": "/x", "require": {} }])),
            "routes[0].require",
            "session",
        ),
        (
            with("/routes", json!([{ "path": "/login", "require": "session" }])),
            "routes[0]",
            "sign in",
        ),
    ];
    for (config, place, way_out) in rows {
        let errors = try_gate(&config, Shell::FRONT).expect_err(place).to_string();
        assert!(errors.contains(place), "{place}: {errors}");
        assert!(errors.contains(way_out), "{way_out}: {errors}");
        assert!(!errors.contains("hunter2"), "{errors}");
    }
}

#[test]
fn all_faults_are_reported_at_once_and_nothing_starts() {
    let mut config = with("/session/idle", json!("x"));
    config["signed_in"] = json!("dashboard");
    config["nonsense"] = json!(1);
    let errors = try_gate(&config, Shell::FRONT).unwrap_err();
    assert!(errors.0.len() >= 3, "{errors}");
}

#[test]
fn a_gate_in_front_must_know_the_app_and_one_inside_need_not() {
    let mut config = kratos_config();
    config.as_object_mut().unwrap().remove("origin");
    assert!(
        try_gate(&config, Shell::FRONT)
            .unwrap_err()
            .to_string()
            .contains("origin")
    );
    assert!(try_gate(&config, Shell::NEXT).is_ok());
}

#[test]
fn a_kratos_copy_is_always_in_the_own_format() {
    let mut config = kratos_config();
    config["session"] = json!({ "format": "jwt", "secrets": [{ "env": "SESSION_SECRET" }], "subject": "sub", "exclusive_secret": true });
    assert!(
        try_gate(&config, Shell::FRONT)
            .unwrap_err()
            .to_string()
            .contains("config.kratos_format")
    );
}

/// A document without an identity server, whose sign-in page is the app's own.
fn own_sign_in(default: &Value, routes: &Value) -> Value {
    json!({
        "public_origins": [ORIGIN], "default": default, "sign_in": "/login",
        "session": { "format": "jwt", "cookie": "session", "subject": "sub", "exclusive_secret": true, "secrets": [{ "env": "SESSION_SECRET" }] },
        "routes": routes,
    })
}

#[test]
fn a_sign_in_page_is_open_unless_a_rule_says_otherwise() {
    let aged = json!({ "max_age": "1h" });
    for (default, routes, elsewhere) in [
        ("session", json!([]), 302),
        ("public", json!([]), 200),
        ("session", json!([{ "path": "/login", "require": "guest" }]), 302),
        ("session", json!([{ "path": "/:page", "require": "public" }]), 302),
    ] {
        let config = own_sign_in(&json!(default), &routes);
        let mut world = World::with_shell(&config, Shell::INSIDE);
        for method in ["GET", "POST"] {
            let status = world.request(method, "/login", &[("origin", ORIGIN)]).status();
            assert_eq!(status, 200, "{method} {config}");
        }
        assert_eq!(world.page("/login/more").status(), elsewhere, "{config}");
    }
    for (default, routes) in [
        (
            json!("session"),
            json!([{ "path": "/login", "require": "session" }]),
        ),
        (json!("session"), json!([{ "path": "/login", "require": aged }])),
        (
            json!("public"),
            json!([{ "path": ["/login", "/app"], "require": "session" }]),
        ),
        (aged.clone(), json!([{ "path": "/login", "require": "guest" }])),
    ] {
        let config = own_sign_in(&default, &routes);
        let text = try_gate(&config, Shell::INSIDE)
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(text.contains("config.rule_cycle"), "{config}: {text}");
    }
}

/// Semantics 3.5: the config is whole, and everybody can make its sessions.
#[test]
fn a_secret_of_this_repository_serves_examples_and_loopback_only() {
    for (origin, serves) in [
        ("https://app.example.com", true),
        ("https://example.org", true),
        ("https://gate.test", true),
        ("https://app.invalid", true),
        ("http://localhost:3000", true),
        ("http://127.0.0.1:8787", true),
        ("http://10.0.0.7", true),
        ("https://intranet", true),
        ("https://app.acme.dev", false),
        ("https://example.com.acme.dev", false),
        ("https://notexample.com", false),
        ("https://latest", true),
        ("https://my.latest", false),
        ("https://203.0.113.7", false),
        ("https://[2001:db8::7]", false),
    ] {
        let config = with("/public_origins", json!([ORIGIN, origin]));
        match (try_gate(&config, Shell::FRONT), serves) {
            (Ok(_), true) => {}
            (Err(errors), false) => {
                let text = errors.to_string();
                assert!(
                    text.contains("config.secret_published: session.secrets[0]"),
                    "{origin}: {text}"
                );
                assert!(
                    text.contains("openssl rand") && !text.contains(super::world::SECRET),
                    "{text}"
                );
            }
            (outcome, _) => panic!("{origin}: {:?}", outcome.err().map(|errors| errors.to_string())),
        }
    }
    let secret = |_: &str| {
        Some(edgeward::base::Secret::new(
            "a secret that its owner alone knows, and long",
        ))
    };
    let config = edgeward::Config::parse(&with("/public_origins", json!(["https://app.acme.dev"]))).unwrap();
    let moment = edgeward::base::Moment::new(super::world::START, [9; 32]);
    assert!(edgeward::Gate::new(config, Shell::FRONT, secret, moment).is_ok());
}
