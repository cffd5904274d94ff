//! The gate's own endpoints: "Clear session" of the page that ends a loop (semantics 11.1, 4.5), and the session as a
//! visitor's script may see it.

use super::ask::{self, Shown};
use super::challenge;
use super::core::Core;
use super::visit::Visit;
use crate::decision::Decision;
use crate::message::url::Origin;
use crate::message::{Headers, RequestHead};
use crate::outcome::Code;
use crate::policy::cross_site;
use crate::step::Step;

/// `POST` ends every session cookie in this browser. One spelling (semantics 2.3).
pub(super) const CLEAR: &str = "/.edgeward/clear";

/// `GET` shows a signed-in visitor's script who they are: `sub`, `exp` and what `session.to_client` lists. 401 to nobody.
pub(super) const SESSION: &str = "/.edgeward/session";

/// What a request for an endpoint of ours comes to, before anybody is asked who they are.
pub(super) enum Asked {
    /// To be shown who is signed in. Never a redirect to the sign-in, also where a person opens it: 401 is the answer that a script reads.
    Session,
    /// To be signed out in this browser.
    Clear,
    /// Another method than these.
    Method(&'static str),
    /// From another site.
    CrossSite,
}

/// What is asked of which endpoint; `None` for a path of the app's.
pub(super) fn asked(core: &Core, head: &RequestHead, path: &str, origin: &Origin) -> Option<Asked> {
    core.session.as_ref()?;
    let method = head.method.as_str();
    Some(match path {
        SESSION if matches!(method, "GET" | "HEAD") => Asked::Session,
        SESSION => Asked::Method("GET, HEAD"),
        CLEAR if method != "POST" => Asked::Method("POST"),
        CLEAR if is_same_origin(&head.headers, &origin.to_string()) => Asked::Clear,
        CLEAR => Asked::CrossSite,
        _ => return None,
    })
}

/// Answers the request if it is for an endpoint of ours; gives it back if it is the app's.
pub(super) fn enter(mut visit: Visit) -> Result<Step<Decision>, Box<Visit>> {
    let Some(asked) = asked(&visit.core, &visit.head, &visit.path, &visit.origin.origin) else {
        return Err(Box::new(visit));
    };
    Ok(match asked {
        Asked::Session => {
            let requirement = ask::any_session(&visit.core);
            ask::of_visitor(visit, Shown::Client, requirement)
        }
        Asked::Clear => {
            visit.clear_session();
            challenge::redirect(visit, Code::Endpoint, "/".to_owned())
        }
        Asked::Method(allow) => challenge::method(visit, Code::RequestMethod, allow),
        Asked::CrossSite => challenge::refuse(visit, Code::RequestCrossSite),
    })
}

/// Whether nobody is to come back to a path after signing in.
pub(super) fn is_ours(path: &str) -> bool {
    path == CLEAR || path == SESSION
}

/// Sharper than the rule for the app's own routes: a sibling site is foreign, and so is who says nothing at all.
fn is_same_origin(headers: &Headers, origin: &str) -> bool {
    let mut sites = headers.get_all("sec-fetch-site").peekable();
    let told = sites.peek().is_some() || headers.contains("origin");
    told && sites.all(|site| site == "same-origin") && cross_site::check_origin(headers, &[origin]).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_origin_may_clear() {
        const OWN: &str = "https://app.example.com";
        let rows: &[(&[(&str, &str)], bool)] = &[
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "same-origin"), ("origin", OWN)], true),
            (&[("origin", OWN)], true),
            (&[], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", OWN)], false),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "")], false),
            (&[("origin", "null")], false),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "https://app.example.com.evil.example")], false),
            (&[("origin", "http://app.example.com")], false),
            (&[("origin", OWN), ("origin", "https://evil.example")], false),
            (&[("referer", "https://app.example.com/")], false),
        ];
        for (fields, want) in rows {
            let headers: Headers = fields.iter().copied().collect();
            assert_eq!(is_same_origin(&headers, OWN), *want, "{fields:?}");
        }
    }
}
