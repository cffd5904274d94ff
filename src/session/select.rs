//! Which of several values counts (semantics 4.1).

use super::format::Presented;
use super::own::Opened;
use super::{Binding, SessionError};

/// One value of a session name and what came of opening it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The value as it was presented.
    pub presented: Presented,
    /// The session, or why it is none.
    pub outcome: Result<Opened, SessionError>,
}

/// Selects among all opened values: for one subject the newest, for two none.
///
/// # Errors
/// `Absent` without a candidate, `Ambiguous` for two subjects, else the most telling of the candidates' errors.
pub fn select(candidates: Vec<Candidate>) -> Result<(Presented, Opened), SessionError> {
    let mut newest: Option<(Presented, Opened)> = None;
    let mut error = SessionError::Absent;
    for Candidate { presented, outcome } in candidates {
        match outcome {
            Err(found) => error = more_telling(error, found),
            Ok(opened) => match &newest {
                Some((_, chosen)) if chosen.session.subject != opened.session.subject => {
                    return Err(SessionError::Ambiguous);
                }
                Some((_, chosen)) if chosen.session.issued_at >= opened.session.issued_at => {}
                _ => newest = Some((presented, opened)),
            },
        }
    }
    newest.ok_or(error)
}

/// Selects the upstream session cookie: one distinct value, or the one that the copy is bound to.
///
/// # Errors
/// `Absent` without a value, `Ambiguous` when none of several is the bound one.
pub fn select_upstream<'a>(
    cookie_name: &str,
    values: &[&'a str],
    bound: Option<Binding>,
) -> Result<&'a str, SessionError> {
    let mut distinct: Vec<&'a str> = Vec::new();
    for value in values {
        if !distinct.contains(value) {
            distinct.push(value);
        }
    }
    match (distinct.as_slice(), bound) {
        ([], _) => Err(SessionError::Absent),
        ([only], _) => Ok(only),
        (several, Some(bound)) => several
            .iter()
            .copied()
            .find(|value| Binding::of(cookie_name, value) == bound)
            .ok_or(SessionError::Ambiguous),
        (_, None) => Err(SessionError::Ambiguous),
    }
}

/// A value that opened and had ended says more than one that did not open, and that more than none.
pub(super) fn more_telling(a: SessionError, b: SessionError) -> SessionError {
    let rank = |error: SessionError| match error {
        SessionError::Absent => 0,
        SessionError::Malformed => 1,
        SessionError::Unopened => 2,
        SessionError::Audience => 3,
        SessionError::Unbound => 4,
        SessionError::UnknownKey => 5,
        SessionError::Lapsed => 6,
        SessionError::TooOld => 7,
        SessionError::Expired => 8,
        SessionError::Tombstoned => 9,
        SessionError::TooMuchWork => 10,
        SessionError::Mixed => 11,
        SessionError::Ambiguous => 12,
    };
    if rank(b) > rank(a) { b } else { a }
}
