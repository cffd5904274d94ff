//! Cookie values → [`Session`]: chunking, selection, sealing, lifetimes.

#![cfg_attr(
    not(feature = "formats"),
    allow(dead_code, reason = "what only formats use that this build leaves out")
)]

pub mod accept;
pub mod bearer;
mod binding;
pub mod chunk;
pub(crate) mod claims;
mod conclude;
mod encoding;
pub mod error;
pub mod format;
pub mod keys;
pub mod lifetime;
pub mod mapping;
pub mod memo;
pub mod model;
pub mod own;
pub mod pointer;
pub mod provider;
pub mod recipe;
pub mod sealed;
pub mod search;
pub mod select;
pub mod setup;
pub mod signed;
pub mod store;
pub mod tombstone;

pub use binding::Binding;
pub use error::SessionError;
pub use lifetime::Lifetimes;
pub use model::{Aal, Email, Session, Source};
pub use pointer::Pointer;
