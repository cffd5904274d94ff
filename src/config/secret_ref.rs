//! Secrets by reference: the document names them, it never holds them.

use super::read::Node;

/// `{ env = "NAME" }`: a variable or binding of the host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretRef {
    /// The name that the host resolves.
    pub name: String,
    /// Where the document refers to it, for errors.
    pub path: String,
}

impl SecretRef {
    /// Reads a reference; a text is refused with the remedy, and never quoted.
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        if node.value().is_string() {
            node.refuse(
                "config.secret_value",
                "a reference, `{ env = \"NAME\" }`",
                "store the value as a secret of the host and name it here",
            );
            return None;
        }
        let mut table = node.table()?;
        let name = table
            .need("env", "the name of a variable or binding")?
            .string()
            .map(str::to_owned);
        table.finish();
        Some(Self {
            name: name?,
            path: node.path().to_owned(),
        })
    }

    /// Reads a list of references, at least one.
    pub(crate) fn read_list(node: &Node<'_>) -> Option<Vec<Self>> {
        let found: Vec<_> = node.one_or_more()?.iter().filter_map(Self::read).collect();
        (!found.is_empty()).then_some(found)
    }
}
