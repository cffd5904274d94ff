//! HTTP message heads as data: what stands in them, what may pass, how it is rewritten.
//!
//! Nothing here knows of policy, sessions or an identity server; it imports [`base`](crate::base) only. Nothing panics
//! or allocates without bound on any text, and nothing is decoded that a server below might decode otherwise.
//!
//! | you have | you want | use |
//! | --- | --- | --- |
//! | `RequestHead::url` | authority, path, query as shown | [`url::Target::parse`] |
//! | a config text | an origin, a preview pattern, an upstream with base path | [`url::Origin`], [`url::OriginPattern`], [`url::BaseUrl`] |
//! | a `Host` field | "is it this origin?" | [`url::Origin::is_authority`], [`url::Origin::is`] |
//! | request headers | cookie pairs, every value of a name | [`cookie::Cookies`] |
//! | the judged session | the `Cookie` header that goes on | [`cookie::CookieRewrite`] |
//! | a cookie to set or end | a `Set-Cookie` line | [`set_cookie::SetCookie`], [`set_cookie::expiries`] |
//! | an upstream's `Set-Cookie` | name, value, deletion?; host-only or widened | [`set_cookie::SetCookieLine`] |
//! | a client's headers | what must not go on | [`fields::client_edits`], [`fields::hop_edits`], [`fields::keep_only`] |
//! | a response's headers | the same | [`fields::strip_response`] |
//! | changes for a host to make | a plain list of them | [`edits::RequestEdits`] |
//!
//! The usual way of a request to the origin:
//!
//! ```
//! use edgeward::message::{Headers, cookie::CookieRewrite, fields};
//!
//! let headers = Headers::from_iter([("Cookie", "s=twin; theme=dark; s=judged"), ("X-Edgeward-Sub", "root")]);
//! let identity = fields::IdentityFields::new(["x-user"])?;
//! let mut edits = fields::client_edits(&headers, &identity, fields::Forwarding::Ours);
//! edits.merge(fields::hop_edits(&headers));
//! edits.set_cookie_header(CookieRewrite::new(&headers).put("s", [("s", "judged")])?.build());
//! edits.set("x-user", "visitor");
//!
//! let mut sent = headers.clone();
//! edits.apply(&mut sent);
//! assert_eq!(sent.iter().collect::<Vec<_>>(), [("cookie", "s=judged; theme=dark"), ("x-user", "visitor")]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cache;
pub mod client_ip;
pub mod cookie;
mod date;
pub mod edits;
pub mod fields;
pub mod head;
pub mod host;
pub mod location;
pub mod query;
pub mod return_to;
pub mod set_cookie;
pub mod url;

pub use edits::RequestEdits;
pub use head::{Headers, RequestHead, ResponseHead};
