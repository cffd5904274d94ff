//! What the gate writes into the browser: the session, its end, what was signed out.

use std::rc::Rc;

use super::core::KratosPlan;
use super::standing::Holder;
use super::visit::Visit;
use crate::kratos::down::edit_cookie;
use crate::kratos::whoami::Reissued;
use crate::message::cookie::Cookies;
use crate::message::set_cookie::{SetCookie, expiries};
use crate::message::url::Scheme;
use crate::outcome::Code;
use crate::session::own::{Opened, Sealed};
use crate::session::store::{Found, Lookup, Slot, Which};
use crate::session::{SessionError, accept, chunk, search};

impl Visit {
    /// Whether an answer to this request may carry cookies of ours at all (semantics 1.10).
    pub(super) const fn may_write(&self) -> bool {
        self.class.may_write_session() && !self.question
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

    /// Seals a session and gives back the pairs that carry it; its cookies are written where cookies may be. `None` for a
    /// format that is read-only, and for a session over the cookie's budget.
    pub(super) fn write_session(&mut self, opened: &Opened) -> Option<Vec<(String, String)>> {
        let reader = self.reader()?;
        if !reader.slot.write {
            return None;
        }
        let sealed = self.sealed(|visit, entropy| {
            let audience = visit.audience();
            reader.slot.seal(opened, &visit.terms(&audience), entropy)
        });
        let write = self.may_write();
        self.write(&reader.slot, 0, sealed, write)
    }

    /// Takes a session over from another format: it is sealed in the configured one, and the old cookie goes unless the
    /// config keeps it (semantics 5.3).
    pub(super) fn take_over(&mut self, number: usize, found: Found) -> Holder {
        let mut pairs = None;
        if let Some(reader) = self.reader() {
            let sealed = self.sealed(|visit, entropy| {
                let audience = visit.audience();
                reader.slot.seal(&found.opened, &visit.terms(&audience), entropy)
            });
            let write = self.may_roll();
            pairs = self.write(&reader.slot, 0, sealed, write);
            if let Some(accepting) = reader.accepts.get(number) {
                match &mut pairs {
                    Some(new) if accepting.keep_old => new.extend(accepting.slot.pairs(&found.presented)),
                    Some(new) if write => {
                        let written: Vec<String> = new.iter().map(|(name, _)| name.clone()).collect();
                        self.expire(&accepting.slot, |name| !written.iter().any(|w| w == name));
                    }
                    _ => {}
                }
            }
        }
        Holder::sealed(found.opened, pairs)
    }

    fn sealed(
        &mut self,
        seal: impl FnOnce(&Self, &mut crate::base::Entropy) -> Option<Sealed>,
    ) -> Option<Sealed> {
        let mut entropy = self.entropy.fork();
        seal(self, &mut entropy)
    }

    /// Writes a sealed value under one of the format's names: one cookie or its chunks, and an end to what a longer value
    /// left behind.
    fn write(
        &mut self,
        slot: &Slot,
        name: usize,
        sealed: Option<Sealed>,
        write: bool,
    ) -> Option<Vec<(String, String)>> {
        let lines = sealed.and_then(|Sealed { value, max_age }| {
            let pairs = slot.cut(name, &value)?;
            let lines: Result<Vec<_>, _> = pairs
                .iter()
                .map(|(name, value)| {
                    SetCookie::new(name, value)
                        .max_age(max_age)
                        .secure(self.secure(slot, name))
                        .build()
                })
                .collect();
            Some((pairs, lines.ok()?))
        });
        let Some((pairs, lines)) = lines else {
            self.session = Some(Code::SessionTooLarge);
            return None;
        };
        if write {
            self.set_cookies.extend(lines);
            let base: Vec<String> = slot.names.get(name).cloned().into_iter().collect();
            self.expire(slot, |cookie| {
                chunk::belongs(cookie, &base, slot.recipe.chunks) && !pairs.iter().any(|(n, _)| n == cookie)
            });
        }
        Some(pairs)
    }

    /// Ends those cookies of a format that the request brought and `which` names.
    fn expire(&mut self, slot: &Slot, which: impl Fn(&str) -> bool) {
        let names = slot.present(&Cookies::parse(&self.head.headers));
        for name in names.iter().filter(|name| which(name)) {
            let line = SetCookie::expired(name).secure(self.secure(slot, name)).build();
            self.set_cookies.extend(line);
        }
    }

    /// Plain http on loopback has no secure cookies but those whose name says so, which Chromium takes (semantics 3.3).
    fn secure(&self, slot: &Slot, name: &str) -> bool {
        slot.secure && (self.origin.origin.scheme() == Scheme::Https || name.starts_with("__"))
    }

    /// Ends the session cookie in this browser, where cookies may be written.
    pub(super) fn end_session_cookie(&mut self) {
        if self.may_write() {
            self.end_cookies_of(Which::Cookie);
        }
    }

    fn end_cookies_of(&mut self, which: Which) {
        let Some(reader) = self.reader() else { return };
        let slot = match which {
            Which::Cookie | Which::Bearer => &reader.slot,
            Which::Accept(number) => match reader.accepts.get(number) {
                Some(accepting) => &accepting.slot,
                None => return,
            },
        };
        let before = self.set_cookies.len();
        self.expire(slot, |_| true);
        if self.set_cookies.len() == before && which == Which::Cookie {
            let line = SetCookie::expired(slot.cookie()).secure(self.secure(slot, slot.cookie()));
            self.set_cookies.extend(line.build());
        }
    }

    /// Ends what the look-up found ended, and every scope of a name that is ambiguous (semantics 4.1, 4.5).
    pub(super) fn end_if_ended(&mut self, which: Which, error: SessionError) {
        if !self.may_write() || !error.expires_cookie() {
            return;
        }
        if error != SessionError::Ambiguous {
            self.end_cookies_of(which);
            return;
        }
        let Some(reader) = self.reader() else { return };
        let slot = match which {
            Which::Accept(number) => reader.accepts.get(number).map(|accepting| &accepting.slot),
            Which::Cookie | Which::Bearer => Some(&reader.slot),
        };
        let Some(slot) = slot else { return };
        for name in slot.present(&Cookies::parse(&self.head.headers)) {
            let secure = self.secure(slot, &name);
            let lines = expiries(&name, self.origin.origin.host(), &self.path, secure);
            self.set_cookies.extend(lines);
        }
    }

    /// Signs the session out of this browser: its cookies end, those of accepted formats too, and a tombstone stops late
    /// responses (semantics 5.2, 5.3).
    ///
    /// Called for an answer that did sign out, whatever the class of the request.
    pub(super) fn sign_out(&mut self, lookup: &Lookup) {
        let Some(reader) = self.reader() else { return };
        let slot = &reader.slot;
        let now = self.now();
        let old = search::accepted(&reader, &self.head.headers, now);
        if lookup.present {
            self.end_cookies_of(Which::Cookie);
        }
        for number in 0..reader.accepts.len() {
            self.end_cookies_of(Which::Accept(number));
        }
        let mut ids: Vec<String> = old
            .iter()
            .filter_map(|(number, presented)| {
                let accepting = reader.accepts.get(*number)?;
                Some(accept::session_id(accepting.slot.recipe.name, presented))
            })
            .collect();
        let mut born = now;
        if let Ok(found) = &lookup.found {
            born = found.opened.session.born;
            ids.extend(found.opened.session.session_id.clone());
        }
        if !slot.recipe.can.audience || ids.is_empty() {
            return;
        }
        let max_age = born.plus(slot.lifetimes.absolute).since(now);
        let mut tombstones = lookup.tombstones.clone();
        for id in &ids {
            tombstones.add(id, now);
        }
        if let Some(value) = tombstones.seal(&slot.tombstone_keys, now, max_age, &mut self.entropy) {
            let cookie = SetCookie::new(&slot.tombstone_cookie, &value)
                .max_age(max_age)
                .secure(slot.secure);
            self.set_cookies.extend(cookie.build());
        }
    }

    /// Ends whatever this browser keeps of a session: every cookie of ours and of accepted formats, and the identity
    /// server's session cookie, without which it signs nobody in again (semantics 4.5, 11.1).
    pub(super) fn clear_session(&mut self) {
        let Some(reader) = self.reader() else { return };
        self.set_cookies.clear();
        self.end_cookies_of(Which::Cookie);
        for number in 0..reader.accepts.len() {
            self.end_cookies_of(Which::Accept(number));
        }
        let slot = &reader.slot;
        let secure = self.secure(slot, &slot.tombstone_cookie);
        let tombstones = SetCookie::expired(&slot.tombstone_cookie).secure(secure).build();
        self.set_cookies.extend(tombstones);
        let core = Rc::clone(&self.core);
        let https = self.origin.origin.scheme() == Scheme::Https;
        let hops = core.hops(&self.origin.origin).and_then(|hops| hops.expiry(https));
        self.set_cookies.extend(hops);
        if let Some(plan) = &core.kratos {
            let wide = plan.cookie_domain.as_ref().map(Some);
            for domain in std::iter::once(None).chain(wide) {
                let line = SetCookie::expired(plan.upstream.session_cookie())
                    .domain(domain)
                    .secure(https);
                self.set_cookies.extend(line.build());
            }
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
        if self.slot().is_some_and(|slot| !slot.present(&cookies).is_empty()) {
            self.end_session_cookie();
        }
    }

    /// Seals the session anew when that is due; the origin sees the new value.
    pub(super) fn roll(&mut self, holder: &mut Holder) {
        let (Some(reader), Some(presented)) = (self.reader(), holder.presented.take()) else {
            return;
        };
        let slot = &reader.slot;
        // A session that was moved ends when it always would have: its hard end is sealed with it (semantics 5.3).
        if !slot.write || !slot.roll_due(&holder.opened, self.now()) || !self.may_roll() {
            return;
        }
        let sealed = self.sealed(|visit, entropy| {
            let audience = visit.audience();
            slot.reseal(&presented, &holder.opened, &visit.terms(&audience), entropy)
        });
        if let Some(renewed) = self.write(slot, presented.name, sealed, true) {
            holder.pairs = Some(renewed);
        }
    }
}
