//! Turning a visitor away: to the sign-in, to a second factor, or with an answer of ours. The request class chooses the
//! form, never the verdict (semantics 1.10).

use std::rc::Rc;

use super::visit::Visit;
use super::whoami::Trouble;
use super::{Core, endpoints, loops, trace};
use crate::base::Moment;
use crate::config::WhoamiAal;
use crate::decision::{Decision, Redirect, Respond};
use crate::kratos::flow::Login;
use crate::message::return_to::ReturnTo;
use crate::message::{Headers, RequestHead, query};
use crate::outcome::answer::{self, Form};
use crate::outcome::{Code, Event, Trace};
use crate::policy::{self, Access, Finding, OnNoSecondFactor, RequestClass, Requirement, Verdict};
use crate::session::{Aal, Session, bearer};
use crate::step::Step;

/// Refuses a request whose origin is not even known.
pub(super) fn refuse_early(core: &Core, head: &RequestHead, code: Code, moment: &Moment) -> Decision {
    let class = RequestClass::of(&head.method, &head.headers, policy::Shell::Front);
    let event = Event {
        request_id: core.request_ids.of(&moment.entropy),
        code,
        action: "respond",
        rule: None,
        class: Some(class.as_str()),
        session: None,
        status: None,
        trace: Trace::default(),
        effects: Vec::new(),
    };
    let form = Form {
        html: class == RequestClass::Navigation,
        head_only: head.method == "HEAD",
        ..Form::default()
    };
    Decision::Respond(answer::refuse(event, &form))
}

/// Refuses with the code's own status.
pub(super) fn refuse(visit: Visit, code: Code) -> Step<Decision> {
    respond(visit, code, Form::default())
}

/// 405, with what is allowed.
pub(super) fn method(visit: Visit, code: Code, allow: &str) -> Step<Decision> {
    respond(
        visit,
        code,
        Form {
            allow: Some(allow),
            ..Form::default()
        },
    )
}

/// 503: nobody can say who the visitor is, so nobody comes in (invariant 5).
pub(super) fn unavailable(visit: Visit, trouble: Trouble) -> Step<Decision> {
    let retry_after = Some(trouble.retry_after.unwrap_or(RETRY_AFTER_SECS));
    respond(
        visit,
        trouble.code,
        Form {
            retry_after,
            ..Form::default()
        },
    )
}

/// Nobody is signed in where somebody must be.
pub(super) fn sign_in(visit: Visit, requirement: &Requirement) -> Step<Decision> {
    let code = visit.session.unwrap_or(Code::SessionAbsent);
    let login_url = login_url(&visit, Login::Plain);
    let redirects = match policy::Form::of(
        visit.class,
        Verdict::Unauthenticated,
        requirement.on_unauthenticated,
    ) {
        Some(policy::Form::Redirect) => true,
        Some(policy::Form::Page(404) | policy::Form::Problem(404) | policy::Form::Bare(404)) => {
            return respond(
                visit,
                code,
                Form {
                    status: Some(404),
                    ..Form::default()
                },
            );
        }
        _ => false,
    };
    match login_url {
        Some(url) if redirects => loops::bounce(visit, code, url),
        url => respond(
            visit,
            code,
            Form {
                login_url: url.as_deref(),
                ..Form::default()
            },
        ),
    }
}

/// The key of the visitor's token is not known, for now: not signed in for this request, and nothing is lost
/// (semantics 10.1).
pub(super) fn key_unknown(visit: Visit) -> Step<Decision> {
    let status = if visit.class == RequestClass::Navigation {
        503
    } else {
        401
    };
    respond(
        visit,
        Code::KeyUnknown,
        Form {
            status: Some(status),
            retry_after: Some(RETRY_AFTER_SECS),
            ..Form::default()
        },
    )
}

/// The identity server withholds the subject until the second factor: its login page asks for it (semantics 1.6).
pub(super) fn step_up(visit: Visit) -> Step<Decision> {
    to_login(visit, Code::RequirementAal, Login::StepUp)
}

/// A session of one factor where two are asked for. What a 200 of whoami with `aal1` means depends on its config.
pub(super) fn second_factor(
    visit: Visit,
    requirement: &Requirement,
    session: Option<&Session>,
) -> Step<Decision> {
    let core = Rc::clone(&visit.core);
    let Some(plan) = &core.kratos else {
        return refuse(visit, Code::RequirementAal);
    };
    let one_factor = session.is_some_and(|session| session.aal == Some(Aal::Aal1));
    match (plan.whoami_aal, requirement.on_no_second_factor) {
        // It would have said 403 if there were a factor to ask for.
        (WhoamiAal::HighestAvailable, OnNoSecondFactor::Settings) if one_factor => {
            let url = plan.flows(&visit.origin.origin).settings(here(&visit).as_ref());
            onward_or_403(visit, Code::RequirementAal, url)
        }
        (WhoamiAal::HighestAvailable, OnNoSecondFactor::Forbidden) if one_factor => {
            refuse(visit, Code::RequirementAal)
        }
        _ => to_login(visit, Code::RequirementAal, Login::StepUp),
    }
}

/// The authentication is older than the rule, or the config, allows.
pub(super) fn reauthenticate(visit: Visit) -> Step<Decision> {
    to_login(visit, Code::RequirementMaxAge, Login::Refresh)
}

/// A guest page and somebody who is signed in: to where they wanted to go, else to `signed_in`.
pub(super) fn to_signed_in(mut visit: Visit) -> Step<Decision> {
    let asked = visit
        .query
        .as_deref()
        .and_then(|q| query::value(q, "return_to").ok().flatten());
    let target = asked.and_then(|raw| landing(&visit, &raw));
    let location = target.map_or_else(|| visit.core.signed_in.clone(), |to| to.location());
    loops::came_back(&mut visit);
    redirect(visit, Code::RouteSignedIn, location)
}

fn to_login(visit: Visit, code: Code, login: Login) -> Step<Decision> {
    match login_url(&visit, login) {
        Some(url) => onward_or_403(visit, code, url),
        None => refuse(visit, code),
    }
}

fn onward_or_403(visit: Visit, code: Code, url: String) -> Step<Decision> {
    if visit.class.may_begin_login() {
        return loops::bounce(visit, code, url);
    }
    respond(
        visit,
        code,
        Form {
            login_url: Some(&url),
            ..Form::default()
        },
    )
}

/// Where a visitor signs in: the identity server's login, or the app's own page.
fn login_url(visit: &Visit, login: Login) -> Option<String> {
    if let Some(plan) = &visit.core.kratos {
        return Some(
            plan.flows(&visit.origin.origin)
                .login(login, here(visit).as_ref()),
        );
    }
    let page = visit.core.sign_in.as_deref()?;
    Some(match here(visit) {
        Some(to) => query::set_in_url(page, "return_to", &to.location()),
        None => page.to_owned(),
    })
}

/// This request as a place to come back to: only what a GET can reach again.
fn here(visit: &Visit) -> Option<ReturnTo> {
    if !matches!(visit.head.method.as_str(), "GET" | "HEAD") {
        return None;
    }
    landing(visit, &visit.path_and_query())
}

/// A place to come back to, judged as a request for it will be: no tunnel, endpoint, logout or guest page (semantics 1.13).
fn landing(visit: &Visit, raw: &str) -> Option<ReturnTo> {
    let (to, access) = leads_to(visit, raw)?;
    let session = visit.core.session.as_ref();
    let logout = session.is_some_and(|plan| plan.logout.iter().any(|path| path == to.path()));
    (access != Access::Guest && !logout && !endpoints::is_ours(to.path())).then_some(to)
}

/// Where an address leads on this origin, and who may come in there; nothing for what the tunnel takes, or no rule lets by.
pub(super) fn leads_to(visit: &Visit, raw: &str) -> Option<(ReturnTo, Access)> {
    let core = &visit.core;
    let to = ReturnTo::validate(raw, &visit.origin.origin, &core.origins.public).ok()?;
    let readings = core.policy.readings(to.path()).ok()?;
    let host = visit.origin.origin.host().as_str();
    let access = match core.policy.find(&readings, host, "GET") {
        Finding::Found(found) => found.requirement().access,
        Finding::MethodNotAllowed { .. } | Finding::Ambiguous(..) => return None,
    };
    (!core.is_tunnelled(to.path())).then_some((to, access))
}

/// A redirect with this visit's cookies. After anything but GET it must be a GET: 303.
pub(super) fn redirect(mut visit: Visit, code: Code, location: String) -> Step<Decision> {
    let status = if matches!(visit.head.method.as_str(), "GET" | "HEAD") {
        302
    } else {
        303
    };
    let mut headers = answer::private_headers();
    visit.append_cookies(&mut headers);
    let event = visit.event(code, "redirect", Some(status));
    trace::show(&visit, &event, &mut headers);
    Step::Done(Decision::Redirect(Redirect {
        status,
        location,
        headers,
        event,
    }))
}

/// An answer of ours in the form that the class reads, with this visit's cookies.
pub(super) fn respond(mut visit: Visit, code: Code, form: Form<'_>) -> Step<Decision> {
    let told = policy::Form::told(visit.class, form.status.unwrap_or(0));
    let form = Form {
        html: matches!(told, policy::Form::Page(_)),
        bare: matches!(told, policy::Form::Bare(_)),
        head_only: visit.is_head(),
        authenticate: Some(authenticate(&visit)),
        ..form
    };
    let mut answer: Respond = answer::refuse(visit.event(code, "respond", None), &form);
    let mut cookies = Headers::new();
    visit.append_cookies(&mut cookies);
    for (name, value) in cookies.iter() {
        answer.head.headers.append(name, value);
    }
    share(&visit, &mut answer.head.headers);
    trace::show(&visit, &answer.event, &mut answer.head.headers);
    Step::Done(Decision::Respond(answer))
}

/// Lets a script on another of our public origins read the refusal (field.md P 4); no other origin, no preview.
fn share(visit: &Visit, headers: &mut Headers) {
    let mut origins = visit.head.headers.get_all("origin");
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return;
    };
    let own = &visit.core.origins.public;
    if visit.class == RequestClass::Navigation || !own.iter().any(|own| own.to_string() == origin) {
        return;
    }
    headers.append("access-control-allow-origin", origin);
    headers.append("access-control-allow-credentials", "true");
    headers.append("access-control-expose-headers", "WWW-Authenticate, Retry-After");
    headers.set("vary", "Cookie, Origin");
}

/// `WWW-Authenticate` of every 401 (RFC 9110 section 15.5.2): where bearer tokens are read, that scheme (RFC 6750
/// section 3); else a scheme that no client knows, so that no browser asks for a password.
fn authenticate(visit: &Visit) -> &'static str {
    if visit.slot().is_none_or(|slot| !slot.from_bearer) {
        return "Cookie realm=\"session\"";
    }
    match bearer::token(&visit.head.headers) {
        Ok(None) => "Bearer",
        _ => "Bearer error=\"invalid_token\"",
    }
}

/// Long enough for a deployment to come back, short enough not to be noticed.
const RETRY_AFTER_SECS: u32 = 5;
