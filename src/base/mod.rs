//! What everything stands on: time, entropy, secrets, limits, dates, base64url, strict JSON. Imports the primitives and nothing else of ours.

pub(crate) mod docs;
pub mod entropy;
pub mod limits;
pub mod rfc3339;
pub mod secret;
mod sorted;
pub mod time;

pub use edgeward_primitives::{base64url, json};
pub use entropy::Entropy;
pub use secret::Secret;
pub(crate) use sorted::sorted;
pub use time::{Moment, Timestamp};
