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
    // Of a single format only its own vectors; the envelopes below them are made with all.
    let envelopes = arguments.is_empty().then_some("make-vectors.mjs");
    for script in envelopes.into_iter().chain(["vectors.mjs"]) {
        let mut command = node::with_node()?;
        command.current_dir(interop()).arg(script).args(arguments);
        let (succeeded, _) = run::shown(&mut command, script)?;
        if !succeeded {
            return Err(Fault::new(
                "cargo xtask vectors",
                format!("{script}: a case and its library disagree"),
            )
            .accepted("cases that say why, with `stricter` or `laxer`"));
        }
    }
    Ok(())
}
