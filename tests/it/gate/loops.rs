//! The loop breaker in whole journeys (semantics 11.1; field rows P 3 and P 16).

use edgeward::Shell;
use edgeward::message::{Headers, ResponseHead};
use serde_json::{Value, json};

use super::world::{Came, ORIGIN, World, cookie_value, kratos_config};

const HOPS: &str = "__Host-edgeward-hops";

fn own_config() -> Value {
    json!({
        "public_origins": [ORIGIN],
        "origin": { "binding": "APP" },
        "default": "session",
        "signed_in": "/app",
        "sign_in": "/login",
        "session": { "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }] },
        "routes": [{ "path": "/login", "require": "guest" }, { "path": "/", "require": "public" }],
    })
}

fn answers(world: &mut World, status: u16, fields: &[(&str, &str)]) {
    let headers: Headers = fields.iter().copied().collect();
    world.next_response = Some(ResponseHead { status, headers });
}

fn is_broken(came: &Came, word: &str) -> String {
    let Came::Answered {
        status,
        headers,
        body,
    } = came
    else {
        panic!("{came:?}")
    };
    assert_eq!(*status, 409, "{body}");
    assert_eq!(headers.get("cache-control"), Some("private, no-store"));
    let policy = headers.get("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(body.contains(&format!("Reason: {word}")), "{body}");
    assert!(
        body.contains(r#"<form method="post" action="/.edgeward/clear">"#),
        "{body}"
    );
    assert_eq!(
        headers.get("referrer-policy"),
        Some("same-origin"),
        "or the form's Origin is null"
    );
    body.clone()
}

#[test]
fn a_step_up_that_the_identity_server_thinks_done_ends_in_a_page_at_the_third_bounce() {
    let mut world = World::new(&kratos_config());
    let cookie = world.sign_in_upstream("ann");
    world.sessions.get_mut(&cookie).unwrap().needs_aal2 = true;
    for _ in 0..2 {
        let to = world.page("/vault/gold").to().to_owned();
        assert!(to.starts_with("/self-service/login/browser?aal=aal2"), "{to}");
        answers(
            &mut world,
            303,
            &[("location", "https://app.example.com/vault/gold")],
        );
        assert_eq!(world.page(&to).status(), 303);
    }
    let body = is_broken(&world.page("/vault/gold"), "step-up");
    let event: Value = serde_json::from_str(world.events.last().unwrap()).unwrap();
    assert_eq!(event["code"], "loop.broken");
    assert_eq!(
        event["session"], "requirement.aal",
        "the exact code is in the log"
    );
    assert!(body.contains(event["request_id"].as_str().unwrap()));
    assert_eq!(
        world.page("/vault/silver").status(),
        302,
        "another page is another target"
    );
    world.wait(31);
    assert_eq!(
        world.page("/vault/gold").status(),
        302,
        "and it is forgotten after 30 seconds"
    );
}

#[test]
fn a_login_whose_session_never_counts_ends_in_a_page() {
    // By the form's own post, or by a script; the session is of nobody that whoami knows.
    for fields in [
        &[("sec-fetch-mode", "navigate")][..],
        &[("accept", "application/json")],
    ] {
        let mut world = World::new(&kratos_config());
        for n in 0..2 {
            assert_eq!(world.page("/dashboard").status(), 302);
            let line = format!(
                "ory_kratos_session={}; Path=/; HttpOnly",
                cookie_value(&format!("login {n}"))
            );
            answers(
                &mut world,
                200,
                &[("set-cookie", &line), ("content-type", "text/plain")],
            );
            world
                .request("POST", "/self-service/login?flow=1", fields)
                .through();
        }
        is_broken(&world.page("/dashboard"), "signed-out");
    }
}

#[test]
fn new_cookies_prove_a_return_once_the_identity_server_knows_them() {
    let mut world = World::new(&kratos_config());
    for n in 0..3 {
        world
            .jar
            .insert("ory_kratos_session".into(), cookie_value(&format!("junk {n}")));
        assert_eq!(world.page("/dashboard").status(), 302);
    }
    for n in 0..3 {
        let cookie = world.sign_in_upstream(&format!("ann {n}"));
        world.sessions.get_mut(&cookie).unwrap().needs_aal2 = true;
        assert_eq!(world.page("/vault/1").status(), if n == 2 { 409 } else { 302 });
    }
}

#[test]
fn an_app_whose_login_page_takes_for_a_session_what_the_gate_does_not_ends_in_a_page() {
    for (shell, page) in [(Shell::FRONT, "/app/x"), (Shell::NEXT, "/app/x")] {
        let mut config = own_config();
        if shell == Shell::NEXT {
            config.as_object_mut().unwrap().remove("origin");
        }
        let mut world = World::with_shell(&config, shell);
        world
            .jar
            .insert("__Host-edgeward".into(), "of.another.version".into());
        for _ in 0..2 {
            let to = world.page(page).to().to_owned();
            assert_eq!(to, "/login?return_to=%2Fapp%2Fx");
            answers(&mut world, 307, &[("location", "/app/x")]);
            world.page(&to).through();
        }
        is_broken(&world.page(page), "signed-out");
    }
}

#[test]
fn ten_tabs_restored_at_once_show_no_such_page() {
    // Signed out; withheld until the second factor; with a cookie that does not open. One page or ten.
    for state in 0..3 {
        for same in [true, false] {
            let mut world = if state == 2 {
                World::new(&own_config())
            } else {
                World::new(&kratos_config())
            };
            if state == 1 {
                let cookie = world.sign_in_upstream("ann");
                world.sessions.get_mut(&cookie).unwrap().needs_aal2 = true;
            }
            if state == 2 {
                world
                    .jar
                    .insert("__Host-edgeward".into(), "of.another.version".into());
            }
            for n in 0..10 {
                let page = if same {
                    "/vault/1".to_owned()
                } else {
                    format!("/vault/{n}")
                };
                let to = world.page(&page).to().to_owned();
                // Each tab gets as far as a form.
                if state == 2 {
                    world.page(&to).through();
                } else {
                    answers(
                        &mut world,
                        303,
                        &[("location", "https://app.example.com/login?flow=1")],
                    );
                    assert_eq!(world.page(&to).status(), 303);
                    world.page("/login?flow=1").through();
                }
            }
        }
    }
}

#[test]
fn only_navigations_count_and_only_they_carry_the_counter() {
    let mut world = World::new(&kratos_config());
    for n in 0..10 {
        world
            .jar
            .insert("ory_kratos_session".into(), cookie_value(&format!("login {n}")));
        for fields in [
            &[("sec-fetch-mode", "cors")][..],
            &[("rsc", "1")],
            &[("sec-purpose", "prefetch"), ("sec-fetch-mode", "navigate")],
            &[("sec-fetch-dest", "image")],
        ] {
            let came = world.request("GET", "/dashboard", fields);
            assert!(!matches!(came.status(), 302 | 409), "{fields:?}");
            assert!(!world.jar.contains_key(HOPS), "{fields:?}");
        }
    }
}

#[test]
fn the_counter_is_sealed_and_goes_to_nobody() {
    let mut world = World::new(&kratos_config());
    world.page("/dashboard");
    let sealed = world.jar[HOPS].clone();
    assert!(sealed.split('.').count() == 5 && !sealed.contains("dashboard"));
    world.sign_in_upstream("ann");
    for path in ["/dashboard", "/about", "/login?flow=1", "/hello"] {
        let app = world.page(path).through().clone();
        let cookie = app.get("cookie").unwrap_or_default();
        assert!(!cookie.contains(HOPS), "{path}: {cookie}");
    }
    let up = world.page("/self-service/login/browser").through().clone();
    assert!(!up.get("cookie").unwrap_or_default().contains(HOPS));
    for forged in ["", "x", "a.b.c.d.e", &sealed[..sealed.len() - 2]] {
        let mut world = World::new(&kratos_config());
        world.jar.insert(HOPS.into(), forged.into());
        assert_eq!(world.page("/dashboard").status(), 302, "{forged:?}");
    }
}

#[test]
fn clear_session_ends_every_cookie_of_ours_and_is_for_the_own_origin_only() {
    let mut world = World::new(&kratos_config());
    world.sign_in_upstream("ann");
    world.page("/dashboard").through();
    world.jar.insert("__Host-edgeward-out".into(), "x".into());
    world.jar.insert(HOPS.into(), "x".into());
    world.jar.insert("theme".into(), "dark".into());
    let refused = [
        ("GET", vec![("sec-fetch-site", "same-origin")], 405),
        ("POST", vec![], 403),
        ("POST", vec![("sec-fetch-site", "same-site")], 403),
        (
            "POST",
            vec![("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
            403,
        ),
        ("POST", vec![("origin", "https://evil.example")], 403),
        ("POST", vec![("origin", "null")], 403),
    ];
    for (method, fields, status) in refused {
        let came = world.request(method, "/.edgeward/clear", &fields);
        assert_eq!(came.status(), status, "{method} {fields:?}");
        assert_eq!(came.headers().get("set-cookie"), None);
    }
    assert_eq!(
        world.page("/.edgeward/clear/").status(),
        200,
        "another spelling is the app's"
    );
    let fields = [("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")];
    let came = world.request("POST", "/.edgeward/clear", &fields);
    assert_eq!((came.status(), came.to()), (303, "/"));
    assert_eq!(came.headers().get("cache-control"), Some("private, no-store"));
    assert_eq!(world.jar.keys().collect::<Vec<_>>(), ["theme"]);
    assert_eq!(world.page("/dashboard").status(), 302);
}

#[test]
fn no_page_may_send_a_visitor_to_the_endpoint() {
    let mut world = World::new(&own_config());
    world.page("/login?return_to=%2F.edgeward%2Fclear").through();
    let to = world.page("/.edgeward/other").to().to_owned();
    assert_eq!(to, "/login?return_to=%2F.edgeward%2Fother");
}
