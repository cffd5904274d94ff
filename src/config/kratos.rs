//! `[kratos]`: the identity server, the tunnel to it, and how fresh its sessions must be.

use super::SecretRef;
use super::origins::{app_path, upstream_url};
use super::read::{Node, Table};
use crate::message::url::BaseUrl;
use crate::session::Pointer;

/// `[kratos]`.
#[derive(Debug, Clone)]
pub struct KratosConfig {
    /// The public API, with its base path.
    pub url: BaseUrl,
    /// Where the tunnel is mounted; redirects use the first.
    pub mounts: Vec<Mount>,
    /// The app's own pages for the flows.
    pub ui: UiPages,
    /// What the sealed copy may carry of traits and metadata.
    pub claims: Vec<Pointer>,
    /// The bounds that rules without their own have, in seconds.
    pub freshness: FreshnessConfig,
    /// Kratos' `session.whoami.required_aal`.
    pub whoami_aal: WhoamiAal,
    /// The name of Kratos' session cookie.
    pub cookie: String,
    /// Path families that are tunnelled at `/` only when named: `sessions`, `schemas`.
    pub expose: Vec<String>,
    /// Whether native-app flows are tunnelled.
    pub native: bool,
    /// Sets `Domain` on the identity server's cookies.
    pub cookie_domain: Option<String>,
    /// The API token of an Ory Network project.
    pub network_token: Option<SecretRef>,
    /// Where an `aal1` session goes that has no second factor: the settings page, or the login page after all.
    pub on_no_second_factor: NoSecondFactor,
}

/// A mount of the tunnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mount {
    /// At `/`, beside the app.
    Root,
    /// At `/api/.ory`, as Ory's own integrations mount it.
    ApiOry,
}

impl Mount {
    /// The path prefix, without a slash at the end.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::ApiOry => "/api/.ory",
        }
    }
}

/// The app's own pages for the flows (semantics 1.7).
#[derive(Debug, Clone)]
pub struct UiPages {
    /// A guest page.
    pub login: String,
    /// A guest page.
    pub registration: String,
    /// Needs a session.
    pub settings: String,
    /// Open to everybody.
    pub recovery: String,
    /// Open to everybody.
    pub verification: String,
    /// Open to everybody.
    pub error: String,
}

/// The three bounds of semantics 6.1, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreshnessConfig {
    /// F: no call up to this age.
    pub fresh_within: i64,
    /// S: beyond F, served while whoami is asked.
    pub stale_for: i64,
    /// E: beyond F, served while the identity server is down.
    pub stale_if_error: i64,
}

/// Kratos' `session.whoami.required_aal`: what a 200 with `aal1` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoamiAal {
    /// No second factor is enrolled, or whoami would have said 403.
    HighestAvailable,
    /// It says nothing about a second factor.
    Aal1,
}

/// What an `aal2` rule does with a visitor who has no second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSecondFactor {
    /// To the settings page, to enrol one.
    Settings,
    /// 403.
    Forbid,
}

impl KratosConfig {
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let url = table
            .need("url", "the URL of Kratos' public API")
            .and_then(|n| upstream_url(&n));
        let mounts = table
            .get("mounts")
            .map_or_else(|| Some(vec![Mount::Root]), |n| mounts(&n));
        let ui = UiPages::read(&mut table);
        let claims = table.get("claims").map(|n| pointers(&n)).unwrap_or_default();
        let freshness = FreshnessConfig::read(&mut table);
        let whoami_aal = table
            .get("whoami_aal")
            .map_or(Some(WhoamiAal::HighestAvailable), |n| {
                n.one_of(&[
                    ("highest_available", WhoamiAal::HighestAvailable),
                    ("aal1", WhoamiAal::Aal1),
                ])
            });
        let cookie = table
            .get("cookie")
            .map_or(Some("ory_kratos_session"), |n| n.string());
        let expose = table
            .get("expose")
            .map(|n| n.strings().unwrap_or_default())
            .unwrap_or_default();
        for family in &expose {
            if !["sessions", "schemas"].contains(family) {
                node.refuse("config.value", "`expose` of `sessions` and `schemas`", "");
            }
        }
        let native = table.get("native").and_then(|n| n.boolean()).unwrap_or_default();
        let cookie_domain = table
            .get("cookie_domain")
            .and_then(|n| n.string().map(str::to_owned));
        let network_token = table.get("network_token").and_then(|n| SecretRef::read(&n));
        let on_no_second_factor =
            table
                .get("on_no_second_factor")
                .map_or(Some(NoSecondFactor::Settings), |n| {
                    n.one_of(&[
                        ("settings", NoSecondFactor::Settings),
                        ("403", NoSecondFactor::Forbid),
                    ])
                });
        table.finish();
        Some(Self {
            url: url?,
            mounts: mounts?,
            ui: ui?,
            claims,
            freshness: freshness?,
            whoami_aal: whoami_aal?,
            cookie: cookie?.to_owned(),
            expose: expose.into_iter().map(str::to_owned).collect(),
            native,
            cookie_domain,
            network_token,
            on_no_second_factor: on_no_second_factor?,
        })
    }
}

impl UiPages {
    fn read(kratos: &mut Table<'_>) -> Option<Self> {
        let Some(node) = kratos.get("ui") else {
            return Some(Self::default());
        };
        let mut table = node.table()?;
        let defaults = Self::default();
        let mut page = |key, default: String| table.get(key).map_or(Some(default), |n| app_path(&n));
        let pages = Self {
            login: page("login", defaults.login)?,
            registration: page("registration", defaults.registration)?,
            settings: page("settings", defaults.settings)?,
            recovery: page("recovery", defaults.recovery)?,
            verification: page("verification", defaults.verification)?,
            error: page("error", defaults.error)?,
        };
        table.finish();
        Some(pages)
    }

    /// The pages that are open to everybody; a rule may not ask for a session on them.
    #[must_use]
    pub fn open(&self) -> [&str; 5] {
        [
            &self.login,
            &self.registration,
            &self.recovery,
            &self.verification,
            &self.error,
        ]
    }
}

impl Default for UiPages {
    fn default() -> Self {
        Self {
            login: "/login".to_owned(),
            registration: "/registration".to_owned(),
            settings: "/settings".to_owned(),
            recovery: "/recovery".to_owned(),
            verification: "/verification".to_owned(),
            error: "/error".to_owned(),
        }
    }
}

impl FreshnessConfig {
    fn read(table: &mut Table<'_>) -> Option<Self> {
        let fresh_within = table.get("fresh_within").map_or(Some(300), |n| n.duration())?;
        let unless_zero = |secs| if fresh_within == 0 { 0 } else { secs };
        Some(Self {
            fresh_within,
            stale_for: table
                .get("stale_for")
                .map_or(Some(unless_zero(30)), |n| n.duration())?,
            stale_if_error: table
                .get("stale_if_error")
                .map_or(Some(unless_zero(600)), |n| n.duration())?,
        })
    }
}

fn mounts(node: &Node<'_>) -> Option<Vec<Mount>> {
    let found = node
        .one_or_more()?
        .iter()
        .filter_map(|n| n.one_of(&[("/", Mount::Root), ("/api/.ory", Mount::ApiOry)]))
        .collect::<Vec<_>>();
    (!found.is_empty()).then_some(found)
}

pub(super) fn pointers(node: &Node<'_>) -> Vec<Pointer> {
    let mut found = Vec::new();
    for item in node.one_or_more().unwrap_or_default() {
        match item.string().and_then(Pointer::parse) {
            Some(pointer) => found.push(pointer),
            None => item.refuse("config.pointer", "a JSON pointer, `/traits/email`", ""),
        }
    }
    found
}
