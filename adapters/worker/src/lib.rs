//! Edgeward as a Cloudflare Worker: bindings in, plain data through. It converts, it never decides.
//!
//! The exports are synchronous functions over numbers; text and bytes go through one buffer in each direction (see
//! `edgeward-boundary`). No Rust object, future or closure crosses (semantics 9.3), so an instance that trapped can be
//! left where it is. The run loop, with everything that waits, is JavaScript: `entry/`.
//!
//! An address of 0 is the one answer without a frame: there is no gate in this instance, or no room.

#![cfg(target_arch = "wasm32")]

mod bindings;
#[cfg(feature = "__test-fake")]
mod fake;
mod setup;

use edgeward_boundary::address;
use worker::Env;

edgeward_boundary::exports!(setup::Decider, setup::panics);

/// Builds the gate from the bindings. Needs fresh random bytes in the buffer. The frame says whether it stands.
#[wasm_bindgen]
#[allow(
    clippy::needless_pass_by_value,
    reason = "what wasm-bindgen hands over is owned"
)]
pub fn configure(env: Env, now_ms: f64) -> u32 {
    with(|instance| address(setup::configure(instance, &env, now_ms)))
}
