//! Query strings: reading one parameter, writing one parameter, every other byte as it was (semantics 7.4).
//!
//! Names and values are `application/x-www-form-urlencoded` (`+` is a space); pairs are cut at `&` only.

/// The text is not well-formed percent-encoded UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not percent-encoded UTF-8")]
pub struct DecodeError;

/// The pairs as written: raw name, and raw value where there is a `=`.
pub fn pairs(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (pair, None),
        })
}

/// The first value of a name, decoded; `None` without one.
///
/// # Errors
/// [`DecodeError`] where the value is malformed; a malformed name is no name.
///
/// ```
/// # use edgeward::message::query;
/// assert_eq!(query::value("a=1&return_to=%2Fx%3Fy+z", "return_to"), Ok(Some("/x?y z".to_owned())));
/// assert!(query::value("return_to=%", "return_to").is_err());
/// ```
pub fn value(query: &str, name: &str) -> Result<Option<String>, DecodeError> {
    let mut found = pairs(query).filter(|(raw, _)| is_named(raw, name));
    found
        .next()
        .map(|(_, raw)| decode(raw.unwrap_or_default()))
        .transpose()
}

/// Whether a name occurs, with or without a value.
#[must_use]
pub fn contains(query: &str, name: &str) -> bool {
    pairs(query).any(|(raw, _)| is_named(raw, name))
}

/// The query with exactly one pair of this name: in the place of the first, else at the end.
///
/// ```
/// # use edgeward::message::query;
/// assert_eq!(query::set("a=%2f&b=1&&c&b=2", "b", "x y"), "a=%2f&b=x%20y&&c");
/// assert_eq!(query::set("", "b", "/"), "b=%2F");
/// ```
#[must_use]
pub fn set(query: &str, name: &str, value: &str) -> String {
    let pair = format!("{}={}", encode(name), encode(value));
    let mut written = false;
    let mut parts: Vec<&str> = Vec::new();
    for part in query.split('&') {
        if !is_named(raw_name(part), name) {
            parts.push(part);
        } else if !written {
            written = true;
            parts.push(&pair);
        }
    }
    if !written {
        if query.is_empty() {
            return pair;
        }
        parts.push(&pair);
    }
    parts.join("&")
}

/// The query without any pair of this name; every other byte stays.
#[must_use]
pub fn remove(query: &str, name: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|part| part.is_empty() || !is_named(raw_name(part), name))
        .collect();
    kept.join("&")
}

/// A URL or path with exactly one query pair of this name; a fragment stays at its end.
///
/// ```
/// # use edgeward::message::query;
/// let login = query::set_in_url("/login?a=b#top", "return_to", "https://app.example.com/deep?x=1");
/// assert_eq!(login, "/login?a=b&return_to=https%3A%2F%2Fapp.example.com%2Fdeep%3Fx%3D1#top");
/// ```
#[must_use]
pub fn set_in_url(url: &str, name: &str, value: &str) -> String {
    let (url, fragment) = match url.find('#').and_then(|at| url.split_at_checked(at)) {
        Some((url, fragment)) => (url, fragment),
        None => (url, ""),
    };
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    format!("{path}?{}{fragment}", set(query, name, value))
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 section 2.3.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            push_encoded(&mut out, byte);
        }
    }
    out
}

/// Decodes a raw name or value.
///
/// # Errors
/// [`DecodeError`] for a `%` without two digits, and for bytes that are no UTF-8.
pub fn decode(raw: &str) -> Result<String, DecodeError> {
    let bytes = percent_decode(raw, true).ok_or(DecodeError)?;
    String::from_utf8(bytes).map_err(|_| DecodeError)
}

/// The bytes behind the escapes; `None` for a malformed one.
pub(super) fn percent_decode(raw: &str, plus_is_space: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    loop {
        rest = match rest {
            [b'%', high, low, tail @ ..] => {
                out.push(hex(*high)? << 4 | hex(*low)?);
                tail
            }
            [b'%', ..] => return None,
            [b'+', tail @ ..] if plus_is_space => {
                out.push(b' ');
                tail
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                tail
            }
            [] => return Some(out),
        };
    }
}

pub(super) fn push_encoded(out: &mut String, byte: u8) {
    out.push('%');
    for digit in [byte >> 4, byte & 15] {
        out.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
    }
}

/// The value of a hexadecimal digit.
pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

fn raw_name(part: &str) -> &str {
    part.split('=').next().unwrap_or_default()
}

fn is_named(raw: &str, name: &str) -> bool {
    raw == name || (raw.contains(['%', '+']) && decode(raw).is_ok_and(|decoded| decoded == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading() {
        for (query, want) in [
            ("a=1", Ok(None)),
            ("", Ok(None)),
            ("r=", Ok(Some(""))),
            ("r", Ok(Some(""))),
            ("r=1&r=2", Ok(Some("1"))),
            ("%72=1", Ok(Some("1"))),
            ("rr=0&r=a%2Bb+c", Ok(Some("a+b c"))),
            ("r=%C3%A9", Ok(Some("é"))),
            ("a;r=1", Ok(None)),
            ("%zz=1", Ok(None)),
            ("r=%", Err(DecodeError)),
            ("r=%4", Err(DecodeError)),
            ("r=%+1", Err(DecodeError)),
            ("r=%zz", Err(DecodeError)),
            ("r=%C3", Err(DecodeError)),
            ("r=%c0%af", Err(DecodeError)),
        ] {
            assert_eq!(value(query, "r"), want.map(|v| v.map(str::to_owned)), "{query}");
        }
    }

    #[test]
    fn writing_touches_nothing_else() {
        for (query, set_to, removed) in [
            ("", "r=x", ""),
            ("a=b%2Fc&d=%20e", "a=b%2Fc&d=%20e&r=x", "a=b%2Fc&d=%20e"),
            ("r=1", "r=x", ""),
            ("r&a", "r=x&a", "a"),
            ("a&%72=1&r=2&&b=+", "a&r=x&&b=+", "a&&b=+"),
            ("%zz=%&=&", "%zz=%&=&&r=x", "%zz=%&=&"),
        ] {
            assert_eq!(set(query, "r", "x"), set_to, "{query}");
            assert_eq!(remove(query, "r"), removed, "{query}");
        }
        for (url, want) in [
            ("/login", "/login?r=%2F"),
            ("/login?", "/login?r=%2F"),
            ("/login?r=1#a?b", "/login?r=%2F#a?b"),
            ("https://h#", "https://h?r=%2F#"),
        ] {
            assert_eq!(set_in_url(url, "r", "/"), want, "{url}");
        }
    }
}
