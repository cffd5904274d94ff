//! Answers for hosts that have no gate to ask: a config that does not start, a trap, a stall.

use super::{Code, Event, Trace, answer};
use crate::decision::Respond;

/// The fail mode's answer: nothing is forwarded (invariant 5). `html` chooses a page over a problem document.
///
/// A host with the core in another instance takes both forms once, with a placeholder as `request_id`.
///
/// ```
/// # use edgeward::outcome::{Code, fail};
/// let answer = fail(Code::ConfigInvalid, false, "0011223344556677");
/// assert_eq!(answer.head.status, 500);
/// assert_eq!(answer.head.headers.get("cache-control"), Some("private, no-store"));
/// ```
#[must_use]
pub fn fail(code: Code, html: bool, request_id: &str) -> Respond {
    let event = Event {
        request_id: request_id.to_owned(),
        code,
        action: "respond",
        rule: None,
        class: None,
        session: None,
        status: None,
        trace: Trace::default(),
        effects: Vec::new(),
    };
    answer::refuse(
        event,
        &answer::Form {
            html,
            ..answer::Form::default()
        },
    )
}
