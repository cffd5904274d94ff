//! Mapping of upstream addresses: twice equals once, and no upstream host survives but in the query of a foreign one
//! (semantics 7.5).

use edgeward::message::Headers;
use edgeward::message::location::OriginMap;
use edgeward::message::query;
use edgeward::message::url::{BaseUrl, Origin};
use proptest::prelude::*;

const UPSTREAM: &str = "id.example.com";
const FOREIGN: &str = "op.example";

fn map(base: &str, mount: &str) -> OriginMap {
    let base = BaseUrl::parse(&format!("https://{UPSTREAM}{base}")).unwrap();
    OriginMap::new([base], Origin::parse("https://app.example.com").unwrap(), mount)
}

fn setup() -> impl Strategy<Value = OriginMap> {
    (
        prop::sample::select(&["", "/kratos", "/a/b"][..]),
        prop::sample::select(&["/", "/api/.ory", "/kratos"][..]),
    )
        .prop_map(|(base, mount)| map(base, mount))
}

fn authority(host: &'static str) -> impl Strategy<Value = String> {
    let upper = host.to_ascii_uppercase();
    prop::sample::select(vec![
        format!("https://{host}"),
        format!("http://{host}"),
        format!("//{host}"),
        format!("HTTPS://{upper}"),
        format!("https://{host}.:443"),
        format!("http://{host}:80"),
        format!("https://u:p@{host}"),
    ])
}

const PATH: &str = r"(/kratos|/a/b|/api/\.ory)?(/[a-z.%;]{0,6}){0,3}";

/// An address on the upstream, its query holding another one, encoded.
fn upstream_url() -> impl Strategy<Value = String> {
    (
        authority(UPSTREAM),
        PATH,
        prop::option::of((authority(UPSTREAM), PATH)),
    )
        .prop_map(|(host, path, nested)| match nested {
            Some((h, p)) => query::set_in_url(&format!("{host}{path}"), "return_to", &format!("{h}{p}")),
            None => format!("{host}{path}"),
        })
}

/// An address of the app that carries one of the upstream's.
fn own_url() -> impl Strategy<Value = String> {
    (
        prop::sample::select(&["/login", "https://app.example.com/login?a=%2f", "/login#top"][..]),
        upstream_url(),
    )
        .prop_map(|(own, nested)| query::set_in_url(own, "return_to", &nested))
}

fn foreign_url() -> impl Strategy<Value = String> {
    (authority(FOREIGN), PATH, upstream_url())
        .prop_map(|(h, p, nested)| query::set_in_url(&format!("{h}{p}"), "redirect_uri", &nested))
}

proptest! {
    #[test]
    fn no_upstream_host_survives(map in setup(), url in prop_oneof![upstream_url(), own_url()]) {
        let mapped = map.url(&url).into_owned();
        prop_assert!(!mapped.to_ascii_lowercase().contains(UPSTREAM), "{} -> {}", url, mapped);
        prop_assert_eq!(map.url(&mapped), mapped.clone());
        let link = format!("<{url}>; rel=next, </x>");
        let mapped = map.link(&link).into_owned();
        prop_assert!(!mapped.to_ascii_lowercase().contains(UPSTREAM), "{}", mapped);
        prop_assert_eq!(map.link(&mapped), mapped.clone());
    }

    #[test]
    fn foreign_addresses_keep_their_bytes(map in setup(), url in foreign_url()) {
        prop_assert_eq!(map.url(&url), url.clone());
    }

    #[test]
    fn policies_name_the_app(map in setup(), sources in prop::collection::vec(
        prop_oneof![authority(UPSTREAM), Just(UPSTREAM.to_owned()), Just(format!("{UPSTREAM}:*")), Just(format!("wss://{UPSTREAM}")),
                    Just("'self'".to_owned()), Just(format!("https://{FOREIGN}"))], 0..5), path in "(/kratos)?(/[a-z.%]{0,6}){0,2}")
    {
        let sources: Vec<_> = sources.iter().filter(|s| !s.starts_with("//")).map(|s| format!("{s}{path}")).collect();
        let csp = format!("default-src 'none'; connect-src {} ; form-action {}", sources.join(" "), sources.join("\t"));
        let mapped = map.csp(&csp).into_owned();
        prop_assert!(!mapped.to_ascii_lowercase().contains(UPSTREAM), "{}", mapped);
        prop_assert_eq!(map.csp(&mapped), mapped.clone());
        prop_assert_eq!(mapped.matches(FOREIGN).count(), csp.matches(FOREIGN).count());
    }

    #[test]
    fn anything_is_mapped_once(map in setup(), text in "\\PC{0,60}|[ -~]{0,80}|(https?://|//|/|id.example.com|/kratos|[?#&=%<>\";,@: ]){0,12}") {
        let headers = Headers::from_iter(["Location", "Link", "Content-Security-Policy"].map(|n| (n, text.as_str())));
        let mut once = headers.clone();
        map.rewrite(&mut once);
        let mut twice = once.clone();
        map.rewrite(&mut twice);
        prop_assert_eq!(once.iter().collect::<Vec<_>>(), twice.iter().collect::<Vec<_>>());
    }

    #[test]
    fn queries_keep_every_other_byte(query in "[ -~]{0,40}", name in "[a-z_]{1,6}", value in "\\PC{0,12}") {
        let set = query::set(&query, &name, &value);
        prop_assert_eq!(query::value(&set, &name), Ok(Some(value.clone())));
        prop_assert_eq!(query::set(&set, &name, &value), set.clone());
        prop_assert_eq!(query::remove(&set, &name), query::remove(&query, &name));
        if !query::contains(&query, &name) {
            prop_assert_eq!(query::remove(&query, &name), query.clone());
            prop_assert!(set.starts_with(&query));
        }
        prop_assert_eq!(query::decode(&query::encode(&value)), Ok(value));
    }
}
