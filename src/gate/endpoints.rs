//! The gate's own endpoints: "Clear session" of the page that ends a loop (semantics 11.1, 4.5), and the session as a
//! visitor's script may see it.

use super::ask::{self, Shown};
use super::challenge;
use super::visit::Visit;
use crate::decision::Decision;
use crate::message::Headers;
use crate::outcome::Code;
use crate::policy::cross_site;
use crate::step::Step;

/// `POST` ends every session cookie in this browser. One spelling (semantics 2.3).
pub(super) const CLEAR: &str = "/.edgeward/clear";

/// `GET` shows a signed-in visitor's script who they are: `sub`, `exp` and what `session.to_client` lists. 401 to nobody.
pub(super) const SESSION: &str = "/.edgeward/session";

/// Answers the request if it is for an endpoint of ours; gives it back if it is the app's.
pub(super) fn enter(visit: Visit) -> Result<Step<Decision>, Box<Visit>> {
    if visit.core.session.is_none() {
        return Err(Box::new(visit));
    }
    match &*visit.path {
        CLEAR => Ok(clear(visit)),
        SESSION => Ok(session(visit)),
        _ => Err(Box::new(visit)),
    }
}

/// Whether nobody is to come back to a path after signing in.
pub(super) fn is_ours(path: &str) -> bool {
    path == CLEAR || path == SESSION
}

/// Never a redirect to the sign-in, also where a person opens it: 401 is the answer that a script reads.
fn session(visit: Visit) -> Step<Decision> {
    if !matches!(visit.head.method.as_str(), "GET" | "HEAD") {
        return challenge::method(visit, Code::RequestMethod, "GET, HEAD");
    }
    let requirement = ask::any_session(&visit.core);
    ask::of_visitor(visit, Shown::Client, requirement)
}

fn clear(mut visit: Visit) -> Step<Decision> {
    if visit.head.method != "POST" {
        return challenge::method(visit, Code::RequestMethod, "POST");
    }
    let origin = visit.origin.origin.to_string();
    if !is_same_origin(&visit.head.headers, &origin) {
        return challenge::refuse(visit, Code::RequestCrossSite);
    }
    visit.clear_session();
    challenge::redirect(visit, Code::Endpoint, "/".to_owned())
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
