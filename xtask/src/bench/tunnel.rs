//! The way through the gate to a real Kratos, in a world of its own.

use super::{Report, judged, script};
use crate::fault::Outcome;
use crate::world::{Wish, World};
use crate::{paths, run};

pub(super) fn measure(report: &Report) -> Outcome {
    let world = World::start(&Wish {
        name: "bench",
        port: None,
        for_tests: true,
    })?;
    let mut command = script(&paths::root().join("tests/live/bench/tunnel.mjs"), report)?;
    command.envs(world.environment()?);
    judged(run::shown(&mut command, "bench-tunnel")?)
}
