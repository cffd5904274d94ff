//! The config document, its checks and the gate's plan made from it. The only place that sees every module.

pub mod error;

pub use error::{ConfigError, ConfigErrors};
