//! Tables of cases beside a config: request in, verdict out (docs/cases.md).

use std::path::{Path, PathBuf};

use edgeward::Shell;
use edgeward::base::{Entropy, Secret, Timestamp};
use edgeward::message::{Headers, RequestHead};
use edgeward::session::own::{Opened, OwnFormat};
use edgeward::session::{Lifetimes, Session, Source};
use serde_json::{Map, Value, json};

use super::world::{Came, ORIGIN, SECRET, START, World};

/// What each class looks like on the wire.
const CLASSES: &[(&str, &[(&str, &str)])] = &[
    (
        "page",
        &[
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("accept", "text/html"),
        ],
    ),
    ("data", &[("rsc", "1"), ("sec-fetch-mode", "cors")]),
    (
        "prefetch",
        &[("sec-purpose", "prefetch"), ("sec-fetch-mode", "navigate")],
    ),
    (
        "action",
        &[("next-action", "7f"), ("sec-fetch-site", "same-origin")],
    ),
    ("api", &[("accept", "application/json")]),
    (
        "cross-site",
        &[("sec-fetch-site", "cross-site"), ("accept", "application/json")],
    ),
    (
        "preflight",
        &[
            ("origin", "https://other.example"),
            ("access-control-request-method", "GET"),
        ],
    ),
    (
        "websocket",
        &[
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("origin", ORIGIN),
        ],
    ),
    (
        "asset",
        &[("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors")],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn toml(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table: toml::Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::to_value(table).unwrap()
}

/// The document that the cases are about: in the file itself, or a part of another file.
fn config(table: &Value, path: &Path) -> Value {
    let mut config = table["config"].clone();
    if let Some(other) = config.as_str() {
        let document = toml(&path.with_file_name(other));
        let at = table["at"].as_str().unwrap_or_default();
        let mut found = &document;
        for key in at.split('.').filter(|key| !key.is_empty()) {
            found = &found[key];
        }
        config = found.clone();
    }
    // What the world has: its secrets by their names, and its identity server.
    for (place, name) in [
        ("/origin/lock/env", "LOCK"),
        ("/session/secrets/0/env", "SESSION_SECRET"),
        ("/session/secrets/1/env", "SESSION_SECRET_OLD"),
        ("/assertion/secret/env", "ASSERTION_SECRET"),
        ("/assertion/key/env", "ASSERTION_KEY"),
        ("/debug/secret/env", "DEBUG_SECRET"),
        ("/kratos/url", "https://id.example.com"),
    ] {
        if let Some(found) = config.pointer_mut(place) {
            *found = name.into();
        }
    }
    config
}

/// The public origin that a request without one is for.
fn origin(config: &Value) -> &str {
    config["public_origins"][0].as_str().unwrap_or(ORIGIN)
}

fn seconds(text: &str) -> u64 {
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => panic!("{text}"),
    };
    number.parse::<u64>().unwrap() * unit
}

fn sign_in(world: &mut World, config: &Value, person: &Value) {
    if config["kratos"].is_object() {
        let cookie = world.sign_in_upstream("ann");
        let now = world.now_ms / 1000;
        let known = world.sessions.get_mut(&cookie).unwrap();
        known.roles = person["roles"].clone();
        known.needs_aal2 = person["withheld"] == true;
        known.authenticated_at = now - person["authenticated"].as_str().map_or(0, seconds);
        if person["aal"] == "aal2" {
            known.aal = "aal2";
        }
        return;
    }
    let now = Timestamp::from_secs((START / 1000) as i64);
    let mut claims: Map<String, Value> = person["claims"].as_object().cloned().unwrap_or_default();
    claims.insert("roles".into(), person["roles"].clone());
    let roles = person["roles"].as_array().into_iter().flatten();
    let session = Session {
        subject: "ann".into(),
        session_id: Some("sid".into()),
        source: Source::Own,
        born: now,
        issued_at: now,
        expires_at: now,
        auth_time: Some(now),
        verified_at: None,
        aal: None,
        amr: vec![],
        email: None,
        roles: roles
            .filter_map(|role| role.as_str().map(str::to_owned))
            .collect(),
        claims,
    };
    let opened = Opened {
        session,
        binding: None,
        end: None,
    };
    let lifetimes = Lifetimes {
        idle: 86_400,
        absolute: 604_800,
    };
    let cookie = config["session"]["cookie"].as_str().unwrap_or("__Host-edgeward");
    let audience = config["session"]["audience"].as_str();
    let format = OwnFormat::new(&[Secret::new(SECRET)], cookie, lifetimes);
    let sealed = format
        .seal(
            &opened,
            audience.unwrap_or(origin(config)),
            now,
            &mut Entropy::from_seed([1; 32]),
        )
        .unwrap();
    world.jar.insert(cookie.into(), sealed.value);
}

/// `GET /path`, or a whole URL.
fn head(case: &Value, world: &World, origin: &str) -> RequestHead {
    let (method, target) = case["request"].as_str().unwrap().split_once(' ').unwrap();
    let class = case["class"].as_str().unwrap_or("page");
    let (_, fields) = CLASSES
        .iter()
        .find(|(name, _)| *name == class)
        .unwrap_or_else(|| panic!("no class {class}"));
    let own = |value| if value == ORIGIN { origin } else { value };
    let mut headers: Headers = fields.iter().map(|(name, value)| (*name, own(*value))).collect();
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        headers.append(name, value.as_str().unwrap());
    }
    let cookies: Vec<_> = world
        .jar
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if !cookies.is_empty() {
        headers.append("cookie", cookies.join("; "));
    }
    let url = if target.starts_with('/') {
        format!("{origin}{target}")
    } else {
        target.to_owned()
    };
    RequestHead {
        method: method.into(),
        url,
        headers,
        client_ip: None,
    }
}

fn verdict(came: &Came, event: &Value) -> String {
    match came {
        Came::Through { .. } if event["action"] == "forward" => "forward".into(),
        Came::Through { .. } => "continue".into(),
        Came::Sent { to, .. } => format!("redirect {to}"),
        Came::Answered { status, headers, .. } => match headers.get("content-type") {
            Some("application/problem+json") => format!("problem {status}"),
            Some(_) => format!("page {status}"),
            None => format!("bare {status}"),
        },
    }
}

/// Runs one case; says what is wrong.
fn run(config: &Value, people: &Value, case: &Value) -> Result<(), String> {
    let mut world = World::with_shell(config, Shell::FRONT);
    if let Some(name) = case["as"].as_str() {
        let person = people
            .get(name)
            .ok_or_else(|| format!("nobody is called {name}"))?;
        sign_in(&mut world, config, person);
    }
    let head = head(case, &world, origin(config));
    let came = world.send(head);
    let event: Value = serde_json::from_str(world.events.last().unwrap()).unwrap();
    let got = verdict(&came, &event);
    let want = case["want"].as_str().ok_or("a case needs `want`")?;
    let same = got == want || (want.starts_with("redirect ") && got.starts_with(want));
    let unmet = &event["trace"]["unmet"];
    let rule = &event["trace"]["rules"][0];
    for (key, found) in [("code", &event["code"]), ("rule", rule), ("unmet", unmet)] {
        if !case[key].is_null() && case[key] != *found {
            return Err(format!("{key} is {found}"));
        }
    }
    for key in case.as_object().into_iter().flat_map(Map::keys) {
        if ![
            "request", "class", "as", "headers", "want", "code", "rule", "unmet",
        ]
        .contains(&key.as_str())
        {
            return Err(format!("`{key}` is no key of a case"));
        }
    }
    if same { Ok(()) } else { Err(format!("got {got}")) }
}

#[test]
fn every_case_beside_a_config_has_its_verdict() {
    let mut files: Vec<_> = std::fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    // Whoever has a config of their own: files of theirs, beside it.
    if let Some(theirs) = std::env::var_os("EDGEWARD_CASES") {
        files.extend(std::env::split_paths(&theirs));
    }
    let (mut count, mut wrong) = (0, Vec::new());
    for path in &files {
        let table = toml(path);
        let config = config(&table, path);
        for (group, cases) in table["cases"].as_object().unwrap() {
            for case in cases.as_array().unwrap() {
                count += 1;
                if let Err(fault) = run(&config, &table["people"], case) {
                    let name = path.file_name().unwrap().display();
                    wrong.push(format!("{name} {group}: {case}\n    {fault}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{count} cases in {} files", files.len());
    assert!(count >= 60 && files.len() >= 2, "{count}");
}

#[test]
fn a_case_that_is_wrong_or_misspelt_is_found() {
    let path = root().join("own.toml");
    let table = toml(&path);
    let config = config(&table, &path);
    let rows = [
        (json!({}), "needs `want`"),
        (json!({ "want": "continue" }), "got redirect /login"),
        (json!({ "want": "redirect /else" }), "got redirect /login"),
        (
            json!({ "want": "redirect /login", "rule": "routes[0]" }),
            "rule is \"default\"",
        ),
        (
            json!({ "want": "redirect /login", "code": "route.met" }),
            "code is",
        ),
        (json!({ "want": "redirect /login", "rul": 1 }), "`rul` is no key"),
        (json!({ "want": "continue", "as": "zoe" }), "nobody is called zoe"),
    ];
    for (mut case, wanted) in rows {
        case["request"] = json!("GET /x");
        let fault = run(&config, &table["people"], &case).expect_err(wanted);
        assert!(fault.contains(wanted), "{case}: {fault}");
    }
}
