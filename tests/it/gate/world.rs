//! A world around one gate: a browser's cookie store, a clock, an app that echoes, and a named fake of the identity
//! server that can be told to fail. The real one is in the live suites.

use std::collections::BTreeMap;

use edgeward::base::{Moment, Secret};
use edgeward::decision::{Decision, Destination, FinalResponse, ResponseRules};
use edgeward::message::cookie::Cookies;
use edgeward::message::set_cookie::SetCookieLine;
use edgeward::message::{Headers, RequestHead, ResponseHead};
use edgeward::step::{Answer, Effect, Failure, Reply, Response, Step};
use edgeward::{Config, Gate, Shell};
use serde_json::{Value, json};

pub(super) const ORIGIN: &str = "https://app.example.com";
pub(super) const SECRET: &str = "a session secret of at least 32 characters";
pub(super) const DEBUG: &str = "a debug secret of at least thirty-two bytes";
pub(super) const START: u64 = 1_800_000_000_000;

/// What the fake identity server does next.
#[derive(Debug, Clone)]
pub(super) enum Mood {
    /// It answers by its table of sessions.
    Well,
    /// It does not answer.
    Fails(Failure),
    /// It answers this, whatever is asked.
    Says(u16, &'static str, String),
}

/// A session that the fake knows, by cookie value.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) identity: String,
    pub(super) session_id: String,
    pub(super) aal: &'static str,
    pub(super) authenticated_at: u64,
    pub(super) roles: Value,
    pub(super) needs_aal2: bool,
}

pub(super) struct World {
    pub(super) gate: Gate,
    pub(super) now_ms: u64,
    pub(super) jar: BTreeMap<String, String>,
    pub(super) sessions: BTreeMap<String, Known>,
    pub(super) mood: Mood,
    pub(super) whoami_calls: usize,
    pub(super) events: Vec<String>,
    /// What the app or the identity server answers next, instead of a plain 200.
    pub(super) next_response: Option<ResponseHead>,
    /// What the host answers where it is to sign, instead of a good signature.
    pub(super) signs: Option<Reply>,
    /// Whether a background question is driven before the response head arrives.
    pub(super) background_first: bool,
    seed: u64,
}

/// What came of one request.
#[derive(Debug)]
pub(super) enum Came {
    /// The app got these fields, and the visitor this response.
    Through {
        app: Headers,
        status: u16,
        headers: Headers,
    },
    /// To somewhere else.
    Sent {
        status: u16,
        to: String,
        headers: Headers,
    },
    /// An answer of the gate.
    Answered {
        status: u16,
        headers: Headers,
        body: String,
    },
}

impl Came {
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Through { status, .. } | Self::Sent { status, .. } | Self::Answered { status, .. } => {
                *status
            }
        }
    }

    pub(super) fn headers(&self) -> &Headers {
        match self {
            Self::Through { headers, .. } | Self::Sent { headers, .. } | Self::Answered { headers, .. } => {
                headers
            }
        }
    }

    pub(super) fn through(&self) -> &Headers {
        match self {
            Self::Through { app, .. } => app,
            other => panic!("did not get through: {other:?}"),
        }
    }

    pub(super) fn to(&self) -> &str {
        match self {
            Self::Sent { to, .. } => to,
            other => panic!("was not sent elsewhere: {other:?}"),
        }
    }
}

pub(super) fn kratos_config() -> Value {
    json!({
        "public_origins": [ORIGIN],
        "origin": { "binding": "APP" },
        "default": "session",
        "signed_in": "/dashboard",
        "session": {
            "format": "edgeward",
            "secrets": [{ "env": "SESSION_SECRET" }],
            "roles": "/metadata_public/roles",
            "idle": "1d",
            "absolute": "7d",
            "logout": ["/logout"],
        },
        "kratos": {
            "url": "https://id.example.com",
            "claims": ["/traits/email", "/metadata_public/roles"],
            "fresh_within": "5m",
        },
        "routes": [
            { "path": ["/", "/about"], "require": "public" },
            { "path": "/hello", "require": "optional" },
            { "path": "/admin/:path*", "require": { "any": [{ "role": "admin" }] } },
            { "path": "/vault/:path*", "require": { "aal": "aal2", "max_age": "15m", "fresh_within": "0s" } },
            { "path": "/strict", "require": { "fresh_within": "0s" } },
            { "path": "/api/:path*", "require": "session", "on_unauthenticated": "401" },
        ],
    })
}

pub(super) fn try_gate(config: &Value, shell: Shell) -> Result<Gate, edgeward::config::ConfigErrors> {
    let secrets = |name: &str| match name {
        "SESSION_SECRET" => Some(Secret::new(SECRET)),
        "SESSION_SECRET_OLD" => Some(Secret::new("the session secret of last year, as long")),
        "ASSERTION_SECRET" => Some(Secret::new("an assertion secret of at least 32 bytes")),
        "DEBUG_SECRET" => Some(Secret::new(DEBUG)),
        "LOCK" => Some(Secret::new("an origin lock of at least thirty-two bytes")),
        "NOT_BEFORE" => Some(Secret::new("2027-01-15T08:00:01Z")),
        "SHORT" => Some(Secret::new("short")),
        "ASSERTION_KEY" => Some(Secret::new(super::assertion::KEY)),
        "PUBLIC_KEY" => Some(Secret::new(super::assertion::PUBLIC)),
        _ => None,
    };
    Gate::new(
        Config::parse(config)?,
        shell,
        secrets,
        Moment::new(START, [9; 32]),
    )
}

impl World {
    pub(super) fn new(config: &Value) -> Self {
        Self::with_shell(config, Shell::FRONT)
    }

    pub(super) fn with_shell(config: &Value, shell: Shell) -> Self {
        let gate = try_gate(config, shell).unwrap_or_else(|errors| panic!("{errors}"));
        Self {
            gate,
            now_ms: START,
            jar: BTreeMap::new(),
            sessions: BTreeMap::new(),
            mood: Mood::Well,
            signs: None,
            whoami_calls: 0,
            events: Vec::new(),
            next_response: None,
            background_first: true,
            seed: 0,
        }
    }

    /// Another isolate of the same deployment: the same browser and identity server, none of the caches.
    pub(super) fn second_isolate(&mut self, config: &Value) {
        self.gate = try_gate(config, Shell::FRONT).unwrap();
    }

    pub(super) fn wait(&mut self, secs: u64) {
        self.now_ms += secs * 1000;
    }

    /// Gives the browser an upstream session without going through the tunnel.
    pub(super) fn sign_in_upstream(&mut self, identity: &str) -> String {
        let cookie = cookie_value(identity);
        self.sessions.insert(cookie.clone(), self.known(identity));
        self.jar.insert("ory_kratos_session".into(), cookie.clone());
        cookie
    }

    pub(super) fn known(&self, identity: &str) -> Known {
        Known {
            identity: uuid(identity),
            session_id: uuid(&format!("session of {identity}")),
            aal: "aal1",
            authenticated_at: self.now_ms / 1000,
            roles: json!([]),
            needs_aal2: false,
        }
    }

    pub(super) fn page(&mut self, path: &str) -> Came {
        self.request(
            "GET",
            path,
            &[("accept", "text/html"), ("sec-fetch-mode", "navigate")],
        )
    }

    pub(super) fn api(&mut self, path: &str) -> Came {
        self.request(
            "GET",
            path,
            &[("accept", "application/json"), ("sec-fetch-mode", "cors")],
        )
    }

    /// Sends a request with the jar's cookies and takes what comes back into the jar.
    pub(super) fn request(&mut self, method: &str, path: &str, fields: &[(&str, &str)]) -> Came {
        let mut headers: Headers = fields.iter().copied().collect();
        if !self.jar.is_empty() && !headers.contains("cookie") {
            let cookies: Vec<_> = self.jar.iter().map(|(n, v)| format!("{n}={v}")).collect();
            headers.append("cookie", cookies.join("; "));
        }
        let head = RequestHead {
            method: method.into(),
            url: format!("{ORIGIN}{path}"),
            headers,
            client_ip: Some("192.0.2.7".into()),
        };
        let came = self.send(head);
        self.store(came.headers());
        came
    }

    pub(super) fn send(&mut self, head: RequestHead) -> Came {
        let asked = head.headers.clone();
        let moment = self.moment();
        let step = self.gate.begin(head, moment);
        match self.drive(step) {
            Decision::Redirect(redirect) => {
                self.events.push(redirect.event.to_json());
                Came::Sent {
                    status: redirect.status,
                    to: redirect.location,
                    headers: redirect.headers,
                }
            }
            Decision::Respond(respond) => {
                self.events.push(respond.event.to_json());
                let body = match respond.body {
                    edgeward::decision::Body::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
                    _ => String::new(),
                };
                Came::Answered {
                    status: respond.head.status,
                    headers: respond.head.headers,
                    body,
                }
            }
            Decision::Continue(go) => {
                let mut app = asked;
                go.edits.apply(&mut app);
                if let Destination::Url(url) = &go.destination {
                    app.set("x-test-url", url.clone());
                }
                let mut background = go.background.map(|background| background.begin(self.moment()));
                if self.background_first
                    && let Some(step) = background.take()
                {
                    self.drive(step);
                }
                let head = self.response();
                let (status, headers) = match go.response {
                    ResponseRules::Judged(after) => {
                        let out = after.head(head, self.moment());
                        self.events.push(out.event.to_json());
                        (out.head.status, out.head.headers)
                    }
                    ResponseRules::Blind { headers, event } => {
                        self.events.push(event.to_json());
                        let mut all = head.headers;
                        for (name, value) in headers.iter() {
                            all.append(name, value);
                        }
                        (head.status, all)
                    }
                };
                if let Some(step) = background {
                    self.drive(step);
                }
                Came::Through { app, status, headers }
            }
            Decision::Forward(forward) => {
                let step = match self.mood.clone() {
                    Mood::Fails(failure) => forward.after.failed(failure, self.moment()),
                    _ => {
                        let head = self.response();
                        forward.after.head(head, self.moment())
                    }
                };
                let FinalResponse { head, event, .. } = self.drive(step);
                self.events.push(event.to_json());
                Came::Through {
                    app: forward.headers,
                    status: head.status,
                    headers: head.headers,
                }
            }
        }
    }

    pub(super) fn moment(&mut self) -> Moment {
        self.seed += 1;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        Moment::new(self.now_ms, seed)
    }

    pub(super) fn drive<T: std::fmt::Debug>(&mut self, mut step: Step<T>) -> T {
        loop {
            step = match step {
                Step::Done(out) => return out,
                Step::Perform(effect, pending) => {
                    let answer = Answer {
                        id: effect.id(),
                        asked_ms: self.now_ms,
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
            Effect::Fetch(fetch) => {
                assert_eq!(fetch.purpose, "whoami");
                assert_eq!(fetch.url, "https://id.example.com/sessions/whoami");
                let names: Vec<_> = fetch.headers.iter().map(|(n, _)| n.to_owned()).collect();
                assert_eq!(
                    names,
                    ["accept", "cookie"],
                    "nothing else goes to the identity server"
                );
                self.whoami_calls += 1;
                let cookies = Cookies::parse(&fetch.headers);
                let value = cookies.values("ory_kratos_session").next().unwrap().to_owned();
                self.whoami(&value)
            }
            Effect::ReadBody(_) => Reply::Body(b"{}".to_vec()),
            Effect::Sign(sign) => self
                .signs
                .clone()
                .unwrap_or_else(|| super::assertion::host_signs(sign)),
            other => panic!("not asked for here: {other:?}"),
        }
    }

    fn whoami(&self, cookie: &str) -> Reply {
        let (status, content_type, body) = match &self.mood {
            Mood::Fails(failure) => return Reply::Failed(*failure),
            Mood::Says(status, content_type, body) => (*status, *content_type, body.clone()),
            Mood::Well => match self.sessions.get(cookie) {
                None => (
                    401,
                    "application/json",
                    json!({"error": {"code": 401}}).to_string(),
                ),
                Some(known) if known.needs_aal2 => (
                    403,
                    "application/json",
                    json!({"error": {"id": "session_aal2_required"}}).to_string(),
                ),
                Some(known) => (
                    200,
                    "application/json",
                    session_json(known, self.now_ms).to_string(),
                ),
            },
        };
        let headers = Headers::from_iter([("content-type", content_type)]);
        Reply::Response(Response {
            head: ResponseHead { status, headers },
            body: body.into_bytes(),
        })
    }

    fn response(&mut self) -> ResponseHead {
        self.next_response.take().unwrap_or_else(|| ResponseHead {
            status: 200,
            headers: Headers::from_iter([
                ("content-type", "text/html"),
                ("cache-control", "public, s-maxage=600"),
                ("cdn-cache-control", "max-age=600"),
            ]),
        })
    }

    fn store(&mut self, headers: &Headers) {
        for line in headers.get_all("set-cookie") {
            let cookie = SetCookieLine::parse(line).unwrap();
            let ended = cookie
                .attribute("max-age")
                .is_some_and(|age| age.starts_with('-') || age == "0");
            if ended {
                self.jar.remove(cookie.name());
            } else {
                self.jar.insert(cookie.name().into(), cookie.value().into());
            }
        }
    }
}

/// A cookie value of a possible shape.
pub(super) fn cookie_value(seed: &str) -> String {
    edgeward::base::base64url::encode(format!("1800000000|{seed:-<60}|signature"))
}

pub(super) fn uuid(seed: &str) -> String {
    let hex: String = seed
        .bytes()
        .cycle()
        .take(16)
        .enumerate()
        .map(|(n, b)| format!("{:02x}", b ^ n as u8))
        .collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

fn session_json(known: &Known, now_ms: u64) -> Value {
    json!({
        "id": known.session_id,
        "active": true,
        "expires_at": rfc3339(now_ms / 1000 + 86_400),
        "authenticated_at": rfc3339(known.authenticated_at),
        "issued_at": rfc3339(known.authenticated_at),
        "authenticator_assurance_level": known.aal,
        "authentication_methods": [{ "method": "password", "aal": "aal1" }],
        "identity": {
            "id": known.identity,
            "schema_id": "default",
            "state": "active",
            "traits": { "email": "ann@example.com", "name": "Ann" },
            "verifiable_addresses": [{ "value": "ann@example.com", "verified": true, "via": "email" }],
            "metadata_public": { "roles": known.roles },
        },
    })
}

pub(super) fn rfc3339(secs: u64) -> String {
    let (days, rest) = (secs / 86_400, secs % 86_400);
    let (mut year, mut day) = (1970, days);
    let leap = |y: u64| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!(
        "{year:04}-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
        day + 1,
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}
