//! Supabase (`@supabase/ssr`): an access token in a JSON text in chunked cookies. Only the token counts.

use std::rc::Rc;

use serde_json::Value;

use super::common;
use crate::base::{Timestamp, base64url, json, docs};
use crate::jose::Algorithm;
use crate::jose::jwt::Claims;
use crate::session::SessionError;
use crate::session::encoding::decode_component;
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Place, Spans, session};
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Keys, Kind, Numbered, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "supabase",
    library: docs::text("@supabase/ssr 0.12.7"),
    names: &["sb-<project>-auth-token"],
    chunks: Chunks::Numbered(Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Wins,
        gap: Gap::Ends,
        whole: 3_180,
        piece: 3_180,
        most: 8,
    }),
    keys: Keys::Either,
    options: &[
        opt(
            "url",
            Kind::Url,
            "the project's address, `https://abcdefghij.supabase.co`",
        ),
        opt(
            "algorithm",
            Kind::Words(&["HS256", "RS256", "ES256"]),
            "one or more of the algorithms",
        ),
        opt(
            "issuer",
            Kind::Texts,
            "the expected `iss`, where it is not `<url>/auth/v1`",
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
    user_editable: &["user_metadata"],
    stricter: docs::list(&[
        "`iss` and `aud` are checked; the library checks neither",
        "the algorithm and the place of the key come from the config; the library asks the server about a token it cannot verify",
        "`nbf` counts",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked: an access token lives up to an hour",
        "whether the e-mail address is verified",
        "when the session began: each access token has an `iat` of its own",
    ]),
    build: Some(build),
};

#[derive(Debug)]
struct Supabase {
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let url = setup
        .need("url", "the project's address, `https://abcdefghij.supabase.co`")?
        .trim_end_matches('/');
    let by_key = [Algorithm::Es256, Algorithm::Rs256];
    let default: &[Algorithm] = if setup.listed.secrets > 0 {
        &[Algorithm::Hs256]
    } else {
        &by_key
    };
    let mut issuers = setup.texts("issuer");
    if issuers.is_empty() {
        issuers.push([url, "/auth/v1"].concat());
    }
    let rule = Rule {
        issuers,
        audiences: vec!["authenticated".to_owned()],
        required: &["sub"],
        ..Rule::new(setup.algorithms("algorithm", default))
    };
    let host = url.split("://").nth(1).unwrap_or_default();
    let project = host.split(['.', ':', '/']).next().unwrap_or_default();
    let name = |name: &str| Place::Name(name.to_owned());
    Ok(Built {
        names: setup.names_or([format!("sb-{project}-auth-token")]),
        format: Rc::new(Supabase {
            signed: Signed::new(
                setup,
                rule,
                Some(&[url, "/auth/v1/.well-known/jwks.json"].concat()),
            )?,
            mapping: Rc::new(Mapping {
                session_id: vec![name("session_id")],
                // Not in `email_verified`: `user_metadata` holds it, which the user can edit.
                email_verified: None,
                auth_time: None,
                ..Mapping::oidc()
            }),
        }),
    })
}

/// The access token of a cookie: `base64-` and base64url, or plain JSON as older versions wrote.
fn access_token(value: &str) -> Result<String, SessionError> {
    let text = decode_component(value).ok_or(SessionError::Malformed)?;
    let text = match text.strip_prefix("base64-") {
        Some(encoded) => {
            base64url::decode(encoded.trim_end_matches('=')).map_err(|_| SessionError::Malformed)?
        }
        None => text.into_bytes(),
    };
    let members = json::object(&text).map_err(|_| SessionError::Malformed)?;
    let token = members.get("access_token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or(SessionError::Malformed)
}

/// The latest time at which a factor was proved.
fn auth_time(claims: &Claims) -> Option<Timestamp> {
    let factors = claims.get("amr")?.as_array()?;
    let latest = factors
        .iter()
        .filter_map(|factor| factor.get("timestamp")?.as_i64())
        .max()?;
    Some(Timestamp::from_secs(latest)).filter(|at| at.as_secs() > 0)
}

fn read(claims: Claims, mapping: &Mapping, now: Timestamp) -> Result<Opened, SessionError> {
    let spans = Spans {
        born: None,
        ..Spans::of(&claims)?
    };
    let auth_time = auth_time(&claims);
    let mut opened = session(claims.into_members(), mapping, spans, now)?;
    opened.session.auth_time = auth_time;
    Ok(opened)
}

impl Format for Supabase {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let token = if presented.bearer {
            Ok(presented.value.clone())
        } else {
            access_token(&presented.value)
        };
        let mapping = Rc::clone(&self.mapping);
        match token {
            Ok(token) => self.signed.open(&token, at, move |_, claims, at| {
                Opening::of(
                    common::as_role(&claims, "authenticated").and_then(|()| read(claims, &mapping, at.now())),
                )
            }),
            Err(error) => Opening::Failed(error),
        }
    }
}
