//! The gate: built once from a config, asked once per request.
//!
//! ```text
//! begin ─ admit ─┬─ tunnel ── Forward ─ after: cookies, mint, rewrite
//!                └─ rule ─┬─ public ───────────────── Continue
//!                         └─ standing ─ judge ─┬───── Continue ─ after: cookies, caches
//!                             │ (whoami)       ├───── Redirect
//!                             └ copy, verdict  └───── Respond
//! ```

mod assertion;
mod build;
mod challenge;
mod core;
mod guard;
mod identity;
mod onward;
mod response;
mod standing;
mod tunnel;
mod visit;
mod whoami;
mod write;

use std::rc::Rc;

use self::core::Core;
use crate::base::{Moment, Secret};
use crate::config::{Config, ConfigErrors};
use crate::decision::Decision;
use crate::message::RequestHead;
use crate::shell::Shell;
use crate::step::Step;

/// The gate. Immutable but for its caches, which are borrowed inside one synchronous call only.
///
/// Cheap to clone: clones share the caches. One gate serves all requests of an isolate.
#[derive(Debug, Clone)]
pub struct Gate {
    core: Rc<Core>,
}

impl Gate {
    /// Builds a gate. `secrets` resolves the names that the document refers to (`{ env = "NAME" }`).
    ///
    /// # Errors
    /// Everything that is wrong with the document, at once. A host that gets an error must not forward anything.
    pub fn new(
        config: Config,
        shell: Shell,
        secrets: impl Fn(&str) -> Option<Secret>,
        moment: Moment,
    ) -> Result<Self, ConfigErrors> {
        build::build(config, shell, &secrets, moment).map(|core| Self { core: Rc::new(core) })
    }

    /// Decides about one request; see [`crate::step`] for how to drive what comes out.
    pub fn begin(&self, head: RequestHead, moment: Moment) -> Step<Decision> {
        guard::begin(Rc::clone(&self.core), head, moment)
    }
}
