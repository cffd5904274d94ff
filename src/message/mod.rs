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
//! | two field names | "does some server below take them for one?" | [`field_name::is_same_field`] |
//! | a response's headers | the same | [`fields::strip_response`] |
//! | any response's headers | what caches must be told | [`cache::protect`] |
//! | an upstream's addresses in a response | the app's own instead | [`location::OriginMap`] |
//! | a `return_to` from outside | a safe redirect target, or the default | [`return_to::ReturnTo`] |
//! | a query string | one parameter read or written, the rest byte-exact | [`query`] |
//! | `RequestHead::client_ip` | the address to pass on, one rate key per client | [`client_ip::ClientIp`] |
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
//!
//! And of a response of the identity server to the browser:
//!
//! ```
//! use edgeward::message::cache::{Exposure, protect};
//! use edgeward::message::{Headers, fields, location::OriginMap, set_cookie::SetCookieLine};
//! use edgeward::message::url::{BaseUrl, Origin};
//!
//! let upstream = BaseUrl::parse("https://id.example.com/kratos")?;
//! let map = OriginMap::new([upstream], Origin::parse("https://app.example.com")?, "/");
//! let mut headers = Headers::from_iter([
//!     ("Location", "https://id.example.com/kratos/self-service/login/browser"),
//!     ("Set-Cookie", "csrf=a%20b; Path=/; Domain=id.example.com; HttpOnly"),
//! ]);
//! fields::strip_response(&mut headers, 303, &fields::IdentityFields::default());
//! map.rewrite(&mut headers);
//! let cookies: Vec<String> =
//!     headers.get_all("set-cookie").filter_map(|l| SetCookieLine::parse(l).ok()).map(|l| l.host_only()).collect();
//! headers.remove("set-cookie");
//! for cookie in cookies {
//!     headers.append("Set-Cookie", cookie);
//! }
//! protect(&mut headers, 303, Exposure::Personal, false);
//! assert_eq!(headers.iter().collect::<Vec<_>>(), [
//!     ("Location", "https://app.example.com/self-service/login/browser"),
//!     ("Set-Cookie", "csrf=a%20b; Path=/; HttpOnly"),
//!     ("Cache-Control", "private, no-store"),
//!     ("Vary", "Cookie"),
//! ]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cache;
pub mod client_ip;
pub mod cookie;
mod date;
pub mod edits;
pub mod field_name;
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
