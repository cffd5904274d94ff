//! Kinde: an access token and an id token, each cut into cookies of 3,000 characters.

use std::rc::Rc;

use serde_json::Value;

use crate::base::{Timestamp, docs};
use crate::jose::Algorithm;
use crate::jose::jwt::Claims;
use crate::message::cookie::Cookies;
use crate::session::chunk::{self, Gathered};
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Place, Spans, session};
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Keys, Kind, Numbered, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};
use crate::session::{Email, SessionError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "kinde",
    library: docs::text("@kinde/jwt-validator 0.4.5; the cookies read in @kinde-oss/kinde-auth-nextjs 2.13.1"),
    names: &["access_token"],
    chunks: Chunks::Numbered(Numbered {
        joint: "",
        first: 1,
        bare: Bare::Begins,
        gap: Gap::Ends,
        whole: 3_000,
        piece: 3_000,
        most: 8,
    }),
    keys: Keys::Public,
    options: &[
        opt(
            "issuer",
            Kind::Url,
            "the issuer's address, `https://app.kinde.com`",
        ),
        opt("client_id", Kind::Text, "the id of the application"),
    ],
    can: Can {
        renewed: true,
        bearer: true,
        auth_time: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &["/api/auth/logout"],
    user_editable: &[],
    stricter: docs::list(&[
        "the header's `alg` counts; the validator takes every token for RS256, whatever it says",
        "`exp` of the access token, `nbf` and `azp` count; the validator looks at none of them",
        "both tokens must be of one subject",
        "an unknown key costs one fetch in 30 seconds; the validator fetches for every bad token",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked while the access token lives",
        "fresh tokens: the refresh is Kinde's",
    ]),
    build: Some(build),
};

/// Where the id token is, by the same chunk rule.
const ID_TOKEN: &str = "id_token";

#[derive(Debug)]
struct Kinde {
    client: Option<Rc<str>>,
    access: Rc<Signed>,
    id: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let issuer = setup.need("issuer", "the issuer's address, `https://app.kinde.com`")?;
    let issuer = issuer.trim_end_matches('/');
    let rule = Rule {
        issuers: vec![issuer.to_owned()],
        required: &["sub"],
        ..Rule::new(vec![Algorithm::Rs256])
    };
    // The id token proves a login that was; the access token says how long it lasts.
    let of_login = Rule {
        may_have_ended: true,
        required: &["sub", "iat"],
        ..rule.clone()
    };
    let jwks = [issuer, "/.well-known/jwks.json"].concat();
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(Kinde {
            client: setup.text("client_id").map(Into::into),
            access: Signed::new(setup, rule, Some(&jwks))?,
            id: Signed::new(setup, of_login, Some(&jwks))?,
            mapping: Rc::new(Mapping {
                session_id: vec![Place::parse("sid")],
                ..Mapping::oidc()
            }),
        }),
    })
}

/// The session is the access token's; the person is the id token's.
fn read(
    access: Claims,
    id: Option<Claims>,
    mapping: &Mapping,
    now: Timestamp,
) -> Result<Opened, SessionError> {
    let spans = Spans::of(&access).map(|spans| Spans { born: None, ..spans })?;
    let mut opened = session(access.into_members(), mapping, spans, now)?;
    let Some(id) = id else { return Ok(opened) };
    if id.get("sub").and_then(Value::as_str) != Some(opened.session.subject.as_str()) {
        return Err(SessionError::Malformed);
    }
    opened.session.auth_time = id.numeric_date("auth_time").ok().flatten();
    opened.session.email = id.text("email").ok().flatten().map(|address| Email {
        address: address.to_owned(),
        verified: id.get("email_verified").and_then(Value::as_bool),
    });
    Ok(opened)
}

impl Format for Kinde {
    fn gather(&self, cookies: &Cookies<'_>, names: &[String], chunks: Chunks) -> Gathered {
        let mut gathered = chunk::gather(cookies, names, chunks);
        let id = chunk::gather(cookies, &[ID_TOKEN.to_owned()], chunks);
        if !gathered.values.is_empty() {
            gathered.fault = gathered.fault.or(id.fault);
            match id.values.as_slice() {
                [] => {}
                [id] => {
                    for value in &mut gathered.values {
                        value.beside.push(("id", id.value.clone()));
                        value.pairs.extend(id.pairs.iter().cloned());
                    }
                }
                _ => gathered.fault = Some(SessionError::Ambiguous),
            }
        }
        gathered
    }

    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let id = presented.beside("id").map(str::to_owned);
        let this = Rc::clone(&self);
        if id.is_none() && !presented.bearer {
            return Opening::Failed(SessionError::Malformed);
        }
        self.access.open(&presented.value, at, move |_, access, at| {
            let party = access.get("azp").and_then(Value::as_str);
            if this.client.is_some() && party != this.client.as_deref() {
                return Opening::Failed(SessionError::Audience);
            }
            let mapping = Rc::clone(&this.mapping);
            match id {
                None => Opening::of(read(access, None, &mapping, at.now())),
                Some(id) => this.id.open(&id, at, move |_, id, at| {
                    Opening::of(read(access, Some(id), &mapping, at.now()))
                }),
            }
        })
    }

    fn companions(&self, cookies: &Cookies<'_>) -> Vec<String> {
        let id = [ID_TOKEN.to_owned()];
        let names = cookies.iter().map(|pair| pair.name);
        names
            .filter(|name| chunk::belongs(name, &id, RECIPE.chunks))
            .map(str::to_owned)
            .collect()
    }
}
