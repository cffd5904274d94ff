//! The appendices of RFC 7515, 7516, 7517, 7638 and 8037, and the whole cookbook of RFC 7520.

use edgeward::jose::jwe::{self, Detached};
use edgeward::jose::{Jwk, JwkSet};
use serde_json::Value;

use crate::jose_support::{Judgement, b64, enc, json, judge, list, str, text, vectors};

#[test]
fn rfc7515_signatures() {
    let mut judged = Vec::new();
    for case in json("rfc/rfc7515.json").as_array().unwrap() {
        let name = str(case, "name");
        let payload = b64(str(case, "compact").split('.').nth(1).unwrap());
        judged.push(match judge(str(case, "compact"), &case["jwk"]) {
            Judgement::Verified(verified) => {
                assert_eq!(verified, payload, "{name}");
                "verified"
            }
            Judgement::Host(pending) => {
                assert_eq!(pending.conclude(true).unwrap().payload, payload, "{name}");
                "host"
            }
            Judgement::Refused(code) => {
                assert_eq!(Some(code), case["refused"].as_str(), "{name}");
                "refused"
            }
        });
    }
    assert_eq!(judged, ["verified", "host", "host", "host", "refused"]);
}

#[test]
fn rfc7516_content_encryption() {
    let bytes = |value: &Value| -> Vec<u8> {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap())
            .collect()
    };
    for case in json("rfc/rfc7516.json").as_array().unwrap() {
        let key = jwe::Key::new(enc(str(case, "enc")), bytes(&case["cek"])).unwrap();
        let aad = str(case, "aad").as_bytes();
        let sealed = Detached {
            iv: bytes(&case["iv"]),
            ciphertext: b64(str(case, "ciphertext")),
            tag: b64(str(case, "tag")),
        };
        let plaintext = key.open_detached(aad, sealed.clone());
        assert_eq!(
            plaintext.as_deref(),
            Ok(str(case, "plaintext").as_bytes()),
            "{}",
            str(case, "name")
        );
        assert!(key.open_detached(&aad[1..], sealed).is_err());
    }
}

#[test]
fn rfc7517_key_sets() {
    for case in json("rfc/rfc7517.json").as_array().unwrap() {
        let set = JwkSet::parse(&case["set"].to_string()).unwrap();
        let usable: Vec<_> = set.keys().iter().map(|key| key.kid().unwrap()).collect();
        let expected: Vec<_> = list(case, "usable")
            .iter()
            .map(|kid| kid.as_str().unwrap())
            .collect();
        assert_eq!(usable, expected, "{}", str(case, "name"));
    }
}

#[test]
fn rfc7638_thumbprints() {
    for case in json("rfc/rfc7638.json").as_array().unwrap() {
        let jwk = Jwk::parse(&case["jwk"].to_string()).unwrap();
        assert_eq!(
            jwk.thumbprint_sha256(),
            str(case, "sha256"),
            "{}",
            str(case, "name")
        );
    }
}

/// Every example of the cookbook in its compact form: what is ours to open opens, all else is refused with the named code.
#[test]
fn rfc7520_cookbook() {
    #[rustfmt::skip]
    let rows = [
        ("jws/4_1.rsa_v15_signature", "host"),
        ("jws/4_2.rsa-pss_signature", "host"),
        ("jws/4_3.ecdsa_signature", "host"),
        ("jws/4_4.hmac-sha2_integrity_protection", "verified"),
        ("jws/4_5.signature_with_detached_content", "jws.signature_mismatch"),
        ("jws/4_6.protecting_specific_header_fields", "no compact form"),
        ("jws/4_7.protecting_content_only", "no compact form"),
        ("jws/4_8.multiple_signatures", "no compact form"),
        ("curve25519/jws", "host"),
        ("curve25519/ecdh-es", "jwe.algorithm_not_allowed"),
        ("rfc7797/4.2.hmac-sha2_b64_false", "no compact form"),
        ("rfc7797/hmac-sha2_b64_false", "header.extension"),
        ("jwe/5_1.key_encryption_using_rsa_v15_and_aes-hmac-sha2", "jwe.malformed"),
        ("jwe/5_2.key_encryption_using_rsa-oaep_with_aes-gcm", "jwe.malformed"),
        ("jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2", "jwe.malformed"),
        ("jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm", "jwe.malformed"),
        ("jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2", "jwe.algorithm_not_allowed"),
        ("jwe/5_6.direct_encryption_using_aes-gcm", "opened"),
        ("jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2", "jwe.malformed"),
        ("jwe/5_8.key_wrap_using_aes-keywrap_with_aes-gcm", "jwe.malformed"),
        ("jwe/5_9.compressed_content", "jwe.malformed"),
        ("jwe/5_10.including_additional_authentication_data", "no compact form"),
        ("jwe/5_11.protecting_specific_header_fields", "no compact form"),
        ("jwe/5_12.protecting_content_only", "no compact form"),
        ("jwe/5_13.encrypting_to_multiple_recipients", "no compact form"),
    ];
    for (name, expected) in rows {
        let case = json(&format!("rfc7520/{name}.json"));
        let Some(compact) = case["output"]["compact"].as_str() else {
            assert_eq!(expected, "no compact form", "{name}");
            // Other serializations are refused as they stand (field row 44).
            for form in ["json", "json_flat"] {
                if let Some(token) = case["output"].get(form) {
                    assert!(jwe::decode(&token.to_string()).is_err(), "{name}");
                    assert!(
                        matches!(judge(&token.to_string(), &a_key()), Judgement::Refused(_)),
                        "{name}"
                    );
                }
            }
            continue;
        };
        let outcome = if name.starts_with("jwe") || name.ends_with("ecdh-es") {
            open(compact, &case)
        } else {
            verify(compact, &case)
        };
        assert_eq!(outcome, expected, "{name}");
    }
    let files = ["jws", "jwe", "curve25519", "rfc7797"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(vectors().join("rfc7520").join(folder)).unwrap())
        .count();
    assert_eq!(files, rows.len(), "each file has a row");
}

fn verify(compact: &str, case: &Value) -> &'static str {
    let mut key = case["input"]["key"].clone();
    let members = key.as_object_mut().unwrap();
    // The cookbook gives the signer's key; the verifier has its public half.
    if members["kty"] != "oct" {
        members.retain(|name, _| {
            ["kty", "kid", "use", "alg", "crv", "x", "y", "n", "e"].contains(&name.as_str())
        });
    }
    match judge(compact, &key) {
        Judgement::Verified(payload) => {
            assert_eq!(payload, str(&case["input"], "payload").as_bytes());
            "verified"
        }
        Judgement::Host(pending) => {
            let request = pending.request();
            assert_eq!(request.signing_input, str(&case["signing"], "sig-input"));
            assert_eq!(request.signature, b64(str(&case["signing"], "sig")));
            assert_eq!(
                pending.conclude(true).unwrap().payload,
                str(&case["input"], "payload").as_bytes()
            );
            "host"
        }
        Judgement::Refused(code) => code,
    }
}

fn open(compact: &str, case: &Value) -> &'static str {
    let token = match jwe::decode(compact) {
        Ok(token) => token,
        Err(error) => return error.code(),
    };
    let key = b64(str(&case["input"]["key"], "k"));
    let key = jwe::Key::new(enc(str(&case["input"], "enc")), key).unwrap();
    match token.open(&key) {
        Ok(opened) => {
            assert_eq!(opened.plaintext, str(&case["input"], "plaintext").as_bytes());
            "opened"
        }
        Err(error) => error.code(),
    }
}

fn a_key() -> Value {
    json("rfc7520/jwk/3_5.symmetric_key_mac_computation.json")
}

/// The keys of section 3, public and private: a private key is refused where a public one belongs.
#[test]
fn rfc7520_keys() {
    for (name, expected) in [
        ("3_1.ec_public_key", None),
        ("3_2.ec_private_key", Some("jwk.private")),
        ("3_3.rsa_public_key", None),
        ("3_4.rsa_private_key", Some("jwk.private")),
        ("3_5.symmetric_key_mac_computation", None),
        ("3_6.symmetric_key_encryption", Some("jwk.unsupported")),
    ] {
        let parsed = Jwk::parse(&text(&format!("rfc7520/jwk/{name}.json")));
        assert_eq!(parsed.err().map(|error| error.code()), expected, "{name}");
    }
}

/// A JWS inside a JWE: the outer one is not `dir`, so nothing is opened.
#[test]
fn rfc7520_nesting() {
    let case = json("rfc7520/6.nesting_signatures_and_encryption.json");
    let texts = case.to_string();
    let outer = texts
        .split('"')
        .find(|text| text.split('.').count() == 5 && text.len() > 500)
        .unwrap();
    assert_eq!(jwe::decode(outer).unwrap_err().code(), "jwe.malformed");
}
