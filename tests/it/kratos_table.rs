//! The tunnel's table: complete against the router of the real Kratos, exact against everything that looks alike.

use std::collections::{BTreeMap, BTreeSet};

use edgeward::kratos::table::{Exposed, Kind, Lookup, Mount, Purpose, ROWS, Table};
use edgeward::kratos::{Flow, Upstream, UpstreamError};
use edgeward::message::url::BaseUrl;

use crate::kratos_support::{found, vectors, whole_table};

fn list(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(vectors().join(name)).unwrap();
    text.lines()
        .filter(|l| !l.starts_with('#') && !l.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `GET /sessions/:id` and `GET /sessions/{id}` in one spelling; the parameter's name says nothing.
fn route(method: &str, path: &str) -> String {
    let segment = |s: &str| {
        if s.starts_with([':', '{']) {
            "{}".to_owned()
        } else {
            s.to_owned()
        }
    };
    format!(
        "{method} {}",
        path.split('/').map(segment).collect::<Vec<_>>().join("/")
    )
}

fn registered() -> BTreeSet<String> {
    let line = |l: String| {
        let mut words = l.split(' ').map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap())
    };
    let both = list("router.txt")
        .into_iter()
        .chain(list("openapi.txt"))
        .map(line);
    both.map(|(method, path)| route(&method, &path)).collect()
}

fn left_out() -> BTreeMap<String, String> {
    let line = |l: String| {
        let (what, why) = l.split_once(" | ").unwrap();
        let (method, path) = what.split_once(' ').unwrap();
        (route(method, path), why.to_owned())
    };
    list("left-out.txt").into_iter().map(line).collect()
}

#[test]
fn every_registered_route_is_tunnelled_or_left_out_with_a_reason() {
    let table: BTreeSet<String> = ROWS
        .iter()
        .flat_map(|row| row.methods().map(|m| route(m, row.path)))
        .collect();
    let left_out = left_out();
    for route in registered() {
        assert!(
            table.contains(&route) != left_out.contains_key(&route),
            "`{route}` must be in exactly one of the two"
        );
    }
}

#[test]
fn the_table_has_nothing_that_is_not_registered() {
    let registered = registered();
    for row in ROWS.iter().filter(|row| row.exposed != Exposed::Network) {
        for method in row.methods() {
            // HEAD stands beside GET (RFC 9110 section 9.3.2).
            let method = if method == "HEAD" { "GET" } else { method };
            let route = route(method, row.path);
            assert!(
                registered.contains(&route),
                "`{route}` is in the table and served by nobody"
            );
        }
    }
    for (route, why) in left_out() {
        assert!(
            registered.contains(&route) && !why.is_empty(),
            "`{route}` is left out and served by nobody"
        );
    }
}

#[test]
fn documented_paths_and_router_agree_where_both_speak() {
    let documented: BTreeSet<String> = list("openapi.txt").into_iter().collect();
    assert!(
        !documented.contains("GET /self-service/login"),
        "the reason why the router is read"
    );
    assert!(registered().contains("GET /self-service/login"));
    assert_eq!(
        list("router.txt")
            .iter()
            .filter(|l| l.starts_with("HANDED-ON"))
            .count(),
        2
    );
}

#[test]
fn finds_exactly_the_spelling_that_the_identity_server_has() {
    let plain = || Table::new(vec![Mount::Root]);
    let api = || Table::new(vec![Mount::ApiOry]);
    let both = || Table::new(vec![Mount::Root, Mount::ApiOry]);
    let rows: &[(Table, &str, &str, Option<Kind>)] = &[
        (
            plain(),
            "GET",
            "/self-service/login/browser",
            Some(Kind::Init(Flow::Login)),
        ),
        (
            plain(),
            "HEAD",
            "/self-service/login/browser",
            Some(Kind::Init(Flow::Login)),
        ),
        (
            plain(),
            "GET",
            "/self-service/recovery",
            Some(Kind::Submit(Flow::Recovery)),
        ),
        (
            plain(),
            "POST",
            "/self-service/recovery",
            Some(Kind::Submit(Flow::Recovery)),
        ),
        (
            plain(),
            "GET",
            "/self-service/settings/flows",
            Some(Kind::Get(Flow::Settings)),
        ),
        (
            plain(),
            "GET",
            "/self-service/logout",
            Some(Kind::Submit(Flow::Logout)),
        ),
        (
            plain(),
            "GET",
            "/self-service/methods/oidc/callback/google",
            Some(Kind::Callback),
        ),
        (
            plain(),
            "POST",
            "/self-service/methods/oidc/callback/apple",
            Some(Kind::Callback),
        ),
        (
            plain(),
            "GET",
            "/self-service/methods/oidc/callback",
            Some(Kind::Callback),
        ),
        (plain(), "GET", "/self-service/errors", Some(Kind::Error)),
        (plain(), "GET", "/sessions/whoami", Some(Kind::Whoami)),
        (plain(), "GET", "/.well-known/ory/webauthn.js", Some(Kind::Script)),
        (api(), "GET", "/api/.ory/sessions/whoami", Some(Kind::Whoami)),
        (api(), "GET", "/api/.ory/sessions", Some(Kind::Sessions)),
        (
            api(),
            "DELETE",
            "/api/.ory/sessions/3f6b9f0e-1d0c-4d0e-8a53-2f4d8a4f3d11",
            Some(Kind::Sessions),
        ),
        (api(), "GET", "/api/.ory/schemas/person", Some(Kind::Schemas)),
        (both(), "GET", "/sessions/whoami", Some(Kind::Whoami)),
        (
            both(),
            "GET",
            "/api/.ory/self-service/login/browser",
            Some(Kind::Init(Flow::Login)),
        ),
        (
            plain().exposing(true, false),
            "GET",
            "/sessions",
            Some(Kind::Sessions),
        ),
        (
            plain().exposing(false, true),
            "GET",
            "/schemas",
            Some(Kind::Schemas),
        ),
        (
            plain().with_native(true),
            "GET",
            "/self-service/login/api",
            Some(Kind::Native(Flow::Login)),
        ),
        (
            plain().with_native(true),
            "DELETE",
            "/self-service/logout/api",
            Some(Kind::Native(Flow::Logout)),
        ),
        (
            plain().with_native(true),
            "GET",
            "/sessions/token-exchange",
            Some(Kind::TokenExchange),
        ),
        (
            plain().with_ory_network(true),
            "GET",
            "/ui/login",
            Some(Kind::Hosted),
        ),
        (
            plain().with_ory_network(true),
            "GET",
            "/.ory/kratos/public",
            Some(Kind::Hosted),
        ),
        // Not there unless asked for.
        (plain(), "GET", "/sessions", None),
        (plain(), "DELETE", "/sessions", None),
        (plain(), "GET", "/schemas", None),
        (plain(), "GET", "/schemas/person", None),
        (plain(), "GET", "/self-service/login/api", None),
        (plain(), "DELETE", "/self-service/logout/api", None),
        (plain(), "GET", "/sessions/token-exchange", None),
        (plain(), "GET", "/ui/login", None),
        (plain(), "GET", "/.ory/kratos/public", None),
        (plain(), "GET", "/api/.ory/sessions/whoami", None),
        (api(), "GET", "/sessions/whoami", None),
        (api(), "GET", "/self-service/login/browser", None),
        (both().exposing(true, false), "GET", "/schemas", None),
        // Look-alikes (field section 4 row 1, section 2 row 29).
        (whole_table(), "GET", "/uikit", None),
        (whole_table(), "GET", "/ui-kit/login", None),
        (whole_table(), "GET", "/.oryx", None),
        (whole_table(), "GET", "/.ory", None),
        (whole_table(), "GET", "/self-service", None),
        (whole_table(), "GET", "/self-service-admin", None),
        (whole_table(), "GET", "/self-service-x/login/browser", None),
        (whole_table(), "GET", "/self-service/loginx", None),
        (whole_table(), "GET", "/self-service/login/browser/x", None),
        (whole_table(), "GET", "/self-service/login/browser/", None),
        (whole_table(), "GET", "/self-service/", None),
        (plain(), "GET", "/sessions/whoamix", None),
        (whole_table(), "GET", "/sessions/whoami/", None),
        (whole_table(), "GET", "/api/.oryx/sessions/whoami", None),
        (whole_table(), "GET", "/api/.ory", None),
        (whole_table(), "GET", "/api/.ory/", None),
        (whole_table(), "GET", "/api/.orysessions/whoami", None),
        (whole_table(), "GET", "/API/.ory/sessions/whoami", None),
        (whole_table(), "GET", "/.well-known/ory", None),
        (plain(), "GET", "/.well-known/ory/x.js", None),
        // Other spellings (semantics 2.3).
        (whole_table(), "GET", "/Self-Service/login/browser", None),
        (whole_table(), "GET", "//self-service/login/browser", None),
        (whole_table(), "GET", "/self-service//login/browser", None),
        (whole_table(), "GET", "/self-service/%6cogin/browser", None),
        (whole_table(), "GET", "/self-service%2Flogin/browser", None),
        (whole_table(), "GET", "/self-service/login;x/browser", None),
        (whole_table(), "GET", "/x/../self-service/login/browser", None),
        (whole_table(), "GET", "self-service/login/browser", None),
        (whole_table(), "GET", "", None),
        (whole_table(), "GET", "/", None),
        // Parameters without a second spelling.
        (whole_table(), "GET", "/self-service/methods/oidc/callback/", None),
        (
            whole_table(),
            "GET",
            "/self-service/methods/oidc/callback/..",
            None,
        ),
        (
            whole_table(),
            "GET",
            "/self-service/methods/oidc/callback/%2e%2e",
            None,
        ),
        (
            whole_table(),
            "GET",
            "/self-service/methods/oidc/callback/a/b",
            None,
        ),
        (
            whole_table(),
            "GET",
            "/self-service/methods/oidc/callback/a%2Fb",
            None,
        ),
        (
            whole_table(),
            "GET",
            "/self-service/methods/oidc/callback/a;b",
            None,
        ),
        (
            whole_table(),
            "GET",
            "/self-service/methods/oidc/callback/a\\b",
            None,
        ),
        (whole_table(), "GET", "/ui/../admin/identities", None),
        (whole_table(), "GET", "/ui//login", None),
        (whole_table(), "GET", "/.ory/%2e%2e/admin", None),
        // Never.
        (whole_table(), "GET", "/health/alive", None),
        (whole_table(), "GET", "/health/ready", None),
        (whole_table(), "GET", "/version", None),
        (whole_table(), "GET", "/metrics/prometheus", None),
        (whole_table(), "GET", "/identities", None),
        (whole_table(), "DELETE", "/identities/x", None),
        (whole_table(), "GET", "/admin/identities", None),
        (whole_table(), "POST", "/admin/recovery/code", None),
        (whole_table(), "POST", "/recovery/code", None),
        (whole_table(), "GET", "/api/.ory/admin/identities", None),
        (whole_table(), "GET", "/api/.ory/identities", None),
        (whole_table(), "GET", "/api/.ory/health/ready", None),
        (whole_table(), "GET", "/self-service/../admin/identities", None),
        (
            whole_table(),
            "GET",
            "/sessions/whoami/../../admin/identities",
            None,
        ),
    ];
    for (table, method, path, want) in rows {
        let got = table.find(method, path);
        match (want, &got) {
            (Some(kind), Lookup::Found(found)) => assert_eq!(found.kind, *kind, "{method} {path}"),
            (None, Lookup::None) => {}
            _ => panic!("{method} {path}: {got:?}, wanted {want:?}"),
        }
    }
    assert!(!matches!(
        whole_table().find("GET", &format!("/schemas/{}", "a".repeat(257))),
        Lookup::Found(_)
    ));
}

#[test]
fn methods_are_the_rows_own() {
    for (method, path, allow) in [
        ("POST", "/self-service/login/browser", "GET, HEAD"),
        ("PUT", "/self-service/login", "GET, HEAD, POST"),
        ("DELETE", "/self-service/logout", "GET, HEAD"),
        ("GET", "/self-service/logout/api", "DELETE"),
        ("POST", "/self-service/methods/oidc/callback", "GET, HEAD"),
        ("POST", "/sessions/whoami", "GET, HEAD"),
        ("DELETE", "/sessions/whoami", "GET, HEAD"),
        ("OPTIONS", "/sessions/whoami", "GET, HEAD"),
        ("TRACE", "/sessions/whoami", "GET, HEAD"),
        ("POST", "/sessions", "GET, HEAD, DELETE"),
        ("GET", "/sessions/3f6b9f0e", "DELETE"),
        ("get", "/sessions/whoami", "GET, HEAD"),
        ("POST", "/api/.ory/schemas/person", "GET, HEAD"),
    ] {
        assert_eq!(
            whole_table().find(method, path),
            Lookup::MethodNotAllowed(allow),
            "{method} {path}"
        );
    }
}

#[test]
fn the_upstream_path_is_what_arrived_without_the_mount() {
    let table = whole_table();
    for (path, mount, upstream_path) in [
        ("/self-service/login", Mount::Root, "/self-service/login"),
        (
            "/api/.ory/self-service/login",
            Mount::ApiOry,
            "/self-service/login",
        ),
        ("/api/.ory/.ory/x", Mount::ApiOry, "/.ory/x"),
        ("/ui/login", Mount::Root, "/ui/login"),
    ] {
        let found = found(&table, "GET", path);
        assert_eq!(
            (found.mount, found.upstream_path),
            (mount, upstream_path),
            "{path}"
        );
    }
}

#[test]
fn one_shot_gets_go_up_for_a_person_or_a_script_and_never_on_speculation() {
    let person = Purpose {
        navigation: true,
        speculative: false,
    };
    let script = Purpose {
        navigation: false,
        speculative: false,
    };
    let prefetch = Purpose {
        navigation: false,
        speculative: true,
    };
    let prerender = Purpose {
        navigation: true,
        speculative: true,
    };
    let logout = "/self-service/logout";
    for (method, path, purpose, accept, want) in [
        ("GET", logout, person, Some("text/html"), true),
        ("GET", logout, person, None, true),
        ("GET", logout, script, Some("application/json"), true),
        (
            "GET",
            logout,
            script,
            Some("text/html, Application/JSON;q=0.9"),
            true,
        ),
        (
            "GET",
            "/self-service/settings/browser",
            script,
            Some("application/json, text/plain, */*"),
            true,
        ),
        ("GET", "/self-service/login/flows", prefetch, None, true),
        ("GET", "/sessions/whoami", script, Some("*/*"), true),
        ("POST", "/self-service/login", script, Some("*/*"), true),
        ("GET", "/.well-known/ory/webauthn.js", script, Some("*/*"), true),
        ("GET", logout, prefetch, Some("text/html"), false),
        ("GET", logout, prefetch, Some("application/json"), false),
        ("GET", logout, prerender, Some("text/html"), false),
        ("GET", logout, script, Some("*/*"), false),
        ("GET", logout, script, None, false),
        ("GET", logout, script, Some(""), false),
        ("GET", logout, script, Some("application/json;q=0"), false),
        ("GET", logout, script, Some("application/json; q=0.000"), false),
        ("GET", logout, script, Some("application/*"), false),
        ("GET", logout, script, Some("application/jsonx"), false),
        ("GET", logout, script, Some("text/x-component"), false),
        ("HEAD", logout, script, Some("*/*"), false),
        (
            "GET",
            "/self-service/login/browser",
            prefetch,
            Some("text/html"),
            false,
        ),
        (
            "GET",
            "/self-service/logout/browser",
            prefetch,
            Some("text/html"),
            false,
        ),
        (
            "GET",
            "/self-service/verification",
            prefetch,
            Some("text/html"),
            false,
        ),
        ("GET", "/self-service/recovery", script, Some("*/*"), false),
        (
            "GET",
            "/self-service/methods/oidc/callback/google",
            prefetch,
            Some("text/html"),
            false,
        ),
        ("GET", "/sessions/token-exchange", script, Some("*/*"), false),
    ] {
        let table = whole_table();
        assert_eq!(
            found(&table, method, path).goes_up(purpose, accept),
            want,
            "{method} {path} {purpose:?} {accept:?}"
        );
    }
}

#[test]
fn upstreams_are_https_or_near() {
    for (url, ok) in [
        ("https://id.example.com", true),
        ("http://127.0.0.1:4433", true),
        ("http://localhost:4433/kratos", true),
        ("http://[::1]:4433", true),
        ("http://kratos.localhost:4433", true),
        ("http://id.example.com", false),
        ("http://10.0.0.3:4433", false),
        ("http://192.168.1.2", false),
        ("http://kratos:4433", false),
        ("http://localhost.example.com", false),
    ] {
        let base = BaseUrl::parse(url).unwrap();
        assert_eq!(Upstream::new(base.clone()).is_ok(), ok, "{url}");
        assert_eq!(
            Upstream::over_binding(base.clone()).base(),
            &base,
            "a binding is no network"
        );
    }
    assert_eq!(UpstreamError::Insecure.code(), "kratos.insecure");
}

#[test]
fn mounts_have_one_spelling() {
    for (text, want) in [
        ("/", Some(Mount::Root)),
        ("/api/.ory", Some(Mount::ApiOry)),
        ("", None),
        ("/api/.ory/", None),
        ("/api/.Ory", None),
        ("api/.ory", None),
        ("/api", None),
        ("//", None),
    ] {
        assert_eq!(Mount::parse(text), want, "{text}");
    }
}
