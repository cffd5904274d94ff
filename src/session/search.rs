//! The look-up, resumable: every value is opened within one budget, and the one that counts is selected.
//!
//! Nothing of a request is borrowed between two steps. What the host must do comes out as [`Progress`]; the answer acts on
//! the values that its own request brought, and on nothing else (semantics 9.1).

use std::collections::VecDeque;
use std::rc::Rc;

use super::SessionError;
use super::bearer;
use super::chunk::{self, Gathered};
use super::format::{Budget, Opening, Presented, Verifying};
use super::keys::{KeyUse, SourceId};
use super::own::Opened;
use super::select::{Candidate, more_telling, select};
use super::store::{Codec, Found, Lookup, Reader, Slot, Terms, Which, roles_at};
use super::tombstone::Tombstones;
use crate::base::{Timestamp, limits};
use crate::jose::jws::VerifyRequest;
use crate::message::Headers;
use crate::message::cookie::Cookies;

/// How far a look-up came.
#[derive(Debug)]
pub enum Progress {
    /// To its end.
    Done(Lookup),
    /// A signature is to be verified.
    Verify(VerifyRequest, Suspended),
    /// A key set is to be fetched, and entered into the gate's key sets.
    Keys(SourceId, Suspended),
}

/// A look-up that waits for the host.
#[derive(Debug)]
pub struct Suspended {
    search: Search,
    task: (Which, Presented),
    verifying: Option<Verifying>,
}

#[derive(Debug)]
struct Search {
    reader: Rc<Reader>,
    queue: VecDeque<(Which, Presented)>,
    outcomes: Vec<(Which, Candidate)>,
    faults: Vec<(Which, SessionError)>,
    present: bool,
    tombstones: Tombstones,
    budget: Budget,
    /// Keys that the value under way was verified with.
    used: Vec<KeyUse>,
}

/// Begins a look-up over the fields of a request.
#[must_use]
pub fn begin(reader: &Rc<Reader>, headers: &Headers, terms: &Terms<'_>) -> Progress {
    let cookies = Cookies::parse(headers);
    let mut search = Search::new(Rc::clone(reader), &cookies, terms);
    search.gather(Which::Cookie, &cookies);
    if reader.slot.from_bearer {
        match bearer::token(headers) {
            Ok(None) => {}
            Ok(Some(token)) => search.queue.push_back((Which::Bearer, Presented::bearer(token))),
            Err(error) => search.faults.push((Which::Bearer, error)),
        }
    }
    let now = terms.now();
    for (index, accepting) in reader.accepts.iter().enumerate() {
        if now < accepting.until {
            search.gather(Which::Accept(index), &cookies);
        }
    }
    search.run(terms)
}

/// Looks at the configured format's cookies only and asks nobody: what needs the host counts as not opened.
#[must_use]
pub fn at_once(reader: &Rc<Reader>, headers: &Headers, terms: &Terms<'_>) -> Lookup {
    let cookies = Cookies::parse(headers);
    let mut search = Search::new(Rc::clone(reader), &cookies, terms);
    search.gather(Which::Cookie, &cookies);
    let mut progress = search.run(terms);
    loop {
        progress = match progress {
            Progress::Done(lookup) => return lookup,
            Progress::Verify(_, waiting) | Progress::Keys(_, waiting) => waiting.abandon(terms),
        };
    }
}

/// The values of accepted formats that the cookies present, not opened.
#[must_use]
pub fn accepted(reader: &Reader, headers: &Headers, now: Timestamp) -> Vec<(usize, Presented)> {
    let cookies = Cookies::parse(headers);
    let live = reader
        .accepts
        .iter()
        .enumerate()
        .filter(|(_, accepting)| now < accepting.until);
    live.flat_map(|(number, accepting)| {
        let gathered = gather(&accepting.slot, &cookies);
        gathered.values.into_iter().map(move |value| (number, value))
    })
    .collect()
}

fn gather(slot: &Slot, cookies: &Cookies<'_>) -> Gathered {
    match &slot.codec {
        Codec::Own(_) => chunk::gather(cookies, &slot.names, slot.recipe.chunks),
        Codec::Foreign(format) => format.gather(cookies, &slot.names, slot.recipe.chunks),
    }
}

impl Suspended {
    /// Goes on with the host's word on the signature.
    #[must_use]
    pub fn verified(mut self, verified: bool, terms: &Terms<'_>) -> Progress {
        let Some(verifying) = self.verifying.take() else {
            return self.keys(terms);
        };
        let key = verifying.key.clone().filter(|_| verified);
        self.search.used.extend(key);
        let opening = {
            let at = terms.at(&self.search.budget);
            verifying.conclude(verified, &at)
        };
        self.search.go_on(self.task, opening, terms)
    }

    /// Goes on after the key set was asked for, whatever came of it: the value is opened anew.
    #[must_use]
    pub fn keys(mut self, terms: &Terms<'_>) -> Progress {
        self.search.used.clear();
        self.search.queue.push_front(self.task);
        self.search.run(terms)
    }

    /// Goes on without the value: the host may not be asked any more.
    #[must_use]
    pub fn unknown(mut self, terms: &Terms<'_>) -> Progress {
        self.search
            .record(self.task, Err(SessionError::UnknownKey), terms);
        self.search.run(terms)
    }

    fn abandon(mut self, terms: &Terms<'_>) -> Progress {
        self.search.record(self.task, Err(SessionError::Unopened), terms);
        self.search.run(terms)
    }
}

impl Search {
    fn new(reader: Rc<Reader>, cookies: &Cookies<'_>, terms: &Terms<'_>) -> Self {
        let mut tombstones = Tombstones::default();
        for value in cookies
            .values(&reader.slot.tombstone_cookie)
            .take(limits::VALUES_PER_NAME)
        {
            tombstones.merge(Tombstones::open(&reader.slot.tombstone_keys, value, terms.now()));
        }
        Self {
            reader,
            queue: VecDeque::new(),
            outcomes: Vec::new(),
            faults: Vec::new(),
            present: false,
            tombstones,
            budget: Budget::default(),
            used: Vec::new(),
        }
    }

    fn slot(&self, which: Which) -> Option<&Slot> {
        slot_of(&self.reader, which)
    }

    fn gather(&mut self, which: Which, cookies: &Cookies<'_>) {
        let reader = Rc::clone(&self.reader);
        let Some(slot) = slot_of(&reader, which).filter(|slot| slot.from_cookie) else {
            return;
        };
        let gathered = gather(slot, cookies);
        self.present |= gathered.present && which == Which::Cookie;
        if let Some(fault) = gathered.fault {
            self.faults.push((which, fault));
        } else {
            self.queue
                .extend(gathered.values.into_iter().map(|value| (which, value)));
        }
    }

    fn run(mut self, terms: &Terms<'_>) -> Progress {
        while let Some((which, presented)) = self.queue.pop_front() {
            if let Some(opened) = self.remembered(which, &presented, terms) {
                self.judge((which, presented), Ok(opened), terms);
                continue;
            }
            let opening = self.open(which, &presented, terms);
            match opening {
                Opening::Verify(verifying) => return self.suspend((which, presented), verifying),
                Opening::NeedsKeys(source) => {
                    return Progress::Keys(
                        source,
                        Suspended {
                            search: self,
                            task: (which, presented),
                            verifying: None,
                        },
                    );
                }
                Opening::Opened(opened) => self.record((which, presented), Ok(*opened), terms),
                Opening::Failed(error) => self.record((which, presented), Err(error), terms),
            }
        }
        Progress::Done(self.conclude(terms))
    }

    fn go_on(mut self, task: (Which, Presented), opening: Opening, terms: &Terms<'_>) -> Progress {
        match opening {
            Opening::Verify(verifying) => return self.suspend(task, verifying),
            Opening::NeedsKeys(source) => {
                return Progress::Keys(
                    source,
                    Suspended {
                        search: self,
                        task,
                        verifying: None,
                    },
                );
            }
            Opening::Opened(opened) => self.record(task, Ok(*opened), terms),
            Opening::Failed(error) => self.record(task, Err(error), terms),
        }
        self.run(terms)
    }

    fn suspend(self, task: (Which, Presented), verifying: Verifying) -> Progress {
        let request = verifying.request.clone();
        Progress::Verify(
            request,
            Suspended {
                search: self,
                task,
                verifying: Some(verifying),
            },
        )
    }

    fn remembered(&self, which: Which, presented: &Presented, terms: &Terms<'_>) -> Option<Opened> {
        let slot = self.slot(which)?;
        let holds = |used: &[KeyUse]| {
            let sets = terms.key_sets.borrow();
            used.iter().all(|used| sets.holds(used, terms.now_ms))
        };
        terms.memo.borrow_mut().get(
            memo_slot(slot, which, presented),
            presented,
            terms.audience,
            terms.now(),
            holds,
        )
    }

    fn open(&mut self, which: Which, presented: &Presented, terms: &Terms<'_>) -> Opening {
        self.used.clear();
        let beside: usize = presented.beside.iter().map(|(_, value)| value.len()).sum();
        if let Err(error) = self.budget.bytes(presented.value.len().saturating_add(beside)) {
            return Opening::Failed(error);
        }
        let Some(slot) = self.slot(which) else {
            return Opening::Failed(SessionError::Absent);
        };
        match &slot.codec {
            Codec::Own(format) => match self.budget.trial() {
                Ok(()) => Opening::of(format.open(&presented.value, terms.audience, terms.now())),
                Err(error) => Opening::Failed(error),
            },
            Codec::Foreign(format) => Rc::clone(format).open(presented, &terms.at(&self.budget)),
        }
    }

    /// Remembers what a value opened to, and judges it.
    fn record(&mut self, task: (Which, Presented), outcome: Result<Opened, SessionError>, terms: &Terms<'_>) {
        let (which, presented) = &task;
        let used = std::mem::take(&mut self.used);
        let outcome = match (outcome, self.slot(*which)) {
            (Ok(mut opened), Some(slot)) => {
                if let (true, Some(pointer)) = (opened.session.roles.is_empty(), terms.roles) {
                    opened.session.roles = roles_at(pointer, &opened.session.claims);
                }
                let number = memo_slot(slot, *which, presented);
                terms
                    .memo
                    .borrow_mut()
                    .put(number, presented, terms.audience, &opened, used);
                Ok(opened)
            }
            // The app renews such a value itself; ending its cookie would end the session.
            (Err(SessionError::Expired), Some(slot)) if slot.recipe.can.renewed => Err(SessionError::Lapsed),
            (outcome, _) => outcome,
        };
        self.judge(task, outcome, terms);
    }

    /// What is judged on every use, memo hits included.
    fn judge(
        &mut self,
        (which, presented): (Which, Presented),
        outcome: Result<Opened, SessionError>,
        terms: &Terms<'_>,
    ) {
        let outcome = outcome
            .and_then(|opened| match which {
                Which::Accept(index) => {
                    let accepting = self.reader.accepts.get(index).ok_or(SessionError::Absent)?;
                    accepting.take_over(&presented, &opened, self.reader.slot.lifetimes, terms.now())
                }
                Which::Cookie | Which::Bearer => Ok(opened),
            })
            .and_then(|opened| {
                let session = &opened.session;
                if terms
                    .not_before
                    .is_some_and(|not_before| session.born < not_before)
                {
                    return Err(SessionError::TooOld);
                }
                let out = |id: &str| self.tombstones.contains(id);
                if session.session_id.as_deref().is_some_and(out) {
                    return Err(SessionError::Tombstoned);
                }
                Ok(opened)
            });
        self.outcomes.push((which, Candidate { presented, outcome }));
    }

    fn conclude(mut self, terms: &Terms<'_>) -> Lookup {
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

fn slot_of(reader: &Reader, which: Which) -> Option<&Slot> {
    match which {
        Which::Cookie | Which::Bearer => Some(&reader.slot),
        Which::Accept(index) => reader.accepts.get(index).map(|accepting| &accepting.slot),
    }
}

/// A value under another name is another value to the memo: for some formats the name is part of the key.
fn memo_slot(slot: &Slot, which: Which, presented: &Presented) -> u32 {
    let name = if which == Which::Bearer {
        0xFF
    } else {
        presented.name.min(0xFE)
    };
    u32::from(slot.number) << 8 | u32::try_from(name).unwrap_or(0xFE)
}
