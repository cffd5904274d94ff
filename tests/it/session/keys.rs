//! Key sets of an issuer (semantics 10.1).

use serde_json::{Value, json};

use super::paper::{self, EC, Paper, RSA, paper as key};
use super::{Desk, START};

const URL: &str = "https://id.example/jwks";

fn config() -> Value {
    json!({ "format": "jwt", "jwks": URL, "algorithm": ["RS256", "ES256"], "subject": "sub", "issuer": "https://id.example" })
}

fn token(key: Paper, header: Value, more: Value) -> String {
    let mut claims = json!({ "sub": "ann", "iat": START, "exp": START + 7200, "iss": "https://id.example" });
    claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("session={}", key.token(&header, &claims))
}

#[test]
fn a_set_is_fetched_only_for_a_token_that_fits() {
    let mut desk = Desk::new(&config()).serving(URL, paper::set(&[RSA, EC]));
    for unfit in [
        token(RSA, json!({ "alg": "RS384" }), json!({})),
        token(RSA, json!({ "alg": "none" }), json!({})),
        token(RSA, json!({}), json!({ "iss": "https://evil.example" })),
        token(RSA, json!({}), json!({ "exp": START })),
        token(RSA, json!({}), json!({ "iat": START + 600 })),
        "session=a.b.c".into(),
    ] {
        assert_eq!(desk.page(&unfit).status, 302);
    }
    assert!(desk.did.is_empty(), "{:?}", desk.did);
    assert_eq!(desk.page(&token(RSA, json!({}), json!({}))).status, 200);
    assert_eq!(desk.page(&token(EC, json!({}), json!({}))).status, 200);
    assert_eq!(desk.did, [format!("jwks {URL}").as_str(), "verify RS256", "verify ES256"]);
}

#[test]
fn an_unknown_key_is_nobody_for_now_and_touches_no_cookie() {
    let mut desk = Desk::new(&config()).serving(URL, paper::set(&[RSA]));
    desk.page(&token(RSA, json!({}), json!({})));
    let next = key("RS256", Some("rsa-2"), 9);
    let stranger = token(next, json!({}), json!({}));
    let came = desk.page(&stranger);
    assert_eq!((came.status, came.headers.get("retry-after")), (503, Some("5")));
    assert_eq!((came.session.as_str(), came.ends().len()), ("key.unknown", 0));
    let came = desk.api(&[("cookie", &stranger)]);
    assert_eq!((came.status, came.ends().len()), (401, 0));
    assert_eq!(desk.get("/hello", &[("cookie", &stranger)]).status, 200, "an open page is served to nobody");
    assert_eq!(desk.did.iter().filter(|did| did.starts_with("jwks")).count(), 1, "it cools down");
    desk.now += 31;
    desk.sets.insert(URL.into(), paper::set(&[next]));
    assert_eq!(desk.page(&stranger).status, 200, "one refetch, and it is there");
    assert_eq!(desk.did.iter().filter(|did| did.starts_with("jwks")).count(), 2);
}

#[test]
fn a_key_that_is_gone_takes_its_sessions_out_of_the_memo() {
    let next = key("RS256", Some("rsa-2"), 9);
    let mut desk = Desk::new(&config()).serving(URL, paper::set(&[RSA]));
    let old = token(RSA, json!({}), json!({}));
    assert_eq!(desk.page(&old).status, 200);
    desk.now += 40;
    desk.sets.insert(URL.into(), paper::set(&[next]));
    assert_eq!(desk.page(&token(next, json!({}), json!({}))).status, 200);
    let verified = desk.did.len();
    let came = desk.page(&old);
    assert_eq!((came.status, came.session.as_str()), (503, "key.unknown"));
    assert_eq!(desk.did.len(), verified);
}

#[test]
fn without_an_issuer_nobody_gets_in() {
    let mut desk = Desk::new(&config());
    let token = token(RSA, json!({}), json!({}));
    assert_eq!(desk.page(&token).status, 503);
    assert_eq!(desk.page(&token).status, 503);
    assert_eq!(desk.did.len(), 1, "and it is not asked again at once");
    desk.sets.insert(URL.into(), "<html>".into());
    desk.now += 5;
    assert_eq!(desk.page(&token).status, 503);
    desk.sets.insert(URL.into(), paper::set(&[RSA]));
    desk.now += 5;
    assert_eq!(desk.page(&token).status, 200);
}
