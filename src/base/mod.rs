//! What everything stands on: time, entropy, secrets, limits, base64url. Imports nothing of ours.

pub mod base64url;
pub mod entropy;
pub mod limits;
pub mod secret;
pub mod time;

pub use entropy::Entropy;
pub use secret::Secret;
pub use time::{Moment, Timestamp};
