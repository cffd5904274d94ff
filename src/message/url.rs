//! The parts of URLs that the gate reasons about: origins, request targets, preview patterns, upstream bases.
//!
//! Strict on purpose. Where two URL parsers read a text differently, it is no URL here. Nothing is percent-decoded
//! and nothing is normalised but the host.

use std::fmt;

use super::host::{Host, is_label_byte};
use crate::base::limits;

/// Why a text is not the URL part that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Neither `http://` nor `https://`.
    #[error("not an absolute http or https URL")]
    Scheme,
    /// A user name or password.
    #[error("a URL must not carry a user name or password")]
    UserInfo,
    /// No host, or one that parsers read differently.
    #[error("not a host name or address")]
    Host,
    /// Not a port from 1 to 65535.
    #[error("not a port number")]
    Port,
    /// Something behind the part that was asked for.
    #[error("only scheme, host and port may stand here")]
    NotExact,
    /// A path or query that changes on its way: controls, spaces, `\`, dot segments, a fragment.
    #[error("the path would not arrive as it is written")]
    Path,
    /// Longer than [`limits::TARGET_BYTES`].
    #[error("the request target is too long")]
    TooLong,
    /// Not exactly one `*`, a `*` in the last two labels, or one right below a hosting suffix.
    #[error("a pattern has one `*` inside one label, below a name of your own")]
    Pattern,
}

impl UrlError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Scheme => "url.scheme",
            Self::UserInfo => "url.user_info",
            Self::Host => "url.host",
            Self::Port => "url.port",
            Self::NotExact => "url.not_exact",
            Self::Path => "url.path",
            Self::TooLong => "url.too_long",
            Self::Pattern => "url.pattern",
        }
    }
}

/// The two schemes that the gate speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "http and https are all there is")]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Scheme {
    /// The scheme without the colon.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// 80 or 443.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Scheme, host and port, compared exactly (RFC 6454). Its `Display` is the serialisation, default port left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    scheme: Scheme,
    host: Host,
    port: u16,
}

impl Origin {
    /// Parses `scheme://host[:port]` with nothing behind it, not even a slash.
    ///
    /// # Errors
    /// [`UrlError`], by the part that is wrong.
    ///
    /// ```
    /// # use edgeward::message::url::Origin;
    /// let origin = Origin::parse("https://App.Example.com:443")?;
    /// assert_eq!(origin.to_string(), "https://app.example.com");
    /// assert!(Origin::parse("https://app.example.com/").is_err());
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = split_scheme(text)?;
        if rest.contains(['/', '?', '#']) {
            return Err(UrlError::NotExact);
        }
        Self::from_authority(scheme, rest)
    }

    /// Builds the origin of a scheme and an authority such as a `Host` field (RFC 9110 section 7.2).
    ///
    /// # Errors
    /// [`UrlError`], by the part that is wrong.
    pub fn from_authority(scheme: Scheme, authority: &str) -> Result<Self, UrlError> {
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        let (host, port) = split_port(authority);
        let host = Host::parse(host)?;
        let port = port.map_or(Ok(scheme.default_port()), parse_port)?;
        Ok(Self { scheme, host, port })
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    #[must_use]
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The port, default or not.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Host, and the port unless it is the scheme's own: what a `Host` field carries.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether scheme and authority name this origin: any case, with or without trailing dot and default port.
    /// Allocates only for IPv6.
    ///
    /// ```
    /// # use edgeward::message::url::{Origin, Scheme};
    /// let origin = Origin::parse("https://app.example.com")?;
    /// assert!(origin.is(Scheme::Https, "APP.EXAMPLE.COM.:443"));
    /// assert!(!origin.is(Scheme::Http, "app.example.com"));
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    #[must_use]
    pub fn is(&self, scheme: Scheme, authority: &str) -> bool {
        self.scheme == scheme && self.is_authority(authority)
    }

    /// Whether an authority names host and port of this origin, its default port left out or not. For hosts that
    /// show a `Host` field and know nothing of the scheme.
    #[must_use]
    pub fn is_authority(&self, authority: &str) -> bool {
        let (host, port) = split_port(authority);
        let port = port.map_or(Ok(self.scheme.default_port()), parse_port);
        port == Ok(self.port) && self.host.is(host)
    }

    /// Whether the host is a loopback one (semantics 3.3).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }

    /// Whether a visitor from anywhere could be meant: neither loopback nor private nor [reserved](Host::is_reserved).
    #[must_use]
    pub fn is_public(&self) -> bool {
        !self.is_loopback_or_private() && !self.host.is_reserved()
    }

    /// Whether the host is a loopback or a private address (semantics 3.3).
    #[must_use]
    pub fn is_loopback_or_private(&self) -> bool {
        self.host.is_loopback() || self.host.is_private()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port != self.scheme.default_port() {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

/// A request URL cut into its parts, each as the host shows it, byte for byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The scheme.
    pub scheme: Scheme,
    /// Host and port as shown; [`Origin::is`] compares it.
    pub authority: &'a str,
    /// The path, at least `/`.
    pub path: &'a str,
    /// The query without its `?`; `None` without one.
    pub query: Option<&'a str>,
    /// Whether a `#` stood in the URL. A browser sends none; policy refuses it (field row 12).
    pub fragment: bool,
}

impl<'a> Target<'a> {
    /// Parses an absolute request URL.
    ///
    /// # Errors
    /// [`UrlError::TooLong`] above [`limits::TARGET_BYTES`]; else by the part that is wrong. The path is not judged
    /// here (semantics 2 is policy's).
    ///
    /// ```
    /// # use edgeward::message::url::Target;
    /// let target = Target::parse("https://app.example.com/a%2Fb?c=d")?;
    /// assert_eq!((target.path, target.query), ("/a%2Fb", Some("c=d")));
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    pub fn parse(url: &'a str) -> Result<Self, UrlError> {
        let (scheme, rest) = split_scheme(url)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end).ok_or(UrlError::Host)?;
        if target.len() > limits::TARGET_BYTES {
            return Err(UrlError::TooLong);
        }
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        if authority.is_empty() {
            return Err(UrlError::Host);
        }
        let (target, fragment) = target.split_once('#').map_or((target, false), |(t, _)| (t, true));
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self {
            scheme,
            authority,
            path,
            query,
            fragment,
        })
    }

    /// The origin that the URL names.
    ///
    /// # Errors
    /// [`UrlError::Host`] or [`UrlError::Port`].
    pub fn origin(&self) -> Result<Origin, UrlError> {
        Origin::from_authority(self.scheme, self.authority)
    }

    /// Path and query as shown.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        match self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        }
    }
}

impl fmt::Debug for Target<'_> {
    /// Without path and query (invariant 7).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}

/// A preview pattern such as `https://*-team.vercel.app`: one `*` within one label (semantics 1.9).
///
/// It may *select* the request's own origin. It is never a list of redirect targets: anybody can claim a name
/// that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginPattern {
    scheme: Scheme,
    before: String,
    after: String,
    port: u16,
}

impl OriginPattern {
    /// Parses a pattern. The two last labels are literal, and a whole-label `*` needs a name of one's own below
    /// a hosting suffix (`https://*.vercel.app` is everybody).
    ///
    /// # Errors
    /// [`UrlError::Pattern`], or the error of the origin that it is with the `*` filled in.
    ///
    /// ```
    /// # use edgeward::message::url::{Origin, OriginPattern};
    /// let pattern = OriginPattern::parse("https://*-team.vercel.app")?;
    /// assert!(pattern.matches(&Origin::parse("https://fix-42-team.vercel.app")?));
    /// assert!(!pattern.matches(&Origin::parse("https://a.b-team.vercel.app")?));
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (head, tail) = text.split_once('*').ok_or(UrlError::Pattern)?;
        if tail.contains('*') || !tail.contains('.') {
            return Err(UrlError::Pattern);
        }
        // Filled in, it must be an origin; a `*` in scheme or port makes it none.
        let filled = Origin::parse(&format!("{head}x{tail}"))?;
        let (_, before) = split_scheme(head)?;
        let before = before.to_ascii_lowercase();
        let after = filled
            .host
            .as_str()
            .get(before.len().saturating_add(1)..)
            .ok_or(UrlError::Pattern)?
            .to_owned();
        let (rest_of_label, parent) = after.split_once('.').ok_or(UrlError::Pattern)?;
        let parent = Host::parse(parent)?;
        let whole_label = rest_of_label.is_empty() && (before.is_empty() || before.ends_with('.'));
        let local = parent.is_loopback();
        if filled.host.is_address()
            || (!local && (!parent.as_str().contains('.') || (whole_label && parent.is_shared_suffix())))
        {
            return Err(UrlError::Pattern);
        }
        Ok(Self {
            scheme: filled.scheme,
            before,
            after,
            port: filled.port,
        })
    }

    /// Whether the origin fits: same scheme and port, and one or more characters of a single label for the `*`.
    #[must_use]
    pub fn matches(&self, origin: &Origin) -> bool {
        let star = origin
            .host
            .as_str()
            .strip_prefix(self.before.as_str())
            .and_then(|rest| rest.strip_suffix(self.after.as_str()));
        self.scheme == origin.scheme
            && self.port == origin.port
            && star.is_some_and(|s| !s.is_empty() && s.bytes().all(is_label_byte))
    }
}

/// An upstream: its origin and a base path, `https://id.example.com/kratos`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    origin: Origin,
    path: String,
}

impl BaseUrl {
    /// Parses an upstream URL. A slash at the end is dropped.
    ///
    /// # Errors
    /// [`UrlError::Path`] for a query, a fragment, `%`, `//` or dot segments; else by the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let target = Target::parse(text)?;
        let path = target.path.strip_suffix('/').unwrap_or(target.path);
        let odd = path.contains("//") || path.ends_with('/') || !path.bytes().all(is_base_path_byte);
        if target.query.is_some() || target.fragment || odd || has_dot_segment(path) {
            return Err(UrlError::Path);
        }
        Ok(Self {
            origin: target.origin()?,
            path: path.to_owned(),
        })
    }

    /// The origin.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The base path without a slash at the end: empty, or `/kratos`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The URL of a path below the base, byte-exact. Of the query, what no URL holds as it is gets escaped as any host
    /// would do it: the URL that is sent is this one (semantics 2.1).
    ///
    /// # Errors
    /// [`UrlError::Path`] if a URL parser would not send those bytes: no slash at the front, a control, a space, `\`,
    /// a dot segment in any spelling, a fragment.
    ///
    /// ```
    /// # use edgeward::message::url::BaseUrl;
    /// let base = BaseUrl::parse("https://id.example.com/kratos/")?;
    /// assert_eq!(base.join("/sessions/whoami", Some("a=b%2Fc"))?, "https://id.example.com/kratos/sessions/whoami?a=b%2Fc");
    /// assert!(base.join("/..%2f../admin/%2e%2e/x", None).is_err());
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    pub fn join(&self, path: &str, query: Option<&str>) -> Result<String, UrlError> {
        let plain = |text: &str| text.bytes().all(|b| b > b' ' && b != 0x7F && b != b'#');
        if !path.starts_with('/') || path.contains(['?', '\\']) || has_dot_segment(path) {
            return Err(UrlError::Path);
        }
        if !plain(path) || !query.is_none_or(plain) {
            return Err(UrlError::Path);
        }
        let (origin, base) = (&self.origin, &self.path);
        let mut url = format!("{origin}{base}{path}");
        if let Some(query) = query {
            url.push('?');
            for c in query.chars() {
                if c.is_ascii() && !matches!(c, '"' | '<' | '>' | '\'') {
                    url.push(c);
                } else {
                    escape(c, &mut url);
                }
            }
        }
        Ok(url)
    }
}

/// Appends a character as the escapes of its UTF-8 (WHATWG URL, "UTF-8 percent-encode").
pub(crate) fn escape(c: char, out: &mut String) {
    let mut utf8 = [0; 4];
    for byte in c.encode_utf8(&mut utf8).bytes() {
        out.push('%');
        for nibble in [byte >> 4, byte & 15] {
            let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
            out.push(digit.to_ascii_uppercase());
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// Whether a segment is `.` or `..` in a spelling that URL parsers resolve (WHATWG URL section 4.1).
#[must_use]
pub fn has_dot_segment(path: &str) -> bool {
    path.split('/').any(|segment| {
        let mut rest = segment.as_bytes();
        let mut dots = 0_usize;
        loop {
            rest = match rest {
                [b'.', tail @ ..] | [b'%', b'2', b'e' | b'E', tail @ ..] => tail,
                [] => return dots == 1 || dots == 2,
                _ => return false,
            };
            dots = dots.saturating_add(1);
        }
    })
}

pub(super) fn split_scheme(text: &str) -> Result<(Scheme, &str), UrlError> {
    let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
    if scheme.eq_ignore_ascii_case("https") {
        Ok((Scheme::Https, rest))
    } else if scheme.eq_ignore_ascii_case("http") {
        Ok((Scheme::Http, rest))
    } else {
        Err(UrlError::Scheme)
    }
}

/// Host and port text. The colons inside an IPv6 literal belong to the host.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn parse_port(text: &str) -> Result<u16, UrlError> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port != 0 => Ok(port),
        _ => Err(UrlError::Port),
    }
}

const fn is_base_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b'@' | b'+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for (text, want) in [
            ("https://app.example.com", Ok("https://app.example.com")),
            ("HTTPS://App.Example.com.:443", Ok("https://app.example.com")),
            ("http://localhost:8787", Ok("http://localhost:8787")),
            ("http://app.example.com:443", Ok("http://app.example.com:443")),
            ("https://[::1]:3000", Ok("https://[::1]:3000")),
            ("https://[::1]", Ok("https://[::1]")),
            ("app.example.com", Err(UrlError::Scheme)),
            ("//app.example.com", Err(UrlError::Scheme)),
            ("https:app.example.com", Err(UrlError::Scheme)),
            ("https:/app.example.com", Err(UrlError::Scheme)),
            ("https:\\\\app.example.com", Err(UrlError::Scheme)),
            ("ftp://app.example.com", Err(UrlError::Scheme)),
            ("javascript://app.example.com", Err(UrlError::Scheme)),
            (" https://app.example.com", Err(UrlError::Scheme)),
            ("https://app.example.com/", Err(UrlError::NotExact)),
            ("https://app.example.com?", Err(UrlError::NotExact)),
            ("https://app.example.com#", Err(UrlError::NotExact)),
            ("https://a@app.example.com", Err(UrlError::UserInfo)),
            ("https://a:b@app.example.com", Err(UrlError::UserInfo)),
            ("https://", Err(UrlError::Host)),
            ("https://app.example.com\\x", Err(UrlError::Host)),
            ("https://app.example.com\t", Err(UrlError::Host)),
            ("https://*.example.com", Err(UrlError::Host)),
            ("https://a:b:c", Err(UrlError::Host)),
            ("https://app.example.com:", Err(UrlError::Port)),
            ("https://app.example.com:0", Err(UrlError::Port)),
            ("https://app.example.com:+1", Err(UrlError::Port)),
            ("https://app.example.com:65536", Err(UrlError::Port)),
            ("https://app.example.com:x", Err(UrlError::Port)),
        ] {
            let got = Origin::parse(text).map(|o| o.to_string());
            assert_eq!(got.as_deref().map_err(|e| *e), want, "{text}");
        }
    }

    #[test]
    fn same_authority() {
        let origin = Origin::parse("https://app.example.com").unwrap();
        let dev = Origin::parse("http://localhost:8787").unwrap();
        for (origin, authority, want) in [
            (&origin, "app.example.com", true),
            (&origin, "APP.EXAMPLE.COM", true),
            (&origin, "app.example.com.", true),
            (&origin, "app.example.com:443", true),
            (&origin, "app.example.com.:443", true),
            (&origin, "app.example.com:80", false),
            (&origin, "app.example.com:", false),
            (&origin, "app.example.com:0443x", false),
            (&origin, "evilapp.example.com", false),
            (&origin, "app.example.com.evil.io", false),
            (&origin, "app.example.com@evil.io", false),
            (&origin, "", false),
            (&dev, "localhost:8787", true),
            (&dev, "localhost", false),
            (&dev, "127.0.0.1:8787", false),
        ] {
            assert_eq!(origin.is_authority(authority), want, "{origin} {authority}");
        }
    }

    #[test]
    fn targets() {
        type Parts<'a> = (&'a str, &'a str, Option<&'a str>, bool);
        let rows: &[(&str, Result<Parts<'_>, UrlError>)] = &[
            ("https://h/a?b#c", Ok(("h", "/a", Some("b"), true))),
            ("https://h", Ok(("h", "/", None, false))),
            ("https://h?", Ok(("h", "/", Some(""), false))),
            ("https://h#x?y", Ok(("h", "/", None, true))),
            (
                "https://h:1/a/../b//c;d?e?f",
                Ok(("h:1", "/a/../b//c;d", Some("e?f"), false)),
            ),
            ("https://h/%zz\\", Ok(("h", "/%zz\\", None, false))),
            ("https://h/user@x", Ok(("h", "/user@x", None, false))),
            ("https://u@h/", Err(UrlError::UserInfo)),
            ("https:///a", Err(UrlError::Host)),
            ("/a", Err(UrlError::Scheme)),
            ("*", Err(UrlError::Scheme)),
            ("h:443", Err(UrlError::Scheme)),
            ("", Err(UrlError::Scheme)),
        ];
        for (url, want) in rows {
            let got = Target::parse(url).map(|t| (t.authority, t.path, t.query, t.fragment));
            assert_eq!(got, *want, "{url}");
        }
        let long = format!("https://h/{}", "a".repeat(limits::TARGET_BYTES));
        assert_eq!(Target::parse(&long).err(), Some(UrlError::TooLong));
        assert!(Target::parse(long.strip_suffix('a').unwrap()).is_ok());
    }

    #[test]
    fn patterns() {
        for (pattern, origin, want) in [
            (
                "https://*-team.vercel.app",
                "https://a-team.vercel.app",
                Some(true),
            ),
            (
                "https://*-TEAM.vercel.app",
                "https://a-b-team.vercel.app:443",
                Some(true),
            ),
            (
                "https://*-team.vercel.app",
                "https://-team.vercel.app",
                Some(false),
            ),
            (
                "https://*-team.vercel.app",
                "http://a-team.vercel.app",
                Some(false),
            ),
            (
                "https://*-team.vercel.app",
                "https://a-team.vercel.app:8443",
                Some(false),
            ),
            (
                "https://*-team.vercel.app",
                "https://a.b-team.vercel.app",
                Some(false),
            ),
            (
                "https://*-team.vercel.app",
                "https://a-team.vercel.app.evil.io",
                Some(false),
            ),
            (
                "https://*.app.example.com",
                "https://evilapp.example.com",
                Some(false),
            ),
            (
                "https://*.app.example.com",
                "https://app.example.com",
                Some(false),
            ),
            (
                "https://*.app.example.com",
                "https://a.app.example.com",
                Some(true),
            ),
            (
                "https://pr-*.mine.pages.dev",
                "https://pr-9.mine.pages.dev",
                Some(true),
            ),
            (
                "https://a.*.mine.pages.dev",
                "https://a.b.mine.pages.dev",
                Some(true),
            ),
            ("http://*.localhost:3000", "http://pr.localhost:3000", Some(true)),
            ("https://*.mine.pages.dev", "https://x.mine.pages.dev", Some(true)),
            ("https://*.pages.dev", "", None),
            ("https://*.vercel.app", "", None),
            ("https://*.com", "", None),
            ("https://x*.com", "", None),
            ("https://app.*", "", None),
            ("https://*", "", None),
            ("https://*.*.example.com", "", None),
            ("https://**.example.com", "", None),
            ("https://app.example.com", "", None),
            ("https://a.example.com:*", "", None),
            ("*://a.example.com", "", None),
            ("https://*@a.example.com", "", None),
            ("https://a.example.com/*.b.c", "", None),
            ("https://*.0.0.1", "", None),
            ("https://1*.0.0.1", "", None),
            ("https://*.example.com/", "", None),
        ] {
            let got = OriginPattern::parse(pattern)
                .ok()
                .map(|p| p.matches(&Origin::parse(origin).unwrap()));
            assert_eq!(got, want, "{pattern} {origin}");
        }
    }

    #[test]
    fn joins() {
        for (base, path, query, want) in [
            (
                "https://id.example.com",
                "/a",
                None,
                Some("https://id.example.com/a"),
            ),
            (
                "https://id.example.com/",
                "/a",
                Some(""),
                Some("https://id.example.com/a?"),
            ),
            (
                "http://id:4433/kratos/",
                "/a%2Fb",
                Some("c=%20(d)&&%zz"),
                Some("http://id:4433/kratos/a%2Fb?c=%20(d)&&%zz"),
            ),
            (
                "https://id.example.com",
                "/a",
                Some("n=O'Hara&j={\"a\":[1]}&h=<b>&u=caf\u{e9}|^`\\"),
                Some("https://id.example.com/a?n=O%27Hara&j={%22a%22:[1]}&h=%3Cb%3E&u=caf%C3%A9|^`\\"),
            ),
            (
                "https://id.example.com/k",
                "/a//b;c",
                None,
                Some("https://id.example.com/k/a//b;c"),
            ),
            ("https://id.example.com/k", "a", None, None),
            ("https://id.example.com/k", "", None, None),
            ("https://id.example.com/k", "/../x", None, None),
            ("https://id.example.com/k", "/a/%2E./x", None, None),
            ("https://id.example.com/k", "/a/.", None, None),
            ("https://id.example.com/k", "/a\\b", None, None),
            ("https://id.example.com/k", "/a b", None, None),
            ("https://id.example.com/k", "/a\tb", None, None),
            ("https://id.example.com/k", "/a#b", None, None),
            ("https://id.example.com/k", "/a?b", None, None),
            ("https://id.example.com/k", "/a", Some("b#c"), None),
            ("https://id.example.com/k", "/a", Some("b\r\nc"), None),
        ] {
            let got = BaseUrl::parse(base).unwrap().join(path, query).ok();
            assert_eq!(got.as_deref(), want, "{base} {path}");
        }
        for base in [
            "https://h/a?b",
            "https://h/a#b",
            "https://h/a//b",
            "https://h/%61",
            "https://h/a/../b",
            "https://h//",
        ] {
            assert!(BaseUrl::parse(base).is_err(), "{base}");
        }
    }
}
