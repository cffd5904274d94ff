//! Properties: open∘seal is the identity, no input panics, no changed byte opens.

use edgeward::base::{Entropy, Secret};
use edgeward::iron::{self, Passwords};
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::jwt::{Claims, Expected};
use edgeward::jose::{Algorithm, Jwk, JwkSet, Protected, header, jwe};
use proptest::prelude::*;

fn enc() -> impl Strategy<Value = jwe::Enc> {
    prop::sample::select(&jwe::Enc::ALL[..])
}

fn hmac() -> impl Strategy<Value = Algorithm> {
    prop::sample::select(&[Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512][..])
}

fn key(enc: jwe::Enc, seed: u8) -> jwe::Key {
    jwe::Key::new(enc, vec![seed; enc.key_len()]).unwrap()
}

/// Text that looks like a token: dots, stars, base64url, blanks, quotes.
fn tokenish() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_=. *~{}\":-]{0,400}|(ey[A-Za-z0-9_-]{0,80}\\.){1,6}|Fe26\\.2(\\*[A-Za-z0-9_-]{0,70}){5,9}(~2)?|\\PC{0,100}"
}

/// Replaces one character of a token by another of its alphabet.
fn change(token: &str, at: prop::sample::Index, to: char) -> Option<String> {
    let mut chars: Vec<char> = token.chars().collect();
    let at = at.index(chars.len());
    (chars[at] != to).then(|| {
        chars[at] = to;
        chars.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn jwe_is_identity(
        enc in enc(),
        seed: u8,
        kid in "\\PC{0,40}",
        plaintext in prop::collection::vec(any::<u8>(), 0..4000),
        random: [u8; 32],
    ) {
        let header = Protected::new(&[("alg", "dir"), ("enc", enc.as_str()), ("kid", &kid)]);
        let sealed = jwe::seal(&header, &plaintext, &key(enc, seed), &mut Entropy::from_seed(random)).unwrap();
        let opened = jwe::open(&sealed, &key(enc, seed)).unwrap();
        prop_assert_eq!(opened.plaintext, plaintext);
        prop_assert_eq!(opened.header.kid(), Some(kid.as_str()));
        let other = jwe::open(&sealed, &key(enc, seed.wrapping_add(1)));
        prop_assert_eq!(other.unwrap_err(), jwe::OpenError::TagMismatch);
        for another in jwe::Enc::ALL {
            if another != enc {
                let refused = jwe::open(&sealed, &key(another, seed));
                prop_assert_eq!(refused.unwrap_err(), jwe::OpenError::AlgorithmNotAllowed);
            }
        }
    }

    #[test]
    fn jwe_changed_never_opens(enc in enc(), at: prop::sample::Index, to in "[A-Za-z0-9_.=-]") {
        let header = Protected::new(&[("alg", "dir"), ("enc", enc.as_str())]);
        let sealed = jwe::seal(&header, b"{\"sub\":\"ann\"}", &key(enc, 1), &mut Entropy::from_seed([1; 32])).unwrap();
        if let Some(changed) = change(&sealed, at, to.chars().next().unwrap()) {
            prop_assert!(jwe::open(&changed, &key(enc, 1)).is_err());
        }
    }

    #[test]
    fn jws_is_identity(
        algorithm in hmac(),
        secret in prop::collection::vec(any::<u8>(), 1..200),
        payload in prop::collection::vec(any::<u8>(), 0..4000),
    ) {
        let key = MacKey::new(algorithm, &secret).unwrap();
        let header = Protected::new(&[("alg", algorithm.as_str())]);
        let signed = jws::sign(&header, &payload, &key).unwrap();
        prop_assert_eq!(jws::verify(&signed, &key).unwrap().payload, payload);
        let mut other = secret;
        other[0] ^= 1;
        let refused = jws::verify(&signed, &MacKey::new(algorithm, &other).unwrap());
        prop_assert_eq!(refused.unwrap_err(), jws::VerifyError::SignatureMismatch);
    }

    #[test]
    fn jws_changed_never_verifies(algorithm in hmac(), at: prop::sample::Index, to in "[A-Za-z0-9_.=-]") {
        let key = MacKey::new(algorithm, "secret").unwrap();
        let header = Protected::new(&[("alg", algorithm.as_str())]);
        let signed = jws::sign(&header, b"{\"sub\":\"ann\"}", &key).unwrap();
        if let Some(changed) = change(&signed, at, to.chars().next().unwrap()) {
            prop_assert!(jws::verify(&changed, &key).is_err());
        }
    }

    #[test]
    fn iron_is_identity(
        payload in prop::collection::vec(any::<u8>(), 0..4000),
        password in "\\PC{32,64}",
        expires in prop::option::of(1_u64..9_999_999_999_999),
        random: [u8; 32],
    ) {
        let passwords = Passwords::single(Secret::new(password)).unwrap();
        let sealed = iron::seal(&payload, &passwords, expires, &mut Entropy::from_seed(random)).unwrap();
        let unsealed = iron::unseal(&sealed, &passwords, expires.unwrap_or(0)).unwrap();
        prop_assert_eq!(unsealed.payload, payload);
        prop_assert_eq!(unsealed.expires_at_ms, expires);
    }

    #[test]
    fn iron_changed_never_opens(at: prop::sample::Index, to in "[A-Za-z0-9_*~=-]") {
        let passwords = Passwords::single(Secret::new("a password of at least 32 characters")).unwrap();
        let sealed = iron::seal(b"{}", &passwords, Some(9_000_000_000_000), &mut Entropy::from_seed([1; 32])).unwrap();
        if let Some(changed) = change(&sealed, at, to.chars().next().unwrap()) {
            prop_assert!(iron::unseal(&changed, &passwords, 0).is_err());
        }
    }

    #[test]
    fn nothing_panics_and_nothing_opens(text in tokenish()) {
        for enc in jwe::Enc::ALL {
            prop_assert!(jwe::open(&text, &key(enc, 0)).is_err());
        }
        for algorithm in Algorithm::ALL {
            if let Ok(key) = MacKey::new(algorithm, "secret") {
                prop_assert!(jws::verify(&text, &key).is_err());
            }
        }
        let passwords = Passwords::single(Secret::new("a password of at least 32 characters")).unwrap();
        prop_assert!(iron::unseal(&text, &passwords, 0).is_err());
        let _ = header::decode(&text);
        let _ = Jwk::parse(&text);
        let _ = JwkSet::parse(&text);
        let _ = iron::peek_password_id(&text);
        if let Ok(token) = jws::decode(&text) {
            let _ = token.claims();
        }
    }

    #[test]
    fn claims_never_panic(
        names in prop::collection::vec(prop::sample::select(&["exp", "nbf", "iat", "aud", "iss", "sub", "x"][..]), 0..5),
        values in prop::collection::vec("-?[0-9]{1,22}(\\.[0-9]{1,4})?(e-?[0-9]{1,3})?|null|true|\"[a-z]{0,4}\"|\\[\\]|\\[\"a\",1\\]|\\{\\}", 5),
        now: i64,
        tolerance: i64,
    ) {
        let members: Vec<String> = names.iter().zip(&values).map(|(name, value)| format!("\"{name}\":{value}")).collect();
        if let Ok(claims) = Claims::parse(format!("{{{}}}", members.join(",")).as_bytes()) {
            let now = edgeward::base::Timestamp::from_secs(now);
            let expected = Expected { tolerance, max_token_age: Some(tolerance), ..Expected::at(now) };
            if claims.validate(&expected).is_ok() {
                let exp = claims.numeric_date("exp").unwrap().expect("exp is required");
                prop_assert!(exp.plus(tolerance) > now);
            }
        }
    }
}
