//! The session that was judged is the session that is forwarded (semantics 4.2), whoever reads the header: four models
//! of cookie parsers that differ from ours, on headers made to tell them apart.

use edgeward::base::{Timestamp, limits};
use edgeward::message::Headers;
use edgeward::message::cookie::{CookieRewrite, Cookies};
use edgeward::message::host::Host;
use edgeward::message::set_cookie::{CookieDomain, SameSite, SetCookie, SetCookieLine, expiries};
use proptest::prelude::*;

/// Next.js: cut at `;`, nothing unquoted, values decoded, the last of a name counts.
fn last_wins(header: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for part in header.split(';') {
        let part = part.trim_start_matches(' ');
        let (name, value) = part.split_once('=').unwrap_or((part, "true"));
        found.retain(|(n, _)| n != name);
        found.push((name.to_owned(), value.to_owned()));
    }
    found
}

/// Express, Go: names and values trimmed of any white space, quotes taken off, the first of a name counts.
fn first_wins(header: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for part in header.split(';') {
        let Some((name, value)) = part.split_once('=') else {
            continue;
        };
        let value = value.trim();
        let value = value
            .strip_prefix('"')
            .and_then(|v| v.strip_suffix('"'))
            .unwrap_or(value);
        if !found.iter().any(|(n, _)| n == name.trim()) {
            found.push((name.trim().to_owned(), value.to_owned()));
        }
    }
    found
}

/// Servers of the RFC 2109 kind: a quoted string hides `;`, `$` names are attributes.
fn quoting(header: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in header.chars() {
        match c {
            '"' => quoted = !quoted,
            ';' if !quoted => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
    }
    let pairs = parts.iter().filter_map(|part| part.split_once('='));
    pairs
        .map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()))
        .filter(|(n, _)| !n.starts_with('$'))
        .collect()
}

/// PHP and case-insensitive servers: names decoded, odd characters as `_`, folded.
fn mangling(header: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in header.split(';') {
        let part = part.trim_start_matches(['=', ' ', '\t']);
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = name
            .trim()
            .replace("%73", "s")
            .replace("%53", "s")
            .to_ascii_lowercase();
        found.push((name.replace(['.', '[', ' '], "_"), value.to_owned()));
    }
    found
}

fn cookie_header() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("s=evil"),
        Just("S=evil"),
        Just("%73=evil"),
        Just("s =evil"),
        Just(" s= evil "),
        Just("\ts=evil"),
        Just("=s=evil"),
        Just("s"),
        Just("\u{a0}s=evil"),
        Just("\u{2000}s=evil"),
        Just("s.0=evil"),
        Just("s__1=evil"),
        Just("a=\"1"),
        Just("b=2\""),
        Just("$Version=1"),
        Just("a=b"),
        Just("\"s=evil"),
        Just("x=y=s=evil"),
        Just(""),
        Just("sx=1"),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join("; "))
}

proptest! {
    #[test]
    fn every_reader_finds_the_judged_value(fields in prop::collection::vec(cookie_header(), 0..3)) {
        let headers = Headers::from_iter(fields.iter().map(|f| ("Cookie", f.as_str())));
        let sent = CookieRewrite::new(&headers).put("s", [("s", "judged")]).unwrap().build().unwrap();
        for reader in [last_wins, first_wins, quoting, mangling] {
            let values: Vec<_> = reader(&sent).into_iter().filter(|(name, _)| name == "s").map(|(_, v)| v).collect();
            prop_assert_eq!(values, ["judged"], "{}", &sent);
        }
        let gone = CookieRewrite::new(&headers).remove("s").build().unwrap_or_default();
        for reader in [last_wins, first_wins, mangling] {
            prop_assert!(!reader(&gone).iter().any(|(name, _)| name == "s" || name.starts_with("s_")), "{}", &gone);
        }
        // Twice equals once.
        let again = Headers::from_iter([("Cookie", sent.as_str())]);
        prop_assert_eq!(CookieRewrite::new(&again).put("s", [("s", "judged")]).unwrap().build(), Some(sent));
    }

    #[test]
    fn other_cookies_keep_their_bytes(pairs in prop::collection::vec("[a-r]{1,4}=[!-:<-~]{0,12}", 1..6)) {
        let header = pairs.join("; ");
        let headers = Headers::from_iter([("Cookie", header.as_str())]);
        prop_assert_eq!(CookieRewrite::new(&headers).remove("s").build(), Some(header.clone()));
        let kept: Vec<_> = Cookies::parse(&headers).iter().map(|p| format!("{}={}", p.name, p.value)).collect();
        prop_assert_eq!(kept, pairs);
    }

    #[test]
    fn any_header_is_read(fields in prop::collection::vec(any::<String>(), 0..4), name in any::<String>()) {
        let headers = Headers::from_iter(fields.iter().map(|f| ("cookie", f.as_str())));
        let cookies = Cookies::parse(&headers);
        prop_assert!(cookies.len() <= limits::COOKIE_PAIRS);
        for pair in cookies.iter() {
            prop_assert!(fields.iter().any(|f| f.contains(pair.name) && f.contains(pair.value)));
        }
        let _ = CookieRewrite::new(&headers).remove(name.as_str()).build_only(|_| true);
        let _ = CookieRewrite::new(&headers).remove_prefix(name.as_str()).build();
    }

    #[test]
    fn what_is_built_is_one_cookie(name in "[ -~]{0,12}|__Host-x|__Secure-y", value in "[ -~\r\n\0é]{0,12}", path in "/[ -~]{0,8}",
                                   secure: bool, widened: bool) {
        let domain = CookieDomain::parse("example.com").unwrap();
        let cookie = SetCookie::new(&name, &value).path(&path).secure(secure).domain(widened.then_some(&domain));
        if let Ok(line) = cookie.same_site(Some(SameSite::Lax)).max_age(5).build() {
            let parsed = SetCookieLine::parse(&line).unwrap();
            prop_assert_eq!((parsed.name(), parsed.value()), (name.as_str(), value.as_str()));
            let mut want = vec!["Path", "Max-Age", "HttpOnly", "SameSite"];
            if widened { want.insert(1, "Domain"); }
            if secure { want.insert(want.len() - 2, "Secure"); }
            prop_assert_eq!(parsed.attributes().map(|(n, _)| n).collect::<Vec<_>>(), want);
            prop_assert_eq!(parsed.attribute("path"), Some(path.as_str()));
            let host = name.to_ascii_lowercase().starts_with("__host-");
            prop_assert!(!host || (secure && !widened && path == "/"));
        }
    }

    #[test]
    fn any_upstream_line_is_edited(line in "[ -~\t]{0,20}(;[ -~\t]{0,12}|; ?[Dd]omain *=?[ -~]{0,8}){0,4}|\\PC*") {
        let domain = CookieDomain::parse("example.com").unwrap();
        if let Ok(parsed) = SetCookieLine::parse(&line) {
            let narrow = parsed.host_only();
            let again = SetCookieLine::parse(&narrow).unwrap();
            prop_assert_eq!(again.attribute("domain"), None);
            prop_assert_eq!(again.host_only(), narrow.clone());
            prop_assert_eq!((again.name(), again.value()), (parsed.name(), parsed.value()));
            let wide = parsed.with_domain(&domain);
            let wide_again = SetCookieLine::parse(&wide).unwrap();
            prop_assert!(matches!(wide_again.attribute("domain"), None | Some("example.com")));
            prop_assert_eq!(wide_again.with_domain(&domain), wide.clone());
            let _ = parsed.is_deletion(Timestamp::from_secs(0));
        }
    }

    #[test]
    fn expiries_stay_in_bounds(name in "[a-z_-]{1,12}", host in "([a-z]{1,8}\\.){0,12}[a-z]{2,5}", path in "(/[ -~é]{0,300}){0,12}") {
        let lines = expiries(&name, &Host::parse(&host).unwrap(), &path, true);
        prop_assert!((1..=limits::EXPIRY_LINES).contains(&lines.len()));
        prop_assert!(lines.iter().map(String::len).sum::<usize>() <= limits::EXPIRY_BYTES);
        for line in &lines {
            let parsed = SetCookieLine::parse(line).unwrap();
            prop_assert!(parsed.name() == name && parsed.is_deletion(Timestamp::from_secs(0)));
            let scope = parsed.attribute("path").unwrap();
            prop_assert!(scope == "/" || path.starts_with(scope));
            prop_assert!(parsed.attribute("domain").is_none_or(|domain| host.ends_with(domain)));
        }
    }
}

#[test]
fn a_cookie_bomb_is_read_in_little_time() {
    // 32 KB in 60 cookies, and the most that is looked at: neither is slow, and the second is reported.
    let junk = format!("junk={};", "x".repeat(540)).repeat(60);
    let bomb = "a=1;".repeat(16 * 1024);
    for (field, over) in [(junk, false), (bomb, true)] {
        let headers = Headers::from_iter([("Cookie", field)]);
        assert_eq!(Cookies::parse(&headers).overflow().is_some(), over);
        assert!(
            CookieRewrite::new(&headers)
                .remove("__Host-edgeward")
                .build()
                .is_some()
        );
    }
}
