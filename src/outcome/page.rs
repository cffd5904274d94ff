//! The pages that the gate itself shows: one layout, no script, nothing that a visitor sent.

use super::{Code, Fault};

/// The stylesheet, inline, allowed by its digest (see [`CSP`]) and by nothing else.
const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--ground:#f6f7f9;--card:#fff;--line:#d9dee3;--act:#1558d6;--on:#fff}\
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf0;--soft:#9aa5b1;--ground:#14171a;--card:#1d2125;--line:#353b42;--act:#8ab4f8;--on:#10131a}}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;background:var(--ground);\
color:var(--ink);font:16px/1.55 system-ui,sans-serif}main{width:100%;max-width:30rem;background:var(--card);border:1px solid var(--line);\
border-radius:12px;padding:32px}h1{margin:0 0 12px;font-size:1.4rem;line-height:1.25}p{margin:0 0 16px}small{color:var(--soft)}\
code{font:.875em ui-monospace,monospace;overflow-wrap:anywhere}.acts{display:flex;flex-wrap:wrap;gap:12px;margin:24px 0}\
a.act,button{display:inline-block;padding:10px 18px;border:1px solid var(--act);border-radius:8px;font:inherit;font-weight:600;\
text-decoration:none;cursor:pointer;background:var(--act);color:var(--on)}button{background:none;color:var(--act)}\
:focus-visible{outline:3px solid var(--act);outline-offset:2px}";

/// Content security policy of every page of ours: nothing loads, nothing frames it, forms go to the same origin.
pub(crate) const CSP: &str = "default-src 'none'; style-src 'sha256-5H3SNesCgiVSg1Q+Ws5JDgFugfjEAl8oUNIAr82zLVY='; form-action 'self'; \
base-uri 'none'; frame-ancestors 'none'";

/// What a page says. All texts are ours; `again` is a path of the config, never of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page<'a> {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    /// One of the four words of semantics 11.1, or the status' own word.
    pub(crate) word: &'a str,
    pub(crate) request_id: &'a str,
    /// A link onward: label and target.
    pub(crate) onward: Option<(&'static str, &'a str)>,
    /// The path of the "clear session" form.
    pub(crate) clear: Option<&'a str>,
}

/// The texts for a code: title, text and the one word.
pub(crate) const fn texts(code: Code) -> (&'static str, &'static str, &'static str) {
    match code {
        Code::IdentityUnavailable | Code::IdentityBusy | Code::KeyUnknown => (
            "We cannot check your sign-in right now",
            "The service that confirms who you are did not answer. Nothing is lost; please try again in a moment.",
            "unavailable",
        ),
        Code::OriginUnavailable | Code::UpstreamBroken | Code::UpstreamTooLarge => (
            "The app did not answer",
            "The request reached the gate, but the app behind it gave no usable answer. Please try again in a moment.",
            "unavailable",
        ),
        Code::LoopBroken => (
            "Signing in keeps coming back here",
            "You were sent to sign in several times without getting further. Clearing the session usually helps.",
            "signed-out",
        ),
        Code::RequirementForbidden => (
            "You may not open this page",
            "You are signed in, but your account does not have what this page asks for.",
            "forbidden",
        ),
        Code::RequirementAal | Code::RequirementMaxAge => (
            "Please confirm that it is you",
            "This page asks for a stronger or more recent sign-in.",
            "step-up",
        ),
        Code::RequestCrossSite => (
            "This request came from another site",
            "For your safety the gate does not pass on such requests. Open the page directly instead.",
            "refused",
        ),
        Code::RequestHost => (
            "No app answers here",
            "The gate does not serve this host name.",
            "refused",
        ),
        Code::RequestFields => (
            "This request has too many header fields",
            "A browser sends a few dozen; something on the way added many more.",
            "refused",
        ),
        Code::RequestCookies => (
            "Your browser sent too many cookies",
            "Together they are larger than anything this site sets. Clearing the cookies of this site helps.",
            "refused",
        ),
        Code::PathRefused | Code::PathAmbiguous | Code::RequestTarget => (
            "This address cannot be opened",
            "It is not well formed, or it can be read in more than one way.",
            "refused",
        ),
        Code::RequestMethod | Code::TunnelMethod => (
            "That does not work here",
            "The address exists, but not for this kind of request.",
            "refused",
        ),
        Code::SessionTooLarge => (
            "This session is too large",
            "It holds more than a cookie may, so it was not written.",
            "fault",
        ),
        Code::ConfigInvalid | Code::GateTrapped | Code::GateStalled | Code::AssertionUnsigned => (
            "The gate has a fault",
            "The request was not passed on. The operator's log says why.",
            "fault",
        ),
        _ => (
            "Please sign in",
            "This page is for people who are signed in.",
            "signed-out",
        ),
    }
}

/// Where a person goes on from a refusal: label and target. An empty target is the page itself, so that nothing of the
/// request stands in it.
pub(crate) const fn way_on(code: Code) -> Option<(&'static str, &'static str)> {
    match code {
        Code::RequestHost => None,
        code => match code.fault() {
            Fault::Upstream | Fault::Configuration | Fault::Bug => Some(("Try again", "")),
            Fault::None | Fault::Client => Some(("Back to the start", "/")),
        },
    }
}

/// The page as HTML.
pub(crate) fn html(page: &Page<'_>) -> String {
    let mut acts = String::new();
    if let Some((label, target)) = page.onward {
        acts.push_str(&["<a class=\"act\" href=\"", &escape(target), "\">", label, "</a>"].concat());
    }
    if let Some(path) = page.clear {
        acts.push_str(
            &[
                "<form method=\"post\" action=\"",
                &escape(path),
                "\"><button>Clear session</button></form>",
            ]
            .concat(),
        );
    }
    if !acts.is_empty() {
        acts = ["<div class=\"acts\">", &acts, "</div>"].concat();
    }
    [
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" ",
        "content=\"width=device-width,initial-scale=1\"><title>",
        page.title,
        "</title><style>",
        STYLE,
        "</style></head><body><main><h1>",
        page.title,
        "</h1><p>",
        page.text,
        "</p>",
        &acts,
        "<small>Reason: ",
        page.word,
        "<br>Request <code>",
        &escape(page.request_id),
        "</code></small></main></body></html>\n",
    ]
    .concat()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use edgeward_primitives::digest::sha256;

    use super::*;

    #[test]
    fn the_policy_allows_the_style_and_nothing_else() {
        let digest = base64::engine::general_purpose::STANDARD.encode(sha256(&[STYLE.as_bytes()]));
        assert!(
            CSP.contains(&format!("'sha256-{digest}'")),
            "the digest is now {digest}"
        );
    }

    #[test]
    fn no_page_is_a_dead_end_but_that_of_a_foreign_host() {
        for (code, expected) in [
            (Code::IdentityUnavailable, Some("")),
            (Code::OriginUnavailable, Some("")),
            (Code::ConfigInvalid, Some("")),
            (Code::GateStalled, Some("")),
            (Code::RequirementForbidden, Some("/")),
            (Code::PathRefused, Some("/")),
            (Code::RequestHost, None),
        ] {
            assert_eq!(way_on(code).map(|(_, target)| target), expected, "{code:?}");
        }
    }

    #[test]
    fn nothing_breaks_out_of_the_page() {
        let page = html(&Page {
            title: "t",
            text: "x",
            word: "w",
            request_id: "<script>",
            onward: Some(("Sign in", "/login?a=\"><script>&b='")),
            clear: None,
        });
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("/login?a=&quot;&gt;&lt;script&gt;&amp;b=&#39;"));
    }
}
