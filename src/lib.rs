//! Edgeward: an authentication gate for the edge.

pub mod base;
pub mod config;
pub mod iron;
pub mod jose;
pub mod message;
pub mod session;
