//! A session that was moved from another format, beside the identity server (semantics 5.3).

use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::{Algorithm, Protected};
use edgeward::message::{Headers, ResponseHead};
use serde_json::{Value, json};

use super::world::{Came, START, World, kratos_config};

const COPY: &str = "__Host-edgeward";
const OLD: &str = "the session secret of last year, as long";

fn config() -> Value {
    let mut config = kratos_config();
    config["session"]["accept"] = json!([{
        "format": "jwt", "secrets": [{ "env": "SESSION_SECRET_OLD" }], "subject": "sub", "exclusive_secret": true, "until": "2027-03-01",
    }]);
    config["session"]["roles"] = json!("/roles");
    config
}

fn old(subject: &str) -> String {
    let now = START / 1000;
    let claims = json!({ "sub": subject, "iat": now - 60, "exp": now + 86_400, "roles": ["admin"] });
    let key = MacKey::new(Algorithm::Hs256, OLD).unwrap();
    let header = Protected::new(&[("alg", "HS256")]);
    jws::sign(&header, claims.to_string().as_bytes(), &key).unwrap()
}

fn moved() -> World {
    let mut world = World::new(&config());
    world.jar.insert("session".into(), old("ann"));
    world.page("/dashboard").through();
    world
}

#[test]
fn it_needs_no_upstream_session_and_costs_no_question() {
    let mut world = moved();
    assert!(
        world.jar.contains_key(COPY) && !world.jar.contains_key("session"),
        "moved"
    );
    let app = world.page("/dashboard").through().clone();
    assert_eq!(app.get("cookie").unwrap(), format!("{COPY}={}", world.jar[COPY]));
    world.page("/admin/x").through();
    world.wait(3_600);
    world.page("/dashboard").through();
    assert_eq!(world.whoami_calls, 0);
}

#[test]
fn it_meets_session_and_roles_and_nothing_that_asks_for_proof() {
    let mut world = moved();
    for path in ["/vault/x", "/strict"] {
        let came = world.page(path);
        assert!(!matches!(came, Came::Through { .. }), "{path}: {came:?}");
    }
    let came = world.page("/login");
    assert!(
        matches!(came, Came::Through { .. }),
        "to a guest page it is nobody: {came:?}"
    );
    assert!(world.jar.contains_key(COPY), "and it stays");
}

#[test]
fn a_login_with_the_identity_server_replaces_it() {
    let mut world = moved();
    let before = world.jar[COPY].clone();
    world.sign_in_upstream("eve");
    world.page("/dashboard").through();
    assert_eq!(world.whoami_calls, 1);
    assert_ne!(world.jar[COPY], before, "a copy of the new session");
}

#[test]
fn before_it_was_moved_an_upstream_session_beside_it_is_the_one_that_counts() {
    let mut world = World::new(&config());
    world.jar.insert("session".into(), old("ann"));
    world.sign_in_upstream("eve");
    let came = world.page("/dashboard");
    let lines: Vec<_> = came
        .headers()
        .get_all("set-cookie")
        .filter(|line| line.starts_with(COPY))
        .collect();
    assert_eq!(
        (lines.len(), world.whoami_calls),
        (1, 1),
        "one copy, of the upstream session"
    );
}

#[test]
fn a_logout_covers_the_old_cookie_and_its_late_return() {
    let mut world = moved();
    let (copy, token) = (world.jar[COPY].clone(), old("ann"));
    world.jar.insert("session".into(), token.clone());
    world.next_response = Some(ResponseHead {
        status: 303,
        headers: Headers::from_iter([
            ("location", "https://app.example.com/"),
            ("set-cookie", "ory_kratos_session=; Path=/; Max-Age=0"),
        ]),
    });
    let fields = [("sec-fetch-mode", "navigate"), ("accept", "text/html")];
    world.request("GET", "/self-service/logout?token=t", &fields);
    assert!(!world.jar.contains_key(COPY) && !world.jar.contains_key("session"));
    for (name, value) in [(COPY, copy), ("session", token)] {
        world.jar.insert(name.into(), value);
        assert_eq!(world.page("/dashboard").status(), 302, "{name} came back late");
        assert!(
            world.events.last().unwrap().contains("session.tombstoned"),
            "{name}"
        );
        world.jar.remove(name);
    }
}
