//! The TypeScript types of the config document and of the codes, made from what the reader asks for.
//!
//! Each table of the document is read with a key that nobody knows; the refusal lists every key that is known there. What
//! a key holds comes from its own refusal, or stands in `TYPES`.

use std::fmt::Write as _;

use edgeward::Config;
use edgeward::config::duration;
use edgeward::outcome::Code;
use edgeward::session::provider;
use edgeward::session::recipe::{Keys, Kind, Recipe};
use serde_json::{Value, json};

/// A key with this name is known nowhere.
const UNKNOWN: &str = "zzzzzzzz";

/// Tables of the document: the interface, and where it stands.
const TABLES: &[(&str, &str, &str)] = &[
    ("EdgewardConfig", "", "The config document: docs/config.md."),
    (
        "Upstream",
        "/origin",
        "Where the app is, for a gate in front of it.",
    ),
    ("Kratos", "/kratos", "Ory Kratos, tunnelled."),
    ("KratosUi", "/kratos/ui", "The app's pages of the flows."),
    (
        "Assertion",
        "/assertion",
        "A signed statement about the visitor, for the origin.",
    ),
    ("Debug", "/debug", "Who may see traces."),
    ("Identity", "/identity", "Bare identity headers."),
    ("Route", "/routes/0", "A rule; the first match wins."),
    ("Requirement", "/routes/0/require", "What the session must have."),
    (
        "Accept",
        "/session/accept/0",
        "Another format, opened and sealed anew.",
    ),
];

/// What keys hold whose refusal does not say it in words that a type can be made of. By the key, or by table and key.
const TYPES: &[(&str, &str)] = &[
    ("public_origins", "string | string[]"),
    ("preview_origins", "string | string[]"),
    ("EdgewardConfig.origin", "Upstream"),
    ("default", "Require"),
    ("signed_in", "string"),
    ("sign_in", "string"),
    ("locales", "string | string[]"),
    ("EdgewardConfig.session", "Session"),
    ("kratos", "Kratos"),
    ("assertion", "Assertion"),
    ("identity", "Identity"),
    ("Identity.headers", "Record<`x-edgeward-${string}`, Pointer>"),
    ("debug", "Debug"),
    ("routes", "Route[]"),
    ("Upstream.url", "string"),
    ("binding", "string"),
    ("lock", "Reference"),
    ("Kratos.url", "string"),
    ("also_known_as", "string | string[]"),
    ("forward_headers", "string | string[]"),
    ("Assertion.key", "Reference"),
    ("mounts", "'/' | '/api/.ory' | ('/' | '/api/.ory')[]"),
    ("ui", "KratosUi"),
    ("claims", "Pointer | Pointer[]"),
    ("cookie", "string | string[]"),
    ("Kratos.cookie", "string"),
    ("expose", "('sessions' | 'schemas')[]"),
    ("cookie_domain", "string"),
    ("network_token", "Reference"),
    ("login", "string"),
    ("registration", "string"),
    ("settings", "string"),
    ("recovery", "string"),
    ("verification", "string"),
    ("error", "string"),
    ("secret", "Reference"),
    ("Assertion.audience", "string"),
    ("path", "string | string[]"),
    ("host", "string | string[]"),
    ("methods", "string | string[]"),
    ("require", "Require"),
    ("Requirement.session", "true"),
    ("guest", "true"),
    ("any", "Condition[]"),
    ("all", "Condition[]"),
    ("email_domain", "string | string[]"),
    ("until", "string"),
    ("from", "'cookie' | 'bearer' | ('cookie' | 'bearer')[]"),
    ("dev_cookie", "string"),
    ("audience", "string"),
    ("accept", "Accept[]"),
    ("roles", "Pointer"),
    ("not_before", "string | Reference"),
    ("to_client", "Pointer | Pointer[]"),
    ("logout", "string | string[]"),
];

/// What several formats have in common: an interface has all of its keys, and every format that has them all extends it.
const SHARED: &[(&str, &str, &[&str])] = &[
    (
        "WithCookie",
        "The names of its cookies, in place of the library's.",
        &["cookie"],
    ),
    ("WithSecrets", "Sealed or signed by secrets.", &["secrets"]),
    ("WithKeys", "Signed by key pairs.", &["keys", "jwks"]),
    (
        "WithSubject",
        "The subject under a name of the app's own.",
        &["subject"],
    ),
    (
        "WithEmail",
        "The address under names of the app's own.",
        &["email", "email_verified"],
    ),
    (
        "WithLogin",
        "The login under names of the app's own.",
        &["session_id", "auth_time"],
    ),
    (
        "WithScope",
        "What a token must be for, so that no other of the same secret is a session.",
        &["issuer", "jwt_audience", "typ", "exclusive_secret"],
    ),
];

/// Keys that another one can stand in for: the reader asks for one of them.
const EITHER: &[(&str, &str)] = &[("Assertion", "secret")];

const HEAD: &str = "// Written by EDGEWARD_WRITE_DOCS=1 cargo test --test it gate::types. From what the reader of the document asks for.\n\n";

const WORDS: &str = "/** A secret by reference: the name of a variable of the host. */
export interface Reference { env: string }

/** A JSON pointer (RFC 6901). */
export type Pointer = `/${string}`;

/** A whole number and a unit. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

/** A public key: as PEM, as JWK, or in a variable. */
export type Key = Reference | { pem: string } | { jwk: Record<string, unknown> };

type Scalar = string | number | boolean;

/** One condition on the session. */
export type Condition =
  | { role: string }
  | { claim: Pointer; equals: Scalar | Scalar[]; user_editable?: boolean }
  | { claim: Pointer; contains: Scalar; user_editable?: boolean };

/** Who may come in: everybody, everybody with the session opened, who has none, who has one, or who has one like this. */
export type Require = 'public' | 'optional' | 'guest' | 'session' | Requirement;

";

/// A document in which every table is there.
fn whole(recipe: &Recipe) -> Value {
    let mut session =
        json!({ "format": recipe.name, "accept": [{ "format": "jwt", "until": "2030-01-01" }] });
    if !matches!(recipe.keys, Keys::Public) {
        session["secrets"] = json!([{ "env": "A" }]);
    }
    json!({
        "public_origins": ["https://app.example.com"], "default": "session", "session": session,
        "origin": {}, "assertion": {}, "identity": {}, "debug": {}, "kratos": { "ui": {} },
        "routes": [{ "path": "/a", "require": { "aal": "aal1" } }],
    })
}

/// Every refusal of a document: place, found, accepted.
fn refusals(document: &Value) -> Vec<(String, String)> {
    let mut errors: Vec<(String, String)> = match Config::parse(document) {
        Ok(_) => Vec::new(),
        Err(errors) => errors
            .0
            .iter()
            .map(|error| (error.path.clone(), error.accepted.clone()))
            .collect(),
    };
    let fresh = edgeward::config::read::Errors::new();
    let routes = document["routes"].clone();
    if routes.is_array() {
        let _ = edgeward::config::routes::read(
            &edgeward::config::read::Node::root(&routes, "routes", &fresh),
            edgeward::config::routes::Given {
                fresh_within: 300,
                user_editable: &[],
            },
        );
    }
    errors.extend(
        fresh
            .into_inner()
            .iter()
            .map(|error| (error.path.clone(), error.accepted.clone())),
    );
    errors
}

/// The place of a table in the words of a refusal.
fn place(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1);
    parts.fold(String::new(), |place, part| match part.parse::<usize>() {
        Ok(at) => format!("{place}[{at}]"),
        Err(_) if place.is_empty() => part.to_owned(),
        Err(_) => format!("{place}.{part}"),
    })
}

fn below(place: &str, key: &str) -> String {
    if place.is_empty() {
        key.to_owned()
    } else {
        format!("{place}.{key}")
    }
}

fn words(accepted: &str) -> Option<Vec<&str>> {
    let words: Option<Vec<&str>> = accepted
        .split(", ")
        .map(|word| {
            word.strip_prefix('`')?
                .strip_suffix('`')
                .filter(|word| !word.contains('`'))
        })
        .collect();
    words.filter(|words| !words.is_empty())
}

/// What is accepted for a key of a table that holds `value`, or is not there; nothing where that is not refused.
fn accepted(document: &Value, pointer: &str, key: &str, value: Option<Value>) -> Option<String> {
    let mut probe = document.clone();
    let table = probe.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => table.insert(key.into(), value),
        None => table.remove(key),
    };
    let at = below(&place(pointer), key);
    let mut found = refusals(&probe).into_iter();
    found
        .find(|(place, _)| *place == at)
        .map(|(_, accepted)| accepted)
}

/// The keys that are known in a table of the document.
fn keys(document: &Value, pointer: &str) -> Vec<String> {
    let accepted = accepted(document, pointer, UNKNOWN, Some(json!(1)));
    let accepted = accepted.unwrap_or_else(|| panic!("nothing refuses an unknown key in `{pointer}`"));
    words(&accepted).unwrap().into_iter().map(str::to_owned).collect()
}

/// What a key holds.
fn type_of(interface: &str, document: &Value, pointer: &str, key: &str) -> String {
    let named = |name: &str| {
        TYPES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| (*kind).to_owned())
    };
    if let Some(kind) = named(&format!("{interface}.{key}")).or_else(|| named(key)) {
        return kind;
    }
    let Some(accepted) = accepted(document, pointer, key, Some(json!(7.5))) else {
        panic!("nothing says what `{key}` of {interface} holds; give it a type in TYPES");
    };
    match accepted.as_str() {
        "true or false" => "boolean".to_owned(),
        duration::ACCEPTED => "Duration".to_owned(),
        accepted => match words(accepted) {
            Some(words) => one_of(&words),
            None => panic!("`{key}` of {interface} holds {accepted}; give it a type in TYPES"),
        },
    }
}

fn needed(document: &Value, pointer: &str, key: &str) -> bool {
    accepted(document, pointer, key, None).is_some_and(|accepted| !accepted.is_empty())
}

fn one_of(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    words.join(" | ")
}

/// Key, whether it must be there, type.
type Member = (String, bool, String);

fn interface(out: &mut String, name: &str, about: &str, members: &[Member]) {
    let _ = write!(out, "/** {about} */\nexport interface {name} {{");
    body(out, members);
    out.push_str("}\n\n");
}

fn body(out: &mut String, members: &[Member]) {
    out.push('\n');
    for (key, needed, kind) in members {
        let _ = writeln!(out, "  {key}{}: {kind};", if *needed { "" } else { "?" });
    }
}

/// The members of each shared interface, as the first format that has them all has them.
fn shared(formats: &[Vec<Member>]) -> Vec<(&'static str, Vec<Member>)> {
    let of = |keys: &[&str]| {
        let pick = |members: &Vec<Member>| -> Vec<Member> {
            let has = |(key, ..): &&Member| keys.contains(&key.as_str());
            members.iter().filter(has).cloned().collect()
        };
        let all = |members: &Vec<Member>| members.len() == keys.len();
        formats.iter().map(pick).find(all).unwrap()
    };
    SHARED.iter().map(|(name, _, keys)| (*name, of(keys))).collect()
}

fn members(name: &str, document: &Value, pointer: &str, without: &[String]) -> Vec<Member> {
    let keys = keys(document, pointer);
    let keys = keys.into_iter().filter(|key| !without.contains(key));
    let member = |key: String| {
        let kind = type_of(name, document, pointer, &key);
        let needed = !EITHER.contains(&(name, &key)) && needed(document, pointer, &key);
        (key, needed, kind)
    };
    keys.map(member).collect()
}

/// The keys that open a format, and its own options.
fn format_members(recipe: &Recipe) -> Vec<Member> {
    let mut members = vec![("format".to_owned(), true, format!("'{}'", recipe.name))];
    let mut put =
        |key: &str, needed: bool, kind: &str| members.push((key.to_owned(), needed, kind.to_owned()));
    match recipe.keys {
        Keys::Secrets(_) => put("secrets", true, "Reference | Reference[]"),
        Keys::Both(_) => put("secrets", true, "Reference | Reference[]"),
        Keys::Either => put("secrets", false, "Reference | Reference[]"),
        Keys::Public => {}
    }
    if !matches!(recipe.keys, Keys::Secrets(_)) {
        put("keys", false, "Key | Key[]");
        put("jwks", false, "string");
    }
    put("cookie", false, "string | string[]");
    for option in recipe.options {
        let kind = match option.kind {
            Kind::Text | Kind::Url => "string".to_owned(),
            Kind::Texts => "string | string[]".to_owned(),
            Kind::Flag => "boolean".to_owned(),
            Kind::Duration => "Duration".to_owned(),
            Kind::Words(words) => format!("{0} | ({0})[]", one_of(words)),
        };
        put(option.key, false, &kind);
    }
    members
}

fn type_name(recipe: &Recipe) -> String {
    let parts = recipe.name.split('-').map(|part| {
        let (first, rest) = part.split_at(1);
        first.to_uppercase() + rest
    });
    parts.collect::<String>() + "Format"
}

fn config_types() -> String {
    let own = *provider::all().first().unwrap();
    let document = whole(own);
    let mut out = HEAD.to_owned() + WORDS;
    for (name, pointer, about) in TABLES {
        if *name == "Accept" {
            let of_format: Vec<String> = provider::all()
                .iter()
                .flat_map(|recipe| format_members(recipe).into_iter().map(|(key, ..)| key))
                .collect();
            let _ = write!(out, "/** {about} */\nexport type Accept = Format & {{");
            body(&mut out, &members(name, &document, pointer, &of_format));
            out.push_str("};\n\n");
            continue;
        }
        let members = members(name, &document, pointer, &[]);
        interface(&mut out, name, about, &members);
    }
    let all: Vec<Vec<Member>> = provider::all()
        .iter()
        .map(|recipe| format_members(recipe))
        .collect();
    let bases = shared(&all);
    for ((name, about, _), (_, members)) in SHARED.iter().zip(&bases) {
        interface(&mut out, name, about, members);
    }
    let mut common: Option<Vec<Member>> = None;
    for (recipe, of_format) in provider::all().iter().zip(&all) {
        let about = if recipe.library.is_empty() {
            "The gate's own format."
        } else {
            recipe.library
        };
        let fitting = bases
            .iter()
            .filter(|(_, members)| members.iter().all(|one| of_format.contains(one)));
        let (bases, inherited): (Vec<&str>, Vec<&Vec<Member>>) =
            fitting.map(|(name, members)| (*name, members)).unzip();
        let beside: Vec<Member> = of_format
            .iter()
            .filter(|member| !inherited.iter().any(|members| members.contains(member)))
            .cloned()
            .collect();
        let head = format!("{} extends {}", type_name(recipe), bases.join(", "));
        interface(&mut out, &head, &about.replace("*/", ""), &beside);
        let known = keys(&whole(recipe), "/session");
        for (key, ..) in of_format {
            assert!(
                known.contains(key),
                "`{key}` of {} is asked for by nobody: {known:?}",
                recipe.name
            );
        }
        let rest: Vec<_> = known
            .into_iter()
            .filter(|key| !of_format.iter().any(|(own, ..)| own == key))
            .map(|key| {
                let kind = type_of("Session", &whole(own), "/session", &key);
                (key, false, kind)
            })
            .collect();
        // What every format has beside its own keys is the same.
        assert_eq!(
            common.get_or_insert_with(|| rest.clone()),
            &rest,
            "{}",
            recipe.name
        );
    }
    let names: Vec<String> = provider::all().iter().map(|recipe| type_name(recipe)).collect();
    let _ = writeln!(out, "export type Format =\n  | {};\n", names.join("\n  | "));
    out.push_str("/** The session cookie, and what holds for it. */\nexport type Session = Format & {");
    body(&mut out, &common.unwrap());
    out.push_str("};\n");
    out
}

fn code_types() -> String {
    let mut out = HEAD.to_owned() + "/** Stable codes: docs/contract.md. */\nexport type Code =\n";
    for code in Code::ALL {
        let _ = writeln!(out, "  /** {} */\n  | '{}'", code.meaning().trim(), code.as_str());
    }
    out.pop();
    out.push_str(";\n");
    out
}

#[test]
fn the_types_are_those_of_the_reader() {
    for (name, wanted) in [("config", config_types()), ("codes", code_types())] {
        let path = format!("{}/js-shim/types/{name}.d.ts", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("EDGEWARD_WRITE_DOCS").is_some() {
            std::fs::write(&path, wanted).unwrap();
            continue;
        }
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written, wanted, "run this test with EDGEWARD_WRITE_DOCS=1");
    }
}
