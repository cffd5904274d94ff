//! Formats that the gate can seal: what it seals it opens, whole and in chunks; and the rows of hostile values.

use std::cell::RefCell;

use edgeward::base::{Entropy, Secret, Timestamp};
use edgeward::session::chunk;
use edgeward::session::format::Times;
use edgeward::session::keys::KeySets;
use edgeward::session::recipe::{self, Built};
use edgeward::session::setup::{Listed, OptValue, Options, Setup};
use serde_json::{Map, Value, json};

use super::{Desk, OLD, SECRET, START, Want, rows};

/// A format by its recipe, as the config would build it from `session`.
pub(super) fn built(session: &Value, secret: &str) -> (&'static recipe::Recipe, Built) {
    let recipe = recipe::find(session["format"].as_str().unwrap()).unwrap();
    let mut options = Options::default();
    for option in recipe.options {
        if let Some(text) = session[option.key].as_str() {
            let value = match option.kind {
                recipe::Kind::Texts | recipe::Kind::Words(_) => OptValue::Texts(vec![text.into()]),
                _ => OptValue::Text(text.into()),
            };
            options.add(option.key, value);
        }
        if let Some(flag) = session[option.key].as_bool() {
            options.add(option.key, OptValue::Flag(flag));
        }
    }
    let names: Vec<String> = session["cookie"]
        .as_str()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let key_sets = RefCell::new(KeySets::default());
    let setup = Setup {
        options: &options,
        secrets: &[Secret::new(secret)],
        keys: &[],
        jwks: None,
        listed: Listed { secrets: 1, keys: 0 },
        names: &names,
        key_sets: &key_sets,
        resolved: true,
    };
    let built = recipe.build.unwrap()(&setup).unwrap();
    (recipe, built)
}

/// A `Cookie` field with a payload sealed by the format itself.
pub(super) fn sealed(session: &Value, secret: &str, payload: &Value, from: i64, to: i64) -> String {
    let (recipe, built) = built(session, secret);
    let times = Times {
        now: Timestamp::from_secs(from),
        expires_at: Timestamp::from_secs(to),
        born: Timestamp::from_secs(from),
        end: None,
    };
    let payload: Map<String, Value> = payload.as_object().unwrap().clone();
    let mut entropy = Entropy::from_seed([5; 32]);
    let value = built.format.seal(0, payload, &times, &mut entropy).unwrap();
    let pairs = chunk::split(recipe.chunks, &built.names[0], &value).unwrap();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("; ")
}

/// A session table, and a payload of Ann's as its library lays it out. `beside` is what else the request needs.
fn sealing() -> Vec<(Value, Value)> {
    let secrets = json!([{ "env": "SECRET" }, { "env": "OLD" }]);
    vec![
        (
            json!({ "format": "jwt", "secrets": secrets, "subject": "sub", "exclusive_secret": true }),
            json!({ "sub": "ann" }),
        ),
        (
            json!({ "format": "iron-session", "cookie": "app", "secrets": secrets, "subject": "/user/id", "password_ids": ["1", "0"] }),
            json!({ "user": { "id": "ann" } }),
        ),
        (
            json!({ "format": "nextauth-v4", "secrets": secrets }),
            json!({ "sub": "ann", "name": "Ann" }),
        ),
        (
            json!({ "format": "authjs", "secrets": secrets }),
            json!({ "sub": "ann", "name": "Ann" }),
        ),
        (
            json!({ "format": "auth0", "secrets": secrets }),
            json!({ "user": { "sub": "ann" }, "tokenSet": {}, "internal": { "sid": "s", "createdAt": START } }),
        ),
        (
            json!({ "format": "logto", "secrets": secrets, "app_id": "app", "issuer": "https://logto.example/oidc" }),
            json!({ "idToken": id_token() }),
        ),
    ]
}

fn id_token() -> String {
    let claims = json!({ "sub": "ann", "iss": "https://logto.example/oidc", "aud": "app", "iat": START, "exp": START + 600 });
    super::jwt::jwt(&claims)
}

/// Whether a larger payload is cut, not refused.
fn cuts(format: &str) -> bool {
    !matches!(format, "jwt" | "logto")
}

#[test]
fn what_is_sealed_opens_whole_and_in_chunks_and_the_judged_pairs_go_on() {
    for (session, payload) in sealing() {
        let format = session["format"].as_str().unwrap();
        for filler in [0, 3_600, 10_500] {
            if filler > 0 && !cuts(format) {
                continue;
            }
            let mut payload = payload.clone();
            payload["filler"] = json!("x".repeat(filler));
            let cookie = sealed(&session, SECRET, &payload, START, START + 600);
            let pieces = cookie.split("; ").count();
            assert_eq!(pieces > 1, filler > 0, "{format}");
            let mut desk = Desk::new(&session);
            let came = desk.page(&format!("theme=dark; {cookie}"));
            assert_eq!(came.status, 200, "{format} {filler}");
            assert_eq!(
                came.cookie,
                format!("{cookie}; theme=dark"),
                "{format}: once, and as it was"
            );
            assert!(came.sets().is_empty(), "{format}: read-only");
            // The same chunks the other way round are the same value.
            let mut reversed: Vec<&str> = cookie.split("; ").collect();
            reversed.reverse();
            assert_eq!(desk.page(&reversed.join("; ")).status, 200, "{format}");
            // A seal names its password, and this one was the app's first.
            let mut rotated = session.clone();
            if format == "iron-session" {
                rotated["password_ids"] = json!(["2", "1"]);
            }
            let older = sealed(&session, OLD, &payload, START, START + 600);
            assert_eq!(
                Desk::new(&rotated).page(&older).status,
                200,
                "{format}: an older secret"
            );
        }
    }
}

#[test]
fn hostile_seals_are_nobody() {
    for (session, payload) in sealing() {
        let format = session["format"].as_str().unwrap();
        let good = sealed(&session, SECRET, &payload, START, START + 600);
        let (name, value) = good.split_once('=').unwrap();
        let mut bytes = value.to_owned();
        let at = value.len() / 2;
        bytes.replace_range(at..=at, if &value[at..=at] == "A" { "B" } else { "A" });
        let mut root = payload.clone();
        root.as_object_mut().unwrap().clear();
        let mut table: Vec<(&str, String, &[&str])> = vec![
            ("control", good.clone(), &["-"]),
            (
                "wrong key",
                sealed(
                    &session,
                    "some other secret, 32 characters",
                    &payload,
                    START,
                    START + 600,
                ),
                &["session.unopened"],
            ),
            ("wrong name", format!("{name}2={value}"), &["session.absent"]),
            (
                "cut short",
                format!("{name}={}", &value[..value.len() - 1]),
                &["session.unopened", "session.malformed"],
            ),
            (
                "tampered",
                format!("{name}={bytes}"),
                &["session.unopened", "session.malformed"],
            ),
            (
                "no subject",
                sealed(&session, SECRET, &root, START, START + 600),
                &["session.malformed"],
            ),
            ("text", format!("{name}=hello"), &["session.malformed"]),
            (
                "dots",
                format!("{name}={}", ".".repeat(4_000)),
                &["session.malformed"],
            ),
            (
                "stars",
                format!("{name}={}", "*".repeat(4_000)),
                &["session.malformed"],
            ),
            ("escapes", format!("{name}=%%%zz"), &["session.malformed"]),
            (
                "oversized",
                format!("{name}={}", "A".repeat(60_000)),
                &["session.malformed"],
            ),
        ];
        if format != "logto" {
            table.push((
                "expired",
                sealed(&session, SECRET, &payload, START - 900, START - 120),
                &["session.expired"],
            ));
        }
        if !matches!(format, "iron-session" | "auth0" | "logto") {
            table.push((
                "from the future",
                sealed(&session, SECRET, &payload, START + 120, START + 900),
                &["session.malformed"],
            ));
        }
        for (why, cookie, want) in table {
            let came = Desk::new(&session).page(&cookie);
            let want_in = want == ["-"];
            assert_eq!(came.status == 200, want_in, "{format}: {why}");
            assert!(
                want.contains(&came.session.as_str()),
                "{format}: {why}: {}",
                came.session
            );
            let ended = why == "expired";
            assert_eq!(
                !came.ends().is_empty(),
                ended,
                "{format}: {why}: what did not open is left alone"
            );
        }
    }
}

#[test]
fn the_chunks_of_a_value_are_all_or_nothing() {
    for (session, mut payload) in sealing() {
        let format = session["format"].as_str().unwrap();
        if !cuts(format) {
            continue;
        }
        payload["filler"] = json!("x".repeat(8_000));
        let cookie = sealed(&session, SECRET, &payload, START, START + 600);
        let parts: Vec<(&str, &str)> = cookie
            .split("; ")
            .map(|pair| pair.split_once('=').unwrap())
            .collect();
        let field = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect::<Vec<_>>()
                .join("; ")
        };
        let swapped: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(n, (name, _))| (*name, parts[parts.len() - 1 - n].1))
            .collect();
        let mut far: Vec<_> = parts.clone();
        let last = far.pop().unwrap();
        let high = format!(
            "{}99999999",
            last.0.trim_end_matches(|c: char| c.is_ascii_digit())
        );
        far.push((&high, last.1));
        for (why, pairs) in [
            ("the first is missing", &parts[1..]),
            ("the last is missing", &parts[..parts.len() - 1]),
            ("swapped", &swapped[..]),
            ("a number from afar", &far[..]),
        ] {
            let came = Desk::new(&session).page(&field(pairs));
            // Where numbers may be missing, one from afar is still the last.
            if why == "a number from afar" && matches!(format, "nextauth-v4" | "authjs") {
                assert_eq!(came.status, 200, "{format}: {why}");
                continue;
            }
            assert_eq!(came.status, 302, "{format}: {why}");
            assert!(came.ends().is_empty(), "{format}: {why}");
        }
        // A twin of one chunk, before or after: the real session or nobody, never an error.
        let junk = format!("{}=junk; {cookie}; {}=junk", parts[0].0, parts[1].0);
        assert_eq!(
            Desk::new(&session).page(&junk).status,
            200,
            "{format}: tossed twins"
        );
        let many: Vec<String> = (0..6).map(|n| format!("{}=junk{n}", parts[0].0)).collect();
        let came = Desk::new(&session).page(&format!("{cookie}; {}", many.join("; ")));
        assert_eq!(
            (came.status, came.session.as_str()),
            (302, "session.ambiguous"),
            "{format}"
        );
    }
}

#[test]
fn a_shorter_value_ends_what_a_longer_one_left_behind() {
    for (session, mut payload) in sealing() {
        let format = session["format"].as_str().unwrap().to_owned();
        if !cuts(&format) {
            continue;
        }
        let mut session = session;
        session["write"] = json!(true);
        session["idle"] = json!("10m");
        session["absolute"] = json!("1h");
        payload["filler"] = json!("x".repeat(8_000));
        let long = sealed(&session, SECRET, &payload, START - 300, START + 300);
        let mut desk = Desk::new(&session);
        let came = desk.page(&long);
        let sets = came.sets();
        assert_eq!(came.status, 200, "{format}");
        assert_eq!(
            sets.len(),
            long.split("; ").count(),
            "{format}: rolled in as many chunks"
        );
        let rolled: Vec<String> = sets
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(
            desk.page(&rolled.join("; ")).status,
            200,
            "{format}: and it opens"
        );
        // Chunks of an older, longer session stand beside a whole value.
        if matches!(format.as_str(), "nextauth-v4" | "authjs") {
            continue;
        }
        payload["filler"] = json!("");
        let short = sealed(&session, SECRET, &payload, START - 300, START + 300);
        let came = Desk::new(&session).page(&format!("{long}; {short}"));
        assert_eq!(came.status, 200, "{format}");
        let stale: Vec<&str> = long
            .split("; ")
            .map(|pair| pair.split_once('=').unwrap().0)
            .collect();
        assert_eq!(came.ends(), stale, "{format}: leftovers go");
        assert_eq!(
            came.cookie.split("; ").count(),
            1,
            "{format}: one session goes on"
        );
    }
}

#[test]
fn the_cookie_name_is_part_of_the_key_of_authjs_and_the_memo_knows() {
    let session = json!({ "format": "authjs", "secrets": [{ "env": "SECRET" }] });
    let cookie = sealed(&session, SECRET, &json!({ "sub": "ann" }), START, START + 600);
    let plain = cookie.replace("__Secure-", "");
    let mut desk = Desk::new(&session);
    assert_eq!(desk.page(&cookie).status, 200);
    assert_eq!(
        desk.page(&plain).status,
        302,
        "also right after it was opened under its own name"
    );
    rows(
        || Desk::new(&session),
        &[("the other name", plain, Want::Out("session.unopened"))],
    );
}
