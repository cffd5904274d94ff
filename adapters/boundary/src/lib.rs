//! What crosses between the gate in WebAssembly and its JavaScript host: plain data, in frames.
//!
//! No Rust object, future or closure crosses (semantics 9.3). What the core hands out to be called later (a
//! [`Pending`](edgeward::step::Pending), an [`After`](edgeward::decision::After), a
//! [`Background`](edgeward::decision::Background)) stays in an [`Arena`] on this side; the host gets its [`Name`].
//!
//! ```text
//!   host                                   this crate                           core
//!   48 random bytes, text, body  ──▶  Port: frame → RequestHead, Answer  ──▶  Gate::begin, Pending::resume …
//!   one frame                      ◀──  Step → frame; what waits → Arena   ◀──  Step<Decision>, Step<Answered>
//! ```
//!
//! An adapter's [`exports!`] keep one [`Instance`], and there is one export for each method of its [`Port`].
//! The layout of the frames is in [`input`] and [`reply`].

pub mod arena;
mod buffer;
mod exports;
#[cfg(any(test, feature = "__fake"))]
pub mod fake;
pub mod frame;
pub mod input;
mod instance;
mod port;
pub mod reply;
pub mod setup;
#[cfg(all(feature = "__trap", target_arch = "wasm32"))]
mod trap;
#[cfg(any(test, feature = "verify-in-wasm"))]
mod verify;

pub use arena::{Arena, Name};
pub use buffer::{Call, Input, MAX_BYTES, RANDOM_BYTES};
pub use instance::{Instance, address};
pub use port::{Asked, Core, Port};
#[cfg(any(test, feature = "verify-in-wasm"))]
pub use verify::verify;
