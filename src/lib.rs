//! Edgeward: an authentication gate for the edge.

pub mod base;
pub mod config;
pub mod decision;
#[cfg(feature = "__fake")]
pub mod fake;
mod gate;
pub mod iron;
pub mod jose;
pub mod kratos;
pub mod message;
pub mod outcome;
pub mod policy;
pub mod session;
pub mod shell;
pub mod step;

pub use config::Config;
pub use gate::Gate;
pub use shell::Shell;
