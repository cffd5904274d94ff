//! Redirects that lead round in a circle (semantics 1.2; field.md P 3, 16).

use edgeward::policy::{Access, Landing, Pattern, Redirects, Requirement, Rule, RuleError, Terms};
use serde_json::{Value, json};

use super::compile_with;

fn landing(place: &str, path: &str, with_flow: bool) -> Landing {
    Landing {
        place: place.into(),
        path: path.into(),
        with_flow,
    }
}

fn redirects() -> Redirects {
    Redirects {
        login: Some(landing("kratos.ui.login", "/login", true)),
        signed_in: Some(landing("signed_in", "/dashboard", false)),
        step_up: Some(landing("kratos.ui.login", "/login", true)),
        no_second_factor: Some(landing("kratos.ui.settings", "/settings", true)),
        reauthenticate: Some(landing("kratos.ui.login", "/login", true)),
    }
}

/// The circles as `visitor: place, place`.
fn circles(routes: Value, redirects: &Redirects) -> Vec<String> {
    let page = |place: &str, path: &str, access| {
        Rule::new(
            place,
            vec![Pattern::parse(path).unwrap()],
            Requirement::of(access),
        )
    };
    let terms = Terms {
        implicit: vec![
            page("kratos.ui.login", "/login", Access::Guest),
            page("kratos.ui.settings", "/settings", Access::Session),
        ],
        ..Terms::default()
    };
    let policy = compile_with(&routes, &json!("session"), terms).unwrap();
    let found = policy.find_cycles(redirects, "app.example.com");
    found
        .into_iter()
        .map(|cycle| match cycle {
            RuleError::Cycle { visitor, by } => format!("{visitor}: {}", by.join(", ")),
            other => panic!("{other}"),
        })
        .collect()
}

#[test]
fn rules_that_send_nobody_round() {
    for routes in [
        json!([]),
        json!([{ "path": "/dashboard", "require": { "aal": "aal2", "max_age": "15m" } }]),
        json!([{ "path": "/dashboard", "require": { "any": [{ "role": "admin" }] } }]),
        json!([{ "path": "/login", "require": "public" }]),
        json!([{ "path": "/settings", "require": { "max_age": "15m" } }]),
        json!([{ "path": "/settings", "require": { "aal": "aal2" }, "on_no_second_factor": "403" }]),
    ] {
        assert_eq!(
            circles(routes.clone(), &redirects()),
            Vec::<String>::new(),
            "{routes}"
        );
    }
}

#[test]
fn rules_that_do() {
    let signed_in_at = |path: &str| Redirects {
        signed_in: Some(landing("signed_in", path, false)),
        ..redirects()
    };
    let login_at = |path: &str| Redirects {
        login: Some(landing("kratos.ui.login", path, true)),
        ..redirects()
    };
    let cases = [
        (
            json!([{ "path": "/settings", "require": { "aal": "aal2" } }]),
            redirects(),
            vec!["signed in and has no second factor: kratos.ui.settings `/settings` (routes[0])"],
        ),
        (
            json!([{ "path": "/welcome", "require": "guest" }]),
            signed_in_at("/welcome"),
            vec!["signed in with one factor: signed_in `/welcome` (routes[0])"],
        ),
        (
            json!([]),
            login_at("/sign-in"),
            vec!["signed out: kratos.ui.login `/sign-in` (default)"],
        ),
        // Signed in, but an accepted session: sent to a login page that wants no guest with two factors.
        (
            json!([{ "path": "/sign-in", "require": { "fresh_within": "1m" } }]),
            login_at("/sign-in"),
            vec!["signed out: kratos.ui.login `/sign-in` (routes[0])"],
        ),
        // A guest page without a flow and a signed-in page that sends back.
        (
            json!([{ "path": "/dashboard", "require": { "max_age": "30s" } },
                   { "path": "/again", "require": "guest" }]),
            Redirects {
                reauthenticate: Some(landing("kratos.ui.login", "/again", false)),
                ..redirects()
            },
            vec![
                "signed in since long ago: signed_in `/dashboard` (routes[0]), kratos.ui.login `/again` (routes[1])",
            ],
        ),
    ];
    for (routes, redirects, wanted) in cases {
        assert_eq!(circles(routes.clone(), &redirects), wanted, "{routes}");
    }
}

#[test]
fn a_login_outside_the_app_ends_every_way() {
    let outside = Redirects {
        signed_in: Some(landing("signed_in", "/dashboard", false)),
        ..Redirects::default()
    };
    let routes = json!([{ "path": "/dashboard", "require": { "aal": "aal2", "max_age": "30s" } }]);
    assert_eq!(circles(routes, &outside), Vec::<String>::new());
}
