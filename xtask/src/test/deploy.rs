//! What a user runs: `wrangler deploy` (dry) and `wrangler dev`, offline.

use std::process::Command;
use std::time::Duration;

use super::tally::Tally;
use crate::fault::{Fault, Outcome};
use crate::step::step;
use crate::world::{Addresses, Child, deployment, ports, secret};
use crate::{build, fault, node, paths, run};

pub(super) fn suite() -> Outcome<Tally> {
    build::worker()?;
    step("wrangler deploy --dry-run", dry_run)?;
    dev()?;
    Ok(Tally {
        passed: 2,
        ..Tally::default()
    })
}

fn wrangler() -> Outcome<Command> {
    let mut command = node::script("wrangler/bin/wrangler.js")?;
    // No questions, no news, no account.
    for (name, value) in [
        ("CI", "1"),
        ("WRANGLER_SEND_METRICS", "false"),
        ("NO_UPDATE_NOTIFIER", "1"),
    ] {
        command.env(name, value);
    }
    command
        .env_remove("CLOUDFLARE_API_TOKEN")
        .env("WRANGLER_LOG_PATH", paths::logs());
    Ok(command)
}

fn dry_run() -> Outcome {
    let out = paths::work().join("dry-run");
    let mut command = wrangler()?;
    command.args(["deploy", "--dry-run", "--outdir"]).arg(&out);
    run::quiet(&mut command, "wrangler-deploy")?;
    let files = paths::files(&out);
    if files
        .iter()
        .any(|file| file.extension().is_some_and(|extension| extension == "wasm"))
    {
        return Ok(());
    }
    Err(Fault::new("wrangler deploy --dry-run", "bundled no wasm").accepted("edgeward.wasm beside index.js"))
}

/// Started with the deployed config and secrets of its own; any answer of the gate below 500 will do.
fn dev() -> Outcome {
    let free = ports::free(4)?;
    let [port, inspector, origin, kratos] = free[..] else {
        return Err(Fault::new("127.0.0.1", "no free ports"));
    };
    let addresses = Addresses {
        public_origin: format!("http://localhost:{port}"),
        origin_url: format!("http://127.0.0.1:{origin}"),
        kratos_url: format!("http://127.0.0.1:{kratos}"),
    };
    let toml = paths::root().join("wrangler.toml");
    let deployment = deployment("wrangler.toml", &fault::read(&toml)?, &addresses)?;
    let lines = deployment
        .secrets
        .iter()
        .map(|name| Ok(format!("{name}={}\n", secret::fresh()?)));
    let file = paths::work().join("wrangler-dev.env");
    fault::write(&file, lines.collect::<Outcome<String>>()?)?;
    let mut command = wrangler()?;
    command.args([
        "dev",
        "--local",
        "--ip",
        "127.0.0.1",
        "--show-interactive-dev-session=false",
    ]);
    command
        .args([
            "--port",
            &port.to_string(),
            "--inspector-port",
            &inspector.to_string(),
            "--env-file",
        ])
        .arg(&file);
    let mut child = Child::start("wrangler-dev", "wrangler-dev", &mut command)?;
    child.healthy(port, "/dashboard", Duration::from_secs(90))
}
