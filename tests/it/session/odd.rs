//! Formats with an envelope of their own: Better Auth's cache and Ory's coming cookie; and the move over three formats.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use edgeward::base::base64url;
use edgeward::jose::derive::hkdf_sha256;
use edgeward::jose::jws::MacKey;
use edgeward::jose::Algorithm;
use serde_json::{Value, json};

use super::sealed::sealed;
use super::{Desk, OLD, SECRET, START, Want, document, gate, rows};

/// The data of a session as the library caches it. `2027-01-15T08:05:00Z` is 300 seconds after the start.
fn cached(change: &[(&str, &str, Value)]) -> Value {
    let mut data = json!({
        "session": { "id": "s1", "token": "t0ken", "userId": "ann", "createdAt": "2027-01-15T07:00:00.000Z", "updatedAt": "2027-01-15T08:00:00.000Z", "expiresAt": "2027-01-22T08:00:00.000Z" },
        "user": { "id": "ann", "email": "ann@example.com", "emailVerified": true, "name": "Ännchen, \"}\" and ,\"expiresAt\":1" },
        "updatedAt": START * 1000,
        "version": "1",
    });
    for (part, name, value) in change {
        if name.is_empty() {
            data[*part] = value.clone();
        } else {
            data[*part][*name] = value.clone();
        }
    }
    data
}

fn token(token: &str, secret: &str) -> String {
    use base64::Engine as _;
    let key = MacKey::new(Algorithm::Hs256, secret).unwrap();
    let mac = base64::engine::general_purpose::STANDARD.encode(key.mac(token.as_bytes()));
    let mac = mac.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("__Secure-better-auth.session_token={token}.{mac}")
}

#[test]
fn the_cookie_cache_of_better_auth_counts_beside_its_session_token() {
    for strategy in ["compact", "jwt", "jwe"] {
        let session = json!({ "format": "better-auth", "secrets": [{ "env": "SECRET" }, { "env": "OLD" }], "strategy": strategy });
        let data = |payload: &Value, secret: &str, to: i64| sealed(&session, secret, payload, START, to);
        let good = data(&cached(&[]), SECRET, START + 300);
        let beside = token("t0ken", SECRET);
        let both = |data: &str, token: &str| format!("{data}; {token}");
        let mut tampered = good.clone();
        let at = good.len() / 2;
        tampered.replace_range(at..=at, if &good[at..=at] == "A" { "B" } else { "A" });
        let other = if strategy == "compact" { "jwe" } else { "compact" };
        let foreign = json!({ "format": "better-auth", "strategy": other });
        let late = if strategy == "jwe" { START - 15 } else { START };
        let why = |text: &'static str| text;
        rows(
            || Desk::new(&session),
            &[
                (why("control"), both(&good, &beside), Want::In),
                (why("an older secret"), both(&data(&cached(&[]), OLD, START + 300), &beside), Want::In),
                (why("the cache alone"), good.clone(), Want::Out("session.malformed")),
                (why("the token alone"), beside.clone(), Want::Out("session.absent")),
                (why("the token of another session"), both(&good, &token("other", SECRET)), Want::Out("session.malformed")),
                (why("a token that is not signed"), both(&good, "__Secure-better-auth.session_token=t0ken"), Want::Out("session.malformed")),
                (why("a token signed with another secret"), both(&good, &token("t0ken", "another")), Want::Out("session.unopened")),
                (why("two tokens"), format!("{good}; {beside}; {}", token("other", SECRET)), Want::Ended("session.ambiguous")),
                (why("wrong key"), both(&data(&cached(&[]), "another secret", START + 300), &beside), Want::Out("session.unopened")),
                (why("another strategy"), both(&sealed(&foreign, SECRET, &cached(&[]), START, START + 300), &beside), Want::Out("session.malformed")),
                (why("expired"), both(&data(&cached(&[]), SECRET, late), &beside), Want::Out("session.expired")),
                (why("a session that ended"), both(&data(&cached(&[("session", "expiresAt", json!("2027-01-15T08:00:00.000Z"))]), SECRET, START + 300), &beside), Want::Out("session.expired")),
                (why("an end of odd form"), both(&data(&cached(&[("session", "expiresAt", json!("tomorrow"))]), SECRET, START + 300), &beside), Want::Out("session.malformed")),
                (why("another version"), both(&data(&cached(&[("version", "", json!("2"))]), SECRET, START + 300), &beside), Want::Out("session.expired")),
                (why("no user"), both(&data(&cached(&[("user", "", json!(null))]), SECRET, START + 300), &beside), Want::Out("session.malformed")),
                (why("the plain name"), both(&good, &beside).replace("__Secure-", ""), Want::In),
            ],
        );
        let came = Desk::new(&session).page(&both(&tampered, &beside));
        assert_eq!((came.status, came.ends().len()), (302, 0), "{strategy}: tampered");
    }
}

fn ory(secret: &str, purpose: &str, name: &str, envelope: &Value) -> String {
    let key = hkdf_sha256::<32>(secret, "", "ory/x/cookiex/v1");
    let nonce = [9; 24];
    let aad = format!("ory/x/cookiex/v1|{purpose}|{name}");
    let msg = envelope.to_string();
    let payload = Payload { msg: msg.as_bytes(), aad: aad.as_bytes() };
    let sealed = XChaCha20Poly1305::new_from_slice(&*key).unwrap().encrypt(&XNonce::from(nonce), payload).unwrap();
    format!("{name}=v1.{}", base64url::encode([&nonce[..], &sealed].concat()))
}

#[test]
fn orys_coming_cookie_is_bound_to_purpose_and_name() {
    let session = json!({ "format": "ory-cookie", "cookie": "app_cookie", "purpose": "app/session", "subject": "/identity", "secrets": [{ "env": "SECRET" }, { "env": "OLD" }] });
    let at = |iat: Value| json!({ "iat": iat, "v": { "identity": "ann" } });
    let good = |iat: i64| ory(SECRET, "app/session", "app_cookie", &at(json!(iat)));
    let month = 30 * 86_400;
    let control = good(START);
    rows(
        || Desk::new(&session),
        &[
            ("control", control.clone(), Want::In),
            ("an older secret", ory(OLD, "app/session", "app_cookie", &at(json!(START))), Want::In),
            ("just within thirty days", good(START - month + 1), Want::In),
            ("thirty days old", good(START - month), Want::Ended("session.expired")),
            ("from the future", good(START + 61), Want::Out("session.malformed")),
            ("without iat", ory(SECRET, "app/session", "app_cookie", &json!({ "v": { "identity": "ann" } })), Want::Out("session.malformed")),
            ("iat as text", ory(SECRET, "app/session", "app_cookie", &at(json!("1"))), Want::Out("session.malformed")),
            ("another purpose", ory(SECRET, "app/csrf", "app_cookie", &at(json!(START))), Want::Out("session.unopened")),
            ("another cookie's value", ory(SECRET, "app/session", "other", &at(json!(START))).replace("other=", "app_cookie="), Want::Out("session.unopened")),
            ("another secret", ory("another", "app/session", "app_cookie", &at(json!(START))), Want::Out("session.unopened")),
            ("tampered", format!("{}A", &control[..control.len() - 1]).replace("AA", "AB"), Want::Out("session.unopened")),
            ("another version", control.replace("=v1.", "=v2."), Want::Out("session.malformed")),
            ("the old codec", "app_cookie=MTgwMDAwMDAwMHxEdi1CQkFFQ180SUF8xyz".into(), Want::Out("session.malformed")),
            ("shorter than a nonce", "app_cookie=v1.AAAA".into(), Want::Out("session.malformed")),
            ("larger than the codec writes", format!("app_cookie=v1.{}", "A".repeat(4_100)), Want::Out("session.malformed")),
            ("an opaque session token", ory(SECRET, "app/session", "app_cookie", &json!({ "iat": START, "v": { "identity": "ann", "session_token": "ory_st_x" } })), Want::Out("session.malformed")),
            ("no subject", ory(SECRET, "app/session", "app_cookie", &json!({ "iat": START, "v": {} })), Want::Out("session.malformed")),
        ],
    );
    for (change, place) in [
        (json!({ "purpose": null }), "config.missing: session.purpose"),
        (json!({ "purpose": "a|b" }), "config.value: session.purpose"),
        (json!({ "cookie": null }), "config.missing: session.cookie"),
        (json!({ "max_age": "0s" }), "config.value: session.max_age"),
    ] {
        let mut config = session.clone();
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                config.as_object_mut().unwrap().remove(name);
            } else {
                config[name] = value.clone();
            }
        }
        let errors = gate(&document(&config)).expect_err(place);
        assert!(errors.contains(place), "{place}: {errors}");
    }
}

#[test]
fn a_visitor_moves_from_nextauth_to_edgeward_to_authjs_and_stays_signed_in() {
    let until = json!("2027-03-01");
    let nextauth = json!({ "format": "nextauth-v4", "secrets": [{ "env": "OLD" }] });
    let mut from_nextauth = nextauth.clone();
    from_nextauth["until"] = until.clone();
    let edgeward = json!({ "format": "edgeward", "secrets": [{ "env": "SECRET" }], "idle": "1d", "absolute": "7d", "accept": [from_nextauth] });
    let authjs = json!({
        "format": "authjs", "secrets": [{ "env": "SECRET" }], "write": true, "idle": "1d", "absolute": "7d",
        "accept": [{ "format": "edgeward", "secrets": [{ "env": "SECRET" }], "until": until }],
    });
    // Signed in with NextAuth a while ago, for thirty days from then.
    let (born, end) = (START - 3_600, START + 29 * 86_400);
    let cookie = sealed(&nextauth, OLD, &json!({ "sub": "ann", "email": "ann@example.com", "plan": "gold", "big": "x".repeat(4_000) }), born, end);
    assert!(cookie.contains(".1="), "in chunks");

    // The moved session is too large for the own format: it counts, and the old cookie stays.
    let came = Desk::new(&edgeward).page(&cookie);
    assert_eq!((came.status, came.sets().len()), (200, 0));

    let cookie = sealed(&nextauth, OLD, &json!({ "sub": "ann", "email": "ann@example.com", "plan": "gold" }), born, end);
    let mut desk = Desk::new(&edgeward);
    let came = desk.page(&cookie);
    assert_eq!(came.status, 200);
    assert_eq!(came.ends(), ["__Secure-next-auth.session-token"]);
    let moved = format!("__Host-edgeward={}", came.sets()["__Host-edgeward"]);

    let mut desk = Desk::new(&authjs);
    desk.now += 600;
    let came = desk.page(&moved);
    assert_eq!(came.status, 200);
    assert_eq!(came.ends(), ["__Host-edgeward"]);
    let name = "__Secure-authjs.session-token";
    let mut cookie = format!("{name}={}", came.sets()[name]);
    assert_eq!(came.cookie, cookie, "one session goes on");

    // It is rolled from here on, and ends when the value that was moved would have ended: a day after its seal.
    let rolled = cookie.clone();
    while desk.now < START + 86_400 {
        let came = desk.page(&cookie);
        assert_eq!(came.status, 200, "{} hours", (desk.now - START) / 3_600);
        if let Some(value) = came.sets().get(name) {
            cookie = format!("{name}={value}");
        }
        desk.now += 10_000;
    }
    assert_ne!(cookie, rolled);
    desk.now = START + 86_400;
    let came = desk.page(&cookie);
    assert_eq!((came.status, came.session.as_str()), (302, "session.expired"));
    // What Auth.js seals anew from that token carries the start and the end along.
    let plain = json!({ "format": "authjs", "secrets": [{ "env": "SECRET" }] });
    let kept = json!({ "sub": "ann", "edgeward": { "born": born, "end": START + 100, "src": "nextauth-v4" } });
    let again = sealed(&plain, SECRET, &kept, START, START + 86_400);
    let mut desk = Desk::new(&authjs);
    assert_eq!(desk.page(&again).status, 200);
    desk.now += 100;
    assert_eq!(desk.page(&again).status, 302);
}
