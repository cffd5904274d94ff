//! What the core decides, and what it still has to say about the response. Plain data for the host to carry out.

use std::fmt;

use crate::base::Moment;
use crate::message::edits::RequestEdits;
use crate::message::{Headers, ResponseHead};
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
    /// The log event as far as it is known without the response.
    #[must_use]
    pub const fn event(&self) -> &Event {
        match self {
            Self::Continue(c) => &c.event,
            Self::Redirect(r) => &r.event,
            Self::Respond(r) => &r.event,
            Self::Forward(f) => &f.event,
        }
    }
}

/// The request goes on to the app, edited; the response comes back through [`After`].
#[derive(Debug)]
pub struct Continue {
    /// Edits to the request's fields.
    pub edits: RequestEdits,
    /// Where to, for a host in front of the app; a host inside the app passes the request on.
    pub destination: Destination,
    /// Judges the response head. A host that cannot see it applies `set_cookies` instead.
    pub after: After,
    /// Cookies for a host that cannot see the response (middleware inside the app); never used together with `after`.
    pub set_cookies: Vec<String>,
    /// A question whose answer may come later than the response.
    pub background: Option<Background>,
    /// The log event, without status.
    pub event: Event,
}

/// Where a request goes on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The app around the host, or the service binding of this name, with the request as it is.
    App {
        /// The service binding; `None` inside the app.
        binding: Option<String>,
    },
    /// An origin by URL. The host must send these bytes or answer 400.
    Url(String),
}

/// A redirect, with all its fields, `Location` included.
#[derive(Debug)]
pub struct Redirect {
    /// 302, 303 or 307.
    pub status: u16,
    /// The target: path-only, or absolute on a configured origin or the identity server's own table.
    pub location: String,
    /// All other fields.
    pub headers: Headers,
    /// The log event.
    pub event: Event,
}

/// An answer of the gate's own.
#[derive(Debug)]
pub struct Respond {
    /// Status and fields.
    pub head: ResponseHead,
    /// The body; a host sends a null body for `HEAD`, 204, 205 and 304.
    pub body: Vec<u8>,
    /// The log event.
    pub event: Event,
}

/// An exchange with the identity server. Sent once, never again (semantics 7.3); redirects are passed back.
pub struct Forward {
    /// The method.
    pub method: String,
    /// The absolute upstream URL, query byte-exact.
    pub url: String,
    /// All fields that go up: an allow-list's result.
    pub headers: Headers,
    /// Whether the visitor's body goes up, streamed.
    pub with_body: bool,
    /// To the response head, in milliseconds.
    pub head_timeout_ms: u32,
    /// Judges the response head.
    pub after: After,
    /// The log event, without status.
    pub event: Event,
}

impl fmt::Debug for Forward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forward")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

type Judge = Box<dyn FnOnce(Result<ResponseHead, Failure>, Moment) -> Step<Answered>>;

/// What the core still has to say about the response of a decision that lets one through. Used once.
pub struct After(Judge);

impl After {
    pub(crate) fn new(
        judge: impl FnOnce(Result<ResponseHead, Failure>, Moment) -> Step<Answered> + 'static,
    ) -> Self {
        Self(Box::new(judge))
    }

    /// The response head arrived; drives to what the visitor gets.
    pub fn head(self, head: ResponseHead, moment: Moment) -> Step<Answered> {
        (self.0)(Ok(head), moment)
    }

    /// No response head arrived; drives to the answer in its place.
    pub fn failed(self, failure: Failure, moment: Moment) -> Step<Answered> {
        (self.0)(Err(failure), moment)
    }
}

impl fmt::Debug for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("After(..)")
    }
}

/// What the visitor gets.
#[derive(Debug)]
pub struct Answered {
    /// Status and fields, edited.
    pub head: ResponseHead,
    /// Where the body comes from.
    pub body: Body,
    /// The log event, with status.
    pub event: Event,
}

/// Where the body of an answer comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// The held response's body, streamed as it is.
    Stream,
    /// These bytes; the held response's body is cancelled.
    Bytes(Vec<u8>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream => f.write_str("Stream"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
        }
    }
}

/// A question asked beside the response, driven where the platform lets work outlive it (`waitUntil`).
///
/// Its end updates the gate's memory and never a response.
pub struct Background(Box<dyn FnOnce(Moment) -> Step<()>>);

impl Background {
    pub(crate) fn new(start: impl FnOnce(Moment) -> Step<()> + 'static) -> Self {
        Self(Box::new(start))
    }

    /// Starts it.
    pub fn begin(self, moment: Moment) -> Step<()> {
        (self.0)(moment)
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Background(..)")
    }
}
