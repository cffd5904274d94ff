//! What the real `jose` 6.2.17 made: every row opens, or is refused with the code that it names.

use edgeward::base::Timestamp;
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::jwt::Expected;
use edgeward::jose::{Algorithm, Jwk, jwe, jwk};
use serde_json::Value;

use crate::jose_support::{Judgement, b64, enc, json, judge, str};

const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);

fn rows(path: &str) -> Vec<Value> {
    json(path).as_array().unwrap().clone()
}

#[test]
fn jwe_rows() {
    let rows = rows("jose-6.2.17/jwe.json");
    assert_eq!(rows.len(), 6 * 9 + 6);
    for row in rows {
        let name = str(&row, "name");
        let key = jwe::Key::new(enc(str(&row, "enc")), b64(str(&row, "key"))).unwrap();
        match jwe::open(str(&row, "token"), &key) {
            Ok(opened) => {
                assert_eq!(opened.plaintext, str(&row, "plaintext").as_bytes(), "{name}");
                assert_eq!(opened.header.kid(), row["kid"].as_str(), "{name}");
                if let Some(kid) = opened.header.kid() {
                    assert_eq!(kid, jwk::oct_thumbprint_sha256(&b64(str(&row, "key"))), "{name}");
                    let claims = opened.claims().unwrap();
                    let expected = Expected {
                        audiences: &["app"],
                        required: &["sub"],
                        ..Expected::at(NOW)
                    };
                    assert_eq!(claims.validate(&expected), Ok(()), "{name}");
                }
            }
            Err(error) => assert_eq!(Some(error.code()), row["refused"].as_str(), "{name}"),
        }
    }
}

#[test]
fn jws_rows() {
    let rows = rows("jose-6.2.17/jws.json");
    assert_eq!(rows.len(), 9 + 8 + 11 + 1);
    for row in rows {
        let (name, token) = (str(&row, "name"), str(&row, "token"));
        if let Some(secret) = row["secret"].as_str() {
            let algorithm = Algorithm::parse(str(&row, "alg")).unwrap();
            match jws::verify(token, &MacKey::new(algorithm, secret).unwrap()) {
                Ok(verified) => {
                    assert_eq!(verified.payload, str(&row, "payload").as_bytes(), "{name}");
                    let expected = Expected {
                        required: &["userId"],
                        ..Expected::at(NOW)
                    };
                    assert_eq!(verified.claims().unwrap().validate(&expected), Ok(()), "{name}");
                }
                Err(error) => assert_eq!(Some(error.code()), row["refused"].as_str(), "{name}"),
            }
            continue;
        }
        match judge(token, &row["jwk"]) {
            Judgement::Host(pending) => {
                let request = pending.request();
                assert_eq!(request.key.thumbprint_sha256(), str(&row, "thumbprint"), "{name}");
                assert_eq!(request.kid.as_deref(), row["jwk"]["kid"].as_str(), "{name}");
                assert_eq!(
                    request.signing_input.len() + 1,
                    token.rfind('.').unwrap() + 1,
                    "{name}"
                );
                assert_eq!(
                    pending.conclude(true).unwrap().payload,
                    str(&row, "payload").as_bytes(),
                    "{name}"
                );
            }
            Judgement::Refused(code) => assert_eq!(Some(code), row["refused"].as_str(), "{name}"),
            Judgement::Verified(_) => panic!("{name}: a public key is no secret"),
        }
    }
}

#[test]
fn thumbprints() {
    for row in rows("jose-6.2.17/thumbprints.json") {
        let key = b64(str(&row, "key"));
        assert_eq!(jwk::oct_thumbprint_sha256(&key), str(&row, "sha256"));
        assert_eq!(jwk::oct_thumbprint_sha512(&key), str(&row, "sha512"));
        let parsed = Jwk::parse(&format!(r#"{{"kty":"oct","k":"{}"}}"#, str(&row, "key"))).unwrap();
        assert_eq!(parsed.thumbprint_sha256(), str(&row, "sha256"));
        assert_eq!(parsed.thumbprint_sha512(), str(&row, "sha512"));
    }
}
