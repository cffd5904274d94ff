//! Asking the identity server who somebody is, and what its answer does (semantics 6).

use std::rc::Rc;

use super::core::{Core, KratosPlan};
use super::standing::Holder;
use super::visit::Visit;
use crate::base::{Timestamp, limits};
use crate::kratos::copy;
use crate::kratos::memory::{Flight, Question};
use crate::kratos::whoami::{self, Unusable, Whoami, WhoamiSession};
use crate::outcome::Code;
use crate::session::Binding;
use crate::session::own::Opened;
use crate::step::{Effect, Failure, Fetch, Reply, Step};

/// What the identity server told.
pub(super) enum Told {
    /// A session; the copy is sealed and on its way into the browser.
    Session(Box<Holder>),
    /// A session that is over by our own bounds (`absolute`, `not_before`), though not by the identity server's. A plain
    /// login would send the visitor straight back, so it takes a fresh one.
    Over,
    /// No session. The copy, if there was one, is ended.
    NoSession,
    /// A session whose subject is withheld until the second factor. Nothing is minted.
    Withheld,
    /// Nothing usable.
    Failed(Trouble),
}

/// The identity server gave no answer.
#[derive(Clone, Copy)]
pub(super) struct Trouble {
    pub(super) code: Code,
    pub(super) retry_after: Option<u32>,
}

/// A verdict and when it was asked: an answer is as old as its question.
pub(super) struct Verdict {
    pub(super) whoami: Whoami,
    pub(super) asked_ms: u64,
}

/// The whoami effect for an upstream cookie; `None` for a value that cannot be one.
pub(super) fn question(plan: &KratosPlan, upstream: &str, share: bool) -> Option<Effect> {
    let question = whoami::build(&plan.upstream, upstream)?;
    Some(Effect::Fetch(Fetch {
        purpose: "whoami",
        method: "GET",
        url: question.url,
        binding: None,
        headers: question.headers,
        body: None,
        share,
        timeout_ms: limits::WHOAMI_TIMEOUT_MS,
        max_body: limits::WHOAMI_BODY_BYTES,
    }))
}

/// A verdict that came too late for its own request and is newer than the copy (semantics 6.1).
pub(super) fn remembered(visit: &Visit, upstream: &str, copy: &Opened) -> Option<Verdict> {
    let plan = visit.core.kratos.as_ref()?;
    let binding = Binding::of(plan.upstream.session_cookie(), upstream);
    let verdicts = plan.memory.verdicts.borrow();
    let (verdict, asked_ms) = verdicts.find(&binding, visit.now_ms)?;
    let asked = asked_secs(asked_ms);
    // Of one second, a "no" counts as the later.
    let newer = match verdict {
        Whoami::Session(_) => copy.session.verified_at.is_none_or(|at| asked > at),
        _ => copy.session.verified_at.is_none_or(|at| asked >= at),
    };
    newer.then(|| Verdict {
        whoami: verdict.clone(),
        asked_ms,
    })
}

/// Asks, within the bounds on such questions (semantics 6.2). `holder`: the visitor shows a valid copy.
pub(super) fn ask<T: 'static>(
    visit: Visit,
    upstream: String,
    holder: bool,
    then: impl FnOnce(Visit, Told) -> Step<T> + 'static,
) -> Step<T> {
    ask_once(visit, upstream, holder, SHARED_TRIES, then)
}

fn ask_once<T: 'static>(
    mut visit: Visit,
    upstream: String,
    holder: bool,
    shared_tries: u8,
    then: impl FnOnce(Visit, Told) -> Step<T> + 'static,
) -> Step<T> {
    let core = Rc::clone(&visit.core);
    let Some(plan) = &core.kratos else {
        return then(visit, Told::NoSession);
    };
    let memory = &plan.memory;
    if memory
        .refusals
        .borrow()
        .has(plan.upstream.session_cookie(), &upstream, visit.now_ms)
    {
        let told = conclude(
            &mut visit,
            &upstream,
            Verdict {
                whoami: Whoami::NoSession,
                asked_ms: 0,
            },
        );
        return then(visit, told);
    }
    let share = shared_tries > 0;
    let Some(effect) = question(plan, &upstream, share) else {
        visit.session = Some(Code::SessionMalformed);
        return then(visit, Told::NoSession);
    };
    if visit.fetches >= limits::FETCHES_PER_REQUEST || !memory.breaker.borrow_mut().allows(visit.now_ms) {
        return then(
            visit,
            Told::Failed(Trouble {
                code: Code::IdentityUnavailable,
                retry_after: None,
            }),
        );
    }
    let question = Question {
        binding: Binding::of(plan.upstream.session_cookie(), &upstream),
        holder,
        share,
    };
    let Some(flight) = memory.flights.borrow_mut().depart(question, visit.now_ms) else {
        return then(
            visit,
            Told::Failed(Trouble {
                code: Code::IdentityBusy,
                retry_after: Some(1),
            }),
        );
    };
    visit.fetches = visit.fetches.saturating_add(1);
    let seat = Seat::new(&visit.core, flight);
    visit.ask(effect, move |mut visit, reply, asked_ms| {
        drop(seat);
        let core = Rc::clone(&visit.core);
        let Some(plan) = &core.kratos else {
            return then(visit, Told::NoSession);
        };
        // The call of another request did not answer in time: once more together, then for this one alone.
        if matches!(reply, Reply::Failed(Failure::NotShared)) {
            return ask_once(visit, upstream, holder, shared_tries.saturating_sub(1), then);
        }
        let whoami = process(plan, &upstream, reply, (asked_ms, visit.now_ms));
        let told = conclude(&mut visit, &upstream, Verdict { whoami, asked_ms });
        then(visit, told)
    })
}

/// A place among the calls under way, handed back when its request goes on, or goes away.
pub(super) struct Seat {
    core: Rc<Core>,
    flight: Flight,
}

impl Seat {
    pub(super) fn new(core: &Rc<Core>, flight: Flight) -> Self {
        Self {
            core: Rc::clone(core),
            flight,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(plan) = &self.core.kratos
            && let Ok(mut flights) = plan.memory.flights.try_borrow_mut()
        {
            flights.land(self.flight);
        }
    }
}

/// How often a request waits for a call of another's: so long that a first asker who was lost costs one more call, not one
/// for each who waited.
const SHARED_TRIES: u8 = 2;

/// Reads a reply, and tells the breaker and the table of refusals.
pub(super) fn process(
    plan: &KratosPlan,
    upstream: &str,
    reply: Reply,
    (asked_ms, now_ms): (u64, u64),
) -> Whoami {
    let whoami = match reply {
        Reply::Response(response) => whoami::process(
            &plan.upstream,
            &response.head,
            &response.body,
            &plan.reading,
            asked_secs(now_ms),
        ),
        Reply::Failed(Failure::TooLarge) => Whoami::Unavailable(Unusable::TooLarge),
        Reply::Failed(_) | Reply::Verified(_) | Reply::Signed(_) | Reply::Body(_) => {
            Whoami::Unavailable(Unusable::ServerError)
        }
    };
    let mut breaker = plan.memory.breaker.borrow_mut();
    match &whoami {
        Whoami::Unavailable(_) => {
            let about = Binding::of(plan.upstream.session_cookie(), upstream);
            breaker.failed(about, asked_ms, now_ms);
        }
        Whoami::RateLimited { .. } => {}
        Whoami::NoSession => {
            breaker.answered(asked_ms);
            plan.memory
                .refusals
                .borrow_mut()
                .remember(plan.upstream.session_cookie(), upstream, asked_ms);
        }
        Whoami::Session(_) | Whoami::Aal2Required { .. } => breaker.answered(asked_ms),
    }
    whoami
}

/// What a verdict does to this request: a copy is minted, or the old one is ended.
pub(super) fn conclude(visit: &mut Visit, upstream: &str, verdict: Verdict) -> Told {
    let failed = |retry_after| {
        Told::Failed(Trouble {
            code: Code::IdentityUnavailable,
            retry_after,
        })
    };
    visit.known = matches!(verdict.whoami, Whoami::Session(_) | Whoami::Aal2Required { .. });
    match verdict.whoami {
        Whoami::Session(session) => {
            if let Some(over) = over(visit, upstream, &session) {
                visit.end_copy();
                visit.session = Some(over);
                return Told::Over;
            }
            visit.session = None;
            mint(visit, upstream, &session, verdict.asked_ms)
                .map_or(Told::NoSession, |holder| Told::Session(Box::new(holder)))
        }
        Whoami::NoSession => {
            visit.end_copy();
            visit.session = Some(Code::SessionRefused);
            Told::NoSession
        }
        Whoami::Aal2Required { .. } => {
            visit.end_copy();
            visit.session = Some(Code::RequirementAal);
            Told::Withheld
        }
        Whoami::RateLimited { retry_after } => failed(retry_after),
        Whoami::Unavailable(_) => failed(None),
    }
}

/// Whether a confirmed session is over by our own bounds (semantics 3.2, 3.4).
fn over(visit: &Visit, upstream: &str, session: &WhoamiSession) -> Option<Code> {
    let kratos = visit.core.kratos.as_ref()?;
    let opened = copy::mint(&kratos.upstream, session, upstream, false, visit.now());
    let born = opened.session.born;
    let too_old = visit
        .core
        .session
        .as_ref()?
        .not_before
        .is_some_and(|not_before| born < not_before);
    let ended = visit.now() >= born.plus(visit.slot()?.lifetimes.absolute);
    match (too_old, ended) {
        (true, _) => Some(Code::SessionTooOld),
        (_, true) => Some(Code::SessionExpired),
        _ => None,
    }
}

/// Seals a copy of what the identity server confirmed.
fn mint(visit: &mut Visit, upstream: &str, session: &WhoamiSession, asked_ms: u64) -> Option<Holder> {
    let core = Rc::clone(&visit.core);
    let plan = core.kratos.as_ref()?;
    let carried = session
        .reissued
        .as_ref()
        .is_some_and(|reissued| visit.write_reissued(plan, reissued));
    let opened = copy::mint(&plan.upstream, session, upstream, carried, asked_secs(asked_ms));
    let pairs = visit.write_session(&opened);
    Some(Holder::sealed(opened, pairs))
}

/// Rounded down: an answer is never counted younger than its question.
fn asked_secs(asked_ms: u64) -> Timestamp {
    Timestamp::from_secs(i64::try_from(asked_ms / 1000).unwrap_or(i64::MAX))
}
