//! Header changes as data, so that a host edits the request it has instead of copying a whole list.

use super::Headers;
use super::field_name::is_equal;

/// What to change in a header list: first every name in `remove` goes, then every pair in `set` replaces its name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestEdits {
    /// Names to remove, as they are spelled in the request; compared ASCII-case-insensitively.
    pub remove: Vec<String>,
    /// Names and values to set, each replacing every field of its name.
    pub set: Vec<(String, String)>,
}

impl RequestEdits {
    /// Nothing to change.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            remove: Vec::new(),
            set: Vec::new(),
        }
    }

    /// Whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.set.is_empty()
    }

    /// Adds a name to remove. A pair that was set before stays: what the gate sets outlives what it strips.
    pub fn remove(&mut self, name: impl Into<String>) {
        let name = name.into();
        if !self.remove.iter().any(|n| is_equal(n, &name)) {
            self.remove.push(name);
        }
    }

    /// Sets a name to one value; a later call for the name wins.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        self.set.retain(|(n, _)| !is_equal(n, &name));
        self.set.push((name, value.into()));
    }

    /// Sets the `Cookie` header, or removes it: takes what [`CookieRewrite::build`](super::cookie::CookieRewrite::build) gives.
    pub fn set_cookie_header(&mut self, cookie: Option<String>) {
        match cookie {
            Some(value) => self.set("cookie", value),
            None => self.remove("cookie"),
        }
    }

    /// Adds the edits of `later`; where both set a name, `later` wins.
    pub fn merge(&mut self, later: Self) {
        for name in later.remove {
            self.remove(name);
        }
        for (name, value) in later.set {
            self.set(name, value);
        }
    }

    /// Applies the edits.
    ///
    /// ```
    /// # use edgeward::message::{Headers, edits::RequestEdits};
    /// let mut headers = Headers::from_iter([("X-Edgeward-Sub", "root"), ("Accept", "*/*")]);
    /// let mut edits = RequestEdits::new();
    /// edits.remove("x-edgeward-sub");
    /// edits.set("x-edgeward-sub", "visitor");
    /// edits.apply(&mut headers);
    /// assert_eq!(headers.get_all("x-edgeward-sub").collect::<Vec<_>>(), ["visitor"]);
    /// ```
    pub fn apply(&self, headers: &mut Headers) {
        for name in &self.remove {
            headers.remove(name);
        }
        for (name, value) in &self.set {
            headers.set(name, value.as_str());
        }
    }
}

impl std::fmt::Debug for RequestEdits {
    /// Names only: a value may be a credential (invariant 7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestEdits")
            .field("remove", &self.remove)
            .field("set", &self.set.iter().map(|(n, _)| n).collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_set_wins_and_outlives_removal() {
        let mut edits = RequestEdits::new();
        edits.set("X-A", "1");
        edits.remove("x-a");
        edits.remove("X-A");
        let mut later = RequestEdits::new();
        later.set("x-a", "2");
        later.set_cookie_header(None);
        edits.merge(later);
        let mut headers = Headers::from_iter([("x-A", "0"), ("Cookie", "a=b"), ("x-A", "00")]);
        edits.apply(&mut headers);
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("x-a", "2")]);
        assert_eq!(edits.remove, ["x-a", "cookie"]);
        assert_eq!(edits.set, [("x-a".to_owned(), "2".to_owned())]);
        assert!(!format!("{edits:?}").contains('2'));
    }
}
