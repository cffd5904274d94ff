//! Wycheproof's sets: JOSE, AES-GCM, AES-CBC-HMAC, HKDF, HMAC, XChaCha20-Poly1305. Failing cases count for more than passing ones.

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use edgeward::jose::jwe::{self, Detached, Enc};
use edgeward::jose::jws::{MacKey, Pending};
use edgeward::jose::{Algorithm, Jwk, JwkSet, derive};
use serde_json::Value;

use crate::jose_support::{Judgement, b64, exceptions, hex, json, judge, list, str};

/// What the native host's library says of the signature. It verifies claims sets and nothing else: of other payloads, which
/// these files have many of, it refuses every one, and the file's verdict is given back.
fn host_says(pending: &Pending, case: &Value) -> bool {
    let asked = pending.request();
    let jwk = asked.key.to_public_json().unwrap_or_default();
    let alg = asked.algorithm.as_str();
    let good = edgeward_verifier::good(alg, &jwk, asked.signing_input.as_bytes(), &asked.signature);
    let verified = pending.clone().conclude(true).unwrap();
    if alg == "ES512" || verified.claims().is_ok() {
        return good;
    }
    assert!(!good, "{case}");
    str(case, "result") == "valid"
}

/// Runs a check over every case of a set. The check says `Ok(true)` for accepted and `Ok(false)` for refused; what differs
/// from the file must be exactly what the exceptions list.
fn run(set: &str, mut accepts: impl FnMut(&Value, &Value) -> bool) -> u64 {
    let file = json(&format!("wycheproof/{set}_test.json"));
    let excepted = exceptions("wycheproof/exceptions.toml", set);
    let mut differing = Vec::new();
    let mut count = 0_u64;
    for group in list(&file, "testGroups") {
        for case in list(group, "tests") {
            count += 1;
            let expected = match str(case, "result") {
                "valid" => true,
                "invalid" => false,
                other => panic!("{set}: unknown result {other}"),
            };
            if accepts(group, case) != expected {
                differing.push(case["tcId"].as_u64().unwrap());
            }
        }
    }
    assert_eq!(
        differing, excepted,
        "{set}: cases that differ from the file, against exceptions.toml"
    );
    assert_eq!(Some(count), file["numberOfTests"].as_u64(), "{set}");
    count
}

fn aead(set: &str, by_key_bits: &[(u64, Enc)]) {
    run(set, |group, case| {
        let bits = group["keySize"].as_u64().unwrap();
        let (_, enc) = by_key_bits.iter().find(|(size, _)| *size == bits).unwrap();
        let key = jwe::Key::new(*enc, hex(str(case, "key"))).unwrap();
        let sealed = Detached {
            iv: hex(str(case, "iv")),
            ciphertext: hex(str(case, "ct")),
            tag: hex(str(case, "tag")),
        };
        let opened = key.open_detached(&hex(str(case, "aad")), sealed);
        if let Ok(plaintext) = &opened {
            assert_eq!(plaintext, &hex(str(case, "msg")), "{case}");
        }
        opened.is_ok()
    });
}

#[test]
fn aes_gcm() {
    aead(
        "aes_gcm",
        &[(128, Enc::A128Gcm), (192, Enc::A192Gcm), (256, Enc::A256Gcm)],
    );
}

#[test]
fn aes_cbc_hmac() {
    aead("a128cbc_hs256", &[(256, Enc::A128CbcHs256)]);
    aead("a192cbc_hs384", &[(384, Enc::A192CbcHs384)]);
    aead("a256cbc_hs512", &[(512, Enc::A256CbcHs512)]);
}

/// What Ory's cookie codec stands on, used here as the format uses it.
#[test]
fn xchacha20_poly1305() {
    run("xchacha20_poly1305", |_, case| {
        let (Ok(cipher), Ok(nonce)) = (
            XChaCha20Poly1305::new_from_slice(&hex(str(case, "key"))),
            XNonce::try_from(hex(str(case, "iv")).as_slice()),
        ) else {
            return false;
        };
        let (msg, aad) = (
            [hex(str(case, "ct")), hex(str(case, "tag"))].concat(),
            hex(str(case, "aad")),
        );
        let opened = cipher.decrypt(&nonce, Payload { msg: &msg, aad: &aad });
        if let Ok(plaintext) = &opened {
            assert_eq!(plaintext, &hex(str(case, "msg")), "{case}");
        }
        opened.is_ok()
    });
}

#[test]
fn hkdf() {
    run("hkdf_sha256", |_, case| {
        let size = usize::try_from(case["size"].as_u64().unwrap()).unwrap();
        // A longer output begins with every shorter one; more than 8,160 bytes do not compile.
        let long = derive::hkdf_sha256::<8160>(
            hex(str(case, "ikm")),
            hex(str(case, "salt")),
            hex(str(case, "info")),
        );
        if let Some(key) = long.get(..size) {
            assert_eq!(key, hex(str(case, "okm")), "{case}");
        }
        size <= long.len()
    });
}

#[test]
fn hmac() {
    for (set, algorithm) in [
        ("hmac_sha256", Algorithm::Hs256),
        ("hmac_sha384", Algorithm::Hs384),
        ("hmac_sha512", Algorithm::Hs512),
    ] {
        run(set, |group, case| {
            let (message, tag) = (hex(str(case, "msg")), hex(str(case, "tag")));
            let key = MacKey::new(algorithm, hex(str(case, "key"))).unwrap();
            let full = key.mac(&message);
            let right = full.get(..tag.len()) == Some(&tag);
            // A shortened MAC is never accepted, right or wrong.
            assert_eq!(
                key.verify(&message, &tag),
                right && tag.len() == full.len(),
                "{case}"
            );
            assert_eq!(group["tagSize"].as_u64(), Some(tag.len() as u64 * 8));
            right
        });
    }
}

#[test]
fn json_web_signature() {
    // (verified by MAC, left to the host, refused)
    let mut counts = (0, 0, 0);
    let ran = run("json_web_signature", |group, case| {
        let key = group.get("public").unwrap_or(&group["private"]);
        match judge(str(case, "jws"), key) {
            Judgement::Refused(_) => {
                counts.2 += 1;
                false
            }
            Judgement::Verified(_) => {
                counts.0 += 1;
                true
            }
            Judgement::Host(pending) => {
                counts.1 += 1;
                // The native host's; WebCrypto judges the same files live, in tests/interop.
                let valid = host_says(&pending, case);
                assert!(pending.clone().conclude(true).is_ok());
                assert_eq!(
                    pending.conclude(false).unwrap_err().code(),
                    "jws.signature_mismatch"
                );
                valid
            }
        }
    });
    assert_eq!((ran, counts), (401, (10, 313, 78)));
}

#[test]
fn json_web_crypto() {
    let mut host = 0;
    let ran = run("json_web_crypto", |group, case| {
        let key = group.get("public").unwrap_or(&group["private"]);
        if let Some(token) = case.get("jws") {
            let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
            return match judge(&token, key) {
                Judgement::Refused(_) => false,
                Judgement::Verified(_) => true,
                Judgement::Host(pending) => {
                    host += 1;
                    host_says(&pending, case)
                }
            };
        }
        opens(group, case)
    });
    assert_eq!((ran, host), (83, 9));
}

#[test]
fn json_web_key() {
    let mut host = 0;
    let ran = run("json_web_key", |group, case| {
        let keys = group.get("public").unwrap_or(&group["private"]);
        match judge(str(case, "jws"), keys) {
            Judgement::Refused(_) => false,
            Judgement::Verified(_) => true,
            Judgement::Host(pending) => {
                host += 1;
                host_says(&pending, case)
            }
        }
    });
    assert_eq!((ran, host), (26, 3));
}

/// Only `dir` opens; every other key management algorithm is refused whatever the token holds.
fn opens(group: &Value, case: &Value) -> bool {
    let token = case["jwe"]
        .as_str()
        .map_or_else(|| case["jwe"].to_string(), str::to_owned);
    let token = match jwe::decode(&token) {
        Ok(token) => token,
        Err(_) => return false,
    };
    let enc = token.header().peek().enc().and_then(Enc::parse);
    let key = b64(str(&group["private"], "k"));
    let Some(key) = enc.and_then(|enc| jwe::Key::new(enc, key).ok()) else {
        return false;
    };
    match token.open(&key) {
        Ok(opened) => {
            assert_eq!(opened.plaintext, hex(str(case, "pt")), "{case}");
            true
        }
        Err(_) => false,
    }
}

#[test]
fn json_web_encryption() {
    run("json_web_encryption", opens);
}

/// A published set never yields a secret, whatever is in it.
#[test]
fn published_sets_hold_no_secrets() {
    let file = json("wycheproof/json_web_key_test.json");
    for group in list(&file, "testGroups") {
        for keys in [&group["private"], &group["public"]] {
            if keys.get("keys").is_some() {
                let set = JwkSet::parse(&keys.to_string()).unwrap();
                assert!(set.keys().iter().all(|key: &Jwk| key.secret().is_none()));
            }
        }
    }
}
