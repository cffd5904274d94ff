//! iron-session: an object of the app's own in a Fe26.2 seal.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::common::{self, AUTH_TIME, EMAIL, EMAIL_VERIFIED, OWN_CLAIMS, SESSION_ID, SUBJECT};
use crate::base::{Entropy, Timestamp, docs};
use crate::iron::{self, PasswordError, Passwords};
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::{Mapping, Spans, session};
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Chunks, Gap, Keys, Kind, Numbered, Recipe, opt};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "iron-session",
    library: docs::text("iron-session 9.0.1, 8.0.4"),
    names: &["<cookie>"],
    chunks: Chunks::Numbered(Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Wins,
        gap: Gap::Ends,
        // The library fills a line of 4,096 bytes, name and attributes included.
        whole: 3_900,
        piece: 3_900,
        most: 4,
    }),
    keys: Keys::Secrets(32),
    options: &[
        SUBJECT,
        opt(
            "password_ids",
            Kind::Texts,
            "the ids of the passwords, in the order of `secrets`",
        ),
        EMAIL,
        EMAIL_VERIFIED,
        SESSION_ID,
        AUTH_TIME,
    ],
    can: OWN_CLAIMS,
    logout: &[],
    user_editable: &[],
    stricter: docs::list(&[
        "a seal must end in `~2`, as both versions write it; version 9 ignores whatever follows the seal",
        "the digest is checked before the expiry is believed",
        "salts are 64 lower-case hexadecimal characters",
    ]),
    cannot: docs::list(&["when the session began: a seal holds its end only"]),
    build: Some(build),
};

#[derive(Debug)]
struct IronSession {
    passwords: Option<Passwords>,
    mapping: Mapping,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    if setup.names.is_empty() {
        return Err(SetupError::missing(
            "cookie",
            "the `cookieName` of the app's session options",
        ));
    }
    let mapping = common::mapping(setup, None)?;
    let count = setup.listed.secrets;
    let mut ids = setup.texts("password_ids");
    if ids.is_empty() {
        // As the library numbers them: one password is `1`, and the highest seals.
        ids = (1..=count).rev().map(|id| id.to_string()).collect();
    }
    if ids.len() != count {
        return Err(SetupError::new(
            "config.password_ids",
            "password_ids",
            "another number of ids than of secrets",
            "one id for each of `secrets`",
            "",
        ));
    }
    let pairs = ids.iter().map(String::as_str).zip(setup.secrets.iter().cloned());
    let passwords = match Passwords::new(pairs) {
        Ok(passwords) => Some(passwords),
        Err(_) if !setup.resolved => None,
        Err(error) => {
            let key = if error == PasswordError::TooShort {
                "secrets"
            } else {
                "password_ids"
            };
            return Err(SetupError::new(
                error.code(),
                key,
                "what the library refuses",
                &error.to_string(),
                "",
            ));
        }
    };
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(IronSession { passwords, mapping }),
    })
}

impl IronSession {
    fn unseal(
        &self,
        presented: &Presented,
        at: &At<'_>,
    ) -> Result<(Map<String, Value>, Option<Timestamp>), SessionError> {
        let passwords = self.passwords.as_ref().ok_or(SessionError::Unopened)?;
        common::unseal(&presented.value, passwords, at)
    }
}

impl Format for IronSession {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        Opening::of(self.unseal(presented, at).and_then(|(members, expires_at)| {
            let spans = Spans {
                born: None,
                issued_at: None,
                expires_at,
            };
            session(members, &self.mapping, spans, at.now())
        }))
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        self.unseal(presented, at).ok().map(|(members, _)| members)
    }

    fn draft(&self, moved: &Opened) -> Option<Map<String, Value>> {
        let mut payload = Map::new();
        self.mapping
            .subject
            .put(&mut payload, Value::from(&*moved.session.subject));
        if let (Some(place), Some(email)) = (&self.mapping.email, &moved.session.email) {
            place.put(&mut payload, Value::from(&*email.address));
        }
        Some(payload)
    }

    fn seal(
        &self,
        _: usize,
        payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        let end = u64::try_from(times.expires_at.as_secs())
            .ok()?
            .checked_mul(1000)?;
        let plaintext = serde_json::to_vec(&payload).ok()?;
        iron::seal(&plaintext, self.passwords.as_ref()?, Some(end), entropy).ok()
    }
}
