//! The suite in real Chromium: Debian's, driven by playwright-core.

use std::path::PathBuf;
use std::process::Command;

use super::scripts::{find, run_files};
use super::tally::Tally;
use super::{Context, kratos};
use crate::fault::{Fault, Outcome};
use crate::run;
use crate::step::step;

pub(super) fn suite(context: &mut Context) -> Outcome<Tally> {
    let mut files = find(&["tests/browser"])?;
    files.retain(|file| !kratos::is_ours(file) && context.wants(file));
    let chromium = chromium()?;
    let world = context.world()?;
    let mut environment = world.environment()?;
    environment.push(("CHROMIUM".to_owned(), chromium.display().to_string()));
    let tally = run_files("browser", &files, &environment)?;
    world.alive()?;
    Ok(tally)
}

pub(super) fn chromium() -> Outcome<PathBuf> {
    if let Some(path) = installed() {
        return Ok(path);
    }
    let remedy = "install Chromium (Debian: apt-get install chromium) and run the suite again";
    let root = run::output(Command::new("id").arg("-u"), "id").is_ok_and(|id| id.starts_with(b"0"));
    if !root || run::which("apt-get").is_none() {
        return Err(Fault::new("chromium", "is not installed")
            .accepted("chromium on PATH")
            .remedy(remedy));
    }
    step("apt-get install chromium (200 MB, once)", || {
        let mut update = Command::new("apt-get");
        run::quiet(update.arg("update"), "apt-update")?;
        let mut install = Command::new("apt-get");
        install.args(["install", "-y", "chromium"]);
        run::quiet(install.env("DEBIAN_FRONTEND", "noninteractive"), "apt-install")
    })?;
    installed().ok_or_else(|| Fault::new("chromium", "is not there after its installation").remedy(remedy))
}

fn installed() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|name| run::which(name))
}
