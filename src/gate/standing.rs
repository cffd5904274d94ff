//! What a request shows of who the visitor is: the session in its cookies, and the upstream cookie beside it (semantics 4, 6.3).

use std::rc::Rc;

use super::core::KratosPlan;
use super::visit::Visit;
use crate::kratos::copy;
use crate::message::cookie::Cookies;
use crate::outcome::Code;
use crate::session::own::Opened;
use crate::session::store::{Lookup, Terms};
use crate::session::{Binding, SessionError};

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

/// An opened session and the cookie value that carries it.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) opened: Opened,
    /// `None` only for a session so large that it was not sealed.
    pub(super) value: Option<String>,
}

/// Looks at the cookies. What was opened and found ended is expired on the way (semantics 4.5).
pub(super) fn look(visit: &mut Visit) -> Evidence {
    let Some(lookup) = look_up(visit) else {
        visit.session = Some(Code::SessionAbsent);
        return Evidence::Nothing;
    };
    if let Err(error) = lookup.found {
        visit.session = Some(code_of(error));
        visit.end_if_ended(error);
    }
    let holder = lookup.found.ok().map(|(value, opened)| Holder {
        opened,
        value: Some(value),
    });
    let core = Rc::clone(&visit.core);
    match &core.kratos {
        None => holder.map_or(Evidence::Nothing, Evidence::Session),
        Some(plan) => beside_upstream(visit, plan, holder),
    }
}

/// Opens what the cookies of this request hold, if the gate reads sessions at all.
pub(super) fn look_up(visit: &Visit) -> Option<Lookup> {
    let plan = visit.core.session.as_ref()?;
    let slot = visit.slot()?;
    let cookies = Cookies::parse(&visit.head.headers);
    let audience = visit.audience();
    let terms = Terms {
        now: visit.now(),
        audience: &audience,
        not_before: plan.not_before,
        roles: plan.roles.as_ref(),
    };
    Some(slot.look_up(&cookies, &terms, &visit.core.memo))
}

/// A copy counts for the upstream session beside it, and for no other.
fn beside_upstream(visit: &mut Visit, plan: &KratosPlan, holder: Option<Holder>) -> Evidence {
    let name = plan.upstream.session_cookie();
    let bound = holder.as_ref().and_then(|holder| holder.opened.binding);
    let chosen = {
        let cookies = Cookies::parse(&visit.head.headers);
        copy::select(&plan.upstream, &cookies, bound).map(str::to_owned)
    };
    match (chosen, holder) {
        (Ok(upstream), Some(holder)) if bound == Some(Binding::of(name, &upstream)) => {
            Evidence::Copy(holder, upstream)
        }
        (Ok(upstream), holder) => {
            if holder.is_some() {
                visit.session = Some(Code::SessionUnbound);
            }
            Evidence::Upstream(upstream)
        }
        (Err(error), holder) => {
            // Without the upstream session the copy stands for nothing.
            if holder.is_some() {
                visit.end_session_cookie();
            }
            visit.session = Some(code_of(error));
            Evidence::Nothing
        }
    }
}

/// The code that the operator sees.
const fn code_of(error: SessionError) -> Code {
    match error {
        SessionError::Absent => Code::SessionAbsent,
        SessionError::Malformed => Code::SessionMalformed,
        SessionError::Unopened => Code::SessionUnopened,
        SessionError::Expired => Code::SessionExpired,
        SessionError::Audience => Code::SessionAudience,
        SessionError::TooOld => Code::SessionTooOld,
        SessionError::Tombstoned => Code::SessionTombstoned,
        SessionError::Unbound => Code::SessionUnbound,
        SessionError::Ambiguous => Code::SessionAmbiguous,
        SessionError::TooMuchWork => Code::SessionTooMuchWork,
    }
}
