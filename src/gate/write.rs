//! What the gate writes into the browser: the session, its end, what was signed out.

use super::core::KratosPlan;
use super::visit::Visit;
use crate::kratos::down::edit_cookie;
use crate::kratos::whoami::Reissued;
use crate::message::cookie::Cookies;
use crate::message::set_cookie::{SetCookie, expiries};
use crate::outcome::Code;
use crate::session::own::{Opened, Sealed};
use crate::session::store::{Codec, Lookup};
use crate::session::{SessionError, Source};

impl Visit {
    /// Whether an answer to this request may carry cookies of ours at all (semantics 1.10).
    pub(super) const fn may_write(&self) -> bool {
        self.class.may_write_session()
    }

    /// Whether the session may be sealed anew for this request (semantics 5.1).
    pub(super) fn may_roll(&self) -> bool {
        let logout = self
            .core
            .session
            .as_ref()
            .is_some_and(|plan| plan.logout.contains(&self.path));
        self.may_write() && !logout
    }

    /// Seals a session and gives back the value; its cookie is written where cookies may be. `None` for a format that is
    /// read-only, and for a session over the cookie's budget.
    pub(super) fn write_session(&mut self, opened: &Opened) -> Option<String> {
        let (now, audience) = (self.now(), self.audience());
        let core = std::rc::Rc::clone(&self.core);
        let slot = core.slot(&self.origin.origin)?;
        let Codec::Edgeward(format) = &slot.codec else {
            return None;
        };
        match format.seal(opened, &audience, now, &mut self.entropy) {
            Ok(Sealed { value, max_age }) => {
                if self.may_write() {
                    let cookie = SetCookie::new(&slot.cookie, &value)
                        .max_age(max_age)
                        .secure(slot.secure);
                    self.set_cookies.extend(cookie.build());
                }
                Some(value)
            }
            Err(_) => {
                self.session = Some(Code::SessionTooLarge);
                None
            }
        }
    }

    /// Ends the session cookie in this browser, where cookies may be written.
    pub(super) fn end_session_cookie(&mut self) {
        if !self.may_write() {
            return;
        }
        let core = std::rc::Rc::clone(&self.core);
        if let Some(slot) = core.slot(&self.origin.origin) {
            self.set_cookies
                .extend(SetCookie::expired(&slot.cookie).secure(slot.secure).build());
        }
    }

    /// Ends what the look-up found ended, and every scope of a name that is ambiguous (semantics 4.1, 4.5).
    pub(super) fn end_if_ended(&mut self, error: SessionError) {
        if !self.may_write() || !error.expires_cookie() {
            return;
        }
        if error == SessionError::Ambiguous {
            let core = std::rc::Rc::clone(&self.core);
            if let Some(slot) = core.slot(&self.origin.origin) {
                let lines = expiries(&slot.cookie, self.origin.origin.host(), &self.path, slot.secure);
                self.set_cookies.extend(lines);
            }
        } else {
            self.end_session_cookie();
        }
    }

    /// Signs the session out of this browser: its cookie ends, and a tombstone stops late responses (semantics 5.2).
    ///
    /// Called for an answer that did sign out, whatever the class of the request.
    pub(super) fn sign_out(&mut self, lookup: &Lookup) {
        let core = std::rc::Rc::clone(&self.core);
        let (Some(slot), Ok((_, opened))) = (core.slot(&self.origin.origin), &lookup.found) else {
            if lookup.present {
                self.end_session_cookie();
            }
            return;
        };
        self.end_session_cookie();
        let Codec::Edgeward(format) = &slot.codec else {
            return;
        };
        let Some(session_id) = &opened.session.session_id else {
            return;
        };
        let now = self.now();
        let max_age = opened.session.born.plus(format.lifetimes.absolute).since(now);
        let mut tombstones = lookup.tombstones.clone();
        tombstones.add(session_id, now);
        if let Some(value) = tombstones.seal(&slot.tombstone_keys, now, max_age, &mut self.entropy) {
            let cookie = SetCookie::new(&slot.tombstone_cookie, &value)
                .max_age(max_age)
                .secure(slot.secure);
            self.set_cookies.extend(cookie.build());
        }
    }

    /// Passes on a session cookie that whoami re-issued; `false` where no response can carry it (semantics 6.4).
    pub(super) fn write_reissued(&mut self, plan: &KratosPlan, reissued: &Reissued) -> bool {
        let line = edit_cookie(
            &plan.upstream,
            &reissued.line,
            &self.origin.origin,
            plan.cookie_domain.as_ref(),
        );
        match line {
            Some(line) if self.may_write() => {
                self.set_cookies.push(line);
                true
            }
            _ => false,
        }
    }

    /// Whatever stands under the session's name goes, whichever upstream session it was a copy of.
    pub(super) fn end_copy(&mut self) {
        let cookies = Cookies::parse(&self.head.headers);
        if self
            .slot()
            .is_some_and(|slot| cookies.values(&slot.cookie).next().is_some())
        {
            self.end_session_cookie();
        }
    }

    /// Seals the session anew when that is due; the value that the origin should see.
    pub(super) fn roll(&mut self, opened: &Opened) -> Option<String> {
        let core = std::rc::Rc::clone(&self.core);
        let slot = core.slot(&self.origin.origin)?;
        let Codec::Edgeward(format) = &slot.codec else {
            return None;
        };
        let due = format.lifetimes.roll_due(opened.session.issued_at, self.now());
        // An accepted session is moved, never renewed (semantics 5.3).
        let renewable = !matches!(opened.session.source, Source::Accepted(_));
        (due && renewable && self.may_roll()).then(|| self.write_session(opened))?
    }
}
