//! The config document and its checks. It sees every module that a key is for.
//!
//! [`Config::parse`] reads plain data (from TOML, a platform's JSON variables or TypeScript) and reports everything that
//! is wrong with it at once, each with its place, what was found, what is accepted and what to do.

mod capability;
mod checks;
mod debug;
mod document;
pub mod duration;
pub mod error;
mod format;
mod identity;
mod kratos;
mod origins;
mod policy;
pub mod read;
pub mod routes;
mod secret_ref;
mod session;
mod time;

pub use debug::DebugConfig;
pub use document::Config;
pub use error::{ConfigError, ConfigErrors};
pub use format::{FormatConfig, KeyConfig, Resolved};
pub use identity::{AssertionConfig, AssertionKey, IdentityConfig};
pub use kratos::{KratosConfig, WhoamiAal};
pub use origins::{Origins, Selected, Upstream};
pub use secret_ref::SecretRef;
pub use session::{AcceptConfig, From, NotBefore, SessionConfig, ToOrigin};
pub(crate) use time::parse as parse_time;
