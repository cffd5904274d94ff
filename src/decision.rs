//! What the core decides, and what it still has to say about the response. Plain data for the host to carry out.

use std::fmt;

use edgeward_primitives::digest;

use crate::base::Moment;
use crate::message::{Headers, RequestEdits, ResponseHead};
use crate::outcome::Event;
use crate::step::{Failure, Step};

/// The end of a request's way through the gate. Exhaustive on purpose: a new decision breaks every host's build.
#[derive(Debug)]
pub enum Decision {
    /// Let the request go on to the app.
    Continue(Continue),
    /// Send the visitor elsewhere.
    Redirect(Redirect),
    /// Answer here.
    Respond(Respond),
    /// Exchange it with the identity server, streaming both bodies.
    Forward(Forward),
}

impl Decision {
    /// Names what is done with the request, without sealed values or times.
    ///
    /// A host that already sent a request on and begins it anew (after a trap) sends nothing again: it goes on with the
    /// new decision when the tokens are equal, and with its fail mode when they differ.
    #[must_use]
    pub fn token(&self) -> [u8; 16] {
        let (kind, target, rule) = match self {
            Self::Continue(c) => ("continue", c.destination.as_text(), c.rule.as_deref()),
            Self::Redirect(r) => ("redirect", r.location.as_str(), None),
            Self::Respond(r) => ("respond", r.event.code.as_str(), None),
            Self::Forward(f) => ("forward", f.url.as_str(), Some(f.method.as_str())),
        };
        let parts = [kind, target, rule.unwrap_or_default()].map(str::as_bytes);
        digest::first(&digest::sha256_framed(&parts))
    }
}

/// The request goes on to the app, edited.
pub struct Continue {
    /// Edits to the request's fields.
    pub edits: RequestEdits,
    /// Where to.
    pub destination: Destination,
    /// Whether the body goes on too; a preflight goes without (semantics 1.10).
    pub with_body: bool,
    /// Whether the host's own fetch must bypass every cache (semantics 8.2).
    pub no_store: bool,
    /// To the response head, in milliseconds.
    pub head_timeout_ms: u32,
    /// What is still to be said about the response.
    pub response: ResponseRules,
    /// A question to start before the request is sent on, in `waitUntil`.
    pub background: Option<Background>,
    /// The pattern of the rule, as the config spells it.
    pub rule: Option<String>,
}

impl fmt::Debug for Continue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Continue")
            .field("rule", &self.rule)
            .field("response", &self.response)
            .field("background", &self.background)
            .finish_non_exhaustive()
    }
}

/// What the core says about the response of a request that went on to the app.
#[derive(Debug)]
pub enum ResponseRules {
    /// Hand the head over; drop the [`After`] as soon as it cannot be used any more.
    Judged(After<FinalResponse>),
    /// The head need not, or cannot, be seen: append these fields and log this event.
    Blind {
        /// Fields to append to the response.
        headers: Headers,
        /// The log event, without status.
        event: Event,
    },
}

/// Where a request goes on to.
#[derive(Clone, PartialEq, Eq)]
pub enum Destination {
    /// The app around the host.
    App,
    /// A service binding, with the request as it is.
    Binding(String),
    /// An origin by URL. A host that would send other bytes than these answers [`Failure::TargetChanged`].
    Url(String),
}

impl Destination {
    fn as_text(&self) -> &str {
        match self {
            Self::App => "",
            Self::Binding(name) => name,
            Self::Url(url) => url,
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::App => "App",
            Self::Binding(_) => "Binding(..)",
            Self::Url(_) => "Url(..)",
        })
    }
}

/// A redirect, without a body.
pub struct Redirect {
    /// 302, 303 or 307.
    pub status: u16,
    /// The target: path-only, or absolute on a configured origin.
    pub location: String,
    /// All other fields.
    pub headers: Headers,
    /// The log event.
    pub event: Event,
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirect")
            .field("status", &self.status)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// An answer of the gate's own.
pub struct Respond {
    /// Status and fields.
    pub head: ResponseHead,
    /// `None` or `Bytes`.
    pub body: Body,
    /// The log event.
    pub event: Event,
}

impl fmt::Debug for Respond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Respond")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// A round trip to the identity server. Sent once, never again (semantics 7.3); redirects are passed back.
pub struct Forward {
    /// The method.
    pub method: String,
    /// The absolute upstream URL, query byte-exact.
    pub url: String,
    /// The service binding to send through; `None` is the network.
    pub binding: Option<String>,
    /// All fields that go up: an allow-list's result.
    pub headers: Headers,
    /// Whether the visitor's body goes up, streamed.
    pub with_body: bool,
    /// To the response head, in milliseconds.
    pub head_timeout_ms: u32,
    /// What follows the response head, or its failure.
    pub after: After<Step<FinalResponse>>,
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forward")
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

type Judge<R> = Box<dyn FnOnce(Result<ResponseHead, Failure>, Moment) -> R>;

/// What the core still has to say about a response. Used once.
///
/// A host whose client already decoded the body drops `Content-Encoding` and `Content-Length` before it hands the head
/// over.
pub struct After<R>(Judge<R>);

impl<R> After<R> {
    pub(crate) fn new(judge: impl FnOnce(Result<ResponseHead, Failure>, Moment) -> R + 'static) -> Self {
        Self(Box::new(judge))
    }

    /// The response head arrived.
    pub fn head(self, head: ResponseHead, moment: Moment) -> R {
        (self.0)(Ok(head), moment)
    }

    /// No response head arrived.
    pub fn failed(self, failure: Failure, moment: Moment) -> R {
        (self.0)(Err(failure), moment)
    }
}

impl<R> fmt::Debug for After<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("After(..)")
    }
}

/// What the visitor gets.
#[derive(Debug)]
pub struct FinalResponse {
    /// Status and fields, edited.
    pub head: ResponseHead,
    /// Where the body comes from.
    pub body: Body,
    /// The log event, with status.
    pub event: Event,
}

/// Where a body comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// No body, not even an empty one: HEAD, 204, 205, 304, redirects.
    None,
    /// These bytes; a held response's body is cancelled.
    Bytes(Vec<u8>),
    /// The held response's body, streamed as it is.
    Stream,
    /// 101: the socket is handed over.
    Upgrade,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream => f.write_str("Stream"),
            Self::Upgrade => f.write_str("Upgrade"),
        }
    }
}

/// A question asked beside the response. Its end updates the gate's memory; where the [`After`] of the same request is
/// still held by then, that response carries the verdict (semantics 6.1). An event at the end is for the log.
///
/// It is never replayed.
pub struct Background(Box<dyn FnOnce(Moment) -> Step<Option<Event>>>);

impl Background {
    pub(crate) fn new(start: impl FnOnce(Moment) -> Step<Option<Event>> + 'static) -> Self {
        Self(Box::new(start))
    }

    /// Starts it.
    pub fn begin(self, moment: Moment) -> Step<Option<Event>> {
        (self.0)(moment)
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Background(..)")
    }
}
