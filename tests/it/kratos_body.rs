//! JSON bodies: exactly the named fields change, and nothing else does (semantics 7.5, field section 2 row 32).

use edgeward::kratos::body::{BodyError, is_json, rewrite};
use edgeward::kratos::map::UrlMap;
use edgeward::kratos::table::Mount;
use proptest::prelude::*;
use serde_json::Value;

use crate::kratos_support::{PUBLIC, UPSTREAM, UPSTREAM_HOST, captures, public, upstream};

fn map(mount: Mount) -> UrlMap<'static> {
    UrlMap::new(&upstream(), &public(), mount)
}

fn rewritten(body: &str, mount: Mount) -> String {
    let out = rewrite(body.as_bytes(), &map(mount)).unwrap();
    out.map_or_else(|| body.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
}

/// Every string of a document with its place.
fn strings(value: &Value, place: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => out.push((place.to_owned(), text.clone())),
        Value::Array(items) => items
            .iter()
            .for_each(|item| strings(item, &format!("{place}[]"), out)),
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, value)| strings(value, &format!("{place}.{name}"), out));
        }
        _ => {}
    }
}

fn flat(body: &[u8]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    strings(&serde_json::from_slice(body).unwrap(), "", &mut out);
    out
}

/// The fields of semantics 7.5, and those without which an upstream host would survive.
const MAPPED: &[&str] = &[
    ".ui.action",
    ".request_url",
    ".return_to",
    ".redirect_browser_to",
    ".error.details.redirect_browser_to",
    ".error.details.redirect_to",
    ".error.details.return_to",
    ".error.details.api",
    ".error.details.continue_with[].redirect_browser_to",
    ".error.details.continue_with[].flow.url",
    ".error.reason",
    ".continue_with[].redirect_browser_to",
    ".continue_with[].flow.url",
    ".logout_url",
    ".ui.nodes[].attributes.src",
    ".ui.nodes[].attributes.href",
    ".identity.schema_url",
    ".session.identity.schema_url",
    "[].identity.schema_url",
];

#[test]
fn answers_of_the_real_kratos_name_the_public_origin_and_keep_everything_else() {
    let mut mapped_places = std::collections::BTreeSet::new();
    let captures = captures();
    let bodies = captures
        .values()
        .filter(|c| c.head.headers.get("content-type").is_some_and(is_json) && !c.body.is_empty());
    for capture in bodies {
        for mount in [Mount::Root, Mount::ApiOry] {
            let once = rewrite(&capture.body, &map(mount))
                .unwrap()
                .unwrap_or_else(|| capture.body.clone());
            assert_eq!(
                rewrite(&once, &map(mount)).unwrap(),
                None,
                "{}: twice is once",
                capture.name
            );
            let (before, after) = (flat(&capture.body), flat(&once));
            assert_eq!(before.len(), after.len(), "{}", capture.name);
            for ((place, old), (_, new)) in before.iter().zip(&after) {
                if !MAPPED.contains(&place.as_str()) {
                    assert_eq!(old, new, "{}: {place} stays", capture.name);
                    continue;
                }
                // A provider's URL and the sentence around it stay, `redirect_uri` included.
                if !old.contains("github.com") {
                    assert!(!new.contains(UPSTREAM_HOST), "{}: {place}: {new}", capture.name);
                }
                if old != new {
                    assert!(new.contains(PUBLIC), "{new}");
                    let below = old.contains(UPSTREAM) && !old.contains("github.com");
                    assert!(
                        !below || new.contains(&format!("{PUBLIC}{}/", mount.prefix())),
                        "{new}"
                    );
                    mapped_places.insert(place.clone());
                }
            }
        }
    }
    for place in [
        ".ui.action",
        ".request_url",
        ".return_to",
        ".redirect_browser_to",
        ".error.reason",
        ".logout_url",
        ".error.details.redirect_to",
        ".error.details.redirect_browser_to",
        ".ui.nodes[].attributes.src",
        ".identity.schema_url",
        ".session.identity.schema_url",
    ] {
        assert!(mapped_places.contains(place), "the captures have {place}");
    }
}

#[test]
fn the_captures_hold_what_must_not_be_mapped() {
    let captures = captures();
    for (name, place) in [
        ("whoami-roles", ".identity.metadata_public.site"),
        ("registration-done", ".identity.traits.homepage"),
        ("settings-profile", ".ui.nodes[].attributes.value"),
        ("login-oidc-422", ".redirect_browser_to"),
    ] {
        let body = &captures[name].body;
        let once = rewrite(body, &map(Mount::Root))
            .unwrap()
            .unwrap_or_else(|| body.clone());
        let kept = flat(&once)
            .into_iter()
            .any(|(p, text)| p == place && text.contains(UPSTREAM_HOST));
        assert!(kept, "{name} {place}");
    }
}

#[test]
fn fields_by_name_and_place() {
    let u = UPSTREAM;
    let p = PUBLIC;
    let rows: &[(String, String)] = &[
        // Mapped.
        (
            format!(r#"{{"ui":{{"action":"{u}/self-service/login?flow=1"}}}}"#),
            format!(r#"{{"ui":{{"action":"{p}/self-service/login?flow=1"}}}}"#),
        ),
        (
            format!(r#"{{"redirect_browser_to":"{u}"}}"#),
            format!(r#"{{"redirect_browser_to":"{p}/"}}"#),
        ),
        (
            format!(r#"[{{"id":"x","identity":{{"schema_url":"{u}/schemas/x"}}}}]"#),
            format!(r#"[{{"id":"x","identity":{{"schema_url":"{p}/schemas/x"}}}}]"#),
        ),
        (
            format!(
                r#"{{"continue_with":[{{"flow":{{"url":"{u}/a"}}}},{{"redirect_browser_to":"{u}/b"}}]}}"#
            ),
            format!(
                r#"{{"continue_with":[{{"flow":{{"url":"{p}/a"}}}},{{"redirect_browser_to":"{p}/b"}}]}}"#
            ),
        ),
        (
            format!(r#"{{"error":{{"details":{{"continue_with":[{{"flow":{{"url":"{u}/a"}}}}]}}}}}}"#),
            format!(r#"{{"error":{{"details":{{"continue_with":[{{"flow":{{"url":"{p}/a"}}}}]}}}}}}"#),
        ),
        (
            format!(r#"{{"error":{{"reason":"go to: {u}/a?b=c, \"{u}/d\" <{u}>"}}}}"#),
            format!(r#"{{"error":{{"reason":"go to: {p}/a?b=c, \"{p}/d\" <{p}/>"}}}}"#),
        ),
        // Escapes of the source are read, members in any order and twice.
        (
            format!(r#"{{"logout\u005furl":"{}"}}"#, u.replace('/', "\\/")),
            format!(r#"{{"logout\u005furl":"{p}/"}}"#),
        ),
        (
            format!(r#"{{"return_to":"{u}/a\u0026b","return_to":"{u}/c"}}"#),
            format!(r#"{{"return_to":"{p}/a&b","return_to":"{p}/c"}}"#),
        ),
        (
            format!(r#"{{"request_url":"http://{UPSTREAM_HOST}/self-service/login?x=1"}}"#),
            format!(r#"{{"request_url":"{p}/self-service/login?x=1"}}"#),
        ),
        // A `return_to` inside, on the upstream or already on the public origin.
        (
            format!(
                r#"{{"redirect_browser_to":"{u}/self-service/login/browser?refresh=true&return_to=https%3A%2F%2Fid.upstream.example%2Fkratos%2Fx%3Fflow%3D1"}}"#
            ),
            format!(
                r#"{{"redirect_browser_to":"{p}/self-service/login/browser?refresh=true&return_to=https%3A%2F%2Fapp.example.com%2Fx%3Fflow%3D1"}}"#
            ),
        ),
        (
            format!(
                r#"{{"redirect_browser_to":"{p}/login?return_to=https%3A%2F%2Fid.upstream.example%2Fkratos%2Fx"}}"#
            ),
            format!(r#"{{"redirect_browser_to":"{p}/login?return_to=https%3A%2F%2Fapp.example.com%2Fx"}}"#),
        ),
    ];
    for (body, want) in rows {
        assert_eq!(&rewritten(body, Mount::Root), want);
        assert_eq!(&rewritten(want, Mount::Root), want, "twice is once");
    }
    // Not mapped: the same text at another place, another host that begins or ends alike, other kinds of value.
    let kept: &[String] = &[
        format!(r#"{{"identity":{{"traits":{{"schema_url":"{u}/x","action":"{u}"}}}}}}"#),
        format!(r#"{{"action":"{u}/x","src":"{u}/x","url":"{u}","reason":"{u}"}}"#),
        format!(
            r#"{{"ui":{{"messages":[{{"text":"see {u}/x"}}],"nodes":[{{"attributes":{{"value":"{u}/x","onclick":"location='{u}'"}},"meta":{{"label":{{"text":"{u}"}}}}}}]}}}}"#
        ),
        format!(r#"{{"ui":["{u}"],"error":"{u}","continue_with":{{"flow":{{"url":"{u}"}}}}}}"#),
        format!(r#"{{"ui":{{"nodes":{{"attributes":{{"src":"{u}"}}}}}}}}"#),
        format!(r#"{{"x":{{"ui":{{"action":"{u}"}}}}}}"#),
        format!(r#"{{"{u}":1,"redirect_browser_to":["{u}"]}}"#),
        format!(r#"{{"oauth2_login_request":{{"request_url":"{u}"}}}}"#),
        format!(r#"{{"return_to":"https://{UPSTREAM_HOST}.evil.example/kratos"}}"#),
        format!(r#"{{"return_to":"https://x{UPSTREAM_HOST}/kratos"}}"#),
        format!(r#"{{"return_to":"https://{UPSTREAM_HOST}:8443/kratos"}}"#),
        format!(r#"{{"return_to":"https://evil.example/?u={u}"}}"#),
        format!(r#"{{"return_to":"https://evil.example/#{u}"}}"#),
        r#"{"return_to":null,"redirect_browser_to":7,"ui":{"action":true}}"#.to_owned(),
        r#"{"return_to":"","redirect_browser_to":"/login","logout_url":"not a url"}"#.to_owned(),
        format!(r#""{u}""#),
        "7".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
    ];
    for body in kept {
        assert_eq!(&rewritten(body, Mount::Root), body);
    }
}

#[test]
fn all_other_bytes_stay_as_they_came() {
    let odd = "  {\n\t\"n\" : 1.50 , \"big\":123456789012345678901234567890,\"e\":1E+2,\"z\":-0.0, \"s\":\"\\u00e9\\/\\ud83d\\ude00\",\r\n";
    let body = format!("{odd}\"logout_url\" :  \"{UPSTREAM}/x\"  , \"t\":[ ] , \"u\":{{ }} }}\n ");
    let want = format!("{odd}\"logout_url\" :  \"{PUBLIC}/x\"  , \"t\":[ ] , \"u\":{{ }} }}\n ");
    assert_eq!(rewritten(&body, Mount::Root), want);
}

#[test]
fn what_is_no_json_is_named_so() {
    for (body, want) in [
        (&b""[..], BodyError::NotJson),
        (b" ", BodyError::NotJson),
        (
            b"<!doctype html><p>https://id.upstream.example/kratos</p>",
            BodyError::NotJson,
        ),
        (b"{\"a\":1", BodyError::NotJson),
        (b"{\"a\":1}}", BodyError::NotJson),
        (b"{'a':1}", BodyError::NotJson),
        (b"{\"a\":01}", BodyError::NotJson),
        (b"\xff\xfe", BodyError::NotJson),
        (b"\xef\xbb\xbf{}", BodyError::NotJson),
        (b"{\"a\":\"\xc3\x28\"}", BodyError::NotJson),
    ] {
        assert_eq!(rewrite(body, &map(Mount::Root)), Err(want), "{body:?}");
    }
    let deep = format!("{}{}", "[".repeat(129), "]".repeat(129));
    assert_eq!(
        rewrite(deep.as_bytes(), &map(Mount::Root)),
        Err(BodyError::TooDeep)
    );
    let deeper = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(rewrite(deeper.as_bytes(), &map(Mount::Root)).is_err());
    assert_eq!(BodyError::NotJson.code(), "kratos.not_json");
}

#[test]
fn json_is_known_by_its_media_type() {
    for (content_type, want) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/problem+json", true),
        ("application/vnd.api+json;v=1", true),
        ("text/json", false),
        ("text/html; application/json", false),
        ("application/jsonp", false),
        ("application/json-seq", false),
        ("application/x-ndjson", false),
        ("json", false),
        ("", false),
    ] {
        assert_eq!(is_json(content_type), want, "{content_type}");
    }
}

/// A URL or a text that a field may hold.
fn value() -> impl Strategy<Value = String> {
    let base = prop_oneof![
        Just(UPSTREAM.to_owned()),
        Just(format!("http://{UPSTREAM_HOST}")),
        Just(format!("https://{UPSTREAM_HOST}:443/kratos")),
        Just(PUBLIC.to_owned()),
        Just("https://op.example".to_owned()),
        Just(String::new()),
    ];
    (
        base,
        "(/[a-z.%é\"\\\\ ]{0,6}){0,3}",
        proptest::option::of("(return_to|x)=[a-z%&=+/:.]{0,20}"),
        proptest::bool::ANY,
    )
        .prop_map(|(base, path, query, nested)| {
            let query = query.map(|q| format!("?{q}")).unwrap_or_default();
            let nested = if nested {
                format!(
                    "{}return_to=https%3A%2F%2F{UPSTREAM_HOST}%2Fkratos%2Fy",
                    if query.is_empty() { "?" } else { "&" }
                )
            } else {
                String::new()
            };
            format!("{base}{path}{query}{nested}")
        })
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        value().prop_map(Value::from)
    ];
    let name = prop_oneof![
        Just("ui"),
        Just("action"),
        Just("nodes"),
        Just("attributes"),
        Just("src"),
        Just("href"),
        Just("value"),
        Just("messages"),
        Just("error"),
        Just("reason"),
        Just("details"),
        Just("redirect_browser_to"),
        Just("return_to"),
        Just("request_url"),
        Just("logout_url"),
        Just("continue_with"),
        Just("flow"),
        Just("url"),
        Just("session"),
        Just("identity"),
        Just("traits"),
        Just("schema_url"),
        Just("text"),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|m| m.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn properties(document in document(), api in any::<bool>()) {
        let mount = if api { Mount::ApiOry } else { Mount::Root };
        let body = serde_json::to_vec(&document).unwrap();
        let once = rewrite(&body, &map(mount)).unwrap().unwrap_or_else(|| body.clone());
        prop_assert_eq!(rewrite(&once, &map(mount)).unwrap(), None, "twice is once");
        let (before, after) = (flat(&body), flat(&once));
        prop_assert_eq!(before.len(), after.len());
        for ((place, old), (same_place, new)) in before.iter().zip(&after) {
            prop_assert_eq!(place, same_place);
            if !MAPPED.contains(&place.as_str()) {
                prop_assert_eq!(old, new, "{} stays", place);
            } else if place != ".error.reason" {
                for base in [UPSTREAM.to_owned(), format!("http://{UPSTREAM_HOST}"), format!("https://{UPSTREAM_HOST}:443/kratos")] {
                    prop_assert!(!new.starts_with(&base), "{}: {}", place, new);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_met_with_an_answer(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = rewrite(&body, &map(Mount::Root));
    }
}
