//! The one place where an error becomes a stable code, a log event and an answer.

mod code;
mod event;

pub use code::{Code, Fault};
pub use event::{EffectTime, Event};
