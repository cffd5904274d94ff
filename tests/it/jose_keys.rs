//! JWKs, JWK Sets, selection, and keys of refused shapes.

use edgeward::base::{Secret, base64url};
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::{Algorithm, Jwk, JwkSet, header, jwe};

use crate::jose_support::{json, str};

fn rsa(bytes: &[u8], e: &str) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"}}"#, base64url::encode(bytes))
}

fn code(document: &str) -> Option<&'static str> {
    Jwk::parse(document).err().map(|error| error.code())
}

#[test]
fn refused_keys() {
    let modulus = |bits: usize| {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= bytes.len() * 8 - bits;
        bytes
    };
    let x = base64url::encode([1; 32]);
    let ec = |crv: &str, x: &str, y: &str| format!(r#"{{"kty":"EC","crv":"{crv}","x":"{x}","y":"{y}"}}"#);
    let longer = base64url::encode([1; 33]);
    let shorter = base64url::encode([1; 31]);
    for (document, expected) in [
        (rsa(&modulus(2048), "AQAB"), None),
        (rsa(&modulus(8192), "AQAB"), None),
        (rsa(&modulus(2048), "Aw"), None),
        (rsa(&modulus(2047), "AQAB"), Some("jwk.length")),
        (rsa(&modulus(1024), "AQAB"), Some("jwk.length")),
        (rsa(&modulus(8193), "AQAB"), Some("jwk.length")),
        (
            rsa(&[&[0], &modulus(2048)[..]].concat(), "AQAB"),
            Some("jwk.length"),
        ),
        (rsa(&[], "AQAB"), Some("jwk.length")),
        (rsa(&modulus(2048), "AQ"), Some("jwk.length")),
        (rsa(&modulus(2048), "Ag"), Some("jwk.length")),
        (rsa(&modulus(2048), ""), Some("jwk.length")),
        (rsa(&modulus(2048), "AAEAAQ"), Some("jwk.length")),
        (rsa(&modulus(2048), "AQAAAAE"), Some("jwk.length")),
        (rsa(&modulus(2048), "AQAB="), Some("jwk.malformed")),
        (r#"{"kty":"RSA","n":"AQAB"}"#.into(), Some("jwk.malformed")),
        (ec("P-256", &x, &x), None),
        (ec("P-256", &longer, &x), Some("jwk.length")),
        (ec("P-256", &x, &shorter), Some("jwk.length")),
        (ec("P-384", &x, &x), Some("jwk.length")),
        (ec("secp256k1", &x, &x), Some("jwk.unsupported")),
        (
            format!(r#"{{"kty":"EC","x":"{x}","y":"{x}"}}"#),
            Some("jwk.malformed"),
        ),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#), None),
        (
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{longer}"}}"#),
            Some("jwk.length"),
        ),
        (
            format!(r#"{{"kty":"OKP","crv":"X25519","x":"{x}"}}"#),
            Some("jwk.unsupported"),
        ),
        (
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":"{x}"}}"#),
            Some("jwk.private"),
        ),
        (r#"{"kty":"oct","k":"AA"}"#.into(), None),
        (r#"{"kty":"oct","k":""}"#.into(), Some("jwk.length")),
        (
            r#"{"kty":"oct","k":"AA","alg":"HS256"}"#.into(),
            Some("jwk.length"),
        ),
        (
            r#"{"kty":"oct","k":"AA","alg":"RS256"}"#.into(),
            Some("jwk.unsupported"),
        ),
        (
            r#"{"kty":"oct","k":"AA","use":"enc"}"#.into(),
            Some("jwk.unsupported"),
        ),
        (
            r#"{"kty":"oct","k":"AA","key_ops":["sign"]}"#.into(),
            Some("jwk.unsupported"),
        ),
        (
            r#"{"kty":"oct","k":"AA","key_ops":["sign","verify"]}"#.into(),
            None,
        ),
        (
            r#"{"kty":"oct","k":"AA","key_ops":"verify"}"#.into(),
            Some("jwk.malformed"),
        ),
        (r#"{"kty":"oct","k":"AA","kid":1}"#.into(), Some("jwk.malformed")),
        (r#"{"kty":"oct","k":"AA","k":"AQ"}"#.into(), Some("jwk.malformed")),
        (r#"{"kty":"OCT","k":"AA"}"#.into(), Some("jwk.unsupported")),
        (r#"{"k":"AA"}"#.into(), Some("jwk.malformed")),
        (
            format!(r#"{{"kty":"oct","k":"AA","kid":"{}"}}"#, "k".repeat(513)),
            Some("jwk.length"),
        ),
        (
            format!(r#"{{"kty":"oct","k":"{}"}}"#, "A".repeat(32 * 1024)),
            Some("jwk.too_large"),
        ),
        ("[]".into(), Some("jwk.malformed")),
        ("".into(), Some("jwk.malformed")),
    ] {
        assert_eq!(code(&document), expected, "{:.120}", document);
    }
    assert!(Jwk::from_secret(Secret::new("")).is_err());
}

/// Every algorithm against every key type: only its own serves it.
#[test]
fn one_type_per_algorithm() {
    use Algorithm as A;
    let curve = |crv: &str, length: usize| {
        let x = base64url::encode(vec![1; length]);
        Jwk::parse(&format!(r#"{{"kty":"EC","crv":"{crv}","x":"{x}","y":"{x}"}}"#)).unwrap()
    };
    let x = base64url::encode([1; 32]);
    let keys = [
        (
            Jwk::parse(&rsa(&[0xff; 256], "AQAB")).unwrap(),
            vec![A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512],
        ),
        (curve("P-256", 32), vec![A::Es256]),
        (curve("P-384", 48), vec![A::Es384]),
        (curve("P-521", 66), vec![A::Es512]),
        (
            Jwk::parse(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)).unwrap(),
            vec![A::EdDsa],
        ),
        (
            Jwk::from_secret(Secret::new("secret")).unwrap(),
            vec![A::Hs256, A::Hs384, A::Hs512],
        ),
    ];
    for (key, serves) in &keys {
        for algorithm in Algorithm::ALL {
            assert_eq!(
                key.verifies(algorithm),
                serves.contains(&algorithm),
                "{algorithm:?}"
            );
            // The host is never asked for anything else, whatever is allowed.
            let header = base64url::encode(format!(r#"{{"alg":"{}"}}"#, algorithm.as_str()));
            let signature = base64url::encode(vec![1; key.signature_len().unwrap_or(32)]);
            let token = format!("{header}.e30.{signature}");
            let asked = jws::decode(&token).unwrap().prepare(&Algorithm::ALL, key).is_ok();
            assert_eq!(
                asked,
                serves.contains(&algorithm) && !algorithm.is_symmetric(),
                "{algorithm:?}"
            );
            let none_allowed = jws::decode(&token).unwrap().prepare(&[], key);
            assert_eq!(none_allowed.unwrap_err().code(), "jws.algorithm_not_allowed");
        }
    }
}

#[test]
fn mac_keys() {
    for algorithm in Algorithm::ALL {
        let key = MacKey::new(algorithm, "secret");
        assert_eq!(key.is_ok(), algorithm.is_symmetric());
        assert!(MacKey::new(algorithm, "").is_err());
    }
    for enc in jwe::Enc::ALL {
        for length in [0, 1, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 128] {
            assert_eq!(
                jwe::Key::new(enc, vec![0; length]).is_ok(),
                length == enc.key_len(),
                "{enc:?} {length}"
            );
        }
    }
}

#[test]
fn key_sets() {
    let key = str(&json("rfc/rfc7638.json")[0], "name").to_owned();
    assert!(!key.is_empty());
    let public = json("rfc/rfc7638.json")[0]["jwk"].to_string();
    let other = public.replace("2011-04-29", "other");
    for (document, expected) in [
        (r#"{"keys":[]}"#.to_owned(), Ok(0)),
        (format!(r#"{{"keys":[{public},{other}]}}"#), Ok(2)),
        (
            format!(r#"{{"keys":[{public},null,7,[],"x",{{"kty":"oct","k":"AA"}},{{}}]}}"#),
            Ok(1),
        ),
        (format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 64].join(",")), Ok(0)),
        (
            format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 65].join(",")),
            Err("jwk.too_large"),
        ),
        (
            format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(128 * 1024)),
            Err("jwk.too_large"),
        ),
        (r#"{"keys":{}}"#.to_owned(), Err("jwk.malformed")),
        (r#"{"keys":[],"keys":[]}"#.to_owned(), Err("jwk.malformed")),
        ("{}".to_owned(), Err("jwk.malformed")),
        ("[]".to_owned(), Err("jwk.malformed")),
        ("<html>".to_owned(), Err("jwk.malformed")),
        (String::new(), Err("jwk.malformed")),
    ] {
        let outcome = JwkSet::parse(&document)
            .map(|set| set.keys().len())
            .map_err(|error| error.code());
        assert_eq!(outcome, expected, "{document:.100}");
    }
}

#[test]
fn selection() {
    let public = &json("rfc/rfc7638.json")[0]["jwk"];
    let named = |kid: Option<&str>, alg: Option<&str>| {
        let mut key = public.clone();
        let members = key.as_object_mut().unwrap();
        for (name, value) in [("kid", kid), ("alg", alg)] {
            match value {
                Some(value) => members.insert(name.into(), value.into()),
                None => members.remove(name),
            };
        }
        key.to_string()
    };
    let set = |keys: &[String]| JwkSet::parse(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))).unwrap();
    let (a, b) = (named(Some("a"), None), named(Some("b"), Some("RS256")));
    let both = set(&[a.clone(), b.clone()]);
    let twins = set(&[a.clone(), a.clone()]);
    let nameless = set(&[named(None, None)]);
    for (set, token, allowed, expected) in [
        (
            &both,
            r#"{"alg":"RS256","kid":"a"}"#,
            &[Algorithm::Rs256][..],
            Ok(Some("a")),
        ),
        (
            &both,
            r#"{"alg":"RS256","kid":"b"}"#,
            &[Algorithm::Rs256],
            Ok(Some("b")),
        ),
        (
            &both,
            r#"{"alg":"RS256","kid":"c"}"#,
            &[Algorithm::Rs256],
            Err("key.unknown"),
        ),
        (
            &both,
            r#"{"alg":"RS256","kid":""}"#,
            &[Algorithm::Rs256],
            Err("key.unknown"),
        ),
        (
            &both,
            r#"{"alg":"RS256"}"#,
            &[Algorithm::Rs256],
            Err("key.ambiguous"),
        ),
        (&both, r#"{"alg":"PS256"}"#, &[Algorithm::Ps256], Ok(Some("a"))),
        (
            &both,
            r#"{"alg":"PS256","kid":"b"}"#,
            &[Algorithm::Ps256],
            Err("key.unknown"),
        ),
        (
            &both,
            r#"{"alg":"ES256","kid":"a"}"#,
            &[Algorithm::Es256],
            Err("key.unknown"),
        ),
        (
            &both,
            r#"{"alg":"RS512","kid":"a"}"#,
            &[Algorithm::Rs256],
            Err("key.algorithm_not_allowed"),
        ),
        (
            &both,
            r#"{"alg":"HS256","kid":"a"}"#,
            &Algorithm::ALL,
            Err("key.unknown"),
        ),
        (
            &both,
            r#"{"alg":"none","kid":"a"}"#,
            &Algorithm::ALL,
            Err("key.algorithm_not_allowed"),
        ),
        (
            &both,
            r#"{"alg":"rs256","kid":"a"}"#,
            &Algorithm::ALL,
            Err("key.algorithm_not_allowed"),
        ),
        (
            &twins,
            r#"{"alg":"RS256","kid":"a"}"#,
            &Algorithm::ALL,
            Err("key.ambiguous"),
        ),
        (&nameless, r#"{"alg":"RS256"}"#, &Algorithm::ALL, Ok(None)),
        (
            &nameless,
            r#"{"alg":"RS256","kid":"a"}"#,
            &Algorithm::ALL,
            Err("key.unknown"),
        ),
    ] {
        let compact = format!("{}.e30.AA", base64url::encode(token));
        let header = header::decode(&compact).unwrap();
        let selected = set
            .select(&header, allowed)
            .map(Jwk::kid)
            .map_err(|error| error.code());
        assert_eq!(selected, expected, "{token}");
    }
    let secret = || Jwk::from_secret(Secret::new("secret")).unwrap();
    let mixed = JwkSet::from_keys(vec![secret(), Jwk::parse(&a).unwrap()]);
    assert_eq!(mixed.unwrap_err().code(), "jwk.mixed");
    assert!(JwkSet::from_keys(vec![secret(), secret()]).is_ok());
}

/// What the host imports is the public members and nothing else, whatever stood in the document.
#[test]
fn public_json() {
    let mut key = json("rfc/rfc7638.json")[0]["jwk"].clone();
    key["x5u"] = "https://keys.example".into();
    key["x5c"] = serde_json::json!(["AA"]);
    let json = Jwk::parse(&key.to_string()).unwrap().to_public_json().unwrap();
    let members: serde_json::Value = serde_json::from_str(&json).unwrap();
    let names: Vec<_> = members.as_object().unwrap().keys().collect();
    assert_eq!(names, ["e", "kty", "n"]);
    assert_eq!(
        Jwk::from_secret(Secret::new("secret")).unwrap().to_public_json(),
        None
    );
}

/// PEM as jose and Node write it: the same key as the JWK, or refused with the code that the row names.
#[test]
fn pems() {
    for row in json("jose-6.2.17/pems.json").as_array().unwrap() {
        let (name, pem) = (str(row, "name"), str(row, "pem"));
        let one_line = pem.replace('\n', "");
        let escaped = pem.replace('\n', "\\n");
        for pem in [
            pem,
            &one_line,
            &escaped,
            &pem.replace('\n', "\r\n"),
            &format!("\n  {pem}  "),
        ] {
            match Jwk::from_pem(pem) {
                Ok(key) => {
                    assert!(row["refused"].is_null(), "{name}");
                    assert_eq!((key.kid(), key.alg(), key.secret().is_none()), (None, None, true));
                    if let Some(thumbprint) = row["thumbprint"].as_str() {
                        assert_eq!(key.thumbprint_sha256(), thumbprint, "{name}");
                    }
                }
                Err(error) => assert_eq!(Some(error.code()), row["refused"].as_str(), "{name}"),
            }
        }
    }
}

/// Every byte of a key changed, every cut, and every length: never a panic, and never a key out of broken DER.
#[test]
fn broken_pems() {
    use base64::Engine as _;
    let standard = base64::engine::general_purpose::STANDARD;
    let wrap = |der: &[u8]| {
        format!(
            "-----BEGIN PUBLIC KEY-----{}-----END PUBLIC KEY-----",
            standard.encode(der)
        )
    };
    let der = |name: &str| -> Vec<u8> {
        let rows = json("jose-6.2.17/pems.json");
        let row = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| str(row, "name") == name)
            .unwrap()
            .clone();
        let body: String = str(&row, "pem")
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        standard.decode(body).unwrap()
    };
    for name in ["RS256", "ES256", "EdDSA"] {
        let good = der(name);
        assert!(Jwk::from_pem(&wrap(&good)).is_ok());
        for at in 0..good.len() {
            assert!(Jwk::from_pem(&wrap(&good[..at])).is_err(), "{name} cut at {at}");
            for bit in 0..8 {
                let mut changed = good.clone();
                changed[at] ^= 1 << bit;
                // A changed key is another key, of the same type and shape, or none.
                if let Ok(key) = Jwk::from_pem(&wrap(&changed)) {
                    let kept = Jwk::from_pem(&wrap(&good)).unwrap();
                    let (now, before) = (key.signature_len().unwrap(), kept.signature_len().unwrap());
                    // The sign octet of a modulus may have become one of its own.
                    assert!(
                        now == before || (name == "RS256" && now == before + 1),
                        "{name} at {at}"
                    );
                }
            }
        }
        let trailing = [&good[..], &[0]].concat();
        assert_eq!(
            Jwk::from_pem(&wrap(&trailing)).unwrap_err().code(),
            "jwk.malformed",
            "{name}"
        );
    }
    // Integers are positive and as short as can be.
    let rsa = der("RS256");
    assert!(rsa.ends_with(&[0x02, 0x03, 0x01, 0x00, 0x01]));
    for exponent in [[0x81, 0x00, 0x01], [0x00, 0x00, 0x03], [0x00, 0x01, 0x01]] {
        let changed = [&rsa[..rsa.len() - 3], &exponent].concat();
        assert_eq!(
            Jwk::from_pem(&wrap(&changed)).unwrap_err().code(),
            "jwk.malformed"
        );
    }
    // Parameters where there are none: RFC 8410 section 3 says absent.
    let ed25519 = [
        &[
            0x30, 0x2c, 0x30, 0x07, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x05, 0, 0x03, 0x21, 0,
        ][..],
        &[7; 32],
    ]
    .concat();
    let without = [
        &[
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0,
        ][..],
        &[7; 32],
    ]
    .concat();
    assert!(Jwk::from_pem(&wrap(&without)).is_ok());
    for (pem, expected) in [
        (wrap(&ed25519), "jwk.malformed"),
        (String::new(), "jwk.unsupported"),
        (
            "-----BEGIN CERTIFICATE-----AA-----END CERTIFICATE-----".into(),
            "jwk.unsupported",
        ),
        ("-----BEGIN PUBLIC KEY-----".into(), "jwk.malformed"),
        ("-----BEGIN PUBLIC KEY-----AA".into(), "jwk.malformed"),
        (
            "-----BEGIN PUBLIC KEY-----!-----END PUBLIC KEY-----".into(),
            "jwk.malformed",
        ),
        (
            "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----".into(),
            "jwk.malformed",
        ),
        (wrap(&[0x30, 0x80, 0, 0]), "jwk.malformed"),
        (wrap(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), "jwk.malformed"),
        (wrap(&[0x30, 0x81, 0x05]), "jwk.malformed"),
        (
            format!("-----BEGIN PUBLIC KEY-----{}", "A".repeat(33_000)),
            "jwk.too_large",
        ),
    ] {
        assert_eq!(Jwk::from_pem(&pem).unwrap_err().code(), expected, "{pem:.60}");
    }
}
