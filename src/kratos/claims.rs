//! What the sealed copy may carry of an identity: an allow-list of JSON pointers (RFC 6901), nothing by default.

use serde_json::{Map, Value};

use crate::session::Pointer;

/// A pointer that the copy cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimPointerError {
    /// Outside the traits, the public metadata and the few plain members.
    #[error("a claim is below /traits or /metadata_public, or is /schema_id, /organization_id or /state")]
    NotPublic,
    /// Deeper than any identity schema.
    #[error("the pointer is too deep")]
    TooDeep,
}

impl ClaimPointerError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotPublic => "claims.not_public",
            Self::TooDeep => "claims.too_deep",
        }
    }
}

/// Checks a pointer of `kratos.claims` or `session.roles`. It reads the same value from the identity (whose public part whoami
/// shows) and from the claims of the session.
///
/// # Errors
/// [`ClaimPointerError`], by what is wrong.
///
/// ```
/// use edgeward::kratos::claims::{ClaimPointerError, check};
/// use edgeward::session::Pointer;
///
/// assert_eq!(check(&Pointer::parse("/metadata_public/roles").unwrap()), Ok(()));
/// assert_eq!(check(&Pointer::parse("/metadata_admin/x").unwrap()), Err(ClaimPointerError::NotPublic));
/// ```
pub fn check(pointer: &Pointer) -> Result<(), ClaimPointerError> {
    let tokens = pointer.tokens();
    if tokens.len() > DEPTH {
        return Err(ClaimPointerError::TooDeep);
    }
    match (tokens.first().map(String::as_str), tokens.len()) {
        (Some("traits" | "metadata_public"), _) | (Some("schema_id" | "organization_id" | "state"), 1) => {
            Ok(())
        }
        _ => Err(ClaimPointerError::NotPublic),
    }
}

/// The claims that the pointers name, in the identity's shape; a pointer to nothing, or to what [`check`] refuses, leaves
/// nothing. An array on the way becomes an object of its positions.
#[must_use]
pub fn select(pointers: &[Pointer], identity: &Map<String, Value>) -> Map<String, Value> {
    // Longer ones first: a whole object that is named as well as a member of it replaces it.
    let mut ordered: Vec<&Pointer> = Vec::with_capacity(pointers.len());
    for pointer in pointers.iter().filter(|p| check(p).is_ok()) {
        let at = ordered.partition_point(|p| p.tokens().len() >= pointer.tokens().len());
        ordered.insert(at, pointer);
    }
    let mut claims = Map::new();
    for pointer in ordered {
        if let Some(value) = pointer.find(identity) {
            pointer.put(&mut claims, value.clone());
        }
    }
    claims
}

/// The roles at a pointer: a string is one, of a list the strings are; anything else is none.
#[must_use]
pub fn roles(pointer: Option<&Pointer>, identity: &Map<String, Value>) -> Vec<String> {
    let value = pointer
        .filter(|p| check(p).is_ok())
        .and_then(|p| p.find(identity));
    let items = match value {
        Some(Value::String(_)) => value.map(std::slice::from_ref).unwrap_or_default(),
        Some(Value::Array(items)) => items.as_slice(),
        _ => &[],
    };
    let named = items
        .iter()
        .filter_map(Value::as_str)
        .filter(|role| !role.is_empty());
    named.map(str::to_owned).collect()
}

/// Identity schemas nest two or three levels; more is a mistake.
const DEPTH: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn identity() -> Map<String, Value> {
        let Value::Object(identity) = json!({
            "id": "x", "schema_id": "default", "state": "active",
            "traits": { "email": "a@example.com", "name": { "first": "A", "last": "B" }, "a/b": 1, "tags": ["t0", "t1"] },
            "metadata_public": { "roles": ["admin", 5, null, "", "ops"], "role": "admin", "odd": { "a": 1 }, "none": null },
            "metadata_admin": { "secret": "s" },
            "credentials": { "password": {} },
        }) else {
            panic!("an object")
        };
        identity
    }

    #[test]
    fn pointers_reach_public_members_only() {
        use ClaimPointerError::{NotPublic, TooDeep};
        for (text, want) in [
            ("/traits", Ok(())),
            ("/traits/email", Ok(())),
            ("/traits/a~1b", Ok(())),
            ("/metadata_public/roles", Ok(())),
            ("/metadata_public", Ok(())),
            ("/schema_id", Ok(())),
            ("/state", Ok(())),
            ("/organization_id", Ok(())),
            ("/", Err(NotPublic)),
            ("/Traits/email", Err(NotPublic)),
            ("/metadata_admin/secret", Err(NotPublic)),
            ("/metadata_public~1x", Err(NotPublic)),
            ("/credentials", Err(NotPublic)),
            ("/id", Err(NotPublic)),
            ("/verifiable_addresses/0", Err(NotPublic)),
            ("/state/x", Err(NotPublic)),
            ("/traits/1/2/3/4/5/6/7/8", Err(TooDeep)),
        ] {
            let pointer = Pointer::parse(text).unwrap();
            assert_eq!(check(&pointer), want, "{text}");
        }
    }

    #[test]
    fn claims_are_what_is_named_and_nothing_else() {
        for (pointers, want) in [
            (&[][..], json!({})),
            (
                &["/traits/email"],
                json!({ "traits": { "email": "a@example.com" } }),
            ),
            (
                &["/traits/name/first", "/traits/email"],
                json!({ "traits": { "name": { "first": "A" }, "email": "a@example.com" } }),
            ),
            (
                &["/traits/name/first", "/traits/name"],
                json!({ "traits": { "name": { "first": "A", "last": "B" } } }),
            ),
            (&["/traits/a~1b"], json!({ "traits": { "a/b": 1 } })),
            (
                &["/traits/tags/1"],
                json!({ "traits": { "tags": { "1": "t1" } } }),
            ),
            (
                &["/traits/tags", "/traits/tags/1"],
                json!({ "traits": { "tags": ["t0", "t1"] } }),
            ),
            (
                &[
                    "/traits/tags/01",
                    "/traits/tags/-",
                    "/traits/tags/2",
                    "/traits/email/x",
                    "/traits/none",
                ],
                json!({}),
            ),
            (
                &["/metadata_public/none"],
                json!({ "metadata_public": { "none": null } }),
            ),
            (&["/metadata_admin/secret", "/credentials", "/id"], json!({})),
            (&["/schema_id"], json!({ "schema_id": "default" })),
        ] {
            let pointers: Vec<_> = pointers.iter().map(|p| Pointer::parse(p).unwrap()).collect();
            let claims = select(&pointers, &identity());
            assert_eq!(Value::Object(claims.clone()), want);
            for pointer in pointers.iter().filter(|p| check(p).is_ok()) {
                assert_eq!(
                    pointer.find(&claims),
                    pointer.find(&identity()),
                    "one pointer reads both"
                );
            }
        }
    }

    #[test]
    fn roles_are_strings() {
        for (pointer, want) in [
            (Some("/metadata_public/roles"), &["admin", "ops"][..]),
            (Some("/metadata_public/role"), &["admin"]),
            (Some("/metadata_public/odd"), &[]),
            (Some("/metadata_public/none"), &[]),
            (Some("/metadata_public/missing"), &[]),
            (Some("/metadata_public"), &[]),
            (None, &[]),
        ] {
            let pointer = pointer.map(|p| Pointer::parse(p).unwrap());
            assert_eq!(roles(pointer.as_ref(), &identity()), want);
        }
    }
}
