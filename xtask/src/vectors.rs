//! `cargo xtask vectors [format…|kratos]`: the real JavaScript libraries make the vectors anew, and Kratos' own module the lists
//! that the tunnel's table is held against.

use std::path::PathBuf;
use std::process::Command;

use crate::fault::{Fault, Outcome, write};
use crate::{node, paths, run};

/// The folder with the pinned libraries.
pub fn interop() -> PathBuf {
    paths::root().join("tests/interop")
}

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    let (kratos, formats): (Vec<String>, Vec<String>) =
        arguments.iter().cloned().partition(|argument| argument == KRATOS);
    if !kratos.is_empty() || arguments.is_empty() {
        lists()?;
    }
    if kratos.is_empty() || !formats.is_empty() {
        libraries(&formats)?;
    }
    Ok(())
}

const KRATOS: &str = "kratos";

/// What Kratos' router serves, what its document lists and how its cookies are called, from the module that the live tests build.
fn lists() -> Outcome {
    let mut go = Command::new("go");
    go.current_dir(paths::root().join("tests/live/kratos"));
    let module = run::output(
        go.args(["list", "-m", "-f", "{{.Dir}}", "github.com/ory/kratos"]),
        "go-list",
    )?;
    let module = String::from_utf8_lossy(&module).trim().to_owned();
    let folder = paths::root().join("tests/vectors/kratos-1.3.1");
    for list in ["router", "openapi", "cookies"] {
        let mut go = Command::new("go");
        go.current_dir(&folder)
            .args(["run", "extract/main.go", list, &module]);
        let lines = run::output(&mut go, "go-extract")?;
        write(
            &folder.join(format!("{list}.txt")),
            String::from_utf8_lossy(&lines).into_owned(),
        )?;
    }
    Ok(())
}

fn libraries(arguments: &[String]) -> Outcome {
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
