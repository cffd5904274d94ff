//! `from = ["cookie", "bearer"]`: row 51 of the failure classes, and a bearer token beside a cookie.

use serde_json::{Value, json};

use super::jwt::jwt;
use super::{Desk, START, document, gate};

fn config(from: Value) -> Value {
    json!({ "format": "jwt", "secrets": [{ "env": "SECRET" }], "subject": "sub", "exclusive_secret": true, "from": from })
}

fn token(subject: &str) -> String {
    jwt(&json!({ "sub": subject, "iat": START, "exp": START + 60 }))
}

#[test]
fn a_bearer_token_is_a_session_and_401_says_so() {
    let mut desk = Desk::new(&config(json!(["cookie", "bearer"])));
    let bearer = format!("Bearer {}", token("ann"));
    let came = desk.api(&[("authorization", &bearer)]);
    assert_eq!(
        (came.status, came.app.get("authorization")),
        (200, Some(bearer.as_str()))
    );
    let came = desk.api(&[
        ("authorization", &bearer),
        ("cookie", &format!("session={}; a=b", token("ann"))),
    ]);
    assert_eq!(
        (came.status, came.cookie.as_str()),
        (200, "a=b"),
        "one session goes on, once"
    );

    let came = desk.api(&[]);
    assert_eq!(
        (came.status, came.headers.get("www-authenticate")),
        (401, Some("Bearer"))
    );
    for hostile in [
        format!("Basic {}", token("ann")),
        format!("bearer {}", token("ann")),
        format!("Bearer\t{}", token("ann")),
        format!("Bearer  {}", token("ann")),
        "Bearer %".into(),
        "Bearer ".into(),
        "Bearer".into(),
        format!("Bearer {}x", token("ann")),
        format!("Bearer {}, Bearer {}", token("ann"), token("ann")),
        format!("Bearer {}", ".".repeat(8_192)),
    ] {
        let came = desk.api(&[("authorization", &hostile)]);
        assert_eq!(came.status, 401, "{hostile:.60}");
        let challenge = came.headers.get("www-authenticate").unwrap();
        let plain = hostile.starts_with("Basic");
        assert_eq!(
            challenge,
            if plain {
                "Bearer"
            } else {
                "Bearer error=\"invalid_token\""
            },
            "{hostile:.60}"
        );
        let came = desk.get("/hello", &[("authorization", &hostile)]);
        assert_eq!(
            (came.status, came.app.contains("authorization")),
            (200, plain),
            "{hostile:.60}"
        );
    }
}

#[test]
fn a_bearer_token_never_mixes_with_another_persons_cookie() {
    let mut desk = Desk::new(&config(json!(["cookie", "bearer"])));
    let cookie = format!("session={}", token("eve"));
    let came = desk.api(&[
        ("authorization", &format!("Bearer {}", token("ann"))),
        ("cookie", &cookie),
    ]);
    assert_eq!(
        (came.status, came.session.as_str(), came.ends().len()),
        (401, "session.ambiguous", 0)
    );
    let came = desk.api(&[("authorization", "Bearer x.y.z"), ("cookie", &cookie)]);
    assert_eq!(
        (came.status, came.ends().len()),
        (401, 0),
        "a broken one is not ignored for the cookie's sake"
    );
}

#[test]
fn where_it_is_not_asked_for_it_is_not_looked_at() {
    let bearer = format!("Bearer {}", token("ann"));
    let mut desk = Desk::new(&config(json!("cookie")));
    let came = desk.api(&[("authorization", &bearer)]);
    assert_eq!(
        (came.status, came.headers.get("www-authenticate")),
        (401, Some("Cookie realm=\"session\""))
    );
    let came = desk.api(&[
        ("authorization", "Bearer opaque"),
        ("cookie", &format!("session={}", token("ann"))),
    ]);
    assert_eq!(
        (came.status, came.app.get("authorization")),
        (200, Some("Bearer opaque")),
        "the app's own business"
    );
    let mut desk = Desk::new(&config(json!(["bearer"])));
    assert_eq!(
        desk.api(&[("cookie", &format!("session={}", token("ann")))])
            .status,
        401
    );
    let errors = gate(&document(
        &json!({ "format": "edgeward", "secrets": [{ "env": "SECRET" }], "from": ["bearer"] }),
    ));
    assert!(errors.unwrap_err().contains("config.capability: session.from"));
}
