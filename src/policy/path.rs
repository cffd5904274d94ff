//! What a path may not be, and its normal form (semantics 2.1).

use crate::base::limits;
use crate::message::url::escape;

/// Why a path is refused with 400 whatever the rules say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathRefusal {
    /// Longer than [`limits::TARGET_BYTES`], or more than [`MOST_SEGMENTS`] segments.
    #[error("the path is too long")]
    TooLong,
    /// Does not begin with `/`, or has a raw `?` or `#`: not the path of a target in origin form.
    #[error("not an absolute path")]
    NotAPath,
    /// A `%` that is not followed by two hex digits.
    #[error("malformed escape")]
    MalformedEscape,
    /// A control character, raw or escaped, NUL among them.
    #[error("control character")]
    Control,
    /// Escapes that are no UTF-8, overlong forms among them.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// `\`, raw or escaped.
    #[error("backslash")]
    Backslash,
    /// `.` or `..` as a segment, in any spelling.
    #[error("dot segment")]
    DotSegment,
    /// An escaped `%` in front of `2e`, `2f` or `5c`, once or more often.
    #[error("doubly escaped separator")]
    DoubleEscape,
    /// More readings than are compared ([`MOST_READINGS`](super::reading::MOST_READINGS)).
    #[error("too many readings")]
    TooManyReadings,
}

impl PathRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "path.too_long",
            Self::NotAPath => "path.not_absolute",
            Self::MalformedEscape => "path.malformed_escape",
            Self::Control => "path.control",
            Self::InvalidUtf8 => "path.invalid_utf8",
            Self::Backslash => "path.backslash",
            Self::DotSegment => "path.dot_segment",
            Self::DoubleEscape => "path.double_escape",
            Self::TooManyReadings => "path.too_many_readings",
        }
    }
}

/// Percent-encodes to the fixed point of WHATWG path serialisation, escapes kept as they are; refuses what no
/// router should be asked to guess.
///
/// # Errors
/// [`PathRefusal`], always answered 400.
///
/// ```
/// # use edgeward::policy::path;
/// assert_eq!(path::normal("/caf\u{e9} au lait/%2f").as_deref(), Ok("/caf%C3%A9%20au%20lait/%2f"));
/// assert_eq!(path::normal("/public/%2E%2e/admin"), Err(path::PathRefusal::DotSegment));
/// ```
pub fn normal(raw: &str) -> Result<String, PathRefusal> {
    if raw.len() > limits::TARGET_BYTES {
        return Err(PathRefusal::TooLong);
    }
    if !raw.starts_with('/') {
        return Err(PathRefusal::NotAPath);
    }
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '?' | '#' => return Err(PathRefusal::NotAPath),
            '\\' => return Err(PathRefusal::Backslash),
            c if c.is_control() => return Err(PathRefusal::Control),
            c if is_kept(c) => out.push(c),
            c => escape(c, &mut out),
        }
    }
    if out.len() > limits::TARGET_BYTES {
        return Err(PathRefusal::TooLong);
    }
    if out.contains('%') {
        refuse_escaped(&out)?;
    }
    if has_dot_segment(&out, '/') {
        return Err(PathRefusal::DotSegment);
    }
    if out.bytes().filter(|b| *b == b'/').count() > MOST_SEGMENTS {
        return Err(PathRefusal::TooLong);
    }
    Ok(out)
}

/// Whether an outbound path, as the host will send it, is the path that was judged.
///
/// `^` and `%5E` count as one: the standard escapes `^` since 2023, and older hosts do not.
///
/// ```
/// # use edgeward::policy::path;
/// assert!(path::arrives("/a%5Eb", "/a^b"));
/// assert!(!path::arrives("/a%2Fb", "/a/b"));
/// ```
#[must_use]
pub fn arrives(judged: &str, outbound: &str) -> bool {
    judged == outbound || judged.replace('^', "%5E") == outbound.replace('^', "%5E")
}

/// Undoes every escape once; `None` for a malformed escape or bytes that are no UTF-8.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn refuse_escaped(path: &str) -> Result<(), PathRefusal> {
    let Some(plain) = unescape(path) else {
        return Err(if has_malformed_escape(path) {
            PathRefusal::MalformedEscape
        } else {
            PathRefusal::InvalidUtf8
        });
    };
    if plain.contains(char::is_control) {
        return Err(PathRefusal::Control);
    }
    if plain.contains('\\') {
        return Err(PathRefusal::Backslash);
    }
    // Readings split on an escaped slash too, so dots beside one are dot segments for somebody.
    if has_dot_segment(&plain, '/') {
        return Err(PathRefusal::DotSegment);
    }
    if has_double_escape(&plain) {
        return Err(PathRefusal::DoubleEscape);
    }
    Ok(())
}

fn has_malformed_escape(path: &str) -> bool {
    path.split('%').skip(1).any(|after| {
        let mut digits = after.chars();
        let hex = |c: Option<char>| c.is_some_and(|c| c.is_ascii_hexdigit());
        !(hex(digits.next()) && hex(digits.next()))
    })
}

/// `.` and `..`, also in front of path parameters (`..;x`), which some servers drop first.
fn has_dot_segment(path: &str, separator: char) -> bool {
    path.split(separator)
        .map(|segment| segment.split(';').next().unwrap_or_default())
        .any(|segment| segment == "." || segment == "..")
}

/// After one decoding: `%`, any number of `25`, then `2e`, `2f` or `5c`.
fn has_double_escape(plain: &str) -> bool {
    plain.split('%').skip(1).any(|after| {
        let mut after = after;
        while let Some(rest) = after.strip_prefix("25") {
            after = rest;
        }
        let mut pair = after.chars().map(|c| c.to_ascii_lowercase());
        matches!(
            (pair.next(), pair.next()),
            (Some('2'), Some('e' | 'f')) | (Some('5'), Some('c'))
        )
    })
}

/// What WHATWG leaves as it is in a path, `%` among it; `^` is escaped since 2023.
fn is_kept(c: char) -> bool {
    c.is_ascii()
        && !matches!(
            c,
            '\0'..=' ' | '"' | '#' | '<' | '>' | '?' | '^' | '`' | '{' | '}' | '\u{7f}'
        )
}

/// More than any page has; a bound for the work of matching.
pub const MOST_SEGMENTS: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_whatever_the_rules_say() {
        use PathRefusal::*;
        let cases = [
            ("", NotAPath),
            ("admin", NotAPath),
            ("*", NotAPath),
            ("http://h/admin", NotAPath),
            ("/admin?x", NotAPath),
            ("/admin#/public", NotAPath),
            ("/%", MalformedEscape),
            ("/%2", MalformedEscape),
            ("/%zz", MalformedEscape),
            ("/%2g", MalformedEscape),
            ("/a%u0041", MalformedEscape),
            ("/%+1", MalformedEscape),
            ("/%é1", MalformedEscape),
            ("/%00", Control),
            ("/%0a", Control),
            ("/%0D%0Ax", Control),
            ("/%7f", Control),
            ("/%C2%85", Control),
            ("/a\tb", Control),
            ("/a\u{0}b", Control),
            ("/%c0%af", InvalidUtf8),
            ("/%C0%AE%C0%AE/", InvalidUtf8),
            ("/%ff", InvalidUtf8),
            ("/%e2%82", InvalidUtf8),
            ("/%ed%a0%80", InvalidUtf8),
            ("\\admin", NotAPath),
            ("/\\admin", Backslash),
            ("/a%5cb", Backslash),
            ("/a%5Cb", Backslash),
            ("/.", DotSegment),
            ("/..", DotSegment),
            ("/../", DotSegment),
            ("/public/../admin", DotSegment),
            ("/public/./admin", DotSegment),
            ("/public/%2e%2e/admin", DotSegment),
            ("/public/.%2E/admin", DotSegment),
            ("/public/%2e/admin", DotSegment),
            ("/public/..;/admin", DotSegment),
            ("/public/..;x=1/admin", DotSegment),
            ("/public/%2e%2e;x/admin", DotSegment),
            ("/public/..%3b/admin", DotSegment),
            ("/public/..%2fadmin", DotSegment),
            ("/public%2f..%2Fadmin", DotSegment),
            ("/%252e%252e/admin", DoubleEscape),
            ("/a%252Fb", DoubleEscape),
            ("/a%255cb", DoubleEscape),
            ("/a%25%32%65b", DoubleEscape),
            ("/a%2525252fb", DoubleEscape),
        ];
        for (raw, refusal) in cases {
            assert_eq!(normal(raw), Err(refusal), "{raw:?}");
        }
        assert_eq!(
            normal(&format!("/{}", "a".repeat(limits::TARGET_BYTES))),
            Err(TooLong)
        );
        assert_eq!(normal(&"/a".repeat(MOST_SEGMENTS + 1)), Err(TooLong));
        // Encoding may lengthen: the bound holds for what is sent.
        assert_eq!(
            normal(&format!("/{}", "é".repeat(limits::TARGET_BYTES / 3))),
            Err(TooLong)
        );
    }

    #[test]
    fn the_normal_form_is_a_fixed_point() {
        let cases = [
            ("/", "/"),
            ("/a b", "/a%20b"),
            ("/a\"<>`{}|b", "/a%22%3C%3E%60%7B%7D|b"),
            ("/é/日本", "/%C3%A9/%E6%97%A5%E6%9C%AC"),
            ("/%c3%a9", "/%c3%a9"),
            ("/projects/group%2Fname", "/projects/group%2Fname"),
            ("/@scope%2fpkg", "/@scope%2fpkg"),
            ("/files/a;v=2.pdf", "/files/a;v=2.pdf"),
            ("/proxy/https://example.com/", "/proxy/https://example.com/"),
            ("/a+b&c=d,e!f$g'h(i)*~", "/a+b&c=d,e!f$g'h(i)*~"),
            ("/100%25", "/100%25"),
            ("/...", "/..."),
            ("/a^b/%5e", "/a%5Eb/%5e"),
            ("/.well-known/x", "/.well-known/x"),
            ("/a..b/..c/d..", "/a..b/..c/d.."),
        ];
        for (raw, wanted) in cases {
            assert_eq!(normal(raw).as_deref(), Ok(wanted), "{raw}");
            assert_eq!(normal(wanted).as_deref(), Ok(wanted), "{raw}");
        }
    }
}
