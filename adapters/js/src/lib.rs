//! Edgeward for JavaScript hosts: a document and secrets in, plain data through. It converts, it never decides.
//!
//! The exports are synchronous functions over numbers; text and bytes go through one buffer in each direction (see
//! `edgeward-boundary`). No Rust object, future or closure crosses (semantics 9.3), so an instance that trapped can be
//! left where it is. The run loop, with everything that waits, is JavaScript: `adapters/host/`.
//!
//! An address of 0 is the one answer without a frame: there is no gate in this instance, or no room.

#![cfg(target_arch = "wasm32")]

mod setup;

use edgeward_boundary::address;

edgeward_boundary::exports!(edgeward::Gate, setup::panics);

/// Builds the gate. The text is the shell, `next` or `inside`, the document as JSON, and the secrets by name. The frame
/// says whether it stands.
#[wasm_bindgen]
pub fn configure(text: u32, fields: u32, now_ms: f64) -> u32 {
    with(|instance| address(setup::configure(instance, Call::new(text, fields, 0, now_ms))))
}

/// A question of the app's own: see `Port::ask`.
#[wasm_bindgen]
pub fn ask(text: u32, fields: u32, now_ms: f64) -> u32 {
    let call = Call::new(text, fields, 0, now_ms);
    with(|instance| instance.call(call, |port, input, call| port.ask(input, call)))
}
