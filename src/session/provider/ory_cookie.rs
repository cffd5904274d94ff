//! Ory's coming cookie codec (`v1.`): XChaCha20-Poly1305 under HKDF keys, bound to a purpose and the cookie's name.

use std::rc::Rc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::{Map, Value};

use super::common::{self, AUTH_TIME, EMAIL, EMAIL_VERIFIED, SESSION_ID, SUBJECT};
use crate::base::{base64url, json, limits, docs};
use crate::jose::derive::hkdf_sha256;
use crate::jose::jwt::Claims;
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Spans, claims_error, session};
use crate::session::own::Opened;
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "ory-cookie",
    library: docs::text("Ory cookiex at kratos@b86338d"),
    names: &["<cookie>"],
    chunks: Chunks::Never,
    keys: Keys::Secrets(0),
    options: &[
        opt("purpose", Kind::Text, "the codec's purpose, `kratos/session`"),
        SUBJECT,
        opt(
            "max_age",
            Kind::Duration,
            "how old a value may be; 30d where absent",
        ),
        EMAIL,
        EMAIL_VERIFIED,
        SESSION_ID,
        AUTH_TIME,
    ],
    can: Can {
        accept: true,
        born: true,
        auth_time: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &["traits"],
    stricter: docs::list(&[
        "a value that holds a `session_token` is no session: it is an id that only whoami can judge",
        "`iat` may be at most 60 seconds ahead",
        "values of the old codec (gorilla/securecookie) are not read",
    ]),
    cannot: docs::list(&["whether the session was revoked"]),
    build: Some(build),
};

const LABEL: &str = "ory/x/cookiex/v1";
const PREFIX: &str = "v1.";
const NONCE: usize = 24;
/// The codec's default, in seconds.
const MAX_AGE: i64 = 30 * 86_400;

struct OryCookie {
    ciphers: Vec<XChaCha20Poly1305>,
    /// By cookie name.
    aads: Vec<String>,
    max_age: i64,
    mapping: Mapping,
}

impl std::fmt::Debug for OryCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OryCookie").finish_non_exhaustive()
    }
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    if setup.names.is_empty() {
        return Err(SetupError::missing("cookie", "the cookie's name"));
    }
    let purpose = setup.need("purpose", "the codec's purpose, `kratos/session`")?;
    if purpose.contains('|') {
        return Err(SetupError::new(
            "config.value",
            "purpose",
            "a text with `|`",
            "a purpose without `|`",
            "",
        ));
    }
    let max_age = setup.secs("max_age").unwrap_or(MAX_AGE);
    if max_age <= 0 {
        return Err(SetupError::new(
            "config.value",
            "max_age",
            "nothing",
            "a duration above zero",
            "",
        ));
    }
    let cipher = |secret: &crate::base::Secret| {
        let key = hkdf_sha256::<32>(secret.expose(), "", LABEL);
        XChaCha20Poly1305::new_from_slice(&*key).ok()
    };
    Ok(Built {
        names: setup.names.to_vec(),
        format: Rc::new(OryCookie {
            ciphers: setup.secrets.iter().filter_map(cipher).collect(),
            aads: setup
                .names
                .iter()
                .map(|name| [LABEL, "|", purpose, "|", name].concat())
                .collect(),
            max_age,
            mapping: common::mapping(setup, None)?,
        }),
    })
}

impl OryCookie {
    fn unseal(&self, presented: &Presented, at: &At<'_>) -> Result<Map<String, Value>, SessionError> {
        const M: SessionError = SessionError::Malformed;
        let encoded = presented.value.strip_prefix(PREFIX).ok_or(M)?;
        if presented.value.len() > limits::COOKIE_BYTES {
            return Err(M);
        }
        let sealed = base64url::decode(encoded).map_err(|_| M)?;
        let (nonce, msg) = sealed.split_first_chunk::<NONCE>().ok_or(M)?;
        let aad = self.aads.get(presented.name).map(String::as_bytes).ok_or(M)?;
        for cipher in &self.ciphers {
            at.budget.trial()?;
            if let Ok(plaintext) = cipher.decrypt(&XNonce::from(*nonce), Payload { msg, aad }) {
                return json::object(&plaintext).map_err(|_| M);
            }
        }
        Err(SessionError::Unopened)
    }

    fn read(&self, presented: &Presented, at: &At<'_>) -> Result<Opened, SessionError> {
        let envelope = Claims::from(self.unseal(presented, at)?);
        let issued = envelope
            .numeric_date("iat")
            .map_err(claims_error)?
            .ok_or(SessionError::Malformed)?;
        if issued.since(at.now()) > 60 {
            return Err(SessionError::Malformed);
        }
        let end = issued.plus(self.max_age);
        if end <= at.now() {
            return Err(SessionError::Expired);
        }
        let values = envelope
            .get("v")
            .and_then(Value::as_object)
            .cloned()
            .ok_or(SessionError::Malformed)?;
        if values.contains_key("session_token") {
            return Err(SessionError::Malformed);
        }
        let spans = Spans {
            born: Some(issued),
            issued_at: Some(issued),
            expires_at: Some(end),
        };
        session(values, &self.mapping, spans, at.now())
    }
}

impl Format for OryCookie {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        Opening::of(self.read(presented, at))
    }
}
