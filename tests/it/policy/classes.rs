//! What kind of request it is, what may be written, how it is answered (semantics 1.10-1.12, 12; field.md P 4, 29, S 14).

use edgeward::message::Headers;
use edgeward::policy::{
    Access, Form, OnUnauthenticated, Reason, RequestClass, Requirement, Shell, Verdict, cross_site,
    is_action, judged_method,
};
use edgeward::session::Aal;

fn headers(text: &str) -> Headers {
    text.split(" | ")
        .filter(|field| !field.is_empty())
        .map(|field| field.split_once(':').unwrap())
        .map(|(name, value)| (name, value.trim()))
        .collect()
}

#[test]
fn requests_as_clients_send_them() {
    use RequestClass::{Api, Asset, Data, Navigation, Prefetch, Preflight, ServerAction, WebSocket};
    const DOCUMENT: &str =
        "Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document | Accept: text/html,*/*;q=0.8";
    const FETCH: &str = "Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty | Accept: */*";
    let cases = [
        // Browsers.
        ("GET", DOCUMENT, Navigation, Navigation),
        ("HEAD", DOCUMENT, Navigation, Navigation),
        ("POST", DOCUMENT, Navigation, Navigation),
        (
            "GET",
            "Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: iframe",
            Navigation,
            Navigation,
        ),
        ("PUT", DOCUMENT, Api, Api),
        ("GET", FETCH, Api, Data),
        ("POST", FETCH, Api, Api),
        (
            "GET",
            "Sec-Fetch-Mode: same-origin | Sec-Fetch-Dest: empty | Accept: text/html",
            Api,
            Data,
        ),
        (
            "GET",
            "Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: image | Accept: image/avif,*/*",
            Asset,
            Asset,
        ),
        (
            "GET",
            "Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: script",
            Asset,
            Asset,
        ),
        ("GET", "Sec-Fetch-Mode: cors | Sec-Fetch-Dest: font", Asset, Asset),
        (
            "GET",
            "Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: style",
            Asset,
            Asset,
        ),
        (
            "GET",
            "Sec-Fetch-Dest: serviceworker | Sec-Fetch-Mode: same-origin",
            Asset,
            Asset,
        ),
        (
            "GET",
            "Sec-Fetch-Dest: unheard-of | Sec-Fetch-Mode: cors",
            Api,
            Data,
        ),
        // Ahead of need.
        (
            "GET",
            "Sec-Purpose: prefetch | Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: document",
            Prefetch,
            Prefetch,
        ),
        (
            "GET",
            "Sec-Purpose: prefetch;prerender | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document",
            Prefetch,
            Prefetch,
        ),
        ("GET", "Purpose: prefetch | Accept: text/html", Prefetch, Prefetch),
        ("GET", "X-Moz: prefetch | Accept: text/html", Prefetch, Prefetch),
        ("GET", "X-Purpose: preview", Prefetch, Prefetch),
        (
            "POST",
            "Sec-Purpose: prefetch | Sec-Fetch-Mode: navigate",
            Navigation,
            Navigation,
        ),
        (
            "GET",
            "Sec-Purpose: prefetcher | Sec-Fetch-Mode: navigate",
            Navigation,
            Navigation,
        ),
        // Next.js.
        (
            "GET",
            "RSC: 1 | Next-Router-State-Tree: x | Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty",
            Data,
            Data,
        ),
        (
            "GET",
            "RSC: 1 | Next-Router-Prefetch: 1 | Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty",
            Prefetch,
            Prefetch,
        ),
        (
            "GET",
            "RSC: 1 | Next-Router-Segment-Prefetch: /_tree",
            Prefetch,
            Prefetch,
        ),
        (
            "GET",
            "x-nextjs-data: 1 | x-middleware-prefetch: 1",
            Prefetch,
            Prefetch,
        ),
        ("GET", "x-nextjs-data: 1", Data, Data),
        (
            "GET",
            "RSC: 1 | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document",
            Navigation,
            Navigation,
        ),
        (
            "POST",
            "Next-Action: 40ab | Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty",
            ServerAction,
            ServerAction,
        ),
        ("POST", "next-action: 40ab | RSC: 1", ServerAction, ServerAction),
        (
            "POST",
            "Next-Action: | Sec-Fetch-Mode: navigate",
            ServerAction,
            ServerAction,
        ),
        (
            "GET",
            "Next-Action: 40ab | Upgrade: websocket",
            ServerAction,
            ServerAction,
        ),
        (
            "POST",
            "Next-Action: 40ab | Sec-Purpose: prefetch",
            ServerAction,
            ServerAction,
        ),
        (
            "POST",
            "Next-Action: 40ab | Origin: https://a.test | Access-Control-Request-Method: POST",
            ServerAction,
            ServerAction,
        ),
        // Preflights and upgrades.
        (
            "OPTIONS",
            "Origin: https://a.test | Access-Control-Request-Method: PUT | Sec-Fetch-Mode: cors",
            Preflight,
            Preflight,
        ),
        ("OPTIONS", "Origin: https://a.test", Api, Api),
        ("OPTIONS", "Access-Control-Request-Method: PUT", Api, Api),
        (
            "OPTIONS",
            "Origin: | Access-Control-Request-Method: PUT",
            Api,
            Api,
        ),
        (
            "OPTIONS",
            "Origin: https://a.test | Access-Control-Request-Method: PUT | Access-Control-Request-Method: GET",
            Api,
            Api,
        ),
        (
            "GET",
            "Origin: https://a.test | Access-Control-Request-Method: PUT",
            Api,
            Data,
        ),
        (
            "GET",
            "Upgrade: websocket | Connection: Upgrade | Sec-Fetch-Mode: websocket",
            WebSocket,
            WebSocket,
        ),
        ("GET", "Upgrade: h2c, WebSocket", WebSocket, WebSocket),
        ("CONNECT", "Sec-Fetch-Mode: websocket", WebSocket, WebSocket),
        (
            "GET",
            "Upgrade: websockets | Accept: text/html",
            Navigation,
            Navigation,
        ),
        // No fetch metadata: by what they accept.
        (
            "GET",
            "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Navigation,
            Navigation,
        ),
        ("GET", "Accept: application/xhtml+xml", Navigation, Navigation),
        ("POST", "Accept: text/html", Navigation, Navigation),
        ("DELETE", "Accept: text/html", Api, Api),
        ("GET", "Accept: application/json, text/html;q=0", Api, Data),
        ("GET", "Accept: application/json, text/html; q=0.0", Api, Data),
        (
            "GET",
            "Accept: text/html | X-Requested-With: XMLHttpRequest",
            Api,
            Data,
        ),
        ("GET", "Accept: */*", Api, Data),
        ("GET", "Accept: application/json", Api, Data),
        ("GET", "Accept: image/avif,image/webp,*/*;q=0.8", Asset, Asset),
        ("GET", "Accept: text/css,*/*;q=0.1", Asset, Asset),
        ("GET", "Accept: ", Api, Data),
        ("GET", "", Api, Data),
        ("BREW", "", Api, Api),
        // Nothing that a probe says of itself counts (S 14).
        ("GET", "User-Agent: GoogleHC/1.0 | Accept: */*", Api, Data),
        ("GET", "User-Agent: kube-probe/1.30", Api, Data),
    ];
    for (method, text, front, inside) in cases {
        assert_eq!(
            RequestClass::of(method, &headers(text), Shell::Front),
            front,
            "{method} {text}"
        );
        assert_eq!(
            RequestClass::of(method, &headers(text), Shell::InsideNext),
            inside,
            "{method} {text}"
        );
    }
}

#[test]
fn a_preflight_is_judged_by_the_method_it_asks_about() {
    let cases = [
        (
            "OPTIONS",
            "Origin: https://a.test | Access-Control-Request-Method: DELETE",
            "DELETE",
        ),
        ("OPTIONS", "Access-Control-Request-Method: DELETE", "OPTIONS"),
        ("OPTIONS", "", "OPTIONS"),
        (
            "GET",
            "Origin: https://a.test | Access-Control-Request-Method: DELETE",
            "GET",
        ),
        ("POST", "X-HTTP-Method-Override: GET", "POST"),
    ];
    for (method, text, wanted) in cases {
        assert_eq!(judged_method(method, &headers(text)), wanted, "{method} {text}");
    }
    assert!(!is_action("OPTIONS", &headers("Next-Action: x")));
    assert!(is_action("POST", &headers("NEXT-ACTION: x")));
    assert!(!is_action("POST", &headers("Next-Actions: x")));
}

#[test]
fn what_a_class_may_write() {
    use RequestClass::{Api, Asset, Data, Navigation, Prefetch, Preflight, ServerAction, WebSocket};
    let cases = [
        (Navigation, true, true),
        (Data, true, false),
        (ServerAction, true, false),
        (Api, true, false),
        (Prefetch, false, false),
        (Preflight, false, false),
        (WebSocket, false, false),
        (Asset, false, false),
    ];
    for (class, session, login) in cases {
        assert_eq!(
            (class.may_write_session(), class.may_begin_login()),
            (session, login),
            "{class:?}"
        );
    }
}

#[test]
fn every_class_has_its_form_of_answer() {
    use Form::{Bare, Page, Problem, Redirect};
    use RequestClass::{Api, Asset, Data, Navigation, Prefetch, Preflight, ServerAction, WebSocket};
    let verdicts = [
        Verdict::Unauthenticated,
        Verdict::SignedIn,
        Verdict::StepUp(Aal::Aal2),
        Verdict::Reauthenticate { max_age: 60 },
        Verdict::Forbidden(Reason::Condition),
        Verdict::Unavailable,
    ];
    let rows = [
        (
            Navigation,
            [Redirect, Redirect, Redirect, Redirect, Page(403), Page(503)],
        ),
        (
            Data,
            [
                Problem(401),
                Problem(403),
                Problem(403),
                Problem(403),
                Problem(403),
                Problem(503),
            ],
        ),
        (
            ServerAction,
            [
                Problem(401),
                Problem(403),
                Problem(403),
                Problem(403),
                Problem(403),
                Problem(503),
            ],
        ),
        (
            Api,
            [
                Problem(401),
                Problem(403),
                Problem(403),
                Problem(403),
                Problem(403),
                Problem(503),
            ],
        ),
        (
            Prefetch,
            [Bare(401), Bare(403), Bare(403), Bare(403), Bare(403), Bare(503)],
        ),
        (
            Preflight,
            [Bare(401), Bare(403), Bare(403), Bare(403), Bare(403), Bare(503)],
        ),
        (
            WebSocket,
            [Bare(401), Bare(403), Bare(403), Bare(403), Bare(403), Bare(503)],
        ),
        (
            Asset,
            [Bare(401), Bare(403), Bare(403), Bare(403), Bare(403), Bare(503)],
        ),
    ];
    for (class, forms) in rows {
        for (verdict, form) in verdicts.into_iter().zip(forms) {
            assert_eq!(
                Form::of(class, verdict, OnUnauthenticated::Auto),
                Some(form),
                "{class:?} {verdict:?}"
            );
        }
        for verdict in [
            Verdict::Met { revalidate: true },
            Verdict::MetWithoutSession,
            Verdict::Stale,
        ] {
            assert_eq!(Form::of(class, verdict, OnUnauthenticated::Status404), None);
        }
    }
    let said = |class, said| Form::of(class, Verdict::Unauthenticated, said).unwrap();
    let cases = [
        (Navigation, OnUnauthenticated::Status401, Page(401)),
        (Navigation, OnUnauthenticated::Status404, Page(404)),
        (Navigation, OnUnauthenticated::Redirect, Redirect),
        (Api, OnUnauthenticated::Redirect, Redirect),
        (Api, OnUnauthenticated::Status404, Problem(404)),
        (Data, OnUnauthenticated::Redirect, Redirect),
        (Asset, OnUnauthenticated::Status404, Bare(404)),
        // Nobody follows these on behalf of a person.
        (Prefetch, OnUnauthenticated::Redirect, Bare(401)),
        (Preflight, OnUnauthenticated::Redirect, Bare(401)),
        (WebSocket, OnUnauthenticated::Redirect, Bare(401)),
    ];
    for (class, on, form) in cases {
        assert_eq!(said(class, on), form, "{class:?} {on:?}");
    }
}

#[test]
fn unsafe_requests_from_foreign_sites_are_refused_on_guarded_routes() {
    const OWN: [&str; 2] = ["https://app.example.com", "https://pr-1-team.vercel.app"];
    let check = |access, class, method, text: &str| {
        cross_site::check(&Requirement::of(access), class, method, &headers(text), &OWN).is_ok()
    };
    use RequestClass::{Api, Navigation, Preflight, WebSocket};
    let cases = [
        ("POST", Api, "Sec-Fetch-Site: same-origin", true),
        ("POST", Api, "Sec-Fetch-Site: same-site", true),
        ("POST", Navigation, "Sec-Fetch-Site: none", true),
        ("POST", Api, "Sec-Fetch-Site: cross-site", false),
        (
            "POST",
            Api,
            "Sec-Fetch-Site: cross-site | Origin: https://app.example.com",
            false,
        ),
        (
            "POST",
            Api,
            "Sec-Fetch-Site: same-origin | Sec-Fetch-Site: cross-site",
            false,
        ),
        ("POST", Api, "Sec-Fetch-Site: Cross-Site", false),
        ("POST", Api, "Sec-Fetch-Site: ", false),
        ("POST", Api, "Sec-Fetch-Site: same-origin, cross-site", false),
        ("DELETE", Api, "Sec-Fetch-Site: cross-site", false),
        ("PURGE", Api, "Sec-Fetch-Site: cross-site", false),
        ("get", Api, "Sec-Fetch-Site: cross-site", false),
        ("GET", Api, "Sec-Fetch-Site: cross-site", true),
        ("HEAD", Api, "Sec-Fetch-Site: cross-site", true),
        ("OPTIONS", Api, "Sec-Fetch-Site: cross-site", true),
        ("OPTIONS", Preflight, "Sec-Fetch-Site: cross-site", true),
        ("GET", WebSocket, "Sec-Fetch-Site: cross-site", false),
        ("GET", WebSocket, "Origin: https://evil.test", false),
        ("GET", WebSocket, "Origin: https://app.example.com", true),
        ("POST", Api, "", true),
        ("POST", Api, "Origin: https://app.example.com", true),
        ("POST", Api, "Origin: https://pr-1-team.vercel.app", true),
        ("POST", Api, "Origin: null", false),
        ("POST", Api, "Origin: ", false),
        ("POST", Api, "Origin: http://app.example.com", false),
        ("POST", Api, "Origin: https://app.example.com:8443", false),
        ("POST", Api, "Origin: https://app.example.com.evil.test", false),
        ("POST", Api, "Origin: https://evil-team.vercel.app", false),
        (
            "POST",
            Api,
            "Origin: https://app.example.com | Origin: https://evil.test",
            false,
        ),
        ("POST", Api, "Referer: https://evil.test/", true),
    ];
    for (method, class, text, passes) in cases {
        for access in [Access::Session, Access::Optional] {
            assert_eq!(check(access, class, method, text), passes, "{method} {text}");
        }
        for access in [Access::Public, Access::Guest] {
            assert!(check(access, class, method, text), "{method} {text}");
        }
        let open = Requirement {
            cross_site: true,
            ..Requirement::of(Access::Session)
        };
        assert!(cross_site::check(&open, class, method, &headers(text), &OWN).is_ok());
    }
    assert!(cross_site::check_origin(&headers("Origin: https://evil.test"), &OWN).is_err());
    assert!(cross_site::check_origin(&headers("Sec-Fetch-Site: cross-site"), &OWN).is_err());
}
