//! The config document, its checks and the gate's plan made from it. The only place that sees every module.

pub mod duration;
pub mod error;
pub mod read;
pub mod routes;

pub use error::{ConfigError, ConfigErrors};
