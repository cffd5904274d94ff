//! Logto with its default session wrapper: AES-256-GCM under the digest of the cookie secret, around the tokens as text.

use std::rc::Rc;

use serde_json::{Map, Value};
use edgeward_primitives::digest;

use super::common;
use crate::base::{Entropy, base64url, json, docs};
use crate::jose::jwe::{self, Detached, Enc};
use crate::jose::jwt::{Claims, Expected};
use crate::session::SessionError;
use crate::session::encoding::{decode_base64, decode_component, encode_base64, encode_component};
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::Mapping;
use crate::session::own::Opened;
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "logto",
    library: docs::text("@logto/node 3.1.11"),
    names: &["logto_<app>"],
    chunks: Chunks::Never,
    keys: Keys::Secrets(0),
    options: &[
        opt("app_id", Kind::Text, "the id of the application"),
        opt("issuer", Kind::Texts, "the issuer of id tokens, `https://…/oidc`"),
    ],
    can: Can {
        seal: true,
        renewed: true,
        accept: true,
        born: true,
        auth_time: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &["/api/logto/sign-out"],
    user_editable: &["custom_data"],
    stricter: docs::list(&[
        "`exp`, `iss` and `aud` of the id token count on every request; the library looks at them once, at the login",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked",
        "a session whose wrapper keeps it in a store",
    ]),
    build: Some(build),
};

#[derive(Debug)]
struct Logto {
    keys: Vec<jwe::Key>,
    app: String,
    issuers: Vec<String>,
    mapping: Mapping,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let app = setup.need("app_id", "the id of the application")?;
    let issuers = setup.texts("issuer");
    if issuers.is_empty() {
        return Err(SetupError::missing(
            "issuer",
            "the issuer of id tokens, `https://…/oidc`",
        ));
    }
    let key =
        |secret: &crate::base::Secret| jwe::Key::new(Enc::A256Gcm, digest::sha256(&[secret.expose()])).ok();
    Ok(Built {
        names: setup.names_or([["logto_", app].concat()]),
        format: Rc::new(Logto {
            keys: setup.secrets.iter().filter_map(key).collect(),
            app: app.to_owned(),
            issuers,
            mapping: Mapping::oidc(),
        }),
    })
}

impl Logto {
    /// `base64(ciphertext and tag).base64(iv)`, both with padding.
    fn unwrap(&self, value: &str, at: &At<'_>) -> Result<Map<String, Value>, SessionError> {
        const M: SessionError = SessionError::Malformed;
        let text = decode_component(value).ok_or(M)?;
        let (sealed, iv) = text.split_once('.').ok_or(M)?;
        let (sealed, iv) = (decode_base64(sealed).ok_or(M)?, decode_base64(iv).ok_or(M)?);
        let (ciphertext, tag) = sealed.split_last_chunk::<16>().ok_or(M)?;
        if iv.len() != 12 {
            return Err(M);
        }
        for key in &self.keys {
            at.budget.trial()?;
            let detached = Detached {
                iv: iv.clone(),
                ciphertext: ciphertext.to_vec(),
                tag: tag.to_vec(),
            };
            if let Ok(plaintext) = key.open_detached(b"", detached) {
                return json::object(&plaintext).map_err(|_| M);
            }
        }
        Err(SessionError::Unopened)
    }

    /// The seal vouches for the id token: the library put it there once its signature was right.
    fn read(&self, presented: &Presented, at: &At<'_>) -> Result<Opened, SessionError> {
        const M: SessionError = SessionError::Malformed;
        let members = self.unwrap(&presented.value, at)?;
        let token = members.get("idToken").and_then(Value::as_str).ok_or(M)?;
        let payload = match token.split('.').collect::<Vec<_>>().as_slice() {
            [_, payload, _] => base64url::decode(payload).map_err(|_| M)?,
            _ => return Err(M),
        };
        let claims = Claims::parse(&payload).map_err(|_| M)?;
        let issuers: Vec<&str> = self.issuers.iter().map(String::as_str).collect();
        let expected = Expected {
            issuers: &issuers,
            audiences: &[&self.app],
            ..Expected::at(at.now())
        };
        common::read(claims.into_members(), &self.mapping, &expected)
    }
}

impl Format for Logto {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        Opening::of(self.read(presented, at))
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        self.unwrap(&presented.value, at).ok()
    }

    fn seal(
        &self,
        _: usize,
        payload: Map<String, Value>,
        _: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        let plaintext = common::endless(payload);
        let Detached {
            iv,
            mut ciphertext,
            tag,
        } = self
            .keys
            .first()?
            .seal_detached(b"", plaintext.as_bytes(), entropy)
            .ok()?;
        ciphertext.extend(tag);
        let value = [&encode_base64(&ciphertext), ".", &encode_base64(&iv)].concat();
        Some(encode_component(&value, b""))
    }
}
