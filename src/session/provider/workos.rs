//! WorkOS AuthKit: an iron seal without end around the user and an access token; the token decides.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::common;
use crate::base::{Entropy, docs};
use crate::iron::{self, Passwords};
use crate::jose::Algorithm;
use crate::session::Email;
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::{Mapping, Spans, session};
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "workos",
    library: docs::text("@workos-inc/node 11.0.0; the cookie read in @workos-inc/authkit-nextjs 4.3.2"),
    names: &["wos-session"],
    chunks: Chunks::Never,
    keys: Keys::Both(32),
    options: &[
        opt("client_id", Kind::Text, "the client id, `client_…`"),
        opt("issuer", Kind::Texts, "the expected `iss` of access tokens"),
    ],
    can: Can {
        seal: true,
        renewed: true,
        bearer: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &[],
    stricter: docs::list(&[
        "the user of the seal must be the subject of the token; the node SDK does not compare them",
        "a value that does not open is left alone; the library takes it for an empty session and deletes the cookie",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked while its access token lives",
        "when the session began, and when the person authenticated",
    ]),
    build: Some(build),
};

#[derive(Debug)]
struct WorkOs {
    /// Every seal names password `1`, so each of several is tried.
    passwords: Vec<Passwords>,
    signed: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let client = setup.need("client_id", "the client id, `client_…`")?;
    let rule = Rule {
        issuers: setup.texts("issuer"),
        required: &["sub"],
        ..Rule::new(vec![Algorithm::Rs256])
    };
    let mut passwords = Vec::new();
    for secret in setup.secrets {
        passwords.push(Passwords::single(secret.clone()).map_err(|error| {
            SetupError::new(
                error.code(),
                "secrets",
                "a shorter password",
                &error.to_string(),
                "",
            )
        })?);
    }
    let jwks = ["https://api.workos.com/sso/jwks/", client].concat();
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(WorkOs {
            passwords,
            signed: Signed::new(setup, rule, Some(&jwks))?,
            mapping: Rc::new(Mapping {
                auth_time: None,
                ..Mapping::oidc()
            }),
        }),
    })
}

impl WorkOs {
    fn unseal(&self, value: &str, at: &At<'_>) -> Result<Map<String, Value>, SessionError> {
        let mut error = SessionError::Unopened;
        for passwords in &self.passwords {
            match common::unseal(value, passwords, at) {
                Ok((members, _)) => return Ok(members),
                Err(SessionError::Unopened) => {}
                Err(found) => {
                    error = found;
                    break;
                }
            }
        }
        Err(error)
    }
}

/// The access token and the user of a seal.
fn parts(members: &Map<String, Value>) -> Option<(String, Map<String, Value>)> {
    let token = members.get("accessToken")?.as_str()?.to_owned();
    Some((token, members.get("user")?.as_object()?.clone()))
}

impl Format for WorkOs {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let (token, user) = if presented.bearer {
            (presented.value.clone(), None)
        } else {
            match self.unseal(&presented.value, at).map(|members| parts(&members)) {
                Ok(Some((token, user))) => (token, Some(user)),
                Ok(None) => return Opening::Failed(SessionError::Malformed),
                Err(error) => return Opening::Failed(error),
            }
        };
        let mapping = Rc::clone(&self.mapping);
        self.signed.open(&token, at, move |_, claims, at| {
            let spans = Spans::of(&claims).map(|spans| Spans { born: None, ..spans });
            Opening::of(spans.and_then(|spans| {
                let mut opened = session(claims.into_members(), &mapping, spans, at.now())?;
                let Some(user) = user else { return Ok(opened) };
                let text = |name: &str| user.get(name).and_then(Value::as_str);
                if text("id") != Some(opened.session.subject.as_str()) {
                    return Err(SessionError::Malformed);
                }
                opened.session.email = text("email").map(|address| Email {
                    address: address.to_owned(),
                    verified: user.get("emailVerified").and_then(Value::as_bool),
                });
                Ok(opened)
            }))
        })
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        self.unseal(&presented.value, at).ok()
    }

    fn seal(
        &self,
        _: usize,
        payload: Map<String, Value>,
        _: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        iron::seal(
            common::endless(payload).as_bytes(),
            self.passwords.first()?,
            None,
            entropy,
        )
        .ok()
    }
}
