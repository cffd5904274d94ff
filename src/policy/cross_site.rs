//! Unsafe requests from foreign sites (semantics 1.12).

use super::class::RequestClass;
use super::requirement::Requirement;
use crate::message::Headers;

/// The request comes from a foreign site and may change something: 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cross-site request")]
pub struct CrossSite;

/// Checks a request against the rule that it found: on guarded routes unsafe methods and WebSocket upgrades from
/// foreign sites are refused, unless the rule says `cross_site = true`.
///
/// `origins` are the exact origins of the app: the public ones, and the selected preview.
///
/// # Errors
/// [`CrossSite`], always answered 403.
///
/// ```
/// use edgeward::message::Headers;
/// use edgeward::policy::{Access, Requirement, RequestClass, cross_site};
///
/// let guarded = Requirement::of(Access::Session);
/// let foreign = Headers::from_iter([("Sec-Fetch-Site", "cross-site")]);
/// assert!(cross_site::check(&guarded, RequestClass::Api, "POST", &foreign, &[]).is_err());
/// assert!(cross_site::check(&guarded, RequestClass::Api, "GET", &foreign, &[]).is_ok());
/// ```
pub fn check(
    requirement: &Requirement,
    class: RequestClass,
    method: &str,
    headers: &Headers,
    origins: &[&str],
) -> Result<(), CrossSite> {
    if !requirement.is_guarded() || requirement.cross_site || class == RequestClass::Preflight {
        return Ok(());
    }
    let safe = matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
    if safe && class != RequestClass::WebSocket {
        return Ok(());
    }
    check_origin(headers, origins)
}

/// The same for an endpoint of the gate itself that changes something: always checked.
///
/// # Errors
/// [`CrossSite`], always answered 403.
pub fn check_origin(headers: &Headers, origins: &[&str]) -> Result<(), CrossSite> {
    let mut sites = headers.get_all("sec-fetch-site").peekable();
    if sites.peek().is_some() {
        let near = |site: &str| matches!(site, "same-origin" | "same-site" | "none");
        return if sites.all(near) { Ok(()) } else { Err(CrossSite) };
    }
    // Neither header: no browser, so nobody's cookies but the caller's own.
    let own = |origin: &str| origins.iter().any(|own| own.eq_ignore_ascii_case(origin));
    if headers.get_all("origin").all(own) {
        Ok(())
    } else {
        Err(CrossSite)
    }
}
