//! Ctrl-C and SIGTERM: with children running the supervisor unwinds and ends them; without, the index just exits.

use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::fault::{Fault, Outcome};

static ASKED: AtomicBool = AtomicBool::new(false);
static CHILDREN: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// What a shell reports for a program that was interrupted.
const INTERRUPTED: i32 = 130;

/// Installs the handler, once, at the start of the program.
pub fn listen() -> Outcome {
    ctrlc::set_handler(|| {
        let children = CHILDREN.lock().map(|children| children.len()).unwrap_or_default();
        if children == 0 || ASKED.swap(true, Ordering::AcqRel) {
            // The second Ctrl-C, or nothing to end: no more patience.
            std::process::exit(INTERRUPTED);
        }
    })
    .map_err(|error| Fault::new("Ctrl-C", format!("cannot be heard: {error}")))
}

/// Whether the user wants to stop.
pub fn asked() -> bool {
    ASKED.load(Ordering::Acquire)
}

/// A fault when the user wants to stop.
pub fn check() -> Outcome {
    if asked() {
        Err(Fault::new("cargo xtask", "stopped"))
    } else {
        Ok(())
    }
}

pub(super) fn watch(child: u32) {
    if let Ok(mut children) = CHILDREN.lock() {
        children.push(child);
    }
}

pub(super) fn forget(child: u32) {
    if let Ok(mut children) = CHILDREN.lock() {
        children.retain(|known| *known != child);
    }
}

/// SIGTERM, which std cannot send: a child that has children of its own ends them.
pub(super) fn ask(child: u32) {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("kill -TERM {child}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _ = command.status();
}
