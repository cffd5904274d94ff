//! Whose cookies and tokens go up: field section 2 rows 31 and 33, section 4 row 5.

use edgeward::kratos::UpstreamError;
use edgeward::kratos::up::{ExtraFields, UpError};

use crate::kratos_support::{SENT, Sent, sent, sent_to, upstream, whole_table};

#[test]
fn cookies_are_the_identity_servers_each_once() {
    let csrf = format!("csrf_token_{}", "0123456789abcdef".repeat(4));
    let good = "MTc5NTIxOTcyNnwx";
    let rows: &[(String, Option<&str>, Option<String>)] = &[
        (String::new(), None, None),
        ("other=1; theme=dark".to_owned(), None, None),
        (
            "__Host-edgeward=seal; __Host-edgeward-out=x; edgeward-dev=y".to_owned(),
            None,
            None,
        ),
        ("session=jwt; next-auth.session-token=x".to_owned(), None, None),
        (
            format!("other=1; ory_kratos_session={good}; x=2"),
            Some(good),
            Some(format!("ory_kratos_session={good}")),
        ),
        // The judged value and no other (semantics 4.2).
        (
            format!("ory_kratos_session=evil; ory_kratos_session={good}; ory_kratos_session=late"),
            Some(good),
            Some(format!("ory_kratos_session={good}")),
        ),
        (
            format!("ory_kratos_session=evil; ory_kratos_session={good}"),
            None,
            None,
        ),
        ("ory_kratos_session=evil".to_owned(), None, None),
        (
            String::new(),
            Some(good),
            Some(format!("ory_kratos_session={good}")),
        ),
        // CSRF cookies byte-exact, the first of a name.
        (
            format!("{csrf}=ab+/=%20; {csrf}=second"),
            None,
            Some(format!("{csrf}=ab+/=%20")),
        ),
        (
            format!("{csrf}=a; csrf_token_0f=b"),
            None,
            Some(format!("{csrf}=a; csrf_token_0f=b")),
        ),
        (
            "ory_kratos_continuity=c; ory_kratos_continuity=d".to_owned(),
            None,
            Some("ory_kratos_continuity=c".to_owned()),
        ),
        // Names that look alike.
        (
            "Ory_Kratos_Session=x; ory_kratos_session_=x; ory_kratos_sessio=x; xory_kratos_session=x"
                .to_owned(),
            None,
            None,
        ),
        (
            "csrf_token_=x; csrf_token=x; csrf_token_xyz=x; csrf_token_0 f=x".to_owned(),
            None,
            None,
        ),
        (format!("csrf_token_{}=x", "a".repeat(65)), None, None),
        (
            "ory_kratos_continuity_x=c; __Host-ory_kratos_session=x; ory_kratos_oidc_auth_code_session=x"
                .to_owned(),
            None,
            None,
        ),
        ("ory_kratos_session".to_owned(), None, None),
        ("=ory_kratos_session".to_owned(), None, None),
        // Tossed with white space that servers trim and browsers do not (field row 46).
        (
            "\u{a0}ory_kratos_session=x; \u{2000}csrf_token_0f=x".to_owned(),
            None,
            None,
        ),
    ];
    for (cookie, session, want) in rows {
        let fields = [("Cookie", cookie.as_str())];
        let request = sent(&Sent {
            fields: &fields,
            session: *session,
            ..SENT
        })
        .unwrap();
        assert_eq!(request.headers.get("cookie"), want.as_deref(), "{cookie}");
        assert!(request.headers.get_all("cookie").count() <= 1);
    }
    let two = sent(&Sent {
        fields: &[
            ("Cookie", "csrf_token_0a=1; x=1"),
            ("Cookie", "csrf_token_0b=2; csrf_token_0a=3"),
        ],
        ..SENT
    });
    assert_eq!(
        two.unwrap().headers.get("cookie"),
        Some("csrf_token_0a=1; csrf_token_0b=2")
    );
}

#[test]
fn a_session_value_that_cannot_stand_in_a_header_goes_nowhere() {
    for value in ["a;b", "a\r\nX: y", "a\0", "a\n", "\u{7f}"] {
        assert_eq!(
            sent(&Sent {
                session: Some(value),
                ..SENT
            })
            .unwrap_err(),
            UpError::Cookie,
            "{value:?}"
        );
    }
    assert_eq!(UpError::Cookie.code(), "kratos.cookie");
}

#[test]
fn the_session_cookies_name_is_the_configs() {
    let upstream = upstream().with_session_cookie("ory_session_slug").unwrap();
    let cookies = [("Cookie", "ory_kratos_session=old; ory_session_slug=new")];
    let request = sent_to(
        &upstream,
        &whole_table(),
        &Sent {
            fields: &cookies,
            session: Some("new"),
            ..SENT
        },
        &ExtraFields::default(),
    );
    assert_eq!(
        request.unwrap().headers.get("cookie"),
        Some("ory_session_slug=new")
    );
    for name in ["", "a b", "a;b", "a=b", "a\u{e9}", "a,b", "(a)", "a\"b", "a/b"] {
        assert_eq!(
            crate::kratos_support::upstream()
                .with_session_cookie(name)
                .unwrap_err(),
            UpstreamError::CookieName,
            "{name}"
        );
    }
}

#[test]
fn tokens_go_up_for_native_apps_without_a_session_cookie_only() {
    let both = [("Authorization", "Bearer t"), ("X-Session-Token", "t")];
    let with = |cookie: &'static str| [both[0], both[1], ("Cookie", cookie)];
    for (native, fields, session, want) in [
        (true, &both[..], None, true),
        (true, &with("other=1")[..], None, true),
        (false, &both, None, false),
        (false, &with("other=1"), None, false),
        // The two cases that were seen to go wrong: who is signed in changes, and logout lies.
        (true, &with("ory_kratos_session=s"), Some("s"), false),
        (true, &with("ory_kratos_session=s"), None, false),
        (true, &with("ory_kratos_session="), None, false),
        (false, &with("ory_kratos_session=s"), Some("s"), false),
    ] {
        for path in [
            "/sessions/whoami",
            "/self-service/settings/api",
            "/self-service/logout",
        ] {
            let request = sent(&Sent {
                fields,
                session,
                native,
                path,
                ..SENT
            })
            .unwrap();
            for name in ["authorization", "x-session-token"] {
                assert_eq!(request.headers.contains(name), want, "{native} {path} {name}");
            }
        }
    }
    let flood = format!("{}ory_kratos_session=s", "a=1; ".repeat(400));
    let fields = [both[0], ("Cookie", flood.as_str())];
    let request = sent(&Sent {
        fields: &fields,
        native: true,
        ..SENT
    })
    .unwrap();
    assert!(
        !request.headers.contains("authorization"),
        "a cookie beyond the limits may be a session"
    );
}
