//! The contract between the core and the host that drives it.
//!
//! > Call [`Gate::begin`](crate::Gate::begin) once; while the [`Step`] is `Perform`, carry out its effect and hand
//! > exactly one [`Answer`] to [`Pending::resume`]; what comes out at the end is the decision.
//!
//! The same loop drives what follows a decision: the response head of a tunnelled request, and a
//! [`Background`](crate::decision::Background) question whose answer may come late. The driver looks inside nothing:
//!
//! ```
//! use edgeward::base::Moment;
//! use edgeward::step::{Answer, Effect, Step};
//!
//! fn drive<T>(
//!     mut step: Step<T>,
//!     mut moment: impl FnMut() -> Moment,
//!     mut perform: impl FnMut(&Effect) -> Answer,
//! ) -> Option<T> {
//!     loop {
//!         step = match step {
//!             Step::Done(out) => return Some(out),
//!             Step::Perform(effect, pending) => pending.resume(perform(&effect), moment()).ok()?,
//!         }
//!     }
//! }
//! # let done = drive(Step::Done(7), || Moment::new(0, [0; 32]), |_| unreachable!());
//! # assert_eq!(done, Some(7));
//! ```
//!
//! A host may begin a request anew in another instance of the core, once: from its head, with fresh moments. It hands
//! over a recorded answer where the effect has the id that the answer was for, and performs every other effect.

use std::fmt;
use std::rc::Rc;

use edgeward_primitives::digest;

use crate::base::{Moment, base64url};
use crate::message::{Headers, ResponseHead};

/// What the host does next on the way to a `T`.
#[derive(Debug)]
pub enum Step<T> {
    /// Carry out the effect, then resume with its answer.
    Perform(Effect, Pending<T>),
    /// The end of the way.
    Done(T),
}

/// Names an effect by its kind and its whole content: the same question has the same id in every instance, and the
/// questions of two visitors never do (semantics 9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EffectId([u8; 16]);

impl EffectId {
    /// The id as base64url text, to cross a boundary with.
    #[must_use]
    pub fn encode(self) -> String {
        base64url::encode(self.0)
    }

    /// Decodes the text form.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        base64url::decode(text).ok()?.try_into().ok().map(Self)
    }

    fn of(parts: &[&[u8]]) -> Self {
        Self(digest::first(&digest::sha256_framed(parts)))
    }
}

/// Something only the host can do. Exhaustive on purpose: a new effect breaks every host's build.
#[derive(Debug, Clone)]
pub enum Effect {
    /// An HTTP round trip of the gate's own.
    Fetch(Fetch),
    /// A signature check by an asymmetric key, cheaper in the host's WebCrypto.
    Verify(Verify),
    /// A signature by an asymmetric key.
    Sign(Sign),
    /// Reading the body of the response whose head the host is holding; only asked for by what follows a `Forward`.
    ReadBody(ReadBody),
}

impl Effect {
    /// The name that the answer must carry.
    #[must_use]
    pub fn id(&self) -> EffectId {
        match self {
            Self::Fetch(f) => {
                let fields: String = f.headers.iter().flat_map(|(n, v)| [n, "\0", v, "\0"]).collect();
                let body = f.body.as_deref().unwrap_or_default();
                EffectId::of(&[
                    b"fetch",
                    f.method.as_bytes(),
                    f.url.as_bytes(),
                    fields.as_bytes(),
                    body,
                ])
            }
            Self::Verify(v) => EffectId::of(&[
                b"verify",
                v.alg.as_bytes(),
                &v.key.id,
                &v.signing_input,
                &v.signature,
            ]),
            Self::Sign(s) => EffectId::of(&[b"sign", s.alg.as_bytes(), &s.key.id, &s.signing_input]),
            Self::ReadBody(_) => EffectId::of(&[b"read-body"]),
        }
    }

    /// What it is for, in the log.
    #[must_use]
    pub const fn purpose(&self) -> &'static str {
        match self {
            Self::Fetch(fetch) => fetch.purpose,
            Self::Verify(_) => "verify",
            Self::Sign(_) => "sign",
            Self::ReadBody(_) => "body",
        }
    }
}

/// An HTTP round trip: no redirects are followed, nothing is retried, no cache is used.
#[derive(Clone)]
pub struct Fetch {
    /// What is asked, for the log: `whoami`, `jwks`.
    pub purpose: &'static str,
    /// The method.
    pub method: &'static str,
    /// The absolute URL.
    pub url: String,
    /// The service binding to ask through; `None` is the network.
    pub binding: Option<String>,
    /// All fields that are sent.
    pub headers: Headers,
    /// The body, if any.
    pub body: Option<Vec<u8>>,
    /// Whether another request's call with the same id may answer this one (semantics 9.2). A host that waited in vain
    /// answers [`Failure::NotShared`], and the core asks again for itself. Sharing is an optimisation only.
    pub share: bool,
    /// From the start to the end of the body, in milliseconds.
    pub timeout_ms: u32,
    /// More body than this is [`Failure::TooLarge`].
    pub max_body: usize,
}

impl fmt::Debug for Fetch {
    /// Without URL and values (invariant 7).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch")
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// A key that the host may keep imported, by its id.
#[derive(Clone)]
pub struct HostKey {
    /// Names the key material and nothing else.
    pub id: [u8; 16],
    /// The key as a JWK (RFC 7517), JSON text with only the members that the algorithm needs.
    pub jwk: Rc<str>,
}

impl HostKey {
    /// A key from its JWK text.
    #[must_use]
    pub fn new(jwk: &str) -> Self {
        Self {
            id: EffectId::of(&[b"key", jwk.as_bytes()]).0,
            jwk: jwk.into(),
        }
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostKey(..)")
    }
}

/// A signature to verify (RFC 7515 section 5.2). Any failure of the host's check is `false` (semantics 10.1).
#[derive(Clone)]
pub struct Verify {
    /// The `alg`, from the config and never from the token alone: `RS256`, `ES256`, `EdDSA` …
    pub alg: &'static str,
    /// The public key.
    pub key: HostKey,
    /// The signing input.
    pub signing_input: Vec<u8>,
    /// The signature, in JWS form (ECDSA: r and s side by side).
    pub signature: Vec<u8>,
}

impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verify")
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

/// A signature to make (RFC 7515 section 5.1).
#[derive(Clone)]
pub struct Sign {
    /// The `alg`: `ES256`.
    pub alg: &'static str,
    /// The private key.
    pub key: HostKey,
    /// The signing input.
    pub signing_input: Vec<u8>,
}

impl fmt::Debug for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sign")
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

/// Reads the held response's body, decoded of any content coding. After it the body cannot be streamed any more.
#[derive(Debug, Clone)]
pub struct ReadBody {
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
    /// When the call that really answered was started, in milliseconds since the epoch: for a shared call, its birth.
    pub asked_ms: u64,
    /// What came of it.
    pub reply: Reply,
}

/// What came of an effect.
#[derive(Clone)]
pub enum Reply {
    /// A response with its whole body, to `Fetch`.
    Response(Response),
    /// To `Verify`.
    Verified(bool),
    /// To `Sign`, in JWS form.
    Signed(Vec<u8>),
    /// To `ReadBody`.
    Body(Vec<u8>),
    /// No answer.
    Failed(Failure),
}

impl fmt::Debug for Reply {
    /// The kind and nothing of the content (invariant 7).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(response) => write!(f, "Response({})", response.head.status),
            Self::Verified(good) => write!(f, "Verified({good})"),
            Self::Signed(_) => f.write_str("Signed(..)"),
            Self::Body(bytes) => write!(f, "Body({})", bytes.len()),
            Self::Failed(failure) => write!(f, "Failed({failure:?})"),
        }
    }
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

/// Why an effect, or a request that was let through, got no answer.
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
    /// The other request's call that was to answer this one did not do so in time.
    NotShared,
    /// The URL that the host would send differs from the one that was judged (semantics 2.1). Nothing was sent.
    TargetChanged,
    /// The answer was of another kind than asked: a fault in the host.
    Misdelivered,
}

type Next<T> = Box<dyn FnOnce(Answer, Moment) -> Step<T>>;

/// A way to a `T` that waits for one answer. Dropping it abandons the way.
pub struct Pending<T> {
    awaited: EffectId,
    next: Next<T>,
}

impl<T> Pending<T> {
    /// The effect whose answer it waits for.
    #[must_use]
    pub const fn awaited(&self) -> EffectId {
        self.awaited
    }

    /// Goes on with the answer.
    ///
    /// # Errors
    /// The way itself, unchanged, when the answer is for another effect: a late answer costs nothing.
    pub fn resume(self, answer: Answer, moment: Moment) -> Result<Step<T>, Self> {
        if answer.id != self.awaited {
            return Err(self);
        }
        Ok((self.next)(answer, moment))
    }
}

impl<T> Step<T> {
    /// Asks for an effect; `next` goes on with its answer.
    pub(crate) fn ask(effect: Effect, next: impl FnOnce(Answer, Moment) -> Self + 'static) -> Self {
        let awaited = effect.id();
        Self::Perform(
            effect,
            Pending {
                awaited,
                next: Box::new(next),
            },
        )
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("awaited", &self.awaited)
            .finish_non_exhaustive()
    }
}
