//! Reads a document that is already JSON data, knows where it stands and collects every error.
//!
//! A value of the wrong shape is reported and read as absent, so that one look at the document shows all of its
//! faults. Keys are known because they were asked for; [`Table::finish`] reports the rest.
//!
//! ```
//! use edgeward::config::read::{Errors, Node};
//! use serde_json::json;
//!
//! let document = json!({ "idle": "1d", "absolut": "7d" });
//! let errors = Errors::new();
//! let mut table = Node::root(&document, "session", &errors).table().unwrap();
//! assert_eq!(table.get("idle").and_then(|node| node.duration()), Some(86_400));
//! assert!(table.get("absolute").is_none());
//! table.finish();
//!
//! let found = errors.into_inner();
//! assert_eq!(found[0].path, "session.absolut");
//! assert_eq!(found[0].fix, "did you mean `absolute`?");
//! ```

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::duration;
use super::error::ConfigError;

/// Where the errors of one document are collected.
#[derive(Debug, Default)]
pub struct Errors(RefCell<Vec<ConfigError>>);

impl Errors {
    /// No errors yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// Adds one error.
    pub fn add(&self, error: ConfigError) {
        self.0.borrow_mut().push(error);
    }

    /// Adds several.
    pub fn extend(&self, errors: impl IntoIterator<Item = ConfigError>) {
        self.0.borrow_mut().extend(errors);
    }

    /// How many were collected so far; compare two readings to learn whether a part was sound.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// The errors in the order of the document's reading.
    #[must_use]
    pub fn into_inner(self) -> Vec<ConfigError> {
        self.0.into_inner()
    }
}

/// One value of the document and its place.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    value: &'a Value,
    path: String,
    errors: &'a Errors,
}

impl<'a> Node<'a> {
    /// The value at `path`; an empty path is the document itself.
    #[must_use]
    pub fn root(value: &'a Value, path: impl Into<String>, errors: &'a Errors) -> Self {
        Self {
            value,
            path: path.into(),
            errors,
        }
    }

    /// The place in the document: `routes[2].require.aal`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value as data.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }

    /// Where errors go.
    #[must_use]
    pub const fn errors(&self) -> &'a Errors {
        self.errors
    }

    /// Reports this value: what is accepted, and what to do (may be empty).
    pub fn refuse(&self, code: &'static str, accepted: impl AsRef<str>, fix: impl AsRef<str>) {
        self.refused(code, accepted.as_ref(), fix.as_ref());
    }

    /// The same for one type of text: it is called from everywhere.
    fn refused(&self, code: &'static str, accepted: &str, fix: &str) {
        let error = ConfigError::new(code, &self.path, self.describe(), accepted, fix);
        self.errors.add(error);
    }

    /// The value in words: quoted where that is safe, its kind only where a secret may stand (semantics 11.2).
    #[must_use]
    pub fn describe(&self) -> String {
        match self.value {
            Value::Null => "nothing".into(),
            Value::Bool(_) | Value::Number(_) if may_hold_secret(&self.path) => "a value".into(),
            Value::Bool(b) => format!("`{b}`"),
            Value::Number(n) => format!("the number {n}"),
            Value::String(_) if may_hold_secret(&self.path) => "a text".into(),
            Value::String(text) if text.is_empty() => "an empty text".into(),
            Value::String(text) => quote(text),
            Value::Array(list) if list.is_empty() => "an empty list".into(),
            Value::Array(_) => "a list".into(),
            Value::Object(map) if map.is_empty() => "an empty table".into(),
            Value::Object(_) => "a table".into(),
        }
    }

    /// A text, not empty.
    #[must_use]
    pub fn string(&self) -> Option<&'a str> {
        match self.value {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => {
                self.refuse("config.type", "a text that is not empty", "");
                None
            }
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        let found = self.value.as_bool();
        if found.is_none() {
            self.refuse("config.type", "true or false", "");
        }
        found
    }

    /// A whole number between two bounds, both included.
    #[must_use]
    pub fn integer(&self, least: i64, most: i64) -> Option<i64> {
        let found = self.value.as_i64().filter(|n| (least..=most).contains(n));
        if found.is_none() {
            self.refuse(
                "config.value",
                format!("a whole number from {least} to {most}"),
                "",
            );
        }
        found
    }

    /// A duration such as `15m`, in seconds.
    #[must_use]
    pub fn duration(&self) -> Option<i64> {
        let found = self.value.as_str().and_then(|text| duration::parse(text).ok());
        if found.is_none() {
            self.refuse("config.duration", duration::ACCEPTED, "");
        }
        found
    }

    /// One of a few words.
    #[must_use]
    pub fn one_of<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.value.as_str();
        let found = words.iter().find(|(word, _)| Some(*word) == text);
        if found.is_none() {
            let names: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let fix = suggestion(text.unwrap_or_default(), &names);
            self.refuse("config.value", listing(&names), fix);
        }
        found.map(|(_, value)| *value)
    }

    /// The elements of a list; an empty list is an empty answer.
    #[must_use]
    pub fn list(&self) -> Option<Vec<Self>> {
        let Value::Array(list) = self.value else {
            self.refuse("config.type", "a list", "");
            return None;
        };
        Some(
            list.iter()
                .enumerate()
                .map(|(n, value)| Self::root(value, format!("{}[{n}]", self.path), self.errors))
                .collect(),
        )
    }

    /// One value or a list of at least one: the nodes of its elements.
    #[must_use]
    pub fn one_or_more(&self) -> Option<Vec<Self>> {
        match self.value {
            Value::Array(list) if list.is_empty() => {
                self.refuse("config.empty", "one value or a list of at least one", "");
                None
            }
            Value::Array(_) => self.list(),
            _ => Some(vec![self.clone()]),
        }
    }

    /// A text or a list of texts, none empty; faulty elements are reported and left out.
    #[must_use]
    pub fn strings(&self) -> Option<Vec<&'a str>> {
        Some(self.one_or_more()?.iter().filter_map(Self::string).collect())
    }

    /// The value as a table.
    #[must_use]
    pub fn table(&self) -> Option<Table<'a>> {
        let Value::Object(map) = self.value else {
            self.refuse("config.type", "a table", "");
            return None;
        };
        Some(Table {
            node: self.clone(),
            map,
            asked: Vec::new(),
        })
    }
}

/// A table whose keys are read one by one. Call [`Table::finish`] at the end.
#[derive(Debug)]
pub struct Table<'a> {
    node: Node<'a>,
    map: &'a Map<String, Value>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The table's own node, for errors about the whole.
    #[must_use]
    pub const fn node(&self) -> &Node<'a> {
        &self.node
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// How many keys the document has here, known or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// The value of a key, if the document has it. The key counts as known from now on.
    pub fn get(&mut self, key: &'static str) -> Option<Node<'a>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let value = self.map.get(key)?;
        Some(Node::root(value, self.place(key), self.node.errors))
    }

    /// The value of a key that must be there; reports its absence.
    pub fn need(&mut self, key: &'static str, accepted: &str) -> Option<Node<'a>> {
        let found = self.get(key);
        if found.is_none() {
            let place = self.place(key);
            let error = ConfigError::new("config.missing", place, "nothing", accepted, "");
            self.node.errors.add(error);
        }
        found
    }

    /// Every key and its value, for a table whose keys are free; they count as known.
    #[must_use]
    pub fn entries(self) -> Vec<(&'a str, Node<'a>)> {
        let node = &self.node;
        self.map
            .iter()
            .map(|(key, value)| (key.as_str(), Node::root(value, self.place(key), node.errors)))
            .collect()
    }

    /// Reports every key that nothing asked for, with the nearest known spelling.
    pub fn finish(self) {
        for key in self.map.keys() {
            if self.asked.iter().any(|known| known == key) {
                continue;
            }
            let error = ConfigError::new(
                "config.unknown_key",
                self.place(key),
                format!("the unknown key {}", quote(key)),
                listing(&self.asked),
                suggestion(key, &self.asked),
            );
            self.node.errors.add(error);
        }
    }

    fn place(&self, key: &str) -> String {
        if self.node.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.node.path)
        }
    }
}

/// `did you mean …?` for the nearest of `known`, or nothing when none is near.
#[must_use]
pub fn suggestion(written: &str, known: &[&str]) -> String {
    nearest(written, known).map_or_else(String::new, |word| format!("did you mean `{word}`?"))
}

/// The known word that was probably meant: at most a third of its letters differ.
///
/// ```
/// # use edgeward::config::read::nearest;
/// assert_eq!(nearest("requires", &["path", "require"]), Some("require"));
/// assert_eq!(nearest("colour", &["path", "require"]), None);
/// ```
#[must_use]
pub fn nearest<'k>(written: &str, known: &[&'k str]) -> Option<&'k str> {
    let written = plain(written);
    known
        .iter()
        .map(|word| (distance(&written, &plain(word)), *word))
        .filter(|(far, word)| *far <= (word.len() / 3).max(1))
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
}

/// Case and the kind of joint are no difference: `onUnauthenticated` is near `on_unauthenticated`.
fn plain(word: &str) -> Vec<char> {
    word.chars()
        .take(64)
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Levenshtein's edit distance, one row at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i.saturating_add(1);
        let mut next = vec![left];
        for (y, above) in b.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal.saturating_add(usize::from(x != y));
            diagonal = *above;
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn listing(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

/// User input in backticks, shortened, controls shown as escapes.
fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTED).flat_map(char::escape_debug).collect();
    if text.chars().nth(QUOTED).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Whether a value at this place may be a secret that was pasted by mistake.
fn may_hold_secret(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| path.contains(word))
}

/// Long enough for any path or word of the document, short enough for one line.
const QUOTED: usize = 80;
const SECRET_WORDS: [&str; 7] = [
    "secret",
    "password",
    "token",
    "key",
    "lock",
    "private",
    "credential",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value, with: impl Fn(Node<'_>)) -> Vec<ConfigError> {
        let errors = Errors::new();
        with(Node::root(value, "at", &errors));
        errors.into_inner()
    }

    #[test]
    fn a_value_of_the_wrong_shape_is_one_error_each() {
        let cases = [
            (json!(5), "a text that is not empty"),
            (json!(""), "a text that is not empty"),
            (json!([]), "a text that is not empty"),
            (json!(null), "a text that is not empty"),
        ];
        for (value, accepted) in cases {
            let errors = read(&value, |node| assert_eq!(node.string(), None));
            assert_eq!(errors.len(), 1, "{value}");
            assert_eq!(errors[0].accepted, accepted);
            assert_eq!(errors[0].path, "at");
        }
        assert_eq!(
            read(&json!("yes"), |node| assert_eq!(node.boolean(), None)).len(),
            1
        );
        assert_eq!(
            read(&json!(11), |node| assert_eq!(node.integer(0, 10), None)).len(),
            1
        );
        assert_eq!(
            read(&json!(1.5), |node| assert_eq!(node.integer(0, 10), None)).len(),
            1
        );
        assert_eq!(read(&json!("x"), |node| assert!(node.table().is_none())).len(), 1);
        assert_eq!(read(&json!("x"), |node| assert!(node.list().is_none())).len(), 1);
        assert_eq!(
            read(&json!([]), |node| assert!(node.strings().is_none())).len(),
            1
        );
        assert_eq!(
            read(&json!(["a", 5, "b", ""]), |node| assert_eq!(
                node.strings(),
                Some(vec!["a", "b"])
            ))
            .len(),
            2
        );
    }

    #[test]
    fn all_faults_of_a_table_are_reported_at_once() {
        let value = json!({ "one": 1, "tow": 2, "TREE": 3, "nowhere": 4 });
        let errors = read(&value, |node| {
            let mut table = node.table().unwrap();
            assert_eq!(table.get("one").unwrap().string(), None);
            assert!(table.need("two", "a number").is_none());
            assert!(table.get("tree").is_none());
            table.finish();
        });
        let seen: Vec<_> = errors
            .iter()
            .map(|e| (e.code, e.path.as_str(), e.fix.as_str()))
            .collect();
        assert_eq!(seen.len(), 5);
        assert!(seen.contains(&("config.type", "at.one", "")));
        assert!(seen.contains(&("config.missing", "at.two", "")));
        assert!(seen.contains(&("config.unknown_key", "at.TREE", "did you mean `tree`?")));
        assert!(seen.contains(&("config.unknown_key", "at.nowhere", "")));
        assert!(seen.contains(&("config.unknown_key", "at.tow", "")));
    }

    #[test]
    fn what_was_found_is_quoted_but_never_under_a_key_of_secrets() {
        let canary = json!("canary-value");
        let errors = Errors::new();
        assert_eq!(
            Node::root(&canary, "routes[0].require", &errors).describe(),
            "`canary-value`"
        );
        for place in [
            "session.secrets[0]",
            "origin.lock.value",
            "oidc.client_secret",
            "a.private_jwk",
        ] {
            assert_eq!(Node::root(&canary, place, &errors).describe(), "a text");
            assert_eq!(Node::root(&json!(12345), place, &errors).describe(), "a value");
        }
        let long = json!("x".repeat(500));
        assert!(Node::root(&long, "a", &errors).describe().chars().count() < 90);
        assert_eq!(Node::root(&json!("a\nb"), "a", &errors).describe(), "`a\\nb`");
    }

    #[test]
    fn the_nearest_word_is_offered_only_when_it_is_near() {
        let known = ["path", "methods", "on_unauthenticated", "aal"];
        let cases = [
            ("paths", Some("path")),
            ("method", Some("methods")),
            ("onUnauthenticated", Some("on_unauthenticated")),
            ("on-unauthenticated", Some("on_unauthenticated")),
            ("all", Some("aal")),
            ("zzz", None),
            ("", None),
            ("header", None),
        ];
        for (written, wanted) in cases {
            assert_eq!(nearest(written, &known), wanted, "{written}");
        }
    }
}
