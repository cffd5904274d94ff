//! The request's `Cookie` header (RFC 6265 section 4.2): pairs as opaque bytes, and the header that leaves the gate.
//!
//! Only SP and HTAB are trimmed, nothing is unquoted or decoded, `$Version` is a name like any other (field row 46).

use super::Headers;
use super::query::hex;
use crate::base::limits;

/// One cookie-pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CookiePair<'a> {
    /// `cookie_name`: compared byte for byte. Empty for a pair without `=`.
    pub name: &'a str,
    /// `cookie_value`: opaque, quotes included.
    pub value: &'a str,
}

impl std::fmt::Debug for CookiePair<'_> {
    /// The name only: a value may be a credential (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("CookiePair").field(&self.name).finish()
    }
}

/// What a request brings more of than is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieOverflow {
    /// More than [`limits::COOKIE_HEADER_BYTES`].
    Bytes,
    /// More than [`limits::COOKIE_PAIRS`].
    Pairs,
}

impl CookieOverflow {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bytes => "cookie.header_too_large",
            Self::Pairs => "cookie.too_many",
        }
    }
}

/// The cookies of a request, in the order in which they were sent, over all `Cookie` fields (RFC 9113 section 8.2.3).
#[derive(Debug, Clone)]
pub struct Cookies<'a> {
    pairs: Vec<CookiePair<'a>>,
    overflow: Option<CookieOverflow>,
}

impl<'a> Cookies<'a> {
    /// Parses the `Cookie` fields up to the limits. What is over is not looked at, and [`overflow`](Self::overflow)
    /// says so.
    ///
    /// ```
    /// # use edgeward::message::{Headers, cookie::Cookies};
    /// let headers = Headers::from_iter([("Cookie", "a=1; b=\"x y\"; a=2")]);
    /// let cookies = Cookies::parse(&headers);
    /// assert_eq!(cookies.values("a").collect::<Vec<_>>(), ["1", "2"]);
    /// assert_eq!(cookies.values("b").next(), Some("\"x y\""));
    /// ```
    #[must_use]
    pub fn parse(headers: &'a Headers) -> Self {
        let mut cookies = Self {
            pairs: Vec::new(),
            overflow: None,
        };
        let mut bytes = 0_usize;
        for field in headers.get_all("cookie") {
            bytes = bytes.saturating_add(field.len());
            if bytes > limits::COOKIE_HEADER_BYTES {
                cookies.overflow = Some(CookieOverflow::Bytes);
                break;
            }
            for pair in field.split(';').filter_map(parse_pair) {
                if cookies.pairs.len() == limits::COOKIE_PAIRS {
                    cookies.overflow = Some(CookieOverflow::Pairs);
                    return cookies;
                }
                cookies.pairs.push(pair);
            }
        }
        cookies
    }

    /// What was not looked at, if anything.
    #[must_use]
    pub const fn overflow(&self) -> Option<CookieOverflow> {
        self.overflow
    }

    /// The pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = CookiePair<'a>> + '_ {
        self.pairs.iter().copied()
    }

    /// Every value of a name, in order.
    pub fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.pairs
            .iter()
            .filter(move |pair| pair.name == name)
            .map(|pair| pair.value)
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

/// The number in a chunk's name: `Some(2)` for `name.2` (Auth.js, iron-session, Supabase) and `name__2` (Auth0).
///
/// Canonical decimals only; the bare name is no chunk.
///
/// ```
/// # use edgeward::message::cookie::chunk_index;
/// assert_eq!(chunk_index("session.2", "session"), Some(2));
/// assert_eq!(chunk_index("session.02", "session"), None);
/// ```
#[must_use]
pub fn chunk_index(cookie_name: &str, base: &str) -> Option<u32> {
    let rest = cookie_name.strip_prefix(base)?;
    let digits = rest.strip_prefix('.').or_else(|| rest.strip_prefix("__"))?;
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// Whether some server below might take `cookie_name` for `base` or a chunk of it: the same after trimming white space
/// of any kind, percent-decoding, mapping odd characters to `_` (PHP) and ASCII case folding.
#[must_use]
pub fn is_twin(cookie_name: &str, base: &str) -> bool {
    Base::of(base).is_twin(cookie_name)
}

/// A name in its laxest reading, for many names to be held against it.
#[derive(Debug, Clone)]
struct Base(Vec<u8>);

impl Base {
    fn of(name: &str) -> Self {
        Self(Lenient::new(name).map(folded).collect())
    }

    /// What follows in a name that begins with it.
    fn rest<'n>(&self, cookie_name: &'n str) -> Option<Lenient<'n>> {
        let mut name = Lenient::new(cookie_name);
        for wanted in &self.0 {
            if folded(name.next()?) != *wanted {
                return None;
            }
        }
        Some(name)
    }

    fn is_twin(&self, cookie_name: &str) -> bool {
        let Some(mut rest) = self.rest(cookie_name) else {
            return false;
        };
        let chunk = match rest.next() {
            None | Some(b'.') => true,
            Some(b'_') => rest.next() == Some(b'_'),
            Some(_) => false,
        };
        chunk && rest.all(|byte| byte.is_ascii_digit())
    }
}

/// Builds the `Cookie` header that leaves the gate (semantics 4.2). Every other pair keeps its bytes and its place.
///
/// ```
/// # use edgeward::message::{Headers, cookie::CookieRewrite};
/// let headers = Headers::from_iter([("Cookie", "s=evil; theme=dark; s.0=x; s=good")]);
/// let rewrite = CookieRewrite::new(&headers).put("s", [("s", "good")])?;
/// assert_eq!(rewrite.build().as_deref(), Some("s=good; theme=dark"));
/// # Ok::<(), edgeward::message::cookie::CookieError>(())
/// ```
#[derive(Debug, Clone)]
pub struct CookieRewrite<'a> {
    headers: &'a Headers,
    gone: Vec<Gone>,
    front: Vec<String>,
}

/// A name that goes: with its chunks, or with everything that begins with it.
#[derive(Debug, Clone)]
enum Gone {
    Set(Base),
    Prefix(Base),
}

impl Gone {
    fn covers(&self, cookie_name: &str) -> bool {
        match self {
            Self::Set(base) => base.is_twin(cookie_name),
            Self::Prefix(base) => base.rest(cookie_name).is_some(),
        }
    }
}

/// A name or value that cannot stand in a `Cookie` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cookie name or value has a byte that cannot stand in a header")]
pub struct CookieError;

impl<'a> CookieRewrite<'a> {
    /// Starts from the request's own cookies.
    #[must_use]
    pub const fn new(headers: &'a Headers) -> Self {
        Self {
            headers,
            gone: Vec::new(),
            front: Vec::new(),
        }
    }

    /// Drops a name, its chunks, and whatever a laxer parser takes for them ([`is_twin`]).
    #[must_use]
    pub fn remove(mut self, base: &str) -> Self {
        self.gone.push(Gone::Set(Base::of(base)));
        self
    }

    /// Drops every name that begins with `base`: NextAuth and Auth.js join all of them, numbered or not.
    #[must_use]
    pub fn remove_prefix(mut self, base: &str) -> Self {
        self.gone.push(Gone::Prefix(Base::of(base)));
        self
    }

    /// Drops `base` as [`remove`](Self::remove) does, and puts the judged pairs (one, or the chunks in order) at the front:
    /// there no unclosed quote of another cookie can swallow them (field row 47).
    ///
    /// # Errors
    /// [`CookieError`] for a control, `;`, or a name that is empty or has `=`.
    pub fn put<N: AsRef<str>, V: AsRef<str>>(
        mut self,
        base: &str,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, CookieError> {
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            if name.is_empty() || name.contains('=') || is_odd(name) || is_odd(value) {
                return Err(CookieError);
            }
            self.front.push([name, "=", value].concat());
        }
        Ok(self.remove(base))
    }

    /// The header, or `None` when no cookie is left. It reads every byte that was sent, also what is over the limits
    /// of [`Cookies`], so that nothing unseen goes on.
    #[must_use]
    pub fn build(self) -> Option<String> {
        let kept = segments(self.headers).filter(|segment| {
            let name = lenient_name(segment);
            !self.gone.iter().any(|gone| gone.covers(name))
        });
        self.join(kept)
    }

    /// The header of the pairs whose name `allowed` lets through, each name once, its first value; for an upstream
    /// that gets its own cookies only (semantics 7.2).
    #[must_use]
    pub fn build_only(self, allowed: impl Fn(&str) -> bool) -> Option<String> {
        let mut seen: Vec<&str> = Vec::new();
        let kept = segments(self.headers).filter(|segment| {
            let Some(pair) = parse_pair(segment).filter(|pair| !pair.name.is_empty()) else {
                return false;
            };
            let again = seen.contains(&pair.name);
            let gone = self.gone.iter().any(|gone| gone.covers(pair.name));
            if again || gone || !allowed(pair.name) {
                return false;
            }
            seen.push(pair.name);
            true
        });
        self.join(kept)
    }

    fn join<'s>(&self, kept: impl Iterator<Item = &'s str>) -> Option<String> {
        let front: usize = self.front.iter().map(|pair| pair.len() + 2).sum();
        let sent: usize = self.headers.get_all("cookie").map(str::len).sum();
        let mut header = String::with_capacity(front + sent);
        let mut add = |pair: &str| {
            if !header.is_empty() {
                header.push_str("; ");
            }
            header.push_str(pair);
        };
        self.front.iter().for_each(|pair| add(pair));
        kept.for_each(add);
        (!header.is_empty()).then_some(header)
    }
}

/// Whether a text has a byte that cannot stand in a cookie-pair.
fn is_odd(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [byte, more @ ..] = rest {
        if matches!(byte, ..b' ' | b';' | 0x7F) {
            return true;
        }
        rest = more;
    }
    false
}

/// SP and HTAB, the only white space of the grammar.
pub(super) fn trim(mut text: &str) -> &str {
    while let [b' ' | b'\t', ..] = text.as_bytes() {
        text = text.get(1..).unwrap_or_default();
    }
    while let [rest @ .., b' ' | b'\t'] = text.as_bytes() {
        text = text.get(..rest.len()).unwrap_or_default();
    }
    text
}

fn parse_pair(segment: &str) -> Option<CookiePair<'_>> {
    let segment = trim(segment);
    match segment.split_once('=') {
        Some((name, value)) => Some(CookiePair {
            name: trim(name),
            value: trim(value),
        }),
        None if segment.is_empty() => None,
        None => Some(CookiePair {
            name: "",
            value: segment,
        }),
    }
}

fn segments(headers: &Headers) -> impl Iterator<Item = &str> {
    headers
        .get_all("cookie")
        .flat_map(|field| field.split(';'))
        .map(trim)
        .filter(|s| !s.is_empty())
}

/// The name as the laxest parser finds it: browsers send a nameless cookie `=a=b` as `a=b`, some servers a bare `a` as a name.
fn lenient_name(segment: &str) -> &str {
    let name = match segment.as_bytes().first() {
        Some(first) if is_plain(*first) => segment,
        _ => segment.trim_start_matches(|c: char| c == '=' || is_space(c)),
    };
    name.split_once('=').map_or(name, |(name, _)| name)
}

/// White space and controls in any reading. Headers carry bytes as characters up to U+00FF, so the UTF-8 of U+2000
/// comes as `â` and two characters of U+0080 to U+009F; all of that range is blank here.
fn is_space(c: char) -> bool {
    c <= ' ' || ('\u{7F}'..='\u{A0}').contains(&c) || c.is_whitespace()
}

/// Whether a byte is one at which nobody trims.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'=' && byte != b'"'
}

/// The bytes of a name, trimmed, unquoted and percent-decoded as the laxest server would.
struct Lenient<'a>(&'a [u8]);

impl<'a> Lenient<'a> {
    fn new(name: &'a str) -> Self {
        let bytes = name.as_bytes();
        let ends = [bytes.first(), bytes.last()];
        if ends.into_iter().flatten().all(|end| is_plain(*end)) {
            return Self(bytes);
        }
        let trimmed = name.trim_matches(|c: char| is_space(c) || c == '"' || !c.is_ascii());
        Self(trimmed.as_bytes())
    }
}

impl Iterator for Lenient<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let (byte, rest) = match self.0 {
            [b'%', high, low, rest @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, rest),
                _ => (b'%', self.0.get(1..)?),
            },
            [byte, rest @ ..] => (*byte, rest),
            [] => return None,
        };
        self.0 = rest;
        Some(byte)
    }
}

/// Case folded, and what PHP and CGI cannot have in a name as `_`.
const fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() || byte == b'-' {
        byte.to_ascii_lowercase()
    } else {
        b'_'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(fields: &[&str]) -> Vec<(String, String)> {
        let headers = Headers::from_iter(fields.iter().map(|f| ("cookie", *f)));
        Cookies::parse(&headers)
            .iter()
            .map(|p| (p.name.to_owned(), p.value.to_owned()))
            .collect()
    }

    #[test]
    fn pairs_are_opaque() {
        for (fields, want) in [
            (&["a=1; b=2"][..], &[("a", "1"), ("b", "2")][..]),
            (&["a=1;b=2", "c=3"], &[("a", "1"), ("b", "2"), ("c", "3")]),
            (&["a=\"x; b=y\""], &[("a", "\"x"), ("b", "y\"")]),
            (&["a=x=y=="], &[("a", "x=y==")]),
            (&["a=%20"], &[("a", "%20")]),
            (&[" \ta = 1 \t; ;; "], &[("a", "1")]),
            (&["$Version=1; a=b"], &[("$Version", "1"), ("a", "b")]),
            (&["\u{a0}a=1"], &[("\u{a0}a", "1")]),
            (&["\u{2000}a=1\u{2000}"], &[("\u{2000}a", "1\u{2000}")]),
            (&["\u{b}a=1"], &[("\u{b}a", "1")]),
            (&["lone; =x"], &[("", "lone"), ("", "x")]),
            (&["a="], &[("a", "")]),
            (&["a=1,b=2"], &[("a", "1,b=2")]),
            (&[], &[]),
            (&["", ";", " ; "], &[]),
        ] {
            let want: Vec<_> = want
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect();
            assert_eq!(pairs(fields), want, "{fields:?}");
        }
    }

    #[test]
    fn what_is_over_is_reported() {
        let many = "a=1;".repeat(limits::COOKIE_PAIRS + 1);
        let full = "a=1;".repeat(limits::COOKIE_PAIRS);
        let long = "x".repeat(limits::COOKIE_HEADER_BYTES + 1);
        for (field, overflow, len) in [
            (full.as_str(), None, limits::COOKIE_PAIRS),
            (many.as_str(), Some(CookieOverflow::Pairs), limits::COOKIE_PAIRS),
            (long.as_str(), Some(CookieOverflow::Bytes), 0),
        ] {
            let headers = Headers::from_iter([("Cookie", field)]);
            let cookies = Cookies::parse(&headers);
            assert_eq!((cookies.overflow(), cookies.len()), (overflow, len));
        }
        // The rebuilt header has no unseen twin behind the limit.
        let headers = Headers::from_iter([("Cookie", format!("{many} s=late"))]);
        assert!(
            !CookieRewrite::new(&headers)
                .remove("s")
                .build()
                .unwrap()
                .contains("late")
        );
    }

    #[test]
    fn chunks() {
        for (name, want) in [
            ("s.0", Some(0)),
            ("s.12", Some(12)),
            ("s__3", Some(3)),
            ("s", None),
            ("s.", None),
            ("s.01", None),
            ("s.-1", None),
            ("s.+1", None),
            ("s.1.2", None),
            ("s.n", None),
            ("s_3", None),
            ("t.1", None),
            ("s.99999999999999999999", None),
        ] {
            assert_eq!(chunk_index(name, "s"), want, "{name}");
        }
    }

    #[test]
    fn twins_of_a_name() {
        for (name, want) in [
            ("__Host-edgeward", true),
            ("__host-EDGEWARD", true),
            ("__Host-edgeward.0", true),
            ("__Host-edgeward__1", true),
            ("__Host-edgeward.01", true),
            ("..Host-edgeward", true),
            ("_[Host-edgeward", true),
            ("%5f_Host%2dedgeward", true),
            ("\u{a0}__Host-edgeward", true),
            ("\u{2000}__Host-edgeward", true),
            ("\u{e2}\u{80}\u{80}__Host-edgeward", true),
            ("\u{c}__Host-edgeward\u{85}", true),
            ("__Host-edgeward-out", false),
            ("__Host-edgeward-hops", false),
            ("__Host-edgeward%2e1", true),
            ("\"__Host-edgeward\"", true),
            ("__Host-edgeward.n", false),
            ("__Host-edgeward_1", false),
            ("__Host-edgeward.1x", false),
            ("__Host-edgewar", false),
            ("Host-edgeward", false),
            ("x__Host-edgeward", false),
            ("", false),
            ("%", false),
        ] {
            assert_eq!(is_twin(name, "__Host-edgeward"), want, "{name}");
        }
    }

    #[test]
    fn once_or_never() {
        for (sent, removed, once) in [
            ("s=1", None, "s=judged"),
            ("a=1; s=1; b=%20; s=2", Some("a=1; b=%20"), "s=judged; a=1; b=%20"),
            (
                "s.0=x; s.1=y; a=\"q;r\"",
                Some("a=\"q; r\""),
                "s=judged; a=\"q; r\"",
            ),
            ("=s=evil; a=1", Some("a=1"), "s=judged; a=1"),
            ("s; a=1", Some("a=1"), "s=judged; a=1"),
            ("\u{a0}s=evil; S=evil; sx=1", Some("sx=1"), "s=judged; sx=1"),
            (
                "a=\"1; $Version=1",
                Some("a=\"1; $Version=1"),
                "s=judged; a=\"1; $Version=1",
            ),
            ("", None, "s=judged"),
        ] {
            let headers = Headers::from_iter([("Cookie", sent)]);
            assert_eq!(
                CookieRewrite::new(&headers).remove("s").build().as_deref(),
                removed,
                "{sent}"
            );
            let rewrite = CookieRewrite::new(&headers).put("s", [("s", "judged")]).unwrap();
            assert_eq!(rewrite.build().as_deref(), Some(once), "{sent}");
        }
    }

    #[test]
    fn what_cannot_stand_in_the_header_is_refused() {
        let headers = Headers::new();
        for (name, value) in [
            ("s", "a;b"),
            ("s", "a\r\nb"),
            ("s", "\0"),
            ("", "a"),
            ("s=t", "a"),
            ("s;", "a"),
            ("s", "\t"),
        ] {
            assert!(
                CookieRewrite::new(&headers).put("s", [(name, value)]).is_err(),
                "{name:?} {value:?}"
            );
        }
    }

    #[test]
    fn only_what_is_allowed_and_once() {
        let headers = Headers::from_iter([
            ("Cookie", "other=1; csrf=a%20==; edgeward=e; k=1"),
            ("Cookie", "k=2; =k=3; csrf=b; lone"),
        ]);
        let up = CookieRewrite::new(&headers).build_only(|name| name == "k" || name == "csrf");
        assert_eq!(up.as_deref(), Some("csrf=a%20==; k=1"));
        let judged = CookieRewrite::new(&headers).put("k", [("k", "2")]).unwrap();
        assert_eq!(judged.build_only(|name| name == "k").as_deref(), Some("k=2"));
        assert_eq!(CookieRewrite::new(&headers).build_only(|_| false), None);
        let prefix = CookieRewrite::new(&headers)
            .remove_prefix("ed")
            .remove_prefix("C")
            .build();
        assert_eq!(prefix.as_deref(), Some("other=1; k=1; k=2; =k=3; lone"));
    }
}
