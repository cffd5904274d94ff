//! URL parts against the WHATWG parser: what is accepted here means the same there.

use edgeward::message::client_ip::ClientIp;
use edgeward::message::host::Host;
use edgeward::message::url::{BaseUrl, Origin, OriginPattern, Scheme, Target, has_dot_segment};
use proptest::prelude::*;
use url::Url;

const ODD: &str =
    "https?://[a-zA-Z0-9._~:@%\\[\\]-]{0,24}(/[ -~]{0,12})?|\\PC{0,24}|https?:[/\\\\]{0,3}[ -~]{0,16}";

proptest! {
    #[test]
    fn an_origin_is_the_same_origin_there(text in ODD) {
        if let Ok(origin) = Origin::parse(&text) {
            // Labels that begin with xn-- may be no valid Punycode; the parser here does not decode them.
            let there = Url::parse(&text);
            prop_assume!(there.is_ok() || !text.to_ascii_lowercase().contains("xn--"));
            let there = there.unwrap();
            let host = origin.host().as_str();
            prop_assert_eq!(there.host_str().map(|h| h.trim_end_matches('.')), Some(host));
            prop_assert_eq!(there.scheme(), origin.scheme().as_str());
            prop_assert_eq!(there.port_or_known_default(), Some(origin.port()));
            prop_assert!(there.username().is_empty() && there.password().is_none());
            prop_assert_eq!(Origin::parse(&origin.to_string()), Ok(origin.clone()));
            prop_assert!(origin.is_authority(&origin.authority()));
        }
    }

    #[test]
    fn addresses_are_written_alike(segments: [u16; 8], zeros in 0..256_u16, v4: [u8; 4]) {
        let parts: Vec<_> = segments.iter().enumerate().map(|(i, s)| if zeros >> i & 1 == 1 { 0 } else { *s }).collect();
        let text = parts.iter().map(|p| format!("{p:x}")).collect::<Vec<_>>().join(":");
        let mapped = format!("::ffff:{}", v4.map(|b| b.to_string()).join("."));
        for text in [text, mapped, format!("64:ff9b::{}.{}.{}.{}", v4[0], v4[1], v4[2], v4[3]), "::".into(), "::1.2.3.4".into()] {
            let url = Url::parse(&format!("http://[{text}]/")).unwrap();
            let host = Host::parse(&format!("[{text}]")).unwrap();
            prop_assert_eq!(Some(host.as_str()), url.host_str());
            prop_assert!(ClientIp::parse(&text).is_some());
        }
    }

    #[test]
    fn a_target_keeps_its_bytes(text in "https?://[a-z.:0-9@]{0,12}[ -~]{0,40}|\\PC{0,40}") {
        if let Ok(target) = Target::parse(&text) {
            let shown = text.split('#').next().unwrap();
            let rebuilt = format!("{}{}", target.authority, target.path_and_query());
            prop_assert!(shown.ends_with(&rebuilt) || rebuilt.replacen('/', "", 1) == shown.split_once("://").unwrap().1, "{}", rebuilt);
            prop_assert_eq!(target.fragment, text.contains('#'));
            let _ = target.origin();
        }
    }

    #[test]
    fn a_joined_url_arrives_as_written(path in "(/[!-~]{0,8}|/\\.{0,3}|/%2[eE]\\.?){0,4}", query in prop::option::of("[ -~]{0,12}"),
                                       base in "(/[a-z0-9._~-]{1,6}){0,2}/?") {
        let Ok(base) = BaseUrl::parse(&format!("https://id.example.com{base}")) else { return Ok(()) };
        if let Ok(joined) = base.join(&path, query.as_deref()) {
            let there = Url::parse(&joined).unwrap();
            prop_assert_eq!(there.host_str(), Some("id.example.com"));
            // The parser may escape a character; it must not move, drop or turn one.
            let escaped = |text: &str| {
                let mut out = String::new();
                for c in text.chars() {
                    if "\"<>^`{|}'".contains(c) { out.push_str(&format!("%{:02X}", u32::from(c))) } else { out.push(c) }
                }
                out
            };
            prop_assert_eq!(escaped(there.path()), escaped(&format!("{}{path}", base.path())));
            prop_assert_eq!(there.query().map(escaped), query.as_deref().map(escaped));
            prop_assert_eq!(there.fragment(), None);
        } else {
            let dotted = format!("https://h{path}");
            let moved = Url::parse(&dotted).is_ok_and(|u| u.path() != path);
            prop_assert!(moved || !path.starts_with('/') || query.is_some() || path.contains(['#', '?', '\\']) || has_dot_segment(&path));
        }
    }

    #[test]
    fn dot_segments_are_those_of_the_parser(path in "(/(\\.|%2e|%2E|a|;|%2f){0,3}){1,4}") {
        let there = Url::parse(&format!("https://h{path}")).unwrap();
        prop_assert_eq!(has_dot_segment(&path), there.path() != path);
    }

    #[test]
    fn a_pattern_selects_below_its_own_name(star in "\\PC{0,12}|[a-z.@/:-]{0,8}", text in ODD) {
        let pattern = OriginPattern::parse("https://*-team.vercel.app").unwrap();
        for text in [text, format!("https://{star}-team.vercel.app"), format!("https://{star}.evil-team.vercel.app")] {
            let Ok(origin) = Origin::parse(&text) else { continue };
            if pattern.matches(&origin) {
                let there = Url::parse(&origin.to_string()).unwrap();
                let label = there.host_str().unwrap().strip_suffix(".vercel.app").unwrap().to_owned();
                prop_assert!(!label.contains('.') && label.ends_with("-team") && label.len() > 5);
                prop_assert_eq!((there.scheme(), there.port()), ("https", None));
            }
        }
        let _ = OriginPattern::parse(&format!("https://{star}.example.com"));
        let _ = Origin::from_authority(Scheme::Https, &star);
    }
}
