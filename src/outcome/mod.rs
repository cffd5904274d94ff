//! The one place where an error becomes a stable code, a log event and an answer.

pub(crate) mod answer;
mod code;
mod event;
mod fail;
pub(crate) mod page;

pub use code::{Code, Fault};
pub use event::{EffectTime, Event, Trace};
pub use fail::fail;
