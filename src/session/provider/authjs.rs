//! Auth.js 5 with its JWT strategy: a JWE whose key depends on `AUTH_SECRET` and on the cookie's name.

use super::nextauth::{self, Named};
use crate::base::docs;
use crate::jose::derive::hkdf_sha256;
use crate::jose::jwe::{self, Enc};
use crate::jose::jwk::{oct_thumbprint_sha256, oct_thumbprint_sha512};
use crate::session::recipe::{Built, Keys, Recipe};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "authjs",
    library: docs::text("@auth/core 0.41.3; the names read in next-auth 5.0.0-beta.32"),
    names: &["__Secure-authjs.session-token", "authjs.session-token"],
    chunks: nextauth::chunks(3_936),
    keys: Keys::Secrets(0),
    options: nextauth::OPTIONS,
    can: nextauth::CAN,
    logout: nextauth::LOGOUT,
    user_editable: &[],
    stricter: docs::list(&[
        "`exp` must be there; the library lets a token without one pass",
        "only numbered chunks are joined; the library joins every cookie whose name begins with the session's",
        "`iat` may be at most 60 seconds ahead",
    ]),
    cannot: docs::list(&[
        "when the session began: `iat` moves each time the library seals, which is on every request",
        "whether the app has revoked the session; with the database strategy the cookie is an opaque id",
    ]),
    build: Some(build),
};

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    nextauth::build(setup, RECIPE.names, derive)
}

/// A key for each `enc` that the library reads; the name is the salt.
fn derive(secret: &[u8], name: &str) -> Vec<Named> {
    let info = format!("Auth.js Generated Encryption Key ({name})");
    let long = hkdf_sha256::<64>(secret, name, &info);
    let short = hkdf_sha256::<32>(secret, name, &info);
    let named = |kid, key: Result<jwe::Key, _>| key.ok().map(|key| Named { kid: Some(kid), key });
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
