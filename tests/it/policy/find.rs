//! Which rule speaks about a request (semantics 1.1, 1.4, 2.2).

use edgeward::policy::{Router, Terms};
use serde_json::json;

use super::{compile, compile_with, outcome};

#[test]
fn the_first_rule_of_a_path_wins() {
    let policy = compile(&json!([
        { "path": "/", "require": "public" },
        { "path": ["/about", "/team/:member"], "require": "public" },
        { "path": "/docs/:path*", "require": "optional" },
        { "path": "/files/:path+", "require": "session" },
        { "path": "/shop/:area?/checkout", "require": "session" },
        { "path": "/:lang/legal/:path*/pdf", "require": "public" },
    ]));
    let cases = [
        ("/", "routes[0]"),
        ("/about", "routes[1]"),
        ("/about/", "routes[1]"),
        ("/about/x", "default"),
        ("/aboutx", "default"),
        ("/abou", "default"),
        ("/team/ann", "routes[1]"),
        ("/team/ann/", "routes[1]"),
        ("/team", "default"),
        ("/team/", "default"),
        ("/team/ann/x", "default"),
        ("/docs", "routes[2]"),
        ("/docs/", "routes[2]"),
        ("/docs/a", "routes[2]"),
        ("/docs/a/b/c/", "routes[2]"),
        ("/docsx", "default"),
        ("/files", "default"),
        ("/files/a", "routes[3]"),
        ("/files/a/b", "routes[3]"),
        ("/shop/checkout", "routes[4]"),
        ("/shop/toys/checkout", "routes[4]"),
        ("/shop/toys/cars/checkout", "default"),
        ("/de/legal/pdf", "routes[5]"),
        ("/de/legal/a/b/pdf", "routes[5]"),
        ("/de/legal/a/b/pdf/x", "default"),
        ("/de/legal", "default"),
    ];
    for (path, wanted) in cases {
        assert_eq!(outcome(&policy, "h", "GET", path), wanted, "{path}");
    }
}

#[test]
fn methods_split_a_rule_and_never_let_fall_through() {
    let policy = compile(&json!([
        { "path": ["/a", "/b"], "methods": ["GET", "PUT"], "require": "public" },
        { "path": ["/b", "/a"], "methods": "POST", "require": "session" },
        { "path": "/c/:id", "methods": ["DELETE"], "require": { "any": [{ "role": "admin" }] } },
        { "path": "/c/:any", "methods": ["GET"], "require": "session" },
        { "path": "/d", "methods": ["POST"], "require": "session" },
    ]));
    let cases = [
        ("GET", "/a", "routes[0]"),
        ("HEAD", "/a", "routes[0]"),
        ("PUT", "/b", "routes[0]"),
        ("POST", "/a", "routes[1]"),
        ("DELETE", "/a", "405 GET, HEAD, PUT, POST"),
        ("get", "/a", "405 GET, HEAD, PUT, POST"),
        ("OPTIONS", "/a", "405 GET, HEAD, PUT, POST"),
        ("DELETE", "/c/1", "routes[2]"),
        ("GET", "/c/1", "routes[3]"),
        ("POST", "/c/1", "405 DELETE, GET, HEAD"),
        ("GET", "/d", "405 POST"),
        ("HEAD", "/d", "405 POST"),
        ("PURGE", "/elsewhere", "default"),
    ];
    for (method, path, wanted) in cases {
        assert_eq!(outcome(&policy, "h", method, path), wanted, "{method} {path}");
    }
}

#[test]
fn hosts_have_rules_of_their_own() {
    let policy = compile(&json!([
        { "path": "/a", "host": "admin.example.com", "require": { "any": [{ "role": "admin" }] } },
        { "path": "/a", "host": ["*.example.com", "example.org"], "require": "session", "overrides": true },
        { "path": "/a", "require": "public" },
    ]));
    let cases = [
        ("admin.example.com", "routes[0]"),
        ("ADMIN.EXAMPLE.COM", "routes[0]"),
        ("admin.example.com.", "routes[0]"),
        ("admin.example.com:8443", "routes[0]"),
        ("shop.example.com", "routes[1]"),
        ("example.org", "routes[1]"),
        ("example.com", "routes[2]"),
        ("a.b.example.com", "routes[2]"),
        ("evilexample.com", "routes[2]"),
        ("example.org.evil.test", "routes[2]"),
        ("", "routes[2]"),
    ];
    for (host, wanted) in cases {
        assert_eq!(outcome(&policy, host, "GET", "/a"), wanted, "{host}");
    }
}

#[test]
fn readings_that_differ_are_refused_or_must_all_be_met() {
    let routes = json!([
        { "path": "/admin", "require": { "any": [{ "role": "admin" }] } },
        { "path": "/admin/:path+", "require": { "any": [{ "role": "admin" }], "aal": "aal2" } },
        { "path": "/public/:path*", "require": "public" },
        { "path": "/projects/:id", "require": "session" },
        { "path": "/@scope/:pkg", "require": "public" },
        { "path": "/About", "require": "public" },
    ]);
    let any = compile(&routes);
    let cases = [
        // Escapes of what needs none.
        ("/%61dmin", "routes[0] & default"),
        ("/a%64min/x", "routes[1] & default"),
        ("/%2561dmin", "default & routes[0]"),
        // Slashes.
        ("//admin", "400 default | routes[0]"),
        ("///admin", "400 default | routes[0]"),
        ("/admin//x", "routes[1]"),
        ("/admin%2Fx", "400 default | routes[1]"),
        ("/public%2fx", "400 default | routes[2]"),
        ("//public/admin", "400 default | routes[2]"),
        ("/projects/a%2Fb", "400 routes[3] | default"),
        ("/public/a%2Fb", "routes[2]"),
        ("/public/https://example.com/", "routes[2]"),
        ("/public/a;v=2.pdf", "routes[2]"),
        ("/admin/", "routes[0] & routes[1]"),
        // Path parameters and what a second parser would cut.
        ("/admin;x=1", "400 default | routes[0]"),
        ("/admin;/public", "400 default | routes[1]"),
        ("/admin%23/public", "default & routes[0]"),
        ("/admin%3Fx", "default & routes[0]"),
        ("/projects/a;v=2", "routes[3]"),
        // Case.
        ("/ADMIN", "default & routes[0]"),
        ("/Admin/x", "default & routes[1]"),
        ("/About", "routes[5]"),
        ("/about", "default & routes[5]"),
        ("/ABOUT", "default & routes[5]"),
        // Spellings of Next.js.
        ("/admin.rsc", "default & routes[0]"),
        ("/admin.prefetch.rsc", "default & routes[0]"),
        ("/admin.RSC", "default & routes[0]"),
        ("/admin.segments/_tree.segment.rsc", "default & routes[0]"),
        ("/admin.segments/a/b/__PAGE__.segment.rsc", "default & routes[0]"),
        ("/_next/data/BUILD/admin.json", "default & routes[0]"),
        ("/_next/data/BUILD/admin/x.json", "default & routes[1]"),
        ("/base/_next/data/BUILD/admin.json", "default"),
        ("/_next/data/BUILD/admin", "default"),
        ("/_next/data/admin.json", "default"),
        ("/_next%2fdata/BUILD/admin.json", "400 default | routes[0]"),
    ];
    for (path, wanted) in cases {
        assert_eq!(outcome(&any, "h", "GET", path), wanted, "{path}");
    }

    let exact = Terms {
        router: Router::CaseSensitive,
        ..Terms::default()
    };
    let exact = compile_with(&routes, &json!("session"), exact).unwrap();
    for (path, wanted) in [
        ("/ADMIN", "default"),
        ("/About", "routes[5]"),
        ("/about", "default"),
    ] {
        assert_eq!(outcome(&exact, "h", "GET", path), wanted, "{path}");
    }
}

#[test]
fn a_locale_prefix_gives_way_to_the_page() {
    let terms = |router| Terms {
        router,
        locales: vec!["en".into(), "de-AT".into()],
        ..Terms::default()
    };
    let routes = json!([
        { "path": "/admin", "require": { "any": [{ "role": "admin" }] } },
        { "path": "/about", "require": "public" },
        { "path": "/de-AT/imprint", "require": "public" },
        { "path": "/_next/:path*", "require": "public" },
    ]);
    let policy = compile_with(&routes, &json!("session"), terms(Router::Any)).unwrap();
    let cases = [
        ("/en/admin", "routes[0]"),
        ("/EN/admin", "routes[0]"),
        ("/de-at/admin", "routes[0]"),
        ("/fr/admin", "default"),
        ("/en/about", "routes[1]"),
        ("/en", "default"),
        ("/en/", "default"),
        // Named with its prefix, but what stands behind it is guarded: both.
        ("/de-AT/imprint", "routes[2] & default"),
        ("/_next/data/BUILD/en/admin.json", "routes[3] & routes[0]"),
        ("/_next/data/BUILD/en/other.json", "routes[3] & default"),
        ("/_next/data/BUILD/about.json", "routes[3] & routes[1]"),
    ];
    for (path, wanted) in cases {
        assert_eq!(outcome(&policy, "h", "GET", path), wanted, "{path}");
    }

    let routes = json!([{ "path": "/about", "require": "public" }]);
    let any = compile_with(&routes, &json!("session"), terms(Router::Any)).unwrap();
    let next = compile_with(&routes, &json!("session"), terms(Router::Next)).unwrap();
    for (path, of_any, of_next) in [
        ("/_next/data/BUILD/about.json", "default & routes[0]", "routes[0]"),
        (
            "/_next/data/BUILD/en/about.json",
            "default & routes[0]",
            "routes[0]",
        ),
        ("/_next/data/BUILD/other.json", "default", "default"),
        ("/about.rsc", "default & routes[0]", "default & routes[0]"),
    ] {
        assert_eq!(outcome(&any, "h", "GET", path), of_any, "{path}");
        assert_eq!(outcome(&next, "h", "GET", path), of_next, "{path}");
    }
}
