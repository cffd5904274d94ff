//! Stack Auth (Hexclave): an access token in a list with the refresh token that it belongs to.

use std::rc::Rc;

use serde_json::Value;

use super::common;
use crate::base::{json, docs};
use crate::jose::Algorithm;
use crate::message::cookie::Cookies;
use crate::session::SessionError;
use crate::session::chunk::{self, Gathered};
use crate::session::encoding::decode_component;
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Place, Spans, session};
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "stack",
    library: docs::text("jose 6.2.17, as it checks; the cookies read in @stackframe/stack 2.8.108"),
    names: &["hexclave-access", "stack-access"],
    chunks: Chunks::Never,
    keys: Keys::Public,
    options: &[
        opt("project_id", Kind::Text, "the project's id"),
        opt("api_url", Kind::Url, "the base address of a server of your own"),
    ],
    can: Can {
        renewed: true,
        bearer: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &["/handler/sign-out"],
    user_editable: &["client_metadata"],
    stricter: docs::list(&[
        "the signature is verified; the SDK leaves that to the API",
        "an anonymous user is nobody",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked while its access token lives",
        "when the session began, and when the person authenticated",
    ]),
    build: Some(build),
};

/// Refresh cookies that are looked at; one for each domain that the app runs on.
const REFRESH_COOKIES: usize = 16;

#[derive(Debug)]
struct Stack {
    project: String,
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let project = setup.need("project_id", "the project's id")?;
    let base = setup
        .text("api_url")
        .unwrap_or("https://api.stack-auth.com")
        .trim_end_matches('/');
    let issuer = [base, "/api/v1/projects/", project].concat();
    let jwks = [&issuer, "/.well-known/jwks.json"].concat();
    let rule = Rule {
        issuers: vec![issuer],
        audiences: vec![project.to_owned()],
        required: &["sub", "refresh_token_id"],
        ..Rule::new(vec![Algorithm::Es256])
    };
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(Stack {
            project: project.to_owned(),
            signed: Signed::new(setup, rule, Some(&jwks))?,
            mapping: Rc::new(Mapping {
                session_id: vec![Place::parse("refresh_token_id")],
                auth_time: None,
                ..Mapping::oidc()
            }),
        }),
    })
}

impl Stack {
    /// The refresh token that the SDK would use: the newest of the new names, else the raw one of old, else the newest of
    /// the old names.
    fn refresh_token(&self, cookies: &Cookies<'_>) -> Option<String> {
        let newest = |brand: &str| {
            let prefix = [brand, "-refresh-", &self.project, "--"].concat();
            cookies
                .iter()
                .filter(|pair| {
                    pair.name
                        .strip_prefix("__Host-")
                        .unwrap_or(pair.name)
                        .starts_with(&prefix)
                })
                .take(REFRESH_COOKIES)
                .filter_map(|pair| {
                    let members = json::object(decode_component(pair.value)?.as_bytes()).ok()?;
                    let token = members.get("refresh_token")?.as_str()?.to_owned();
                    Some((members.get("updated_at_millis")?.as_i64()?, token))
                })
                .max()
                .map(|(_, token)| token)
        };
        let raw = || {
            let named = ["stack-refresh-", &self.project].concat();
            let value = cookies
                .values(&named)
                .chain(cookies.values("stack-refresh"))
                .next()?;
            decode_component(value)
        };
        newest("hexclave").or_else(raw).or_else(|| newest("stack"))
    }
}

/// `["<refresh token>","<access token>"]`, percent-encoded.
fn pair(value: &str) -> Option<(String, String)> {
    let text = decode_component(value).filter(|text| text.starts_with("[\""))?;
    match json::value(text.as_bytes()).ok()?.as_array()?.as_slice() {
        [Value::String(refresh), Value::String(access)] => Some((refresh.clone(), access.clone())),
        _ => None,
    }
}

impl Format for Stack {
    fn gather(&self, cookies: &Cookies<'_>, names: &[String], chunks: Chunks) -> Gathered {
        let mut gathered = chunk::gather(cookies, names, chunks);
        if !gathered.values.is_empty()
            && let Some(token) = self.refresh_token(cookies)
        {
            for value in &mut gathered.values {
                value.beside.push(("refresh", token.clone()));
            }
        }
        gathered
    }

    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let token = if presented.bearer {
            Some(presented.value.clone())
        } else {
            pair(&presented.value)
                .filter(|(refresh, _)| Some(refresh.as_str()) == presented.beside("refresh"))
                .map(|(_, access)| access)
        };
        let Some(token) = token else {
            return Opening::Failed(SessionError::Malformed);
        };
        let mapping = Rc::clone(&self.mapping);
        self.signed.open(&token, at, move |_, claims, at| {
            let anonymous = claims.get("is_anonymous").is_some_and(|flag| flag != false);
            let checked = common::as_role(&claims, "authenticated").and_then(|()| {
                if anonymous {
                    Err(SessionError::Audience)
                } else {
                    Spans::of(&claims)
                }
            });
            Opening::of(checked.and_then(|spans| {
                let spans = Spans { born: None, ..spans };
                session(claims.into_members(), &mapping, spans, at.now())
            }))
        })
    }
}
