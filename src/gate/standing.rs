//! What a request shows of who the visitor is: the session in its cookies, and the upstream cookie beside it (semantics 4, 6.3).

use std::rc::Rc;

use super::core::KratosPlan;
use super::visit::Visit;
use crate::base::limits;
use crate::decision::Decision;
use crate::jose::jws::VerifyRequest;
use crate::kratos::copy;
use crate::message::Headers;
use crate::message::cookie::Cookies;
use crate::outcome::{Code, Fault};
use crate::session::format::Presented;
use crate::session::keys::SourceId;
use crate::session::own::Opened;
use crate::session::search::{self, Progress, Suspended};
use crate::session::store::{Found, Lookup, Which};
use crate::session::{Binding, SessionError, Source};
use crate::step::{Effect, Failure, Fetch, HostKey, Reply, Step, Verify};

/// What a request shows, before anybody is asked.
pub(super) enum Evidence {
    /// Nothing that counts.
    Nothing,
    /// A session that needs nobody's word.
    Session(Holder),
    /// A copy that is bound to the upstream cookie beside it.
    Copy(Holder, String),
    /// An upstream cookie without a copy of it.
    Upstream(String),
}

/// An opened session and what carries it.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) opened: Opened,
    /// The cookie pairs that carry it to the origin; `None` for a bearer token, and for a session so large that it was
    /// not sealed.
    pub(super) pairs: Option<Vec<(String, String)>>,
    /// The value that it was opened from, where it may be sealed anew.
    pub(super) presented: Option<Box<Presented>>,
    /// Whether it came as a bearer token.
    pub(super) bearer: bool,
}

impl Holder {
    /// A session that was just sealed.
    pub(super) const fn sealed(opened: Opened, pairs: Option<Vec<(String, String)>>) -> Self {
        Self {
            opened,
            pairs,
            presented: None,
            bearer: false,
        }
    }
}

/// Looks at the cookies; the host verifies and fetches where a format needs it. What was opened and found ended is
/// expired on the way (semantics 4.5).
pub(super) fn look(
    visit: Visit,
    then: impl FnOnce(Visit, Evidence) -> Step<Decision> + 'static,
) -> Step<Decision> {
    let Some(reader) = visit.reader() else {
        let mut visit = visit;
        visit.session = Some(Code::SessionAbsent);
        return then(visit, Evidence::Nothing);
    };
    let progress = {
        let audience = visit.audience();
        search::begin(&reader, &visit.head.headers, &visit.terms(&audience))
    };
    go_on(visit, progress, Box::new(then))
}

/// Opens what the cookies of this request hold, if the gate reads sessions at all, and asks nobody.
pub(super) fn look_up(visit: &Visit) -> Option<Lookup> {
    let reader = visit.reader()?;
    let audience = visit.audience();
    Some(search::at_once(
        &reader,
        &visit.head.headers,
        &visit.terms(&audience),
    ))
}

type Then = Box<dyn FnOnce(Visit, Evidence) -> Step<Decision>>;

fn go_on(mut visit: Visit, progress: Progress, then: Then) -> Step<Decision> {
    match progress {
        Progress::Done(lookup) => {
            let evidence = conclude(&mut visit, lookup);
            then(visit, evidence)
        }
        Progress::Verify(request, waiting) => verify(visit, &request, waiting, then),
        Progress::Keys(source, waiting) => fetch_keys(visit, source, true, waiting, then),
    }
}

/// Any failure of the host's check is "false" (semantics 10.1).
fn verify(visit: Visit, request: &VerifyRequest, waiting: Suspended, then: Then) -> Step<Decision> {
    visit.ask(verification(request), move |visit, reply, _| {
        let good = matches!(reply, Reply::Verified(true));
        let progress = {
            let audience = visit.audience();
            waiting.verified(good, &visit.terms(&audience))
        };
        go_on(visit, progress, then)
    })
}

/// The question for the host.
pub(super) fn verification(request: &VerifyRequest) -> Effect {
    Effect::Verify(Verify {
        alg: request.algorithm.as_str(),
        key: HostKey::new(&request.key.to_public_json().unwrap_or_default()),
        signing_input: request.signing_input.clone().into_bytes(),
        signature: request.signature.clone(),
    })
}

fn fetch_keys(
    mut visit: Visit,
    source: SourceId,
    share: bool,
    waiting: Suspended,
    then: Then,
) -> Step<Decision> {
    let url = visit.core.key_sets.borrow().url(source).map(str::to_owned);
    let (Some(url), true) = (url, visit.fetches < limits::FETCHES_PER_REQUEST) else {
        let progress = {
            let audience = visit.audience();
            waiting.unknown(&visit.terms(&audience))
        };
        return go_on(visit, progress, then);
    };
    visit.fetches = visit.fetches.saturating_add(1);
    visit.core.key_sets.borrow_mut().sent(source, visit.now_ms);
    let effect = Effect::Fetch(Fetch {
        purpose: "jwks",
        method: "GET",
        url,
        binding: None,
        headers: Headers::from_iter([("accept", "application/json")]),
        body: None,
        share,
        timeout_ms: limits::JWKS_TIMEOUT_MS,
        max_body: crate::jose::limits::JWK_SET_BYTES,
    });
    visit.ask(effect, move |visit, reply, asked_ms| {
        // The call of another request did not answer in time: ask for this one alone.
        if matches!(reply, Reply::Failed(Failure::NotShared)) {
            return fetch_keys(visit, source, false, waiting, then);
        }
        let document = match &reply {
            Reply::Response(response) if response.head.status == 200 => Some(response.body.as_slice()),
            _ => None,
        };
        visit
            .core
            .key_sets
            .borrow_mut()
            .enter(source, document, asked_ms, visit.now_ms);
        let progress = {
            let audience = visit.audience();
            waiting.keys(&visit.terms(&audience))
        };
        go_on(visit, progress, then)
    })
}

fn conclude(visit: &mut Visit, lookup: Lookup) -> Evidence {
    for (which, error) in &lookup.ended {
        visit.end_if_ended(*which, *error);
    }
    if let Err(error) = &lookup.found {
        visit.session = Some(code_of(*error));
    }
    let found = lookup.found.ok();
    let core = Rc::clone(&visit.core);
    match &core.kratos {
        None => found.map_or(Evidence::Nothing, |found| Evidence::Session(hold(visit, found))),
        Some(plan) => beside_upstream(visit, plan, found),
    }
}

/// A session that counts, with what carries it on. One that comes from another format is moved here.
fn hold(visit: &mut Visit, found: Found) -> Holder {
    match found.from {
        Which::Accept(number) => visit.take_over(number, found),
        Which::Bearer => Holder {
            opened: found.opened,
            pairs: None,
            presented: None,
            bearer: true,
        },
        Which::Cookie => Holder {
            pairs: visit.slot().map(|slot| slot.pairs(&found.presented)),
            opened: found.opened,
            presented: Some(Box::new(found.presented)),
            bearer: false,
        },
    }
}

/// A copy counts for the upstream session beside it, and for no other.
fn beside_upstream(visit: &mut Visit, plan: &KratosPlan, found: Option<Found>) -> Evidence {
    let name = plan.upstream.session_cookie();
    let bound = found.as_ref().and_then(|found| found.opened.binding);
    let chosen = {
        let cookies = Cookies::parse(&visit.head.headers);
        copy::select(&plan.upstream, &cookies, bound).map(str::to_owned)
    };
    match (chosen, found) {
        (Ok(upstream), Some(found)) if bound == Some(Binding::of(name, &upstream)) => {
            Evidence::Copy(hold(visit, found), upstream)
        }
        (Ok(upstream), found) => {
            if found.is_some() {
                visit.session = Some(Code::SessionUnbound);
            }
            Evidence::Upstream(upstream)
        }
        // It stands for no upstream session, and needs none (semantics 5.3).
        (Err(SessionError::Absent), Some(found)) if is_moved(&found) => Evidence::Session(hold(visit, found)),
        (Err(error), found) => {
            // Without the upstream session the copy stands for nothing.
            if found.is_some_and(|found| !is_moved(&found)) {
                visit.end_session_cookie();
            }
            // What was wrong with the copy tells the operator more than that nothing stands beside it.
            let known = visit
                .session
                .filter(|code| error == SessionError::Absent && code.fault() == Fault::Client);
            visit.session = Some(known.unwrap_or(code_of(error)));
            Evidence::Nothing
        }
    }
}

const fn is_moved(found: &Found) -> bool {
    matches!(found.opened.session.source, Source::Accepted(_))
}

/// The code that the operator sees.
const fn code_of(error: SessionError) -> Code {
    match error {
        SessionError::Absent => Code::SessionAbsent,
        SessionError::Malformed => Code::SessionMalformed,
        SessionError::Unopened => Code::SessionUnopened,
        SessionError::Expired | SessionError::Lapsed => Code::SessionExpired,
        SessionError::Audience => Code::SessionAudience,
        SessionError::TooOld => Code::SessionTooOld,
        SessionError::Tombstoned => Code::SessionTombstoned,
        SessionError::Unbound => Code::SessionUnbound,
        SessionError::Ambiguous | SessionError::Mixed => Code::SessionAmbiguous,
        SessionError::UnknownKey => Code::KeyUnknown,
        SessionError::TooMuchWork => Code::SessionTooMuchWork,
    }
}
