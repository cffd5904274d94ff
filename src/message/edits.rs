//! Edits to a request's fields: what a host that holds the request can apply without copying the list.

use super::Headers;

/// First every name of `remove` goes, then each of `set` replaces what is left of its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestEdits {
    /// Names to drop, as they were spelled.
    pub remove: Vec<String>,
    /// Fields to set.
    pub set: Headers,
}

impl RequestEdits {
    /// Applies the edits.
    pub fn apply(&self, headers: &mut Headers) {
        for name in &self.remove {
            headers.remove(name);
        }
        for (name, value) in self.set.iter() {
            headers.set(name, value);
        }
    }
}
