//! Stytch: the session JWT of five minutes beside the opaque session token.

use std::rc::Rc;

use serde_json::Value;

use crate::base::{Timestamp, rfc3339, docs};
use crate::jose::Algorithm;
use crate::jose::jwt::Claims;
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Place, Spans, session};
use crate::session::own::Opened;
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "stytch",
    library: docs::text("stytch 14.2.0"),
    names: &["stytch_session_jwt"],
    chunks: Chunks::Never,
    keys: Keys::Public,
    options: &[
        opt(
            "project_id",
            Kind::Text,
            "the project's id, `project-live-…` or `project-test-…`",
        ),
        opt(
            "api_url",
            Kind::Url,
            "the base address, where a custom domain is used",
        ),
        opt("b2b", Kind::Flag, "`true` for a B2B project"),
    ],
    can: Can {
        renewed: true,
        bearer: true,
        born: true,
        auth_time: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &[],
    stricter: docs::list(&[
        "`exp` and the session claim must be there",
        "the session's own `expires_at` counts; the library looks at `exp` only",
        "`iat` may be at most 60 seconds ahead",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked within the minutes that a token lives",
        "`stytch_session`, which is opaque",
        "the e-mail address",
    ]),
    build: Some(build),
};

const CLAIM: &str = "https://stytch.com/session";

#[derive(Debug)]
struct Stytch {
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let project = setup.need(
        "project_id",
        "the project's id, `project-live-…` or `project-test-…`",
    )?;
    let host = if project.starts_with("project-live-") {
        "api"
    } else {
        "test"
    };
    let base = setup.text("api_url").map_or_else(
        || format!("https://{host}.stytch.com"),
        |url| url.trim_end_matches('/').to_owned(),
    );
    let path = if setup.flag("b2b") {
        "/v1/b2b/sessions/jwks/"
    } else {
        "/v1/sessions/jwks/"
    };
    let jwks = [&base, path, project].concat();
    let rule = Rule {
        typ: vec!["JWT".to_owned()],
        typ_absent: false,
        issuers: vec![["stytch.com/", project].concat(), base],
        audiences: vec![project.to_owned()],
        required: &["sub"],
        ..Rule::new(vec![Algorithm::Rs256])
    };
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(Stytch {
            signed: Signed::new(setup, rule, Some(&jwks))?,
            mapping: Rc::new(Mapping {
                session_id: Vec::new(),
                auth_time: None,
                email: Some(Place::parse("email")),
                ..Mapping::oidc()
            }),
        }),
    })
}

fn read(claims: Claims, mapping: &Mapping, now: Timestamp) -> Result<Opened, SessionError> {
    let inner = claims.get(CLAIM).and_then(Value::as_object).cloned();
    let inner = inner.ok_or(SessionError::Malformed)?;
    let text = |name: &str| inner.get(name).and_then(Value::as_str);
    let date = |name: &str| text(name).and_then(rfc3339::parse_utc);
    let id = text("id")
        .filter(|id| !id.is_empty())
        .ok_or(SessionError::Malformed)?;
    let end = date("expires_at").ok_or(SessionError::Malformed)?;
    let mut spans = Spans::of(&claims)?;
    spans.born = date("started_at").or(spans.born);
    spans.expires_at = spans.expires_at.map(|at| at.min(end));
    let factors = inner.get("authentication_factors").and_then(Value::as_array);
    let proved = factors
        .into_iter()
        .flatten()
        .filter_map(|factor| rfc3339::parse_utc(factor.get("last_authenticated_at")?.as_str()?));
    let auth_time = proved.max();
    let session_id = id.to_owned();
    let mut opened = session(claims.into_members(), mapping, spans, now)?;
    opened.session.session_id = Some(session_id);
    opened.session.auth_time = auth_time;
    Ok(opened)
}

impl Format for Stytch {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let mapping = Rc::clone(&self.mapping);
        self.signed.open(&presented.value, at, move |_, claims, at| {
            Opening::of(read(claims, &mapping, at.now()))
        })
    }
}
