//! What the Kratos tests share: an upstream, a public origin, and the answers captured from the real Kratos v1.3.1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use edgeward::base::Timestamp;
use edgeward::kratos::Upstream;
use edgeward::kratos::table::{Found, Lookup, Mount, Table};
use edgeward::message::url::{BaseUrl, Origin};
use edgeward::message::{Headers, ResponseHead};
use serde_json::Value;

/// `serve.public.base_url` of the Kratos that was captured.
pub(crate) const UPSTREAM: &str = "https://id.upstream.example/kratos";
/// What stands nowhere in an answer that was mapped, in any spelling that a browser would follow.
pub(crate) const UPSTREAM_HOST: &str = "id.upstream.example";
/// The app.
pub(crate) const PUBLIC: &str = "https://app.example.com";

pub(crate) fn upstream() -> Upstream {
    Upstream::new(BaseUrl::parse(UPSTREAM).unwrap()).unwrap()
}

pub(crate) fn public() -> Origin {
    Origin::parse(PUBLIC).unwrap()
}

/// A table with everything that a config can expose.
pub(crate) fn whole_table() -> Table {
    Table::new(vec![Mount::Root, Mount::ApiOry])
        .exposing(true, true)
        .with_native(true)
        .with_ory_network(true)
}

pub(crate) fn found<'a>(table: &Table, method: &str, path: &'a str) -> Found<'a> {
    match table.find(method, path) {
        Lookup::Found(found) => found,
        other => panic!("{method} {path}: {other:?}"),
    }
}

pub(crate) fn headers(fields: &[(&str, &str)]) -> Headers {
    Headers::from_iter(fields.iter().copied())
}

/// A folder of `tests/vectors`.
pub(crate) fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/kratos-1.3.1")
}

/// One exchange with the real Kratos.
pub(crate) struct Capture {
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
    /// When it was taken.
    pub(crate) now: Timestamp,
}

/// Every captured exchange, by name.
pub(crate) fn captures() -> BTreeMap<String, Capture> {
    let index: Value =
        serde_json::from_slice(&std::fs::read(vectors().join("captures.json")).unwrap()).unwrap();
    let exchanges = index["exchanges"].as_array().unwrap().iter();
    exchanges
        .map(|exchange| {
            let text = |key: &str| exchange[key].as_str().unwrap().to_owned();
            let fields = exchange["headers"].as_array().unwrap().iter();
            let name = text("name");
            let body = exchange["body"].as_str();
            let capture = Capture {
                method: text("method"),
                path: text("path"),
                head: ResponseHead {
                    status: u16::try_from(exchange["status"].as_u64().unwrap()).unwrap(),
                    headers: fields
                        .map(|f| (f[0].as_str().unwrap(), f[1].as_str().unwrap()))
                        .collect(),
                },
                body: body
                    .map(|file| std::fs::read(vectors().join("bodies").join(file)).unwrap())
                    .unwrap_or_default(),
                now: Timestamp::from_secs(exchange["at"].as_i64().unwrap()),
                name: name.clone(),
            };
            (name, capture)
        })
        .collect()
}
