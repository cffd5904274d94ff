//! What the real libraries made: every case is a request through the gate, and comes out as its file says.
//!
//! A file holds a `[session]` table, the cookies, a time and the outcome. The libraries themselves were asked about every
//! case when it was made; where gate and library differ, the file says why (`stricter`, `laxer`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use edgeward::base::{Moment, Secret, base64url};
use edgeward::decision::Decision;
use edgeward::message::{Headers, RequestHead, ResponseHead};
use edgeward::step::{Answer, Effect, Failure, Reply, Response, Step};
use edgeward::{Config, Gate, Shell};
use serde_json::{Map, Value, json};

use crate::jose_support::vectors;

/// Every format whose cases are checked in: folder, format, cases that open, cases that do not. A folder that is not
/// listed, or a file more or less, fails.
const COVERED: &[(&str, &str, usize, usize)] = &[
    ("auth-core-0.41.3", "authjs", 13, 29),
    ("auth0-nextjs-auth0-3.8.0", "auth0-v3", 5, 17),
    ("auth0-nextjs-auth0-4.30.0", "auth0", 10, 28),
    ("aws-jwt-verify-5.2.1", "cognito", 7, 23),
    ("better-auth-1.7.7", "better-auth", 19, 58),
    ("clerk-backend-3.20.1", "clerk", 9, 28),
    ("descope-node-sdk-2.13.0", "descope", 6, 20),
    ("iron-session-8.0.4", "iron-session", 8, 22),
    ("iron-session-9.0.1", "iron-session", 13, 27),
    ("jose-6.2.17", "jwe", 9, 43),
    ("jose-6.2.17", "jwt", 26, 52),
    ("jose-6.2.17", "stack", 5, 21),
    ("kinde-jwt-validator-0.4.5", "kinde", 6, 23),
    ("logto-node-3.1.11", "logto", 4, 19),
    ("next-auth-4.24.15", "nextauth-v4", 10, 32),
    ("ory-cookiex-b86338d", "ory-cookie", 4, 20),
    ("stytch-14.2.0", "stytch", 4, 21),
    ("supabase-ssr-0.12.7", "supabase", 12, 27),
    ("workos-inc-node-11.0.0", "workos", 5, 26),
];

const ORIGIN: &str = "https://app.example.com";
const ASSERTION: &str = "x-edgeward-assertion";

#[test]
fn every_case_comes_out_as_its_file_says() {
    let mut faults = Vec::new();
    for (folder, format) in folders() {
        for file in files(&root().join(&folder).join(&format)) {
            let case = Case::read(&file);
            let name = format!("{folder}/{format}: {}", case.text("name"));
            if let Err(fault) = case.judge() {
                faults.push(format!("{name}: {fault}"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} cases:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn every_folder_is_covered_and_every_format_has_its_counts() {
    let found: Vec<_> = folders()
        .into_iter()
        .map(|(folder, format)| {
            let cases: Vec<_> = files(&root().join(&folder).join(&format))
                .iter()
                .map(|file| Case::read(file))
                .collect();
            let opens = cases
                .iter()
                .filter(|case| case.0["expect"].get("session").is_some())
                .count();
            (folder, format, opens, cases.len() - opens)
        })
        .collect();
    let covered: Vec<_> = COVERED
        .iter()
        .map(|(a, b, c, d)| ((*a).to_owned(), (*b).to_owned(), *c, *d))
        .collect();
    assert_eq!(found, covered);
}

/// A case that the library takes and the gate does not says why, and so does one that only the gate takes.
#[test]
fn every_difference_has_its_reason() {
    for (folder, format) in folders() {
        for file in files(&root().join(&folder).join(&format)) {
            let case = Case::read(&file);
            let opens = case.0["expect"].get("session").is_some();
            let reason = match (opens, case.text("library")) {
                (true, "refuses") => "laxer",
                (false, "opens") => "stricter",
                _ => continue,
            };
            assert!(
                !case.text(reason).is_empty(),
                "{folder}/{format}: {}: no {reason}",
                case.text("name")
            );
        }
    }
}

struct Case(Value);

impl Case {
    fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        Self(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    fn gate(&self) -> Result<Gate, String> {
        let document = json!({
            "public_origins": [ORIGIN],
            "origin": { "binding": "APP" },
            "default": "session",
            "sign_in": "/login",
            "session": self.0["session"],
            "assertion": { "secret": { "env": "ASSERTION" }, "audience": "origin" },
        });
        let secrets: BTreeMap<String, String> =
            serde_json::from_value(self.0["secrets"].clone()).unwrap_or_default();
        let resolve = |name: &str| match name {
            "ASSERTION" => Some(Secret::new("an assertion secret of at least 32 bytes")),
            name => secrets.get(name).map(|secret| Secret::new(secret.as_str())),
        };
        Config::parse(&document)
            .and_then(|config| Gate::new(config, Shell::FRONT, resolve, self.moment(0)))
            .map_err(|errors| format!("no config: {errors}"))
    }

    fn head(&self) -> RequestHead {
        let mut headers = Headers::from_iter([("accept", "application/json"), ("sec-fetch-mode", "cors")]);
        let pairs: Vec<String> = self.0["cookies"].as_array().unwrap().iter().map(pair).collect();
        if !pairs.is_empty() {
            headers.append("cookie", pairs.join("; "));
        }
        for (name, value) in self.0["headers"].as_object().into_iter().flatten() {
            headers.append(name, value.as_str().unwrap());
        }
        RequestHead {
            method: "GET".into(),
            url: format!("{ORIGIN}/page"),
            headers,
            client_ip: None,
        }
    }

    fn moment(&self, n: u8) -> Moment {
        Moment::new(self.0["now"].as_u64().unwrap() * 1000, [n; 32])
    }

    /// Sends the request, and holds what came of it against the file.
    fn judge(&self) -> Result<(), String> {
        let gate = self.gate()?;
        let decision = self.drive(gate.begin(self.head(), self.moment(1)))?;
        let expect = &self.0["expect"];
        match (decision, expect["session"].as_object(), expect["none"].as_str()) {
            (Decision::Continue(go), Some(told), None) => {
                let mut app = self.head().headers;
                go.edits.apply(&mut app);
                let assertion = app.get(ASSERTION).ok_or("no assertion")?;
                differences(&claims(assertion), told)?;
                self.forwarded_once(app.get("cookie").unwrap_or_default())
            }
            (Decision::Continue(_), ..) => Err(format!("opened, the file says {expect}")),
            (Decision::Respond(respond), None, Some(outcome)) => {
                let codes = [Some(respond.event.code), respond.event.session]
                    .map(|code| code.map(|code| code.as_str()));
                let wanted = code_of(outcome);
                if !codes.contains(&Some(wanted.as_str())) {
                    return Err(format!("{codes:?}, the file says {outcome}"));
                }
                // Only what was opened and found ended, or is ambiguous, is expired (semantics 4.5).
                let ends = respond.head.headers.get_all("set-cookie").count() > 0;
                if ends == matches!(outcome, "expired" | "ambiguous") {
                    Ok(())
                } else {
                    Err(format!("{outcome}: cookies ended: {ends}"))
                }
            }
            (Decision::Respond(respond), ..) => Err(format!(
                "{:?} {:?}, the file says {expect}",
                respond.event.code, respond.event.session
            )),
            (other, ..) => Err(format!("{other:?}")),
        }
    }

    /// The session that was judged goes on, with its chunks, each name once and each value as it came (semantics 4.2).
    fn forwarded_once(&self, header: &str) -> Result<(), String> {
        let sent: Vec<String> = self.0["cookies"].as_array().unwrap().iter().map(pair).collect();
        let mut names = Vec::new();
        for pair in header.split("; ").filter(|pair| !pair.is_empty()) {
            let name = pair.split('=').next().unwrap();
            if names.contains(&name) || !sent.iter().any(|known| known == pair) {
                return Err(format!("`{name}` goes on twice, or changed"));
            }
            names.push(name);
        }
        if names.is_empty() && !sent.is_empty() {
            return Err("no cookie goes on".into());
        }
        Ok(())
    }

    fn drive(&self, mut step: Step<Decision>) -> Result<Decision, String> {
        for n in 2..20 {
            step = match step {
                Step::Done(decision) => return Ok(decision),
                Step::Perform(effect, pending) => {
                    let answer = Answer {
                        id: effect.id(),
                        asked_ms: self.0["now"].as_u64().unwrap() * 1000,
                        reply: self.perform(&effect)?,
                    };
                    pending
                        .resume(answer, self.moment(n))
                        .map_err(|_| "misdelivered")?
                }
            };
        }
        Err("more than 18 effects".into())
    }

    /// Verifies as the native host does, and serves the key sets of the file and nothing else.
    fn perform(&self, effect: &Effect) -> Result<Reply, String> {
        match effect {
            Effect::Verify(asked) => Ok(Reply::Verified(edgeward_verifier::verify(asked))),
            Effect::Fetch(fetch) if fetch.purpose == "jwks" => Ok(match self.0["jwks"].get(&fetch.url) {
                Some(set) => Reply::Response(Response {
                    head: ResponseHead {
                        status: 200,
                        headers: Headers::from_iter([("content-type", "application/json")]),
                    },
                    body: set.to_string().into_bytes(),
                }),
                None => return Err(format!("asked for {}", fetch.url)),
            }),
            Effect::Fetch(_) => Ok(Reply::Failed(Failure::Unreachable)),
            other => Err(format!("asked for {other:?}")),
        }
    }
}

/// The stable code of an outcome. What lapsed says that it ended, and nobody verified that.
fn code_of(outcome: &str) -> String {
    match outcome {
        "lapsed" => "session.expired".to_owned(),
        "unknown_key" => "key.unknown".to_owned(),
        code if code.contains('.') => code.to_owned(),
        outcome => format!("session.{outcome}"),
    }
}

/// A cookie-pair; a value that only has to be long is not kept in the file.
fn pair(cookie: &Value) -> String {
    let value = match cookie["filler"].as_u64() {
        Some(length) => "edgeward ".chars().cycle().take(length as usize).collect(),
        None => cookie["value"].as_str().unwrap().to_owned(),
    };
    format!("{}={value}", cookie["name"].as_str().unwrap())
}

/// Every member that the file names; `null` is one that must not be there.
fn differences(found: &Map<String, Value>, told: &Map<String, Value>) -> Result<(), String> {
    for (name, wanted) in told {
        let value = found.get(name).unwrap_or(&Value::Null);
        if value != wanted {
            return Err(format!("`{name}` is {value}, the file says {wanted}"));
        }
    }
    Ok(())
}

fn claims(assertion: &str) -> Map<String, Value> {
    let payload = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload).unwrap()).unwrap()
}

fn root() -> PathBuf {
    vectors().join("interop")
}

fn folders() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in names(&root()) {
        for format in names(&root().join(&folder)) {
            found.push((folder.clone(), format));
        }
    }
    found
}

/// The folders in a folder, sorted.
fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn files(path: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}
