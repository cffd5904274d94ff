//! A signed JWT of the app's own in a cookie: the session of the Next.js authentication guide, and every token like it.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::common::{
    self, AUTH_TIME, EMAIL, EMAIL_VERIFIED, ISSUER, JWT_AUDIENCE, OWN_CLAIMS, SESSION_ID, SUBJECT, TYP,
};
use crate::base::{Entropy, docs};
use crate::jose::jws;
use crate::jose::{Algorithm, Protected};
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::{Mapping, Spans, session};
use crate::session::own::Opened;
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "jwt",
    library: docs::text("jose 6.2.17"),
    names: &["session"],
    chunks: Chunks::Never,
    keys: Keys::Either,
    options: &[
        SUBJECT,
        opt(
            "algorithm",
            Kind::Words(ALGORITHMS),
            "one or more of the algorithms",
        ),
        ISSUER,
        JWT_AUDIENCE,
        TYP,
        opt(
            "exclusive_secret",
            Kind::Flag,
            "`true`: nothing but sessions is signed with this key",
        ),
        EMAIL,
        EMAIL_VERIFIED,
        SESSION_ID,
        AUTH_TIME,
    ],
    can: Can {
        bearer: true,
        born: true,
        ..OWN_CLAIMS
    },
    logout: &[],
    user_editable: &[],
    stricter: docs::list(&[
        "`exp` must be there, although jose lets a token without one pass",
        "the algorithm comes from the config; jose takes any HMAC for a secret unless told otherwise",
        "`iat` may be at most 60 seconds ahead",
    ]),
    cannot: docs::list(&["whether the app has revoked the token"]),
    build: Some(build),
};

const ALGORITHMS: &[&str] = &[
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
    "ES512", "EdDSA",
];

#[derive(Debug)]
struct Jwt {
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
    typ: Option<String>,
    issuers: Vec<String>,
    audiences: Vec<String>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    common::check_scope(setup)?;
    let default: &[Algorithm] = if setup.listed.secrets > 0 {
        &[Algorithm::Hs256]
    } else {
        &[Algorithm::Rs256]
    };
    let algorithms = setup.algorithms("algorithm", default);
    if setup.listed.secrets == 0 && algorithms.iter().all(|algorithm| algorithm.is_symmetric()) {
        return Err(SetupError::missing(
            "secrets",
            "a list of references, `{ env = \"NAME\" }`",
        ));
    }
    let (issuers, audiences) = (setup.texts("issuer"), setup.texts("jwt_audience"));
    let typ = setup.text("typ").map(str::to_owned);
    let rule = Rule {
        issuers: issuers.clone(),
        audiences: audiences.clone(),
        typ: typ.iter().cloned().collect(),
        typ_absent: false,
        ..Rule::new(algorithms)
    };
    let format = Jwt {
        signed: Signed::new(setup, rule, None)?,
        mapping: Rc::new(common::mapping(setup, None)?),
        typ,
        issuers,
        audiences,
    };
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(format),
    })
}

impl Format for Jwt {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let mapping = Rc::clone(&self.mapping);
        self.signed.open(&presented.value, at, move |_, claims, at| {
            let spans = match Spans::of(&claims) {
                Ok(spans) => spans,
                Err(error) => return Opening::Failed(error),
            };
            Opening::of(session(claims.into_members(), &mapping, spans, at.now()))
        })
    }

    fn payload(&self, presented: &Presented, _: &At<'_>) -> Option<Map<String, Value>> {
        let verified = jws::decode(&presented.value)
            .and_then(|token| token.verify_with_any(self.signed.macs()))
            .ok()?;
        Some(verified.claims().ok()?.into_members())
    }

    fn draft(&self, moved: &Opened) -> Option<Map<String, Value>> {
        Some(common::scoped_draft(
            &self.mapping,
            moved,
            &self.issuers,
            &self.audiences,
        ))
    }

    fn seal(
        &self,
        _: usize,
        mut payload: Map<String, Value>,
        times: &Times,
        _: &mut Entropy,
    ) -> Option<String> {
        let key = self.signed.macs().first()?;
        let mut header = vec![("alg", key.algorithm().as_str())];
        header.extend(self.typ.as_deref().map(|typ| ("typ", typ)));
        common::put_times(&mut payload, times);
        jws::sign(&Protected::new(&header), &serde_json::to_vec(&payload).ok()?, key).ok()
    }
}
