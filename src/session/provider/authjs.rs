//! Auth.js 5 with its JWT strategy: a JWE whose key depends on `AUTH_SECRET` and on the cookie's name.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::common::{self, EMAIL, EMAIL_VERIFIED, SUBJECT};
use crate::base::Entropy;
use crate::jose::derive::hkdf_sha256;
use crate::jose::jwe::{self, Enc};
use crate::jose::jwk::{oct_thumbprint_sha256, oct_thumbprint_sha512};
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::Mapping;
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Keys, Numbered, Recipe};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "authjs",
    library: "@auth/core 0.41.3, next-auth 5.0.0-beta.32",
    names: &["__Secure-authjs.session-token", "authjs.session-token"],
    chunks: Chunks::Numbered(Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Begins,
        gap: Gap::Skipped,
        whole: 3_936,
        piece: 3_936,
        most: 8,
    }),
    keys: Keys::Secrets(0),
    options: &[SUBJECT, EMAIL, EMAIL_VERIFIED],
    can: Can {
        seal: true,
        roll: true,
        adopt: true,
        accept: true,
        verified_email: true,
        ..Can::NOTHING
    },
    logout: &["/api/auth/signout"],
    user_editable: &[],
    stricter: &[
        "`exp` must be there; the library lets a token without one pass",
        "only numbered chunks are joined; the library joins every cookie whose name begins with the session's",
        "`iat` may be at most 60 seconds ahead",
    ],
    cannot: &[
        "when the session began: `iat` moves each time the library seals, which is on every request",
        "whether the app has revoked the session; with the database strategy the cookie is an opaque id",
    ],
    build: Some(build),
};

/// The library's clock tolerance in seconds.
const TOLERANCE: i64 = 15;

#[derive(Debug)]
struct AuthJs {
    /// By cookie name: the name is the salt.
    keys: Vec<Vec<Named>>,
    mapping: Mapping,
}

/// A key with its thumbprint. Each secret has one for each `enc` that the library reads.
#[derive(Debug)]
struct Named {
    kid: String,
    key: jwe::Key,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let names = setup.names_or(RECIPE.names.iter().copied());
    let keys = names
        .iter()
        .map(|name| {
            setup
                .secrets
                .iter()
                .flat_map(|secret| derive(secret.expose(), name))
                .collect()
        })
        .collect();
    Ok(Built {
        names,
        format: Rc::new(AuthJs {
            keys,
            mapping: common::nextauth_mapping(setup)?,
        }),
    })
}

fn derive(secret: &[u8], name: &str) -> Vec<Named> {
    let info = format!("Auth.js Generated Encryption Key ({name})");
    let long = hkdf_sha256::<64>(secret, name, &info);
    let short = hkdf_sha256::<32>(secret, name, &info);
    let named = |kid, key: Result<jwe::Key, _>| key.ok().map(|key| Named { kid, key });
    [
        named(
            oct_thumbprint_sha512(&*long),
            jwe::Key::new(Enc::A256CbcHs512, *long),
        ),
        named(
            oct_thumbprint_sha256(&*short),
            jwe::Key::new(Enc::A256Gcm, *short),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl AuthJs {
    /// With a `kid` the key of that thumbprint, without one any.
    fn decrypt(&self, presented: &Presented, at: &At<'_>) -> Result<Map<String, Value>, SessionError> {
        let keys = self.keys.get(presented.name).map_or(&[][..], Vec::as_slice);
        let token = jwe::decode(&presented.value).map_err(common::jwe_error)?;
        let header = token.header().peek();
        let fits = |named: &&Named| header.kid().is_none_or(|kid| kid == named.kid);
        let fitting = keys.iter().filter(fits).map(|named| &named.key);
        common::open_jwe(&presented.value, fitting, at).map(|(_, members)| members)
    }
}

impl Format for AuthJs {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let read = self
            .decrypt(presented, at)
            .and_then(|members| common::read(members, &self.mapping, &common::expected(at.now(), TOLERANCE)));
        Opening::of(read)
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        self.decrypt(presented, at).ok()
    }

    fn draft(&self, moved: &Opened) -> Option<Map<String, Value>> {
        Some(common::nextauth_draft(&self.mapping, moved))
    }

    fn seal(
        &self,
        name: usize,
        mut payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        let Named { kid, key } = self.keys.get(name)?.first()?;
        common::put_times(&mut payload, times);
        payload.insert("jti".into(), json!(common::uuid(entropy)));
        let header = [("alg", "dir"), ("enc", "A256CBC-HS512"), ("kid", kid)];
        common::seal_jwe(&header, &payload, key, entropy)
    }
}
