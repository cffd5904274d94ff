//! One file per defect: `tests/vectors/ours/{jwe,jws,iron}`.

use edgeward::base::Secret;
use edgeward::iron::{self, Passwords};
use edgeward::jose::jwe;
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::{Algorithm, header};

use crate::jose_support::{Judgement, b64, enc, judge, vectors};

/// Runs every file of a folder; `open` gets what the file says it is opened with, and the value.
fn run(folder: &str, at_least: usize, open: impl Fn(&str, &str) -> &'static str) {
    let mut ran = 0;
    for entry in std::fs::read_dir(vectors().join("ours").join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display();
        let text = std::fs::read_to_string(&path).unwrap();
        let (head, value) = text
            .split_once("\n\n")
            .unwrap_or_else(|| panic!("{name}: no empty line"));
        let value = value
            .strip_suffix('\n')
            .unwrap_or_else(|| panic!("{name}: no newline at the end"));
        let field = |label: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(label))
                .unwrap_or_else(|| panic!("{name}: {label}"))
        };
        assert!(!field("why: ").is_empty(), "{name}");
        assert_eq!(open(field("with: "), value), field("outcome: "), "{name}");
        ran += 1;
    }
    assert!(ran >= at_least, "{folder}: {ran} files");
}

#[test]
fn jwe_defects() {
    run("jwe", 75, |with, value| {
        let (name, key) = with.split_once(' ').unwrap();
        let key = jwe::Key::new(enc(name), b64(key)).unwrap();
        match jwe::open(value, &key) {
            Ok(opened) => {
                assert_eq!(opened.plaintext, br#"{"sub":"ann","exp":4102444800}"#);
                "opened"
            }
            Err(error) => error.code(),
        }
    });
}

#[test]
fn jws_defects() {
    run("jws", 55, |with, value| {
        if let Some(jwk) = with.strip_prefix("jwk ") {
            return match judge(value, &serde_json::from_str(jwk).unwrap()) {
                Judgement::Refused(code) => code,
                Judgement::Verified(_) => "verified",
                Judgement::Host(_) => "host",
            };
        }
        let secret = with.strip_prefix("HS256 ").unwrap();
        let key = MacKey::new(Algorithm::Hs256, secret).unwrap();
        match jws::verify(value, &key) {
            Ok(verified) => {
                assert_eq!(verified.payload, br#"{"sub":"ann","exp":4102444800}"#);
                "verified"
            }
            Err(error) => error.code(),
        }
    });
}

#[test]
fn iron_defects() {
    run("iron", 53, |with, value| {
        let (id, password) = with.split_once(' ').unwrap();
        let passwords = Passwords::new([(id, Secret::new(password))]).unwrap();
        match iron::unseal(value, &passwords, 1_790_000_000_000) {
            Ok(unsealed) => {
                assert_eq!(unsealed.payload, br#"{"user":"ann"}"#);
                "opened"
            }
            Err(error) => error.code(),
        }
    });
}

/// Sizes are looked at before anything is decoded: what lies beyond the bound is never base64url, and nobody notices.
#[test]
fn oversized() {
    let key = jwe::Key::new(jwe::Enc::A256Gcm, [0; 32]).unwrap();
    let mac = MacKey::new(Algorithm::Hs256, "secret").unwrap();
    let passwords = Passwords::single(Secret::new("a password of at least 32 characters")).unwrap();
    for length in [64 * 1024 + 1, 300_000] {
        for byte in ["A", ".", "*", "!", "e"] {
            let value = byte.repeat(length);
            assert_eq!(jwe::open(&value, &key).unwrap_err().code(), "jwe.too_large");
            assert_eq!(jws::verify(&value, &mac).unwrap_err().code(), "jws.too_large");
            assert_eq!(
                iron::unseal(&value, &passwords, 0).unwrap_err().code(),
                "iron.too_large"
            );
            assert_eq!(header::decode(&value).unwrap_err().code(), "header.too_large");
        }
    }
    let long_header = format!("{}.e30.AA", "!".repeat(4097));
    assert_eq!(
        jws::verify(&long_header, &mac).unwrap_err().code(),
        "header.too_large"
    );
    assert_eq!(
        header::decode(&long_header).unwrap_err().code(),
        "header.too_large"
    );
}

/// Nothing that a value holds reaches an error's text or a `Debug` output (invariant 7).
#[test]
fn nothing_is_quoted() {
    let key = jwe::Key::new(jwe::Enc::A256Gcm, *b"CANARY-CANARY-CANARY-CANARY-CANA").unwrap();
    let mac = MacKey::new(Algorithm::Hs256, "CANARY").unwrap();
    let header = edgeward::jose::Protected::new(&[("alg", "HS256"), ("kid", "CANARY")]);
    let token = jws::sign(&header, br#"{"sub":"CANARY"}"#, &mac).unwrap();
    let passwords = Passwords::single(Secret::new("CANARY CANARY CANARY CANARY CANARY")).unwrap();
    let decoded = jws::decode(&token).unwrap();
    let texts = [
        format!("{key:?} {mac:?} {passwords:?}"),
        format!("{:?} {:?}", decoded.header(), decoded.claims()),
        format!("{:?}", jws::verify(&token, &mac)),
        format!("{:?}", jwe::open("CANARY.CANARY", &key)),
        format!("{}", iron::unseal("CANARY", &passwords, 0).unwrap_err()),
    ];
    for text in texts {
        assert!(!text.contains("CANARY"), "{text}");
    }
}
