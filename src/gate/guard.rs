//! The way of one request: admitted, tunnelled or held against its rule.

use std::rc::Rc;

use super::core::Core;
use super::standing::{self, Evidence, Holder};
use super::visit::Visit;
use super::whoami::{self, Told, Trouble};
use super::{challenge, endpoints, onward, trace, tunnel};
use crate::base::Moment;
use crate::decision::Decision;
use crate::kratos::flow;
use crate::message::cookie::Cookies;
use crate::message::url::Target;
use crate::message::{RequestHead, fields};
use crate::outcome::Code;
use crate::policy::{self, Access, Finding, RequestClass, Requirement, Upstream, Verdict, cross_site, judge};
use crate::step::Step;

/// Decides about a request.
pub(super) fn begin(core: Rc<Core>, head: RequestHead, moment: Moment) -> Step<Decision> {
    let visit = match admit(core, head, moment) {
        Ok(visit) => visit,
        Err(refusal) => return Step::Done(*refusal),
    };
    let visit = match endpoints::enter(visit) {
        Ok(step) => return step,
        Err(visit) => visit,
    };
    match tunnel::enter(*visit) {
        Ok(step) => step,
        Err(visit) => by_rule(*visit),
    }
}

/// A request whose form and host are sound, or its refusal.
pub(super) fn admit(core: Rc<Core>, head: RequestHead, moment: Moment) -> Result<Visit, Box<Decision>> {
    let refused = |code| Err(Box::new(challenge::refuse_early(&core, &head, code, &moment)));
    let Ok(target) = Target::parse(&head.url) else {
        return refused(Code::RequestTarget);
    };
    let Some(origin) = core.origins.select(target.scheme, target.authority) else {
        return refused(Code::RequestHost);
    };
    if target.fragment {
        return refused(Code::RequestTarget);
    }
    if fields::is_too_many(&head.headers) {
        return refused(Code::RequestFields);
    }
    if Cookies::parse(&head.headers).overflow().is_some() {
        return refused(Code::RequestCookies);
    }
    let (path, query) = (target.path.to_owned(), target.query.map(str::to_owned));
    Ok(Visit::new(core, head, (path, query), origin, moment))
}

/// Finds the rule and goes the way that it names.
fn by_rule(mut visit: Visit) -> Step<Decision> {
    let core = Rc::clone(&visit.core);
    let Ok(readings) = core.policy.readings(&visit.path) else {
        return challenge::refuse(visit, Code::PathRefused);
    };
    // What is judged is what goes on (invariant 3).
    visit.path = readings.normal().to_owned();
    let method = policy::judged_method(&visit.head.method, &visit.head.headers);
    let found = match core
        .policy
        .find(&readings, visit.origin.origin.host().as_str(), method)
    {
        Finding::Found(found) => found,
        Finding::Ambiguous(one, other) => {
            trace::note(&mut visit, &readings, &[one, other]);
            return challenge::refuse(visit, Code::PathAmbiguous);
        }
        Finding::MethodNotAllowed { rule, allow } => {
            visit.rule = Some(rule.pattern());
            trace::note(&mut visit, &readings, &[rule]);
            visit.trace.unmet = Some("methods");
            return challenge::method(visit, Code::RequestMethod, &allow.join(", "));
        }
    };
    visit.rule = Some(found.pattern());
    trace::note(&mut visit, &readings, found.rules());
    if visit.class == RequestClass::Preflight {
        return onward::preflight(visit);
    }
    if from_another_site(&visit, found.requirement()) {
        visit.trace.unmet = Some("cross_site");
        return challenge::refuse(visit, Code::RequestCrossSite);
    }
    let requirement = if policy::is_action(&visit.head.method, &visit.head.headers) {
        found.requirement().for_action()
    } else {
        found.requirement().clone()
    };
    match requirement.access {
        Access::Public => onward::public(visit),
        // The identity server sends visitors who are signed in to these pages, too (semantics 1.6).
        Access::Guest if flow::in_flow(visit.query.as_deref()) => onward::open(visit, Code::RouteGuest),
        _ => hold(visit, requirement),
    }
}

fn from_another_site(visit: &Visit, requirement: &Requirement) -> bool {
    // Only an `Origin` is held against them.
    let origins = match visit.head.headers.contains("origin") {
        true => visit.core.own_origins(&visit.origin.origin),
        false => Vec::new(),
    };
    let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
    cross_site::check(
        requirement,
        visit.class,
        &visit.head.method,
        &visit.head.headers,
        &origins,
    )
    .is_err()
}

/// Holds the visitor against the requirement; asks the identity server where the verdict needs it.
pub(super) fn hold(visit: Visit, requirement: Requirement) -> Step<Decision> {
    standing::look(visit, move |visit, evidence| weigh(visit, requirement, evidence))
}

pub(super) fn weigh(mut visit: Visit, requirement: Requirement, evidence: Evidence) -> Step<Decision> {
    match evidence {
        Evidence::Nothing => conclude(visit, requirement, None, Upstream::NotAsked),
        Evidence::Session(mut holder) => {
            visit.roll(&mut holder);
            conclude(visit, requirement, Some((holder, None)), Upstream::NotAsked)
        }
        Evidence::Upstream(upstream) => whoami::ask(visit, upstream, false, move |visit, told| {
            after_asking(visit, requirement, None, told)
        }),
        Evidence::Copy(holder, upstream) => {
            if let Some(verdict) = whoami::remembered(&visit, &upstream, &holder.opened) {
                let told = whoami::conclude(&mut visit, &upstream, verdict);
                return after_asking(visit, requirement, Some(holder), told);
            }
            let now = visit.judged_at();
            match judge(
                &requirement,
                Some(&holder.opened.session),
                now,
                Upstream::NotAsked,
            ) {
                Verdict::Stale => whoami::ask(visit, upstream, true, move |visit, told| {
                    after_asking(visit, requirement, Some(holder), told)
                }),
                _ => conclude(
                    visit,
                    requirement,
                    Some((holder, Some(upstream))),
                    Upstream::NotAsked,
                ),
            }
        }
    }
}

/// The identity server was asked; `copy` is what the request showed.
fn after_asking(visit: Visit, requirement: Requirement, copy: Option<Holder>, told: Told) -> Step<Decision> {
    match told {
        Told::Session(holder) => conclude(visit, requirement, Some((*holder, None)), Upstream::Confirmed),
        Told::NoSession => conclude(visit, requirement, None, Upstream::Confirmed),
        Told::Over => match requirement.access {
            Access::Session => challenge::reauthenticate(lacking(visit, "session")),
            _ => onward::open(visit, Code::RouteOpen),
        },
        Told::Withheld => match requirement.access {
            Access::Session => challenge::step_up(lacking(visit, "aal")),
            _ => onward::open(visit, Code::RouteOpen),
        },
        Told::Failed(trouble) => in_trouble(visit, requirement, copy, trouble),
    }
}

fn lacking(mut visit: Visit, unmet: &'static str) -> Visit {
    visit.trace.unmet = Some(unmet);
    visit
}

/// No answer: a copy serves on within its bounds, a page that needs nobody is served to nobody, all else is 503.
fn in_trouble(
    mut visit: Visit,
    requirement: Requirement,
    copy: Option<Holder>,
    trouble: Trouble,
) -> Step<Decision> {
    visit.session = Some(trouble.code);
    match (copy, requirement.access) {
        (Some(holder), _) => {
            let now = visit.judged_at();
            match judge(&requirement, Some(&holder.opened.session), now, Upstream::Failed) {
                Verdict::Unavailable | Verdict::Stale => {
                    challenge::unavailable(lacking(visit, "fresh_within"), trouble)
                }
                _ => conclude(visit, requirement, Some((holder, None)), Upstream::Failed),
            }
        }
        (None, Access::Session) => challenge::unavailable(lacking(visit, "fresh_within"), trouble),
        (None, _) => onward::open(visit, Code::RouteOpen),
    }
}

/// Carries out the verdict. The second part of `somebody` is the upstream cookie to ask about beside the request.
fn conclude(
    mut visit: Visit,
    requirement: Requirement,
    somebody: Option<(Holder, Option<String>)>,
    upstream: Upstream,
) -> Step<Decision> {
    let session = somebody.as_ref().map(|(holder, _)| &holder.opened.session);
    let verdict = judge(&requirement, session, visit.judged_at(), upstream);
    visit.trace.unmet = trace::unmet(verdict);
    match (verdict, somebody) {
        (Verdict::Met { revalidate }, Some((mut holder, cookie))) => {
            if cookie.is_some() {
                visit.roll(&mut holder);
            }
            let code = if requirement.access == Access::Session {
                Code::RouteMet
            } else {
                Code::RouteOpen
            };
            onward::signed_in(
                visit,
                code,
                holder,
                cookie.filter(|_| revalidate),
                requirement.bounds,
            )
        }
        (Verdict::Met { .. } | Verdict::MetWithoutSession, _) => {
            let code = if requirement.access == Access::Guest {
                Code::RouteGuest
            } else {
                Code::RouteOpen
            };
            onward::open(visit, code)
        }
        (Verdict::SignedIn, _) => challenge::to_signed_in(visit),
        (Verdict::Unauthenticated, _) if visit.session == Some(Code::KeyUnknown) => {
            challenge::key_unknown(visit)
        }
        (Verdict::Unauthenticated, _) => challenge::sign_in(visit, &requirement),
        (Verdict::Forbidden(_), _) => challenge::refuse(visit, Code::RequirementForbidden),
        (Verdict::StepUp(_), somebody) => {
            let session = somebody.map(|(holder, _)| holder.opened.session);
            challenge::second_factor(visit, &requirement, session.as_ref())
        }
        (Verdict::Reauthenticate { .. }, _) => challenge::reauthenticate(visit),
        (Verdict::Stale | Verdict::Unavailable, _) => challenge::unavailable(
            visit,
            Trouble {
                code: Code::IdentityUnavailable,
                retry_after: None,
            },
        ),
    }
}
