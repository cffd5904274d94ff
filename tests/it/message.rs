//! The message module, judged by other readers than itself: a WHATWG URL parser, cookie parsers of other kinds, a
//! shared cache.

mod cache;
mod cookie;
mod fields;
mod location;
mod return_to;
mod url;
