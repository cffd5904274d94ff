//! Cookie values → [`Session`]: chunking, selection, sealing, lifetimes.

mod binding;
mod claims;
pub mod error;
pub mod lifetime;
pub mod memo;
pub mod model;
pub mod own;
pub mod pointer;
pub mod provider;
pub mod sealed;
pub mod select;
pub mod store;
pub mod tombstone;

pub use binding::Binding;
pub use error::SessionError;
pub use lifetime::Lifetimes;
pub use model::{Aal, Email, Session, Source};
pub use pointer::Pointer;
