//! Whole requests: what a visitor sends under the cookie names of every format, through a gate that would open the real thing.

use std::path::Path;

use edgeward::base::{Moment, Secret};
use edgeward::decision::Decision;
use edgeward::message::{Headers, RequestHead};
use edgeward::step::{Answer, Effect, Failure, Reply, Step};
use edgeward::{Config, Gate, Shell};
use serde_json::{Value, json};

/// A folder of cases for every format that has them; also where the seeds lie.
pub(crate) const FOLDERS: &[&str] = &[
    "interop/auth-core-0.41.3/authjs",
    "interop/auth0-nextjs-auth0-3.8.0/auth0-v3",
    "interop/auth0-nextjs-auth0-4.30.0/auth0",
    "interop/aws-jwt-verify-5.2.1/cognito",
    "interop/better-auth-1.7.7/better-auth",
    "interop/clerk-backend-3.20.1/clerk",
    "interop/descope-node-sdk-2.13.0/descope",
    "interop/iron-session-8.0.4/iron-session",
    "interop/iron-session-9.0.1/iron-session",
    "interop/jose-6.2.17/jwe",
    "interop/jose-6.2.17/jwt",
    "interop/jose-6.2.17/stack",
    "interop/kinde-jwt-validator-0.4.5/kinde",
    "interop/logto-node-3.1.11/logto",
    "interop/next-auth-4.24.15/nextauth-v4",
    "interop/stytch-14.2.0/stytch",
    "interop/supabase-ssr-0.12.7/supabase",
    "interop/workos-inc-node-11.0.0/workos",
];

/// No format takes more than this for one request; each is a question to the host or a signature to check.
const EFFECTS: usize = 16;

thread_local! {
    static SITES: Vec<Site> = FOLDERS.iter().map(|folder| Site::of(folder)).collect();
}

/// A gate with the keys of a real session, and that session's cookies.
struct Site {
    gate: Gate,
    now_ms: u64,
    cookies: Vec<(String, String)>,
}

/// Any bytes in place of one cookie of a real session, or of all of them. Without the host's word nobody gets in by a
/// signature, and nothing ends in an error of ours.
pub fn formats(data: &[u8]) {
    let [which, place, value @ ..] = data else {
        return;
    };
    SITES.with(|sites| {
        let site = &sites[usize::from(*which) % sites.len()];
        site.visit(usize::from(*place), &String::from_utf8_lossy(value));
    });
}

impl Site {
    fn of(folder: &str) -> Self {
        let case = first_that_opens(folder);
        let document = json!({
            "public_origins": ["https://app.example.com"],
            "origin": { "binding": "APP" },
            "default": "session",
            "sign_in": "/login",
            "session": case["session"],
        });
        let now_ms = case["now"].as_u64().expect("a time") * 1000;
        let config = Config::parse(&document).expect("the case's own config");
        let secrets = |name: &str| case["secrets"][name].as_str().map(Secret::new);
        let gate = Gate::new(config, Shell::FRONT, secrets, Moment::new(now_ms, [1; 32]));
        let text = |cookie: &Value, key: &str| cookie[key].as_str().unwrap_or_default().to_owned();
        Self {
            gate: gate.expect("its secrets are there"),
            now_ms,
            cookies: case["cookies"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|cookie| (text(cookie, "name"), text(cookie, "value")))
                .collect(),
        }
    }

    fn visit(&self, place: usize, value: &str) {
        let all = place >= 128;
        let changed = place % self.cookies.len().max(1);
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .enumerate()
            .map(|(at, (name, real))| format!("{name}={}", if all || at == changed { value } else { real }))
            .collect();
        let head = RequestHead {
            method: "GET".into(),
            url: "https://app.example.com/app".into(),
            headers: Headers::from_iter([
                ("cookie", pairs.join("; ").as_str()),
                ("sec-fetch-mode", "navigate"),
                ("authorization", &format!("Bearer {value}")),
            ]),
            client_ip: None,
        };
        let mut step = self.gate.begin(head, Moment::new(self.now_ms, [2; 32]));
        let mut asked = 0;
        let decision = loop {
            match step {
                Step::Done(decision) => break decision,
                Step::Perform(effect, pending) => {
                    asked += 1;
                    assert!(asked <= EFFECTS, "{asked} effects for one request");
                    let answer = Answer {
                        id: effect.id(),
                        asked_ms: self.now_ms,
                        reply: match effect {
                            Effect::Verify(_) => Reply::Verified(false),
                            _ => Reply::Failed(Failure::Unreachable),
                        },
                    };
                    let resumed = pending.resume(answer, Moment::new(self.now_ms, [3; 32]));
                    step = resumed.expect("the answer is to the question");
                }
            }
        };
        if let Decision::Respond(answer) = decision {
            assert!(
                matches!(answer.head.status, 400 | 401 | 403 | 431 | 503),
                "{}",
                answer.head.status
            );
        }
    }
}

fn first_that_opens(folder: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/vectors")
        .join(folder);
    let files = std::fs::read_dir(&folder).expect("the folder is checked in");
    let mut files: Vec<_> = files.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
        .iter()
        .filter_map(|file| serde_json::from_str::<Value>(&std::fs::read_to_string(file).ok()?).ok())
        .find(|case| case["expect"].get("session").is_some())
        .expect("a case that opens")
}
