//! Cookie values → [`Session`]: chunking, selection, sealing, freshness.

pub mod model;

pub use model::{Aal, Email, Session, Source};
