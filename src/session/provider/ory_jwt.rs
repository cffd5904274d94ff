//! A session that Ory tokenised (`whoami?tokenize_as=…`): a JWT of a minute, as a bearer token.

use std::rc::Rc;

use super::common::{self, ASYMMETRIC, EMAIL, EMAIL_VERIFIED, KEY_PAIRS};
use crate::base::docs;
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Place, Spans, session};
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "ory-jwt",
    library: docs::text("Ory Kratos 1.3.1"),
    names: &[],
    chunks: Chunks::Never,
    keys: Keys::Public,
    options: &[
        opt(
            "issuer",
            Kind::Texts,
            "the public base URL of the identity server, as its config has it",
        ),
        opt(
            "algorithm",
            Kind::Words(ASYMMETRIC),
            "one or more of the algorithms",
        ),
        opt(
            "jwt_audience",
            Kind::Texts,
            "the `aud` that the claims mapper adds",
        ),
        EMAIL,
        EMAIL_VERIFIED,
    ],
    can: Can {
        renewed: true,
        bearer: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &["traits"],
    stricter: docs::list(&["`exp`, `sid` and `sub` must be there"]),
    cannot: docs::list(&[
        "whether the session was revoked while the token lives, a minute by default",
        "assurance and time of the authentication, unless the claims mapper adds them",
        "when the session began: `iat` is the token's",
    ]),
    build: Some(build),
};

#[derive(Debug)]
struct OryJwt {
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let issuers = setup.texts("issuer");
    if issuers.is_empty() {
        let accepted = "the public base URL of the identity server, as its config has it";
        return Err(SetupError::missing("issuer", accepted));
    }
    let rule = Rule {
        issuers,
        audiences: setup.texts("jwt_audience"),
        required: &["sub", "sid"],
        ..Rule::new(setup.algorithms("algorithm", &KEY_PAIRS))
    };
    Ok(Built {
        names: setup.names.to_vec(),
        format: Rc::new(OryJwt {
            signed: Signed::new(setup, rule, None)?,
            mapping: Rc::new(Mapping {
                session_id: vec![Place::parse("sid")],
                auth_time: None,
                ..common::mapping(setup, Some("sub"))?
            }),
        }),
    })
}

impl Format for OryJwt {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let mapping = Rc::clone(&self.mapping);
        self.signed.open(&presented.value, at, move |_, claims, at| {
            let spans = Spans::of(&claims).map(|spans| Spans { born: None, ..spans });
            Opening::of(spans.and_then(|spans| session(claims.into_members(), &mapping, spans, at.now())))
        })
    }
}
