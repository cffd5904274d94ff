//! What the origin gets of the session (semantics 4.2-4.4).

use super::assertion;
use super::onward::Told;
use super::standing::Holder;
use super::visit::Visit;
use crate::config::ToOrigin;
use crate::message::RequestEdits;
use crate::message::cookie::CookieRewrite;
use crate::outcome::Code;
use crate::policy::RequestClass;
use crate::session::Session;

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
    let (Some(slot), Some(plan)) = (visit.slot(), &visit.core.session) else {
        return Ok(());
    };
    if !visit.head.headers.contains("cookie") && !matches!(told, Told::Somebody(_)) {
        return Ok(());
    }
    let rewrite = CookieRewrite::new(&visit.head.headers).remove(&slot.tombstone_cookie);
    let rewrite = match (plan.to_origin, told) {
        (ToOrigin::Cookie, Told::NothingJudged) => rewrite,
        (
            ToOrigin::Cookie,
            Told::Somebody(Holder {
                value: Some(value), ..
            }),
        ) => rewrite
            .put(&slot.cookie, [(&slot.cookie, value)])
            .map_err(|_| Code::SessionMalformed)?,
        _ => rewrite.remove(&slot.cookie),
    };
    edits.set_cookie_header(rewrite.build());
    Ok(())
}

fn add(visit: &Visit, session: &Session, edits: &mut RequestEdits) {
    let core = &visit.core;
    if let Some(asserter) = &core.asserter
        && let Some(assertion) = asserter.sign(session, visit.now())
    {
        edits.set(assertion::HEADER, assertion);
    }
    for (name, pointer) in &core.identity.headers {
        let value = match pointer.find(&session.claims) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => continue,
        };
        // Text beyond ASCII has no agreed form in a header (RFC 9110 section 5.5).
        if value.bytes().all(|b| (0x20..0x7F).contains(&b)) {
            edits.set(name, value);
        }
    }
}
