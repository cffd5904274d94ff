//! HTTP message heads as data: header lists, cookies, URLs, what may pass and what may not.

pub mod head;

pub use head::{Headers, RequestHead, ResponseHead};
