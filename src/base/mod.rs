//! What everything stands on: time, entropy, secrets, limits, dates, base64url, strict JSON. Imports nothing of ours.

pub mod base64url;
pub mod entropy;
pub mod json;
pub mod limits;
pub mod rfc3339;
pub mod secret;
mod sorted;
pub mod time;

pub use entropy::Entropy;
pub use secret::Secret;
pub(crate) use sorted::sorted;
pub use time::{Moment, Timestamp};
