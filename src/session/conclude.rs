//! From what every value opened to, to the one session that counts (semantics 4.1, 5.3).

use super::SessionError;
use super::search::Search;
use super::select::{more_telling, select};
use super::store::{Found, Lookup, Terms, Which};

impl Search {
    /// Ends the look-up.
    pub(super) fn conclude(mut self, terms: &Terms<'_>) -> Lookup {
        let spent = self
            .outcomes
            .iter()
            .any(|(_, candidate)| matches!(candidate.outcome, Err(SessionError::TooMuchWork)));
        let mut ended = Vec::new();
        let found = if spent {
            Err(SessionError::TooMuchWork)
        } else {
            let by_cookie = self.by_cookie(&mut ended, terms);
            match self.select(Which::Bearer) {
                Err(SessionError::Absent) => by_cookie,
                Err(error) => Err(error),
                Ok(bearer) => match by_cookie {
                    Ok(cookie) if cookie.opened.session.subject != bearer.opened.session.subject => {
                        Err(SessionError::Mixed)
                    }
                    Err(SessionError::Ambiguous) => Err(SessionError::Mixed),
                    _ => Ok(bearer),
                },
            }
        };
        Lookup {
            found,
            present: self.present,
            ended,
            tombstones: self.tombstones,
        }
    }

    /// The configured format first; an accepted one where it has nothing, and never beside another subject.
    fn by_cookie(
        &mut self,
        ended: &mut Vec<(Which, SessionError)>,
        terms: &Terms<'_>,
    ) -> Result<Found, SessionError> {
        let own = self.select(Which::Cookie);
        let mut accepted: Option<Found> = None;
        let mut error = own.as_ref().err().copied().unwrap_or(SessionError::Absent);
        let mut note = |which, found: SessionError| {
            if found.expires_cookie() {
                ended.push((which, found));
            }
        };
        if let Err(found) = own {
            note(Which::Cookie, found);
        }
        let mut subjects: Vec<String> = own
            .iter()
            .map(|found| found.opened.session.subject.clone())
            .collect();
        let mut ambiguous = error == SessionError::Ambiguous;
        for index in 0..self.reader.accepts.len() {
            let which = Which::Accept(index);
            match self.select(which) {
                Ok(found) => {
                    let subject = &found.opened.session.subject;
                    if !subjects.contains(subject) {
                        subjects.push(subject.clone());
                    }
                    accepted = accepted.or(Some(found));
                }
                Err(found) => {
                    note(which, found);
                    ambiguous |= found == SessionError::Ambiguous;
                    error = more_telling(error, found);
                }
            }
        }
        if ambiguous || subjects.len() > 1 {
            ended.clear();
            ended.push((Which::Cookie, SessionError::Ambiguous));
            let now = terms.now();
            let live = self
                .reader
                .accepts
                .iter()
                .enumerate()
                .filter(|(_, a)| now < a.until);
            ended.extend(live.map(|(index, _)| (Which::Accept(index), SessionError::Ambiguous)));
            return Err(SessionError::Ambiguous);
        }
        match (own, accepted) {
            (Ok(own), _) => Ok(own),
            // It was signed out here: no older cookie brings it back.
            (Err(SessionError::Tombstoned), _) => Err(SessionError::Tombstoned),
            (Err(_), Some(accepted)) => Ok(accepted),
            (Err(_), None) => Err(error),
        }
    }

    fn select(&mut self, which: Which) -> Result<Found, SessionError> {
        if let Some((_, fault)) = self.faults.iter().find(|(at, _)| *at == which) {
            return Err(*fault);
        }
        let mut candidates = Vec::new();
        let mut others = Vec::new();
        for (at, candidate) in std::mem::take(&mut self.outcomes) {
            if at == which {
                candidates.push(candidate);
            } else {
                others.push((at, candidate));
            }
        }
        self.outcomes = others;
        select(candidates).map(|(presented, opened)| Found {
            presented,
            opened,
            from: which,
        })
    }
}
