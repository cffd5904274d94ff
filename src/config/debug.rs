//! `[debug]`: who may see how a decision came about (semantics 11.2).

use super::SecretRef;
use super::read::Node;

/// `[debug]`: a secret of its own opens the trace of a request in its response.
#[derive(Debug, Clone)]
pub struct DebugConfig {
    /// What `X-Edgeward-Debug` must hold; at least 32 bytes, never another secret of the document.
    pub secret: SecretRef,
}

impl DebugConfig {
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let secret = table
            .need("secret", "a reference, `{ env = \"NAME\" }`")
            .and_then(|n| SecretRef::read(&n));
        table.finish();
        Some(Self { secret: secret? })
    }
}
