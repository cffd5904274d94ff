//! The gate beside the identity server (semantics 1.6, 4-7), against a named fake; the real one is in the live suites.

use edgeward::message::{Headers, ResponseHead};
use edgeward::step::Failure;
use serde_json::json;

use super::world::{Came, Mood, World, cookie_value, kratos_config};

const COPY: &str = "__Host-edgeward";

fn world() -> World {
    World::new(&kratos_config())
}

fn signed_in() -> World {
    let mut world = world();
    world.sign_in_upstream("ann");
    world.page("/dashboard").through();
    assert!(world.jar.contains_key(COPY));
    world
}

#[test]
fn nobody_is_sent_to_the_login_and_back_to_the_deep_link() {
    let mut world = world();
    let came = world.page("/dashboard/reports?tab=2");
    assert_eq!(came.status(), 302);
    assert_eq!(
        came.to(),
        "/self-service/login/browser?return_to=https%3A%2F%2Fapp.example.com%2Fdashboard%2Freports%3Ftab%3D2"
    );
    assert_eq!(came.headers().get("cache-control"), Some("private, no-store"));
    assert_eq!(world.whoami_calls, 0, "no cookie, no question");
    assert_eq!(
        world
            .request("POST", "/dashboard", &[("sec-fetch-mode", "navigate")])
            .status(),
        303
    );
}

#[test]
fn programs_get_401_with_the_login_in_it() {
    let mut world = world();
    let Came::Answered {
        status,
        headers,
        body,
    } = world.api("/api/orders")
    else {
        panic!("answered")
    };
    assert_eq!(status, 401);
    assert_eq!(headers.get("content-type"), Some("application/problem+json"));
    let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["code"], "unauthenticated");
    assert!(
        problem["login_url"]
            .as_str()
            .unwrap()
            .starts_with("/self-service/login/browser")
    );
    assert!(
        world.page("/api/orders").status() == 401,
        "the rule says 401 to everybody"
    );
}

#[test]
fn an_upstream_cookie_costs_one_question_and_then_none_within_f() {
    let mut world = signed_in();
    assert_eq!(world.whoami_calls, 1);
    for _ in 0..50 {
        world.wait(5);
        world.page("/dashboard").through();
    }
    assert_eq!(world.whoami_calls, 1);
}

#[test]
fn the_stale_window_asks_beside_and_the_answer_reaches_the_held_response() {
    let mut world = signed_in();
    world.wait(310);
    let before = world.jar[COPY].clone();
    world.page("/dashboard").through();
    assert_eq!(world.whoami_calls, 2);
    assert_ne!(world.jar[COPY], before, "the response carried the new copy");
    world.wait(290);
    world.page("/dashboard").through();
    assert_eq!(world.whoami_calls, 2, "fresh again");
}

#[test]
fn a_verdict_too_late_for_its_response_acts_on_the_next_request() {
    let mut world = signed_in();
    world.background_first = false;
    world.wait(310);
    world.sessions.clear();
    world.page("/dashboard").through();
    assert_eq!(world.whoami_calls, 2);
    assert_eq!(
        world.page("/dashboard").status(),
        302,
        "the remembered no ends the copy"
    );
    assert_eq!(world.whoami_calls, 2);
    assert!(!world.jar.contains_key(COPY));
}

#[test]
fn beyond_the_stale_window_the_question_comes_first() {
    let mut world = signed_in();
    world.wait(331);
    world.sessions.clear();
    assert_eq!(world.page("/dashboard").status(), 302);
    assert!(!world.jar.contains_key(COPY));
}

#[test]
fn a_revoked_session_is_never_served_beyond_its_bound() {
    for (path, bound) in [("/dashboard", 330), ("/strict", 0)] {
        let mut world = signed_in();
        world.page(path).through();
        world.sessions.clear();
        world.background_first = false;
        world.wait(bound + 1);
        assert_eq!(world.page(path).status(), 302, "{path}");
    }
}

#[test]
fn while_the_identity_server_is_down_a_valid_copy_serves_within_e_and_nothing_else() {
    for mood in [
        Mood::Fails(Failure::Unreachable),
        Mood::Fails(Failure::Timeout),
        Mood::Fails(Failure::TooLarge),
        Mood::Fails(Failure::Broken),
        Mood::Says(500, "application/json", r#"{"active":true}"#.into()),
        Mood::Says(502, "text/html", "<h1>bad gateway</h1>".into()),
        Mood::Says(429, "application/json", "{}".into()),
        Mood::Says(200, "text/html", "<h1>hello</h1>".into()),
        Mood::Says(200, "application/json", String::new()),
        Mood::Says(200, "application/json", r#"{"active":true}"#.into()),
        Mood::Says(204, "application/json", String::new()),
        Mood::Says(302, "text/html", String::new()),
        Mood::Says(404, "text/html", String::new()),
        Mood::Says(200, "application/json", "x".repeat(5_000_000)),
    ] {
        let mut world = signed_in();
        world.mood = mood.clone();
        world.wait(400);
        world.page("/dashboard").through();
        assert_eq!(
            world.page("/strict").status(),
            503,
            "{mood:?}: freshness of 0 s has no such bound"
        );
        world.wait(600);
        let came = world.page("/dashboard");
        assert_eq!(came.status(), 503, "{mood:?}");
        assert!(came.headers().get("retry-after").is_some());
        assert!(world.jar.contains_key(COPY), "{mood:?}: an error ends nothing");

        let mut stranger = self::world();
        stranger
            .jar
            .insert("ory_kratos_session".into(), cookie_value("forged"));
        stranger.mood = mood.clone();
        assert_eq!(stranger.page("/dashboard").status(), 503, "{mood:?}");
        assert_eq!(stranger.api("/api/x").status(), 503, "{mood:?}");
        stranger.page("/login").through();
        stranger.page("/hello").through();
    }
}

#[test]
fn junk_costs_no_question_and_a_dead_cookie_one() {
    let mut world = world();
    for junk in ["x", "undefined", "null", "<script>", &"A".repeat(5000)] {
        world.jar.insert("ory_kratos_session".into(), junk.into());
        assert_eq!(world.page("/dashboard").status(), 302);
    }
    assert_eq!(world.whoami_calls, 0);
    world
        .jar
        .insert("ory_kratos_session".into(), cookie_value("dead"));
    for _ in 0..20 {
        assert_eq!(world.page("/dashboard").status(), 302);
    }
    assert_eq!(world.whoami_calls, 1);
    world.wait(16);
    world.page("/dashboard");
    assert_eq!(world.whoami_calls, 2);
}

#[test]
fn a_copy_stands_for_the_cookie_beside_it_and_for_no_other() {
    let mut world = signed_in();
    let bob = cookie_value("bob");
    world.sessions.insert(bob.clone(), world.known("bob"));
    let ann = world.jar[COPY].clone();
    world.jar.insert("ory_kratos_session".into(), bob);
    let app = world.page("/dashboard").through().clone();
    assert_eq!(world.whoami_calls, 2, "cookie without a copy: one question");
    assert!(
        !app.get("cookie").unwrap().contains(&ann),
        "ann's copy does not go on"
    );
    assert_ne!(world.jar[COPY], ann);

    let mut world = signed_in();
    world.jar.remove("ory_kratos_session");
    assert_eq!(
        world.page("/dashboard").status(),
        302,
        "no upstream cookie, no session"
    );
    assert!(!world.jar.contains_key(COPY));
}

#[test]
fn of_two_upstream_cookies_the_bound_one_counts_and_without_a_copy_none() {
    let mut world = signed_in();
    let (copy, own) = (world.jar[COPY].clone(), world.jar["ory_kratos_session"].clone());
    let evil = cookie_value("evil");
    let cookie = format!("ory_kratos_session={evil}; {COPY}={copy}; ory_kratos_session={own}");
    world
        .request("GET", "/dashboard", &[("cookie", &cookie)])
        .through();
    let cookie = format!("ory_kratos_session={evil}; ory_kratos_session={own}");
    assert_eq!(
        world
            .request("GET", "/dashboard", &[("cookie", &cookie)])
            .status(),
        401
    );
}

#[test]
fn guest_pages_yield_to_flows_and_send_on_who_is_signed_in() {
    let mut world = signed_in();
    let cases = [
        ("/login", Some("/dashboard")),
        ("/registration", Some("/dashboard")),
        (
            "/login?return_to=%2Fdashboard%2Freports",
            Some("/dashboard/reports"),
        ),
        ("/login?return_to=https%3A%2F%2Fevil.example", Some("/dashboard")),
        ("/login?return_to=%2Flogin", Some("/dashboard")),
        (
            "/login?return_to=%2Fself-service%2Flogout%2Fbrowser",
            Some("/dashboard"),
        ),
        ("/login?return_to=%2Flogout", Some("/dashboard")),
        ("/login?flow=6c1b", None),
        ("/login?aal=aal2", None),
        ("/login?refresh=true", None),
        ("/login?login_challenge=x", None),
        ("/recovery", None),
        ("/verification", None),
        ("/error", None),
        ("/settings", None),
    ];
    for (path, to) in cases {
        let came = world.page(path);
        match to {
            Some(to) => assert_eq!(came.to(), to, "{path}"),
            None => {
                came.through();
            }
        }
    }
    let mut nobody = self::world();
    for (path, status) in [
        ("/login", 200),
        ("/registration", 200),
        ("/recovery", 200),
        ("/error", 200),
        ("/settings", 302),
    ] {
        assert_eq!(nobody.page(path).status(), status, "{path}");
    }
}

#[test]
fn a_withheld_session_steps_up_whatever_the_rule_asks_and_never_loops_on_the_login_page() {
    let mut world = world();
    let cookie = world.sign_in_upstream("ann");
    world.sessions.get_mut(&cookie).unwrap().needs_aal2 = true;
    let came = world.page("/dashboard");
    assert!(
        came.to()
            .starts_with("/self-service/login/browser?aal=aal2&return_to="),
        "{came:?}"
    );
    world.page("/login").through();
    let Came::Answered { status, body, .. } = world.api("/api/x") else {
        panic!()
    };
    assert_eq!(status, 403);
    assert!(body.contains("aal=aal2"));
    assert!(!world.jar.contains_key(COPY), "nothing is minted");
}

#[test]
fn assurance_age_and_roles_each_have_their_way_out() {
    let mut world = signed_in();
    assert_eq!(world.page("/admin").status(), 403);
    assert!(
        world
            .page("/vault")
            .to()
            .starts_with("/self-service/settings/browser?return_to="),
        "no second factor"
    );

    let cookie = world.jar["ory_kratos_session"].clone();
    world.sessions.get_mut(&cookie).unwrap().aal = "aal2";
    world.sessions.get_mut(&cookie).unwrap().roles = json!(["admin"]);
    world.page("/vault").through();
    world.page("/admin").through();
    world.wait(16 * 60);
    assert!(
        world
            .page("/vault")
            .to()
            .starts_with("/self-service/login/browser?refresh=true&return_to=")
    );
}

#[test]
fn a_login_through_the_tunnel_mints_in_the_same_response_and_a_logout_ends_it_with_a_tombstone() {
    let mut world = world();
    let cookie = cookie_value("ann");
    world.sessions.insert(cookie.clone(), world.known("ann"));
    world.next_response = Some(ResponseHead {
        status: 303,
        headers: Headers::from_iter([
            ("location", "https://app.example.com/dashboard".to_owned()),
            ("set-cookie", "csrf_token_ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12=abc%20d; Path=/; HttpOnly".to_owned()),
            ("set-cookie", format!("ory_kratos_session={cookie}; Path=/; Domain=id.example.com; Expires=Wed, 01 Jan 2031 00:00:00 GMT; HttpOnly")),
        ]),
    });
    let came = world.request(
        "POST",
        "/self-service/login?flow=1",
        &[
            ("sec-fetch-mode", "navigate"),
            (
                "cookie",
                "theme=dark; csrf_token_ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12=abc",
            ),
        ],
    );
    assert_eq!(
        came.through().get("cookie"),
        Some("csrf_token_ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12ab12=abc"),
        "only the identity server's cookies go up"
    );
    let lines: Vec<_> = came.headers().get_all("set-cookie").collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[1].starts_with(&format!("ory_kratos_session={cookie};")) && !lines[1].contains("Domain"));
    assert!(lines[1].contains("Expires=Wed, 01 Jan 2031"));
    assert!(lines[2].starts_with("__Host-edgeward=ey"));
    world.page("/dashboard").through();
    assert_eq!(world.whoami_calls, 1);

    let saved = world.jar[COPY].clone();
    world.next_response = Some(ResponseHead {
        status: 303,
        headers: Headers::from_iter([
            ("location", "https://app.example.com/"),
            ("set-cookie", "ory_kratos_session=; Path=/; Max-Age=0"),
        ]),
    });
    let came = world.request(
        "GET",
        "/self-service/logout?token=t",
        &[("sec-fetch-mode", "navigate"), ("accept", "text/html")],
    );
    assert_eq!(came.status(), 303);
    assert!(!world.jar.contains_key(COPY) && world.jar.contains_key("__Host-edgeward-out"));
    // A late response brings both cookies back.
    world.jar.insert(COPY.into(), saved);
    world.jar.insert("ory_kratos_session".into(), cookie);
    world.sessions.clear();
    assert_eq!(
        world.page("/dashboard").status(),
        302,
        "signed out in this browser"
    );
}

#[test]
fn a_prefetch_never_reaches_a_one_shot_path() {
    let mut world = signed_in();
    for path in [
        "/self-service/logout?token=t",
        "/self-service/login/browser",
        "/self-service/recovery?code=1",
    ] {
        let came = world.request("GET", path, &[("sec-purpose", "prefetch"), ("accept", "*/*")]);
        assert!(
            matches!(came, Came::Answered { status: 204, .. }),
            "{path}: {came:?}"
        );
        let came = world.request("GET", path, &[("rsc", "1"), ("accept", "*/*")]);
        assert!(matches!(came, Came::Answered { .. }), "{path}: {came:?}");
    }
}

#[test]
fn look_alikes_and_admin_paths_are_not_tunnelled() {
    let mut world = world();
    for path in [
        "/uikit",
        "/self-service-x",
        "/self-serviceX/login",
        "/identities",
        "/admin/identities",
        "/health/ready",
        "/sessions",
        "/schemas/x",
        "/Self-Service/login/browser",
    ] {
        let came = world.page(path);
        assert!(
            matches!(came, Came::Sent { .. }),
            "{path}: guarded by the default, {came:?}"
        );
    }
    for path in [
        "/self-service/../admin/identities",
        "/self-service/%2e%2e/admin",
        "/sessions/whoami/..%2fadmin",
    ] {
        assert_eq!(world.page(path).status(), 400, "{path}");
    }
}

#[test]
fn no_answer_of_the_gate_or_behind_it_may_be_shared() {
    let mut world = signed_in();
    for path in [
        "/dashboard",
        "/hello",
        "/login?flow=1",
        "/settings",
        "/login",
        "/admin",
        "/api/x",
    ] {
        let came = world.page(path);
        let control = came.headers().get("cache-control").unwrap();
        assert!(
            control.contains("private") && control.contains("no-store"),
            "{path}: {control}"
        );
        assert!(came.headers().get("vary").unwrap().contains("Cookie"), "{path}");
        assert!(!came.headers().contains("cdn-cache-control"), "{path}");
    }
    let came = world.page("/about");
    assert_eq!(
        came.headers().get("cache-control"),
        Some("public, s-maxage=600"),
        "public routes are untouched"
    );
}

#[test]
fn the_origins_own_cookie_wins_over_ours() {
    let mut world = signed_in();
    world.wait(310);
    world.next_response = Some(ResponseHead {
        status: 200,
        headers: Headers::from_iter([("set-cookie", "__Host-edgeward=; Path=/; Max-Age=0; Secure")]),
    });
    let came = world.page("/dashboard");
    assert_eq!(came.headers().get_all("set-cookie").count(), 1);
    assert!(!world.jar.contains_key(COPY));
}

#[test]
fn cookies_for_the_origins_own_host_become_the_apps_wherever_the_origin_is() {
    for (origin, domain, kept) in [
        ("https://origin.example.net", "origin.example.net", ""),
        ("https://origin.example.net", ".example.net", ""),
        (
            "https://origin.example.net",
            "app.example.com",
            "; Domain=app.example.com",
        ),
        ("https://192.0.2.1", "192.0.2.1", ""),
        ("https://192.0.2.1:8443", "192.0.2.1", ""),
        ("https://192.0.2.1", "192.0.2.10", "; Domain=192.0.2.10"),
        ("https://192.0.2.1", "2.1", "; Domain=2.1"),
    ] {
        let mut config = kratos_config();
        config["origin"] = json!({ "url": origin });
        let mut world = World::new(&config);
        world.next_response = Some(ResponseHead {
            status: 200,
            headers: Headers::from_iter([("set-cookie", format!("a=1; Domain={domain}; Path=/"))]),
        });
        let came = world.page("/");
        let expected = if kept.is_empty() {
            "a=1; Path=/".to_owned()
        } else {
            format!("a=1{kept}; Path=/")
        };
        assert_eq!(
            came.headers().get("set-cookie"),
            Some(expected.as_str()),
            "{origin} {domain}"
        );
    }
}

#[test]
fn the_log_says_what_was_wrong_with_a_copy_that_nothing_stands_beside() {
    for (value, code) in [
        ("x", "session.malformed"),
        ("eyJhbGciOiJub25lIn0.e30.", "session.malformed"),
        (copy_under_another_key().as_str(), "session.unopened"),
    ] {
        let mut world = world();
        world.jar.insert(COPY.into(), value.into());
        let Came::Answered { status, body, .. } = world.api("/api/orders") else {
            panic!("answered")
        };
        assert_eq!(status, 401);
        assert!(
            body.contains(r#""code":"unauthenticated""#),
            "the client learns no reason: {body}"
        );
        assert!(
            world
                .events
                .last()
                .unwrap()
                .contains(&format!(r#""code":"{code}""#)),
            "{:?}",
            world.events
        );
    }
}

/// A copy whose first ciphertext byte is another.
fn copy_under_another_key() -> String {
    let value = signed_in().jar[COPY].clone();
    let mut parts: Vec<String> = value.split('.').map(str::to_owned).collect();
    let other = if parts[3].starts_with('A') { "B" } else { "A" };
    parts[3].replace_range(..1, other);
    parts.join(".")
}

#[test]
fn two_isolates_that_share_no_request_keep_the_same_bounds() {
    let mut world = signed_in();
    world.sessions.clear();
    world.wait(100);
    world.second_isolate(&kratos_config());
    world.page("/dashboard").through();
    world.wait(231);
    world.second_isolate(&kratos_config());
    assert_eq!(world.page("/dashboard").status(), 302);
}

#[test]
fn what_is_over_by_our_own_bounds_takes_a_fresh_login() {
    let mut config = kratos_config();
    config["session"]["absolute"] = json!("1d");
    let mut world = World::new(&config);
    let cookie = world.sign_in_upstream("ann");
    world.page("/dashboard").through();
    world.wait(86_401);
    let to = world.page("/dashboard").to().to_owned();
    assert!(
        to.starts_with("/self-service/login/browser?refresh=true"),
        "a plain login would come straight back: {to}"
    );
    assert!(!world.jar.contains_key(COPY));
    world.page("/login").through();
    world.sessions.get_mut(&cookie).unwrap().authenticated_at = world.now_ms / 1000;
    world.page("/dashboard").through();

    config["session"]["not_before"] = json!("2030-01-01");
    let mut world = World::new(&config);
    world.sign_in_upstream("ann");
    assert!(world.page("/dashboard").to().contains("refresh=true"));
}
