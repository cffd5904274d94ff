//! What a response does to the visitor's cookies and session (semantics 6.3, 7.6).

use edgeward::base::Timestamp;
use edgeward::kratos::down::{Answer, Effects, SessionCookie, edit_cookie, process};
use edgeward::kratos::map::UrlMap;
use edgeward::message::ResponseHead;
use edgeward::message::set_cookie::CookieDomain;
use edgeward::message::url::Origin;

use crate::kratos_support::{
    CAME, Came, NOW, PUBLIC, all, down, found, headers, public, upstream, whole_table,
};

#[test]
fn cookies_come_down_host_only_and_apart() {
    let csrf = format!("csrf_token_{}", "0f".repeat(32));
    let lines = [
        format!(
            "{csrf}=a+/b=%20; Path=/; Domain=upstream.example; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; SameSite=Lax"
        ),
        "ory_kratos_session=v; path=/; domain=.Upstream.Example; HttpOnly".to_owned(),
        "ory_kratos_continuity=c; Path=/; DOMAIN = x ; Max-Age=60".to_owned(),
    ];
    let fields: Vec<_> = lines.iter().map(|l| ("Set-Cookie", l.as_str())).collect();
    let headers = down(&Came {
        fields: &fields,
        ..CAME
    })
    .head
    .headers;
    assert_eq!(
        all(&headers, "set-cookie"),
        [
            format!(
                "{csrf}=a+/b=%20; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly; Secure; SameSite=Lax"
            ),
            "ory_kratos_session=v; path=/; HttpOnly".to_owned(),
            "ory_kratos_continuity=c; Path=/; Max-Age=60".to_owned(),
        ]
    );
    for line in [
        "__Host-edgeward=forged; Path=/; Secure",
        "__Host-edgeward-out=; Max-Age=0",
        "session=x",
        "__cf_bm=x; Domain=upstream.example",
        "ory_kratos_session_x=1",
        "csrf_token=1",
        "=ory_kratos_session",
        "ory_kratos_session",
        "",
        "ory_kratos_session=a\nSet-Cookie: evil=1",
        "ory_kratos_session=a\0b",
    ] {
        let headers = down(&Came {
            fields: &[("Set-Cookie", line)],
            ..CAME
        })
        .head
        .headers;
        assert_eq!(all(&headers, "set-cookie"), [""; 0], "{line:?}");
    }
}

#[test]
fn a_cookie_domain_is_one_of_our_own_that_covers_the_page() {
    let line = "ory_kratos_session=v; Path=/; Domain=upstream.example; Secure";
    for (domain, public, want) in [
        (
            None,
            "https://app.example.com",
            "ory_kratos_session=v; Path=/; Secure",
        ),
        (
            Some("example.com"),
            "https://app.example.com",
            "ory_kratos_session=v; Path=/; Secure; Domain=example.com",
        ),
        (
            Some(".example.com"),
            "https://example.com",
            "ory_kratos_session=v; Path=/; Secure; Domain=example.com",
        ),
        // Where it does not cover the page the browser would drop the cookie.
        (
            Some("example.com"),
            "https://app.example.net",
            "ory_kratos_session=v; Path=/; Secure",
        ),
        (
            Some("example.com"),
            "https://evilexample.com",
            "ory_kratos_session=v; Path=/; Secure",
        ),
        (
            Some("example.com"),
            "http://127.0.0.1:3000",
            "ory_kratos_session=v; Path=/; Secure",
        ),
    ] {
        let domain = domain.map(|d| CookieDomain::parse(d).unwrap());
        let public = Origin::parse(public).unwrap();
        assert_eq!(
            edit_cookie(&upstream(), line, &public, domain.as_ref()).as_deref(),
            Some(want)
        );
    }
    for domain in [
        "com",
        "localhost",
        "vercel.app",
        "pages.dev",
        "workers.dev",
        "netlify.app",
        "github.io",
        "127.0.0.1",
        "[::1]",
        "co.uk",
        "",
        "example.com;x",
        "exa mple.com",
        "*.example.com",
        "https://example.com",
        "example..com",
    ] {
        assert!(CookieDomain::parse(domain).is_err(), "{domain}");
    }
    let prefixed = upstream().with_session_cookie("__Host-kratos").unwrap();
    let domain = CookieDomain::parse("example.com").unwrap();
    let kept = edit_cookie(
        &prefixed,
        "__Host-kratos=v; Path=/; Secure",
        &public(),
        Some(&domain),
    );
    assert_eq!(
        kept.as_deref(),
        Some("__Host-kratos=v; Path=/; Secure"),
        "a prefix is a promise"
    );
}

#[test]
fn what_a_response_did_to_the_session_cookie() {
    let set = |v: &str| SessionCookie::Set(v.to_owned());
    let cases: &[(&[&str], SessionCookie)] = &[
        (&[], SessionCookie::Untouched),
        (&["csrf_token_0f=x"], SessionCookie::Untouched),
        (&["other_session=x; Max-Age=0"], SessionCookie::Untouched),
        (&["ory_kratos_session=v; Path=/"], set("v")),
        (&["ory_kratos_session=v; Max-Age=60"], set("v")),
        (
            &["ory_kratos_session=v; Expires=Thu, 01 Jan 2099 00:00:00 GMT"],
            set("v"),
        ),
        (
            &["ory_kratos_session=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60"],
            set("v"),
        ),
        (&["ory_kratos_session=; Max-Age=0"], SessionCookie::Cleared),
        (&["ory_kratos_session=v; Max-Age=0"], SessionCookie::Cleared),
        (&["ory_kratos_session=v; max-age=-1"], SessionCookie::Cleared),
        (
            &["ory_kratos_session=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
            SessionCookie::Cleared,
        ),
        (&["ory_kratos_session="], SessionCookie::Cleared),
        // Of two lines for one name browsers keep the last.
        (
            &["ory_kratos_session=v; Max-Age=0", "ory_kratos_session=w"],
            set("w"),
        ),
        (
            &["ory_kratos_session=w", "ory_kratos_session=v; Max-Age=0"],
            SessionCookie::Cleared,
        ),
        (&["ory_kratos_session=a", "ory_kratos_session=b"], set("b")),
        (&["ory_kratos_session=a\r\nx"], SessionCookie::Untouched),
    ];
    for (lines, want) in cases {
        let fields: Vec<_> = lines.iter().map(|l| ("Set-Cookie", *l)).collect();
        assert_eq!(
            &down(&Came {
                fields: &fields,
                ..CAME
            })
            .effects
            .session_cookie,
            want,
            "{lines:?}"
        );
    }
    assert_eq!(format!("{:?}", set("secret")), "Set(..)");
}

#[test]
fn what_a_response_did_to_the_session() {
    let ended = [("Set-Cookie", "ory_kratos_session=v; Max-Age=0")];
    for (method, path, status, fields, logged_out, recheck) in [
        ("GET", "/self-service/logout", 204, &ended[..], true, false),
        ("GET", "/self-service/logout", 204, &[], true, false),
        ("GET", "/self-service/logout", 303, &ended, true, false),
        ("GET", "/api/.ory/self-service/logout", 303, &ended, true, false),
        // The error page is a 303 too: a link with a wrong token must not sign anybody out.
        ("GET", "/self-service/logout", 303, &[], false, true),
        ("GET", "/self-service/logout", 302, &[], false, true),
        ("DELETE", "/self-service/logout/api", 204, &[], false, true),
        ("GET", "/self-service/logout", 200, &[], false, false),
        ("GET", "/self-service/logout", 400, &[], false, false),
        ("GET", "/self-service/logout", 401, &[], false, false),
        ("GET", "/self-service/logout", 403, &[], false, false),
        ("GET", "/self-service/logout", 500, &[], false, false),
        ("DELETE", "/self-service/logout/api", 403, &[], false, false),
        ("GET", "/self-service/logout/browser", 303, &[], false, false),
        ("GET", "/self-service/logout/browser", 200, &[], false, false),
        ("POST", "/self-service/login", 303, &[], false, false),
        ("POST", "/self-service/login", 303, &ended, false, false),
        ("DELETE", "/sessions", 204, &[], false, false),
        ("GET", "/sessions/whoami", 401, &[], false, true),
        ("GET", "/sessions/whoami", 403, &[], false, true),
        ("GET", "/sessions/whoami", 200, &[], false, false),
        ("GET", "/sessions/whoami", 429, &[], false, false),
        ("GET", "/sessions/whoami", 503, &[], false, false),
        ("GET", "/self-service/settings/flows", 401, &[], false, false),
        ("POST", "/self-service/verification", 200, &[], false, true),
        ("POST", "/self-service/verification", 303, &[], false, true),
        ("GET", "/self-service/verification", 303, &[], false, true),
        ("POST", "/self-service/verification", 400, &[], false, false),
        ("POST", "/self-service/verification", 500, &[], false, false),
        (
            "GET",
            "/self-service/verification/browser",
            303,
            &[],
            false,
            false,
        ),
        ("GET", "/self-service/verification/flows", 200, &[], false, false),
        ("POST", "/self-service/recovery", 303, &[], false, false),
    ] {
        let got = down(&Came {
            method,
            path,
            status,
            fields,
            ..CAME
        })
        .effects;
        assert_eq!(
            (got.logged_out, got.recheck),
            (logged_out, recheck),
            "{method} {path} {status} {fields:?}"
        );
    }
}

#[test]
fn a_preflight_does_nothing_to_anybody() {
    let table = whole_table();
    let found = found(&table, "GET", "/self-service/logout");
    let answer = Answer {
        found: &found,
        method: "OPTIONS",
        map: UrlMap::new(&upstream(), &public(), found.mount),
        cookie_domain: None,
        cors_origins: &[public()],
        now: Timestamp::from_secs(NOW),
    };
    let fields = [
        ("Set-Cookie", "ory_kratos_session=v; Max-Age=0"),
        ("Access-Control-Allow-Origin", PUBLIC),
        ("Access-Control-Allow-Methods", "POST"),
    ];
    let down = process(
        &upstream(),
        ResponseHead {
            status: 204,
            headers: headers(&fields),
        },
        &answer,
    );
    assert_eq!(down.effects, Effects::default());
    assert!(!down.head.headers.contains("set-cookie"));
    assert_eq!(
        down.head.headers.get("access-control-allow-methods"),
        Some("POST")
    );
}
