//! A JWE of the app's own in a cookie: jose's `EncryptJWT` with a shared key (`dir`).

use std::rc::Rc;

use serde_json::{Map, Value};

use super::common::{
    self, AUTH_TIME, EMAIL, EMAIL_VERIFIED, ISSUER, JWT_AUDIENCE, OWN_CLAIMS, SESSION_ID, SUBJECT, TYP,
};
use crate::base::{Entropy, base64url, docs};
use crate::jose::jwe::{self, Enc};
use crate::jose::jwt::Expected;
use crate::session::SessionError;
use crate::session::encoding::decode_base64;
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::Mapping;
use crate::session::own::Opened;
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "jwe",
    library: docs::text("jose 6.2.17"),
    names: &["session"],
    chunks: Chunks::Never,
    keys: Keys::Secrets(0),
    options: &[
        SUBJECT,
        opt("enc", Kind::Words(ENCS), "one of the content encryptions"),
        opt(
            "secret_encoding",
            Kind::Words(&["text", "base64", "base64url", "hex"]),
            "how the secret holds the key",
        ),
        ISSUER,
        JWT_AUDIENCE,
        TYP,
        opt(
            "exclusive_secret",
            Kind::Flag,
            "`true`: nothing but sessions is encrypted with this key",
        ),
        EMAIL,
        EMAIL_VERIFIED,
        SESSION_ID,
        AUTH_TIME,
    ],
    can: Can {
        born: true,
        ..OWN_CLAIMS
    },
    logout: &[],
    user_editable: &[],
    stricter: docs::list(&[
        "`exp` must be there, although jose lets a token without one pass",
        "`enc` comes from the config; jose takes every one that the key's length allows",
        "no `zip`",
    ]),
    cannot: docs::list(&["whether the app has revoked the token"]),
    build: Some(build),
};

const ENCS: &[&str] = &[
    "A128GCM",
    "A192GCM",
    "A256GCM",
    "A128CBC-HS256",
    "A192CBC-HS384",
    "A256CBC-HS512",
];

#[derive(Debug)]
struct JweFormat {
    enc: Enc,
    keys: Vec<jwe::Key>,
    mapping: Mapping,
    typ: Option<String>,
    issuers: Vec<String>,
    audiences: Vec<String>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    common::check_scope(setup)?;
    let enc = match setup.texts("enc").as_slice() {
        [] => Enc::A256Gcm,
        [one] => Enc::parse(one).unwrap_or(Enc::A256Gcm),
        _ => {
            return Err(SetupError::new(
                "config.value",
                "enc",
                "several",
                "one content encryption",
                "",
            ));
        }
    };
    let encoding = setup.texts("secret_encoding").first().cloned();
    let mut keys = Vec::new();
    for secret in setup.secrets {
        let bytes = decode(secret.expose(), encoding.as_deref());
        let key = bytes.and_then(|bytes| jwe::Key::new(enc, bytes).ok());
        keys.push(key.ok_or_else(|| {
            let accepted = format!("a key of exactly {} bytes for {}", enc.key_len(), enc.as_str());
            SetupError::new(
                "config.secret_length",
                "secrets",
                "a secret of another length",
                &accepted,
                "say how it is encoded with `secret_encoding`",
            )
        })?);
    }
    let format = JweFormat {
        enc,
        keys,
        mapping: common::mapping(setup, None)?,
        typ: setup.text("typ").map(str::to_owned),
        issuers: setup.texts("issuer"),
        audiences: setup.texts("jwt_audience"),
    };
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(format),
    })
}

fn decode(secret: &[u8], encoding: Option<&str>) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(secret).ok().map(str::trim);
    match encoding {
        Some("base64") => decode_base64(text?),
        Some("base64url") => base64url::decode(text?.trim_end_matches('=')).ok(),
        Some("hex") => {
            let digits: Vec<u8> = text?
                .chars()
                .map(|c| c.to_digit(16)?.try_into().ok())
                .collect::<Option<_>>()?;
            digits
                .chunks(2)
                .map(|pair| match pair {
                    [high, low] => Some(high << 4 | low),
                    _ => None,
                })
                .collect()
        }
        _ => Some(secret.to_vec()),
    }
}

impl JweFormat {
    fn read(&self, presented: &Presented, at: &At<'_>) -> Result<Opened, SessionError> {
        let (header, members) = common::open_jwe(&presented.value, &self.keys, at)?;
        if self.typ.as_deref().is_some_and(|typ| !header.is_typ(typ)) {
            return Err(SessionError::Malformed);
        }
        let issuers: Vec<&str> = self.issuers.iter().map(String::as_str).collect();
        let audiences: Vec<&str> = self.audiences.iter().map(String::as_str).collect();
        let expected = Expected {
            issuers: &issuers,
            audiences: &audiences,
            ..Expected::at(at.now())
        };
        common::read(members, &self.mapping, &expected)
    }
}

impl Format for JweFormat {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        Opening::of(self.read(presented, at))
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        common::jwe_members(&presented.value, &self.keys, at)
    }

    fn draft(&self, moved: &Opened) -> Option<Map<String, Value>> {
        Some(common::scoped_draft(
            &self.mapping,
            moved,
            &self.issuers,
            &self.audiences,
        ))
    }

    fn seal(
        &self,
        _: usize,
        mut payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        let mut header = vec![("alg", "dir"), ("enc", self.enc.as_str())];
        header.extend(self.typ.as_deref().map(|typ| ("typ", typ)));
        common::put_times(&mut payload, times);
        common::seal_jwe(&header, &payload, self.keys.first()?, entropy)
    }
}
