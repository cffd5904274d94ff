//! Whole requests that lie about what they are: the answer takes another form, and nobody comes in who would not have
//! (semantics 1.10; S 14).

use edgeward::Shell;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::world::{Came, ORIGIN, World, kratos_config};

const NAMES: [&str; 22] = [
    "sec-fetch-mode",
    "sec-fetch-dest",
    "sec-fetch-site",
    "sec-fetch-user",
    "accept",
    "rsc",
    "next-router-prefetch",
    "next-router-segment-prefetch",
    "next-router-state-tree",
    "next-url",
    "next-action",
    "x-nextjs-data",
    "sec-purpose",
    "purpose",
    "x-moz",
    "upgrade",
    "connection",
    "origin",
    "access-control-request-method",
    "x-requested-with",
    "user-agent",
    "x-http-method-override",
];
const VALUES: [&str; 20] = [
    "navigate",
    "document",
    "cors",
    "no-cors",
    "empty",
    "image",
    "same-origin",
    "cross-site",
    "none",
    "text/html",
    "application/json",
    "*/*",
    "1",
    "prefetch",
    "prefetch;prerender",
    "websocket",
    "Upgrade",
    ORIGIN,
    "https://a.test",
    "",
];
/// Paths of every kind of rule but guest pages, which protect nothing.
const PATHS: [&str; 8] = [
    "/about",
    "/hello",
    "/dashboard",
    "/admin/x",
    "/vault/x",
    "/strict",
    "/api/x",
    "/settings",
];
/// Nobody, and visitors who meet more and more.
const PEOPLE: [Option<(&[&str], &str)>; 4] = [
    None,
    Some((&["user"], "aal1")),
    Some((&["admin"], "aal1")),
    Some((&["admin"], "aal2")),
];

/// Whether the app got the request of one of them.
fn comes_in(shell: Shell, person: usize, method: &str, path: &str, fields: &[(&str, &str)]) -> bool {
    let mut config = kratos_config();
    if shell == Shell::NEXT {
        config.as_object_mut().unwrap().remove("origin");
    }
    let mut world = World::with_shell(&config, shell);
    if let Some((roles, aal)) = PEOPLE[person] {
        let cookie = world.sign_in_upstream("ann");
        let known = world.sessions.get_mut(&cookie).unwrap();
        known.roles = json!(roles);
        known.aal = aal;
    }
    matches!(world.request(method, path, fields), Came::Through { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(1_500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_lie_about_the_class_lets_anybody_in(
        fields in vec((select(NAMES.to_vec()), select(VALUES.to_vec())), 0..7), path in select(PATHS.to_vec()),
        person in 0..PEOPLE.len(), method in select(vec!["GET", "HEAD", "POST"]), next in any::<bool>()
    ) {
        let shell = if next { Shell::NEXT } else { Shell::FRONT };
        let plain = comes_in(shell, person, method, path, &[]);
        let lied = comes_in(shell, person, method, path, &fields);
        prop_assert!(plain || !lied, "{:?} gets in", fields);
        // What asks for more: an action for its own right, and what another site may not ask for.
        let says = |name: &str| fields.iter().any(|(known, _)| *known == name);
        let asks_for_more = says("next-action") || method == "POST" || says("upgrade") || says("sec-fetch-mode");
        prop_assert!(asks_for_more || lied == plain, "{:?} keeps out", fields);
    }
}

#[test]
fn a_preflight_passes_by_its_method_alone_and_without_cookies() {
    let ask = |method: &str, fields: &[(&str, &str)]| {
        let mut world = World::new(&kratos_config());
        world.sign_in_upstream("ann");
        world.request(method, "/admin/x", fields)
    };
    let (origin, asked) = (
        ("origin", "https://a.test"),
        ("access-control-request-method", "GET"),
    );
    let came = ask("OPTIONS", &[origin, asked, ("authorization", "Bearer x")]);
    for gone in ["cookie", "authorization", "x-edgeward-assertion"] {
        assert!(!came.through().contains(gone), "{gone}");
    }
    for (method, fields) in [
        ("GET", &[origin, asked][..]),
        ("POST", &[origin, asked]),
        ("OPTIONS", &[origin]),
        ("OPTIONS", &[asked]),
        ("OPTIONS", &[("origin", ""), asked]),
        ("options", &[origin, asked]),
    ] {
        assert!(
            !matches!(ask(method, fields), Came::Through { .. }),
            "{method} {fields:?}"
        );
    }
}
