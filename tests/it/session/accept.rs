//! Moving a session (semantics 5.3): what it keeps, when it ends, what is hostile about it.

use edgeward::base::Secret;
use edgeward::base::Timestamp;
use edgeward::session::own::OwnFormat;
use edgeward::session::{Lifetimes, Source};
use serde_json::{Value, json};

use super::jwt::hs;
use super::{Desk, OLD, ORIGIN, SECRET, START};

const OWN: &str = "__Host-edgeward";
/// 2027-03-01, 45 days after the start.
const UNTIL: i64 = 1_803_859_200;

fn config(more: Value) -> Value {
    let mut entry = json!({
        "format": "jwt", "secrets": [{ "env": "OLD" }], "subject": "userId", "exclusive_secret": true, "until": "2027-03-01",
    });
    entry
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "format": "edgeward", "secrets": [{ "env": "SECRET" }], "idle": "1d", "absolute": "7d", "roles": "/roles", "accept": [entry] })
}

fn old(claims: Value) -> String {
    let token = hs(
        edgeward::jose::Algorithm::Hs256,
        OLD,
        &[("alg", "HS256")],
        &claims,
    );
    format!("session={token}")
}

fn claims(subject: &str, iat: i64, exp: i64) -> Value {
    json!({ "userId": subject, "iat": iat, "exp": exp, "roles": ["editor"] })
}

fn own() -> OwnFormat {
    OwnFormat::new(
        &[Secret::new(SECRET)],
        OWN,
        Lifetimes {
            idle: 86_400,
            absolute: 7 * 86_400,
        },
    )
}

#[test]
fn a_session_is_moved_and_never_renewed() {
    let day = 86_400;
    let rows = [
        (
            "the old end is the earliest",
            START - 100,
            START + 3600,
            START + 3600,
        ),
        (
            "start plus absolute is the earliest",
            START - 6 * day,
            START + 90 * day,
            START + day,
        ),
    ];
    for (why, iat, exp, end) in rows {
        let mut desk = Desk::new(&config(json!({})));
        let came = desk.page(&old(claims("ann", iat, exp)));
        let sets = came.sets();
        assert_eq!(came.status, 200, "{why}");
        assert_eq!(sets["session"], "", "{why}: the old cookie goes");
        assert_eq!(
            came.cookie,
            format!("{OWN}={}", sets[OWN]),
            "{why}: one session goes on"
        );
        let opened = own()
            .open(&sets[OWN], ORIGIN, Timestamp::from_secs(START))
            .unwrap();
        let session = &opened.session;
        assert_eq!(opened.end, Some(Timestamp::from_secs(end)), "{why}");
        assert_eq!(session.born, Timestamp::from_secs(iat), "{why}");
        assert_eq!(
            (session.subject.as_str(), &session.source),
            ("ann", &Source::Accepted("jwt".into()))
        );
        assert_eq!(
            (session.auth_time, session.aal, session.roles.as_slice()),
            (None, None, &["editor".to_owned()][..])
        );
        let mut cookie = format!("{OWN}={}", sets[OWN]);
        while desk.now < end - 10_000 {
            desk.now += 10_000;
            let came = desk.page(&cookie);
            assert_eq!(came.status, 200, "{why}: {}", desk.now);
            if let Some(rolled) = came.sets().get(OWN) {
                cookie = format!("{OWN}={rolled}");
            }
        }
        desk.now = end;
        assert_eq!(
            desk.page(&cookie).status,
            302,
            "{why}: rolled as often as you like, it ends"
        );
    }
}

#[test]
fn auth_time_is_the_start_where_it_is_known() {
    let mut desk = Desk::new(&config(json!({})));
    let mut claims = claims("ann", START - 10, START + 3600);
    claims["auth_time"] = json!(START - 5000);
    let came = desk.page(&old(claims));
    let opened = own()
        .open(&came.sets()[OWN], ORIGIN, Timestamp::from_secs(START))
        .unwrap();
    assert_eq!(opened.session.born, Timestamp::from_secs(START - 5000));
}

#[test]
fn after_until_it_is_ignored() {
    let mut desk = Desk::new(&config(json!({})));
    let cookie = old(claims("ann", UNTIL - 100, UNTIL + 86_400));
    desk.now = UNTIL - 50;
    let moved = desk.page(&cookie).sets()[OWN].clone();
    let opened = own()
        .open(&moved, ORIGIN, Timestamp::from_secs(desk.now))
        .unwrap();
    assert_eq!(
        opened.end,
        Some(Timestamp::from_secs(UNTIL)),
        "nor does what was moved outlive it"
    );
    desk.now = UNTIL;
    let came = desk.page(&cookie);
    let sets = came.sets();
    assert_eq!((came.status, came.session.as_str()), (302, "session.absent"));
    assert!(
        !sets.contains_key(OWN) && !sets.contains_key("session"),
        "neither cookie is touched"
    );
}

#[test]
fn the_old_cookie_stays_where_the_config_keeps_it() {
    let mut desk = Desk::new(&config(json!({ "keep_old": true })));
    let cookie = old(claims("ann", START, START + 3600));
    let came = desk.page(&cookie);
    assert_eq!(came.sets().len(), 1);
    assert_eq!(
        came.cookie,
        format!("{OWN}={}; {cookie}", came.sets()[OWN]),
        "both kinds of instances can read it"
    );
}

#[test]
fn hostile_ways_to_move_a_session() {
    let ann = old(claims("ann", START, START + 3600));
    let moved = Desk::new(&config(json!({}))).page(&ann).sets()[OWN].clone();
    let eve = old(claims("eve", START, START + 3600));
    let mut without_times = claims("ann", START, START + 3600);
    without_times.as_object_mut().unwrap().remove("iat");

    let mut desk = Desk::new(&config(json!({})));
    let came = desk.page(&format!("{OWN}={moved}; {eve}"));
    assert_eq!(
        (came.status, came.session.as_str()),
        (302, "session.ambiguous"),
        "another subject beside it"
    );
    assert_eq!(came.ends(), [OWN, "session"]);
    let came = desk.page(&format!("{OWN}={moved}; {ann}"));
    assert_eq!(
        (came.status, came.cookie.clone()),
        (200, format!("{OWN}={moved}")),
        "the same subject: the configured format"
    );
    assert_eq!(
        desk.page(&format!("{OWN}=junk; {ann}")).status,
        200,
        "a value that did not open is no obstacle"
    );

    let rows = [
        (
            "expired",
            old(claims("ann", START - 100, START)),
            "session.expired",
        ),
        (
            "from the future",
            old(claims("ann", START + 600, START + 3600)),
            "session.malformed",
        ),
        (
            "older than absolute",
            old(claims("ann", START - 8 * 86_400, START + 3600)),
            "session.expired",
        ),
        (
            "wrong secret",
            old(claims("ann", START, START + 3600)).replace("session=ey", "session=ex"),
            "session.malformed",
        ),
        (
            "the old value under the new name",
            ann.replace("session=", &format!("{OWN}=")),
            "session.malformed",
        ),
        (
            "the new value under the old name",
            format!("session={moved}"),
            "session.malformed",
        ),
    ];
    for (why, cookie, code) in rows {
        let came = Desk::new(&config(json!({}))).page(&cookie);
        assert_eq!((came.status, came.session.as_str()), (302, code), "{why}");
        assert!(
            !came.sets().contains_key(OWN) || came.sets()[OWN].is_empty(),
            "{why}"
        );
    }
    // Without `iat` its age is counted from the move, and its end is the old one all the same.
    let came = desk.page(&old(without_times));
    let opened = own()
        .open(&came.sets()[OWN], ORIGIN, Timestamp::from_secs(START))
        .unwrap();
    assert_eq!(
        (opened.session.born.as_secs(), opened.end.unwrap().as_secs()),
        (START, START + 3600)
    );
}

#[test]
fn a_moved_session_proves_nothing_about_assurance_and_is_nobody_to_guests() {
    let mut desk = Desk::new(&config(json!({})));
    let cookie = old(claims("ann", START, START + 3600));
    let came = desk.get("/login", &[("cookie", &cookie), ("sec-fetch-mode", "navigate")]);
    assert_eq!(came.status, 200, "the login page is served");
}

#[test]
fn what_must_not_be_written_is_not_and_the_app_sees_the_session_all_the_same() {
    let mut desk = Desk::new(&config(json!({})));
    let cookie = old(claims("ann", START, START + 3600));
    let came = desk.get("/app", &[("cookie", &cookie), ("sec-purpose", "prefetch")]);
    assert_eq!((came.status, came.sets().len()), (200, 0));
    assert!(came.cookie.starts_with(OWN) && !came.cookie.contains("session="));
    desk.app_sets = vec!["session=; Max-Age=0; Path=/".into()];
    let came = desk.page(&cookie);
    assert_eq!(
        came.sets().keys().collect::<Vec<_>>(),
        ["session"],
        "the app signs the old session out: nothing of ours beside it"
    );
}
