//! Host names and addresses in one spelling, and what may be said of them without asking anybody.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::url::UrlError;

/// A host in one spelling: lower case, without the trailing dot, addresses as WHATWG URL writes them.
///
/// Names are ASCII (an internationalised name is given in its `xn--` form). `127.1`, `0x7f.0.0.1` and `%31` are
/// no hosts here: parsers differ on them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(String);

impl Host {
    /// Parses a host as it stands in a URL or a `Host` field, IPv6 in brackets.
    ///
    /// # Errors
    /// [`UrlError::Host`].
    ///
    /// ```
    /// # use edgeward::message::host::Host;
    /// assert_eq!(Host::parse("APP.Example.com.")?.as_str(), "app.example.com");
    /// assert!(Host::parse("127.1").is_err());
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(UrlError::Host)?;
            let address: Ipv6Addr = inner.parse().map_err(|_| UrlError::Host)?;
            return Ok(Self(bracketed(address)));
        }
        let name = without_root_dot(text);
        if name.len() > NAME_BYTES || !name.split('.').all(is_label) {
            return Err(UrlError::Host);
        }
        if ends_in_number(name) {
            let address: Ipv4Addr = name.parse().map_err(|_| UrlError::Host)?;
            return Ok(Self(address.to_string()));
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The one spelling, IPv6 in brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` names this host, in any case and with or without the trailing dot.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        if text.starts_with('[') {
            return Self::parse(text).is_ok_and(|other| other == *self);
        }
        without_root_dot(text).eq_ignore_ascii_case(&self.0)
    }

    /// Whether it is an address and no name.
    #[must_use]
    pub fn is_address(&self) -> bool {
        self.v4().is_some() || self.v6().is_some()
    }

    /// `localhost`, a name below it, 127.0.0.0/8 or ::1 (RFC 6761 section 6.3).
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.0 == "localhost"
            || self.0.ends_with(".localhost")
            || self.v4().is_some_and(|a| a.is_loopback())
            || self.v6().is_some_and(|a| a.is_loopback())
    }

    /// An address of a private network: RFC 1918, link-local, RFC 4193.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.v4().is_some_and(|a| a.is_private() || a.is_link_local())
            || self
                .v6()
                .is_some_and(|a| a.is_unique_local() || a.is_unicast_link_local())
    }

    /// A name that nobody can be reached under from elsewhere: kept for examples and tests (RFC 2606 sections 2 and 3), or
    /// of a single label.
    ///
    /// ```
    /// # use edgeward::message::host::Host;
    /// assert!(Host::parse("app.example.com")?.is_reserved());
    /// assert!(!Host::parse("app.notexample.com")?.is_reserved());
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        const NAMES: [&str; 6] = [
            "example.com",
            "example.net",
            "example.org",
            "example",
            "test",
            "invalid",
        ];
        let below = |name: &str| {
            self.0
                .strip_suffix(name)
                .is_some_and(|front| front.is_empty() || front.ends_with('.'))
        };
        !self.is_address() && (!self.0.contains('.') || NAMES.into_iter().any(below))
    }

    /// The labels of a name, none for an address.
    #[must_use]
    pub fn labels(&self) -> Vec<&str> {
        if self.is_address() {
            Vec::new()
        } else {
            self.0.split('.').collect()
        }
    }

    /// Whether anybody may get a name right below this one: a single label, or a hosting suffix of the short list
    /// (semantics 7.6). The full public suffix list is the command line's business.
    ///
    /// ```
    /// # use edgeward::message::host::Host;
    /// assert!(Host::parse("vercel.app")?.is_shared_suffix());
    /// assert!(!Host::parse("example.com")?.is_shared_suffix());
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    #[must_use]
    pub fn is_shared_suffix(&self) -> bool {
        !self.is_address() && (!self.0.contains('.') || HOSTING_SUFFIXES.contains(&self.as_str()))
    }

    fn v4(&self) -> Option<Ipv4Addr> {
        self.0.parse().ok()
    }

    fn v6(&self) -> Option<Ipv6Addr> {
        self.0.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One dot at the end names the root and changes nothing else; two are no name.
fn without_root_dot(text: &str) -> &str {
    text.strip_suffix('.').unwrap_or(text)
}

pub(super) fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES).contains(&label.len()) && label.bytes().all(is_label_byte)
}

/// Letters, digits, hyphen, and the underscore that real names have.
pub(super) const fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// The WHATWG "ends in a number" test: what it holds for is an IPv4 address or nothing.
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    last.bytes().all(|b| b.is_ascii_digit()) || hex.is_some_and(|h| h.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// RFC 5952, but an IPv4-mapped address keeps its hexadecimal groups, as WHATWG writes it.
fn bracketed(address: Ipv6Addr) -> String {
    match address.to_ipv4_mapped() {
        Some(_) => {
            let [.., high, low] = address.segments();
            format!("[::ffff:{high:x}:{low:x}]")
        }
        None => format!("[{address}]"),
    }
}

/// RFC 1035 section 2.3.4.
const NAME_BYTES: usize = 253;
/// RFC 1035 section 2.3.4.
const LABEL_BYTES: usize = 63;

/// Names below which anybody can get one: a cookie for such a domain, or a pattern right below it, is for strangers.
pub const HOSTING_SUFFIXES: &[&str] = &[
    "amplifyapp.com",
    "azurestaticapps.net",
    "azurewebsites.net",
    "cloudfront.net",
    "co.jp",
    "co.kr",
    "co.nz",
    "co.uk",
    "co.za",
    "com.au",
    "com.br",
    "com.cn",
    "com.mx",
    "com.tr",
    "deno.dev",
    "firebaseapp.com",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok.app",
    "ngrok.io",
    "onrender.com",
    "org.uk",
    "pages.dev",
    "railway.app",
    "run.app",
    "surge.sh",
    "trycloudflare.com",
    "up.railway.app",
    "vercel.app",
    "web.app",
    "workers.dev",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        for (text, want) in [
            ("app.example.com", Some("app.example.com")),
            ("APP.EXAMPLE.COM", Some("app.example.com")),
            ("app.example.com.", Some("app.example.com")),
            ("xn--caf-dma.example", Some("xn--caf-dma.example")),
            ("a_b.example", Some("a_b.example")),
            ("localhost", Some("localhost")),
            ("127.0.0.1", Some("127.0.0.1")),
            ("127.0.0.1.", Some("127.0.0.1")),
            ("[::1]", Some("[::1]")),
            ("[0:0::0:1]", Some("[::1]")),
            ("[::ffff:1.2.3.4]", Some("[::ffff:102:304]")),
            ("[2001:DB8::A]", Some("[2001:db8::a]")),
            ("", None),
            (".", None),
            ("app..example.com", None),
            ("app.example.com..", None),
            (".example.com", None),
            ("127.1", None),
            ("127.0.0.01", None),
            ("0x7f.0.0.1", None),
            ("2130706433", None),
            ("a.0x", None),
            ("256.0.0.1", None),
            ("::1", None),
            ("[::1", None),
            ("[::1%25eth0]", None),
            ("[::1]x", None),
            ("app.example。com", None),
            ("café.example", None),
            ("a b.example", None),
            ("a%62.example", None),
            ("user@example.com", None),
            ("*.example.com", None),
            ("a\t.example", None),
        ] {
            assert_eq!(Host::parse(text).ok().as_ref().map(Host::as_str), want, "{text}");
        }
        assert!(Host::parse(&"a".repeat(64)).is_err());
        assert!(Host::parse(&["a"; 128].join(".")).is_err());
    }

    #[test]
    fn same_host_in_any_spelling() {
        for (host, text, want) in [
            ("app.example.com", "APP.example.COM", true),
            ("app.example.com", "app.example.com.", true),
            ("app.example.com", "app.example.com..", false),
            ("app.example.com", "evilapp.example.com", false),
            ("app.example.com", "app.example.com.evil.io", false),
            ("app.example.com", "", false),
            ("[::1]", "[0::1]", true),
            ("[::1]", "::1", false),
        ] {
            assert_eq!(Host::parse(host).unwrap().is(text), want, "{host} {text}");
        }
    }

    #[test]
    fn near_hosts() {
        for (text, loopback, private) in [
            ("localhost", true, false),
            ("app.localhost", true, false),
            ("notlocalhost", false, false),
            ("localhost.example.com", false, false),
            ("127.9.9.9", true, false),
            ("[::1]", true, false),
            ("10.0.0.1", false, true),
            ("172.16.3.4", false, true),
            ("172.32.3.4", false, false),
            ("192.168.1.2", false, true),
            ("169.254.1.1", false, true),
            ("[fd00::1]", false, true),
            ("[fe80::1]", false, true),
            ("8.8.8.8", false, false),
            ("10.example.com", false, false),
        ] {
            let host = Host::parse(text).unwrap();
            assert_eq!(
                (host.is_loopback(), host.is_private()),
                (loopback, private),
                "{text}"
            );
        }
    }

    #[test]
    fn suffixes_are_sorted_and_hosts() {
        assert!(HOSTING_SUFFIXES.is_sorted());
        for suffix in HOSTING_SUFFIXES {
            assert_eq!(Host::parse(suffix).unwrap().as_str(), *suffix);
        }
    }
}
