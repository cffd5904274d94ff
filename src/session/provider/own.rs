//! The gate's own format (semantics 3); [`OwnFormat`](crate::session::own::OwnFormat) opens and seals it.

use crate::base::docs;
use crate::session::recipe::{Can, Chunks, Keys, Recipe};

/// Its row in the table.
pub const RECIPE: Recipe = Recipe {
    name: "edgeward",
    library: "",
    names: &["__Host-edgeward"],
    chunks: Chunks::Never,
    keys: Keys::Secrets(32),
    options: &[],
    can: Can {
        seal: true,
        roll: true,
        adopt: true,
        accept: true,
        audience: true,
        born: true,
        auth_time: true,
        aal: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &["traits"],
    stricter: docs::list(&[]),
    cannot: docs::list(&[]),
    build: None,
};
