//! The contract between the core and the host that drives it.
//!
//! > Call [`Gate::begin`](crate::Gate::begin) once; while the [`Step`] is `Perform`, carry out its effect and hand
//! > exactly one [`Answer`] to [`Exchange::resume`]; what comes out at the end is the decision.
//!
//! The same loop drives what follows a decision: [`After`](crate::decision::After) (the response head) and
//! [`Background`](crate::decision::Background) (a question whose answer may come late). The driver looks inside nothing:
//!
//! ```
//! use edgeward::base::Moment;
//! use edgeward::step::{Answer, Effect, Step};
//!
//! fn drive<T>(mut step: Step<T>, moment: &Moment, mut perform: impl FnMut(&Effect) -> Answer) -> T {
//!     loop {
//!         step = match step {
//!             Step::Done(out) => return out,
//!             Step::Perform(effect, exchange) => exchange.resume(perform(&effect), moment.clone()),
//!         }
//!     }
//! }
//! # let moment = Moment::new(0, [0; 32]);
//! # assert_eq!(drive(Step::Done(7), &moment, |_| unreachable!()), 7);
//! ```

use std::fmt;

use crate::base::Moment;
use crate::message::{Headers, ResponseHead};

/// What the host does next on the way to a `T`.
#[derive(Debug)]
pub enum Step<T> {
    /// Carry out the effect, then resume the exchange with its answer.
    Perform(Effect, Exchange<T>),
    /// The end of the way.
    Done(T),
}

impl<T> Step<T> {
    /// Applies `f` to the end of the way, wherever it is.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U + 'static) -> Step<U>
    where
        T: 'static,
    {
        match self {
            Self::Done(out) => Step::Done(f(out)),
            Self::Perform(effect, exchange) => Step::Perform(
                effect,
                Exchange {
                    awaited: exchange.awaited,
                    next: Box::new(move |answer, moment| (exchange.next)(answer, moment).map(f)),
                },
            ),
        }
    }
}

/// Names one effect of one request; its answer must bring the same name back (semantics 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EffectId(pub u64);

/// Two fetches with one share key ask the same question; a host may make one call for both (semantics 9.2).
///
/// Sharing is an optimisation: correctness never depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShareKey(pub [u8; 16]);

/// Something only the host can do. Exhaustive on purpose: a new effect breaks every host's build.
#[derive(Debug, Clone)]
pub enum Effect {
    /// An HTTP exchange of the gate's own.
    Fetch(Fetch),
    /// A signature check by an asymmetric key, cheaper in the host's WebCrypto.
    Verify(Verify),
    /// Reading the body of the response whose head the host is holding; only ever asked for by an `After`.
    ReadBody(ReadBody),
}

impl Effect {
    /// The name that the answer must carry.
    #[must_use]
    pub const fn id(&self) -> EffectId {
        match self {
            Self::Fetch(fetch) => fetch.id,
            Self::Verify(verify) => verify.id,
            Self::ReadBody(read) => read.id,
        }
    }
}

/// An HTTP exchange: no redirects are followed, nothing is retried unless `retry` says so, no cache is used.
#[derive(Clone)]
pub struct Fetch {
    /// Names the effect.
    pub id: EffectId,
    /// What is asked, for the log: `whoami`, `jwks`.
    pub purpose: &'static str,
    /// The method.
    pub method: &'static str,
    /// The absolute URL.
    pub url: String,
    /// All fields that are sent.
    pub headers: Headers,
    /// The body, if any.
    pub body: Option<Vec<u8>>,
    /// Whether another request's call may answer this one.
    pub share: Option<ShareKey>,
    /// Whether the host may ask once more after a connection that failed before a response head (idempotent questions only).
    pub retry: bool,
    /// From the start to the end of the body, in milliseconds.
    pub timeout_ms: u32,
    /// More body than this is [`Failure::TooLarge`].
    pub max_body: usize,
}

impl fmt::Debug for Fetch {
    /// Without URL and values (invariant 12).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// A signature to verify (RFC 7515 section 5.2) with a public key (RFC 7517).
#[derive(Clone)]
pub struct Verify {
    /// Names the effect.
    pub id: EffectId,
    /// The `alg`, from the config and never from the token alone: `RS256`, `ES256`, `EdDSA` …
    pub alg: &'static str,
    /// The public key as a JWK, JSON text with only the members the algorithm needs.
    pub jwk: String,
    /// The signing input.
    pub signing_input: Vec<u8>,
    /// The signature, in JWS form (ECDSA: r and s side by side).
    pub signature: Vec<u8>,
}

impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verify")
            .field("id", &self.id)
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

/// Reads the held response's body, decoded of any content coding.
#[derive(Debug, Clone)]
pub struct ReadBody {
    /// Names the effect.
    pub id: EffectId,
    /// More than this is [`Failure::TooLarge`].
    pub max_body: usize,
    /// To the end of the body, in milliseconds.
    pub timeout_ms: u32,
}

/// The answer to one effect.
#[derive(Debug)]
pub struct Answer {
    /// The effect's name.
    pub id: EffectId,
    /// What came of it.
    pub outcome: Outcome,
    /// How long the host waited, in milliseconds, for the log.
    pub waited_ms: u32,
}

/// What came of an effect.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A response with its whole body, to `Fetch`.
    Response(Response),
    /// To `Verify`; any failure of the host's check is `false` (semantics 10.1).
    Verified(bool),
    /// To `ReadBody`.
    Body(Vec<u8>),
    /// No answer.
    Failed(Failure),
}

/// A response with its body in memory.
#[derive(Clone)]
pub struct Response {
    /// Status and fields.
    pub head: ResponseHead,
    /// The body, decoded of any content coding.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("head", &self.head)
            .field("body", &self.body.len())
            .finish()
    }
}

/// Why an effect, or the exchange with an origin, gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// No connection, or it broke before the head.
    Unreachable,
    /// The time was up.
    Timeout,
    /// More body than allowed.
    TooLarge,
    /// It broke within the body.
    Broken,
    /// The answer was for another effect, or of another kind than asked: a fault in the host.
    Misdelivered,
}

type Next<T> = Box<dyn FnOnce(Answer, Moment) -> Step<T>>;

/// A way to a `T` that waits for one answer. Dropping it abandons the way and changes nothing.
pub struct Exchange<T> {
    awaited: EffectId,
    next: Next<T>,
}

impl<T> Exchange<T> {
    pub(crate) fn new(awaited: EffectId, next: impl FnOnce(Answer, Moment) -> Step<T> + 'static) -> Self {
        Self {
            awaited,
            next: Box::new(next),
        }
    }

    /// Goes on with the answer. An answer to another effect counts as [`Failure::Misdelivered`], which fails closed.
    pub fn resume(self, mut answer: Answer, moment: Moment) -> Step<T> {
        if answer.id != self.awaited {
            answer.outcome = Outcome::Failed(Failure::Misdelivered);
        }
        (self.next)(answer, moment)
    }
}

impl<T> fmt::Debug for Exchange<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("awaited", &self.awaited)
            .finish_non_exhaustive()
    }
}
