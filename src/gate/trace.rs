//! How a decision came about: in the log event always, in the response for whoever holds the debug secret, and as an
//! [`Explanation`] without any request (semantics 11.2).

use std::fmt;

use serde_json::{Map, Value};

use super::core::Core;
use super::visit::Visit;
use super::{ask, endpoints};
use crate::base::{Timestamp, json};
use crate::config::WhoamiAal;
use crate::kratos::flow;
use crate::kratos::table::Lookup;
use crate::message::url::Target;
use crate::message::{Headers, RequestHead};
use crate::outcome::{Code, Event, answer};
use crate::policy::{
    self, Access, Explained, Finding, Form, Found, OnNoSecondFactor, Readings, Reason, RequestClass,
    Requirement, Rule, Upstream, Verdict, cross_site, judge,
};
use crate::session::{Aal, Session};

/// What a request brings to see its own trace.
pub(super) const DEBUG_HEADER: &str = "x-edgeward-debug";
/// The trace, as JSON in ASCII.
const TRACE_HEADER: &str = "x-edgeward-trace";

/// Whether the request shows the debug secret, once, compared in constant time. Without `[debug]` nobody does.
pub(super) fn is_open(core: &Core, headers: &Headers) -> bool {
    let mut shown = headers.get_all(DEBUG_HEADER);
    match (&core.debug, shown.next(), shown.next()) {
        (Some(secret), Some(value), None) => secret.matches(value.as_bytes()),
        _ => false,
    }
}

/// Notes what was read and found, for the event.
pub(super) fn note(visit: &mut Visit, readings: &Readings, rules: &[&Rule]) {
    visit.trace.readings = readings.all().iter().map(policy::Reading::how).collect();
    visit.trace.rules = rules.iter().map(|rule| rule.place.clone()).collect();
    if visit.debug {
        visit.read_as = readings.all().iter().map(policy::Reading::path).collect();
    }
}

/// Which key of the requirement a verdict says is not met.
pub(super) const fn unmet(verdict: Verdict) -> Option<&'static str> {
    Some(match verdict {
        Verdict::Met { .. } | Verdict::MetWithoutSession => return None,
        Verdict::Unauthenticated => "session",
        Verdict::SignedIn => "guest",
        Verdict::Forbidden(Reason::Condition) => "any",
        Verdict::Forbidden(Reason::EmailDomain) => "email_domain",
        Verdict::Forbidden(Reason::Unconfirmable) | Verdict::Stale | Verdict::Unavailable => "fresh_within",
        Verdict::StepUp(_) => "aal",
        Verdict::Reauthenticate { .. } => "max_age",
    })
}

/// Adds the trace to a response, where the request may see it. Such a response is nobody else's.
pub(super) fn show(visit: &Visit, event: &Event, headers: &mut Headers) {
    if !visit.debug {
        return;
    }
    let mut timing = format!("edgeward;desc=\"{}\"", event.code.as_str());
    for effect in &event.effects {
        timing.push_str(&format!(", {};dur={}", effect.purpose, effect.ms));
    }
    headers.append("server-timing", timing);
    let mut trace = Map::new();
    let mut put = |name: &str, value: Value| trace.insert(name.to_owned(), value);
    put("request_id", Value::from(&*event.request_id));
    put("code", Value::from(event.code.as_str()));
    put("class", Value::from(event.class));
    put("path", Value::from(&*visit.path));
    put("readings", Value::from(&*visit.read_as));
    put("formed", Value::from(&*event.trace.readings));
    put("rule", Value::from(event.rule.as_deref()));
    put("rules", Value::from(&*event.trace.rules));
    put("session", Value::from(event.session.map(Code::as_str)));
    put("unmet", Value::from(event.trace.unmet));
    headers.set(TRACE_HEADER, ascii(&json::text(&Value::Object(trace))));
    if !headers
        .get_all("cache-control")
        .any(|value| value.contains("no-store"))
    {
        headers.append("cache-control", "private, no-store");
    }
}

/// Text beyond ASCII has no agreed form in a header: JSON can escape it.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        if (' '..='~').contains(&c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// How a request would be decided, and why. It shows the path: for the operator's eyes, never for a log.
///
/// Its `Display` form is a page of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The public origin that the request is judged under; `None` where it is refused before that.
    pub origin: Option<String>,
    /// The request class.
    pub class: &'static str,
    /// The path that is judged, and goes on.
    pub path: Option<String>,
    /// The ways in which routers read it, each with the rules that it finds.
    pub readings: Vec<ExplainedReading>,
    /// The rules that must be met, all of them.
    pub rules: Vec<ExplainedRule>,
    /// A code of the log, or of [`Verdict::code`].
    pub verdict: &'static str,
    /// The key of the requirement that is not met.
    pub unmet: Option<&'static str>,
    /// Whether the identity server would be asked first; the verdict is the one for a session that it confirms.
    pub asks: bool,
    /// What the visitor gets: `continue`, `forward`, `redirect`, `page 401`, `problem 403`, `bare 401`.
    pub answer: String,
}

/// One way to read a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedReading {
    /// The reading as a path.
    pub path: String,
    /// How it was formed.
    pub how: &'static str,
    /// What it finds.
    pub rules: Vec<ExplainedRule>,
}

/// A rule, as the document has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedRule {
    /// `routes[2]`, `kratos.ui.login`, `default`.
    pub place: String,
    /// Its patterns.
    pub pattern: String,
}

impl ExplainedRule {
    fn of(rule: &Rule) -> Self {
        Self {
            place: rule.place.clone(),
            pattern: rule.pattern(),
        }
    }
}

impl fmt::Display for ExplainedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place == self.pattern {
            f.write_str(&self.place)
        } else {
            write!(f, "{} ({})", self.place, self.pattern)
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            writeln!(f, "origin    {origin}")?;
        }
        if let Some(path) = &self.path {
            writeln!(f, "path      {path}")?;
        }
        writeln!(f, "class     {}", self.class)?;
        for reading in &self.readings {
            let rules: Vec<_> = reading.rules.iter().map(ToString::to_string).collect();
            writeln!(
                f,
                "reading   {} ({}): {}",
                reading.path,
                reading.how,
                rules.join(", ")
            )?;
        }
        for rule in &self.rules {
            writeln!(f, "rule      {rule}")?;
        }
        let asks = if self.asks {
            ", once the identity server confirms the session"
        } else {
            ""
        };
        writeln!(f, "verdict   {}{asks}", self.verdict)?;
        if let Some(unmet) = self.unmet {
            writeln!(f, "unmet     {unmet}")?;
        }
        writeln!(f, "answer    {}", self.answer)
    }
}

/// Explains what would be decided about `head` for a visitor with `session`.
pub(super) fn explain(
    core: &Core,
    head: &RequestHead,
    session: Option<&Session>,
    now: Timestamp,
) -> Explanation {
    let shell = core.policy_shell();
    let class = RequestClass::of(&head.method, &head.headers, shell);
    let mut out = Explanation {
        origin: None,
        class: class.as_str(),
        path: None,
        readings: Vec::new(),
        rules: Vec::new(),
        verdict: Code::RequestTarget.as_str(),
        unmet: None,
        asks: false,
        answer: told(class, 400),
    };
    let Some(target) = Target::parse(&head.url).ok().filter(|target| !target.fragment) else {
        return out;
    };
    let Some(selected) = core.origins.select(target.scheme, target.authority) else {
        return refused(out, class, Code::RequestHost);
    };
    out.origin = Some(selected.origin.to_string());
    if let Some(asked) = endpoints::asked(core, head, target.path, &selected.origin) {
        return of_ours(core, out, class, &asked, session, now);
    }
    let method = policy::judged_method(&head.method, &head.headers);
    match core
        .kratos
        .as_ref()
        .map(|plan| plan.table.find(method, target.path))
    {
        None | Some(Lookup::None) => {}
        Some(Lookup::MethodNotAllowed(_)) => return refused(out, class, Code::TunnelMethod),
        Some(Lookup::Found(_)) => {
            out.verdict = Code::TunnelForwarded.as_str();
            out.answer = "forward".into();
            return out;
        }
    }
    let Ok(readings) = core.policy.readings(target.path) else {
        return refused(out, class, Code::PathRefused);
    };
    out.path = Some(readings.normal().to_owned());
    let host = selected.origin.host().as_str().to_owned();
    out.readings = core
        .policy
        .explain(&readings, &host)
        .into_iter()
        .map(explained)
        .collect();
    let found = match core.policy.find(&readings, &host, method) {
        Finding::Found(found) => found,
        Finding::Ambiguous(..) => return refused(out, class, Code::PathAmbiguous),
        Finding::MethodNotAllowed { rule, .. } => {
            out.rules = vec![ExplainedRule::of(rule)];
            out.unmet = Some("methods");
            return refused(out, class, Code::RequestMethod);
        }
    };
    out.rules = found.rules().iter().map(|rule| ExplainedRule::of(rule)).collect();
    if class == RequestClass::Preflight {
        out.verdict = Code::RoutePreflight.as_str();
        out.answer = "continue".into();
        return out;
    }
    let origins: Vec<String> = core.own_origins(&selected.origin);
    let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
    if cross_site::check(found.requirement(), class, &head.method, &head.headers, &origins).is_err() {
        out.unmet = Some("cross_site");
        return refused(out, class, Code::RequestCrossSite);
    }
    let requirement = asked(&found, head);
    let yields = requirement.access == Access::Guest && flow::in_flow(target.query);
    judged(core, out, class, &requirement, session.filter(|_| !yields), now)
}

/// A request for an endpoint of ours, which answers a script.
fn of_ours(
    core: &Core,
    mut out: Explanation,
    class: RequestClass,
    asked: &endpoints::Asked,
    session: Option<&Session>,
    now: Timestamp,
) -> Explanation {
    match asked {
        endpoints::Asked::Method(_) => refused(out, class, Code::RequestMethod),
        endpoints::Asked::CrossSite => refused(out, class, Code::RequestCrossSite),
        endpoints::Asked::Clear => {
            out.verdict = Code::Endpoint.as_str();
            out.answer = "redirect".into();
            out
        }
        endpoints::Asked::Session => {
            out = judged(
                core,
                out,
                RequestClass::Api,
                &ask::any_session(core),
                session,
                now,
            );
            if out.unmet.is_none() && session.is_some() {
                out.answer = "json 200".into();
            }
            out
        }
    }
}

/// What a request is held against: a server action meets more (semantics 1.11).
fn asked(found: &Found<'_>, head: &RequestHead) -> Requirement {
    if policy::is_action(&head.method, &head.headers) {
        found.requirement().for_action()
    } else {
        found.requirement().clone()
    }
}

fn judged(
    core: &Core,
    mut out: Explanation,
    class: RequestClass,
    requirement: &Requirement,
    session: Option<&Session>,
    now: Timestamp,
) -> Explanation {
    let first = judge(requirement, session, now, Upstream::NotAsked);
    out.asks = first == Verdict::Stale;
    let verdict = if out.asks {
        judge(requirement, session, now, Upstream::Confirmed)
    } else {
        first
    };
    out.verdict = verdict.code();
    out.unmet = unmet(verdict);
    out.answer = done(core, class, requirement, session, verdict);
    out
}

fn done(
    core: &Core,
    class: RequestClass,
    requirement: &Requirement,
    session: Option<&Session>,
    verdict: Verdict,
) -> String {
    let has_login = core.kratos.is_some() || core.sign_in.is_some();
    let settles = core.kratos.as_ref().is_some_and(|plan| {
        let one_factor = session.is_some_and(|session| session.aal == Some(Aal::Aal1));
        let none_enrolled = one_factor && plan.whoami_aal == WhoamiAal::HighestAvailable;
        !none_enrolled || requirement.on_no_second_factor == OnNoSecondFactor::Settings
    });
    match (verdict, Form::of(class, verdict, requirement.on_unauthenticated)) {
        (_, None) => "continue".into(),
        (Verdict::SignedIn, _) => "redirect".into(),
        (Verdict::Unauthenticated, Some(Form::Redirect)) if !has_login => told(class, 401),
        (Verdict::Reauthenticate { .. }, _) if !has_login => told(class, 403),
        (Verdict::StepUp(_), _) if !settles => told(class, 403),
        (_, Some(form)) => words(form),
    }
}

fn explained(explained: Explained<'_>) -> ExplainedReading {
    ExplainedReading {
        path: explained.reading,
        how: explained.how,
        rules: explained.rules.into_iter().map(ExplainedRule::of).collect(),
    }
}

fn refused(mut out: Explanation, class: RequestClass, code: Code) -> Explanation {
    out.verdict = code.as_str();
    out.answer = told(class, answer::status(code));
    out
}

fn told(class: RequestClass, status: u16) -> String {
    words(Form::told(class, status))
}

fn words(form: Form) -> String {
    match form {
        Form::Redirect => "redirect".into(),
        Form::Page(status) => format!("page {status}"),
        Form::Problem(status) => format!("problem {status}"),
        Form::Bare(status) => format!("bare {status}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_trace_is_ascii_and_still_json() {
        for text in ["/plain", "/ü/\u{1F511}", "a\u{7f}b", "\u{2028}"] {
            let line = ascii(&json!({ "path": text }).to_string());
            assert!(line.bytes().all(|b| (0x20..0x7F).contains(&b)), "{line}");
            let back: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(back["path"], text);
        }
    }
}
