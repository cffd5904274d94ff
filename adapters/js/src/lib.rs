//! Edgeward for JavaScript hosts: a document and secrets in, plain data through. It converts, it never decides.
//!
//! The exports are synchronous functions over numbers; text and bytes go through one buffer in each direction (see
//! `edgeward-boundary`). No Rust object, future or closure crosses (semantics 9.3), so an instance that trapped can be
//! left where it is. The run loop, with everything that waits, is JavaScript: `adapters/host/`.
//!
//! An address of 0 is the one answer without a frame: there is no gate in this instance, or no room.

#![cfg(target_arch = "wasm32")]

mod instance;
mod setup;

use edgeward_boundary::{Call, Name};
use wasm_bindgen::prelude::wasm_bindgen;

use instance::{address, with, with_port};

/// Room for an ordinary request head, so that most isolates reserve once.
const ROOM: usize = 32 * 1024;

/// Makes this instance ready for [`configure`]. `generation` is its number in the isolate. Returns the buffer.
#[wasm_bindgen]
pub fn boot(generation: u32) -> u32 {
    setup::panics();
    with(|instance| {
        instance.generation = generation;
        instance.reserve(ROOM)
    })
}

/// Makes room for `bytes` in the buffer and returns its address, which may be another than before; 0 is no room.
#[wasm_bindgen]
pub fn reserve(bytes: u32) -> u32 {
    with(|instance| instance.reserve(bytes as usize))
}

/// Builds the gate. The text is the shell, `next` or `inside`, the document as JSON, and the secrets by name. The frame
/// says whether it stands.
#[wasm_bindgen]
pub fn configure(text: u32, fields: u32, now_ms: f64) -> u32 {
    with(|instance| {
        let frame = setup::configure(instance, call(text, fields, 0, now_ms));
        address(frame)
    })
}

/// A request's head: see `Port::begin`.
#[wasm_bindgen]
pub fn begin(text: u32, fields: u32, now_ms: f64) -> u32 {
    with_port(call(text, fields, 0, now_ms), |port, input, call| {
        port.begin(input, call)
    })
}

/// A question of the app's own: see `Port::ask`.
#[wasm_bindgen]
pub fn ask(text: u32, fields: u32, now_ms: f64) -> u32 {
    with_port(call(text, fields, 0, now_ms), |port, input, call| {
        port.ask(input, call)
    })
}

/// An effect's answer: see `Port::resume`.
#[wasm_bindgen]
pub fn resume(generation: u32, low: u32, high: u32, text: u32, fields: u32, body: u32, now_ms: f64) -> u32 {
    with_port(call(text, fields, body, now_ms), |port, input, call| {
        port.resume(input, name(generation, low, high), call)
    })
}

/// A response head: see `Port::head`.
#[wasm_bindgen]
pub fn head(generation: u32, low: u32, high: u32, text: u32, fields: u32, now_ms: f64) -> u32 {
    with_port(call(text, fields, 0, now_ms), |port, input, call| {
        port.head(input, name(generation, low, high), call)
    })
}

/// No response head: see `Port::failed`.
#[wasm_bindgen]
pub fn failed(generation: u32, low: u32, high: u32, text: u32, fields: u32, now_ms: f64) -> u32 {
    with_port(call(text, fields, 0, now_ms), |port, input, call| {
        port.failed(input, name(generation, low, high), call)
    })
}

/// A background question: see `Port::start`.
#[wasm_bindgen]
pub fn start(generation: u32, low: u32, high: u32, now_ms: f64) -> u32 {
    with_port(call(0, 1, 0, now_ms), |port, input, call| {
        port.start(input, name(generation, low, high), call)
    })
}

/// Whether a signature is good, 1 or 0: see `edgeward_boundary::verify`. A host that finds this export asks no WebCrypto.
#[cfg(feature = "verify-in-wasm")]
#[wasm_bindgen]
pub fn verify(text: u32, fields: u32, body: u32, now_ms: f64) -> u32 {
    with(|instance| {
        let good = edgeward_boundary::verify(&mut instance.input, call(text, fields, body, now_ms));
        u32::from(good)
    })
}

/// The host will not come back for a name: see `Port::forget`.
#[wasm_bindgen]
pub fn forget(generation: u32, low: u32, high: u32) {
    with(|instance| {
        if let Some(port) = &mut instance.port {
            port.forget(name(generation, low, high));
        }
    });
}

const fn call(text: u32, fields: u32, body: u32, now_ms: f64) -> Call {
    Call {
        text,
        fields,
        body,
        now_ms,
    }
}

const fn name(generation: u32, low: u32, high: u32) -> Name {
    Name {
        generation,
        key: (high as u64) << 32 | low as u64,
    }
}
