//! What the config says about one format, and what a recipe makes of it.

use std::cell::RefCell;

use super::keys::{KeySets, SourceId};
use crate::base::Secret;
use crate::jose::{Algorithm, Jwk};

/// The value of an option, already of the kind that the recipe asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptValue {
    /// A text, a URL, a word.
    Text(String),
    /// Texts or words.
    Texts(Vec<String>),
    /// A flag.
    Flag(bool),
    /// Seconds.
    Secs(i64),
}

/// The options of a format, by key: a handful, each once.
#[derive(Debug, Clone, Default)]
pub struct Options(Vec<(&'static str, OptValue)>);

impl Options {
    /// The value of an option, where the document has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&OptValue> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == key)?;
        Some(value)
    }

    /// Adds an option that is not there yet.
    pub fn add(&mut self, key: &'static str, value: OptValue) {
        self.0.push((key, value));
    }
}

/// Everything that a recipe is built from.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The options.
    pub options: &'a Options,
    /// The secrets: first seals, any opens. Empty while only the document is checked; see [`Setup::resolved`].
    pub secrets: &'a [Secret],
    /// Public keys of the config.
    pub keys: &'a [Jwk],
    /// The address of a key set, where the config names one.
    pub jwks: Option<&'a str>,
    /// How many secrets and keys the document lists, resolved or not.
    pub listed: Listed,
    /// Cookie names of the config; the recipe's own where empty.
    pub names: &'a [String],
    /// Where key sets are kept.
    pub key_sets: &'a RefCell<KeySets>,
    /// Whether secrets and keys are there; before that only the document is checked.
    pub resolved: bool,
}

/// How many of a kind the document lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    /// `secrets`.
    pub secrets: usize,
    /// `keys`.
    pub keys: usize,
}

/// Why a format cannot be made ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupError {
    /// The stable code.
    pub code: &'static str,
    /// The key under the format's table; empty for the table itself.
    pub key: &'static str,
    /// What was found, in words; never a value that may be a secret.
    pub found: String,
    /// What is accepted.
    pub accepted: String,
    /// What to do.
    pub fix: String,
}

impl SetupError {
    /// A key that must be there and is not.
    pub(crate) fn missing(key: &'static str, accepted: &str) -> Self {
        Self::new("config.missing", key, "nothing", accepted, "")
    }

    pub(crate) fn new(code: &'static str, key: &'static str, found: &str, accepted: &str, fix: &str) -> Self {
        Self {
            code,
            key,
            found: found.to_owned(),
            accepted: accepted.to_owned(),
            fix: fix.to_owned(),
        }
    }
}

impl Setup<'_> {
    /// A text that may be there.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.options.get(key) {
            Some(OptValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A text that must be there.
    pub(crate) fn need(&self, key: &'static str, accepted: &str) -> Result<&str, SetupError> {
        self.text(key).ok_or_else(|| SetupError::missing(key, accepted))
    }

    /// Texts; none where the key is absent.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<String> {
        match self.options.get(key) {
            Some(OptValue::Texts(texts)) => texts.clone(),
            Some(OptValue::Text(text)) => vec![text.clone()],
            _ => Vec::new(),
        }
    }

    /// A flag; `false` where the key is absent.
    #[must_use]
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.options.get(key), Some(OptValue::Flag(true)))
    }

    /// Seconds.
    #[must_use]
    pub fn secs(&self, key: &str) -> Option<i64> {
        match self.options.get(key) {
            Some(OptValue::Secs(secs)) => Some(*secs),
            _ => None,
        }
    }

    /// The configured algorithms, or the recipe's.
    pub(crate) fn algorithms(&self, key: &str, default: &[Algorithm]) -> Vec<Algorithm> {
        let named: Vec<_> = self
            .texts(key)
            .iter()
            .filter_map(|name| Algorithm::parse(name))
            .collect();
        if named.is_empty() { default.to_vec() } else { named }
    }

    /// The configured names, or these.
    pub(crate) fn names_or<S: Into<String>>(&self, defaults: impl IntoIterator<Item = S>) -> Vec<String> {
        if self.names.is_empty() {
            defaults.into_iter().map(Into::into).collect()
        } else {
            self.names.to_vec()
        }
    }

    /// Where public keys come from: the config's own, else the set at this address.
    pub(crate) fn remote(&self, default: Option<&str>) -> Option<SourceId> {
        if self.listed.keys > 0 {
            return None;
        }
        let url = self.jwks.or(default)?;
        Some(self.key_sets.borrow_mut().register(url))
    }
}
