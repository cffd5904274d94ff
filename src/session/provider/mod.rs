//! One short recipe per format that exists in the wild, each behind the Cargo feature `format-<name>`.

mod common;
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
}

/// `format-jwt` → `jwt`.
const fn provider_name(feature: &'static str) -> &'static str {
    match feature.split_at_checked(7) {
        Some((_, name)) => name,
        None => feature,
    }
}
