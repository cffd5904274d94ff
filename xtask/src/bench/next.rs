//! A middleware of the packed npm package in Next.js, beside an empty one and next-auth's.

use super::{Report, judged, script};
use crate::build::{self, Mode};
use crate::fault::Outcome;
use crate::test::npm;
use crate::{node, paths, run};

pub(super) fn measure(report: &Report) -> Outcome {
    build::build(build::target("js")?, Mode::Release)?;
    node::install(&node::toolchain())?;
    let mut command = script(&paths::root().join("tests/npm/overhead.mjs"), report)?;
    command.arg("--out").arg(&report.json);
    if report.quick {
        command.arg("--quick");
    }
    command
        .env("TARBALL", npm::pack()?)
        .env("NPM_CACHE", npm::cache());
    judged(run::shown(&mut command, "bench-next")?)
}
