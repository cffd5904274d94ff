//! `cargo xtask vectors [format…]`: the real JavaScript libraries make the vectors anew.

use std::path::PathBuf;

use crate::fault::{Fault, Outcome};
use crate::{node, paths, run};

/// The folder with the pinned libraries.
pub fn interop() -> PathBuf {
    paths::root().join("tests/interop")
}

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    node::install(&interop())?;
    let mut command = node::with_node()?;
    command.current_dir(interop()).arg("vectors.mjs").args(arguments);
    let (succeeded, _) = run::shown(&mut command, "vectors")?;
    if succeeded {
        return Ok(());
    }
    Err(
        Fault::new("cargo xtask vectors", "a case and its library disagree")
            .accepted("a case that says why, with `stricter` or `laxer`"),
    )
}
