//! `write = true`, and configs that a format cannot keep.

use serde_json::{Value, json};

use super::jwt::jwt;
use super::{Desk, START, document, gate};

fn config(more: Value) -> Value {
    let mut config = json!({
        "format": "jwt", "secrets": [{ "env": "SECRET" }], "subject": "sub", "exclusive_secret": true,
        "write": true, "idle": "10m", "absolute": "1h", "logout": ["/logout"],
    });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    config
}

fn token(iat: i64, exp: i64) -> String {
    jwt(&json!({ "sub": "ann", "iat": iat, "exp": exp, "cart": [1, { "b": null }] }))
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&edgeward::base::base64url::decode(payload).unwrap()).unwrap()
}

#[test]
fn a_foreign_value_is_rolled_within_its_absolute_bound() {
    let mut desk = Desk::new(&config(json!({})));
    let mut value = token(START, START + 600);
    assert!(desk.page(&format!("session={value}")).sets().is_empty(), "not before a tenth of idle");
    loop {
        desk.now += 300;
        let came = desk.page(&format!("session={value}"));
        if came.status != 200 {
            break;
        }
        let Some(renewed) = came.sets().get("session").cloned() else { continue };
        assert_eq!(came.cookie, format!("session={renewed}"), "the same render sees it");
        let claims = claims(&renewed);
        assert_eq!(claims["cart"], json!([1, { "b": null }]), "the app's claims stay");
        assert_eq!(claims["iat"], json!(desk.now));
        assert_eq!(claims["exp"], json!((desk.now + 600).min(START + 3600)), "idle, and never past absolute");
        assert_eq!(claims["edgeward"]["born"], json!(START));
        value = renewed;
    }
    assert_eq!(desk.now, START + 3600);
}

#[test]
fn nothing_is_rolled_where_nothing_may_be_written() {
    let value = format!("session={}", token(START - 300, START + 300));
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("/app", &[("sec-purpose", "prefetch")]),
        ("/app", &[("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors")]),
        ("/logout", &[("sec-fetch-mode", "navigate")]),
    ];
    for (path, fields) in rows {
        let mut fields = fields.to_vec();
        fields.push(("cookie", &value));
        let came = Desk::new(&config(json!({}))).get(path, &fields);
        assert_eq!((came.status, came.sets().len()), (200, 0), "{path} {fields:?}");
    }
    let mut desk = Desk::new(&config(json!({})));
    desk.app_sets = vec!["session=; Max-Age=0".into()];
    let came = desk.page(&value);
    assert_eq!(came.headers.get_all("set-cookie").collect::<Vec<_>>(), ["session=; Max-Age=0"], "the app's word is the last");
    let read_only = json!({ "format": "jwt", "secrets": [{ "env": "SECRET" }], "subject": "sub", "exclusive_secret": true });
    assert!(Desk::new(&read_only).page(&value).sets().is_empty());
}

#[test]
fn a_config_that_a_format_cannot_keep_is_an_error_with_its_place() {
    let own = |more: Value| {
        let mut config = json!({ "format": "edgeward", "secrets": [{ "env": "SECRET" }] });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        config
    };
    let read_only = |more: Value| {
        let mut config = json!({ "format": "jwt", "secrets": [{ "env": "SECRET" }], "subject": "sub", "exclusive_secret": true });
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        config
    };
    let old = json!([{ "format": "jwt", "secrets": [{ "env": "OLD" }], "subject": "sub", "exclusive_secret": true, "until": "2027-03-01" }]);
    let rows = [
        (own(json!({ "format": "kratos" })), "config.format_opaque: session.format", "whoami"),
        (own(json!({ "format": "nextauth-database" })), "config.format_opaque: session.format", "origin"),
        (own(json!({ "format": "jvt" })), "config.value: session.format", "did you mean `jwt`"),
        (own(json!({ "write": true })), "config.capability: session.write", ""),
        (own(json!({ "subject": "sub" })), "config.unknown_key: session.subject", ""),
        (read_only(json!({ "idle": "1h" })), "config.capability: session.idle", "write = true"),
        (read_only(json!({ "absolute": "1h" })), "config.capability: session.absolute", "write = true"),
        (read_only(json!({ "audience": "x" })), "config.capability: session.audience", ""),
        (read_only(json!({ "dev_cookie": "x" })), "config.capability: session.dev_cookie", "cookie"),
        (read_only(json!({ "write": true })), "config.missing: session.idle", ""),
        (read_only(json!({ "accept": old })), "config.capability: session.accept", "write = true"),
        (read_only(json!({ "jwks": "http://id.example/jwks" })), "config.insecure: session.jwks", "https"),
        (read_only(json!({ "algorithm": "none" })), "config.value: session.algorithm", ""),
        (read_only(json!({ "keys": [{ "pem": "x" }] })), "config.key: session.keys[0]", "public"),
        (read_only(json!({ "keys": [{ "jwk": { "kty": "oct", "k": "c2VjcmV0" } }] })), "config.key: session.keys[0]", "no secret"),
        (read_only(json!({ "algorithm": "RS256" })), "config.missing: session.jwks", "PEM"),
        (own(json!({ "accept": [{ "format": "jwt", "secrets": [{ "env": "OLD" }], "subject": "sub", "exclusive_secret": true }] })), "config.missing: session.accept[0].until", "2027"),
        (own(json!({ "accept": [{ "format": "jwt", "secrets": [{ "env": "OLD" }], "exclusive_secret": true, "until": "2027-03-01" }] })), "config.missing: session.accept[0].subject", ""),
    ];
    for (config, place, way_out) in rows {
        let errors = gate(&document(&config)).expect_err(place);
        assert!(errors.contains(place), "{place}: {errors}");
        assert!(errors.contains(way_out), "{way_out}: {errors}");
    }
    let mut guarded = document(&read_only(json!({})));
    guarded["routes"] = json!([{ "path": "/x", "require": { "email_domain": "example.com" } }]);
    assert!(gate(&guarded).unwrap_err().contains("email_domain"));
    guarded["session"]["email_verified"] = json!("email_verified");
    assert!(gate(&guarded).is_ok(), "the document says where it is");
    guarded["routes"] = json!([{ "path": "/x", "require": { "aal": "aal2" } }]);
    assert!(gate(&guarded).unwrap_err().contains("aal"));
}
