//! `Set-Cookie` (RFC 6265 section 4.1, 6265bis for the prefixes): building our own, editing an upstream's without loss,
//! and expiring a name wherever it may live.

use std::fmt::Write as _;

use super::cookie::trim;
use super::date::parse_cookie_date;
use super::host::Host;
use crate::base::{Timestamp, limits};

/// Why a `Set-Cookie` line cannot be built or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetCookieError {
    /// Not a token (RFC 9110 section 5.6.2).
    #[error("a cookie name is one or more token characters")]
    Name,
    /// A byte that is no cookie-octet.
    #[error("a cookie value has no space, quote, comma, semicolon, backslash or control")]
    Value,
    /// `;`, a control, or more than [`limits::COOKIE_ATTRIBUTE_BYTES`] in an attribute; a path without `/` at the front.
    #[error("a cookie attribute has a character that would start another one")]
    Attribute,
    /// A prefix of the name asks for other attributes, or `SameSite=None` or `Partitioned` stands without `Secure`.
    #[error("the attributes do not keep what the name's prefix promises")]
    Prefix,
    /// A domain that strangers share, a single label or an address (semantics 7.6).
    #[error("a cookie domain is a name of your own with two labels or more")]
    Domain,
    /// Name and value are above [`limits::COOKIE_BYTES`]: browsers drop such a cookie without a word.
    #[error("the cookie is larger than browsers keep")]
    TooLarge,
    /// A control character in an upstream's line; it must not go on.
    #[error("a control character in `Set-Cookie`")]
    Control,
}

impl SetCookieError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Name => "set_cookie.name",
            Self::Value => "set_cookie.value",
            Self::Attribute => "set_cookie.attribute",
            Self::Prefix => "set_cookie.prefix",
            Self::Domain => "set_cookie.domain",
            Self::TooLarge => "set_cookie.too_large",
            Self::Control => "set_cookie.control",
        }
    }
}

/// `SameSite` (RFC 6265bis section 4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the attribute has these three values")]
pub enum SameSite {
    /// Same-site requests only.
    Strict,
    /// Same-site requests and top-level navigations.
    Lax,
    /// Every request; needs `Secure`.
    None,
}

/// A cookie `Domain` that may be set: two labels or more, no address, no suffix that strangers share (semantics 7.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieDomain(Host);

impl CookieDomain {
    /// Parses a domain; one leading dot is dropped, as browsers do.
    ///
    /// # Errors
    /// [`SetCookieError::Domain`].
    ///
    /// ```
    /// # use edgeward::message::set_cookie::CookieDomain;
    /// assert_eq!(CookieDomain::parse(".Example.com")?.as_str(), "example.com");
    /// assert!(CookieDomain::parse("vercel.app").is_err());
    /// # Ok::<(), edgeward::message::set_cookie::SetCookieError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, SetCookieError> {
        let host = Host::parse(text.strip_prefix('.').unwrap_or(text)).map_err(|_| SetCookieError::Domain)?;
        if host.is_address() || host.is_shared_suffix() {
            return Err(SetCookieError::Domain);
        }
        Ok(Self(host))
    }

    /// The domain without a leading dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a cookie for this domain may be set by `host` (RFC 6265 section 5.1.3).
    #[must_use]
    pub fn covers(&self, host: &Host) -> bool {
        let above = host.as_str().strip_suffix(self.as_str());
        !host.is_address() && above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// A cookie of ours: host-only, `Path=/`, `Secure`, `HttpOnly`, `SameSite=Lax` unless told otherwise.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie<'a> {
    name: &'a str,
    value: &'a str,
    path: &'a str,
    domain: Option<&'a CookieDomain>,
    max_age: Option<i64>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
    partitioned: bool,
}

impl<'a> SetCookie<'a> {
    /// A cookie with the defaults of semantics 3.3, ending with the browser's session.
    #[must_use]
    pub const fn new(name: &'a str, value: &'a str) -> Self {
        Self {
            name,
            value,
            path: "/",
            domain: None,
            max_age: None,
            secure: true,
            http_only: true,
            same_site: Some(SameSite::Lax),
            partitioned: false,
        }
    }

    /// A cookie that ends the one of this name in the same scope: empty, `Max-Age=0` and an `Expires` in the past.
    #[must_use]
    pub const fn expired(name: &'a str) -> Self {
        Self::new(name, "").max_age(0)
    }

    /// The path that it is sent for.
    #[must_use]
    pub const fn path(mut self, path: &'a str) -> Self {
        self.path = path;
        self
    }

    /// The domain that it is sent to; without one it is host-only.
    #[must_use]
    pub const fn domain(mut self, domain: Option<&'a CookieDomain>) -> Self {
        self.domain = domain;
        self
    }

    /// Seconds that the browser keeps it; 0 or less ends it.
    #[must_use]
    pub const fn max_age(mut self, secs: i64) -> Self {
        self.max_age = Some(secs);
        self
    }

    /// `Secure`; off for the dev cookie on loopback only (semantics 3.3).
    #[must_use]
    pub const fn secure(mut self, on: bool) -> Self {
        self.secure = on;
        self
    }

    /// `HttpOnly`.
    #[must_use]
    pub const fn http_only(mut self, on: bool) -> Self {
        self.http_only = on;
        self
    }

    /// `SameSite`; `None` leaves the attribute out.
    #[must_use]
    pub const fn same_site(mut self, same_site: Option<SameSite>) -> Self {
        self.same_site = same_site;
        self
    }

    /// `Partitioned`; needs `Secure`.
    #[must_use]
    pub const fn partitioned(mut self, on: bool) -> Self {
        self.partitioned = on;
        self
    }

    /// Builds the header value.
    ///
    /// # Errors
    /// [`SetCookieError`], by the part that is wrong; nothing is escaped or dropped to make it fit.
    ///
    /// ```
    /// # use edgeward::message::set_cookie::{SetCookie, SetCookieError};
    /// let line = SetCookie::new("__Host-edgeward", "abc").max_age(60).build()?;
    /// assert_eq!(line, "__Host-edgeward=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax");
    /// assert_eq!(SetCookie::new("a", "b; Domain=evil").build(), Err(SetCookieError::Value));
    /// # Ok::<(), SetCookieError>(())
    /// ```
    pub fn build(&self) -> Result<String, SetCookieError> {
        self.check()?;
        let mut line = format!("{}={}; Path={}", self.name, self.value, self.path);
        let mut push = |part: std::fmt::Arguments<'_>| {
            let written = line.write_fmt(part);
            debug_assert!(written.is_ok(), "writing to a String does not fail");
        };
        if let Some(domain) = self.domain {
            push(format_args!("; Domain={}", domain.as_str()));
        }
        if let Some(secs) = self.max_age {
            let secs = secs.max(0);
            push(format_args!("; Max-Age={secs}"));
            if secs == 0 {
                push(format_args!("; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
            }
        }
        if self.secure {
            push(format_args!("; Secure"));
        }
        if self.http_only {
            push(format_args!("; HttpOnly"));
        }
        match self.same_site {
            Some(SameSite::Strict) => push(format_args!("; SameSite=Strict")),
            Some(SameSite::Lax) => push(format_args!("; SameSite=Lax")),
            Some(SameSite::None) => push(format_args!("; SameSite=None")),
            None => {}
        }
        if self.partitioned {
            push(format_args!("; Partitioned"));
        }
        Ok(line)
    }

    fn check(&self) -> Result<(), SetCookieError> {
        if !is_cookie_name(self.name) {
            return Err(SetCookieError::Name);
        }
        if !self.value.bytes().all(is_cookie_octet) {
            return Err(SetCookieError::Value);
        }
        if self.name.len().saturating_add(self.value.len()) > limits::COOKIE_BYTES {
            return Err(SetCookieError::TooLarge);
        }
        if !is_path(self.path) {
            return Err(SetCookieError::Attribute);
        }
        let host_bound = self.secure && self.domain.is_none() && self.path == "/";
        let kept = match prefix(self.name) {
            Prefix::None => true,
            Prefix::Secure => self.secure,
            Prefix::Host => host_bound,
            Prefix::Http => self.secure && self.http_only,
            Prefix::HostHttp => host_bound && self.http_only,
        };
        let needs_secure = self.partitioned || self.same_site == Some(SameSite::None);
        if kept && (self.secure || !needs_secure) {
            Ok(())
        } else {
            Err(SetCookieError::Prefix)
        }
    }
}

impl std::fmt::Debug for SetCookie<'_> {
    /// Without the value (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetCookie")
            .field("name", &self.name)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

/// Whether a name may be one of ours (config checks use it): a token.
#[must_use]
pub fn is_cookie_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// One `Set-Cookie` line of an upstream. Edits cut or add whole attributes; all other bytes stay.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SetCookieLine<'a> {
    line: &'a str,
}

impl<'a> SetCookieLine<'a> {
    /// Takes a line as it came.
    ///
    /// # Errors
    /// [`SetCookieError::Control`] for a control character other than HTAB: drop such a line (field row 49).
    pub fn parse(line: &'a str) -> Result<Self, SetCookieError> {
        if line.bytes().any(|b| (b < b' ' && b != b'\t') || b == 0x7F) {
            return Err(SetCookieError::Control);
        }
        Ok(Self { line })
    }

    /// `cookie_name`; empty where the pair has no `=` (RFC 6265bis section 5.6).
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.pair().0
    }

    /// `cookie_value`, opaque, quotes included.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.pair().1
    }

    /// The attributes in order: name as written, value without the white space around it.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        self.line
            .split(';')
            .skip(1)
            .map(|part| match part.split_once('=') {
                Some((name, value)) => (trim(name), Some(trim(value))),
                None => (trim(part), None),
            })
    }

    /// The value of the last attribute of a name: the one that counts (RFC 6265 section 5.3).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut found = None;
        for (attribute, value) in self.attributes() {
            if attribute.eq_ignore_ascii_case(name) {
                found = Some(value.unwrap_or_default());
            }
        }
        found
    }

    /// Whether the browser drops the cookie on this line: `Max-Age` not above zero, or without one an `Expires` that is
    /// past at `now` (RFC 6265 section 5.3).
    #[must_use]
    pub fn is_deletion(&self, now: Timestamp) -> bool {
        let mut max_age = None;
        let mut expires = None;
        for (name, value) in self.attributes() {
            let value = value.unwrap_or_default();
            if name.eq_ignore_ascii_case("max-age") && is_delta(value) {
                max_age = Some(value.starts_with('-') || value.bytes().all(|b| b == b'0'));
            } else if name.eq_ignore_ascii_case("expires") {
                expires = parse_cookie_date(value).or(expires);
            }
        }
        max_age.unwrap_or_else(|| expires.is_some_and(|at| at <= now))
    }

    /// The line without any `Domain`: the cookie is host-only on the visited origin (semantics 7.6).
    ///
    /// ```
    /// # use edgeward::message::set_cookie::SetCookieLine;
    /// let line = SetCookieLine::parse("a=%20; Domain=example.com; Expires=Wed, 01 Jan 2031 00:00:00 GMT")?;
    /// assert_eq!(line.host_only(), "a=%20; Expires=Wed, 01 Jan 2031 00:00:00 GMT");
    /// # Ok::<(), edgeward::message::set_cookie::SetCookieError>(())
    /// ```
    #[must_use]
    pub fn host_only(&self) -> String {
        let mut out = String::with_capacity(self.line.len());
        for (index, part) in self.line.split(';').enumerate() {
            let name = part.split('=').next().unwrap_or_default();
            if index == 0 {
                out.push_str(part);
            } else if !trim(name).eq_ignore_ascii_case("domain") {
                out.push(';');
                out.push_str(part);
            }
        }
        out
    }

    /// The line with this `Domain` and no other. A `__Host-` cookie stays host-only: it would be dropped otherwise.
    #[must_use]
    pub fn with_domain(&self, domain: &CookieDomain) -> String {
        let mut line = self.host_only();
        if !matches!(prefix(self.name()), Prefix::Host | Prefix::HostHttp) {
            line.push_str("; Domain=");
            line.push_str(domain.as_str());
        }
        line
    }

    fn pair(&self) -> (&'a str, &'a str) {
        let pair = self.line.split(';').next().unwrap_or_default();
        pair.split_once('=')
            .map_or(("", trim(pair)), |(name, value)| (trim(name), trim(value)))
    }
}

impl std::fmt::Debug for SetCookieLine<'_> {
    /// The name only (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SetCookieLine").field(&self.name()).finish()
    }
}

/// The lines that end a name wherever a page at `host` and `path` may see it: host-only and with each parent domain of
/// two labels or more, for `/`, then for each prefix of the path, deepest first, with and without the slash at its end
/// (semantics 4.1). A `__Host-` name lives in one scope only.
///
/// At most [`limits::EXPIRY_LINES`] lines and [`limits::EXPIRY_BYTES`] bytes; what is over is left out from the end.
///
/// ```
/// # use edgeward::message::{host::Host, set_cookie::expiries};
/// let host = Host::parse("app.example.com").unwrap();
/// let lines = expiries("__Host-edgeward", &host, "/a", true);
/// assert_eq!(lines, ["__Host-edgeward=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"]);
/// assert_eq!(expiries("edgeward", &host, "/a", true).len(), 6);
/// ```
#[must_use]
pub fn expiries(name: &str, host: &Host, path: &str, secure: bool) -> Vec<String> {
    let host_bound = matches!(prefix(name), Prefix::Host | Prefix::HostHttp);
    let (paths, domains) = if host_bound {
        (vec!["/"], Vec::new())
    } else {
        (scope_paths(path), scope_domains(host))
    };
    let scopes = std::iter::once(None).chain(domains.iter().map(Some));
    let mut left = limits::EXPIRY_BYTES;
    paths
        .into_iter()
        .flat_map(|path| scopes.clone().map(move |domain| (path, domain)))
        .filter_map(|(path, domain)| {
            SetCookie::expired(name)
                .path(path)
                .domain(domain)
                .secure(secure || host_bound)
                .build()
                .ok()
        })
        .take(limits::EXPIRY_LINES)
        .take_while(|line| {
            let fits = left.checked_sub(line.len());
            left = fits.unwrap_or(0);
            fits.is_some()
        })
        .collect()
}

/// `/`, then the prefixes of the path from the longest that a browser keeps, each in both spellings that match it.
fn scope_paths(path: &str) -> Vec<&str> {
    let mut paths = vec!["/"];
    let mut rest = path;
    if rest.len() > limits::COOKIE_ATTRIBUTE_BYTES {
        rest = rest
            .get(..limits::COOKIE_ATTRIBUTE_BYTES)
            .and_then(parent)
            .unwrap_or_default();
    }
    while rest.len() > 1 && paths.len() < limits::EXPIRY_LINES {
        paths.push(rest);
        rest = match rest.strip_suffix('/') {
            Some(without) => without,
            None => parent(rest).unwrap_or_default(),
        };
    }
    paths
}

/// Up to and with the last slash.
fn parent(path: &str) -> Option<&str> {
    path.rfind('/').and_then(|at| path.get(..=at))
}

/// The host itself and its parents, down to two labels.
fn scope_domains(host: &Host) -> Vec<CookieDomain> {
    let mut domains = Vec::new();
    let mut name = if host.is_address() { "" } else { host.as_str() };
    while name.contains('.') && domains.len() < DOMAINS {
        domains.extend(Host::parse(name).ok().map(CookieDomain));
        name = name.split_once('.').map_or("", |(_, parent)| parent);
    }
    domains
}

/// What a name's prefix promises; browsers compare it in any case.
enum Prefix {
    None,
    Secure,
    Host,
    Http,
    HostHttp,
}

fn prefix(name: &str) -> Prefix {
    let begins = |wanted: &str| {
        name.get(..wanted.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(wanted))
    };
    if begins("__Host-Http-") {
        Prefix::HostHttp
    } else if begins("__Host-") {
        Prefix::Host
    } else if begins("__Http-") {
        Prefix::Http
    } else if begins("__Secure-") {
        Prefix::Secure
    } else {
        Prefix::None
    }
}

/// RFC 6265 section 4.1.1.
const fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2B | 0x2D..=0x3A | 0x3C..=0x5B | 0x5D..=0x7E)
}

fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && path.len() <= limits::COOKIE_ATTRIBUTE_BYTES
        && path.bytes().all(|b| matches!(b, b' '..=0x7E) && b != b';')
        && !path.ends_with(' ')
}

/// RFC 6265 section 5.2.2: digits, a sign in front or not.
fn is_delta(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Parent domains that are tried; a name may have 127 labels.
const DOMAINS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built() {
        let domain = CookieDomain::parse("example.com").unwrap();
        for (cookie, want) in [
            (
                SetCookie::new("a", "b"),
                Ok("a=b; Path=/; Secure; HttpOnly; SameSite=Lax"),
            ),
            (
                SetCookie::new("a", "")
                    .domain(Some(&domain))
                    .path("/x")
                    .secure(false)
                    .http_only(false)
                    .same_site(None),
                Ok("a=; Path=/x; Domain=example.com"),
            ),
            (
                SetCookie::new("a", "b").max_age(-5),
                Ok(
                    "a=b; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax",
                ),
            ),
            (
                SetCookie::new("a", "b")
                    .same_site(Some(SameSite::None))
                    .partitioned(true),
                Ok("a=b; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
            ),
            (
                SetCookie::new("a", "b").same_site(Some(SameSite::Strict)),
                Ok("a=b; Path=/; Secure; HttpOnly; SameSite=Strict"),
            ),
            (SetCookie::new("", "b"), Err(SetCookieError::Name)),
            (SetCookie::new("a b", "b"), Err(SetCookieError::Name)),
            (SetCookie::new("a=", "b"), Err(SetCookieError::Name)),
            (SetCookie::new("a;", "b"), Err(SetCookieError::Name)),
            (SetCookie::new("a\r\nX: y", "b"), Err(SetCookieError::Name)),
            (SetCookie::new("é", "b"), Err(SetCookieError::Name)),
            (SetCookie::new("a", "b;c"), Err(SetCookieError::Value)),
            (SetCookie::new("a", "b\r\n"), Err(SetCookieError::Value)),
            (SetCookie::new("a", "b\0"), Err(SetCookieError::Value)),
            (SetCookie::new("a", "\"b\""), Err(SetCookieError::Value)),
            (SetCookie::new("a", "b c"), Err(SetCookieError::Value)),
            (SetCookie::new("a", "b,c"), Err(SetCookieError::Value)),
            (SetCookie::new("a", "b\\"), Err(SetCookieError::Value)),
            (SetCookie::new("a", "b").path("x"), Err(SetCookieError::Attribute)),
            (SetCookie::new("a", "b").path(""), Err(SetCookieError::Attribute)),
            (
                SetCookie::new("a", "b").path("/;Domain=x"),
                Err(SetCookieError::Attribute),
            ),
            (
                SetCookie::new("a", "b").path("/\r\n"),
                Err(SetCookieError::Attribute),
            ),
            (
                SetCookie::new("a", "b").path("/\0"),
                Err(SetCookieError::Attribute),
            ),
            (
                SetCookie::new("a", "b").path("/é"),
                Err(SetCookieError::Attribute),
            ),
            (
                SetCookie::new("__Host-a", "b").path("/x"),
                Err(SetCookieError::Prefix),
            ),
            (
                SetCookie::new("__Host-a", "b").secure(false),
                Err(SetCookieError::Prefix),
            ),
            (
                SetCookie::new("__hOST-a", "b").domain(Some(&domain)),
                Err(SetCookieError::Prefix),
            ),
            (
                SetCookie::new("__Secure-a", "b").secure(false),
                Err(SetCookieError::Prefix),
            ),
            (
                SetCookie::new("__Http-a", "b").http_only(false),
                Err(SetCookieError::Prefix),
            ),
            (
                SetCookie::new("__Host-Http-a", "b").http_only(false),
                Err(SetCookieError::Prefix),
            ),
            (
                SetCookie::new("a", "b")
                    .secure(false)
                    .same_site(Some(SameSite::None)),
                Err(SetCookieError::Prefix),
            ),
            (
                SetCookie::new("a", "b").secure(false).partitioned(true),
                Err(SetCookieError::Prefix),
            ),
        ] {
            assert_eq!(cookie.build().as_deref().map_err(|e| *e), want, "{cookie:?}");
        }
        let value = "v".repeat(limits::COOKIE_BYTES);
        assert_eq!(SetCookie::new("a", &value).build(), Err(SetCookieError::TooLarge));
        assert!(!format!("{:?}", SetCookie::new("a", "hidden")).contains("hidden"));
    }

    #[test]
    fn domains() {
        for (text, want) in [
            ("example.com", true),
            (".example.com", true),
            ("app.example.co.uk", true),
            ("mine.vercel.app", true),
            ("..example.com", false),
            ("com", false),
            (".com", false),
            ("localhost", false),
            ("co.uk", false),
            ("vercel.app", false),
            ("Workers.Dev.", false),
            ("127.0.0.1", false),
            ("[::1]", false),
            ("example.com; Secure", false),
            ("example.com\r\n", false),
            ("", false),
        ] {
            assert_eq!(CookieDomain::parse(text).is_ok(), want, "{text}");
        }
        let domain = CookieDomain::parse("example.com").unwrap();
        for (host, want) in [
            ("example.com", true),
            ("a.b.example.com", true),
            ("evilexample.com", false),
            ("com", false),
        ] {
            assert_eq!(domain.covers(&Host::parse(host).unwrap()), want, "{host}");
        }
    }

    #[test]
    fn upstream_lines_keep_their_bytes() {
        let domain = CookieDomain::parse("example.com").unwrap();
        for (line, name, value, host_only, widened) in [
            ("a=b", "a", "b", "a=b", "a=b; Domain=example.com"),
            (
                "csrf_token_1=%20+/==; Path=/; Domain=id.example.com; Max-Age=31536000; HttpOnly;  SameSite=Lax",
                "csrf_token_1",
                "%20+/==",
                "csrf_token_1=%20+/==; Path=/; Max-Age=31536000; HttpOnly;  SameSite=Lax",
                "csrf_token_1=%20+/==; Path=/; Max-Age=31536000; HttpOnly;  SameSite=Lax; Domain=example.com",
            ),
            (
                "s=\"x,y\" ;DOMAIN\t=a;domain;domain=;Expires=Wed, 01 Jan 2031 00:00:00 GMT;Weird",
                "s",
                "\"x,y\"",
                "s=\"x,y\" ;Expires=Wed, 01 Jan 2031 00:00:00 GMT;Weird",
                "s=\"x,y\" ;Expires=Wed, 01 Jan 2031 00:00:00 GMT;Weird; Domain=example.com",
            ),
            (
                "__Host-s=v; Secure; Path=/",
                "__Host-s",
                "v",
                "__Host-s=v; Secure; Path=/",
                "__Host-s=v; Secure; Path=/",
            ),
            (
                "domain=x; Domainx=y",
                "domain",
                "x",
                "domain=x; Domainx=y",
                "domain=x; Domainx=y; Domain=example.com",
            ),
            ("lone", "", "lone", "lone", "lone; Domain=example.com"),
            ("", "", "", "", "; Domain=example.com"),
        ] {
            let parsed = SetCookieLine::parse(line).unwrap();
            assert_eq!((parsed.name(), parsed.value()), (name, value), "{line}");
            assert_eq!(parsed.host_only(), host_only, "{line}");
            assert_eq!(parsed.with_domain(&domain), widened, "{line}");
        }
        for line in ["a=b\r\nX: y", "a=b\0", "a\u{b}=b", "a=b; Path=/\u{7f}"] {
            assert_eq!(
                SetCookieLine::parse(line).err(),
                Some(SetCookieError::Control),
                "{line:?}"
            );
        }
    }

    #[test]
    fn deletions() {
        let now = Timestamp::from_secs(1_000_000_000);
        for (line, want) in [
            ("s=v", false),
            ("s=; Path=/", false),
            ("s=v; Max-Age=0", true),
            ("s=v; max-age=-1", true),
            ("s=v; Max-Age=00", true),
            ("s=v; Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("s=v; Max-Age=0; Max-Age=10", false),
            ("s=v; Max-Age=10; Max-Age=0", true),
            ("s=v; Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", true),
            ("s=v; Expires=Wed, 01 Jan 2031 00:00:00 GMT", false),
            ("s=v; Expires=never", false),
            ("s=v; Expires", false),
        ] {
            assert_eq!(
                SetCookieLine::parse(line).unwrap().is_deletion(now),
                want,
                "{line}"
            );
        }
    }

    #[test]
    fn every_scope_is_expired() {
        const TAIL: &str =
            "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax";
        for (name, host, path, want) in [
            ("s", "localhost", "/", &["/"][..]),
            ("s", "127.0.0.1", "/a", &["/", "/a"]),
            ("s", "example.com", "/", &["/", "/; Domain=example.com"]),
            ("s", "localhost", "/a/b/", &["/", "/a/b/", "/a/b", "/a/", "/a"]),
            ("s", "localhost", "/a//b", &["/", "/a//b", "/a//", "/a/", "/a"]),
            ("s", "localhost", "/a;x/b", &["/"]),
            ("s", "localhost", "", &["/"]),
            ("__Host-s", "a.b.example.com", "/x", &["/"]),
            ("bad name", "localhost", "/", &[]),
            (
                "s",
                "a.b.example.com",
                "/x",
                &[
                    "/",
                    "/; Domain=a.b.example.com",
                    "/; Domain=b.example.com",
                    "/; Domain=example.com",
                    "/x",
                    "/x; Domain=a.b.example.com",
                    "/x; Domain=b.example.com",
                    "/x; Domain=example.com",
                ],
            ),
        ] {
            let want: Vec<_> = want
                .iter()
                .map(|scope| format!("{name}=; Path={scope}{TAIL}"))
                .collect();
            assert_eq!(
                expiries(name, &Host::parse(host).unwrap(), path, true),
                want,
                "{name} {host} {path}"
            );
        }
        let deep = "/abcdefgh".repeat(1_000);
        let lines = expiries(
            "s",
            &Host::parse("a.b.c.d.e.f.g.h.example.com").unwrap(),
            &deep,
            true,
        );
        assert!(
            (8..=limits::EXPIRY_LINES).contains(&lines.len()),
            "{}",
            lines.len()
        );
        assert!(lines.iter().map(String::len).sum::<usize>() <= limits::EXPIRY_BYTES);
    }
}
