//! The gate's own endpoints. There is one: "Clear session" of the page that ends a loop (semantics 11.1, 4.5).

use super::challenge;
use super::visit::Visit;
use crate::decision::Decision;
use crate::message::Headers;
use crate::outcome::Code;
use crate::policy::cross_site;
use crate::step::Step;

/// `POST` ends every session cookie in this browser. One spelling (semantics 2.3).
pub(super) const CLEAR: &str = "/.edgeward/clear";

/// Answers the request if it is for an endpoint of ours; gives it back if it is the app's.
pub(super) fn enter(visit: Visit) -> Result<Step<Decision>, Box<Visit>> {
    if visit.path != CLEAR || visit.core.session.is_none() {
        return Err(Box::new(visit));
    }
    Ok(clear(visit))
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
