//! The cache rules of semantics 8.1: what a response must say so that no cache serves one visitor's answer to another.

use super::Headers;
use super::field_name::is_equal;

/// Whose answer a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each response is exactly one of these")]
pub enum Exposure {
    /// A `public` route's own answer: the origin's caching stands.
    Public,
    /// A static asset (class asset, method GET) of a route that is not public: browsers may keep it, nobody else.
    Asset,
    /// All else: documents, RSC, data and API answers, the tunnel's, redirects and refusals of ours. The safe choice.
    Personal,
}

/// Makes a response private, and unstorable unless it is an asset. `sets_our_cookie` overrules [`Exposure::Public`] and
/// [`Exposure::Asset`]. No option turns this off; applying it twice equals once.
///
/// ```
/// # use edgeward::message::{Headers, cache::{Exposure, protect}};
/// let mut headers = Headers::from_iter([("Cache-Control", "public, s-maxage=31536000"), ("Vary", "Accept")]);
/// protect(&mut headers, 200, Exposure::Personal, false);
/// assert_eq!(headers.get("cache-control"), Some("private, no-store"));
/// assert_eq!(headers.get("vary"), Some("Accept, Cookie"));
/// ```
pub fn protect(headers: &mut Headers, status: u16, exposure: Exposure, sets_our_cookie: bool) {
    if exposure == Exposure::Public && !sets_our_cookie {
        return;
    }
    let keeps = exposure == Exposure::Asset
        && !sets_our_cookie
        && matches!(status, 200 | 206 | 304)
        && !headers.contains("set-cookie");
    let control = cache_control(headers, keeps);
    headers.retain(|name, _| !is_shared_cache_field(name));
    headers.set("Cache-Control", control);
    vary_by_cookie(headers);
}

/// Whether a field speaks to caches that are not the visitor's, or gives a life time past `Cache-Control`.
#[must_use]
pub fn is_shared_cache_field(name: &str) -> bool {
    let name = name.trim();
    let suffix = name
        .len()
        .checked_sub(TARGETED.len())
        .and_then(|at| name.get(at..));
    SHARED_CACHE_FIELDS.iter().any(|field| is_equal(name, field))
        || suffix.is_some_and(|suffix| is_equal(suffix, TARGETED))
}

/// The directives that a private answer may have, from what the origin said.
fn cache_control(headers: &Headers, keeps: bool) -> String {
    let mut control = String::from("private");
    let mut seen: Vec<&str> = Vec::new();
    let kept: &[&str] = if keeps {
        ASSET_DIRECTIVES
    } else {
        &["no-transform"]
    };
    if !keeps {
        control.push_str(", no-store");
    }
    for directive in headers.get_all("cache-control").flat_map(directives) {
        let (name, argument) = match directive.split_once('=') {
            Some((name, argument)) => (name.trim(), Some(argument.trim())),
            None => (directive, None),
        };
        let Some(name) = kept.iter().find(|k| k.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let seconds = argument.filter(|a| !a.is_empty() && a.bytes().all(|b| b.is_ascii_digit()));
        if seen.contains(name) || (*name == "max-age" && seconds.is_none()) {
            continue;
        }
        seen.push(name);
        control.push_str(", ");
        control.push_str(name);
        if let Some(seconds) = seconds.filter(|_| *name == "max-age") {
            control.push('=');
            control.push_str(seconds);
        }
    }
    control
}

/// The directives of a field, cut at commas outside quoted strings (RFC 9110 section 5.6.4).
fn directives(value: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let outside_comma = move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' => return !quoted,
            _ => {}
        }
        false
    };
    value
        .split(outside_comma)
        .map(str::trim)
        .filter(|d| !d.is_empty())
}

/// Merges `Cookie` into `Vary`; `*` says more and stays.
fn vary_by_cookie(headers: &mut Headers) {
    let says_so = |name: &str| name == "*" || name.eq_ignore_ascii_case("cookie");
    let listed = |value: &str| value.split(',').any(|name| says_so(name.trim()));
    if headers.get_all("vary").any(listed) {
        return;
    }
    let fields: Vec<&str> = headers
        .get_all("vary")
        .map(|v| v.trim_matches([' ', '\t', ',']))
        .filter(|v| !v.is_empty())
        .collect();
    let merged = if fields.is_empty() {
        "Cookie".to_owned()
    } else {
        format!("{}, Cookie", fields.join(", "))
    };
    headers.set("Vary", merged);
}

/// The end of every targeted field's name (RFC 9213 section 2).
const TARGETED: &str = "-cdn-cache-control";

/// What an asset's browser cache may be told.
const ASSET_DIRECTIVES: &[&str] = &[
    "no-store",
    "no-cache",
    "max-age",
    "must-revalidate",
    "immutable",
    "no-transform",
];

/// Fields by which an origin lets a shared cache store, keep or find an answer, with who reads them.
const SHARED_CACHE_FIELDS: &[&str] = &[
    // Cloudflare, Akamai: the answer is stored under tags.
    "cache-tag",
    // Older CDNs: the same.
    "cache-tags",
    // Every cache that keeps RFC 9213, before Cache-Control.
    "cdn-cache-control",
    // Akamai: the same as Cache-Tag.
    "edge-cache-tag",
    // Akamai: before Cache-Control.
    "edge-control",
    // Every cache: a life time without Cache-Control.
    "expires",
    // Netlify: the same as Cache-Tag.
    "netlify-cache-tag",
    // Netlify: replaces Vary.
    "netlify-vary",
    // Fastly, Varnish: before Cache-Control.
    "surrogate-control",
    // Fastly, Varnish: the answer is stored under keys.
    "surrogate-key",
    // nginx: before Cache-Control.
    "x-accel-expires",
    // Older CDNs: the same as Cache-Tag.
    "x-cache-tags",
    // LiteSpeed: before Cache-Control.
    "x-litespeed-cache-control",
    // LiteSpeed: the answer is stored under tags.
    "x-litespeed-tag",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn control(sent: &[&str], exposure: Exposure) -> String {
        let mut headers = Headers::from_iter(sent.iter().map(|v| ("Cache-Control", *v)));
        protect(&mut headers, 200, exposure, false);
        let all: Vec<_> = headers.get_all("cache-control").collect();
        all.join(" | ")
    }

    #[test]
    fn cache_control_rows() {
        for (sent, personal, asset) in [
            (&[][..], "private, no-store", "private"),
            (
                &["public, s-maxage=60, max-age=31536000, immutable"],
                "private, no-store",
                "private, max-age=31536000, immutable",
            ),
            (
                &["PUBLIC", "Max-Age=5"],
                "private, no-store",
                "private, max-age=5",
            ),
            (
                &["private=\"set-cookie\", max-age=1"],
                "private, no-store",
                "private, max-age=1",
            ),
            (
                &["no-cache=\"a, public\", no-transform"],
                "private, no-store, no-transform",
                "private, no-cache, no-transform",
            ),
            (
                &["stale-while-revalidate=9, stale-if-error=9"],
                "private, no-store",
                "private",
            ),
            (
                &["no-store, must-understand"],
                "private, no-store",
                "private, no-store",
            ),
            (
                &["max-age=1, max-age=99"],
                "private, no-store",
                "private, max-age=1",
            ),
            (
                &["max-age, max-age=, max-age=-1, max-age=\"1\", max-age=1x"],
                "private, no-store",
                "private",
            ),
            (
                &["ext=\"a\\\", public\", must-revalidate"],
                "private, no-store",
                "private, must-revalidate",
            ),
            (&["ext=\"open, max-age=9"], "private, no-store", "private"),
            (&["private, no-store"], "private, no-store", "private, no-store"),
        ] {
            assert_eq!(control(sent, Exposure::Personal), personal, "{sent:?}");
            assert_eq!(control(sent, Exposure::Asset), asset, "{sent:?}");
        }
    }

    #[test]
    fn vary_rows() {
        for (sent, want) in [
            (&[][..], &["Cookie"][..]),
            (&["Accept"], &["Accept, Cookie"]),
            (
                &["RSC, Next-Router-Prefetch", "Accept"],
                &["RSC, Next-Router-Prefetch, Accept, Cookie"],
            ),
            (&["Accept,"], &["Accept, Cookie"]),
            (&["", " , "], &["Cookie"]),
            (&["Accept, COOKIE"], &["Accept, COOKIE"]),
            (&["*"], &["*"]),
            (&["Accept", "*"], &["Accept", "*"]),
            (&["Cookies"], &["Cookies, Cookie"]),
        ] {
            let mut headers = Headers::from_iter(sent.iter().map(|v| ("vary", *v)));
            protect(&mut headers, 200, Exposure::Personal, false);
            assert_eq!(headers.get_all("vary").collect::<Vec<_>>(), want, "{sent:?}");
        }
    }

    #[test]
    fn who_keeps_what() {
        let sent = [
            ("Cache-Control", "public, max-age=9"),
            ("Expires", "Wed, 01 Jan 2031 00:00:00 GMT"),
            ("CDN-Cache-Control", "max-age=9"),
            ("Cloudflare-CDN-Cache-Control", "max-age=9"),
            ("vercel-cdn-cache-control", "max-age=9"),
            ("Surrogate-Control", "max-age=9"),
            ("Surrogate-Key", "a"),
            ("Cache-Tag", "a"),
            ("X-Accel-Expires", "9"),
            ("ETag", "\"a\""),
            ("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT"),
        ];
        let asset = [("ETag", "\"a\""), ("Cache-Control", "private, max-age=9")];
        let personal = [("ETag", "\"a\""), ("Cache-Control", "private, no-store")];
        for (exposure, status, ours, theirs, want) in [
            (Exposure::Public, 200, false, false, None),
            (Exposure::Public, 200, false, true, None),
            (Exposure::Public, 200, true, false, Some(&personal)),
            (Exposure::Personal, 200, false, false, Some(&personal)),
            (Exposure::Personal, 302, false, false, Some(&personal)),
            (Exposure::Asset, 200, false, false, Some(&asset)),
            (Exposure::Asset, 206, false, false, Some(&asset)),
            (Exposure::Asset, 304, false, false, Some(&asset)),
            (Exposure::Asset, 404, false, false, Some(&personal)),
            (Exposure::Asset, 301, false, false, Some(&personal)),
            (Exposure::Asset, 200, true, false, Some(&personal)),
            (Exposure::Asset, 200, false, true, Some(&personal)),
        ] {
            let mut headers = Headers::from_iter(sent);
            if theirs {
                headers.append("Set-Cookie", "a=b");
            }
            let before = headers.clone();
            protect(&mut headers, status, exposure, ours);
            match want {
                None => assert_eq!(headers, before),
                Some([etag, control]) => {
                    let mut rows = vec![*etag, ("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT")];
                    rows.extend(theirs.then_some(("Set-Cookie", "a=b")));
                    rows.extend([*control, ("Vary", "Cookie")]);
                    assert_eq!(
                        headers.iter().collect::<Vec<_>>(),
                        rows,
                        "{exposure:?} {status} {ours} {theirs}"
                    );
                }
            }
        }
    }
}
