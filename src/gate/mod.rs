//! The gate: built once from a config, asked once per request.
//!
//! ```text
//! begin ─ admit ─┬─ endpoint ──────────────────── Redirect
//!                ├─ tunnel ── Forward ─ after: cookies, mint, rewrite
//!                └─ rule ─┬─ public ───────────────── Continue
//!                         └─ standing ─ judge ─┬───── Continue ─ after: cookies, caches
//!                             │ (whoami)       ├───── Redirect
//!                             └ copy, verdict  └───── Respond
//! ```

mod ask;
mod assertion;
mod build;
mod challenge;
mod core;
mod endpoints;
mod guard;
mod identity;
mod loops;
mod onward;
mod response;
mod standing;
mod trace;
mod tunnel;
mod visit;
mod whoami;
mod write;

use std::rc::Rc;

pub use self::ask::Question;
pub use self::trace::{ExplainedReading, ExplainedRule, Explanation};

use self::core::Core;
use crate::base::{Moment, Secret, Timestamp};
use crate::config::{Config, ConfigErrors};
use crate::decision::Decision;
use crate::message::RequestHead;
use crate::session::Session;
use crate::shell::Shell;
use crate::step::Step;

/// The gate. Immutable but for its caches, which are borrowed inside one synchronous call only.
///
/// Cheap to clone: clones share the caches. One gate serves all requests of an isolate.
#[derive(Debug, Clone)]
pub struct Gate {
    core: Rc<Core>,
}

impl Gate {
    /// Builds a gate. `secrets` resolves the names that the document refers to (`{ env = "NAME" }`).
    ///
    /// # Errors
    /// Everything that is wrong with the document, at once. A host that gets an error must not forward anything.
    pub fn new(
        config: Config,
        shell: Shell,
        secrets: impl Fn(&str) -> Option<Secret>,
        moment: Moment,
    ) -> Result<Self, ConfigErrors> {
        build::build(config, shell, &secrets, moment).map(|core| Self { core: Rc::new(core) })
    }

    /// Decides about one request; see [`crate::step`] for how to drive what comes out.
    pub fn begin(&self, head: RequestHead, moment: Moment) -> Step<Decision> {
        guard::begin(Rc::clone(&self.core), head, moment)
    }

    /// Answers a question of the app's own, about the visitor whose request it has: always [`Decision::Respond`], as data for
    /// the app (semantics 4.3). 200 is a session as JSON, or `Set-Cookie` lines; else the event has the exact code.
    ///
    /// ```
    /// # use edgeward::base::{Moment, Secret};
    /// # use edgeward::decision::Decision;
    /// # use edgeward::message::{Headers, RequestHead};
    /// # use edgeward::step::Step;
    /// # use edgeward::{Config, Gate, Question, Shell};
    /// # use serde_json::json;
    /// # let config = Config::parse(&json!({
    /// #     "public_origins": ["https://app.example.com"], "default": "session", "sign_in": "/login",
    /// #     "session": { "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }] },
    /// #     "routes": [{ "path": "/login", "require": "guest" }],
    /// # }))?;
    /// # let secrets = |_: &str| Some(Secret::new("a secret of at least 32 characters"));
    /// # let gate = Gate::new(config, Shell::NEXT, secrets, Moment::new(0, [1; 32]))?;
    /// # let head = |headers: &[(&str, &str)]| RequestHead {
    /// #     method: "GET".into(), url: "https://app.example.com/".into(), headers: headers.iter().copied().collect(), client_ip: None,
    /// # };
    /// # let ask = |head, question| match gate.ask(head, question, Moment::new(1_800_000_000_000, [2; 32])) {
    /// #     Step::Done(Decision::Respond(respond)) => respond,
    /// #     other => panic!("{other:?}"),
    /// # };
    /// let sealed = ask(head(&[]), Question::Seal(json!({ "sub": "ann", "roles": ["admin"] })));
    /// let line = sealed.head.headers.get("set-cookie").unwrap();
    /// let cookie = line.split(';').next().unwrap();
    /// let known = ask(head(&[("cookie", cookie)]), Question::Session(json!(null)));
    /// assert_eq!(known.head.status, 200);
    /// assert_eq!(ask(head(&[]), Question::Session(json!(null))).head.status, 401);
    /// # Ok::<(), edgeward::config::ConfigErrors>(())
    /// ```
    pub fn ask(&self, head: RequestHead, question: Question, moment: Moment) -> Step<Decision> {
        ask::ask(&self.core, head, question, moment)
    }

    /// Says how a request would be decided for a visitor with this session at `now`, and why. It asks nobody, opens no
    /// cookie and writes none: the session is the caller's word.
    ///
    /// ```
    /// # use edgeward::base::{Moment, Secret, Timestamp};
    /// # use edgeward::message::{Headers, RequestHead};
    /// # use edgeward::{Config, Gate, Shell};
    /// # let config = Config::parse(&serde_json::json!({
    /// #     "public_origins": ["https://app.example.com"], "origin": { "binding": "APP" }, "default": "session", "sign_in": "/login",
    /// #     "session": { "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }] },
    /// #     "routes": [{ "path": "/login", "require": "guest" }],
    /// # }))?;
    /// # let secrets = |_: &str| Some(Secret::new("a secret of at least 32 characters"));
    /// # let gate = Gate::new(config, Shell::FRONT, secrets, Moment::new(0, [1; 32]))?;
    /// # let url = "https://app.example.com/reports".to_owned();
    /// # let head = RequestHead { method: "GET".into(), url, headers: Headers::new(), client_ip: None };
    /// let explanation = gate.explain(&head, None, Timestamp::from_secs(1_800_000_000));
    /// assert_eq!(explanation.rules[0].place, "default");
    /// assert_eq!((explanation.verdict, explanation.unmet), ("policy.unauthenticated", Some("session")));
    /// assert_eq!(explanation.answer, "problem 401");
    /// # Ok::<(), edgeward::config::ConfigErrors>(())
    /// ```
    #[must_use]
    pub fn explain(&self, head: &RequestHead, session: Option<&Session>, now: Timestamp) -> Explanation {
        trace::explain(&self.core, head, session, now)
    }
}
