//! What the origin is told, signed by a secret that it shares or by a key that only the gate has (semantics 4.3-4.4).

use edgeward::base::base64url;
use edgeward::jose::{Algorithm, derive, jws};
use edgeward::step::{Failure, Reply, Sign};
use jwt_simple::prelude::*;
use serde_json::{Value, json};

use super::world::{Came, ORIGIN, START, World, kratos_config};

/// RFC 7515, appendix A.3.1.
pub(super) const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
pub(super) const PUBLIC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// The native host's half of `Effect::Sign`.
pub(super) fn host_signs(sign: &Sign) -> Reply {
    assert_eq!(sign.alg, "ES256");
    let jwk: Value = serde_json::from_str(&sign.key.jwk).unwrap();
    let scalar = base64url::decode(jwk["d"].as_str().unwrap()).unwrap();
    let pair = ES256KeyPair::from_bytes(&scalar).unwrap();
    let (signature, _) = pair.key_pair().as_ref().sign_recoverable(&sign.signing_input);
    Reply::Signed(signature.to_bytes().to_vec())
}

fn config(assertion: Value) -> Value {
    let mut config = kratos_config();
    config["assertion"] = assertion;
    config
}

fn shared() -> Value {
    config(json!({ "secret": { "env": "ASSERTION_SECRET" }, "audience": "app", "claims": ["/traits/email"] }))
}

fn private() -> Value {
    config(json!({ "key": { "env": "ASSERTION_KEY" }, "audience": "app", "claims": ["/traits/email"] }))
}

/// The header and the claims of an assertion whose signature is good.
fn verified(assertion: &str) -> (Value, Value) {
    let (input, _) = assertion.rsplit_once('.').unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let decode = |part: &str| serde_json::from_slice::<Value>(&base64url::decode(part).unwrap()).unwrap();
    let (header, claims) = (decode(header), decode(claims));
    if header["alg"] == "HS256" {
        let key = derive::hkdf_sha256::<32>(
            b"an assertion secret of at least 32 bytes",
            "",
            "edgeward assertion v1",
        );
        let key = jws::MacKey::new(Algorithm::Hs256, *key).unwrap();
        jws::verify(assertion, &key).unwrap();
    } else {
        let options = VerificationOptions {
            artificial_time: Some(UnixTimeStamp::from_secs(START / 1000)),
            allowed_issuers: Some(HashSet::from(["edgeward".to_owned()])),
            allowed_audiences: Some(HashSet::from(["app".to_owned()])),
            required_signature_type: Some("edgeward-assertion+jwt".into()),
            ..VerificationOptions::default()
        };
        ES256PublicKey::from_jwk(PUBLIC)
            .unwrap()
            .verify_token::<NoCustomClaims>(assertion, Some(options))
            .unwrap();
    }
    (header, claims)
}

#[test]
fn either_key_says_the_same_of_the_visitor_for_a_minute() {
    for (config, alg, kid) in [
        (shared(), "HS256", None),
        (
            private(),
            "ES256",
            Some("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"),
        ),
    ] {
        let mut world = World::new(&config);
        world.sign_in_upstream("ann");
        let came = world.page("/dashboard");
        let app = came.through();
        assert_eq!(app.get_all("x-edgeward-assertion").count(), 1, "{alg}");
        let (header, claims) = verified(app.get("x-edgeward-assertion").unwrap());
        assert_eq!(header["alg"], alg);
        assert_eq!(header["typ"], "edgeward-assertion+jwt");
        assert!(kid.is_none_or(|kid| header["kid"] == kid), "{header}");
        let now = START / 1000;
        for (name, wanted) in [
            ("iss", json!("edgeward")),
            ("aud", json!("app")),
            ("iat", json!(now)),
            ("exp", json!(now + 60)),
            ("aal", json!("aal1")),
        ] {
            assert_eq!(claims[name], wanted, "{alg} {name}");
        }
        assert!(claims["sub"].is_string() && claims["sid"].is_string(), "{claims}");
        assert!(claims["claims"]["traits"]["email"].is_string(), "{claims}");
        let event: Value = serde_json::from_str(world.events.last().unwrap()).unwrap();
        let purposes: Vec<_> = event["effects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|effect| effect["purpose"].clone())
            .collect();
        let wanted = if alg == "ES256" {
            json!(["whoami", "sign"])
        } else {
            json!(["whoami"])
        };
        assert_eq!(json!(purposes), wanted);
        assert_eq!(event["code"], "route.met");
    }
}

#[test]
fn nobody_public_pages_and_preflights_have_none() {
    for config in [shared(), private()] {
        for (method, path, fields) in [
            ("GET", "/about", &[("accept", "text/html")][..]),
            ("GET", "/hello", &[]),
            (
                "OPTIONS",
                "/dashboard",
                &[("origin", ORIGIN), ("access-control-request-method", "GET")],
            ),
        ] {
            let mut world = World::new(&config);
            if path != "/hello" {
                world.sign_in_upstream("ann");
            }
            let mut fields = fields.to_vec();
            fields.push(("x-edgeward-assertion", "forged"));
            let came = world.request(method, path, &fields);
            assert!(!came.through().contains("x-edgeward-assertion"), "{path}");
        }
    }
}

#[test]
fn without_a_signature_nothing_goes_on() {
    for reply in [
        Reply::Failed(Failure::Broken),
        Reply::Failed(Failure::Timeout),
        Reply::Signed(Vec::new()),
        Reply::Signed(vec![1; 63]),
        Reply::Signed(vec![1; 65]),
        Reply::Signed(vec![1; 71]),
        Reply::Verified(true),
        Reply::Body(vec![1; 64]),
    ] {
        let mut world = World::new(&private());
        world.sign_in_upstream("ann");
        world.signs = Some(reply.clone());
        match world.page("/dashboard") {
            Came::Answered { status: 500, .. } => {}
            other => panic!("{reply:?}: {other:?}"),
        }
        assert!(world.events.last().unwrap().contains("assertion.unsigned"));
    }
}
