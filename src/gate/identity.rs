//! What the origin gets of the session (semantics 4.2-4.4).

use super::assertion;
use super::onward::Told;
use super::standing::Holder;
use super::visit::Visit;
use crate::base::json;
use crate::config::ToOrigin;
use crate::message::cookie::{CookieRewrite, Cookies};
use crate::message::{Headers, RequestEdits};
use crate::outcome::Code;
use crate::policy::RequestClass;
use crate::session::recipe::{Bare, Chunks};
use crate::session::store::Slot;
use crate::session::{Session, bearer};

/// The shared secret that keeps others from the origin (semantics 4.4).
pub(super) const LOCK_HEADER: &str = "x-edgeward-origin-lock";

/// The `Cookie` field that goes on, the signed statement, and the configured identity fields.
pub(super) fn edits(visit: &Visit, told: &Told<'_>) -> Result<RequestEdits, Code> {
    let mut edits = RequestEdits::new();
    if visit.class == RequestClass::Preflight {
        edits.set_cookie_header(None);
        edits.remove("authorization");
        return Ok(edits);
    }
    cookies(visit, told, &mut edits)?;
    if let Told::Somebody(holder) = told {
        add(visit, &holder.opened.session, &mut edits);
    }
    Ok(edits)
}

/// The session that was judged is the session that goes on, once; our other cookies never do.
fn cookies(visit: &Visit, told: &Told<'_>, edits: &mut RequestEdits) -> Result<(), Code> {
    let (Some(reader), Some(plan)) = (visit.reader(), &visit.core.session) else {
        return Ok(());
    };
    let slot = &reader.slot;
    // The field that a bearer token came in is a session, too: the judged one or none.
    let bearer =
        matches!(told, Told::Somebody(Holder { bearer: true, .. })) && plan.to_origin == ToOrigin::Cookie;
    let shows_bearer = || bearer::token(&visit.head.headers) != Ok(None);
    if slot.from_bearer && !bearer && !matches!(told, Told::NothingJudged) && shows_bearer() {
        edits.remove("authorization");
    }
    if !visit.head.headers.contains("cookie") && !matches!(told, Told::Somebody(_)) {
        return Ok(());
    }
    let mut rewrite = CookieRewrite::new(&visit.head.headers).remove(&slot.tombstone_cookie);
    if let Some(hops) = visit.core.hops(&visit.origin.origin) {
        rewrite = rewrite.remove(&hops.cookie);
    }
    if let (ToOrigin::Cookie, Told::NothingJudged) = (plan.to_origin, told) {
        edits.set_cookie_header(rewrite.build());
        return Ok(());
    }
    let mut rewrite = without(rewrite, slot, &visit.head.headers);
    for accepting in &reader.accepts {
        if visit.now() < accepting.until {
            rewrite = without(rewrite, &accepting.slot, &visit.head.headers);
        }
    }
    if let (
        ToOrigin::Cookie,
        Told::Somebody(Holder {
            pairs: Some(pairs), ..
        }),
    ) = (plan.to_origin, told)
    {
        rewrite = rewrite
            .put(slot.cookie(), pairs.iter().map(|(name, value)| (name, value)))
            .map_err(|_| Code::SessionMalformed)?;
    }
    edits.set_cookie_header(rewrite.build());
    Ok(())
}

/// Drops every cookie that some reader below might take for a session of this format.
fn without<'a>(mut rewrite: CookieRewrite<'a>, slot: &Slot, headers: &Headers) -> CookieRewrite<'a> {
    for name in &slot.names {
        rewrite = match slot.recipe.chunks {
            Chunks::Numbered(rule) if rule.bare == Bare::Begins && !rule.joint.is_empty() => {
                rewrite.remove_prefix(name)
            }
            _ => rewrite.remove(name),
        };
    }
    let also = slot.present(&Cookies::parse(headers));
    for name in also.iter().filter(|name| !slot.names.contains(name)) {
        rewrite = rewrite.remove(name);
    }
    rewrite
}

fn add(visit: &Visit, session: &Session, edits: &mut RequestEdits) {
    let core = &visit.core;
    if let Some(assertion) = &visit.assertion {
        edits.set(assertion::HEADER, assertion);
    }
    for (name, pointer) in &core.identity.headers {
        let value = match pointer.find(&session.claims) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => json::text(value),
            None => continue,
        };
        // Text beyond ASCII has no agreed form in a header (RFC 9110 section 5.5).
        if value.bytes().all(|b| (0x20..0x7F).contains(&b)) {
            edits.set(name, value);
        }
    }
}
