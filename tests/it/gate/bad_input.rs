//! Whatever a client sends: a stable code, never a panic, never an open door (issue: bad input, and what it must get).

use edgeward::message::{Headers, RequestHead};
use proptest::prelude::*;

use super::world::{Came, ORIGIN, World, kratos_config};

fn send(world: &mut World, method: &str, url: &str, fields: &[(&str, &str)]) -> Came {
    let headers: Headers = fields.iter().copied().collect();
    world.send(RequestHead {
        method: method.into(),
        url: url.into(),
        headers,
        client_ip: None,
    })
}

#[test]
fn malformed_requests_have_their_own_answers() {
    let mut world = World::new(&kratos_config());
    let long = format!("{ORIGIN}/{}", "a".repeat(20_000));
    let big = "x=y; ".repeat(20_000);
    let rows: &[(&str, &str, &[(&str, &str)], u16, &str)] = &[
        ("GET", "", &[], 400, "request.target"),
        ("GET", "not a url", &[], 400, "request.target"),
        ("GET", "ftp://app.example.com/", &[], 400, "request.target"),
        ("GET", "https://user@app.example.com/", &[], 400, "request.target"),
        (
            "GET",
            "https://app.example.com/dashboard#/about",
            &[],
            400,
            "request.target",
        ),
        ("GET", &long, &[], 400, "request.target"),
        ("GET", "https://evil.example/dashboard", &[], 421, "request.host"),
        (
            "GET",
            "https://app.example.com.evil.example/",
            &[],
            421,
            "request.host",
        ),
        (
            "GET",
            "https://APP.example.com:443/dashboard",
            &[("accept", "text/html")],
            302,
            "",
        ),
        (
            "GET",
            "https://app.example.com./dashboard",
            &[("accept", "text/html")],
            302,
            "",
        ),
        ("GET", "https://app.example.com/%zz", &[], 400, "path.refused"),
        ("GET", "https://app.example.com/%00", &[], 400, "path.refused"),
        ("GET", "https://app.example.com/%c0%af", &[], 400, "path.refused"),
        (
            "GET",
            "https://app.example.com/public/../admin",
            &[],
            400,
            "path.refused",
        ),
        ("GET", "https://app.example.com/a\\b", &[], 400, "path.refused"),
        (
            "GET",
            "https://app.example.com/%252e%252e/admin",
            &[],
            400,
            "path.refused",
        ),
        (
            "GET",
            "https://app.example.com/dashboard",
            &[("cookie", &big)],
            431,
            "request.cookies",
        ),
        (
            "GET",
            "https://app.example.com/dashboard",
            &[("cookie", "__Host-edgeward")],
            401,
            "unauthenticated",
        ),
        (
            "GET",
            "https://app.example.com/dashboard",
            &[("cookie", "__Host-edgeward=\u{ff}\u{80}")],
            401,
            "unauthenticated",
        ),
        (
            "GET",
            "https://app.example.com/dashboard",
            &[("cookie", ";;;=;=;= ;__Host-edgeward=.;")],
            401,
            "unauthenticated",
        ),
        (
            "GET",
            "https://app.example.com/dashboard",
            &[("cookie", "__Host-edgeward=\"eyJ\"")],
            401,
            "unauthenticated",
        ),
        (
            "GET",
            "https://app.example.com/dashboard",
            &[("authorization", "Bearer %")],
            401,
            "unauthenticated",
        ),
        (
            "POST",
            "https://app.example.com/dashboard",
            &[("sec-fetch-site", "cross-site")],
            403,
            "request.cross_site",
        ),
        (
            "POST",
            "https://app.example.com/dashboard",
            &[("origin", "https://evil.example")],
            403,
            "request.cross_site",
        ),
        (
            "POST",
            "https://app.example.com/dashboard",
            &[("origin", "null")],
            403,
            "request.cross_site",
        ),
        (
            "OPTIONS",
            "https://app.example.com/dashboard",
            &[],
            401,
            "unauthenticated",
        ),
        (
            "BREW",
            "https://app.example.com/dashboard",
            &[],
            401,
            "unauthenticated",
        ),
        (
            "PUT",
            "https://app.example.com/self-service/login",
            &[],
            405,
            "tunnel.method",
        ),
    ];
    for (method, url, fields, status, code) in rows {
        let came = send(&mut world, method, url, fields);
        assert_eq!(came.status(), *status, "{method} {url:.90}");
        if let Came::Answered { body, .. } = &came {
            let problem: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(problem["code"], *code, "{method} {url:.90}");
        } else {
            assert_eq!(*code, "", "{method} {url:.90}: {came:?}");
        }
    }
}

#[test]
fn more_fields_than_anybody_sends_are_refused_wherever_they_are_for() {
    let mut world = World::new(&kratos_config());
    let names: Vec<String> = (0..513).map(|n| format!("x-{n}")).collect();
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    for (method, path, within) in [
        ("GET", "/dashboard", 401),
        ("GET", "/about", 200),
        ("PUT", "/self-service/login", 405),
        ("GET", "/.edgeward/session", 401),
    ] {
        let url = format!("{ORIGIN}{path}");
        assert_eq!(
            send(&mut world, method, &url, &fields[..512]).status(),
            within,
            "{path}"
        );
        assert_eq!(send(&mut world, method, &url, &fields).status(), 431, "{path}");
    }
}

#[test]
fn a_refusal_is_a_page_for_people_and_a_problem_for_programs_and_repeats_nothing() {
    let mut world = World::new(&kratos_config());
    let canary = "https://app.example.com/%zz/canary-7f3a";
    let Came::Answered { headers, body, .. } = send(&mut world, "GET", canary, &[("accept", "text/html")])
    else {
        panic!()
    };
    assert_eq!(headers.get("content-type"), Some("text/html; charset=utf-8"));
    assert!(
        headers
            .get("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert!(!body.contains("canary-7f3a"));
    let Came::Answered { headers, body, .. } = send(&mut world, "GET", canary, &[]) else {
        panic!()
    };
    assert_eq!(headers.get("content-type"), Some("application/problem+json"));
    assert!(body.contains("path.refused") && !body.contains("canary-7f3a"));
    let Came::Answered { body, .. } = send(&mut world, "HEAD", canary, &[]) else {
        panic!()
    };
    assert_eq!(body, "");
}

#[test]
fn logs_hold_codes_and_patterns_and_nothing_that_was_sent() {
    let mut world = World::new(&kratos_config());
    for field in [
        "cookie",
        "authorization",
        "user-agent",
        "referer",
        "x-forwarded-for",
        "origin",
        "accept",
    ] {
        let value = format!("canary-7f3a=canary-7f3a; {field}");
        send(
            &mut world,
            "GET",
            &format!("{ORIGIN}/admin/canary-7f3a?q=canary-7f3a"),
            &[(field, &value)],
        );
    }
    send(&mut world, "CANARY-7F3A", &format!("{ORIGIN}/canary-7f3a"), &[]);
    assert!(world.events.len() >= 8);
    for line in &world.events {
        assert!(!line.to_ascii_lowercase().contains("canary"), "{line}");
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["request_id"].as_str().unwrap().len(), 16);
    }
    assert!(world.events[0].contains("/admin/:path*"));
}

proptest! {
    #[test]
    fn no_request_panics_or_gets_in_without_a_session(
        method in "[A-Z]{1,8}",
        path in "\\PC{0,60}",
        cookie in "\\PC{0,200}",
        fields in proptest::collection::vec(("[a-z-]{1,20}", "\\PC{0,30}"), 0..6),
    ) {
        let mut world = World::new(&kratos_config());
        let cookie = format!("__Host-edgeward={cookie}; ory_kratos_session={cookie}");
        let mut all: Vec<(&str, &str)> = vec![("cookie", &cookie)];
        all.extend(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let came = send(&mut world, &method, &format!("{ORIGIN}/dashboard/{path}"), &all);
        prop_assert!(!matches!(came, Came::Through { .. }) || method == "OPTIONS", "{came:?}");
    }
}
