//! Letting a request go on: what is stripped, what is added, where it goes (design section 3, step 7).

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use super::assertion::{self, Assertion};
use super::core::Onward;
use super::response::{self, Late};
use super::standing::Holder;
use super::visit::Visit;
use super::{ask, challenge, identity, loops, trace, whoami};
use crate::base::limits;
use crate::decision::{Background, Continue, Decision, Destination, ResponseRules};
use crate::kratos::memory::Question;
use crate::kratos::whoami::Whoami;
use crate::message::Headers;
use crate::message::RequestEdits;
use crate::message::fields::{self, Forwarding};
use crate::outcome::Code;
use crate::policy::{Bounds, RequestClass};
use crate::session::Binding;
use crate::step::{Effect, Failure, Reply, Step};

/// What the origin is told about the visitor.
pub(super) enum Told<'a> {
    /// The route is public: the cookies are not ours to judge (semantics 1.5).
    NothingJudged,
    /// Nobody.
    Nobody,
    /// Somebody.
    Somebody(&'a Holder),
}

/// A public route: no session is opened, nothing of ours is added, the origin's caching stands.
pub(super) fn public(visit: Visit) -> Step<Decision> {
    go(visit, Code::RoutePublic, &Told::NothingJudged, None)
}

/// A preflight: without cookies, body or identity (semantics 1.10).
pub(super) fn preflight(visit: Visit) -> Step<Decision> {
    go(visit, Code::RoutePreflight, &Told::Nobody, None)
}

/// A page that lets everybody in, for nobody in particular.
pub(super) fn open(visit: Visit, code: Code) -> Step<Decision> {
    go(visit, code, &Told::Nobody, None)
}

/// Somebody who may come in, with what the origin is told about them signed first. `revalidate` is the upstream cookie to
/// ask about beside the request.
pub(super) fn signed_in(
    mut visit: Visit,
    code: Code,
    holder: Holder,
    revalidate: Option<String>,
    bounds: Bounds,
) -> Step<Decision> {
    if let Some(shown) = visit.shown {
        return ask::show(visit, shown, &holder.opened.session);
    }
    let late = revalidate.map(|upstream| (upstream, bounds));
    let asserter = visit.core.asserter.as_ref();
    match asserter.and_then(|asserter| asserter.assert(&holder.opened.session, visit.now())) {
        Some(Assertion::Unsigned(sign)) => {
            let input = sign.signing_input.clone();
            visit.ask(Effect::Sign(sign), move |mut visit, reply, _| {
                visit.assertion = assertion::signed(input, reply);
                if visit.assertion.is_none() {
                    // An origin that believes assertions would take somebody for nobody.
                    return challenge::refuse(visit, Code::AssertionUnsigned);
                }
                go(visit, code, &Told::Somebody(&holder), late)
            })
        }
        Some(Assertion::Signed(text)) => {
            visit.assertion = Some(text);
            go(visit, code, &Told::Somebody(&holder), late)
        }
        // This gate holds nothing that signs: it answers the app's questions, and stands behind one that signs.
        None if asserter.is_some() && visit.asserts() => challenge::refuse(visit, Code::AssertionUnsigned),
        None => go(visit, code, &Told::Somebody(&holder), late),
    }
}

fn go(mut visit: Visit, code: Code, told: &Told<'_>, late: Option<(String, Bounds)>) -> Step<Decision> {
    let core = Rc::clone(&visit.core);
    let public = matches!(told, Told::NothingJudged);
    let preflight = visit.class == RequestClass::Preflight;
    let (destination, path_edits) = match destination(&visit) {
        Ok(parts) => parts,
        Err(code) => return challenge::refuse(visit, code),
    };
    let forwarding = if core.shell.in_front {
        Forwarding::Ours
    } else {
        Forwarding::Platform
    };
    let mut edits = fields::client_edits(&visit.head.headers, &core.identity_fields, forwarding);
    if core.shell.in_front {
        edits.merge(fields::hop_edits(&visit.head.headers));
    }
    if !public && core.shell.in_front {
        // Else a client's own `max-stale` would ask a cache in front of the origin for what somebody else was answered.
        edits.set("cache-control", "no-cache, no-store");
        edits.remove("pragma");
    }
    edits.merge(path_edits);
    match identity::edits(&visit, told) {
        Ok(identity) => edits.merge(identity),
        Err(code) => return challenge::refuse(visit, code),
    }
    let background_and_late = late.map(|(upstream, bounds)| revalidation(&visit, upstream, bounds));
    let (background, late) = background_and_late.unzip();
    let rule = visit.rule.clone();
    let with_body = !preflight && !matches!(visit.head.method.as_str(), "GET" | "HEAD");
    if code == Code::RouteGuest && !core.shell.sees_response {
        loops::unseen_guest(&mut visit);
    }
    let event = visit.event(code, "continue", None);
    let maps_origin = matches!(destination, Destination::Url(_));
    let response = if core.shell.sees_response && (!public || maps_origin || visit.debug) {
        ResponseRules::Judged(response::after(visit, code, public, late))
    } else {
        let mut headers = Headers::new();
        visit.append_cookies(&mut headers);
        trace::show(&visit, &event, &mut headers);
        ResponseRules::Blind { headers, event }
    };
    Step::Done(Decision::Continue(Continue {
        edits,
        destination,
        with_body,
        no_store: !public,
        head_timeout_ms: limits::HEAD_TIMEOUT_MS,
        response,
        background,
        rule,
    }))
}

/// Where the request goes, and the fields that only an origin by URL needs.
fn destination(visit: &Visit) -> Result<(Destination, RequestEdits), Code> {
    let mut edits = RequestEdits::new();
    Ok(match &visit.core.onward {
        Onward::App => (Destination::App, edits),
        Onward::Binding(name) => (Destination::Binding(name.clone()), edits),
        Onward::Url { base, lock } => {
            let url = base
                .join(&visit.path, visit.query.as_deref())
                .map_err(|_| Code::PathRefused)?;
            let origin = &visit.origin.origin;
            edits.set("host", base.origin().authority());
            edits.set("x-forwarded-host", origin.authority());
            edits.set("x-forwarded-proto", origin.scheme().as_str());
            if let Some(ip) = &visit.head.client_ip {
                edits.set("x-forwarded-for", ip);
            }
            if let Some(lock) = lock
                .as_ref()
                .and_then(|lock| std::str::from_utf8(lock.expose()).ok())
            {
                edits.set(identity::LOCK_HEADER, lock);
            }
            (Destination::Url(url), edits)
        }
    })
}

/// The question beside the request, and the place where its answer reaches this response if it comes in time.
fn revalidation(visit: &Visit, upstream: String, bounds: Bounds) -> (Background, Rc<RefCell<Late>>) {
    let late = Rc::new(RefCell::new(Late {
        upstream: upstream.clone(),
        verdict: None,
    }));
    let place: Weak<RefCell<Late>> = Rc::downgrade(&late);
    let core = Rc::clone(&visit.core);
    let stale_for = u32::try_from(bounds.stale_for()).unwrap_or(u32::MAX);
    let background = Background::new(move |moment| {
        let Some(plan) = &core.kratos else {
            return Step::Done(None);
        };
        let memory = &plan.memory;
        let Some(effect) = whoami::question(plan, &upstream, true) else {
            return Step::Done(None);
        };
        if !memory.breaker.borrow_mut().allows(moment.now_ms) {
            return Step::Done(None);
        }
        let question = Question {
            binding: Binding::of(plan.upstream.session_cookie(), &upstream),
            holder: true,
            share: true,
        };
        let Some(flight) = memory.flights.borrow_mut().depart(question, moment.now_ms) else {
            return Step::Done(None);
        };
        let seat = whoami::Seat::new(&core, flight);
        let core = Rc::clone(&core);
        Step::ask(effect, move |answer, moment| {
            drop(seat);
            let Some(plan) = &core.kratos else {
                return Step::Done(None);
            };
            // A call that was not shared in time says nothing about the server.
            if matches!(answer.reply, Reply::Failed(Failure::NotShared)) {
                return Step::Done(None);
            }
            let verdict = whoami::process(plan, &upstream, answer.reply, (answer.asked_ms, moment.now_ms));
            if matches!(verdict, Whoami::Unavailable(_) | Whoami::RateLimited { .. }) {
                return Step::Done(None);
            }
            let binding = Binding::of(plan.upstream.session_cookie(), &upstream);
            let kept = without_reissue(&verdict);
            plan.memory
                .verdicts
                .borrow_mut()
                .enter(binding, answer.asked_ms, stale_for, kept);
            if let Some(place) = place.upgrade() {
                place.borrow_mut().verdict = Some(whoami::Verdict {
                    whoami: verdict,
                    asked_ms: answer.asked_ms,
                });
            }
            Step::Done(None)
        })
    });
    (background, late)
}

/// A re-issued cookie belongs to the response of the request that asked, and to no other (semantics 6.4).
fn without_reissue(verdict: &Whoami) -> Whoami {
    let mut kept = verdict.clone();
    if let Whoami::Session(session) = &mut kept {
        session.reissued = None;
    }
    kept
}
