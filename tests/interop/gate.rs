//! A gate at the other end of a pipe, for the live checks against the JavaScript libraries.
//!
//! Reads one JSON array of requests from standard input, writes one JSON array of what came of them. What only the host can
//! do is asked back: a request whose outcome is `verify` is sent again with the answer under the effect's id.

use std::error::Error;
use std::io::Read as _;

use edgeward::base::{Moment, Secret, base64url};
use edgeward::decision::{Decision, ResponseRules};
use edgeward::message::{Headers, RequestHead, ResponseHead};
use edgeward::step::{Answer, Effect, Failure, Reply, Response, Step, Verify};
use edgeward::{Config, Gate, Shell};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let requests: Vec<Value> = serde_json::from_str(&input)?;
    let outcomes: Vec<Value> = requests
        .iter()
        .map(|request| {
            Request(request)
                .answer()
                .unwrap_or_else(|error| json!({ "error": error }))
        })
        .collect();
    println!("{}", serde_json::to_string(&outcomes)?);
    Ok(())
}

struct Request<'a>(&'a Value);

/// How far one way through the gate came.
enum Way<T> {
    Done(T),
    Asks(Value),
}

impl Request<'_> {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn answer(&self) -> Result<Value, String> {
        let config = Config::parse(&self.0["document"]).map_err(|errors| errors.to_string())?;
        let secret = |name: &str| Some(Secret::new(self.0["secrets"].get(name)?.as_str()?));
        let gate =
            Gate::new(config, Shell::FRONT, secret, self.moment(0)).map_err(|errors| errors.to_string())?;
        let head = self.head();
        let mut app = head.headers.clone();
        let decision = match self.drive(gate.begin(head, self.moment(1)))? {
            Way::Done(decision) => decision,
            Way::Asks(question) => return Ok(json!({ "verify": question })),
        };
        let (event, headers) = match decision {
            Decision::Continue(go) => {
                go.edits.apply(&mut app);
                let ResponseRules::Judged(after) = go.response else {
                    return Err("the response cannot be seen".into());
                };
                let out = after.head(self.response(), self.moment(50));
                (out.event, out.head.headers)
            }
            Decision::Respond(respond) => (respond.event, respond.head.headers),
            Decision::Redirect(redirect) => (redirect.event, redirect.headers),
            Decision::Forward(_) => return Err("forwarded".into()),
        };
        Ok(json!({
            "code": event.code.as_str(),
            "session": event.session.map(|code| code.as_str()),
            "told": app.get("x-edgeward-assertion").and_then(claims),
            "cookie": app.get("cookie"),
            "set_cookie": headers.get_all("set-cookie").collect::<Vec<_>>(),
        }))
    }

    fn head(&self) -> RequestHead {
        let mut headers = Headers::from_iter([
            ("accept", "text/html"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-site", "same-origin"),
        ]);
        if !self.text("cookie").is_empty() {
            headers.append("cookie", self.text("cookie"));
        }
        for (name, value) in self.0["headers"].as_object().into_iter().flatten() {
            headers.append(name, value.as_str().unwrap_or_default());
        }
        RequestHead {
            method: "GET".into(),
            url: self.text("url").to_owned(),
            headers,
            client_ip: None,
        }
    }

    fn response(&self) -> ResponseHead {
        ResponseHead {
            status: 200,
            headers: Headers::from_iter([("content-type", "text/html")]),
        }
    }

    fn now_ms(&self) -> u64 {
        self.0["now_ms"].as_u64().unwrap_or_default()
    }

    /// Fresh entropy of the caller, another for each step.
    fn moment(&self, n: u8) -> Moment {
        let mut seed: [u8; 32] = base64url::decode(self.text("seed"))
            .ok()
            .and_then(|s| s.try_into().ok())
            .unwrap_or([7; 32]);
        seed[0] ^= n;
        Moment::new(self.now_ms(), seed)
    }

    fn drive<T>(&self, mut step: Step<T>) -> Result<Way<T>, String> {
        for n in 2..40 {
            step = match step {
                Step::Done(out) => return Ok(Way::Done(out)),
                Step::Perform(effect, pending) => {
                    let reply = match &effect {
                        Effect::Verify(asked) => match self.0["verified"].get(effect.id().encode()) {
                            Some(verdict) => Reply::Verified(verdict == true),
                            None => return Ok(Way::Asks(question(&effect, asked))),
                        },
                        Effect::Fetch(fetch) => match self.0["jwks"].get(&fetch.url) {
                            Some(set) => Reply::Response(Response {
                                head: ResponseHead {
                                    status: 200,
                                    headers: Headers::from_iter([("content-type", "application/json")]),
                                },
                                body: set.to_string().into_bytes(),
                            }),
                            None => Reply::Failed(Failure::Unreachable),
                        },
                        other => return Err(format!("asked for {other:?}")),
                    };
                    let answer = Answer {
                        id: effect.id(),
                        asked_ms: self.now_ms(),
                        reply,
                    };
                    pending
                        .resume(answer, self.moment(n))
                        .map_err(|_| "misdelivered")?
                }
            };
        }
        Err("more than 38 effects".into())
    }
}

fn question(effect: &Effect, asked: &Verify) -> Value {
    json!({
        "id": effect.id().encode(),
        "alg": asked.alg,
        "key": &*asked.key.jwk,
        "signing_input": String::from_utf8_lossy(&asked.signing_input),
        "signature": base64url::encode(&asked.signature),
    })
}

fn claims(assertion: &str) -> Option<Value> {
    serde_json::from_slice(&base64url::decode(assertion.split('.').nth(1)?).ok()?).ok()
}
