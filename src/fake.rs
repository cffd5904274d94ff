//! Constructors for a fake core: what a host's tests need to drive every step without a gate.
//!
//! Behind the feature `__fake`; a shipped build has none of it.

use crate::base::Moment;
use crate::decision::{After, Background};
use crate::message::ResponseHead;
use crate::outcome::Event;
use crate::step::{Answer, Effect, Failure, Step};

/// Asks for an effect; `next` goes on with its answer.
pub fn ask<T>(effect: Effect, next: impl FnOnce(Answer, Moment) -> Step<T> + 'static) -> Step<T> {
    Step::ask(effect, next)
}

/// What is said about a response.
pub fn after<R>(judge: impl FnOnce(Result<ResponseHead, Failure>, Moment) -> R + 'static) -> After<R> {
    After::new(judge)
}

/// A question beside the response.
pub fn background(start: impl FnOnce(Moment) -> Step<Option<Event>> + 'static) -> Background {
    Background::new(start)
}
