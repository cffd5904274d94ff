//! The envelopes: JWE, JWS, keys, claims, Fe26.2 seals, strict JSON.

use std::sync::LazyLock;

use edgeward::base::{Entropy, Secret, Timestamp, base64url, json as strict};
use edgeward::iron::{self as fe26, Passwords};
use edgeward::jose::jws::MacKey;
use edgeward::jose::jwt::{Claims, Expected};
use edgeward::jose::{Algorithm, Jwk, JwkSet, Protected, header, jwe as tokens, jws as signed};

static CONTENT_KEYS: LazyLock<Vec<tokens::Key>> = LazyLock::new(|| {
    let key = |enc: tokens::Enc| tokens::Key::new(enc, vec![7; enc.key_len()]);
    tokens::Enc::ALL
        .into_iter()
        .map(|enc| key(enc).expect("the length is the algorithm's"))
        .collect()
});

static MAC_KEYS: LazyLock<Vec<MacKey>> = LazyLock::new(|| {
    Algorithm::ALL
        .iter()
        .filter_map(|alg| MacKey::new(*alg, "a secret of the fuzzer").ok())
        .collect()
});

static PASSWORDS: LazyLock<Passwords> = LazyLock::new(|| {
    Passwords::single(Secret::new("a password of at least 32 characters")).expect("it is long enough")
});

/// A first byte to choose by, and the rest.
fn choose(data: &[u8]) -> (usize, &[u8]) {
    data.split_first()
        .map_or((0, data), |(first, rest)| (usize::from(*first), rest))
}

/// Opening anything; and what lies behind a right tag: any header, any plaintext.
pub fn jwe(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = header::decode(text);
        for key in CONTENT_KEYS.iter() {
            assert!(tokens::open(text, key).is_err(), "nobody sealed this");
        }
    }
    let (choice, rest) = choose(data);
    let key = &CONTENT_KEYS[choice % CONTENT_KEYS.len()];
    let (head, plaintext) = rest.split_at(rest.len() / 2);
    let aad = base64url::encode(head);
    let Ok(sealed) = key.seal_detached(aad.as_bytes(), plaintext, &mut Entropy::from_seed([1; 32])) else {
        return;
    };
    let [iv, ciphertext, tag] = [&sealed.iv, &sealed.ciphertext, &sealed.tag].map(base64url::encode);
    let compact = format!("{aad}..{iv}.{ciphertext}.{tag}");
    if let Ok(opened) = tokens::open(&compact, key) {
        assert_eq!(opened.plaintext, plaintext, "a right tag gives what was sealed");
        assert_eq!(opened.header.alg(), "dir");
        assert_eq!(opened.header.enc(), Some(key.enc().as_str()));
        assert!(
            ["zip", "crit", "jku"]
                .iter()
                .all(|name| opened.header.get(name).is_none())
        );
    }
    assert_eq!(
        key.open_detached(aad.as_bytes(), sealed).as_deref(),
        Ok(plaintext)
    );
}

/// Verifying anything; and what lies behind a right MAC: any header, any payload.
pub fn jws(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        for key in MAC_KEYS.iter() {
            assert!(signed::verify(text, key).is_err(), "nobody signed this");
        }
        if let Ok(token) = signed::decode(text) {
            let _ = token.claims();
        }
    }
    let (choice, rest) = choose(data);
    let key = &MAC_KEYS[choice % MAC_KEYS.len()];
    let (head, payload) = rest.split_at(rest.len() / 2);
    let input = format!("{}.{}", base64url::encode(head), base64url::encode(payload));
    let compact = format!("{input}.{}", base64url::encode(key.mac(input.as_bytes())));
    if let Ok(verified) = signed::verify(&compact, key) {
        assert_eq!(verified.payload, payload, "a right MAC gives what was signed");
        assert_eq!(verified.header.alg(), key.algorithm().as_str());
    }
    if let Ok(kid) = std::str::from_utf8(head) {
        let header = Protected::new(&[("alg", key.algorithm().as_str()), ("kid", kid)]);
        if let Ok(compact) = signed::sign(&header, payload, key) {
            match signed::verify(&compact, key) {
                Ok(verified) => assert_eq!(verified.header.kid(), Some(kid)),
                Err(error) => assert!(kid.len() > 512, "{error}"),
            }
        }
    }
}

/// Keys, sets and selection.
pub fn jwk(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(key) = Jwk::parse(text) {
        if let Some(public) = key.to_public_json() {
            let again = Jwk::parse(&public).expect("its own public form parses");
            assert_eq!(again.thumbprint_sha256(), key.thumbprint_sha256());
            assert_eq!(again.signature_len(), key.signature_len());
        }
        assert!(
            Algorithm::ALL
                .iter()
                .filter(|algorithm| key.verifies(**algorithm))
                .count()
                <= 6
        );
    }
    for document in [text, &format!(r#"{{"keys":[{text}]}}"#)] {
        let Ok(set) = JwkSet::parse(document) else {
            continue;
        };
        assert!(set.keys().iter().all(|key| key.secret().is_none()));
        for algorithm in Algorithm::ALL {
            let token = format!(
                "{}.e30.AA",
                base64url::encode(format!(r#"{{"alg":"{}"}}"#, algorithm.as_str()))
            );
            let header = header::decode(&token).expect("a plain header");
            if let Ok(key) = set.select(&header, &Algorithm::ALL) {
                assert!(key.verifies(algorithm));
            }
        }
    }
}

/// Claims at any time with any tolerance: what is valid has not expired.
pub fn jwt(data: &[u8]) {
    let (choice, rest) = choose(data);
    for payload in [data, rest] {
        let Ok(claims) = Claims::parse(payload) else {
            continue;
        };
        for now in [i64::MIN, 0, 1_790_000_000, 253_402_300_799, i64::MAX] {
            let tolerance = [0, 15, 60, i64::MAX][choice % 4];
            let now = Timestamp::from_secs(now);
            let expected = Expected {
                tolerance,
                max_token_age: Some(tolerance),
                ..Expected::at(now)
            };
            if claims.validate(&expected).is_ok() {
                let exp = claims.numeric_date("exp").expect("validated").expect("required");
                assert!(exp.plus(tolerance) > now);
            }
        }
    }
}

/// Unsealing anything; sealing any payload and opening it again.
pub fn iron(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = fe26::peek_password_id(text);
        if let Ok(unsealed) = fe26::unseal(text, &PASSWORDS, 1_790_000_000_000) {
            // Seeds were sealed with this password; only their own bytes may open.
            assert!(unsealed.expires_at_ms.is_none_or(|at| at > 1_789_999_940_000));
        }
    }
    if let Ok(sealed) = fe26::seal(
        data,
        &PASSWORDS,
        Some(1_790_000_000_000),
        &mut Entropy::from_seed([1; 32]),
    ) {
        let unsealed = fe26::unseal(&sealed, &PASSWORDS, 1_790_000_000_000).expect("just sealed");
        assert_eq!(unsealed.payload, data);
    }
}

/// Strict JSON: what is accepted is accepted again in its own writing.
pub fn json(data: &[u8]) {
    if let Ok(members) = strict::object(data) {
        assert_eq!(data.iter().find(|byte| !byte.is_ascii_whitespace()), Some(&b'{'));
        let count = members.len();
        assert!(count <= data.len());
    }
}
