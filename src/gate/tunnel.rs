//! The way of a request for the identity server: up by the allow-list, down with the session kept in step (semantics 6, 7).

use std::rc::Rc;

use super::challenge;
use super::core::KratosPlan;
use super::standing;
use super::visit::Visit;
use super::whoami::{self, Told};
use super::{loops, response, trace};
use crate::base::limits;
use crate::decision::{After, Body, Decision, FinalResponse, Forward};
use crate::kratos::copy;
use crate::kratos::down::{self, BodyPlan, SessionCookie};
use crate::kratos::table::{Found, Lookup, Mount, Purpose};
use crate::kratos::{body, up};
use crate::message::ResponseHead;
use crate::message::cache::{self, Exposure};
use crate::message::cookie::Cookies;
use crate::outcome::Code;
use crate::policy::{RequestClass, judged_method};
use crate::step::{Effect, Failure, ReadBody, Reply, Step};

/// Takes the request if it is the identity server's; gives it back if it is the app's.
pub(super) fn enter(visit: Visit) -> Result<Step<Decision>, Box<Visit>> {
    let core = Rc::clone(&visit.core);
    let Some(plan) = &core.kratos else {
        return Err(Box::new(visit));
    };
    let path = visit.path.clone();
    match plan
        .table
        .find(judged_method(&visit.head.method, &visit.head.headers), &path)
    {
        Lookup::None => Err(Box::new(visit)),
        Lookup::MethodNotAllowed(allow) => Ok(challenge::method(visit, Code::TunnelMethod, allow)),
        Lookup::Found(found) => Ok(forward(visit, plan, &found)),
    }
}

fn forward(visit: Visit, plan: &KratosPlan, found: &Found<'_>) -> Step<Decision> {
    let class = visit.class;
    let purpose = Purpose {
        navigation: class == RequestClass::Navigation,
        // An RSC request fails by its `Accept`; inside a framework every fetch is of class `data`.
        speculative: class == RequestClass::Prefetch,
    };
    if !found.goes_up(purpose, visit.head.headers.get("accept")) {
        return challenge::refuse(visit, Code::TunnelPrefetch);
    }
    let request = {
        let bound = standing::look_up(&visit)
            .and_then(|lookup| lookup.found.ok())
            .and_then(|found| found.opened.binding);
        let cookies = Cookies::parse(&visit.head.headers);
        let session = copy::select(&plan.upstream, &cookies, bound).ok();
        up::build(
            &plan.upstream,
            &up::Ask {
                found,
                head: &visit.head,
                query: visit.query.as_deref(),
                session,
                public: &visit.origin.origin,
                native: plan.table.is_native(),
                extra: &plan.extra_fields,
            },
        )
    };
    let Ok(request) = request else {
        return challenge::refuse(visit, Code::RequestTarget);
    };
    let after = After::new(move |head, moment| {
        let mut visit = visit;
        visit.now_ms = moment.now_ms;
        visit.entropy = moment.entropy;
        match head {
            Ok(head) => came_down(visit, head),
            Err(failure) => Step::Done(failed(visit, failure)),
        }
    });
    Step::Done(Decision::Forward(Forward {
        method: request.method,
        url: request.url,
        binding: None,
        headers: request.headers,
        with_body: request.with_body,
        head_timeout_ms: limits::HEAD_TIMEOUT_MS,
        after,
    }))
}

/// The head came down: the session is kept in step, then the body is rewritten where it must be.
fn came_down(mut visit: Visit, head: ResponseHead) -> Step<FinalResponse> {
    let core = Rc::clone(&visit.core);
    let Some(plan) = &core.kratos else {
        return Step::Done(failed(visit, Failure::Misdelivered));
    };
    let path = visit.path.clone();
    let Lookup::Found(found) = plan
        .table
        .find(judged_method(&visit.head.method, &visit.head.headers), &path)
    else {
        return Step::Done(failed(visit, Failure::Misdelivered));
    };
    let origin = visit.origin.origin.clone();
    let down = down::process(
        &plan.upstream,
        head,
        &down::Answer {
            found: &found,
            method: &visit.head.method,
            map: plan.map(&origin, found.mount),
            cookie_domain: plan.cookie_domain.as_ref(),
            cors_origins: &core.origins.public,
            now: visit.now(),
        },
    );
    let mount = found.mount;
    if down.foreign_base {
        told_once(&mut visit, plan);
    }
    let (head, plan_of_body) = (down.head, down.body);
    let effects = down.effects;
    if effects.logged_out || effects.session_cookie == SessionCookie::Cleared {
        if let Some(lookup) = standing::look_up(&visit) {
            visit.sign_out(&lookup);
        }
        return finish(visit, head, plan_of_body, mount);
    }
    match effects.session_cookie {
        SessionCookie::Set(value) => {
            loops::came_back(&mut visit);
            // The old copy stands for another cookie now: whatever whoami says, it does not survive (field row 34).
            whoami::ask(visit, value, true, move |mut visit, told| {
                if let Told::Failed(_) = told {
                    // The visitor keeps the identity server's answer; the next request mints (semantics 6.4).
                    visit.end_copy();
                }
                finish(visit, head, plan_of_body, mount)
            })
        }
        SessionCookie::Untouched | SessionCookie::Cleared => {
            if effects.recheck {
                visit.end_copy();
            }
            finish(visit, head, plan_of_body, mount)
        }
    }
}

fn finish(visit: Visit, head: ResponseHead, plan: BodyPlan, mount: Mount) -> Step<FinalResponse> {
    match plan {
        BodyPlan::Stream => Step::Done(done(visit, head, Body::Stream)),
        BodyPlan::Null => Step::Done(done(visit, head, Body::None)),
        BodyPlan::Rewrite { max } => {
            let effect = Effect::ReadBody(ReadBody {
                max_body: max,
                timeout_ms: limits::HEAD_TIMEOUT_MS,
            });
            visit.ask(effect, move |visit, reply, _| {
                Step::Done(match reply {
                    Reply::Body(bytes) => rewritten(visit, head, bytes, mount),
                    Reply::Failed(failure) => failed(visit, failure),
                    _ => failed(visit, Failure::Misdelivered),
                })
            })
        }
    }
}

fn rewritten(mut visit: Visit, mut head: ResponseHead, bytes: Vec<u8>, mount: Mount) -> FinalResponse {
    let core = Rc::clone(&visit.core);
    let Some(plan) = &core.kratos else {
        return failed(visit, Failure::Misdelivered);
    };
    let origin = visit.origin.origin.clone();
    let map = plan.map(&origin, mount);
    match body::rewrite(&bytes, &map) {
        Ok(new) => {
            let rewrote = new.is_some();
            if rewrote {
                told_once(&mut visit, plan);
            }
            let bytes = new.unwrap_or(bytes);
            down::finish(&mut head, bytes.len(), rewrote);
            done(visit, head, Body::Bytes(bytes))
        }
        Err(_) => failed(visit, Failure::Broken),
    }
}

/// The identity server named itself by an address that is not the public one: its `base_url` is wrong (semantics 7.7).
fn told_once(visit: &mut Visit, plan: &KratosPlan) {
    if !plan.warned.replace(true) {
        visit.code = Code::TunnelForeignBase;
    }
}

/// Every tunnel response is one visitor's own (semantics 8.1).
fn done(mut visit: Visit, head: ResponseHead, body: Body) -> FinalResponse {
    let ResponseHead { status, mut headers } = head;
    cache::protect(&mut headers, status, Exposure::Personal, true);
    if matches!(status, 302 | 303) {
        loops::sent_back(&mut visit, headers.get("location"));
    }
    visit.append_cookies(&mut headers);
    let event = visit.event(visit.code, "forward", Some(status));
    trace::show(&visit, &event, &mut headers);
    FinalResponse {
        head: ResponseHead { status, headers },
        body,
        event,
    }
}

/// The identity server gave no usable answer. It is not asked again: the request may have done its work (semantics 7.3).
fn failed(mut visit: Visit, failure: Failure) -> FinalResponse {
    let (code, retry_after) = match failure {
        Failure::TargetChanged => (Code::PathRefused, None),
        Failure::TooLarge => (Code::UpstreamTooLarge, None),
        Failure::Broken | Failure::Misdelivered => (Code::UpstreamBroken, None),
        Failure::Unreachable | Failure::Timeout | Failure::NotShared => (Code::IdentityUnavailable, Some(5)),
    };
    visit.set_cookies.clear();
    response::instead(visit, code, retry_after)
}
