//! Reading vectors, and one judge of signed tokens that every set goes through.

use std::path::{Path, PathBuf};

use edgeward::base::base64url;
use edgeward::jose::jws::{self, MacKey, Pending};
use edgeward::jose::{Algorithm, Jwk, JwkSet, jwe};
use serde_json::Value;

pub(crate) fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

pub(crate) fn text(path: &str) -> String {
    let path = vectors().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn json(path: &str) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name]
        .as_array()
        .unwrap_or_else(|| panic!("{name} is no list in {value}"))
}

pub(crate) fn str<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is no text in {value}"))
}

pub(crate) fn b64(text: &str) -> Vec<u8> {
    base64url::decode(text).unwrap()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// What became of a signed token.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Refused, with the code.
    Refused(&'static str),
    /// Verified by MAC; the payload.
    Verified(Vec<u8>),
    /// Only the mathematics is left, for the host.
    Host(Box<Pending>),
}

/// Judges a token with a JWK, or a JWK Set as a config would list it.
pub(crate) fn judge(token: &str, keys: &Value) -> Judgement {
    match try_judge(token, keys) {
        Ok(judgement) => judgement,
        Err(code) => Judgement::Refused(code),
    }
}

fn try_judge(token: &str, keys: &Value) -> Result<Judgement, &'static str> {
    let keys = keys
        .get("keys")
        .and_then(Value::as_array)
        .map_or(std::slice::from_ref(keys), Vec::as_slice);
    let keys: Result<Vec<Jwk>, _> = keys.iter().map(|key| Jwk::parse(&key.to_string())).collect();
    let keys = keys.and_then(JwkSet::from_keys).map_err(|error| error.code())?;
    let token = jws::decode(token).map_err(|error| error.code())?;
    let key = keys
        .select(token.header(), &Algorithm::ALL)
        .map_err(|error| error.code())?;
    let Some(secret) = key.secret() else {
        let pending = token
            .prepare(&Algorithm::ALL, key)
            .map_err(|error| error.code())?;
        return Ok(Judgement::Host(Box::new(pending)));
    };
    // A key without `alg` serves every HMAC; the selection has checked that the token's is one.
    let algorithm = key
        .alg()
        .or_else(|| Algorithm::parse(token.header().peek().alg()))
        .unwrap();
    let key = MacKey::new(algorithm, secret.expose()).map_err(|error| error.code())?;
    token
        .verify(&key)
        .map(|verified| Judgement::Verified(verified.payload))
        .map_err(|error| error.code())
}

pub(crate) fn enc(name: &str) -> jwe::Enc {
    jwe::Enc::parse(name).unwrap_or_else(|| panic!("{name} is no enc"))
}

/// Case numbers that `exceptions.toml` lists for a set. The file is a list of tables with `set`, `cases` and `reason`.
pub(crate) fn exceptions(file: &str, set: &str) -> Vec<u64> {
    let mut cases = Vec::new();
    for entry in text(file).split("[[exception]]").skip(1) {
        let field = |name: &str| {
            entry
                .lines()
                .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='))
                .unwrap_or_else(|| panic!("an exception without {name}: {entry}"))
                .trim()
        };
        assert!(field("reason").len() > 20, "an exception needs a reason: {entry}");
        if field("set").trim_matches('"') == set {
            let listed = field("cases").trim_matches(['[', ']']);
            cases.extend(listed.split(',').map(|case| case.trim().parse::<u64>().unwrap()));
        }
    }
    cases.sort_unstable();
    cases
}
