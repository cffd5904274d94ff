//! `jwt` and `jwe`: hostile rows, algorithms, places of claims.

use edgeward::base::{Entropy, base64url};
use edgeward::jose::jwe::{self, Enc};
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::{Algorithm, Protected};
use serde_json::{Value, json};

use super::paper::{EC, ED, RSA};
use super::{Desk, OLD, SECRET, START, Want, gate, rows};
use super::{document, paper::paper as key};

pub(super) fn hs(algorithm: Algorithm, secret: &str, header: &[(&str, &str)], claims: &Value) -> String {
    let key = MacKey::new(algorithm, secret).unwrap();
    jws::sign(&Protected::new(header), claims.to_string().as_bytes(), &key).unwrap()
}

pub(super) fn jwt(claims: &Value) -> String {
    hs(Algorithm::Hs256, SECRET, &[("alg", "HS256")], claims)
}

fn good() -> Value {
    json!({ "sub": "ann", "iat": START, "exp": START + 600, "iss": "https://id.example", "aud": "app" })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn by_secret() -> Value {
    json!({
        "format": "jwt", "secrets": [{ "env": "SECRET" }, { "env": "OLD" }], "subject": "sub",
        "issuer": "https://id.example", "jwt_audience": "app",
    })
}

#[test]
fn a_token_by_secret_opens_and_nothing_near_it() {
    let token = jwt(&good());
    let name = |value: &str| format!("session={value}");
    let (head, rest) = token.split_once('.').unwrap();
    let none = format!("{}.{}", base64url::encode(r#"{"alg":"none"}"#), rest);
    rows(
        || Desk::new(&by_secret()),
        &[
            ("control", name(&token), Want::In),
            ("an older secret", name(&hs(Algorithm::Hs256, OLD, &[("alg", "HS256")], &good())), Want::In),
            ("aud among others", name(&jwt(&with("aud", json!(["x", "app"])))), Want::In),
            ("wrong name", format!("sessions={token}"), Want::Out("session.absent")),
            ("wrong key", name(&hs(Algorithm::Hs256, "another", &[("alg", "HS256")], &good())), Want::Out("session.unopened")),
            ("tampered", name(&token.replace(&rest[..3], "AAA")), Want::Out("session.malformed")),
            ("tampered payload", name(&format!("{head}.{}.{}", base64url::encode(with("sub", json!("root")).to_string()), token.rsplit_once('.').unwrap().1)), Want::Out("session.unopened")),
            ("another algorithm", name(&hs(Algorithm::Hs512, SECRET, &[("alg", "HS512")], &good())), Want::Out("session.unopened")),
            ("none", name(&none), Want::Out("session.unopened")),
            ("no signature", name(&format!("{head}.{}.", rest.split_once('.').unwrap().0)), Want::Out("session.malformed")),
            ("expired", name(&jwt(&with("exp", json!(START)))), Want::Ended("session.expired")),
            ("last second", name(&jwt(&with("exp", json!(START + 1)))), Want::In),
            ("no exp", name(&jwt(&with("exp", json!(null)))), Want::Out("session.malformed")),
            ("exp as text", name(&jwt(&with("exp", json!("9999999999")))), Want::Out("session.malformed")),
            ("exp in milliseconds", name(&jwt(&with("exp", json!(9_999_999_999_999_i64)))), Want::Out("session.malformed")),
            ("from the future", name(&jwt(&with("iat", json!(START + 61)))), Want::Out("session.malformed")),
            ("not yet", name(&jwt(&with("nbf", json!(START + 1)))), Want::Out("session.malformed")),
            ("other issuer", name(&jwt(&with("iss", json!("https://evil.example")))), Want::Out("session.audience")),
            ("other audience", name(&jwt(&with("aud", json!("other")))), Want::Out("session.audience")),
            ("no audience", name(&jwt(&with("aud", json!([])))), Want::Out("session.malformed")),
            ("no subject", name(&jwt(&with("sub", json!("")))), Want::Out("session.malformed")),
            ("oversized", name(&format!("{token}{}", "A".repeat(60_000))), Want::Out("session.malformed")),
            ("dots", name(&".".repeat(8_192)), Want::Out("session.malformed")),
        ],
    );
}

#[test]
fn of_two_values_the_newer_counts_and_two_people_are_nobody() {
    let (old, new) = (jwt(&good()), jwt(&with("iat", json!(START + 5))));
    let eve = jwt(&with("sub", json!("eve")));
    let mut desk = Desk::new(&by_secret());
    let came = desk.page(&format!("session={old}; a=b; session={new}; session=junk"));
    assert_eq!(came.cookie, format!("session={new}; a=b"));
    let came = desk.page(&format!("session={old}; session={eve}"));
    assert_eq!((came.status, came.session.as_str()), (302, "session.ambiguous"));
    assert_eq!(came.ends(), ["session"]);
}

#[test]
fn the_work_of_a_request_is_counted() {
    // Four values of two keys each are eight trials; no more than twelve are made, whatever is sent.
    let secrets: Vec<Value> = (0..13).map(|_| json!({ "env": "OLD" })).collect();
    let mut config = by_secret();
    config["secrets"] = json!(secrets);
    rows(
        || Desk::new(&config),
        &[
            ("thirteen trials", format!("session={}", jwt(&good())), Want::Out("session.too_much_work")),
            ("64 KB", format!("session={}", "A.".repeat(33_000)), Want::Out("-")),
        ],
    );
    let mut config = by_secret();
    config["from"] = json!(["cookie", "bearer"]);
    let large = format!("session={}", "A".repeat(60_000));
    let bearer = format!("Bearer {}", "A".repeat(6_000));
    let came = Desk::new(&config).api(&[("cookie", &large), ("authorization", &bearer)]);
    assert_eq!((came.status, came.session.as_str(), came.ends().len()), (401, "session.too_much_work", 0));
}

fn by_keys(algorithm: &Value, keys: &Value) -> Value {
    json!({
        "format": "jwt", "keys": keys, "algorithm": algorithm, "subject": "/user/id",
        "issuer": ["https://id.example", "https://old.example"], "email": "/user/mail", "typ": "session+jwt",
    })
}

#[test]
fn a_token_by_key_pair_goes_through_the_host() {
    let claims = json!({ "user": { "id": 42, "mail": "ann@example.com" }, "iss": "https://old.example", "iat": START, "exp": START + 60 });
    let typ = json!({ "typ": "session+jwt" });
    for (key, env) in [(RSA, "JWK_RSA"), (EC, "JWK_EC"), (ED, "JWK_ED")] {
        let config = by_keys(&json!(key.alg), &json!([{ "env": env }]));
        let mut desk = Desk::new(&config);
        let token = key.token(&typ, &claims);
        assert_eq!(desk.page(&format!("session={token}")).status, 200, "{}", key.alg);
        assert_eq!(desk.did, [format!("verify {}", key.alg)]);
        assert_eq!(desk.page(&format!("session={token}")).status, 200);
        assert_eq!(desk.did.len(), 1, "a value is opened once");
        let secret_of_public = hs(Algorithm::Hs256, &key.jwk().to_string(), &[("alg", "HS256"), ("typ", "session+jwt")], &claims);
        let mut tampered = token.clone();
        tampered.replace_range(token.len() - 12..token.len() - 8, "AAAA");
        rows(
            || Desk::new(&config),
            &[
                ("tampered", format!("session={tampered}"), Want::Out("session.unopened")),
                ("no typ", format!("session={}", key.token(&json!({}), &claims)), Want::Out("session.malformed")),
                ("other typ", format!("session={}", key.token(&json!({ "typ": "JWT" }), &claims)), Want::Out("session.malformed")),
                ("public key as secret", format!("session={secret_of_public}"), Want::Out("session.unopened")),
                ("jku", format!("session={}", key.token(&json!({ "typ": "session+jwt", "jku": "https://evil.example" }), &claims)), Want::Out("session.malformed")),
                ("jwk", format!("session={}", key.token(&json!({ "typ": "session+jwt", "jwk": key.jwk() }), &claims)), Want::Out("session.malformed")),
                ("crit", format!("session={}", key.token(&json!({ "typ": "session+jwt", "crit": ["exp"] }), &claims)), Want::Out("session.malformed")),
                ("other kid", format!("session={}", key.token(&json!({ "typ": "session+jwt", "kid": "x" }), &claims)), Want::Out("session.unopened")),
                ("none", format!("session={}", key.token(&json!({ "typ": "session+jwt", "alg": "none" }), &claims)), Want::Out("session.unopened")),
            ],
        );
    }
    // What nobody verified ends nothing, even if it says that it ended.
    let mut late = claims;
    late["exp"] = json!(START);
    let mut desk = Desk::new(&by_keys(&json!("RS256"), &json!([{ "env": "JWK_RSA" }])));
    let came = desk.page(&format!("session={}", RSA.token(&typ, &late)));
    assert_eq!((came.session.as_str(), came.ends().len(), desk.did.len()), ("session.expired", 0, 0));
}

#[test]
fn of_several_keys_without_a_name_each_is_tried() {
    let keys = [key("RS256", None, 7), key("RS256", None, 8)];
    let given: Vec<Value> = keys.iter().map(|key| json!({ "jwk": key.jwk() })).collect();
    let config = json!({ "format": "jwt", "keys": given, "algorithm": "RS256", "subject": "sub", "issuer": "https://id.example" });
    let mut desk = Desk::new(&config);
    let named = keys[1].token(&json!({ "kid": "whatever" }), &good());
    assert_eq!(desk.page(&format!("session={named}")).status, 200);
    assert_eq!(desk.did.len(), 2);
}

#[test]
fn jwe_opens_with_its_one_enc_and_key() {
    let config = json!({
        "format": "jwe", "secrets": [{ "env": "KEY32" }], "subject": "userId", "exclusive_secret": true, "enc": "A256GCM",
    });
    let seal = |enc: Enc, name: &str, key: &[u8], claims: &Value| {
        let key = jwe::Key::new(enc, key).unwrap();
        let header = Protected::new(&[("alg", "dir"), ("enc", name)]);
        let mut entropy = Entropy::from_seed([1; 32]);
        format!("session={}", jwe::seal(&header, claims.to_string().as_bytes(), &key, &mut entropy).unwrap())
    };
    let bytes = b"0123456789abcdef0123456789abcdef";
    let claims = json!({ "userId": "42", "exp": START + 60 });
    let right = seal(Enc::A256Gcm, "A256GCM", bytes, &claims);
    rows(
        || Desk::new(&config),
        &[
            ("control", right.clone(), Want::In),
            ("the same key under another enc", seal(Enc::A128CbcHs256, "A128CBC-HS256", bytes, &claims), Want::Out("session.unopened")),
            ("wrong key", seal(Enc::A256Gcm, "A256GCM", &[7; 32], &claims), Want::Out("session.unopened")),
            ("tampered tag", format!("{}A", &right[..right.len() - 1]), Want::Out("session.unopened")),
            ("expired", seal(Enc::A256Gcm, "A256GCM", bytes, &json!({ "userId": "42", "exp": START })), Want::Ended("session.expired")),
            ("no exp", seal(Enc::A256Gcm, "A256GCM", bytes, &json!({ "userId": "42" })), Want::Out("session.malformed")),
            ("a list", seal(Enc::A256Gcm, "A256GCM", bytes, &json!([1])), Want::Out("session.malformed")),
        ],
    );
    for (change, code) in [
        (json!({ "enc": "A256CBC-HS512" }), "config.secret_length: session.secrets"),
        (json!({ "exclusive_secret": false }), "config.jwt_scope: session"),
        (json!({ "enc": "A256KW" }), "config.value: session.enc"),
        (json!({ "subject": null }), "session.subject"),
    ] {
        let mut config = config.clone();
        config.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let errors = gate(&document(&config)).unwrap_err();
        assert!(errors.contains(code), "{code}: {errors}");
    }
}
