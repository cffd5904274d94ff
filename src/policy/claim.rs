//! Roles and claims as conditions. A missing or oddly typed claim never meets one (field.md S 23).

use serde_json::{Map, Value};

use crate::session::{Session, pointer};

/// A JSON pointer into the claims (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    text: String,
    tokens: Vec<String>,
}

/// The text is no pointer to something inside the claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a JSON pointer such as `/metadata_public/roles`")]
pub struct PointerError;

impl Pointer {
    /// Parses a pointer; the whole document (the empty pointer) is no claim.
    ///
    /// # Errors
    /// [`PointerError`] for a text that does not begin with `/`, has an empty token or a `~` that is no `~0` or `~1`.
    ///
    /// ```
    /// # use edgeward::policy::Pointer;
    /// assert!(Pointer::parse("/metadata_public/roles").is_ok());
    /// assert!(Pointer::parse("roles").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        let tokens = text.strip_prefix('/').ok_or(PointerError)?;
        let tokens: Option<Vec<_>> = tokens.split('/').map(token).collect();
        Ok(Self {
            text: text.into(),
            tokens: tokens.ok_or(PointerError)?,
        })
    }

    /// The pointer as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it points to.
    #[must_use]
    pub fn resolve<'v>(&self, claims: &'v Map<String, Value>) -> Option<&'v Value> {
        let (first, rest) = self.tokens.split_first()?;
        let mut at = claims.get(first)?;
        for token in rest {
            at = match at {
                Value::Object(map) => map.get(token)?,
                Value::Array(list) => list.get(index(token)?)?,
                _ => return None,
            };
        }
        Some(at)
    }

    /// Whether the person can edit what stands there (semantics 1.8): Kratos' traits, Supabase's `user_metadata`,
    /// Clerk's `unsafeMetadata`, and what the session's format names as such.
    ///
    /// ```
    /// # use edgeward::policy::Pointer;
    /// assert!(Pointer::parse("/traits/role")?.is_user_editable(&[]));
    /// assert!(!Pointer::parse("/metadata_public/roles")?.is_user_editable(&[]));
    /// # Ok::<(), edgeward::policy::PointerError>(())
    /// ```
    #[must_use]
    pub fn is_user_editable(&self, of_format: &[&str]) -> bool {
        pointer::is_user_editable(&self.tokens, of_format)
    }

    /// Whether this pointer is `other` or leads into it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.tokens.starts_with(&other.tokens)
    }
}

/// A value that a claim is compared with. No conversions: `"1"` is not `1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// A text, compared byte by byte.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
}

impl Scalar {
    /// The value of a document, if it is a scalar.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text.clone())),
            Value::Bool(boolean) => Some(Self::Boolean(*boolean)),
            Value::Number(number) => number.as_i64().map(Self::Integer),
            _ => None,
        }
    }

    fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text(a), Value::String(b)) => a == b,
            (Self::Integer(a), Value::Number(b)) => b.as_i64() == Some(*a),
            (Self::Boolean(a), Value::Bool(b)) => a == b,
            _ => false,
        }
    }
}

/// How a claim is held against a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The claim is one of these values.
    OneOf(Vec<Scalar>),
    /// The claim is a list with this element.
    Contains(Scalar),
}

/// One thing that a session must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A role, read through the one pointer of the config (semantics 1.8).
    Role(String),
    /// A claim with a value.
    Claim {
        /// Where the claim stands.
        pointer: Pointer,
        /// What it must be.
        test: Test,
    },
}

impl Condition {
    /// Whether the session has it.
    #[must_use]
    pub fn is_met(&self, session: &Session) -> bool {
        self.holds(&session.roles, &session.claims)
    }

    fn holds(&self, roles: &[String], claims: &Map<String, Value>) -> bool {
        match self {
            Self::Role(role) => roles.iter().any(|has| has == role),
            Self::Claim { pointer, test } => match (pointer.resolve(claims), test) {
                (Some(claim), Test::OneOf(values)) => values.iter().any(|value| value.is(claim)),
                (Some(Value::Array(list)), Test::Contains(value)) => list.iter().any(|one| value.is(one)),
                _ => false,
            },
        }
    }
}

fn token(text: &str) -> Option<String> {
    let bad_escape = text
        .split('~')
        .skip(1)
        .any(|after| !after.starts_with(['0', '1']));
    if text.is_empty() || bad_escape {
        return None;
    }
    Some(text.replace("~1", "/").replace("~0", "~"))
}

/// Without leading zeros, RFC 6901 section 4.
fn index(token: &str) -> Option<usize> {
    let canonical = token == "0" || (!token.starts_with(['0', '+']) && !token.is_empty());
    canonical.then(|| token.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims() -> Map<String, Value> {
        let value = json!({
            "plan": "pro", "seats": 5, "ratio": 5.0, "beta": true, "nothing": null,
            "groups": ["ops", "dev", 7, ["nested"]], "deep": { "a/b": { "m~n": "x" } }, "numeric": "5"
        });
        value.as_object().unwrap().clone()
    }

    #[test]
    fn pointers() {
        for text in [
            "", "plan", "plan/", "/", "//", "/a/", "/a//b", "/a~", "/a~2", "/~",
        ] {
            assert_eq!(Pointer::parse(text), Err(PointerError), "{text}");
        }
        let found = |text: &str| Pointer::parse(text).unwrap().resolve(&claims()).cloned();
        assert_eq!(found("/deep/a~1b/m~0n"), Some(json!("x")));
        assert_eq!(found("/groups/1"), Some(json!("dev")));
        for text in [
            "/groups/01",
            "/groups/+1",
            "/groups/-",
            "/groups/9",
            "/plan/0",
            "/nothing/x",
            "/absent",
            "/deep/a",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn claims_are_compared_without_conversion() {
        let one = |value: Value| Test::OneOf(vec![Scalar::from_value(&value).unwrap()]);
        let has = |value: Value| Test::Contains(Scalar::from_value(&value).unwrap());
        let cases = [
            ("/plan", one(json!("pro")), true),
            ("/seats", one(json!(5)), true),
            ("/beta", one(json!(true)), true),
            ("/groups", has(json!("ops")), true),
            ("/groups", has(json!(7)), true),
            ("/plan", one(json!("Pro")), false),
            ("/plan", one(json!("pro ")), false),
            ("/plan", has(json!("pro")), false),
            ("/seats", one(json!("5")), false),
            ("/numeric", one(json!(5)), false),
            ("/ratio", one(json!(5)), false),
            ("/beta", one(json!("true")), false),
            ("/beta", one(json!(1)), false),
            ("/nothing", one(json!("null")), false),
            ("/groups", one(json!("ops")), false),
            ("/groups", has(json!("nested")), false),
            ("/groups", has(json!("op")), false),
            ("/deep", has(json!("a/b")), false),
            ("/absent", one(json!("pro")), false),
            ("/absent", has(json!("pro")), false),
        ];
        for (pointer, test, wanted) in cases {
            let condition = Condition::Claim {
                pointer: Pointer::parse(pointer).unwrap(),
                test: test.clone(),
            };
            let found = condition.holds(&[], &claims());
            assert_eq!(found, wanted, "{pointer} {test:?}");
        }
        assert_eq!(Scalar::from_value(&json!(1.5)), None);
        assert_eq!(Scalar::from_value(&json!(null)), None);
        assert_eq!(Scalar::from_value(&json!([])), None);
    }
}
