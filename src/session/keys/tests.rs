use super::*;
use crate::jose::header;

fn token(kid: &str) -> Unverified<Header> {
    let text = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    header::decode(&format!("{}.e30.", crate::base::base64url::encode(text))).unwrap()
}

fn set(kids: &[(&str, u8)]) -> Vec<u8> {
    let keys: Vec<_> = kids
        .iter()
        .map(|(kid, byte)| {
            let x = crate::base::base64url::encode([*byte; 32]);
            format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{x}"}}"#)
        })
        .collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(",")).into_bytes()
}

/// What is chosen, in a letter.
fn choose(sets: &mut KeySets, id: SourceId, kid: &str, now_ms: u64) -> char {
    match sets.choose(id, &token(kid), &[Algorithm::EdDsa], now_ms) {
        Choice::Key(..) => 'k',
        Choice::Fetch => 'f',
        Choice::Unknown => 'u',
        Choice::Refused => 'r',
    }
}

#[test]
fn an_unknown_kid_is_one_refetch_in_thirty_seconds() {
    let mut sets = KeySets::default();
    let id = sets.register("https://id.example/jwks");
    assert_eq!(sets.register("https://id.example/jwks"), id);
    assert_eq!(choose(&mut sets, id, "a", 0), 'f', "nothing is known");
    sets.sent(id, 0);
    sets.enter(id, Some(&set(&[("a", 1)])), 0, 5);
    assert_eq!(choose(&mut sets, id, "a", 5), 'k');
    assert_eq!(choose(&mut sets, id, "b", 6), 'u', "asked a moment ago");
    assert_eq!(choose(&mut sets, id, "b", 29_999), 'u');
    assert_eq!(choose(&mut sets, id, "b", 30_001), 'u', "remembered for thirty seconds");
    assert_eq!(choose(&mut sets, id, "c", 30_002), 'f', "another kid may ask");
    sets.sent(id, 30_002);
    assert_eq!(choose(&mut sets, id, "d", 30_003), 'u', "and no third while it is under way");
    sets.enter(id, Some(&set(&[("c", 3)])), 30_002, 30_010);
    assert_eq!(choose(&mut sets, id, "c", 30_011), 'k');
    assert_eq!(choose(&mut sets, id, "a", 30_012), 'u', "rotated out");
}

#[test]
fn a_flood_of_kids_is_remembered_within_a_bound_and_asks_once() {
    let mut sets = KeySets::default();
    let id = sets.register("https://id.example/jwks");
    sets.enter(id, Some(&set(&[("a", 1)])), 0, 0);
    let mut asked = 0;
    for n in 0..10_000_u64 {
        if choose(&mut sets, id, &format!("k{n}"), 40_000 + n) == 'f' {
            asked += 1;
            sets.sent(id, 40_000 + n);
        }
    }
    assert_eq!(asked, 1);
    assert!(sets.sources[0].unknown.len() <= UNKNOWN_KIDS);
}

#[test]
fn a_broken_issuer_is_asked_again_after_five_seconds_and_old_keys_serve_an_hour() {
    let mut sets = KeySets::default();
    let id = sets.register("https://id.example/jwks");
    for broken in [None, Some(&b"<html>"[..]), Some(br#"{"keys":[]}"#), Some(br#"{"keys":[{"kty":"oct","k":"AA"}]}"#)] {
        sets.enter(id, broken, 0, 1_000);
        assert_eq!(choose(&mut sets, id, "a", 5_999), 'u');
        assert_eq!(choose(&mut sets, id, "a", 6_000), 'f');
    }
    sets.enter(id, Some(&set(&[("a", 1)])), 10_000, 10_000);
    assert_eq!(choose(&mut sets, id, "a", 610_000), 'k');
    assert_eq!(choose(&mut sets, id, "a", 610_001), 'f');
    sets.enter(id, None, 610_001, 610_001);
    assert_eq!(choose(&mut sets, id, "a", 610_002), 'k', "stale, and better than nobody");
    sets.enter(id, None, 3_610_000, 3_610_000);
    assert_eq!(choose(&mut sets, id, "a", 3_610_001), 'u', "an hour is the end");
}

#[test]
fn a_key_that_is_gone_is_not_held_and_an_older_answer_replaces_nothing() {
    let mut sets = KeySets::default();
    let id = sets.register("https://id.example/jwks");
    sets.enter(id, Some(&set(&[("a", 1), ("b", 2)])), 100, 100);
    let Choice::Key(_, used) = sets.choose(id, &token("a"), &[Algorithm::EdDsa], 101) else {
        panic!("not chosen");
    };
    assert!(sets.holds(&used, 102));
    sets.enter(id, Some(&set(&[("a", 1), ("c", 3)])), 200, 200);
    assert!(sets.holds(&used, 201), "the same key in a newer set");
    sets.enter(id, Some(&set(&[("a", 9)])), 150, 210);
    assert!(sets.holds(&used, 211), "an older answer came late");
    sets.enter(id, Some(&set(&[("a", 9)])), 300, 300);
    assert!(!sets.holds(&used, 301), "another key under the same name");
    sets.enter(id, Some(&set(&[("a", 1)])), 400, 400);
    assert!(sets.holds(&used, 401));
    assert!(!sets.holds(&used, 600_401), "what is not fresh is looked at again");
}

#[test]
fn pem_keys_are_read_and_everything_near_them_is_not() {
    let rows = [
        (include_str!("../../../tests/vectors/ours/pem/rsa.pem"), Some(Algorithm::Rs256)),
        (include_str!("../../../tests/vectors/ours/pem/p256.pem"), Some(Algorithm::Es256)),
        (include_str!("../../../tests/vectors/ours/pem/p384.pem"), Some(Algorithm::Es384)),
        (include_str!("../../../tests/vectors/ours/pem/ed25519.pem"), Some(Algorithm::EdDsa)),
        (include_str!("../../../tests/vectors/ours/pem/rsa-1024.pem"), None),
        (include_str!("../../../tests/vectors/ours/pem/x25519.pem"), None),
        (include_str!("../../../tests/vectors/ours/pem/private.pem"), None),
    ];
    for (text, algorithm) in rows {
        let keys = parse(text);
        assert_eq!(
            keys.as_ref().map(|keys| keys.len()),
            algorithm.map(|_| 1),
            "{text}"
        );
        if let (Some(keys), Some(algorithm)) = (keys, algorithm) {
            assert!(keys[0].verifies(algorithm));
            let escaped = text.trim().replace('\n', "\\n");
            assert_eq!(parse(&escaped).unwrap()[0].thumbprint_sha256(), keys[0].thumbprint_sha256());
            for cut in 28..text.len() - 27 {
                let mut broken = text.to_owned();
                broken.remove(cut);
                let _ = parse(&broken);
            }
        }
    }
    for text in ["", "{", "{}", "-----BEGIN PUBLIC KEY----------END PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----"] {
        assert!(parse(text).is_none(), "{text}");
    }
}
