//! whoami: what is a session, and all that is none (semantics 6, field section 2 row 22).

use edgeward::base::{Timestamp, limits};
use edgeward::kratos::copy::{mint, possible_shape, select};
use edgeward::kratos::whoami::{Reading, Unusable, Whoami, build, process};
use edgeward::message::cookie::Cookies;
use edgeward::message::{Headers, ResponseHead};
use edgeward::session::{Aal, Binding, Pointer, SessionError, Source};
use serde_json::{Value, json};

use crate::kratos_support::{captures, headers, upstream};

const NOW: i64 = 1_795_219_000;
const COOKIE: &str = "MTc5NTIxOTAwMHxhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==";

fn reading(claims: &[&str], roles: Option<&str>) -> Reading {
    let pointer = |text: &&str| Pointer::parse(text).unwrap();
    Reading {
        claims: claims.iter().map(pointer).collect(),
        roles: roles.map(|r| pointer(&r)),
    }
}

fn session() -> Value {
    json!({
        "id": "b4207bab-97d3-4b66-b9b6-cf0c56bfa1b1", "active": true,
        "expires_at": "2026-11-22T00:08:46.534589528Z", "authenticated_at": "2026-11-20T23:50:00Z", "issued_at": "2026-11-20T23:40:00Z",
        "authenticator_assurance_level": "aal1",
        "authentication_methods": [{ "method": "password", "aal": "aal1" }, { "method": "code" }, { "method": "password" }],
        "identity": {
            "id": "da7c2b48-26d6-4f3c-a583-77ace9eeb911", "schema_id": "person", "state": "active",
            "traits": { "email": "Ann@example.com", "name": "Ann" },
            "verifiable_addresses": [{ "value": "ann@example.com", "verified": true, "via": "email", "status": "completed" }],
            "metadata_public": { "roles": ["admin"] },
        },
        "devices": [],
    })
}

fn answer_at(status: u16, fields: &[(&str, &str)], body: &[u8], now: i64) -> Whoami {
    let head = ResponseHead {
        status,
        headers: headers(fields),
    };
    let reading = reading(
        &["/traits/email", "/metadata_public/roles"],
        Some("/metadata_public/roles"),
    );
    process(&upstream(), &head, body, &reading, Timestamp::from_secs(now))
}

fn answer(status: u16, content_type: &str, body: &[u8]) -> Whoami {
    answer_at(status, &[("Content-Type", content_type)], body, NOW)
}

fn ok(document: &Value) -> Whoami {
    answer(
        200,
        "application/json; charset=utf-8",
        &serde_json::to_vec(document).unwrap(),
    )
}

/// The session with one member set; a null pointer member is removed.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut document = session();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(name.to_owned(), value),
        None => parent.remove(name),
    };
    document
}

#[test]
fn a_session_is_read_whole() {
    let Whoami::Session(read) = ok(&session()) else {
        panic!("a session")
    };
    assert_eq!(read.session_id, "b4207bab-97d3-4b66-b9b6-cf0c56bfa1b1");
    assert_eq!(read.identity_id, "da7c2b48-26d6-4f3c-a583-77ace9eeb911");
    assert_eq!(
        (read.aal, read.amr.as_slice()),
        (Aal::Aal1, &["password".to_owned(), "code".to_owned()][..])
    );
    assert_eq!(read.authenticated_at.as_secs() - read.issued_at.as_secs(), 600);
    assert_eq!(read.expires_at.as_secs(), 1_795_306_126);
    let email = read.email.clone().unwrap();
    assert_eq!(
        (email.address.as_str(), email.verified),
        ("ann@example.com", Some(true))
    );
    assert_eq!(read.roles, ["admin"]);
    assert_eq!(
        Value::Object(read.claims.clone()),
        json!({ "traits": { "email": "Ann@example.com" }, "metadata_public": { "roles": ["admin"] } })
    );
    assert!(read.reissued.is_none());
    let shown = format!("{read:?}");
    for secret in ["b4207bab", "da7c2b48", "example.com", "admin"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn an_answer_that_says_no() {
    for document in [
        with("/active", Some(json!(false))),
        with("/identity/state", Some(json!("inactive"))),
        with("/expires_at", Some(json!("2026-11-20T23:56:39Z"))),
        with("/expires_at", Some(json!("2026-11-20T23:56:40Z"))),
        with("/expires_at", Some(json!("1970-01-01T00:00:00Z"))),
        with("/authenticator_assurance_level", Some(json!("aal0"))),
    ] {
        assert_eq!(ok(&document), Whoami::NoSession, "{document}");
    }
    let other_id = br#"{"error":{"id":"session_inactive","code":401}}"#;
    for (status, content_type, body) in [
        (401, "application/json", &other_id[..]),
        (401, "text/html", b"<p>sign in</p>"),
        (401, "", b""),
        (
            403,
            "application/json",
            br#"{"error":{"id":"security_csrf_violation"}}"#,
        ),
        (
            403,
            "application/json",
            br#"{"error":{"id":["session_aal2_required"]}}"#,
        ),
        (403, "application/json", br#"{"error":"session_aal2_required"}"#),
        (403, "application/json", br#"{"id":"session_aal2_required"}"#),
        (403, "text/html", b"blocked"),
        (403, "", b""),
    ] {
        assert_eq!(
            answer(status, content_type, body),
            Whoami::NoSession,
            "{status} {}",
            String::from_utf8_lossy(body)
        );
    }
}

#[test]
fn an_answer_that_is_none() {
    use Unusable::{Malformed, NotJson, ServerError, Status, TooLarge};
    let whole = serde_json::to_vec(&session()).unwrap();
    let json = "application/json";
    let huge = [whole.as_slice(), &vec![b' '; limits::WHOAMI_BODY_BYTES]].concat();
    let doubled = String::from_utf8(whole.clone())
        .unwrap()
        .replacen("{", "{\"active\":true,", 1);
    let rows: &[(u16, &str, &[u8], Unusable)] = &[
        (200, "text/html", b"<!doctype html>", NotJson),
        (200, "text/html", &whole, NotJson),
        (200, "", &whole, NotJson),
        (200, "text/plain; application/json", &whole, NotJson),
        (200, json, b"", NotJson),
        (200, json, b"null", NotJson),
        (200, json, b"true", NotJson),
        (200, json, b"[]", NotJson),
        (200, json, b"<!doctype html>", NotJson),
        (200, json, &whole[..whole.len() - 1], NotJson),
        (200, json, doubled.as_bytes(), NotJson),
        (200, json, b"\xff\xff", NotJson),
        (200, json, &huge, TooLarge),
        (200, json, b"{}", Malformed),
        (200, json, br#"{"active":true}"#, Malformed),
        (200, json, br#"{"error":{"code":500}}"#, Malformed),
        (200, json, br#"{"session":{}}"#, Malformed),
        (201, json, &whole, Status),
        (202, json, &whole, Status),
        (203, json, &whole, Status),
        (204, json, &whole, Status),
        (206, json, &whole, Status),
        (301, json, &whole, Status),
        (302, json, &whole, Status),
        (303, json, &whole, Status),
        (304, json, &whole, Status),
        (308, json, &whole, Status),
        (400, json, &whole, Status),
        (404, json, &whole, Status),
        (405, json, &whole, Status),
        (422, json, &whole, Status),
        (0, json, &whole, Status),
        (100, json, &whole, Status),
        (101, json, &whole, Status),
        (999, json, &whole, Status),
        (500, json, &whole, ServerError),
        (502, "text/html", b"bad gateway", ServerError),
        (503, "", b"", ServerError),
        (504, json, &whole, ServerError),
    ];
    for (status, content_type, body, want) in rows {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(
            answer(*status, content_type, body),
            Whoami::Unavailable(*want),
            "{status} {content_type} {shown}"
        );
    }
}

#[test]
fn a_member_missing_or_of_another_kind_is_no_session() {
    let members = [
        "/id",
        "/active",
        "/expires_at",
        "/authenticated_at",
        "/issued_at",
        "/authenticator_assurance_level",
        "/authentication_methods",
        "/identity",
        "/identity/id",
        "/identity/traits",
    ];
    let malformed = Whoami::Unavailable(Unusable::Malformed);
    for member in members {
        assert_eq!(ok(&with(member, None)), malformed, "{member} missing");
        for value in [
            json!(null),
            json!(7),
            json!(-1),
            json!(1e300),
            json!(""),
            json!("x"),
            json!([]),
            json!({}),
            json!([1]),
            json!("true"),
        ] {
            let empty_list = member == "/authentication_methods" && value == json!([]);
            let any_traits = member == "/identity/traits" && value == json!({});
            if !empty_list && !any_traits {
                assert_eq!(
                    ok(&with(member, Some(value.clone()))),
                    malformed,
                    "{member} {value}"
                );
            }
        }
    }
    for (member, value) in [
        ("/id", json!("00000000-0000-0000-0000-000000000000")),
        ("/identity/id", json!("00000000-0000-0000-0000-000000000000")),
        ("/identity/id", json!("da7c2b48-26d6-4f3c-a583-77ace9eeb91")),
        ("/identity/id", json!("da7c2b48-26d6-4f3c-a583-77ace9eeb9111")),
        ("/identity/id", json!("da7c2b48_26d6_4f3c_a583_77ace9eeb911")),
        ("/identity/id", json!("ga7c2b48-26d6-4f3c-a583-77ace9eeb911")),
        ("/authenticator_assurance_level", json!("AAL1")),
        ("/authenticator_assurance_level", json!("aal4")),
        ("/authentication_methods", json!(["password"])),
        ("/authentication_methods", json!([{ "aal": "aal1" }])),
        ("/authentication_methods", json!([{ "method": 7 }])),
        ("/identity/state", json!(true)),
        ("/identity/state", json!(null)),
        ("/identity/verifiable_addresses", json!("ann@example.com")),
        ("/identity/verifiable_addresses", json!({})),
        (
            "/identity/verifiable_addresses",
            json!([{ "value": "a@example.com", "verified": "true", "via": "email" }]),
        ),
        (
            "/identity/verifiable_addresses",
            json!([{ "value": "a@example.com", "verified": 1, "via": "email" }]),
        ),
        (
            "/identity/verifiable_addresses",
            json!([{ "value": "a@example.com", "via": "email" }]),
        ),
        (
            "/identity/verifiable_addresses",
            json!([{ "verified": true, "via": "email" }]),
        ),
        ("/identity/verifiable_addresses", json!([null])),
        // Ahead of the clock by more than clocks differ.
        ("/authenticated_at", json!("2026-11-20T23:57:41Z")),
        ("/issued_at", json!("2026-11-20T23:57:41Z")),
        ("/authenticated_at", json!("9999-12-31T23:59:59Z")),
    ] {
        assert_eq!(
            ok(&with(member, Some(value.clone()))),
            malformed,
            "{member} {value}"
        );
    }
    assert!(
        matches!(
            ok(&with("/authenticated_at", Some(json!("2026-11-20T23:57:40Z")))),
            Whoami::Session(_)
        ),
        "a minute ahead"
    );
    assert!(
        matches!(ok(&with("/identity/state", None)), Whoami::Session(_)),
        "a state that is not told"
    );
    assert!(
        matches!(ok(&with("/devices", None)), Whoami::Session(_)),
        "members that are not read"
    );
}

#[test]
fn the_second_factor_is_asked_for_by_its_error_id() {
    let body = br#"{"error":{"id":"session_aal2_required","code":403},"redirect_browser_to":"https://id.upstream.example/kratos/self-service/login/browser?aal=aal2"}"#;
    let redirect = "https://id.upstream.example/kratos/self-service/login/browser?aal=aal2".to_owned();
    assert_eq!(
        answer(403, "application/json", body),
        Whoami::Aal2Required {
            redirect: Some(redirect)
        }
    );
    let bare = br#"{"error":{"id":"session_aal2_required"}}"#;
    assert_eq!(
        answer(403, "application/json", bare),
        Whoami::Aal2Required { redirect: None }
    );
    for status in [200, 401, 422, 500] {
        assert!(
            !matches!(
                answer(status, "application/json", bare),
                Whoami::Aal2Required { .. }
            ),
            "{status}"
        );
    }
    let huge = [&bare[..], &vec![b' '; limits::WHOAMI_BODY_BYTES]].concat();
    assert_eq!(answer(403, "application/json", &huge), Whoami::NoSession);
}

#[test]
fn too_many_questions() {
    for (value, want) in [
        (Some("7"), Some(7)),
        (Some("0"), Some(0)),
        (Some("86400"), Some(3_600)),
        (Some("99999999999999999999"), None),
        (Some("-1"), None),
        (Some("1.5"), None),
        (Some(" 7"), None),
        (Some(""), None),
        (Some("Wed, 21 Oct 2026 07:28:00 GMT"), None),
        (None, None),
    ] {
        let fields: Vec<_> = value.map(|v| ("Retry-After", v)).into_iter().collect();
        assert_eq!(
            answer_at(429, &fields, b"", NOW),
            Whoami::RateLimited { retry_after: want },
            "{value:?}"
        );
    }
}

#[test]
fn which_address_stands_for_the_person() {
    let address =
        |value: &str, verified: bool, via: &str| json!({ "value": value, "verified": verified, "via": via });
    for (trait_email, addresses, want) in [
        (
            json!("a@example.com"),
            json!([address("a@example.com", true, "email")]),
            Some(("a@example.com", true)),
        ),
        (
            json!("a@example.com"),
            json!([address("a@example.com", false, "email")]),
            Some(("a@example.com", false)),
        ),
        (
            json!("A@Example.com"),
            json!([address("a@example.com", true, "email")]),
            Some(("a@example.com", true)),
        ),
        (
            json!("b@example.com"),
            json!([
                address("a@example.com", true, "email"),
                address("b@example.com", false, "email")
            ]),
            Some(("b@example.com", false)),
        ),
        (
            json!(null),
            json!([
                address("a@example.com", false, "email"),
                address("b@example.com", true, "email")
            ]),
            Some(("b@example.com", true)),
        ),
        (
            json!(null),
            json!([address("a@example.com", false, "email")]),
            Some(("a@example.com", false)),
        ),
        // What nobody verified is known not to be verified.
        (json!("a@example.com"), json!([]), Some(("a@example.com", false))),
        (
            json!("a@example.com"),
            json!(null),
            Some(("a@example.com", false)),
        ),
        (
            json!("a@example.com"),
            json!([address("+49123", true, "sms")]),
            Some(("a@example.com", false)),
        ),
        (json!(null), json!([address("+49123", true, "sms")]), None),
        (json!(["a@example.com"]), json!([]), None),
        (json!(""), json!([address("", true, "email")]), None),
    ] {
        let mut document = with("/identity/traits", Some(json!({ "email": trait_email })));
        document["identity"]["verifiable_addresses"] = addresses.clone();
        let Whoami::Session(read) = ok(&document) else {
            panic!("{trait_email} {addresses}")
        };
        let got = read
            .email
            .as_ref()
            .map(|e| (e.address.as_str(), e.verified == Some(true)));
        assert_eq!(got, want, "{trait_email} {addresses}");
        assert!(read.email.as_ref().is_none_or(|e| e.verified.is_some()));
    }
}

#[test]
fn a_reissued_cookie_is_the_one_to_be_bound_to() {
    let whole = serde_json::to_vec(&session()).unwrap();
    let new = format!(
        "ory_kratos_session={}; Path=/; Domain=upstream.example",
        "N".repeat(64)
    );
    let gone = format!("ory_kratos_session={}; Max-Age=0", "N".repeat(64));
    let junk = "ory_kratos_session=junk".to_owned();
    let other = format!("ory_kratos_session_x={}", "N".repeat(64));
    for (lines, want) in [
        (vec![], false),
        (vec![&new], true),
        (vec![&other, &new], true),
        (vec![&gone, &new], true),
        (vec![&new, &gone], false),
        (vec![&gone], false),
        (vec![&junk], false),
        (vec![&other], false),
    ] {
        let mut fields = vec![("Content-Type", "application/json")];
        fields.extend(lines.iter().map(|l| ("Set-Cookie", l.as_str())));
        let Whoami::Session(read) = answer_at(200, &fields, &whole, NOW) else {
            panic!("a session")
        };
        assert_eq!(read.reissued.is_some(), want, "{lines:?}");
        for (carried, bound_to) in [
            (true, if want { "N".repeat(64) } else { COOKIE.to_owned() }),
            (false, COOKIE.to_owned()),
        ] {
            let copy = mint(&upstream(), &read, COOKIE, carried, Timestamp::from_secs(NOW));
            assert_eq!(
                copy.binding,
                Some(Binding::of("ory_kratos_session", &bound_to)),
                "{lines:?} {carried}"
            );
        }
        if let Some(reissued) = &read.reissued {
            assert_eq!(
                (reissued.line.as_str(), reissued.value.as_str()),
                (new.as_str(), "N".repeat(64).as_str())
            );
            assert!(!format!("{reissued:?}").contains("NNN"));
        }
    }
}

#[test]
fn the_copy_is_as_old_as_the_question() {
    let Whoami::Session(read) = ok(&session()) else {
        panic!("a session")
    };
    for asked in [NOW, NOW - 5, read.issued_at.as_secs() - 1] {
        let asked_at = Timestamp::from_secs(asked);
        let copy = mint(&upstream(), &read, COOKIE, true, asked_at);
        let s = &copy.session;
        assert_eq!(s.source, Source::Kratos);
        assert_eq!((s.verified_at, s.issued_at), (Some(asked_at), asked_at));
        assert!(
            s.born <= asked_at && s.auth_time.unwrap() <= asked_at,
            "nothing is younger than the question"
        );
        assert_eq!((s.expires_at, copy.end), (read.expires_at, Some(read.expires_at)));
        assert_eq!(
            (s.subject.as_str(), s.session_id.as_deref()),
            (read.identity_id.as_str(), Some(read.session_id.as_str()))
        );
        assert_eq!(
            (s.aal, s.roles.as_slice()),
            (Some(Aal::Aal1), &["admin".to_owned()][..])
        );
    }
}

#[test]
fn a_fresh_login_begins_the_copy_anew() {
    let captures = captures();
    let copy = |name: &str| {
        let capture = &captures[name];
        let Whoami::Session(read) = process(
            &upstream(),
            &capture.head,
            &capture.body,
            &Reading::default(),
            capture.now,
        ) else {
            panic!("{name}")
        };
        (
            read.clone(),
            mint(&upstream(), &read, COOKIE, true, capture.now.plus(5)),
        )
    };
    let (first, old) = copy("whoami-extended");
    let (second, new) = copy("whoami-refreshed");
    assert_eq!(first.session_id, second.session_id, "one session of Kratos");
    assert_eq!(first.issued_at, second.issued_at, "and its start does not move");
    assert!(
        new.session.born > old.session.born,
        "but `absolute` and `not_before` are met by it"
    );
    assert_eq!(Some(new.session.born), new.session.auth_time);
}

#[test]
fn the_question_has_the_cookie_and_accept_and_nothing_else() {
    let question = build(&upstream(), COOKIE).unwrap();
    assert_eq!(question.url, "https://id.upstream.example/kratos/sessions/whoami");
    let fields: Vec<_> = question.headers.iter().collect();
    assert_eq!(
        fields,
        [
            ("accept", "application/json"),
            ("cookie", &*format!("ory_kratos_session={COOKIE}"))
        ]
    );
    assert!(!format!("{question:?}").contains(COOKIE));
}

#[test]
fn junk_costs_no_question() {
    let real = captures()
        .values()
        .filter_map(|c| {
            let line = c
                .head
                .headers
                .get_all("set-cookie")
                .find(|l| l.starts_with("ory_kratos_session="))?;
            Some(line.split(['=', ';']).nth(1).unwrap().to_owned())
        })
        .collect::<Vec<_>>();
    assert!(real.len() > 5);
    for value in real.iter().map(String::as_str).chain([
        COOKIE,
        &"A".repeat(32),
        &"A".repeat(4_096),
        &format!("v1.{}", "a-_".repeat(20)),
    ]) {
        assert!(possible_shape(value), "{value}");
        assert!(build(&upstream(), value).is_some());
    }
    let long = "A".repeat(4_097);
    let odd = |tail: &str| format!("{}{tail}", "A".repeat(60));
    for value in [
        "",
        "undefined",
        "null",
        "{}",
        &"A".repeat(31),
        &long,
        &odd("==="),
        &odd("=A"),
        &odd(" "),
        &odd("%20"),
        &odd("%3D"),
        &odd("+/"),
        &odd(";"),
        &odd(","),
        &odd("\""),
        &odd("\r\n"),
        &odd("é"),
        &odd("\0"),
        &format!("={}", "A".repeat(60)),
        &"=".repeat(60),
    ] {
        assert!(!possible_shape(value), "{value}");
        assert!(build(&upstream(), value).is_none());
    }
}

#[test]
fn which_upstream_cookie_counts() {
    let (a, b) = ("A".repeat(64), "B".repeat(64));
    let bound = |value: &str| Some(Binding::of("ory_kratos_session", value));
    for (values, copy, want) in [
        (vec![], None, Err(SessionError::Absent)),
        (vec!["junk", "", "undefined"], None, Err(SessionError::Absent)),
        (vec![a.as_str()], None, Ok(a.as_str())),
        (vec![&a, &a], None, Ok(&a)),
        (vec!["junk", &a], None, Ok(&a)),
        (vec![&a, &b], None, Err(SessionError::Ambiguous)),
        (vec![&a, &b], bound(&a), Ok(&a)),
        (vec![&a, &b], bound(&b), Ok(&b)),
        (vec![&a, &b], bound("C"), Err(SessionError::Ambiguous)),
        (vec![&a], bound(&b), Ok(&a)),
        (
            vec![&a, &b],
            Some(Binding::of("other", &a)),
            Err(SessionError::Ambiguous),
        ),
    ] {
        let line = values
            .iter()
            .map(|v| format!("ory_kratos_session={v}"))
            .collect::<Vec<_>>()
            .join("; ");
        let headers = Headers::from_iter([("cookie", line.as_str())]);
        assert_eq!(
            select(&upstream(), &Cookies::parse(&headers), copy),
            want,
            "{line}"
        );
    }
}

#[test]
fn answers_of_the_real_kratos() {
    let roles = reading(
        &["/traits/email", "/metadata_public/roles"],
        Some("/metadata_public/roles"),
    );
    for (name, want) in [
        ("whoami-none", "NoSession"),
        ("whoami-bad-cookie", "NoSession"),
        ("whoami-aal2-required", "Aal2Required"),
        ("whoami-unverified", "ann@example.com false Aal1 password []"),
        ("whoami-verified", "ann@example.com true Aal1 password []"),
        ("whoami-aal2", "two@example.com false Aal2 password,totp []"),
        ("whoami-roles", "root@example.com true Aal1 password [admin,ops]"),
        (
            "whoami-forwarded",
            "root@example.com true Aal1 password [admin,ops]",
        ),
        (
            "whoami-extended",
            "root@example.com true Aal1 password [admin,ops] reissued",
        ),
        (
            "whoami-refreshed",
            "root@example.com true Aal1 password [admin,ops]",
        ),
        // No answer to whoami is a session, whatever else it is.
        ("login-done", "Unavailable"),
        ("registration-done", "Unavailable"),
        ("settings-flow", "Unavailable"),
        ("error", "Unavailable"),
        ("logout-204", "Unavailable"),
        ("login-init-303", "Unavailable"),
        ("login-expired", "Unavailable"),
        ("settings-refresh-required", "NoSession"),
        ("whoami-head", "Unavailable"),
    ] {
        let capture = &captures()[name];
        let got = process(&upstream(), &capture.head, &capture.body, &roles, capture.now);
        let shown = match got {
            Whoami::Session(s) => {
                let email = s.email.as_ref().unwrap();
                format!(
                    "{} {} {:?} {} [{}]{}",
                    email.address,
                    email.verified.unwrap(),
                    s.aal,
                    s.amr.join(","),
                    s.roles.join(","),
                    if s.reissued.is_some() { " reissued" } else { "" }
                )
            }
            Whoami::Aal2Required { redirect } => {
                assert!(redirect.unwrap().ends_with("aal=aal2"));
                "Aal2Required".to_owned()
            }
            Whoami::NoSession => "NoSession".to_owned(),
            Whoami::Unavailable(_) => "Unavailable".to_owned(),
            Whoami::RateLimited { .. } => "RateLimited".to_owned(),
        };
        assert_eq!(shown, want, "{name}");
    }
}
