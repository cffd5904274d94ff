//! @auth0/nextjs-auth0 4 with its stateless store: a JWE under a key derived from `AUTH0_SECRET`.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::common;
use crate::base::{Entropy, docs};
use crate::jose::jwe;
use crate::jose::jwt::Claims;
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::{Mapping, Spans, claims_error, session};
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Keys, Kind, Numbered, Recipe, opt};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "auth0",
    library: docs::text("@auth0/nextjs-auth0 4.30.0"),
    names: &["__session"],
    chunks: Chunks::Numbered(Numbered {
        joint: "__",
        first: 0,
        bare: Bare::Wins,
        gap: Gap::Refused,
        whole: 3_500,
        piece: 3_500,
        most: 8,
    }),
    keys: Keys::Secrets(0),
    options: &[opt(
        "domain",
        Kind::Text,
        "the tenant's domain, where sessions name one",
    )],
    can: Can {
        seal: true,
        roll: true,
        accept: true,
        born: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &["/auth/logout"],
    user_editable: &["user_metadata"],
    stricter: docs::list(&[
        "A256GCM only, the one that the library writes; it also opens A128CBC-HS256",
        "`exp`, `user.sub` and `internal.createdAt` must be there",
        "a cookie of version 3 is not taken for one of version 4; the library takes even an expired one (use `auth0-v3`)",
    ]),
    cannot: docs::list(&[
        "whether the tenant has ended the session",
        "when the person authenticated",
    ]),
    build: Some(build),
};

/// The library's clock tolerance in seconds.
const TOLERANCE: i64 = 15;
/// The library lets a session go this long before the tenant's own end of it.
const EARLY: i64 = 30;

#[derive(Debug)]
struct Auth0 {
    keys: Vec<jwe::Key>,
    domain: Option<String>,
    mapping: Mapping,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(Auth0 {
            keys: common::auth0_keys(setup),
            domain: setup.text("domain").map(str::to_owned),
            mapping: common::auth0_mapping(),
        }),
    })
}

impl Auth0 {
    fn read(&self, presented: &Presented, at: &At<'_>) -> Result<Opened, SessionError> {
        let (_, members) = common::open_jwe(&presented.value, &self.keys, at)?;
        let claims = common::auth0_claims(&members);
        let payload = Claims::from(members);
        payload
            .validate(&common::expected(at.now(), TOLERANCE))
            .map_err(claims_error)?;
        let internal = payload.get("internal").and_then(Value::as_object).cloned();
        let internal = Claims::from(internal.ok_or(SessionError::Malformed)?);
        let time = |name| internal.numeric_date(name).map_err(claims_error);
        let created = time("createdAt")?.ok_or(SessionError::Malformed)?;
        if created.since(at.now()) > 60 {
            return Err(SessionError::Malformed);
        }
        if let Some(mcd) = internal.get("mcd") {
            let domain = mcd.get("domain").and_then(Value::as_str);
            if domain.is_none() || domain != self.domain.as_deref() {
                return Err(SessionError::Audience);
            }
        }
        let mut spans = common::tolerant(Spans::of(&payload)?, TOLERANCE);
        spans.born = Some(created);
        let end = time("sessionExpiresAt")?.map(|end| end.plus(-EARLY));
        if let Some(end) = end {
            spans.expires_at = spans.expires_at.map(|at| at.min(end));
        }
        let mut opened = session(claims, &self.mapping, spans, at.now())?;
        let sid = internal.text("sid").map_err(claims_error)?.map(str::to_owned);
        opened.session.session_id = sid.or(opened.session.session_id);
        // The tenant's end of the session is as hard as can be.
        opened.end = end;
        Ok(opened)
    }
}

impl Format for Auth0 {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        Opening::of(self.read(presented, at))
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        common::jwe_members(&presented.value, &self.keys, at)
    }

    fn seal(
        &self,
        _: usize,
        mut payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        // The start stands in `internal.createdAt`; the library writes no other claims of time than `exp`.
        payload.remove("edgeward");
        payload.insert("exp".into(), Value::from(times.expires_at.as_secs()));
        common::seal_jwe(
            &[("enc", "A256GCM"), ("alg", "dir")],
            &payload,
            self.keys.first()?,
            entropy,
        )
    }
}
