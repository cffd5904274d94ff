//! Clerk: a session token of a minute in `__session`, beside `__client_uat`, the time of the last change to the client.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use edgeward_primitives::digest;

use crate::base::{Timestamp, base64url, docs};
use crate::jose::jwt::Claims;
use crate::jose::{Algorithm, Header};
use crate::message::cookie::Cookies;
use crate::session::chunk::{self, Gathered};
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Spans, session};
use crate::session::own::Opened;
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};
use crate::session::{Aal, SessionError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "clerk",
    library: docs::text("@clerk/backend 3.25.0 (run as 3.20.1)"),
    names: &["__session_<suffix>", "__session"],
    chunks: Chunks::Never,
    keys: Keys::Public,
    options: &[
        opt("publishable_key", Kind::Text, "`pk_live_…` or `pk_test_…`"),
        opt(
            "authorized_parties",
            Kind::Texts,
            "the origins that tokens may be made for; the request's own where absent",
        ),
        opt(
            "issuer",
            Kind::Texts,
            "the expected `iss`, where it is not `https://` and the frontend API",
        ),
    ],
    can: Can {
        renewed: true,
        bearer: true,
        auth_time: true,
        aal: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &["unsafe_metadata", "unsafeMetadata"],
    stricter: docs::list(&[
        "`iss` is checked; the library checks it only where it is passed",
        "`azp` must be the request's own origin where no list is given",
        "there is no handshake: an expired token is no session until the browser has fetched the next one",
        "a session that is `pending` is none",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked within the minute that a token lives",
        "a fresh token: the handshake and its redirect are Clerk's",
        "the e-mail address, unless a claim was added to the session token",
    ]),
    build: Some(build),
};

/// The library's clock skew in seconds.
const SKEW: i64 = 5;
/// Categories of session tokens; templates and machines have others.
const SESSIONS: [&str; 2] = ["cl_B7d4PD111AAA", "cl_I7d4PD111III"];

#[derive(Debug)]
struct Clerk {
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
    parties: Rc<[String]>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    const ACCEPTED: &str = "`pk_live_…` or `pk_test_…`";
    let key = setup.need("publishable_key", ACCEPTED)?;
    let api = frontend_api(key)
        .ok_or_else(|| SetupError::new("config.value", "publishable_key", "another text", ACCEPTED, ""))?;
    let suffix: String = base64url::encode(digest::sha1(key.as_bytes())).chars().take(8).collect();
    let issuer = ["https://", &api].concat();
    let mut issuers = setup.texts("issuer");
    if issuers.is_empty() {
        issuers.push(issuer.clone());
    }
    let rule = Rule {
        typ: vec!["JWT".to_owned()],
        issuers,
        tolerance: SKEW,
        iat_ahead: SKEW,
        required: &["sub", "iat"],
        ..Rule::new(vec![Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512])
    };
    Ok(Built {
        names: setup.names_or([format!("__session_{suffix}"), "__session".to_owned()]),
        format: Rc::new(Clerk {
            signed: Signed::new(setup, rule, Some(&[&issuer, "/.well-known/jwks.json"].concat()))?,
            mapping: Rc::new(Mapping {
                auth_time: None,
                ..Mapping::oidc()
            }),
            parties: setup.texts("authorized_parties").into(),
        }),
    })
}

/// `pk_live_<base64 of the host and a dollar sign>`.
fn frontend_api(key: &str) -> Option<String> {
    let encoded = key
        .strip_prefix("pk_live_")
        .or_else(|| key.strip_prefix("pk_test_"))?;
    let bytes = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let host = String::from_utf8(bytes).ok()?.strip_suffix('$')?.to_owned();
    let plain = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    plain.then_some(host)
}

/// What was changed last in the client: nothing may be older, and zero is signed out.
fn check_client(presented: &Presented, claims: &Claims) -> Result<(), SessionError> {
    let uat = presented.beside("uat").ok_or(SessionError::Malformed)?;
    let digits = !uat.is_empty() && uat.len() <= 12 && uat.bytes().all(|b| b.is_ascii_digit());
    let changed: i64 = uat
        .parse()
        .ok()
        .filter(|_| digits)
        .ok_or(SessionError::Malformed)?;
    let issued = claims.numeric_date("iat").ok().flatten();
    if changed == 0 || issued.is_none_or(|issued| issued.as_secs() < changed) {
        return Err(SessionError::Lapsed);
    }
    Ok(())
}

fn check(header: &Header, claims: &Claims, parties: &[String], audience: &str) -> Result<(), SessionError> {
    let category = header.get("cat").map(Value::as_str);
    if category.is_some_and(|category| category.is_none_or(|category| !SESSIONS.contains(&category))) {
        return Err(SessionError::Malformed);
    }
    if claims.get("sts").is_some_and(|status| status == "pending") {
        return Err(SessionError::Malformed);
    }
    let party = claims.text("azp").map_err(|_| SessionError::Malformed)?;
    let authorized = match (party, parties) {
        (Some(party), []) => party == audience,
        (None, []) => true,
        (Some(party), listed) => listed.iter().any(|listed| listed == party),
        (None, _) => false,
    };
    if authorized {
        Ok(())
    } else {
        Err(SessionError::Audience)
    }
}

fn read(claims: Claims, mapping: &Mapping, now: Timestamp) -> Result<Opened, SessionError> {
    let spans = Spans::of(&claims)?;
    let spans = Spans {
        born: None,
        ..super::common::tolerant(spans, SKEW)
    };
    // Minutes since each factor was proved, at the time of the token; -1 for never.
    let ages: Vec<i64> = claims
        .get("fva")
        .and_then(Value::as_array)
        .map(|ages| ages.iter().filter_map(Value::as_i64).collect())
        .unwrap_or_default();
    let mut opened = session(claims.into_members(), mapping, spans, now)?;
    if let [first, second] = ages.as_slice() {
        let proved = [*first, *second].into_iter().filter(|age| *age >= 0).min();
        opened.session.auth_time = proved.map(|age| opened.session.issued_at.plus(age.saturating_mul(-60)));
        opened.session.aal = Some(if *second >= 0 { Aal::Aal2 } else { Aal::Aal1 });
    }
    Ok(opened)
}

impl Format for Clerk {
    /// Each `__session` with the `__client_uat` of the same suffix; of several the latest, and a zero counts.
    fn gather(&self, cookies: &Cookies<'_>, names: &[String], chunks: Chunks) -> Gathered {
        let mut gathered = chunk::gather(cookies, names, chunks);
        for value in &mut gathered.values {
            let name = names.get(value.name).map_or("", String::as_str);
            let beside = name.replacen("__session", "__client_uat", 1);
            let uats: Vec<&str> = cookies.values(&beside).take(4).collect();
            let zero = uats.iter().find(|uat| **uat == "0");
            let latest = zero.or_else(|| uats.iter().max_by_key(|uat| (uat.len(), **uat)));
            value.beside.extend(latest.map(|uat| ("uat", (*uat).to_owned())));
        }
        gathered
    }

    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let (mapping, parties) = (Rc::clone(&self.mapping), Rc::clone(&self.parties));
        let (audience, shown) = (at.audience.to_owned(), presented.clone());
        self.signed.open(&presented.value, at, move |header, claims, at| {
            let checked = check(&header, &claims, &parties, &audience).and_then(|()| {
                if shown.bearer {
                    Ok(())
                } else {
                    check_client(&shown, &claims)
                }
            });
            Opening::of(checked.and_then(|()| read(claims, &mapping, at.now())))
        })
    }
}
