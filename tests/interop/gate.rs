//! A gate at the other end of a pipe, for the live checks against the JavaScript libraries.
//!
//! Reads one JSON array of requests from standard input, writes one JSON array of what came of them. What only the host can
//! do is asked back: a request whose outcome is `verify` is sent again with the answer under the effect's id.

#![allow(
    clippy::indexing_slicing,
    reason = "absent members of a JSON value read as null"
)]

use std::cell::RefCell;
use std::error::Error;
use std::io::Read as _;

use edgeward::base::{Entropy, Moment, Secret, Timestamp, base64url};
use edgeward::decision::{Decision, ResponseRules};
use edgeward::message::cookie::Cookies;
use edgeward::message::{Headers, RequestHead, ResponseHead};
use edgeward::session::chunk;
use edgeward::session::format::{At, Budget, Times};
use edgeward::session::keys::KeySets;
use edgeward::session::recipe::{self, Kind};
use edgeward::session::setup::{Listed, OptValue, Options, Setup};
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
        if self.0["seal"].is_object() {
            return self.seal_anew().ok_or_else(|| "not sealed".into());
        }
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

    /// Seals what the cookies hold anew, for formats that the gate reads only: their libraries must open it all the same.
    fn seal_anew(&self) -> Option<Value> {
        let table = self.0["seal"].as_object()?;
        let recipe = recipe::find(table["format"].as_str()?)?;
        let mut options = Options::default();
        for option in recipe.options {
            let value = match table.get(option.key) {
                None => continue,
                Some(Value::String(text)) if matches!(option.kind, Kind::Words(_) | Kind::Texts) => {
                    OptValue::Texts(vec![text.clone()])
                }
                Some(value) => OptValue::Text(value.as_str()?.to_owned()),
            };
            options.add(option.key, value);
        }
        let secrets: Vec<Secret> = table["secrets"]
            .as_array()?
            .iter()
            .filter_map(|reference| {
                Some(Secret::new(
                    self.0["secrets"][reference["env"].as_str()?].as_str()?,
                ))
            })
            .collect();
        let key_sets = RefCell::new(KeySets::default());
        let built = (recipe.build?)(&Setup {
            options: &options,
            secrets: &secrets,
            keys: &[],
            jwks: None,
            listed: Listed {
                secrets: secrets.len(),
                keys: 0,
            },
            names: &[],
            key_sets: &key_sets,
            resolved: true,
        })
        .ok()?;
        let head = self.head();
        let cookies = Cookies::parse(&head.headers);
        let gathered = built.format.gather(&cookies, &built.names, recipe.chunks);
        let [presented] = gathered.values.as_slice() else {
            return None;
        };
        let at = At {
            now_ms: self.now_ms(),
            audience: "",
            budget: &Budget::default(),
            key_sets: &key_sets,
        };
        let payload = built.format.payload(presented, &at)?;
        let times = Times {
            now: at.now(),
            expires_at: Timestamp::from_secs(self.0["expires_at"].as_i64()?),
            born: at.now(),
            end: None,
        };
        let value = built
            .format
            .seal(presented.name, payload, &times, &mut Entropy::from_seed([3; 32]))?;
        let name = built.names.get(presented.name)?;
        Some(json!({ "name": name, "pairs": chunk::split(recipe.chunks, name, &value)? }))
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
