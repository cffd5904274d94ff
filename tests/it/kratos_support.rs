//! What the Kratos tests share: an upstream, a public origin, and the answers captured from the real Kratos v1.3.1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use edgeward::base::Timestamp;
use edgeward::kratos::Upstream;
use edgeward::kratos::down::{Answer, Down, process};
use edgeward::kratos::map::UrlMap;
use edgeward::kratos::table::{Found, Lookup, Mount, Table};
use edgeward::kratos::up::{Ask, ExtraFields, UpError, UpRequest, build};
use edgeward::message::set_cookie::CookieDomain;
use edgeward::message::url::{BaseUrl, Origin};
use edgeward::message::{Headers, RequestHead, ResponseHead};
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

pub(crate) const NOW: i64 = 1_795_000_000;

pub(crate) struct Came<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) fields: &'a [(&'a str, &'a str)],
    pub(crate) domain: Option<&'a str>,
}

pub(crate) const CAME: Came<'_> = Came {
    method: "GET",
    path: "/self-service/login",
    status: 200,
    fields: &[],
    domain: None,
};

pub(crate) fn down_from(upstream: &Upstream, came: &Came<'_>) -> Down {
    let table = whole_table();
    let found = found(&table, came.method, came.path);
    let domain = came.domain.map(|d| CookieDomain::parse(d).unwrap());
    let answer = Answer {
        found: &found,
        method: came.method,
        map: UrlMap::new(upstream, &public(), found.mount),
        cookie_domain: domain.as_ref(),
        cors_origins: &[public(), Origin::parse("https://spa.example.com").unwrap()],
        now: Timestamp::from_secs(NOW),
    };
    process(
        upstream,
        ResponseHead {
            status: came.status,
            headers: headers(came.fields),
        },
        &answer,
    )
}

pub(crate) fn down(came: &Came<'_>) -> Down {
    down_from(&upstream(), came)
}

pub(crate) fn all<'a>(headers: &'a Headers, name: &'a str) -> Vec<&'a str> {
    headers.get_all(name).collect()
}

pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) fields: &'a [(&'a str, &'a str)],
    pub(crate) session: Option<&'a str>,
    pub(crate) native: bool,
    pub(crate) client_ip: Option<&'a str>,
}

pub(crate) const SENT: Sent<'_> = Sent {
    method: "GET",
    path: "/self-service/login/flows",
    query: None,
    fields: &[],
    session: None,
    native: false,
    client_ip: None,
};

pub(crate) fn sent_to(
    upstream: &Upstream,
    table: &Table,
    sent: &Sent<'_>,
    extra: &ExtraFields,
) -> Result<UpRequest, UpError> {
    let head = RequestHead {
        method: sent.method.to_owned(),
        url: "https://app.example.com/".to_owned(),
        headers: headers(sent.fields),
        client_ip: sent.client_ip.map(str::to_owned),
    };
    let ask = Ask {
        found: &found(table, sent.method, sent.path),
        head: &head,
        query: sent.query,
        session: sent.session,
        public: &public(),
        native: sent.native,
        extra,
    };
    build(upstream, &ask)
}

pub(crate) fn sent(sent: &Sent<'_>) -> Result<UpRequest, UpError> {
    sent_to(&upstream(), &whole_table(), sent, &ExtraFields::default())
}

pub(crate) fn up_fields(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let request = sent(&Sent { fields, ..SENT }).unwrap();
    let ours = ["x-forwarded-proto", "x-forwarded-host"];
    let others = request.headers.iter().filter(|(name, _)| !ours.contains(name));
    others
        .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
        .collect()
}
