//! Work is bounded by the length of the input: bytes and allocations are counted, no clock is read.
//!
//! Field rows 21, 38, 39, 43: a refusal costs next to nothing, and nothing costs more than a small multiple of its input.

use allocation_counter::{AllocationInfo, measure};
use edgeward::base::{Entropy, Secret, base64url};
use edgeward::iron::{self, Passwords};
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::jwt::Claims;
use edgeward::jose::{Algorithm, JwkSet, Protected, header, jwe};

fn count(work: impl FnOnce()) -> AllocationInfo {
    measure(work)
}

/// Splitting allocates nothing, however many dots or stars there are.
#[test]
fn refusals_by_shape_allocate_nothing() {
    let key = jwe::Key::new(jwe::Enc::A256Gcm, [0; 32]).unwrap();
    let mac = MacKey::new(Algorithm::Hs256, "secret").unwrap();
    let passwords = Passwords::single(Secret::new("a password of at least 32 characters")).unwrap();
    for value in [
        ".".repeat(8_192),
        ".".repeat(65_536),
        "*".repeat(65_536),
        "A".repeat(65_536),
        "A".repeat(1_000_000),
        format!("{}.e30.AA", "A".repeat(5_000)),
        format!("e30.e30.AA.{}", ".".repeat(8_192)),
        format!("e30..AA.AA.AA.{}", "A".repeat(8_192)),
        format!("Fe26.2{}", "*".repeat(60_000)),
        format!("Fe26.2*1*{}", "a".repeat(60_000)),
        "%".into(),
        ".".into(),
        String::new(),
    ] {
        let counted = count(|| {
            assert!(jwe::open(&value, &key).is_err());
            assert!(jws::verify(&value, &mac).is_err());
            assert!(iron::unseal(&value, &passwords, 0).is_err());
        });
        assert_eq!(counted.bytes_total, 0, "{value:.40}");
    }
}

/// What a header asks for is not done: nothing is inflated, nothing is derived, nothing is fetched.
#[test]
fn refusals_by_header_cost_the_header() {
    let key = jwe::Key::new(jwe::Enc::A256Gcm, [0; 32]).unwrap();
    let body = "A".repeat(60_000);
    for header in [
        r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2s":"c2FsdA","p2c":2147483647}"#,
        r#"{"alg":"dir","enc":"A256GCM","jku":"https://keys.example"}"#,
        r#"{"alg":"dir","enc":"A128GCM"}"#,
        r#"{"alg":"none"}"#,
    ] {
        let token = format!(
            "{}..{}.{body}.{}",
            base64url::encode(header),
            "A".repeat(16),
            "A".repeat(22)
        );
        let counted = count(|| assert!(jwe::open(&token, &key).is_err()));
        assert!(
            counted.bytes_max < 2_048 && counted.count_total < 32,
            "{header} {counted:?}"
        );
    }
}

/// A forged token costs its decoding and one pass of the cipher, in any of the envelopes.
#[test]
fn forgeries_cost_their_length() {
    let passwords = Passwords::single(Secret::new("a password of at least 32 characters")).unwrap();
    for size in [100, 3_500, 40_000] {
        for enc in jwe::Enc::ALL {
            let key = jwe::Key::new(enc, vec![1; enc.key_len()]).unwrap();
            let header = Protected::new(&[("alg", "dir"), ("enc", enc.as_str())]);
            let sealed =
                jwe::seal(&header, &vec![b'x'; size], &key, &mut Entropy::from_seed([1; 32])).unwrap();
            let other = jwe::Key::new(enc, vec![2; enc.key_len()]).unwrap();
            let counted = count(|| assert!(jwe::open(&sealed, &other).is_err()));
            bounded(&counted, sealed.len());
        }
        let mac = MacKey::new(Algorithm::Hs256, "secret").unwrap();
        let signed = jws::sign(&Protected::new(&[("alg", "HS256")]), &vec![b'x'; size], &mac).unwrap();
        let counted = count(|| assert!(jws::verify(&signed[..signed.len() - 3], &mac).is_err()));
        bounded(&counted, 200);
        let sealed = iron::seal(
            &vec![b'x'; size],
            &passwords,
            None,
            &mut Entropy::from_seed([1; 32]),
        )
        .unwrap();
        let forged = sealed.replacen("Fe26.2*1*", "Fe26.2*2*", 1);
        let counted = count(|| assert!(iron::unseal(&forged, &passwords, 0).is_err()));
        bounded(&counted, sealed.len());
    }
}

fn bounded(counted: &AllocationInfo, length: usize) {
    let bytes = u64::try_from(2 * length + 2_048).unwrap();
    assert!(
        counted.bytes_max <= bytes && counted.count_total < 64,
        "{length} {counted:?}"
    );
}

/// JSON that unfolds: the worst that 4 KB of header, a payload or a key set can become.
#[test]
fn json_unfolds_within_bounds() {
    let nests = |depth: usize| {
        format!(
            r#"{{"alg":"HS256","x":{}{}}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    let many = |count: usize| format!(r#"{{"alg":"HS256","x":[{}0]}}"#, "0,".repeat(count));
    let objects = |count: usize| format!(r#"{{"alg":"HS256","x":[{}0]}}"#, "{\"\":0},".repeat(count));
    let members = |count: usize| {
        let members: String = (0..count).map(|n| format!(r#","{n:x}":0"#)).collect();
        format!(r#"{{"alg":"HS256"{members}}}"#)
    };
    for text in [nests(100), nests(1_400), many(1_400), objects(350), members(300)] {
        let token = format!("{}.e30.AA", base64url::encode(&text));
        let counted = count(|| drop(header::decode(&token)));
        assert!(counted.bytes_max <= 512 * 1024, "{text:.40} {counted:?}");
    }
    for text in [nests(20_000), many(20_000), objects(5_000), members(4_000)] {
        let counted = count(|| drop(Claims::parse(text.as_bytes())));
        assert!(
            counted.bytes_max <= 128 * text.len() as u64,
            "{text:.40} {counted:?}"
        );
        let set = format!(r#"{{"keys":[{text}]}}"#);
        let counted = count(|| drop(JwkSet::parse(&set)));
        assert!(
            counted.bytes_max <= 128 * set.len() as u64,
            "{text:.40} {counted:?}"
        );
    }
}
