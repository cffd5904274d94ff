//! NextAuth.js 4 with its JWT strategy: a JWE under a key derived from `NEXTAUTH_SECRET`.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::common::{self, EMAIL, EMAIL_VERIFIED, SUBJECT};
use crate::base::Entropy;
use crate::jose::derive::hkdf_sha256;
use crate::jose::jwe::{self, Enc};
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::Mapping;
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Keys, Numbered, Recipe};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "nextauth-v4",
    library: "next-auth 4.24.15",
    names: &["__Secure-next-auth.session-token", "next-auth.session-token"],
    chunks: Chunks::Numbered(Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Begins,
        gap: Gap::Skipped,
        whole: 3_933,
        piece: 3_933,
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
        "A256GCM only, the one that the library writes; it also opens A128CBC-HS256 and compressed tokens",
        "`exp` must be there; the library lets a token without one pass",
        "only numbered chunks are joined; the library joins every cookie whose name begins with the session's",
        "`iat` may be at most 60 seconds ahead",
    ],
    cannot: &[
        "when the session began: `iat` moves each time the library seals",
        "whether the app has revoked the session; with the database strategy the cookie is an opaque id",
    ],
    build: Some(build),
};

/// The library's clock tolerance in seconds.
const TOLERANCE: i64 = 15;
const INFO: &str = "NextAuth.js Generated Encryption Key";

#[derive(Debug)]
struct NextAuth {
    keys: Vec<jwe::Key>,
    mapping: Mapping,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let keys = setup
        .secrets
        .iter()
        .filter_map(|secret| {
            let key = hkdf_sha256::<32>(secret.expose(), "", INFO);
            jwe::Key::new(Enc::A256Gcm, *key).ok()
        })
        .collect();
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(NextAuth {
            keys,
            mapping: common::nextauth_mapping(setup)?,
        }),
    })
}

impl Format for NextAuth {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let read = common::open_jwe(&presented.value, &self.keys, at).and_then(|(_, members)| {
            common::read(members, &self.mapping, &common::expected(at.now(), TOLERANCE))
        });
        Opening::of(read)
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        common::open_jwe(&presented.value, &self.keys, at)
            .ok()
            .map(|(_, members)| members)
    }

    fn draft(&self, moved: &Opened) -> Option<Map<String, Value>> {
        Some(common::nextauth_draft(&self.mapping, moved))
    }

    fn seal(
        &self,
        _: usize,
        mut payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        common::put_times(&mut payload, times);
        payload.insert("jti".into(), json!(common::uuid(entropy)));
        common::seal_jwe(
            &[("alg", "dir"), ("enc", "A256GCM")],
            &payload,
            self.keys.first()?,
            entropy,
        )
    }
}
