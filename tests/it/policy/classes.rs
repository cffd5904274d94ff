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

/// Three words, the last of which may be none, and may have blanks.
fn cells(row: &str) -> [&str; 3] {
    let mut cells = row.splitn(3, ' ');
    [(); 3].map(|()| cells.next().unwrap_or_default())
}

#[test]
fn requests_as_clients_send_them() {
    // Method, class in front of the app and, where it is another, inside Next.js, and the fields.
    let rows: Vec<_> = REQUESTS.lines().filter(|row| !row.starts_with('#')).collect();
    for row in &rows {
        let [method, classes, text] = cells(row);
        let (front, inside) = classes.split_once('/').unwrap_or((classes, classes));
        for (shell, wanted) in [(Shell::Front, front), (Shell::InsideNext, inside)] {
            let class = RequestClass::of(method, &headers(text), shell);
            assert_eq!(format!("{class:?}"), wanted, "{row}");
        }
    }
    assert_eq!(rows.len(), 59);
}

const REQUESTS: &str = "\
# Browsers.
GET Navigation Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document | Accept: text/html,*/*;q=0.8
HEAD Navigation Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document | Accept: text/html,*/*;q=0.8
POST Navigation Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document | Accept: text/html,*/*;q=0.8
GET Navigation Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: iframe
PUT Api Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document | Accept: text/html,*/*;q=0.8
GET Api/Data Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty | Accept: */*
POST Api Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty | Accept: */*
GET Api/Data Sec-Fetch-Mode: same-origin | Sec-Fetch-Dest: empty | Accept: text/html
GET Asset Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: image | Accept: image/avif,*/*
GET Asset Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: script
GET Asset Sec-Fetch-Mode: cors | Sec-Fetch-Dest: font
GET Asset Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: style
GET Asset Sec-Fetch-Dest: serviceworker | Sec-Fetch-Mode: same-origin
GET Api/Data Sec-Fetch-Dest: unheard-of | Sec-Fetch-Mode: cors
# Ahead of need.
GET Prefetch Sec-Purpose: prefetch | Sec-Fetch-Mode: no-cors | Sec-Fetch-Dest: document
GET Prefetch Sec-Purpose: prefetch;prerender | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document
GET Prefetch Purpose: prefetch | Accept: text/html
GET Prefetch X-Moz: prefetch | Accept: text/html
GET Prefetch X-Purpose: preview
POST Navigation Sec-Purpose: prefetch | Sec-Fetch-Mode: navigate
GET Navigation Sec-Purpose: prefetcher | Sec-Fetch-Mode: navigate
# Next.js.
GET Data RSC: 1 | Next-Router-State-Tree: x | Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty
GET Prefetch RSC: 1 | Next-Router-Prefetch: 1 | Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty
GET Prefetch RSC: 1 | Next-Router-Segment-Prefetch: /_tree
GET Prefetch x-nextjs-data: 1 | x-middleware-prefetch: 1
GET Data x-nextjs-data: 1
GET Navigation RSC: 1 | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document
POST ServerAction Next-Action: 40ab | Sec-Fetch-Mode: cors | Sec-Fetch-Dest: empty
POST ServerAction next-action: 40ab | RSC: 1
POST ServerAction Next-Action: | Sec-Fetch-Mode: navigate
GET ServerAction Next-Action: 40ab | Upgrade: websocket
POST ServerAction Next-Action: 40ab | Sec-Purpose: prefetch
POST ServerAction Next-Action: 40ab | Origin: https://a.test | Access-Control-Request-Method: POST
# Preflights and upgrades.
OPTIONS Preflight Origin: https://a.test | Access-Control-Request-Method: PUT | Sec-Fetch-Mode: cors
OPTIONS Api Origin: https://a.test
OPTIONS Api Access-Control-Request-Method: PUT
OPTIONS Api Origin: | Access-Control-Request-Method: PUT
OPTIONS Api Origin: https://a.test | Access-Control-Request-Method: PUT | Access-Control-Request-Method: GET
GET Api/Data Origin: https://a.test | Access-Control-Request-Method: PUT
GET WebSocket Upgrade: websocket | Connection: Upgrade | Sec-Fetch-Mode: websocket
GET WebSocket Upgrade: h2c, WebSocket
CONNECT WebSocket Sec-Fetch-Mode: websocket
GET Navigation Upgrade: websockets | Accept: text/html
# No fetch metadata: by what they accept.
GET Navigation Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
GET Navigation Accept: application/xhtml+xml
POST Navigation Accept: text/html
DELETE Api Accept: text/html
GET Api/Data Accept: application/json, text/html;q=0
GET Api/Data Accept: application/json, text/html; q=0.0
GET Api/Data Accept: text/html | X-Requested-With: XMLHttpRequest
GET Api/Data Accept: */*
GET Api/Data Accept: application/json
GET Asset Accept: image/avif,image/webp,*/*;q=0.8
GET Asset Accept: text/css,*/*;q=0.1
GET Api/Data Accept:
GET Api/Data
BREW Api
# Nothing that a probe says of itself counts (S 14).
GET Api/Data User-Agent: GoogleHC/1.0 | Accept: */*
GET Api/Data User-Agent: kube-probe/1.30";

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
    let class = |name: &str| {
        let all = [Api, Navigation, Preflight, WebSocket];
        all.into_iter()
            .find(|class| format!("{class:?}") == name)
            .unwrap()
    };
    for (rows, count, passes) in [(PASSED, 12, true), (REFUSED, 18, false)] {
        assert_eq!(rows.lines().count(), count);
        for row in rows.lines() {
            let [method, named, text] = cells(row);
            let class = class(named);
            for access in [Access::Session, Access::Optional] {
                assert_eq!(check(access, class, method, text), passes, "{row}");
            }
            for access in [Access::Public, Access::Guest] {
                assert!(check(access, class, method, text), "{row}");
            }
            let open = Requirement {
                cross_site: true,
                ..Requirement::of(Access::Session)
            };
            assert!(cross_site::check(&open, class, method, &headers(text), &OWN).is_ok());
        }
    }
    assert!(cross_site::check_origin(&headers("Origin: https://evil.test"), &OWN).is_err());
    assert!(cross_site::check_origin(&headers("Sec-Fetch-Site: cross-site"), &OWN).is_err());
}

const PASSED: &str = "\
POST Api Sec-Fetch-Site: same-origin
POST Api Sec-Fetch-Site: same-site
POST Navigation Sec-Fetch-Site: none
GET Api Sec-Fetch-Site: cross-site
HEAD Api Sec-Fetch-Site: cross-site
OPTIONS Api Sec-Fetch-Site: cross-site
OPTIONS Preflight Sec-Fetch-Site: cross-site
GET WebSocket Origin: https://app.example.com
POST Api
POST Api Origin: https://app.example.com
POST Api Origin: https://pr-1-team.vercel.app
POST Api Referer: https://evil.test/";

const REFUSED: &str = "\
POST Api Sec-Fetch-Site: cross-site
POST Api Sec-Fetch-Site: cross-site | Origin: https://app.example.com
POST Api Sec-Fetch-Site: same-origin | Sec-Fetch-Site: cross-site
POST Api Sec-Fetch-Site: Cross-Site
POST Api Sec-Fetch-Site:
POST Api Sec-Fetch-Site: same-origin, cross-site
DELETE Api Sec-Fetch-Site: cross-site
PURGE Api Sec-Fetch-Site: cross-site
get Api Sec-Fetch-Site: cross-site
GET WebSocket Sec-Fetch-Site: cross-site
GET WebSocket Origin: https://evil.test
POST Api Origin: null
POST Api Origin:
POST Api Origin: http://app.example.com
POST Api Origin: https://app.example.com:8443
POST Api Origin: https://app.example.com.evil.test
POST Api Origin: https://evil-team.vercel.app
POST Api Origin: https://app.example.com | Origin: https://evil.test";
