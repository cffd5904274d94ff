//! Identity fields come from the gate alone, however a server below folds names (field rows 15, 16).

use edgeward::message::Headers;
use edgeward::message::fields::{
    Forwarding, IdentityFields, client_edits, hop_edits, keep_only, strip_response,
};
use proptest::prelude::*;

/// CGI, WSGI, PHP: `HTTP_` and the name in upper case, all that is no letter or digit as `_`.
fn cgi_name(name: &str) -> String {
    let name = name.trim_matches(|c: char| !c.is_ascii_graphic());
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ \t]?[xX][-_.][eE]dgeward[-_.][sS]ub[ \t\u{a0}]?",
        "x[-_]edgeward[-_][a-z]{1,6}",
        "[xX][-_.][uU]ser",
        "[Cc]onnection|Upgrade|TE|Keep-Alive|Transfer[-_]Encoding|Cookie|Host",
        "X-Middleware-[A-Za-z]{1,10}|X-Forwarded-[A-Za-z]{1,6}|Forwarded",
        "[!-~]{1,16}",
        any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "(x-edgeward-sub|x-user|cookie|keep-alive|Upgrade|,| ){0,6}",
        "websocket|h2c|trailers|[ -~]{0,12}"
    ]
}

proptest! {
    #[test]
    fn only_ours_arrives(fields in prop::collection::vec((name(), value()), 0..12)) {
        let mut headers = Headers::from_iter(fields);
        let identity = IdentityFields::new(["X-User"]).unwrap();
        let mut edits = client_edits(&headers, &identity, Forwarding::Ours);
        edits.merge(hop_edits(&headers));
        edits.set("x-user", "visitor");
        edits.apply(&mut headers);
        let users: Vec<_> = headers.iter().filter(|(n, _)| cgi_name(n) == "X_USER").map(|(_, v)| v).collect();
        prop_assert_eq!(users, ["visitor"]);
        for (name, value) in headers.iter() {
            let name = cgi_name(name);
            prop_assert!(!name.starts_with("X_EDGEWARD_"), "{}", name);
            prop_assert!(!name.starts_with("X_MIDDLEWARE_") && !name.starts_with("X_FORWARDED_") && name != "FORWARDED", "{}", name);
            prop_assert!(!["KEEP_ALIVE", "TRANSFER_ENCODING"].contains(&name.as_str()));
            prop_assert!(name != "CONNECTION" || value == "Upgrade");
            prop_assert!(name != "UPGRADE" || value == "websocket");
        }
    }

    #[test]
    fn stripping_twice_is_stripping_once(fields in prop::collection::vec((name(), value()), 0..12), status in 100_u16..600) {
        let identity = IdentityFields::new(["X-User"]).unwrap();
        let mut headers = Headers::from_iter(fields);
        let allowed = keep_only(&headers, &["x-*", "cookie", "connection"]);
        prop_assert!(allowed.iter().all(|(n, _)| n.is_ascii() && !n.eq_ignore_ascii_case("connection")));
        strip_response(&mut headers, status, &identity);
        let once = headers.clone();
        strip_response(&mut headers, status, &identity);
        prop_assert!(once == headers);
        prop_assert!(headers.iter().all(|(n, _)| !identity.covers(n)));
    }
}
