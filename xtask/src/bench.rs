//! `cargo xtask bench <name>`: figures, not verdicts. A script of `tests/live/bench` in a running world.

use crate::fault::{Fault, Outcome};
use crate::world::{Wish, World};
use crate::{node, paths, run};

const SCRIPTS: &[&str] = &["tunnel"];

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    let known = |name: &String| SCRIPTS.contains(&name.as_str());
    let [name] = arguments else {
        return Err(Fault::new("cargo xtask bench", "which one?").accepted(SCRIPTS.join(", ")));
    };
    if !known(name) {
        return Err(
            Fault::new("cargo xtask bench", format!("`{name}` is no bench")).accepted(SCRIPTS.join(", "))
        );
    }
    let world = World::start(&Wish {
        name: "bench",
        port: None,
        test_origin: true,
    })?;
    let mut command = node::with_node()?;
    command.arg(paths::root().join(format!("tests/live/bench/{name}.mjs")));
    command.envs(world.environment()?);
    command.env("TOOLCHAIN", node::toolchain().join("package.json"));
    let (succeeded, _) = run::shown(&mut command, "bench")?;
    if succeeded {
        Ok(())
    } else {
        Err(Fault::new("cargo xtask bench", "failed"))
    }
}
