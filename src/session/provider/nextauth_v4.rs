//! NextAuth.js 4 with its JWT strategy: a JWE under a key derived from `NEXTAUTH_SECRET`.

use super::nextauth::{self, Named};
use crate::base::docs;
use crate::jose::derive::hkdf_sha256;
use crate::jose::jwe::{self, Enc};
use crate::session::recipe::{Built, Keys, Recipe};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "nextauth-v4",
    library: docs::text("next-auth 4.24.15"),
    names: &["__Secure-next-auth.session-token", "next-auth.session-token"],
    chunks: nextauth::chunks(3_933),
    keys: Keys::Secrets(0),
    options: nextauth::OPTIONS,
    can: nextauth::CAN,
    logout: nextauth::LOGOUT,
    user_editable: &[],
    stricter: docs::list(&[
        "A256GCM only, the one that the library writes; it also opens A128CBC-HS256 and compressed tokens",
        "`exp` must be there; the library lets a token without one pass",
        "only numbered chunks are joined; the library joins every cookie whose name begins with the session's",
        "`iat` may be at most 60 seconds ahead",
    ]),
    cannot: docs::list(&[
        "when the session began: `iat` moves each time the library seals",
        "whether the app has revoked the session; with the database strategy the cookie is an opaque id",
    ]),
    build: Some(build),
};

const INFO: &str = "NextAuth.js Generated Encryption Key";

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    nextauth::build(setup, RECIPE.names, |secret, _| {
        let key = jwe::Key::new(Enc::A256Gcm, *hkdf_sha256::<32>(secret, "", INFO));
        key.ok().map(|key| Named { kid: None, key }).into_iter().collect()
    })
}
