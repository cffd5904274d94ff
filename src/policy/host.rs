//! Hosts: of rules, and of requests (field.md S 10).

/// The host of a rule: exact, or `*.example.com` for exactly one label in front.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostPattern {
    /// This host.
    Exact(String),
    /// One label and then this suffix, which is kept without its dot.
    OneLabel(String),
}

/// The text is no host pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a host such as `app.example.com` or `*.example.com`, without scheme, port and path")]
pub struct HostError;

impl HostPattern {
    /// Parses a host pattern; ASCII case does not matter.
    ///
    /// # Errors
    /// [`HostError`] for schemes, ports, paths, `*` elsewhere, and non-ASCII (write the punycode).
    ///
    /// ```
    /// # use edgeward::policy::HostPattern;
    /// let pattern = HostPattern::parse("*.Example.com")?;
    /// assert!(pattern.covers("admin.example.com"));
    /// assert!(!pattern.covers("a.b.example.com"));
    /// assert!(!pattern.covers("evilexample.com"));
    /// # Ok::<(), edgeward::policy::HostError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let lower = text.to_ascii_lowercase();
        let (suffix, wild) = lower
            .strip_prefix("*.")
            .map_or((lower.as_str(), false), |suffix| (suffix, true));
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let v6 = suffix.starts_with('[')
            && suffix.ends_with(']')
            && suffix
                .trim_matches(['[', ']'])
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.');
        if suffix.len() > 253 || !(suffix.split('.').all(label) || (v6 && !wild)) {
            return Err(HostError);
        }
        Ok(if wild {
            Self::OneLabel(suffix.into())
        } else {
            Self::Exact(suffix.into())
        })
    }

    /// Whether a request's host, as [`normal_host`] gives it, is meant.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == host,
            Self::OneLabel(suffix) => parent(host) == Some(suffix),
        }
    }

    /// Whether every host of `other` is meant.
    pub(super) fn covers_all_of(&self, other: &Self) -> bool {
        match other {
            Self::Exact(host) => self.covers(host),
            Self::OneLabel(_) => self == other,
        }
    }

    /// Whether a host exists that both mean.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.covers_all_of(other) || other.covers_all_of(self)
    }
}

/// The host of a request as rules see it: lower case, without port and without the root's dot.
///
/// ```
/// # use edgeward::policy::normal_host;
/// assert_eq!(normal_host("APP.Example.com.:443"), "app.example.com");
/// assert_eq!(normal_host("[::1]:8080"), "[::1]");
/// ```
#[must_use]
pub fn normal_host(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// The host without its first label.
pub(super) fn parent(host: &str) -> Option<&str> {
    host.split_once('.')
        .filter(|(label, _)| !label.is_empty())
        .map(|(_, suffix)| suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_rules() {
        for text in [
            "localhost",
            "app.example.com",
            "*.example.com",
            "[::1]",
            "127.0.0.1",
            "xn--bcher-kva.example",
        ] {
            assert!(HostPattern::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "*",
            "*.",
            ".example.com",
            "a..b",
            "example.com.",
            "https://example.com",
            "example.com:80",
            "example.com/x",
            "*.*.example.com",
            "a.*.example.com",
            "bücher.example",
            "a b",
            "*.[::1]",
            "[]x",
        ] {
            assert_eq!(HostPattern::parse(text), Err(HostError), "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_host_is_one_host() {
        for host in [
            "app.example.com",
            "APP.EXAMPLE.COM",
            "app.example.com.",
            "app.example.com:443",
            "App.example.com.:1",
        ] {
            assert_eq!(normal_host(host), "app.example.com", "{host}");
        }
        for host in [
            "app.example.com:443.evil",
            "app.example.com:x",
            "app.example.com@evil",
        ] {
            assert_ne!(normal_host(host), "app.example.com", "{host}");
        }
    }
}
