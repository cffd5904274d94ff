//! What a new document lets in that the old one did not (semantics 4.5).

use edgeward::policy::{Policy, Router, Terms, widening};
use serde_json::{Value, json};

use super::compile_with;

fn compile(routes: &Value, default: &str) -> Policy {
    compile_with(routes, &json!(default), Terms::default()).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn found(old: &Value, new: &Value) -> Vec<String> {
    let found = widening::find(&compile(old, "session"), &compile(new, "session"));
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_wider_is_shown_with_a_path() {
    let admin = json!({ "any": [{ "role": "admin" }] });
    let cases = [
        (
            json!([{ "path": "/admin/:p*", "require": admin }]),
            json!([{ "path": "/admin/:p*", "require": "session" }]),
            "* /admin on host * was judged by routes[0] (/admin/:p*), is judged by routes[0] (/admin/:p*), which asks less",
        ),
        (
            json!([{ "path": "/admin/:p*", "require": admin }]),
            json!([{ "path": "/admin/login", "require": "public", "overrides": true }, { "path": "/admin/:p*", "require": admin }]),
            "* /admin/login on host * was judged by routes[0] (/admin/:p*), is judged by routes[0] (/admin/login), which asks less",
        ),
        (
            json!([{ "path": "/admin/:p*", "require": admin }]),
            json!([]),
            "* /admin on host * was judged by routes[0] (/admin/:p*), is judged by default, which asks less",
        ),
        (
            json!([]),
            json!([{ "path": "/about", "require": "optional" }]),
            "* /about on host * was judged by default, is judged by routes[0] (/about), which asks less",
        ),
        (
            json!([{ "path": "/:a/settings", "require": admin }]),
            json!([{ "path": "/team/:b", "require": "session", "overrides": true }, { "path": "/:a/settings", "require": admin }]),
            "* /team/settings on host * was judged by routes[0] (/:a/settings), is judged by routes[0] (/team/:b), which asks less",
        ),
        (
            json!([{ "path": "/a", "methods": "GET", "require": "session" }]),
            json!([{ "path": "/a", "require": "session" }]),
            "* /a on host * was refused by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/a", "methods": "POST", "require": { "aal": "aal2" } }, { "path": "/a", "methods": "GET", "require": "session" }]),
            json!([{ "path": "/a", "methods": ["POST"], "require": "session" }, { "path": "/a", "methods": "GET", "require": "session" }]),
            "POST /a on host * was judged by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/a", "require": "session" }]),
            json!([{ "path": "/a", "host": "*.b.test", "require": "public", "overrides": true }, { "path": "/a", "require": "session" }]),
            "* /a on host *.b.test was judged by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/a", "require": "session" }]),
            json!([{ "path": "/a", "require": "session", "cross_site": true }]),
            "* /a on host * was judged by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/a", "require": "public" }]),
            json!([{ "path": "/a", "require": "public", "actions": "public" }]),
            "* /a on host * was judged by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/a", "require": { "fresh_within": "0s" } }]),
            json!([{ "path": "/a", "require": { "fresh_within": "1m" } }]),
            "* /a on host * was judged by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/a", "require": { "all": [{ "role": "x" }, { "role": "y" }] } }]),
            json!([{ "path": "/a", "require": { "any": [{ "role": "x" }, { "role": "y" }] } }]),
            "* /a on host * was judged by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/a", "require": { "email_domain": "a.test" } }]),
            json!([{ "path": "/a", "require": { "email_domain": ["a.test", "b.test"] } }]),
            "* /a on host * was judged by routes[0] (/a), is judged by routes[0] (/a), which asks less",
        ),
        (
            json!([{ "path": "/login", "require": "guest" }]),
            json!([{ "path": "/login", "require": "public" }]),
            "* /login on host * was judged by routes[0] (/login), is judged by routes[0] (/login), which asks less",
        ),
    ];
    for (old, new, wanted) in cases {
        assert_eq!(found(&old, &new), [wanted], "{old} → {new}");
    }
}

#[test]
fn what_is_not_wider_is_not_shown() {
    let admin = json!({ "any": [{ "role": "admin" }] });
    let cases = [
        (json!([]), json!([])),
        (json!([]), json!([{ "path": "/admin/:p*", "require": admin }])),
        (
            json!([{ "path": "/a", "require": "public" }]),
            json!([{ "path": "/a", "require": "session" }]),
        ),
        (json!([{ "path": "/a", "require": "public" }]), json!([])),
        // Moved, renamed, split: the same paths ask the same.
        (
            json!([{ "path": ["/a", "/b/:x"], "require": admin }]),
            json!([{ "path": "/b/:y", "require": admin }, { "path": "/a", "require": admin }]),
        ),
        (
            json!([{ "path": "/a/:x*", "require": admin }]),
            json!([{ "path": "/a", "require": admin }, { "path": "/a/:x", "require": admin }, { "path": "/a/:x/:y+", "require": admin }]),
        ),
        (
            json!([{ "path": "/a", "require": "session" }]),
            json!([{ "path": "/a", "methods": "GET", "require": "session" }]),
        ),
        (
            json!([{ "path": "/a", "require": { "any": [{ "role": "x" }, { "role": "y" }], "aal": "aal1", "max_age": "1h" } }]),
            json!([{ "path": "/a", "require": { "all": [{ "role": "x" }], "aal": "aal2", "max_age": "15m", "fresh_within": "1m" } }]),
        ),
    ];
    for (old, new) in cases {
        assert_eq!(found(&old, &new), Vec::<String>::new(), "{old} → {new}");
    }
}

#[test]
fn fewer_readings_are_a_widening() {
    let of = |router, locales: &[&str]| {
        let terms = Terms {
            router,
            locales: locales.iter().map(|l| (*l).to_owned()).collect(),
            ..Terms::default()
        };
        compile_with(&json!([]), &json!("session"), terms).unwrap()
    };
    let shown = |old: &Policy, new: &Policy| -> Vec<String> {
        widening::find(old, new).iter().map(ToString::to_string).collect()
    };
    let any = of(Router::Any, &["en", "de"]);
    assert_eq!(
        shown(&any, &of(Router::CaseSensitive, &["en"])),
        [
            "`router` changed: fewer readings of a path are judged",
            "`locales` changed: fewer readings of a path are judged",
        ]
    );
    assert!(shown(&of(Router::CaseSensitive, &[]), &any).is_empty());
    assert_eq!(
        widening::find(&compile(&json!([]), "session"), &compile(&json!([]), "public")).len(),
        1
    );
}
