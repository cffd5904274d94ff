//! A session held against a requirement.

use super::claim::Condition;
use super::email;
use super::freshness::{Age, CLOCK_TOLERANCE_SECS};
use super::requirement::{Access, Requirement};
use crate::base::Timestamp;
use crate::session::{Aal, Session, Source};

/// What is known from the identity server when the verdict is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upstream {
    /// It was not asked for this request.
    NotAsked,
    /// It was asked for this request, and the session is what it said.
    Confirmed,
    /// It was asked for this request and gave no answer (timeout, refused, 5xx, 429).
    Failed,
}

/// The outcome. Exhaustive on purpose: a new one must break every caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Continue with the session; `revalidate`: and ask the identity server beside the origin fetch.
    Met {
        /// Whether the copy is older than F.
        revalidate: bool,
    },
    /// Continue as nobody: no identity goes to the origin.
    MetWithoutSession,
    /// Ask the identity server, then judge again.
    Stale,
    /// The identity server was asked and could not answer, and the copy is too old to serve: 503.
    Unavailable,
    /// A guest page, and the visitor is signed in: to `signed_in`.
    SignedIn,
    /// No session, or one that a login must replace.
    Unauthenticated,
    /// A session that this requirement will not take, whatever the person proves anew: 403.
    Forbidden(Reason),
    /// A second factor is asked for.
    StepUp(Aal),
    /// The authentication is older than so many seconds.
    Reauthenticate {
        /// The rule's `max_age`.
        max_age: i64,
    },
}

/// Why a session was forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No condition of one of the lists (`any`, `all`) is met.
    Condition,
    /// The verified e-mail address is of none of the domains, or there is none.
    EmailDomain,
    /// Freshness was asked of a session that nobody can confirm.
    Unconfirmable,
}

impl Verdict {
    /// Whether the request continues.
    #[must_use]
    pub const fn is_met(self) -> bool {
        matches!(self, Self::Met { .. } | Self::MetWithoutSession)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Met { revalidate: false } => "policy.met",
            Self::Met { revalidate: true } => "policy.met_stale",
            Self::MetWithoutSession => "policy.met_without_session",
            Self::Stale => "policy.stale",
            Self::Unavailable => "policy.unavailable",
            Self::SignedIn => "policy.signed_in",
            Self::Unauthenticated => "policy.unauthenticated",
            Self::Forbidden(Reason::Condition) => "policy.forbidden",
            Self::Forbidden(Reason::EmailDomain) => "policy.email_domain",
            Self::Forbidden(Reason::Unconfirmable) => "policy.unconfirmable",
            Self::StepUp(_) => "policy.step_up",
            Self::Reauthenticate { .. } => "policy.reauthenticate",
        }
    }
}

/// Holds a session against a requirement.
///
/// The request class is no argument: it never changes whether a requirement is met (semantics 1.10). An expired
/// session counts as none, although none should come here.
///
/// ```
/// use edgeward::base::Timestamp;
/// use edgeward::policy::{Access, Requirement, Upstream, Verdict, judge};
///
/// let now = Timestamp::from_secs(1_800_000_000);
/// let guarded = Requirement::of(Access::Session);
/// assert_eq!(judge(&guarded, None, now, Upstream::NotAsked), Verdict::Unauthenticated);
/// ```
#[must_use]
pub fn judge(
    requirement: &Requirement,
    session: Option<&Session>,
    now: Timestamp,
    upstream: Upstream,
) -> Verdict {
    let session = session.filter(|session| now < session.expires_at);
    match requirement.access {
        Access::Public => Verdict::MetWithoutSession,
        Access::Optional => judge_optional(requirement, session, now, upstream),
        Access::Guest => judge_guest(requirement, session, now, upstream),
        Access::Session => session.map_or(Verdict::Unauthenticated, |session| {
            judge_session(requirement, session, now, upstream)
        }),
    }
}

fn judge_optional(
    requirement: &Requirement,
    session: Option<&Session>,
    now: Timestamp,
    upstream: Upstream,
) -> Verdict {
    let Some(session) = session else {
        return Verdict::MetWithoutSession;
    };
    match freshness(requirement, session, now, upstream) {
        Ok(revalidate) => Verdict::Met { revalidate },
        Err(Verdict::Stale) => Verdict::Stale,
        Err(_) => Verdict::MetWithoutSession,
    }
}

/// Semantics 1.6: decides only on a session that is fresh, and lets everybody through when in doubt.
fn judge_guest(
    requirement: &Requirement,
    session: Option<&Session>,
    now: Timestamp,
    upstream: Upstream,
) -> Verdict {
    let Some(session) = session.filter(|session| !is_accepted(session)) else {
        return Verdict::MetWithoutSession;
    };
    match (requirement.bounds.age(session, now), upstream) {
        (Age::Fresh, _) | (_, Upstream::Confirmed) => Verdict::SignedIn,
        (_, Upstream::NotAsked) => Verdict::Stale,
        (_, Upstream::Failed) => Verdict::MetWithoutSession,
    }
}

fn judge_session(
    requirement: &Requirement,
    session: &Session,
    now: Timestamp,
    upstream: Upstream,
) -> Verdict {
    // Semantics 5.3: a session that was moved from another format meets `session` and roles. A login replaces it.
    if is_accepted(session) && asks_what_accepted_lacks(requirement) {
        return Verdict::Unauthenticated;
    }
    let revalidate = match freshness(requirement, session, now, upstream) {
        Ok(revalidate) => revalidate,
        Err(verdict) => return verdict,
    };
    if requirement.asks_freshness && session.verified_at.is_none() {
        return Verdict::Forbidden(Reason::Unconfirmable);
    }
    if let Some(unmet) = requirement.conditions.iter().find(|any| !meets_one(any, session)) {
        let a_login_may_help = is_accepted(session) && !unmet.iter().all(is_role);
        return if a_login_may_help {
            Verdict::Unauthenticated
        } else {
            Verdict::Forbidden(Reason::Condition)
        };
    }
    let of = |domains: &Vec<String>| session.email.as_ref().is_some_and(|e| email::is_of(e, domains));
    if !requirement.email_domains.iter().all(of) {
        return Verdict::Forbidden(Reason::EmailDomain);
    }
    if let Some(least) = requirement.aal.filter(|least| session.aal < Some(*least)) {
        return Verdict::StepUp(least);
    }
    if let Some(max_age) = requirement.max_age.filter(|most| !is_recent(session, *most, now)) {
        return Verdict::Reauthenticate { max_age };
    }
    Verdict::Met { revalidate }
}

/// Whether the identity server is to be asked beside; an error says why the session cannot be used as it is.
fn freshness(
    requirement: &Requirement,
    session: &Session,
    now: Timestamp,
    upstream: Upstream,
) -> Result<bool, Verdict> {
    match (requirement.bounds.age(session, now), upstream) {
        (Age::Fresh, _) | (_, Upstream::Confirmed) => Ok(false),
        (Age::AskBeside, Upstream::NotAsked) => Ok(true),
        (Age::AskBefore | Age::Lapsed, Upstream::NotAsked) => Err(Verdict::Stale),
        (Age::AskBeside | Age::AskBefore, Upstream::Failed) => Ok(false),
        (Age::Lapsed, Upstream::Failed) => Err(Verdict::Unavailable),
    }
}

/// An unknown authentication time is never recent, nor is one from the future.
fn is_recent(session: &Session, max_age: i64, now: Timestamp) -> bool {
    session
        .auth_time
        .map(|auth_time| now.since(auth_time))
        .is_some_and(|age| (-CLOCK_TOLERANCE_SECS..=max_age).contains(&age))
}

fn is_accepted(session: &Session) -> bool {
    matches!(session.source, Source::Accepted(_))
}

fn asks_what_accepted_lacks(requirement: &Requirement) -> bool {
    requirement.aal.is_some()
        || requirement.max_age.is_some()
        || requirement.asks_freshness
        || !requirement.email_domains.is_empty()
}

fn meets_one(any: &[Condition], session: &Session) -> bool {
    any.iter()
        .filter(|condition| is_role(condition) || !is_accepted(session))
        .any(|condition| condition.is_met(session))
}

const fn is_role(condition: &Condition) -> bool {
    matches!(condition, Condition::Role(_))
}
