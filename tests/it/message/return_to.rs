//! `return_to` never leaves this site, whichever parser reads it (semantics 1.13, field rows 18-20). The judge is a
//! WHATWG URL parser, on the result and on the result decoded once more.

use std::collections::BTreeSet;

use edgeward::base::limits;
use edgeward::message::query;
use edgeward::message::return_to::ReturnTo;
use edgeward::message::url::Origin;
use proptest::prelude::*;
use url::Url;

const APP: &str = "https://app.example.com";
const OTHER: &str = "https://www.example.com";

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn validate(raw: &str) -> Result<ReturnTo, &'static str> {
    ReturnTo::validate(raw, &origin(APP), &[origin(OTHER)]).map_err(|error| error.code())
}

/// What must hold for whatever passed.
fn stays_here(raw: &str, target: &ReturnTo) {
    let location = target.location();
    assert!(location.len() <= limits::RETURN_TO_BYTES + OTHER.len(), "{raw:?}");
    assert!(
        location.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'),
        "{raw:?} -> {location:?}"
    );
    let base = Url::parse(&format!("{APP}/login?flow=1")).unwrap();
    let here = base.join(&location).unwrap();
    let own = here.origin().ascii_serialization();
    assert!(own == APP || own == OTHER, "{raw:?} -> {here}");
    assert!(here.username().is_empty() && here.password().is_none());
    // The parser leaves it as it is: nothing is resolved, dropped or turned.
    assert_eq!(here.as_str(), target.absolute(&origin(APP)), "{raw:?}");
    assert_eq!(
        (here.path(), here.query()),
        (target.path(), target.query()),
        "{raw:?}"
    );
    // Nor does a later stage leave the site that decodes the path once more.
    let decoded = query::decode(&target.path().replace('+', "%2B")).unwrap();
    let again = base.join(&decoded).unwrap();
    assert_eq!(
        again.origin().ascii_serialization(),
        APP,
        "{raw:?} decoded: {decoded:?}"
    );
    // And validating it again changes nothing.
    assert_eq!(validate(&location).as_ref(), Ok(target), "{raw:?}");
}

/// What stands before a host so that some parser takes it for an authority.
const LEADS: &[&str] = &[
    "//",
    "///",
    "////",
    "/\\",
    "/\\/",
    "\\\\",
    "\\/",
    "\\",
    "//\\",
    "/\t/",
    "/\n/",
    "/\r/",
    "/\r\n/",
    "\t//",
    "\n//",
    " //",
    "/ /",
    "/%20/",
    "/%09/",
    "/%0a/",
    "/%0A/",
    "/%0d/",
    "/%0d%0a/",
    "/%2f",
    "/%2F",
    "/%2f/",
    "/%2f%2f",
    "%2f%2f",
    "/%5c",
    "/%5C",
    "/%5c/",
    "/%5c%5c",
    "/%5c%2f",
    "/%2f%5c",
    "%5c%5c",
    "//%5c",
    "/%252f",
    "/%252f/",
    "/%255c",
    "/%2509/",
    "/%25252f",
    "/.//",
    "/..//",
    "/./\\",
    "/.\\",
    "/%2e/%2f",
    "/%2e//",
    "/%2e%2e//",
    "/x/..//",
    "/x/%2e%2e//",
    "/;/../",
    "/..;/",
    "/.;/",
    "/%00/",
    "/\0/",
    "/%00//",
    "/%0b/",
    "/%7f/",
    "/\u{7f}/",
    "/\u{85}/",
    "/%c2%85/",
    "/%a0/",
    "/\u{a0}/",
    "/%c2%a0/",
    "/\u{3000}/",
    "/\u{2028}/",
    "/\u{2029}/",
    "/\u{200b}/",
    "/\u{200d}/",
    "/\u{feff}/",
    "/\u{ad}/",
    "/\u{202e}/",
    "/\u{180e}/",
    "/\u{ff0f}",
    "/\u{ff3c}",
    "\u{ff0f}\u{ff0f}",
    "/\u{2044}",
    "/\u{2215}",
    "/\u{29f8}",
    "/\u{29f5}",
    "/\u{fe68}",
    "/\u{3002}",
    "/\u{ff0e}",
    "/\u{ff61}",
    "/\u{2024}",
    "/%e3%80%82",
    "/%ef%bc%8f",
    "/%ef%bc%bc",
    "/%E2%88%95",
    "/\u{ff05}2f",
    "http:",
    "https:",
    "https:/",
    "https:///",
    "https:////",
    "https:\\\\",
    "https:\\",
    "https:/\\",
    "https://\\",
    "https:\t//",
    "https://app.example.com@",
    "https://app.example.com:443@",
    "https://app.example.com:x@",
    "https://app.example.com%40",
    "https://app.example.com\\@",
    "https://app.example.com\\.",
    "https://app.example.com.",
    "https://app.example.com%2f@",
    "https://app.example.com%00.",
    "https://app.example.com\u{3002}",
    "https://app.example.com\t.",
    "https://app.example.com,",
    "https://app.example.com;",
    "https://app.example.com&",
    "https://app.example.com|",
    "https://app.example.com-",
    "https://app.example.com\u{2100}.",
    "https://app.example.com\u{ff03}.",
    "https://app.example.com\u{ff0f}.",
    "https://a:b@app.example.com@",
    "https://@",
    "https://:@",
    "//app.example.com@",
    "//app.example.com.",
    "HTTPS://",
    "hTTps:\\\\",
    "http://",
    "ftp://",
    "ws://",
    "wss://",
    "javascript://",
    "data://",
    "file://",
    "file:///",
    "intent://",
    "blob:https://",
    "view-source:https://",
    "x:https://",
    "\u{ff48}ttps://",
    "https\u{ff1a}//",
];

/// The hosts behind them.
const HOSTS: &[&str] = &[
    "evil.com",
    "evil.com/a",
    "evil%2ecom",
    "evil\u{3002}com",
    "[::ffff:7f00:1]",
    "2130706433",
    "evil.com:443/?a#b",
];

/// Whole texts, each with a defect of its own.
const ALONE: &[&str] = &[
    "",
    " ",
    ".",
    "..",
    "?",
    "#",
    "?next=//evil.com",
    "#//evil.com",
    "x",
    "x/y",
    "./x",
    "../x",
    "evil.com",
    "evil.com/x",
    "app.example.com/x",
    "%",
    "%zz",
    "%2f",
    "/%",
    "/%2",
    "/%zz",
    "/a%",
    "/a?b=%",
    "/a?b=%4",
    "/a#%",
    "/%u002f",
    "http://[",
    "https://[::1",
    "https://",
    "https://?",
    "https://#",
    "https:",
    "http:",
    ":",
    "://",
    "//",
    "///",
    "/\\",
    "\\",
    "\\\\",
    "https://app.example.com:99999/",
    "https://app.example.com:/",
    "https://app.example.com:0/",
    "https://app.example.com:444/",
    "https://app.example.com:-443/",
    "http://app.example.com/",
    "https://sub.app.example.com/",
    "https://example.com/",
    "https://app.example.co/",
    "https://appxexample.com/",
    "https://xapp.example.com/",
    "https://app.example.com.evil.io/",
    "https://app.example.com../",
    "https://.app.example.com/",
    "https://app..example.com/",
    "https://app%2eexample.com/",
    "https://%61pp.example.com/",
    "https://ap\u{ff50}.example.com/",
    "https://app\u{3002}example.com/",
    "https://app.example.com evil/",
    "https://evil-team.vercel.app/",
    "https://127.0.0.1/",
    "https://0x7f.1/",
    "https://localhost/",
    "https://[::1]/",
    "https://APP.EXAMPLE.COM@evil.com",
    "https://app.example.com#@evil.com/\\",
    "https://app.example.com\r\n/",
    "https://app.example.com\n",
    "\u{0}https://app.example.com/",
    " https://app.example.com/",
    "https://app.example.com/ ",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "\tjavascript:alert(1)",
    " javascript:alert(1)",
    "javascript:%0aalert(1)",
    "javascript://app.example.com/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "mailto:a@evil.com",
    "tel:1",
    "about:blank",
    "chrome://x",
    "filesystem:https://app.example.com/x",
    "/..",
    "/.",
    "/./",
    "/../",
    "/%2e",
    "/%2E%2e",
    "/%2e%2E/",
    "/.%2e",
    "/a/..",
    "/a/../b",
    "/a/./b",
    "/a/%2e%2e/b",
    "/a/..;/b",
    "/a/..;x=y/b",
    "/a/.;/b",
    "/a%2f..%2fb",
    "/a%2F%2e%2e%2Fb",
    "/a/..%2fb",
    "/a%2f..",
    "/..%2f",
    "/..%5c",
    "/a/..\\b",
    "/a\\b",
    "/a%5cb",
    "/a%5C..%5Cb",
    "/a%255cb",
    "/a%252fb",
    "/a%252e%252e/b",
    "/%252e",
    "/%2e%252e/",
    "/a%2500",
    "/a%250d%250a",
    "/a\0",
    "/a%00",
    "/a\u{1}",
    "/a%01",
    "/a\u{7f}",
    "/a%7f",
    "/a\tb",
    "/a%09b",
    "/a\r\nSet-Cookie: a=b",
    "/a%0d%0aSet-Cookie:%20a=b",
    "/a\nb",
    "/a?b\r\nc",
    "/a?b\tc",
    "/a#b\nc",
    "/a?b\\c",
    "/a#b\\c",
    "/\\/\\evil.com",
    "/%c0%af",
    "/%c0%ae%c0%ae/",
    "/%e0%80%af",
    "/%ff",
    "/a%ff",
    "/%ed%a0%80",
    "/%f5%80%80%80",
    "/%f8%88%80%80%80",
    "/a%C3",
    "/a%C3%28",
    "/a\u{85}",
    "/a%c2%80",
    "/ ",
    "/\t",
    "/x ",
    " /x",
    "/x\u{3000}",
    "\u{3000}/x",
    "\u{feff}/x",
    "/\u{200b}",
    "/\u{2060}evil",
    "/\u{e0041}",
    "/\u{f8ff}",
    "/\u{fffd}x",
    "\u{2044}evil.com",
    "\u{ff0f}evil.com",
    "/\u{2048}",
    "/\u{2105}",
    "/\u{33c2}",
    "/\u{1f100}",
    "/x/y ",
    "/x?y ",
    "/x#y\u{3000}",
    "http://www.example.com/",
    "https://www.example.com:444/",
];

fn payloads() -> BTreeSet<String> {
    let joined = LEADS
        .iter()
        .flat_map(|lead| HOSTS.iter().map(move |host| format!("{lead}{host}")));
    let long = [
        "/".to_owned() + &"a".repeat(limits::RETURN_TO_BYTES),
        "/".to_owned() + &"é".repeat(600),
        "a".repeat(64 * 1024),
    ];
    joined
        .chain(ALONE.iter().map(|text| (*text).to_owned()))
        .chain(long)
        .collect()
}

#[test]
fn every_payload_falls_back() {
    let (app, public) = (origin(APP), [origin(OTHER)]);
    let home = ReturnTo::validate("/home", &app, &[]).unwrap();
    let payloads = payloads();
    assert!(payloads.len() >= 400, "{} payloads", payloads.len());
    for raw in &payloads {
        let code = validate(raw).map(|target| target.location());
        assert!(code.is_err(), "{raw:?} passed as {code:?}");
        assert_eq!(ReturnTo::validate_or(Some(raw), &app, &public, &home), home);
        // As it comes: a parameter of the login page, encoded by somebody.
        let login = query::set("flow=1", "return_to", raw);
        assert_eq!(query::value(&login, "return_to"), Ok(Some(raw.clone())));
    }
    assert_eq!(ReturnTo::validate_or(None, &app, &public, &home), home);
    println!("{} payloads refused", payloads.len());
}

#[test]
fn what_passes_stays_on_the_site() {
    for (raw, want) in [
        ("/", "/"),
        ("/deep/link?x=1&y=a%2Fb#part", "/deep/link?x=1&y=a%2Fb#part"),
        ("/projects/group%2Fname", "/projects/group%2Fname"),
        ("/@scope%2Fpkg", "/@scope%2Fpkg"),
        ("/@evil.com", "/@evil.com"),
        ("/evil.com", "/evil.com"),
        ("/files/a;v=2.pdf", "/files/a;v=2.pdf"),
        ("/proxy/https://h/x", "/proxy/https://h/x"),
        ("/a//b", "/a//b"),
        ("/a+b%20c", "/a+b%20c"),
        ("/100%25", "/100%25"),
        ("/...", "/..."),
        ("/.well-known/x", "/.well-known/x"),
        ("/a b?c d#e f", "/a%20b?c%20d#e%20f"),
        ("/a?next=//evil.com", "/a?next=//evil.com"),
        (
            "/a?next=https%3A%2F%2Fevil.com%2F",
            "/a?next=https%3A%2F%2Fevil.com%2F",
        ),
        ("/a?q=%E9", "/a?q=%E9"),
        ("/a?q=%0A", "/a?q=%0A"),
        ("/a?q=%252F", "/a?q=%252F"),
        ("/a??#?#", "/a??#?%23"),
        ("/a'\"<>^`{|}", "/a%27%22%3C%3E%5E%60%7B%7C%7D"),
        ("/caf\u{e9}", "/caf%C3%A9"),
        ("/caf%c3%a9", "/caf%c3%a9"),
        (
            "/\u{8a18}\u{4e8b}/\u{4eca}\u{65e5}\u{306f}\u{3002}",
            "/%E8%A8%98%E4%BA%8B/%E4%BB%8A%E6%97%A5%E3%81%AF%E3%80%82",
        ),
        (
            "/\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}",
            "/%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80",
        ),
        ("https://app.example.com", "/"),
        ("https://app.example.com/x?y", "/x?y"),
        ("https://app.example.com?y", "/?y"),
        ("https://app.example.com#y", "/#y"),
        ("HTTPS://APP.example.com.:443/x", "/x"),
        ("https://www.example.com/x", "https://www.example.com/x"),
        ("https://www.example.com", "https://www.example.com/"),
    ] {
        let target = validate(raw).unwrap_or_else(|code| panic!("{raw:?} refused: {code}"));
        assert_eq!(target.location(), want, "{raw:?}");
        assert_eq!(target.is_here(), want.starts_with('/'), "{raw:?}");
        stays_here(raw, &target);
    }
    let preview = origin("https://pr-1-team.vercel.app");
    let target = ReturnTo::validate("https://pr-1-team.vercel.app/x", &preview, &[origin(APP)]).unwrap();
    assert_eq!(
        (target.location().as_str(), target.absolute(&preview).as_str()),
        ("/x", "https://pr-1-team.vercel.app/x")
    );
    assert!(!format!("{target:?}").contains("/x"));
}

/// Every character that compatibility normalisation turns into one that steers a URL parser, from the Unicode tables.
#[test]
fn look_alikes_are_refused_where_a_host_could_stand() {
    let table = "2024 2025 2026 2047 2048 2049 2100 2101 2105 2106 2488 2489 248A 248B 248C 248D 248E 248F 2490 2491 2492 2493 \
                 2494 2495 2496 2497 2498 2499 249A 249B 2A74 3002 33C2 33C7 33D8 FE13 FE16 FE19 FE30 FE52 FE55 FE56 FE5F FE68 \
                 FE6A FE6B FF03 FF05 FF0E FF0F FF1A FF1F FF20 FF3C FF61 1F100";
    for code in table.split_whitespace() {
        let c = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
        assert!(validate(&format!("/{c}evil.com")).is_err(), "U+{code}");
        assert!(validate(&format!("/a{c}b/x")).is_err(), "U+{code}");
        stays_here(code, &validate(&format!("/wiki/{c}")).unwrap());
    }
    // And the other way round: whatever passes there is one label's worth to the parser, or no host at all. Ideographs
    // and syllables have no such forms.
    let scripts = ('\u{80}'..='\u{33FF}')
        .chain('\u{A000}'..='\u{ABFF}')
        .chain('\u{F900}'..='\u{11FFF}');
    for c in scripts.filter(|c| validate(&format!("/{c}x")).is_ok()) {
        if let Ok(url) = Url::parse(&format!("https://a{c}b/")) {
            assert!(
                !url.host_str().unwrap().contains('.') && url.path() == "/",
                "U+{:X}",
                u32::from(c)
            );
        }
    }
}

proptest! {
    #[test]
    fn nothing_leaves(raw in "\\PC{0,40}|[ -~]{0,60}|(/|\\\\|\\.|%2f|%5c|%09|%|:|@|https:|//|evil\\.com|app\\.example\\.com|[\t\r\n]|;|\\?|#|\u{3002}|a|é){0,14}") {
        if let Ok(target) = validate(&raw) {
            stays_here(&raw, &target);
        }
    }

    #[test]
    fn nothing_absolute_leaves(rest in "(/|\\\\|\\.|@|:|%|[0-9]|evil\\.com|#|\\?|\t){0,8}[ -~]{0,10}") {
        for raw in [format!("{APP}{rest}"), format!("{OTHER}{rest}"), format!("/{rest}")] {
            if let Ok(target) = validate(&raw) {
                stays_here(&raw, &target);
            }
        }
    }
}
