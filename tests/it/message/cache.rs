//! After the rule, no shared cache may store the answer: judged by the storage test of RFC 9111 section 3 and
//! RFC 9213 section 2.2, written here without looking at the rule.

use edgeward::message::Headers;
use edgeward::message::cache::{Exposure, protect};
use proptest::prelude::*;

/// Directive names of a list field, lower case, with whether they carry an argument.
fn directives(headers: &Headers, field: &str) -> Vec<(String, bool)> {
    let joined = headers.get_all(field).collect::<Vec<_>>().join(",");
    let mut items = vec![String::new()];
    let mut chars = joined.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted => drop(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => items.push(String::new()),
            _ if !quoted => items.last_mut().unwrap().push(c),
            _ => {}
        }
    }
    let names = items.iter().map(|item| match item.split_once('=') {
        Some((name, _)) => (name.trim().to_ascii_lowercase(), true),
        None => (item.trim().to_ascii_lowercase(), false),
    });
    names.filter(|(name, _)| !name.is_empty()).collect()
}

/// Whether a cache that serves many people may store the answer to a GET.
fn shared_cache_may_store(status: u16, headers: &Headers) -> bool {
    // A targeted field that is there and not empty is the only one that its cache reads.
    let targeted: Vec<String> = headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .filter(|name| {
            name.ends_with("cdn-cache-control") || name == "surrogate-control" || name == "edge-control"
        })
        .collect();
    for field in &targeted {
        let rules = directives(headers, field);
        if !rules.is_empty()
            && !rules
                .iter()
                .any(|(name, _)| name == "no-store" || name == "private")
        {
            return true;
        }
    }
    if headers.contains("x-accel-expires") {
        return true;
    }
    let rules = directives(headers, "cache-control");
    let has = |wanted: &str| rules.iter().any(|(name, _)| name == wanted);
    let unstorable = has("no-store") && !has("must-understand");
    // A qualified `private` keeps only the named fields out.
    let private = rules
        .iter()
        .any(|(name, argument)| name == "private" && !argument);
    if unstorable || private {
        return false;
    }
    let heuristic = [200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501].contains(&status);
    has("public") || has("max-age") || has("s-maxage") || headers.contains("expires") || heuristic
}

/// Whether the visitor's own browser could show the answer to the next one who signs in there.
fn varies_by_cookie(headers: &Headers) -> bool {
    let names: Vec<_> = headers
        .get_all("vary")
        .flat_map(|v| v.split(','))
        .map(|n| n.trim().to_ascii_lowercase())
        .collect();
    names.iter().any(|name| name == "*" || name == "cookie")
}

const STATUSES: &[u16] = &[200, 203, 204, 206, 301, 302, 304, 308, 401, 403, 404, 410, 500];

fn field() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        Just("Cache-Control"),
        Just("cache-control"),
        Just("CACHE-CONTROL"),
        Just("CDN-Cache-Control"),
        Just("Cloudflare-CDN-Cache-Control"),
        Just("vercel-cdn-cache-control"),
        Just("X-CDN-Cache-Control"),
        Just("Surrogate-Control"),
        Just("surrogate-key"),
        Just("Cache-Tag"),
        Just("Expires"),
        Just("Edge-Control"),
        Just("X-Accel-Expires"),
        Just("Vary"),
        Just("vary"),
        Just("ETag"),
        Just("Set-Cookie"),
        Just("Content-Type"),
    ];
    let value = prop_oneof![
        "(public|private|no-store|no-cache|max-age=[0-9]{1,5}|s-maxage=9|must-understand|immutable|PUBLIC|\\*|Accept|Cookie|\
          private=\"a, b\"|private=x|stale-while-revalidate=9|x=\"[a-z, \\\\\"]{0,6}|,| |;){0,4}",
        "((public|private|no-store|max-age=9|s-maxage=9|Accept|Cookie|private=\"set-cookie\")(, ?)){0,4}",
        "[ -~]{0,24}",
    ];
    (name.prop_map(str::to_owned), value)
}

proptest! {
    #[test]
    fn no_shared_cache_may_store(
        fields in prop::collection::vec(field(), 0..8),
        status in prop::sample::select(STATUSES),
        asset: bool,
        ours: bool,
    ) {
        let mut headers = Headers::from_iter(fields);
        let exposure = if asset { Exposure::Asset } else { Exposure::Personal };
        let sets_cookie = headers.contains("set-cookie");
        protect(&mut headers, status, exposure, ours);
        prop_assert!(!shared_cache_may_store(status, &headers), "{:?}", headers.iter().collect::<Vec<_>>());
        prop_assert!(varies_by_cookie(&headers));
        prop_assert_eq!(headers.get_all("cache-control").count(), 1);
        if !asset || ours || sets_cookie {
            prop_assert!(directives(&headers, "cache-control").contains(&("no-store".to_owned(), false)));
        }
        let once = headers.clone();
        protect(&mut headers, status, exposure, ours);
        let sorted = |headers: &Headers| {
            let mut fields: Vec<_> = headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
            fields.sort();
            fields
        };
        prop_assert_eq!(sorted(&once), sorted(&headers));
    }

    #[test]
    fn a_public_answer_is_left_alone(fields in prop::collection::vec(field(), 0..8)) {
        let before = Headers::from_iter(fields);
        let mut headers = before.clone();
        protect(&mut headers, 200, Exposure::Public, false);
        prop_assert!(before == headers);
    }
}

/// The judge itself can say yes: else the property above would prove nothing.
#[test]
fn the_judge_knows_what_is_storable() {
    for (field, value, want) in [
        ("Cache-Control", "public", true),
        ("Cache-Control", "private", false),
        ("Cache-Control", "private=\"set-cookie\"", true),
        ("Cache-Control", "no-store", false),
        ("Cache-Control", "no-store, must-understand", true),
        ("CDN-Cache-Control", "max-age=9", true),
        ("CDN-Cache-Control", "no-store", true),
        ("ETag", "\"a\"", true),
    ] {
        assert_eq!(
            shared_cache_may_store(200, &Headers::from_iter([(field, value)])),
            want,
            "{field}: {value}"
        );
    }
    assert!(!shared_cache_may_store(302, &Headers::new()));
}
