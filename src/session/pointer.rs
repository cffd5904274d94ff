//! JSON pointers (RFC 6901) into a claims set.

use std::fmt;

use serde_json::{Map, Value};

/// A pointer, checked once when the config is read.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pointer {
    text: String,
    tokens: Vec<String>,
}

impl Pointer {
    /// Parses a pointer to a member below the top; the empty pointer (the whole document) is none.
    ///
    /// ```
    /// # use edgeward::session::Pointer;
    /// let claims = serde_json::json!({"metadata_public": {"roles": ["admin"]}});
    /// let roles = Pointer::parse("/metadata_public/roles").unwrap();
    /// assert_eq!(roles.find(claims.as_object().unwrap()), Some(&serde_json::json!(["admin"])));
    /// assert!(Pointer::parse("roles").is_none());
    /// assert!(Pointer::parse("/a~2b").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('/')?;
        let tokens = rest.split('/').map(unescape).collect::<Option<Vec<_>>>()?;
        Some(Self {
            text: text.to_owned(),
            tokens,
        })
    }

    /// The pointer as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The unescaped tokens.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// What it points at.
    #[must_use]
    pub fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.tokens.split_first()?;
        let mut at = claims.get(first)?;
        for token in rest {
            at = match at {
                Value::Object(members) => members.get(token)?,
                Value::Array(items) => items.get(index(token)?)?,
                _ => return None,
            };
        }
        Some(at)
    }

    /// Puts `value` where the pointer points, making objects on the way. Array positions are not made.
    pub fn put(&self, claims: &mut Map<String, Value>, value: Value) {
        let Some((last, way)) = self.tokens.split_last() else {
            return;
        };
        let mut at = claims;
        for token in way {
            let next = at
                .entry(token.clone())
                .or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(members) = next else { return };
            at = members;
        }
        at.insert(last.clone(), value);
    }
}

/// Names below which the people themselves write, wherever they stand in a claims set (semantics 1.8).
const USER_EDITABLE: [&str; 6] = [
    "traits",
    "user_metadata",
    "raw_user_meta_data",
    "unsafeMetadata",
    "unsafe_metadata",
    "publicUserData",
];

/// Whether a pointer's tokens lead into what the person can edit: one of the names above, or of the format's own.
#[must_use]
pub fn is_user_editable(tokens: &[String], of_format: &[&str]) -> bool {
    let named = |token: &String| {
        let mut names = USER_EDITABLE.iter().chain(of_format);
        names.any(|name| name.eq_ignore_ascii_case(token))
    };
    tokens.iter().any(named)
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        out.push(match (c, c == '~') {
            (_, true) => match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            (c, false) => c,
        });
    }
    Some(out)
}

fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0') && token.bytes().all(|b| b.is_ascii_digit());
    canonical.then(|| token.parse().ok()).flatten()
}

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
