//! What the app itself asks: who the visitor is, to seal a session, to end one (semantics 4.3).
//!
//! The answers are data for the program beside the gate, never a response for the visitor: what is shown here may be more
//! than a visitor's script may see.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::assertion::{self, Opening};
use super::core::Core;
use super::standing::{self, Evidence, Holder};
use super::visit::Visit;
use super::{challenge, guard};
use crate::base::{Moment, Timestamp, base64url};
use crate::config::ConfigErrors;
use crate::config::read::{Errors, Node};
use crate::config::routes::read_requirement;
use crate::decision::{Body, Decision, Respond};
use crate::message::{RequestHead, ResponseHead};
use crate::outcome::{Code, answer};
use crate::policy::{Access, Bounds, RequestClass, Requirement};
use crate::session::own::Opened;
use crate::session::{Aal, Email, Session, Source};
use crate::step::{Reply, Step};

/// A question of the app's.
#[derive(Debug, Clone)]
pub enum Question {
    /// Who the visitor is, held against what `require` of a rule may hold; `Null` asks for a session and nothing else.
    Session(Value),
    /// The `Set-Cookie` lines that make the visitor this one: `sub`, and optionally `sid`, `email`, `email_verified`, `roles`,
    /// `aal`, `amr`, `auth_time`, `claims`.
    Seal(Value),
    /// The `Set-Cookie` lines that sign the visitor out.
    Clear,
}

/// Whom an answer of the gate's own describes, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// To the app: everything.
    App,
    /// To the visitor's script: what `session.to_client` lists.
    Client,
}

/// Answers with a `Respond`: 200 with data, or a problem document whose event holds the exact code.
pub(super) fn ask(core: &Rc<Core>, head: RequestHead, question: Question, moment: Moment) -> Step<Decision> {
    let mut visit = match guard::admit(Rc::clone(core), head, moment) {
        Ok(visit) => visit,
        Err(refusal) => return Step::Done(*refusal),
    };
    match question {
        Question::Session(require) => match requirement(core, &require) {
            Ok(requirement) => session(visit, requirement),
            Err(errors) => faulty(&visit, &errors),
        },
        Question::Seal(claims) => seal(visit, &claims),
        Question::Clear => {
            if let Some(lookup) = standing::look_up(&visit) {
                visit.sign_out(&lookup);
            }
            written(visit)
        }
    }
}

/// A guarded request whose answer is the session.
pub(super) fn of_visitor(mut visit: Visit, shown: Shown, requirement: Requirement) -> Step<Decision> {
    visit.class = RequestClass::Api;
    visit.shown = Some(shown);
    guard::hold(visit, requirement)
}

/// What every signed-in visitor meets.
pub(super) fn any_session(core: &Core) -> Requirement {
    Requirement {
        bounds: Bounds::of(core.given.fresh_within, None, None),
        ..Requirement::of(Access::Session)
    }
}

fn session(mut visit: Visit, requirement: Requirement) -> Step<Decision> {
    // Nothing is renewed for a question: nobody carries the cookies out.
    visit.question = true;
    match statement(&visit) {
        Opening::Closed => of_visitor(visit, Shown::App, requirement),
        Opening::Told(session) => of_statement(visit, requirement, session),
        Opening::Asks(pending) => {
            let effect = standing::verification(pending.request());
            visit.ask(effect, move |visit, reply, _| {
                // Any failure of the host's check is "false" (semantics 10.1).
                let verified = pending.conclude(matches!(reply, Reply::Verified(true))).ok();
                let asserter = visit.core.asserter.as_ref().zip(verified);
                let told = asserter.and_then(|(asserter, verified)| asserter.told(&verified, visit.now()));
                match told {
                    Some(session) => of_statement(visit, requirement, session),
                    None => of_visitor(visit, Shown::App, requirement),
                }
            })
        }
    }
}

/// The one assertion that the request has.
fn statement(visit: &Visit) -> Opening {
    let mut values = visit.head.headers.get_all(assertion::HEADER);
    match (&visit.core.asserter, values.next(), values.next()) {
        (Some(asserter), Some(only), None) => asserter.open(only, visit.now()),
        _ => Opening::Closed,
    }
}

fn of_statement(mut visit: Visit, requirement: Requirement, session: Session) -> Step<Decision> {
    visit.class = RequestClass::Api;
    visit.shown = Some(Shown::App);
    visit.session = ended_since(&visit, &session);
    if visit.session.is_some() {
        return guard::weigh(visit, requirement, Evidence::Nothing);
    }
    let opened = Opened {
        session,
        binding: None,
        end: None,
    };
    guard::weigh(
        visit,
        requirement,
        Evidence::Session(Holder::sealed(opened, None)),
    )
}

/// A statement lives for a minute, in which its session may end (semantics 3.4, 5.2).
fn ended_since(visit: &Visit, session: &Session) -> Option<Code> {
    let too_old = |not_before| session.issued_at < not_before;
    if visit.terms("").not_before.is_some_and(too_old) {
        return Some(Code::SessionTooOld);
    }
    let id = session.session_id.as_ref()?;
    let out = standing::look_up(visit)?.tombstones.contains(id);
    out.then_some(Code::SessionTombstoned)
}

fn requirement(core: &Core, require: &Value) -> Result<Requirement, ConfigErrors> {
    if require.is_null() {
        return Ok(any_session(core));
    }
    let errors = Errors::new();
    let node = Node::root(require, "requirement", &errors);
    let read = read_requirement(&node, core.given);
    if read.as_ref().is_some_and(|read| read.access != Access::Session) {
        node.refuse(
            "config.value",
            "`session`, or a table of what the session must have",
            "",
        );
    }
    let found = errors.into_inner();
    match read {
        Some(requirement) if found.is_empty() => Ok(requirement),
        _ => Err(ConfigErrors(found)),
    }
}

/// The answer about somebody who meets the requirement.
pub(super) fn show(visit: Visit, shown: Shown, session: &Session) -> Step<Decision> {
    let data = match shown {
        Shown::App => whole(session),
        Shown::Client => listed(&visit.core, session),
    };
    respond(visit, Code::Endpoint, &data)
}

fn respond(mut visit: Visit, code: Code, data: &Map<String, Value>) -> Step<Decision> {
    let mut headers = answer::private_headers();
    headers.append("content-type", "application/json");
    visit.append_cookies(&mut headers);
    let body = if visit.is_head() {
        Body::None
    } else {
        Body::Bytes(serde_json::to_vec(data).unwrap_or_default())
    };
    Step::Done(Decision::Respond(Respond {
        head: ResponseHead { status: 200, headers },
        body,
        event: visit.event(code, "respond", Some(200)),
    }))
}

fn written(visit: Visit) -> Step<Decision> {
    respond(visit, Code::Endpoint, &Map::new())
}

fn faulty(visit: &Visit, errors: &ConfigErrors) -> Step<Decision> {
    let texts: Vec<Value> = errors
        .0
        .iter()
        .map(|error| Value::from(error.to_string()))
        .collect();
    let body = serde_json::to_vec(&Value::from(texts)).unwrap_or_default();
    Step::Done(Decision::Respond(Respond {
        head: ResponseHead {
            status: 500,
            headers: answer::private_headers(),
        },
        body: Body::Bytes(body),
        event: visit.event(Code::ConfigInvalid, "respond", Some(500)),
    }))
}

fn seal(mut visit: Visit, claims: &Value) -> Step<Decision> {
    visit.class = RequestClass::Api;
    let errors = Errors::new();
    let node = Node::root(claims, "session", &errors);
    if visit.slot().is_none_or(|slot| !slot.write) || visit.core.kratos.is_some() {
        node.refuse(
            "config.capability",
            "a config whose `session.format` is `edgeward`, without `[kratos]`",
            "let the library that owns the format write its cookie",
        );
    }
    let session = read_session(&mut visit, &node);
    let found = errors.into_inner();
    let (Some(session), true) = (session, found.is_empty()) else {
        return faulty(&visit, &ConfigErrors(found));
    };
    let opened = Opened {
        session,
        binding: None,
        end: None,
    };
    match visit.write_session(&opened) {
        Some(_) => written(visit),
        None => challenge::refuse(visit, Code::SessionTooLarge),
    }
}

fn read_session(visit: &mut Visit, node: &Node<'_>) -> Option<Session> {
    let now = visit.now();
    let mut table = node.table()?;
    let subject = table
        .need("sub", "the user's id, a text")
        .and_then(|n| n.string().map(str::to_owned));
    let session_id = table.get("sid").and_then(|n| n.string().map(str::to_owned));
    let email = table.get("email").and_then(|n| n.string().map(str::to_owned));
    let verified = table.get("email_verified").and_then(|n| n.boolean());
    let roles = table.get("roles").and_then(|n| n.strings()).unwrap_or_default();
    let amr = table.get("amr").and_then(|n| n.strings()).unwrap_or_default();
    let aal = table
        .get("aal")
        .and_then(|n| n.one_of(&[("aal1", Aal::Aal1), ("aal2", Aal::Aal2), ("aal3", Aal::Aal3)]));
    let auth_time = table
        .get("auth_time")
        .and_then(|n| n.integer(0, now.as_secs()))
        .map(Timestamp::from_secs);
    let claims = table.get("claims").and_then(|n| {
        let _ = n.table()?;
        n.value().as_object().cloned()
    });
    table.finish();
    Some(Session {
        subject: subject?,
        session_id: Some(session_id.unwrap_or_else(|| base64url::encode(visit.entropy.draw::<16>()))),
        source: Source::Own,
        born: now,
        issued_at: now,
        expires_at: now,
        auth_time: Some(auth_time.unwrap_or(now)),
        verified_at: None,
        aal,
        amr: amr.into_iter().map(str::to_owned).collect(),
        email: email.map(|address| Email { address, verified }),
        roles: roles.into_iter().map(str::to_owned).collect(),
        claims: claims.unwrap_or_default(),
    })
}

fn whole(session: &Session) -> Map<String, Value> {
    let mut data = common(session);
    let mut put = |name: &str, value: Value| data.insert(name.to_owned(), value);
    for name in [
        "sid",
        "born",
        "auth_time",
        "aal",
        "amr",
        "email",
        "email_verified",
        "roles",
    ] {
        if let Some(value) = own(session, name) {
            put(name, value);
        }
    }
    put("claims", Value::Object(session.claims.clone()));
    data
}

fn listed(core: &Core, session: &Session) -> Map<String, Value> {
    let mut data = common(session);
    for pointer in core.session.iter().flat_map(|plan| &plan.to_client) {
        let found = match pointer.find(&session.claims) {
            Some(value) => Some(value.clone()),
            None => match pointer.tokens() {
                [name] => own(session, name),
                _ => None,
            },
        };
        if let Some(value) = found {
            pointer.put(&mut data, value);
        }
    }
    data
}

fn common(session: &Session) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("sub".to_owned(), Value::from(&*session.subject));
    data.insert("exp".to_owned(), Value::from(session.expires_at.as_secs()));
    data
}

/// What the session itself knows, by its claim's name.
fn own(session: &Session, name: &str) -> Option<Value> {
    Some(match name {
        "sid" => Value::from(&**session.session_id.as_ref()?),
        "born" => Value::from(session.born.as_secs()),
        "auth_time" => Value::from(session.auth_time?.as_secs()),
        "aal" => Value::from(session.aal?.as_str()),
        "amr" => Value::from(session.amr.clone()),
        "roles" => Value::from(session.roles.clone()),
        "email" => Value::from(&*session.email.as_ref()?.address),
        "email_verified" => Value::from(session.email.as_ref()?.verified?),
        _ => return None,
    })
}
