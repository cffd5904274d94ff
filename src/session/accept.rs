//! Moving a session from another format (semantics 5.3): it is moved, never renewed.

use edgeward_primitives::digest;

use super::format::Presented;
use super::mapping::{NEVER, UNKNOWN, portable};
use super::own::Opened;
use super::store::Slot;
use super::{Lifetimes, Session, SessionError, Source};
use crate::base::{Timestamp, base64url};

/// A format that sessions are taken over from.
#[derive(Debug)]
pub struct Accepting {
    /// Opens its values.
    pub slot: Slot,
    /// Afterwards it is ignored.
    pub until: Timestamp,
    /// Whether the old cookie stays, for a staged roll-out.
    pub keep_old: bool,
}

impl Accepting {
    /// The session under the configured format. Nothing of it outlives the old value, the start plus the absolute bound,
    /// or `until`.
    ///
    /// # Errors
    /// `Malformed` for a value that knows neither its start nor its end, `Expired` past any of the bounds.
    pub fn take_over(
        &self,
        presented: &Presented,
        opened: &Opened,
        lifetimes: Lifetimes,
        now: Timestamp,
    ) -> Result<Opened, SessionError> {
        let old = &opened.session;
        if old.born == UNKNOWN && old.expires_at == NEVER {
            return Err(SessionError::Malformed);
        }
        let known = [Some(old.born).filter(|born| *born != UNKNOWN), old.auth_time];
        let born = known.into_iter().flatten().min().unwrap_or(now).min(now);
        let end = old.expires_at.min(self.until).min(born.plus(lifetimes.absolute));
        let end = opened.end.map_or(end, |hard| hard.min(end));
        if now >= end {
            return Err(SessionError::Expired);
        }
        let session = Session {
            subject: old.subject.clone(),
            session_id: Some(session_id(self.slot.recipe.name, presented)),
            source: Source::Accepted(self.slot.recipe.name.to_owned()),
            born,
            issued_at: now,
            expires_at: end,
            // What it proved, it proved to somebody else: `aal`, `max_age` and freshness are not met (semantics 5.3).
            auth_time: None,
            verified_at: None,
            aal: None,
            amr: Vec::new(),
            email: old.email.clone(),
            roles: old.roles.clone(),
            claims: portable(old),
        };
        Ok(Opened {
            session,
            binding: None,
            end: Some(end),
        })
    }
}

/// The same for the same old value, and known to nobody who does not have it: a tombstone for the moved session also
/// covers the old cookie.
#[must_use]
pub fn session_id(format: &str, presented: &Presented) -> String {
    let parts = ["edgeward accept v1\0", format, "\0", &presented.value];
    base64url::encode(digest::first::<16>(&digest::sha256(&parts.map(str::as_bytes))))
}
