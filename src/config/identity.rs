//! `[assertion]` and `[identity]`: what the origin learns about the visitor (semantics 4.3-4.4).

use super::SecretRef;
use super::read::Node;
use crate::session::Pointer;

/// `[assertion]`: a short-lived signed statement for the origin.
#[derive(Debug, Clone)]
pub struct AssertionConfig {
    /// What it is signed with; never a session secret.
    pub key: AssertionKey,
    /// `aud`: the origin's own name for itself.
    pub audience: String,
    /// Claims that go into `claims`, by pointer.
    pub claims: Vec<Pointer>,
}

/// Either of `secret` and `key`.
#[derive(Debug, Clone)]
pub enum AssertionKey {
    /// `secret`: what the HS256 key is derived from.
    Shared(SecretRef),
    /// `key`: a P-256 key as a JWK, for ES256 in the host: the private one at the gate, the public one where the app asks.
    Pair(SecretRef),
}

impl AssertionKey {
    /// The reference to it.
    #[must_use]
    pub const fn reference(&self) -> &SecretRef {
        match self {
            Self::Shared(reference) | Self::Pair(reference) => reference,
        }
    }
}

impl AssertionConfig {
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let key = match table.get("key") {
            Some(n) => {
                if let Some(secret) = table.get("secret") {
                    secret.refuse(
                        "config.assertion_key",
                        "one of `secret` (HS256) and `key` (ES256)",
                        "keep `key`: the origin then holds nothing that signs",
                    );
                }
                SecretRef::read(&n).map(AssertionKey::Pair)
            }
            None => table
                .need("secret", "a reference, `{ env = \"NAME\" }`")
                .and_then(|n| SecretRef::read(&n))
                .map(AssertionKey::Shared),
        };
        let audience = table
            .need("audience", "the origin's name for itself")
            .and_then(|n| n.string().map(str::to_owned));
        let claims = table
            .get("claims")
            .map(|n| super::kratos::pointers(&n))
            .unwrap_or_default();
        table.finish();
        Some(Self {
            key: key?,
            audience: audience?,
            claims,
        })
    }
}

/// `[identity]`: bare headers with chosen claims, only over a service binding or inside the app.
#[derive(Debug, Clone, Default)]
pub struct IdentityConfig {
    /// Header name and pointer; the names begin with `x-edgeward-`.
    pub headers: Vec<(String, Pointer)>,
}

impl IdentityConfig {
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let mut headers = Vec::new();
        if let Some(entries) = table.get("headers").and_then(|n| n.table()) {
            for (name, node) in entries.entries() {
                let ours = name.starts_with("x-edgeward-")
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                match node.string().and_then(Pointer::parse) {
                    Some(pointer) if ours => headers.push((name.to_owned(), pointer)),
                    _ => node.refuse(
                        "config.identity",
                        "`x-edgeward-<name> = \"/pointer\"`, lower case",
                        "",
                    ),
                }
            }
        }
        table.finish();
        Some(Self { headers })
    }
}
