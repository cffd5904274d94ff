//! Edgeward: an authentication gate for the edge.

pub mod base;
pub mod config;
pub mod message;
pub mod policy;
pub mod session;
