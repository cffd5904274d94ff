//! One short recipe per format that exists in the wild, each behind the Cargo feature `format-<name>`.

mod common;
#[cfg(any(feature = "format-authjs", feature = "format-nextauth-v4"))]
mod nextauth;
pub mod own;

macro_rules! providers {
    ($($feature:literal => $module:ident),+ $(,)?) => {
        $(#[cfg(feature = $feature)] pub mod $module;)+

        /// Every recipe of this build, the own format first.
        #[must_use]
        pub fn all() -> Vec<&'static Recipe> {
            vec![&own::RECIPE, $(#[cfg(feature = $feature)] &$module::RECIPE),+]
        }

        /// Every format name that some build has.
        pub const NAMES: &[&str] = &["edgeward", $(provider_name($feature)),+];
    };
}

use super::recipe::Recipe;

providers! {
    "format-jwt" => jwt,
    "format-jwe" => jwe,
    "format-iron-session" => iron_session,
    "format-nextauth-v4" => nextauth_v4,
    "format-authjs" => authjs,
    "format-auth0" => auth0,
    "format-auth0-v3" => auth0_v3,
    "format-supabase" => supabase,
    "format-clerk" => clerk,
    "format-better-auth" => better_auth,
    "format-workos" => workos,
    "format-cognito" => cognito,
    "format-kinde" => kinde,
    "format-stytch" => stytch,
    "format-stack" => stack,
    "format-descope" => descope,
    "format-logto" => logto,
    "format-ory-jwt" => ory_jwt,
    "format-ory-cookie" => ory_cookie,
}

/// `format-jwt` → `jwt`.
const fn provider_name(feature: &'static str) -> &'static str {
    match feature.split_at_checked(7) {
        Some((_, name)) => name,
        None => feature,
    }
}
