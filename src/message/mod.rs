//! HTTP message heads as data: header lists, cookies, URLs, what may pass and what may not.

pub mod edits;
pub mod head;

pub use edits::RequestEdits;
pub use head::{Headers, RequestHead, ResponseHead};
