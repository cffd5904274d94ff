//! The app's own sessions: the own format without an identity server, and the guide's JWT.

use edgeward::base::{Entropy, Secret, Timestamp};
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::{Algorithm, Protected};
use edgeward::session::own::{Opened, OwnFormat};
use edgeward::session::{Lifetimes, Session, Source};
use serde_json::{Value, json};

use super::world::{Came, ORIGIN, SECRET, START, World, kratos_config};

const NAME: &str = "__Host-edgeward";

fn config() -> Value {
    json!({
        "public_origins": [ORIGIN, "http://localhost:3000"],
        "origin": { "url": "https://origin.example.com/base" },
        "default": "session",
        "sign_in": "/login",
        "session": {
            "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }, { "env": "SESSION_SECRET_OLD" }],
            "dev_cookie": "edgeward-dev", "idle": "1h", "absolute": "12h", "logout": ["/logout"],
        },
        "routes": [
            { "path": ["/login"], "require": "guest" },
            { "path": ["/", "/about"], "require": "public" },
            { "path": "/hello", "require": "optional" },
        ],
    })
}

fn format(secret: &str, name: &str) -> OwnFormat {
    OwnFormat::new(
        &[Secret::new(secret)],
        name,
        Lifetimes {
            idle: 3600,
            absolute: 43_200,
        },
    )
}

fn session(subject: &str, now: i64) -> Opened {
    let at = Timestamp::from_secs(now);
    let session = Session {
        subject: subject.into(),
        session_id: Some(format!("sid of {subject}")),
        source: Source::Own,
        born: at,
        issued_at: at,
        expires_at: at,
        auth_time: Some(at),
        verified_at: None,
        aal: None,
        amr: vec![],
        email: None,
        roles: vec![],
        claims: serde_json::Map::new(),
    };
    Opened {
        session,
        binding: None,
        end: None,
    }
}

fn sealed(secret: &str, name: &str, subject: &str, now: i64, seed: u8) -> String {
    let mut entropy = Entropy::from_seed([seed; 32]);
    let now = Timestamp::from_secs(now);
    format(secret, name)
        .seal(&session(subject, now.as_secs()), ORIGIN, now, &mut entropy)
        .unwrap()
        .value
}

const NOW: i64 = (START / 1000) as i64;

#[test]
fn a_sealed_session_opens_rolls_after_a_tenth_of_idle_and_ends() {
    let mut world = World::new(&config());
    world.jar.insert(NAME.into(), sealed(SECRET, NAME, "ann", NOW, 1));
    let first = world.jar[NAME].clone();
    world.page("/app").through();
    assert_eq!(world.jar[NAME], first, "not yet");
    world.wait(400);
    let app = world.page("/app").through().clone();
    assert_ne!(world.jar[NAME], first, "rolled");
    assert_eq!(
        app.get("cookie").unwrap(),
        format!("{NAME}={}", world.jar[NAME]),
        "the same render sees it"
    );
    for _ in 0..14 {
        world.wait(3500);
        let came = world.page("/app");
        if came.status() != 200 {
            assert_eq!(came.status(), 302);
            assert!(
                world.now_ms / 1000 >= START / 1000 + 43_200,
                "absolute holds however often it rolls"
            );
            assert!(!world.jar.contains_key(NAME), "found ended: expired");
            return;
        }
    }
    panic!("never ended");
}

#[test]
fn nothing_is_rolled_where_nothing_may_be_written() {
    for fields in [
        &[("sec-purpose", "prefetch")][..],
        &[("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors")],
        &[("sec-fetch-mode", "navigate"), ("x-path", "/logout")],
    ] {
        let mut world = World::new(&config());
        world.jar.insert(NAME.into(), sealed(SECRET, NAME, "ann", NOW, 1));
        world.wait(1000);
        let path = if fields.iter().any(|(n, _)| *n == "x-path") {
            "/logout"
        } else {
            "/app"
        };
        let came = world.request("GET", path, fields);
        assert_eq!(came.headers().get("set-cookie"), None, "{fields:?}");
    }
}

#[test]
fn an_older_secret_opens_and_the_first_seals() {
    let mut world = World::new(&config());
    let old = "the session secret of last year, as long";
    world.jar.insert(NAME.into(), sealed(old, NAME, "ann", NOW, 1));
    world.wait(400);
    world.page("/app").through();
    let value = world.jar[NAME].clone();
    let now = Timestamp::from_secs((world.now_ms / 1000) as i64);
    assert!(format(SECRET, NAME).open(&value, ORIGIN, now).is_ok());
}

#[test]
fn two_subjects_under_one_name_are_nobody_and_the_name_is_expired_everywhere() {
    let mut world = World::new(&config());
    let (ann, eve) = (
        sealed(SECRET, NAME, "ann", NOW, 1),
        sealed(SECRET, NAME, "eve", NOW + 5, 2),
    );
    for cookie in [
        format!("{NAME}={ann}; {NAME}={eve}"),
        format!("{NAME}={eve}; {NAME}={ann}"),
    ] {
        let came = world.request(
            "GET",
            "/app",
            &[("cookie", &cookie), ("sec-fetch-mode", "navigate")],
        );
        assert_eq!(came.status(), 302);
        assert!(came.headers().get("set-cookie").unwrap().contains("Max-Age=0"));
        assert!(world.events.last().unwrap().contains("session.ambiguous"));
    }
    let newer = sealed(SECRET, NAME, "ann", NOW + 5, 3);
    world.wait(6);
    let cookie = format!("{NAME}={newer}; x=1; {NAME}={ann}");
    let app = world
        .request("GET", "/app", &[("cookie", &cookie)])
        .through()
        .clone();
    assert_eq!(
        app.get("cookie"),
        Some(format!("{NAME}={newer}; x=1").as_str()),
        "once, the judged one"
    );
    let five: Vec<_> = (10..15)
        .map(|n| format!("{NAME}={}", sealed(SECRET, NAME, "ann", NOW, n)))
        .collect();
    assert_eq!(
        world
            .request("GET", "/app", &[("cookie", &five.join("; "))])
            .status(),
        401
    );
}

#[test]
fn a_value_of_a_development_origin_never_counts_in_production() {
    let dev = sealed(SECRET, "edgeward-dev", "ann", NOW, 1);
    let mut world = World::new(&config());
    world.jar.insert(NAME.into(), dev.clone());
    assert_eq!(world.page("/app").status(), 302);
    world.jar.clear();
    world.jar.insert("edgeward-dev".into(), dev);
    assert_eq!(world.page("/app").status(), 302);
}

#[test]
fn an_origin_by_url_gets_the_judged_path_and_our_forwarding_fields_only() {
    let mut world = World::new(&config());
    let came = world.request(
        "GET",
        "/about?x=%20y",
        &[
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-for", "6.6.6.6"),
            ("X_Edgeward_Assertion", "forged"),
            ("x-edgeward-origin-lock", "guess"),
            ("x-middleware-subrequest", "middleware"),
            ("connection", "x-edgeward-assertion"),
        ],
    );
    let app = came.through();
    assert_eq!(
        app.get("x-test-url"),
        Some("https://origin.example.com/base/about?x=%20y")
    );
    assert_eq!(app.get("x-forwarded-host"), Some("app.example.com"));
    assert_eq!(app.get("x-forwarded-proto"), Some("https"));
    assert_eq!(app.get("x-forwarded-for"), Some("192.0.2.7"));
    for gone in [
        "x_edgeward_assertion",
        "x-edgeward-origin-lock",
        "x-middleware-subrequest",
        "connection",
    ] {
        assert!(!app.contains(gone), "{gone}");
    }
}

#[test]
fn a_client_gives_no_word_to_a_cache_in_front_of_the_origin() {
    for (name, value) in [
        ("cache-control", "max-stale=1000"),
        ("cache-control", "only-if-cached"),
        ("Cache-Control", "max-age=1000"),
        ("pragma", "x"),
    ] {
        let mut world = World::new(&config());
        world.jar.insert(NAME.into(), sealed(SECRET, NAME, "ann", NOW, 1));
        let app = world.request("GET", "/app/x", &[(name, value)]).through().clone();
        let all: Vec<_> = app.get_all("cache-control").collect();
        assert_eq!(all, ["no-cache, no-store"], "{name}: {value}");
        assert!(!app.contains("pragma"));
        let came = world.request("GET", "/about", &[(name, value)]);
        assert_eq!(
            came.through().get(name),
            Some(value),
            "a public page is the app's"
        );
    }
}

#[test]
fn sign_in_of_the_app_gets_a_return_to_that_stays_here() {
    let mut world = World::new(&config());
    assert_eq!(
        world.page("/app/x?y=1").to(),
        "/login?return_to=%2Fapp%2Fx%3Fy%3D1"
    );
    world.jar.insert(NAME.into(), sealed(SECRET, NAME, "ann", NOW, 1));
    assert_eq!(world.page("/login?return_to=%2Fapp%2Fx").to(), "/app/x");
    for hostile in [
        "%2F%2Fevil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil",
        "javascript%3Aalert(1)",
        "%",
    ] {
        assert_eq!(
            world.page(&format!("/login?return_to={hostile}")).to(),
            "/",
            "{hostile}"
        );
    }
}

fn jwt_config(extra: Value) -> Value {
    let mut config = config();
    let mut session = json!({
        "format": "jwt", "secrets": [{ "env": "SESSION_SECRET" }], "subject": "userId", "exclusive_secret": true,
    });
    session
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    config["session"] = session;
    config
}

fn jwt(algorithm: Algorithm, header: &[(&str, &str)], claims: &Value, secret: &str) -> String {
    let key = MacKey::new(algorithm, secret).unwrap();
    jws::sign(&Protected::new(header), claims.to_string().as_bytes(), &key).unwrap()
}

#[test]
fn the_guides_jwt_opens_and_everything_near_it_does_not() {
    let hs256: &[(&str, &str)] = &[("alg", "HS256")];
    let good = json!({ "userId": "42", "iat": NOW, "exp": NOW + 600 });
    let token = |claims: &Value| jwt(Algorithm::Hs256, hs256, claims, SECRET);
    let mut world = World::new(&jwt_config(json!({})));
    world.jar.insert("session".into(), token(&good));
    let app = world.page("/app").through().clone();
    assert_eq!(
        app.get("cookie"),
        Some(format!("session={}", token(&good)).as_str()),
        "the app gets its own cookie"
    );

    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        token(&claims)
    };
    let none = format!(
        "eyJhbGciOiJub25lIn0.{}.",
        edgeward::base::base64url::encode(good.to_string())
    );
    let hostile = [
        with("exp", json!(NOW)),
        with("exp", json!(NOW - 1)),
        with("exp", json!((NOW + 600).to_string())),
        with("exp", json!(null)),
        with("exp", json!(-1)),
        with("exp", json!(0)),
        with("exp", json!(1e308)),
        with("nbf", json!(NOW + 600)),
        with("iat", json!(NOW + 600)),
        with("userId", json!("")),
        with("userId", json!(null)),
        with("userId", json!(["42"])),
        token(&json!({ "iat": NOW, "exp": NOW + 600 })),
        token(&json!({ "userId": "42", "iat": NOW })),
        token(&json!([])),
        jwt(Algorithm::Hs512, &[("alg", "HS512")], &good, SECRET),
        jwt(
            Algorithm::Hs256,
            hs256,
            &good,
            "another secret of at least 32 characters",
        ),
        none,
        format!("{}x", token(&good)),
        token(&good).replace('.', ".."),
        String::new(),
        ".".into(),
        "..".into(),
        "a.b.c".into(),
        ".".repeat(8192),
        "A".repeat(60_000),
    ];
    for value in hostile {
        let mut world = World::new(&jwt_config(json!({})));
        world.jar.insert("session".into(), value.clone());
        let came = world.page("/app");
        assert!(matches!(came, Came::Sent { .. }), "{value:.80}: {came:?}");
    }
    let mut elsewhere = World::new(&jwt_config(json!({ "issuer": "https://issuer.example" })));
    elsewhere.jar.insert("session".into(), token(&good));
    assert_eq!(
        elsewhere.page("/app").status(),
        302,
        "another token of the same secret is no session"
    );
}

/// `START` is 2027-01-15T08:00:00Z; one second later is where sessions of then end.
#[test]
fn what_began_before_not_before_is_no_session_in_any_format() {
    let last = |world: &World| world.events.last().cloned().unwrap_or_default();
    for (not_before, stands) in [
        (json!("2027-01-15T07:59:59Z"), true),
        (json!("2027-01-15T08:00:00Z"), true),
        (json!("2027-01-15T08:00:01Z"), false),
        (json!("2027-01-16"), false),
        (json!({ "env": "NOT_BEFORE" }), false),
    ] {
        let set = |mut config: Value| {
            config["session"]["not_before"] = not_before.clone();
            config
        };
        let mut own = World::new(&set(config()));
        own.jar.insert(NAME.into(), sealed(SECRET, NAME, "ann", NOW, 1));
        let mut guides = World::new(&set(jwt_config(json!({}))));
        let claims = json!({ "userId": "42", "iat": NOW, "exp": NOW + 600 });
        let token = jwt(Algorithm::Hs256, &[("alg", "HS256")], &claims, SECRET);
        guides.jar.insert("session".into(), token);
        for world in [&mut own, &mut guides] {
            // Twice: what the memo remembers is held against it, too.
            for _ in 0..2 {
                let jar = world.jar.clone();
                let came = world.api("/app");
                assert_eq!(came.status() == 200, stands, "{not_before}");
                assert!(
                    stands || last(world).contains("session.not_before"),
                    "{}",
                    last(world)
                );
                world.jar = jar;
            }
        }
    }
}

#[test]
fn a_copy_of_a_kratos_session_from_before_not_before_is_not_served() {
    let mut world = World::new(&kratos_config());
    world.sign_in_upstream("ann");
    world.page("/dashboard").through();
    assert!(world.jar.contains_key(NAME), "minted");
    let asked = world.whoami_calls;
    world.page("/dashboard").through();
    assert_eq!(world.whoami_calls, asked, "fresh: served without a question");

    let mut config = kratos_config();
    config["session"]["not_before"] = json!({ "env": "NOT_BEFORE" });
    world.second_isolate(&config);
    let to = world.page("/dashboard").to().to_owned();
    assert!(
        to.contains("refresh=true"),
        "the identity server must see the person again: {to}"
    );
    assert!(!world.jar.contains_key(NAME), "and the copy is gone");
}
