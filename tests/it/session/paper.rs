//! Paper signatures: the private key is the public one, a signature is a hash of key, algorithm and text. What the gate
//! does around a signature is the same; the mathematics is the host's, and is proven with WebCrypto in the live suites.

use edgeward::base::base64url;
use edgeward::jose::Jwk;
use serde_json::{Value, json};

/// A key: its type, its name, a number that makes it another one.
#[derive(Clone, Copy)]
pub(super) struct Paper {
    pub(super) alg: &'static str,
    pub(super) kid: Option<&'static str>,
    pub(super) seed: u8,
}

pub(super) const RSA: Paper = paper("RS256", Some("rsa-1"), 1);
pub(super) const EC: Paper = paper("ES256", Some("ec-1"), 2);
pub(super) const ED: Paper = paper("EdDSA", Some("ed-1"), 3);

pub(super) const fn paper(alg: &'static str, kid: Option<&'static str>, seed: u8) -> Paper {
    Paper { alg, kid, seed }
}

impl Paper {
    pub(super) fn jwk(&self) -> Value {
        let bytes = |length: usize| {
            let mut bytes = vec![self.seed; length];
            bytes[0] |= 0x80;
            base64url::encode(bytes)
        };
        let mut jwk = match &self.alg[..2] {
            "RS" | "PS" => json!({ "kty": "RSA", "n": bytes(256), "e": "AQAB" }),
            "ES" => json!({ "kty": "EC", "crv": "P-256", "x": bytes(32), "y": bytes(32) }),
            _ => json!({ "kty": "OKP", "crv": "Ed25519", "x": bytes(32) }),
        };
        if let Some(kid) = self.kid {
            jwk["kid"] = json!(kid);
        }
        jwk
    }

    fn public(&self) -> String {
        Jwk::parse(&self.jwk().to_string()).unwrap().to_public_json().unwrap()
    }

    /// A token under a header of `alg`, `kid` and more.
    pub(super) fn token(&self, header: &Value, claims: &Value) -> String {
        let mut full = json!({ "alg": self.alg });
        if let Some(kid) = self.kid {
            full["kid"] = json!(kid);
        }
        for (name, value) in header.as_object().unwrap() {
            match value {
                Value::Null => full.as_object_mut().unwrap().remove(name),
                value => full.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        let input = [&base64url::encode(full.to_string()), ".", &base64url::encode(claims.to_string())].concat();
        let alg = full["alg"].as_str().unwrap_or_default();
        let signature = sign(alg, &self.public(), input.as_bytes());
        [&input, ".", &base64url::encode(signature)].concat()
    }
}

/// A JWK Set of these keys.
pub(super) fn set(keys: &[Paper]) -> String {
    json!({ "keys": keys.iter().map(Paper::jwk).collect::<Vec<_>>() }).to_string()
}

/// `{ env = "JWK_RSA" }` and the like.
pub(super) fn env(name: &str) -> Option<String> {
    match name {
        "JWK_RSA" => Some(RSA.jwk().to_string()),
        "JWK_EC" => Some(EC.jwk().to_string()),
        "JWK_ED" => Some(ED.jwk().to_string()),
        "JWKS" => Some(set(&[RSA, EC, ED])),
        _ => None,
    }
}

pub(super) fn verify(alg: &str, public: &str, input: &[u8], signature: &[u8]) -> bool {
    sign(alg, public, input) == signature
}

/// As long as a signature of the algorithm is.
fn sign(alg: &str, public: &str, input: &[u8]) -> Vec<u8> {
    use edgeward::jose::Algorithm;
    use edgeward::jose::jws::MacKey;
    let key = MacKey::new(Algorithm::Hs512, [alg, public].concat()).unwrap();
    let length = if alg.starts_with("RS") || alg.starts_with("PS") { 256 } else { 64 };
    key.mac(input).into_iter().cycle().take(length).collect()
}

#[test]
fn a_paper_signature_is_for_one_key_one_algorithm_and_one_text() {
    let token = RSA.token(&json!({}), &json!({ "sub": "ann" }));
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    assert_eq!(signature.len(), 256);
    assert!(verify("RS256", &RSA.public(), input.as_bytes(), &signature));
    assert!(!verify("RS384", &RSA.public(), input.as_bytes(), &signature));
    assert!(!verify("RS256", &EC.public(), input.as_bytes(), &signature));
    assert!(!verify("RS256", &RSA.public(), &input.as_bytes()[1..], &signature));
}
