//! Session formats: one gate per row, a host that verifies paper signatures and serves key sets, and what came of a request.

mod accept;
mod bearer;
mod docs;
mod jwt;
mod keys;
mod odd;
mod paper;
mod properties;
mod sealed;
mod signed;
mod write;

use std::collections::BTreeMap;

use edgeward::base::{Moment, Secret};
use edgeward::decision::{Decision, ResponseRules};
use edgeward::message::set_cookie::SetCookieLine;
use edgeward::message::{Headers, RequestHead, ResponseHead};
use edgeward::step::{Answer, Effect, Failure, Reply, Response, Step};
use edgeward::{Config, Gate, Shell};
use serde_json::{Value, json};

pub(super) const ORIGIN: &str = "https://app.example.com";
pub(super) const START: i64 = 1_800_000_000;
pub(super) const SECRET: &str = "a session secret of at least 32 characters";
pub(super) const OLD: &str = "the session secret of last year, as long";

/// A document around a session table. `/app` is guarded, `/` is public, `/hello` optional, `/api/…` answers 401.
pub(super) fn document(session: &Value) -> Value {
    json!({
        "public_origins": [ORIGIN],
        "origin": { "binding": "APP" },
        "default": "session",
        "sign_in": "/login",
        "session": session,
        "routes": [
            { "path": "/login", "require": "guest" },
            { "path": "/", "require": "public" },
            { "path": "/hello", "require": "optional" },
            { "path": "/api/:path*", "require": "session", "on_unauthenticated": "401" },
        ],
    })
}

/// What a gate makes of a document, or its errors as text.
pub(super) fn gate(document: &Value) -> Result<Gate, String> {
    let secrets = |name: &str| match name {
        "SECRET" => Some(Secret::new(SECRET)),
        "OLD" => Some(Secret::new(OLD)),
        "SHORT" => Some(Secret::new("short")),
        "KEY32" => Some(Secret::new("0123456789abcdef0123456789abcdef")),
        "PEM" => Some(Secret::new(include_str!("../../vectors/ours/pem/rsa.pem"))),
        name => paper::env(name).map(Secret::new),
    };
    let config = Config::parse(document).map_err(|errors| errors.to_string())?;
    let moment = Moment::new(START as u64 * 1000, [9; 32]);
    Gate::new(config, Shell::FRONT, secrets, moment).map_err(|errors| errors.to_string())
}

/// A gate, a clock and a host.
pub(super) struct Desk {
    pub(super) gate: Gate,
    pub(super) now: i64,
    /// Key sets by URL; an absent one fails.
    pub(super) sets: BTreeMap<String, String>,
    /// What the host did: `verify RS256`, `jwks <url>`.
    pub(super) did: Vec<String>,
    /// `Set-Cookie` lines of the app's next response.
    pub(super) app_sets: Vec<String>,
    seed: u64,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Came {
    /// 200 when the app was reached.
    pub(super) status: u16,
    /// The code of the session in the log, `-` for none.
    pub(super) session: String,
    /// The `Cookie` field that the app got.
    pub(super) cookie: String,
    /// All fields that the app got.
    pub(super) app: Headers,
    /// Fields of the answer.
    pub(super) headers: Headers,
}

impl Came {
    /// Cookies that the answer sets, by name; an ended one is empty.
    pub(super) fn sets(&self) -> BTreeMap<String, String> {
        self.headers
            .get_all("set-cookie")
            .map(|line| {
                let line = SetCookieLine::parse(line).unwrap();
                (line.name().to_owned(), line.value().to_owned())
            })
            // The loop breaker's counter is no session's business.
            .filter(|(name, _)| !name.ends_with("-hops"))
            .collect()
    }

    /// Names whose cookies the answer ends.
    pub(super) fn ends(&self) -> Vec<String> {
        self.sets()
            .into_iter()
            .filter(|(_, v)| v.is_empty())
            .map(|(n, _)| n)
            .collect()
    }
}

impl Desk {
    pub(super) fn new(session: &Value) -> Self {
        Self {
            gate: gate(&document(session)).unwrap_or_else(|errors| panic!("{errors}")),
            now: START,
            sets: BTreeMap::new(),
            did: Vec::new(),
            app_sets: Vec::new(),
            seed: 0,
        }
    }

    pub(super) fn serving(mut self, url: &str, set: String) -> Self {
        self.sets.insert(url.to_owned(), set);
        self
    }

    /// A page view with this `Cookie` field.
    pub(super) fn page(&mut self, cookie: &str) -> Came {
        self.get(
            "/app",
            &[
                ("cookie", cookie),
                ("sec-fetch-mode", "navigate"),
                ("accept", "text/html"),
            ],
        )
    }

    /// A call of a program.
    pub(super) fn api(&mut self, fields: &[(&str, &str)]) -> Came {
        let mut fields = fields.to_vec();
        fields.push(("sec-fetch-mode", "cors"));
        self.get("/api/x", &fields)
    }

    pub(super) fn get(&mut self, path: &str, fields: &[(&str, &str)]) -> Came {
        let headers: Headers = fields
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .copied()
            .collect();
        let asked = headers.clone();
        let head = RequestHead {
            method: "GET".into(),
            url: format!("{ORIGIN}{path}"),
            headers,
            client_ip: None,
        };
        let moment = self.moment();
        let step = self.gate.begin(head, moment);
        let (status, event, headers, app) = match self.drive(step) {
            Decision::Redirect(go) => (go.status, go.event.to_json(), go.headers, Headers::new()),
            Decision::Respond(answer) => (
                answer.head.status,
                answer.event.to_json(),
                answer.head.headers,
                Headers::new(),
            ),
            Decision::Continue(go) => {
                let mut app = asked;
                go.edits.apply(&mut app);
                let ResponseRules::Judged(after) = go.response else {
                    return Came {
                        status: 200,
                        session: "-".into(),
                        cookie: app.get("cookie").unwrap_or_default().into(),
                        app,
                        headers: Headers::new(),
                    };
                };
                let mut headers = Headers::from_iter([("content-type", "text/html")]);
                for line in self.app_sets.drain(..) {
                    headers.append("set-cookie", line);
                }
                let out = after.head(ResponseHead { status: 200, headers }, self.moment());
                (out.head.status, out.event.to_json(), out.head.headers, app)
            }
            Decision::Forward(_) => panic!("nothing is tunnelled here"),
        };
        let event: Value = serde_json::from_str(&event).unwrap();
        Came {
            status,
            session: event["session"].as_str().unwrap_or("-").to_owned(),
            cookie: app.get("cookie").unwrap_or_default().to_owned(),
            app,
            headers,
        }
    }

    fn moment(&mut self) -> Moment {
        self.seed += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Moment::new(self.now as u64 * 1000, seed)
    }

    fn drive<T>(&mut self, mut step: Step<T>) -> T {
        loop {
            step = match step {
                Step::Done(out) => return out,
                Step::Perform(effect, pending) => {
                    let answer = Answer {
                        id: effect.id(),
                        asked_ms: self.now as u64 * 1000,
                        reply: self.perform(&effect),
                    };
                    let moment = self.moment();
                    pending.resume(answer, moment).unwrap()
                }
            }
        }
    }

    fn perform(&mut self, effect: &Effect) -> Reply {
        match effect {
            Effect::Verify(verify) => {
                self.did.push(format!("verify {}", verify.alg));
                Reply::Verified(paper::verify(
                    verify.alg,
                    &verify.key.jwk,
                    &verify.signing_input,
                    &verify.signature,
                ))
            }
            Effect::Fetch(fetch) => {
                assert_eq!((fetch.purpose, fetch.method), ("jwks", "GET"));
                let names: Vec<_> = fetch.headers.iter().map(|(name, _)| name.to_owned()).collect();
                assert_eq!(names, ["accept"], "nothing of the visitor goes to the issuer");
                self.did.push(format!("jwks {}", fetch.url));
                match self.sets.get(&fetch.url) {
                    None => Reply::Failed(Failure::Unreachable),
                    Some(set) => Reply::Response(Response {
                        head: ResponseHead {
                            status: 200,
                            headers: Headers::new(),
                        },
                        body: set.clone().into_bytes(),
                    }),
                }
            }
            other => panic!("not asked for here: {other:?}"),
        }
    }
}

/// What a row expects: in, or out with a code of the log, and whether the cookie is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    In,
    Out(&'static str),
    Ended(&'static str),
}

/// Holds rows of (why, cookie, what is wanted) against fresh gates of one config.
pub(super) fn rows(desk: impl Fn() -> Desk, rows: &[(&str, String, Want)]) {
    for (why, cookie, want) in rows {
        let mut desk = desk();
        let came = desk.page(cookie);
        let got = match (came.status, came.ends().is_empty()) {
            (200, _) => Want::In,
            (_, true) => Want::Out(leak(came.session.clone())),
            (_, false) => Want::Ended(leak(came.session.clone())),
        };
        assert_eq!(got, *want, "{why}: {cookie:.120}");
    }
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
