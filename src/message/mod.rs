//! HTTP message heads as data: header lists, cookies, URLs, what may pass and what may not.

pub mod cookie;
mod date;
pub mod edits;
pub mod head;
pub mod host;
pub mod set_cookie;
pub mod url;

pub use edits::RequestEdits;
pub use head::{Headers, RequestHead, ResponseHead};
