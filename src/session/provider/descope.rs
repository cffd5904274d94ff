//! Descope: the session JWT `DS`.

use std::rc::Rc;

use super::common::{ASYMMETRIC, JWT_AUDIENCE, KEY_PAIRS};
use crate::base::docs;
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Spans, session};
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "descope",
    library: docs::text("@descope/node-sdk 2.13.0; the cookie read in @descope/nextjs-sdk 0.15.71"),
    names: &["DS"],
    chunks: Chunks::Never,
    keys: Keys::Public,
    options: &[
        opt("project_id", Kind::Text, "the project's id, `P2…`"),
        opt(
            "base_url",
            Kind::Url,
            "the base address, where it is not `https://api.descope.com`",
        ),
        opt(
            "algorithm",
            Kind::Words(ASYMMETRIC),
            "one or more of the algorithms",
        ),
        JWT_AUDIENCE,
    ],
    can: Can {
        renewed: true,
        bearer: true,
        verified_email: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &["customAttributes"],
    stricter: docs::list(&[
        "`drn` must be `DS`; the library takes a refresh token for a session token",
        "`exp` must be there",
        "`iat` may be at most 60 seconds ahead",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked while its token lives",
        "when the session began, and when the person authenticated",
    ]),
    build: Some(build),
};

/// The library's clock tolerance in seconds.
const TOLERANCE: i64 = 5;

#[derive(Debug)]
struct Descope {
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let project = setup.need("project_id", "the project's id, `P2…`")?;
    let base = setup
        .text("base_url")
        .unwrap_or("https://api.descope.com")
        .trim_end_matches('/');
    let rule = Rule {
        issuer_segment: Some(project.to_owned()),
        audiences: setup.texts("jwt_audience"),
        tolerance: TOLERANCE,
        required: &["sub"],
        ..Rule::new(setup.algorithms("algorithm", &KEY_PAIRS))
    };
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(Descope {
            signed: Signed::new(setup, rule, Some(&[base, "/v2/keys/", project].concat()))?,
            mapping: Rc::new(Mapping {
                session_id: Vec::new(),
                auth_time: None,
                ..Mapping::oidc()
            }),
        }),
    })
}

impl Format for Descope {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let mapping = Rc::clone(&self.mapping);
        self.signed.open(&presented.value, at, move |_, claims, at| {
            if claims.get("drn").is_none_or(|drn| drn != "DS") {
                return Opening::Failed(SessionError::Malformed);
            }
            let spans = Spans::of(&claims).map(|spans| Spans {
                born: None,
                ..super::common::tolerant(spans, TOLERANCE)
            });
            Opening::of(spans.and_then(|spans| session(claims.into_members(), &mapping, spans, at.now())))
        })
    }
}
