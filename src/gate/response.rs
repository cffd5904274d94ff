//! What the gate says about the app's response: cookies of ours, cache rules, the origin's own address (semantics 5.1, 8).

use std::cell::RefCell;
use std::rc::Rc;

use super::core::Onward;
use super::visit::Visit;
use super::whoami::{self, Verdict};
use super::{loops, trace};
use crate::decision::{After, Body, FinalResponse};
use crate::message::cache::{self, Exposure};
use crate::message::host::Host;
use crate::message::location::OriginMap;
use crate::message::set_cookie::{CookieDomain, SetCookieLine};
use crate::message::url::{BaseUrl, Origin};
use crate::message::{Headers, ResponseHead, fields};
use crate::outcome::Code;
use crate::outcome::answer::{self, Form};
use crate::policy::RequestClass;
use crate::step::Failure;

/// A verdict that may arrive while the response is awaited.
pub(super) struct Late {
    pub(super) upstream: String,
    pub(super) verdict: Option<Verdict>,
}

/// What follows the response head of a request that went on.
pub(super) fn after(
    visit: Visit,
    code: Code,
    public: bool,
    late: Option<Rc<RefCell<Late>>>,
) -> After<FinalResponse> {
    After::new(move |head, moment| {
        let mut visit = visit;
        visit.now_ms = moment.now_ms;
        visit.entropy = moment.entropy;
        match head {
            Ok(head) => edit(visit, code, head, public, late),
            Err(failure) => failed(visit, failure),
        }
    })
}

fn edit(
    mut visit: Visit,
    code: Code,
    head: ResponseHead,
    public: bool,
    late: Option<Rc<RefCell<Late>>>,
) -> FinalResponse {
    let ResponseHead { status, mut headers } = head;
    let core = Rc::clone(&visit.core);
    if core.shell.in_front {
        fields::strip_response(&mut headers, status, &core.identity_fields);
    }
    if let Onward::Url { base, .. } = &core.onward {
        map_origin(&mut headers, base, &visit.origin.origin);
    }
    if let Some(verdict) = late.and_then(|late| {
        let mut late = late.borrow_mut();
        late.verdict
            .take()
            .map(|verdict| (late.upstream.clone(), verdict))
    }) {
        // The newer word replaces what was to be written before it came.
        visit.set_cookies.clear();
        let (upstream, verdict) = verdict;
        whoami::conclude(&mut visit, &upstream, verdict);
    }
    if !public {
        if names_session(&visit, &headers) {
            visit.set_cookies.clear();
        }
        if code == Code::RouteGuest && matches!(status, 301 | 302 | 303 | 307 | 308) {
            loops::sent_back(&mut visit, headers.get("location"));
        }
        let ours = !visit.set_cookies.is_empty();
        let get = matches!(visit.head.method.as_str(), "GET" | "HEAD");
        let asset = visit.class == RequestClass::Asset && get;
        cache::protect(
            &mut headers,
            status,
            if asset {
                Exposure::Asset
            } else {
                Exposure::Personal
            },
            ours,
        );
        visit.append_cookies(&mut headers);
    }
    let body = match status {
        101 => Body::Upgrade,
        204 | 205 | 304 => Body::None,
        _ if visit.is_head() => Body::None,
        _ => Body::Stream,
    };
    let event = visit.event(code, "continue", Some(status));
    if public && visit.debug {
        cache::protect(&mut headers, status, Exposure::Personal, true);
    }
    trace::show(&visit, &event, &mut headers);
    FinalResponse {
        head: ResponseHead { status, headers },
        body,
        event,
    }
}

/// Redirects and cookies that name the origin's own host come back as the app's (design section 3, step 7).
fn map_origin(headers: &mut Headers, base: &BaseUrl, public: &Origin) {
    OriginMap::new([base.clone()], public.clone(), "/").rewrite(headers);
    *headers = headers
        .iter()
        .map(|(name, value)| {
            let line = name
                .eq_ignore_ascii_case("set-cookie")
                .then(|| SetCookieLine::parse(value).ok())
                .flatten();
            let own = |line: &SetCookieLine<'_>| {
                line.attribute("domain").is_some_and(|domain| {
                    // An address has no domains above it: nothing but itself names it.
                    let names = |host: &Host| match CookieDomain::parse(domain) {
                        Ok(domain) => domain.covers(host),
                        Err(_) => host.is(domain),
                    };
                    names(base.origin().host()) && !names(public.host())
                })
            };
            let value = line
                .filter(own)
                .map_or_else(|| value.to_owned(), |line| line.host_only());
            (name.to_owned(), value)
        })
        .collect();
}

/// Whether the origin itself writes the session cookie or a chunk of it: its word is the last (semantics 5.1).
fn names_session(visit: &Visit, headers: &Headers) -> bool {
    let Some(reader) = visit.reader() else {
        return false;
    };
    let owns = |name: &str| {
        reader.slot.owns(name) || reader.accepts.iter().any(|accepting| accepting.slot.owns(name))
    };
    headers
        .get_all("set-cookie")
        .filter_map(|line| SetCookieLine::parse(line).ok())
        .any(|cookie| owns(cookie.name()))
}

/// No response head.
fn failed(visit: Visit, failure: Failure) -> FinalResponse {
    let code = match failure {
        Failure::TargetChanged => Code::PathRefused,
        _ => Code::OriginUnavailable,
    };
    instead(visit, code, None)
}

/// The gate's own answer in place of a response, with the cookies that the visit earned.
pub(super) fn instead(mut visit: Visit, code: Code, retry_after: Option<u32>) -> FinalResponse {
    let form = Form {
        html: visit.class == RequestClass::Navigation,
        head_only: visit.is_head(),
        retry_after,
        ..Form::default()
    };
    let mut answer = answer::refuse(visit.event(code, "respond", None), &form);
    visit.append_cookies(&mut answer.head.headers);
    trace::show(&visit, &answer.event, &mut answer.head.headers);
    FinalResponse {
        head: answer.head,
        body: answer.body,
        event: answer.event,
    }
}
