//! Request and response heads, as the host hands them over. Bodies never come here.

use super::field_name::is_equal;

/// Header fields in order, repeated names kept apart (`Set-Cookie` is a list, RFC 6265 section 3).
///
/// Names compare ASCII-case-insensitively. Values are opaque text: a host that has bytes above 0x7F hands each
/// as the character of the same number, and gets it back so.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The first value of a name.
    ///
    /// ```
    /// # use edgeward::message::Headers;
    /// let headers = Headers::from_iter([("Accept", "text/html")]);
    /// assert_eq!(headers.get("accept"), Some("text/html"));
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| is_equal(n, name))
            .map(|(_, v)| v.as_str())
    }

    /// Every value of a name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| is_equal(n, name))
            .map(|(_, v)| v.as_str())
    }

    /// Whether the name occurs.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a field behind the others.
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Replaces every field of the name by one.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.append(name, value);
    }

    /// Drops every field of the name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !is_equal(n, name));
    }

    /// Keeps the fields for which `keep(name, value)` holds.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) {
        self.0.retain(|(n, v)| keep(n, v));
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(n, v)| (n.into(), v.into())).collect())
    }
}

impl std::fmt::Debug for Headers {
    /// Names only: a value may be a credential (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(n, _)| n)).finish()
    }
}

/// A request without its body.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The method, as sent.
    pub method: String,
    /// The absolute URL, byte for byte as the host shows it; never resolved or re-encoded on the way here.
    pub url: String,
    /// The header fields.
    pub headers: Headers,
    /// The client address, where the platform itself vouches for it (never from a forwarded header).
    pub client_ip: Option<String>,
}

impl RequestHead {
    /// A head from a raw request target (`/path?query`), for hosts that see one. The parts are put side by side and
    /// nothing is resolved: resolving `//evil` against a base would change the host.
    #[must_use]
    pub fn from_target(method: &str, scheme: &str, authority: &str, target: &str, headers: Headers) -> Self {
        let url = [scheme, "://", authority, target].concat();
        Self {
            method: method.to_owned(),
            url,
            headers,
            client_ip: None,
        }
    }
}

impl std::fmt::Debug for RequestHead {
    /// Without the URL, which may carry a code or a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &self.method)
            .field("headers", &self.headers)
            .finish()
    }
}

/// A response without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// The header fields, each `Set-Cookie` its own.
    pub headers: Headers,
}
