//! What is wrong with rules, alone and together: where, and in which words (semantics 1.2, 1.8).

use edgeward::config::ConfigError;
use edgeward::policy::{Access, Capabilities, Pattern, Pointer, Requirement, Rule, Terms};
use serde_json::{Value, json};

use super::{compile_with, faults};

/// `code place` of each error.
fn codes(errors: &[ConfigError]) -> Vec<String> {
    errors
        .iter()
        .map(|error| format!("{} {}", error.code, error.path))
        .collect()
}

#[test]
fn a_key_of_a_rule_that_is_fine_without_it() {
    let cases = [
        ("host", json!("https://x.test"), "config.value"),
        ("host", json!("*.*.test"), "config.value"),
        ("methods", json!([]), "config.empty"),
        ("methods", json!(["get"]), "config.value"),
        ("methods", json!("HEAD"), "config.value"),
        ("method", json!("GET"), "config.unknown_key"),
        ("on_unauthenticated", json!("403"), "config.value"),
        ("on_unauthenticated", json!(401), "config.value"),
        ("on_no_second_factor", json!("login"), "config.value"),
        ("actions", json!("guest"), "config.value"),
        ("cross_site", json!("yes"), "config.type"),
        ("overrides", json!(1), "config.type"),
        ("aal", json!("aal2"), "config.unknown_key"),
    ];
    for (key, value, wanted) in cases {
        let mut route = json!({ "path": "/a", "require": "session" });
        route[key] = value;
        let errors = faults(&json!([route]));
        assert_eq!(codes(&errors), [format!("{wanted} routes[0].{key}")], "{route}");
    }
}

#[test]
fn a_rule_on_its_own() {
    let cases = [
        (json!("/a"), "config.type routes[0]"),
        (
            json!({}),
            "config.missing routes[0].path | config.missing routes[0].require",
        ),
        (json!({ "path": "/a" }), "config.missing routes[0].require"),
        (json!({ "require": "public" }), "config.missing routes[0].path"),
        (
            json!({ "path": [], "require": "public" }),
            "config.empty routes[0].path",
        ),
        (
            json!({ "path": 5, "require": "public" }),
            "config.type routes[0].path",
        ),
        (
            json!({ "path": ["/a", "b", "/c/*"], "require": "public" }),
            "config.value routes[0].path[1] | config.value routes[0].path[2]",
        ),
        (
            json!({ "path": "/a", "requires": "public" }),
            "config.missing routes[0].require | config.unknown_key routes[0].requires",
        ),
        (
            json!({ "path": "/a", "require": "Public" }),
            "config.value routes[0].require",
        ),
        (
            json!({ "path": "/a", "require": "" }),
            "config.value routes[0].require",
        ),
        (
            json!({ "path": "/a", "require": true }),
            "config.value routes[0].require",
        ),
        (
            json!({ "path": "/a", "require": [] }),
            "config.value routes[0].require",
        ),
        (
            json!({ "path": "/a", "require": null }),
            "config.value routes[0].require",
        ),
        (
            json!({ "path": "/a", "require": {} }),
            "config.empty routes[0].require",
        ),
        (
            json!({ "path": "/a", "require": { "any": [] } }),
            "config.empty routes[0].require.any",
        ),
        (
            json!({ "path": "/a", "require": { "all": [] } }),
            "config.empty routes[0].require.all",
        ),
        (
            json!({ "path": "/a", "require": { "any": {} } }),
            "config.type routes[0].require.any",
        ),
        (
            json!({ "path": "/a", "require": { "any": ["admin"] } }),
            "config.type routes[0].require.any[0]",
        ),
        (
            json!({ "path": "/a", "require": { "any": [{}] } }),
            "config.value routes[0].require.any[0]",
        ),
        (
            json!({ "path": "/a", "require": { "any": [{ "role": "" }] } }),
            "config.type routes[0].require.any[0].role",
        ),
        (
            json!({ "path": "/a", "require": { "any": [{ "role": ["a"] }] } }),
            "config.type routes[0].require.any[0].role",
        ),
        (
            json!({ "path": "/a", "require": { "any": [{ "role": "a", "claim": "/b" }] } }),
            "config.value routes[0].require.any[0]",
        ),
        (
            json!({ "path": "/a", "require": { "any": [{ "rolle": "a" }] } }),
            "config.value routes[0].require.any[0] | config.unknown_key routes[0].require.any[0].rolle",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "/plan" }] } }),
            "config.value routes[0].require.all[0].claim",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "plan", "equals": 1 }] } }),
            "config.value routes[0].require.all[0].claim",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "/plan", "equals": 1.5 }] } }),
            "config.type routes[0].require.all[0].equals",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "/plan", "equals": [] }] } }),
            "config.empty routes[0].require.all[0].equals",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "/plan", "equals": null }] } }),
            "config.type routes[0].require.all[0].equals",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "/plan", "contains": ["x"] }] } }),
            "config.type routes[0].require.all[0].contains",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "/traits/role", "equals": "x" }] } }),
            "config.user_editable routes[0].require.all[0].claim",
        ),
        (
            json!({ "path": "/a", "require": { "all": [{ "claim": "/user_metadata/x", "equals": "x", "user_editable": false }] } }),
            "config.user_editable routes[0].require.all[0].claim",
        ),
        (
            json!({ "path": "/a", "require": { "guest": true, "aal": "aal1" } }),
            "config.guest_beside routes[0].require.guest",
        ),
        (
            json!({ "path": "/a", "require": { "guest": true, "session": true } }),
            "config.guest_beside routes[0].require.guest",
        ),
        (
            json!({ "path": "/a", "require": { "guest": false } }),
            "config.value routes[0].require.guest",
        ),
        (
            json!({ "path": "/a", "require": { "session": false } }),
            "config.value routes[0].require.session",
        ),
        (
            json!({ "path": "/a", "require": { "session": "yes" } }),
            "config.type routes[0].require.session",
        ),
        (
            json!({ "path": "/a", "require": { "public": true } }),
            "config.unknown_key routes[0].require.public",
        ),
        (
            json!({ "path": "/a", "require": { "role": "admin" } }),
            "config.unknown_key routes[0].require.role",
        ),
        (
            json!({ "path": "/a", "require": { "aal": "aal0" } }),
            "config.value routes[0].require.aal",
        ),
        (
            json!({ "path": "/a", "require": { "aal": "AAL2" } }),
            "config.value routes[0].require.aal",
        ),
        (
            json!({ "path": "/a", "require": { "aal": 2 } }),
            "config.value routes[0].require.aal",
        ),
        (
            json!({ "path": "/a", "require": { "aal": null } }),
            "config.value routes[0].require.aal",
        ),
        (
            json!({ "path": "/a", "require": { "max_age": "15" } }),
            "config.duration routes[0].require.max_age",
        ),
        (
            json!({ "path": "/a", "require": { "max_age": 900 } }),
            "config.duration routes[0].require.max_age",
        ),
        (
            json!({ "path": "/a", "require": { "max_age": "0s" } }),
            "config.value routes[0].require.max_age",
        ),
        (
            json!({ "path": "/a", "require": { "fresh_within": "-1s" } }),
            "config.duration routes[0].require.fresh_within",
        ),
        (
            json!({ "path": "/a", "require": { "fresh_within": "0s", "stale_for": "30s" } }),
            "config.value routes[0].require.stale_for",
        ),
        (
            json!({ "path": "/a", "require": { "fresh_within": "0s", "stale_if_error": "1m" } }),
            "config.value routes[0].require.stale_if_error",
        ),
        (
            json!({ "path": "/a", "require": { "email_domain": "@example.com" } }),
            "config.value routes[0].require.email_domain",
        ),
        (
            json!({ "path": "/a", "require": { "email_domain": [] } }),
            "config.empty routes[0].require.email_domain",
        ),
        (
            json!({ "path": "/a", "require": { "email_domain": ["example.com", "bücher.de"] } }),
            "config.value routes[0].require.email_domain",
        ),
    ];
    for (route, wanted) in cases {
        let errors = faults(&json!([route]));
        assert_eq!(codes(&errors).join(" | "), wanted, "{route}");
    }
}

#[test]
fn what_a_rule_may_say() {
    let routes = json!([
        { "path": "/a", "require": { "session": true } },
        { "path": "/b", "require": { "guest": true } },
        { "path": ["/c", "/d/:e?"], "host": ["a.test", "*.b.test"], "methods": ["GET", "POST"],
          "require": { "any": [{ "role": "a" }, { "claim": "/plan", "equals": ["x", 5, true] }],
                       "all": [{ "claim": "/groups", "contains": "ops" },
                               { "claim": "/traits/x", "equals": "y", "user_editable": true }],
                       "aal": "aal2", "max_age": "15m", "fresh_within": "1m", "stale_for": "0s", "stale_if_error": "5m",
                       "email_domain": ["Example.com", "example.org"] },
          "on_unauthenticated": "404", "on_no_second_factor": "403", "actions": "public", "cross_site": true, "overrides": true },
        { "path": "/e", "require": { "fresh_within": "0s" } },
    ]);
    let policy = super::compile(&routes);
    let [a, b, c, e] = policy.rules() else { panic!() };
    assert_eq!(
        (a.requirement.access, b.requirement.access),
        (Access::Session, Access::Guest)
    );
    assert_eq!(c.requirement.conditions.len(), 3);
    assert_eq!(c.requirement.email_domains, [["example.com", "example.org"]]);
    assert_eq!(c.requirement.max_age, Some(900));
    let bounds = c.requirement.bounds;
    assert_eq!(
        (bounds.fresh_within(), bounds.longest_up(), bounds.longest_down()),
        (60, 60, 360)
    );
    assert!(c.requirement.asks_freshness && !a.requirement.asks_freshness);
    assert_eq!(e.requirement.bounds.longest_down(), 0);
    assert_eq!(a.requirement.bounds.longest_up(), 330);
}

#[test]
fn errors_say_what_to_do() {
    let errors = faults(&json!([
        { "path": "/blog/[slug]", "require": "pubic" },
        { "path": "/a", "require": "session", "on_unauthorised": "401" },
    ]));
    let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "config.value: routes[0].require: found `pubic`; accepted: `public`, `optional`, `guest`, `session`; \
             fix: did you mean `public`?",
            "config.value: routes[0].path: found `/blog/[slug]`; accepted: write `:slug` for `[slug]` and `:slug*` \
             for `[[...slug]]`",
            "config.unknown_key: routes[1].on_unauthorised: found the unknown key `on_unauthorised`; accepted: `path`, \
             `host`, `methods`, `require`, `actions`, `cross_site`, `on_unauthenticated`, `on_no_second_factor`, \
             `overrides`; fix: did you mean `on_unauthenticated`?",
        ]
    );
}

/// Two or more rules; the errors they make together.
#[test]
fn rules_together() {
    let public = |path: Value| json!({ "path": path, "require": "public" });
    let session = |path: Value| json!({ "path": path, "require": "session" });
    let admin = |path: Value| json!({ "path": path, "require": { "any": [{ "role": "admin" }] } });
    let get = |mut rule: Value, methods: &[&str]| {
        rule["methods"] = json!(methods);
        rule
    };
    let on = |mut rule: Value, host: &str| {
        rule["host"] = json!(host);
        rule
    };
    let overriding = |mut rule: Value| {
        rule["overrides"] = json!(true);
        rule
    };
    let cases: Vec<(Vec<Value>, &str)> = vec![
        // Can never match.
        (
            vec![session(json!("/a")), session(json!("/a"))],
            "config.rule_unreachable routes[1]",
        ),
        (
            vec![session(json!("/:x*")), session(json!("/a"))],
            "config.rule_unreachable routes[1]",
        ),
        (
            vec![session(json!("/a/:x*")), public(json!(["/a", "/a/b"]))],
            "config.rule_unreachable routes[1]",
        ),
        (
            vec![
                session(json!("/a")),
                session(json!("/a/:b")),
                admin(json!("/a/:c?")),
            ],
            "config.rule_unreachable routes[2]",
        ),
        (
            vec![session(json!("/:a")), on(session(json!("/b")), "h.test")],
            "config.rule_unreachable routes[1]",
        ),
        (
            vec![
                on(session(json!("/a")), "*.h.test"),
                on(session(json!("/a")), "x.h.test"),
            ],
            "config.rule_unreachable routes[1]",
        ),
        (
            vec![
                get(session(json!("/a")), &["GET"]),
                get(session(json!("/a")), &["GET"]),
            ],
            "config.rule_unreachable routes[1]",
        ),
        (
            vec![
                get(session(json!("/a")), &["GET", "PUT"]),
                get(session(json!("/a")), &["POST"]),
                get(admin(json!("/a")), &["POST", "PUT"]),
            ],
            "config.rule_unreachable routes[2]",
        ),
        (
            vec![session(json!("/a")), get(session(json!("/a")), &["POST"])],
            "config.rule_unreachable routes[1]",
        ),
        // Takes another path list, so the earlier rule answers 405 for the rest.
        (
            vec![
                get(session(json!(["/a", "/b"])), &["GET"]),
                get(session(json!("/a")), &["POST"]),
            ],
            "config.rule_unreachable routes[1]",
        ),
        (
            vec![session(json!("/:x*")), overriding(admin(json!("/a")))],
            "config.rule_unreachable routes[1]",
        ),
        // Weaker and in front.
        (
            vec![public(json!("/a/login")), session(json!("/a/:x*"))],
            "config.rule_weakens routes[0]",
        ),
        (
            vec![session(json!("/:x/settings")), admin(json!("/admin/:y*"))],
            "config.rule_weakens routes[0]",
        ),
        (
            vec![
                admin(json!("/a/b")),
                json!({ "path": "/a/:x", "require": { "any": [{ "role": "other" }] } }),
            ],
            "config.rule_weakens routes[0]",
        ),
        (
            vec![
                get(public(json!("/a")), &["GET", "POST"]),
                get(session(json!("/a")), &["POST", "PUT"]),
            ],
            "config.rule_weakens routes[0]",
        ),
        (
            vec![on(public(json!("/a")), "h.test"), session(json!("/a"))],
            "config.rule_weakens routes[0]",
        ),
        (
            vec![
                public(json!(["/x", "/a/b"])),
                session(json!(["/y", "/a/:z"])),
                admin(json!("/:q*")),
            ],
            "config.rule_weakens routes[0] | config.rule_weakens routes[0] | config.rule_weakens routes[1]",
        ),
        (
            vec![
                json!({ "path": "/a/b", "require": "session", "cross_site": true }),
                session(json!("/a/:x")),
            ],
            "config.rule_weakens routes[0]",
        ),
        (
            vec![
                json!({ "path": "/a/b", "require": "public", "actions": "public" }),
                public(json!("/a/:x")),
            ],
            "config.rule_weakens routes[0]",
        ),
        (
            vec![
                json!({ "path": "/a/b", "require": { "fresh_within": "10m" } }),
                json!({ "path": "/a/:x", "require": { "fresh_within": "1m" } }),
            ],
            "config.rule_weakens routes[0]",
        ),
        // Sound.
        (
            vec![overriding(public(json!("/a/login"))), session(json!("/a/:x*"))],
            "",
        ),
        (vec![session(json!("/a/b")), public(json!("/a/:x*"))], ""),
        (vec![admin(json!("/a/b")), session(json!("/a/:x*"))], ""),
        (vec![public(json!("/a")), session(json!("/a/:x+"))], ""),
        (vec![public(json!("/a")), session(json!("/A"))], ""),
        (
            vec![
                get(public(json!("/a")), &["GET"]),
                get(session(json!("/a")), &["POST"]),
            ],
            "",
        ),
        (
            vec![
                on(public(json!("/a")), "h.test"),
                on(session(json!("/a")), "i.test"),
            ],
            "",
        ),
        (
            vec![
                on(session(json!("/a")), "x.h.test"),
                on(session(json!("/a")), "*.h.test"),
                public(json!("/a")),
            ],
            "",
        ),
        (vec![session(json!("/a/:x")), public(json!("/a/:x/b"))], ""),
    ];
    for (rules, wanted) in cases {
        let rules = Value::Array(rules);
        let errors = faults(&rules);
        assert_eq!(codes(&errors).join(" | "), wanted, "{rules:#}");
        assert!(errors.iter().all(|error| !error.fix.is_empty()), "{errors:#?}");
    }
}

#[test]
fn errors_of_rules_name_the_rules() {
    let errors = faults(&json!([
        { "path": "/a/:x*", "require": "public" },
        { "path": "/a/b", "require": "session" },
        { "path": ["/c", "/:y/d"], "require": "session" },
        { "path": "/a/:x/d", "require": "public" },
    ]));
    let shown: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "config.rule_weakens: routes[0]: found `routes[0]` lets in by `/a/:x*` what `routes[2]` asks more of by \
             `/:y/d`; accepted: the stricter rule first; fix: move `routes[2]` in front of `routes[0]`, or say \
             `overrides = true` in `routes[0]`",
            "config.rule_unreachable: routes[1]: found `routes[1]` can never match behind `routes[0]`; accepted: \
             rules for paths that earlier rules leave over; fix: move `routes[1]` in front of routes[0], or delete it",
            "config.rule_unreachable: routes[3]: found `routes[3]` can never match behind `routes[0]`; accepted: \
             rules for paths that earlier rules leave over; fix: move `routes[3]` in front of routes[0], or delete it",
        ]
    );
}

fn page(place: &str, path: &str, access: Access) -> Rule {
    Rule::new(
        place,
        vec![Pattern::parse(path).unwrap()],
        Requirement::of(access),
    )
}

#[test]
fn pages_of_the_identity_server_need_no_rule() {
    let terms = || Terms {
        implicit: vec![
            page("kratos.ui.login", "/login", Access::Guest),
            page("kratos.ui.settings", "/settings", Access::Session),
        ],
        ..Terms::default()
    };
    let compile = |routes: Value| compile_with(&routes, &json!("session"), terms());
    let policy = compile(json!([{ "path": "/:all*", "require": { "any": [{ "role": "admin" }] } }])).unwrap();
    assert_eq!(super::outcome(&policy, "h", "GET", "/login"), "kratos.ui.login");
    assert_eq!(
        super::outcome(&policy, "h", "GET", "/settings"),
        "kratos.ui.settings"
    );

    // Whoever names the page has the word, but cannot close it.
    let policy = compile(json!([{ "path": ["/", "/login"], "require": "public" }])).unwrap();
    assert_eq!(super::outcome(&policy, "h", "GET", "/login"), "routes[0]");
    for require in [
        json!("session"),
        json!({ "aal": "aal2" }),
        json!({ "any": [{ "role": "x" }] }),
    ] {
        let errors = compile(json!([{ "path": "/login", "require": require }])).unwrap_err();
        assert_eq!(codes(&errors), ["config.rule_closes_page routes[0]"]);
    }
    assert!(compile(json!([{ "path": "/settings", "require": { "aal": "aal2" } }])).is_ok());
}

#[test]
fn what_the_session_cannot_answer_cannot_be_asked() {
    let nothing = Capabilities {
        roles: false,
        claims: Some(vec![Pointer::parse("/metadata_public").unwrap()]),
        aal: false,
        auth_time: false,
        verified_email: false,
        confirmable: false,
    };
    let terms = || Terms {
        capabilities: nothing.clone(),
        ..Terms::default()
    };
    let cases = [
        (json!({ "any": [{ "role": "admin" }] }), "role"),
        (json!({ "aal": "aal2" }), "aal"),
        (json!({ "max_age": "15m" }), "max_age"),
        (json!({ "email_domain": "example.com" }), "email_domain"),
        (json!({ "fresh_within": "1m" }), "fresh_within"),
        (
            json!({ "all": [{ "claim": "/metadata_admin/x", "equals": 1 }] }),
            "claim",
        ),
        (
            json!({ "all": [{ "claim": "/metadata_publicity", "equals": 1 }] }),
            "claim",
        ),
    ];
    for (require, asks) in cases {
        let errors = compile_with(
            &json!([{ "path": "/a", "require": require }]),
            &json!("public"),
            terms(),
        );
        let errors = errors.unwrap_err();
        assert_eq!(codes(&errors), ["config.rule_incapable routes[0]"]);
        assert!(errors[0].found.contains(&format!("`{asks}`")), "{}", errors[0]);
        let errors = compile_with(&json!([]), &require, terms()).unwrap_err();
        assert_eq!(codes(&errors), ["config.rule_incapable default"]);
    }
    let within =
        json!([{ "path": "/a", "require": { "all": [{ "claim": "/metadata_public/plan", "equals": 1 }] } }]);
    assert!(compile_with(&within, &json!("session"), terms()).is_ok());
}
