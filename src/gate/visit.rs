//! One request on its way through the gate: what it brought, what was found out, what its answer will carry.

use std::fmt;
use std::rc::Rc;

use super::ask::Shown;
use super::{Core, trace};
use crate::base::{Entropy, Moment, Timestamp};
use crate::config::{Selected, ToOrigin};
use crate::message::{Headers, RequestHead};
use crate::outcome::{Code, EffectTime, Event, Trace};
use crate::policy::RequestClass;
use crate::session::store::{Reader, Slot, Terms};
use crate::step::{Answer, Effect, Reply, Step};

/// The state of one request. It moves from phase to phase and belongs to nobody else.
pub(super) struct Visit {
    pub(super) core: Rc<Core>,
    pub(super) head: RequestHead,
    /// The path as the host shows it.
    pub(super) path: String,
    /// The query as the host shows it, without `?`.
    pub(super) query: Option<String>,
    /// The public origin that the request came in on.
    pub(super) origin: Selected,
    pub(super) class: RequestClass,
    /// What is logged of a tunnelled exchange.
    pub(super) code: Code,
    /// The pattern of the rule in question, for the log.
    pub(super) rule: Option<String>,
    /// What is known of the session, as a code.
    pub(super) session: Option<Code>,
    /// Where the answer is the session itself: to whom it is shown.
    pub(super) shown: Option<Shown>,
    /// Whether the app asks, so that no cookie of the answer reaches the browser.
    pub(super) question: bool,
    /// Whether the response shows the trace.
    pub(super) debug: bool,
    /// Whether the identity server said that it knows the visitor: 200 or 403.
    pub(super) known: bool,
    /// How the decision came about.
    pub(super) trace: Trace,
    /// The readings as paths, for a response that shows the trace.
    pub(super) read_as: Vec<String>,
    /// The signed statement for the origin.
    pub(super) assertion: Option<String>,
    /// `Set-Cookie` lines that go out with whatever the answer is.
    pub(super) set_cookies: Vec<String>,
    pub(super) now_ms: u64,
    pub(super) entropy: Entropy,
    pub(super) fetches: u8,
    request_id: String,
    effects: Vec<EffectTime>,
}

impl Visit {
    /// Starts the record of a request whose origin is known.
    pub(super) fn new(
        core: Rc<Core>,
        head: RequestHead,
        target: (String, Option<String>),
        origin: Selected,
        moment: Moment,
    ) -> Self {
        let class = RequestClass::of(&head.method, &head.headers, core.policy_shell());
        let debug = trace::is_open(&core, &head.headers);
        let request_id = core.request_ids.of(&moment.entropy);
        Self {
            core,
            head,
            path: target.0,
            query: target.1,
            origin,
            class,
            code: Code::TunnelForwarded,
            rule: None,
            session: None,
            shown: None,
            question: false,
            debug,
            known: false,
            trace: Trace::default(),
            read_as: Vec::new(),
            assertion: None,
            set_cookies: Vec::new(),
            now_ms: moment.now_ms,
            entropy: moment.entropy,
            fetches: 0,
            request_id,
            effects: Vec::new(),
        }
    }

    /// Whole seconds.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_secs(i64::try_from(self.now_ms / 1000).unwrap_or(i64::MAX))
    }

    /// The time that a session is judged at: rounded up, as `ver` is rounded down, so that a copy is never counted younger
    /// than it is (semantics 6.1).
    pub(super) fn judged_at(&self) -> Timestamp {
        Timestamp::from_secs(i64::try_from(self.now_ms.div_ceil(1000)).unwrap_or(i64::MAX))
    }

    /// Path and query, as they would stand in a `Location`.
    pub(super) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => [&self.path, "?", query].concat(),
            None => self.path.clone(),
        }
    }

    /// The session slot of this request's origin: the development cookie only on plain-http loopback (semantics 3.3).
    pub(super) fn slot(&self) -> Option<&Slot> {
        self.core.slot(&self.origin.origin)
    }

    /// What this request's session is read from.
    pub(super) fn reader(&self) -> Option<Rc<Reader>> {
        self.core.reader(&self.origin.origin).cloned()
    }

    /// What a look-up for this request is made against.
    pub(super) fn terms<'a>(&'a self, audience: &'a str) -> Terms<'a> {
        let plan = self.core.session.as_ref();
        Terms {
            now_ms: self.now_ms,
            audience,
            not_before: plan.and_then(|plan| plan.not_before),
            roles: plan.and_then(|plan| plan.roles.as_ref()),
            memo: &self.core.memo,
            key_sets: &self.core.key_sets,
        }
    }

    /// The audience of this request's origin.
    pub(super) fn audience(&self) -> String {
        self.core.audience(&self.origin)
    }

    /// Whether an assertion is all that the origin gets.
    pub(super) fn asserts(&self) -> bool {
        let plan = self.core.session.as_ref();
        plan.is_some_and(|plan| plan.to_origin == ToOrigin::Assertion)
    }

    /// Whether the request is a `HEAD`.
    pub(super) fn is_head(&self) -> bool {
        self.head.method == "HEAD"
    }

    /// The log event of an outcome.
    pub(super) fn event(&self, code: Code, action: &'static str, status: Option<u16>) -> Event {
        Event {
            request_id: self.request_id.clone(),
            code,
            action,
            rule: self.rule.clone(),
            class: Some(self.class.as_str()),
            session: self.session,
            status,
            trace: self.trace.clone(),
            effects: self.effects.clone(),
        }
    }

    /// Asks for an effect and goes on with the reply, at the reply's moment. The third argument is when the call that
    /// answered was started.
    pub(super) fn ask<T: 'static>(
        self,
        effect: Effect,
        next: impl FnOnce(Self, Reply, u64) -> Step<T> + 'static,
    ) -> Step<T> {
        let purpose = effect.purpose();
        Step::ask(effect, move |answer: Answer, moment: Moment| {
            let mut visit = self;
            let waited = moment.now_ms.saturating_sub(answer.asked_ms);
            visit.effects.push(EffectTime {
                purpose,
                ms: u32::try_from(waited).unwrap_or(u32::MAX),
                ok: !matches!(answer.reply, Reply::Failed(_)),
            });
            visit.now_ms = moment.now_ms;
            visit.entropy = moment.entropy;
            next(visit, answer.reply, answer.asked_ms)
        })
    }

    /// The fields that every answer of ours has, with this visit's cookies.
    pub(super) fn append_cookies(&mut self, headers: &mut Headers) {
        for line in self.set_cookies.drain(..) {
            headers.append("set-cookie", line);
        }
    }
}

/// Names requests: 64 bits as 16 hex digits, under a key of this gate's own.
pub(super) struct RequestIds([u8; 16]);

impl RequestIds {
    pub(super) fn new(entropy: &mut Entropy) -> Self {
        Self(entropy.draw())
    }

    pub(super) fn of(&self, entropy: &Entropy) -> String {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        let mut left = entropy.label(&self.0);
        let digit = |_| {
            left = left.rotate_left(4);
            DIGITS.get((left & 15) as usize).copied().unwrap_or('0')
        };
        (0..16).map(digit).collect()
    }
}

impl fmt::Debug for RequestIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestIds(..)")
    }
}
