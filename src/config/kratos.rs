//! `[kratos]`: the identity server, the tunnel to it, and how fresh its sessions must be.

use super::SecretRef;
use super::format::cookie_name;
use super::origins::{app_path, upstream_url};
use super::read::{Node, Table};
use crate::kratos::claims;
use crate::kratos::flow::Ui;
use crate::kratos::table::Mount;
use crate::kratos::up::ExtraFields;
use crate::message::set_cookie::CookieDomain;
use crate::message::url::BaseUrl;
use crate::policy::freshness::FRESH_WITHIN_SECS;
use crate::session::Pointer;

/// `[kratos]`.
#[derive(Debug, Clone)]
pub struct KratosConfig {
    /// The public API, with its base path.
    pub url: BaseUrl,
    /// Where the tunnel is mounted; redirects use the first.
    pub mounts: Vec<Mount>,
    /// Other URLs by which it names itself: a custom domain, a `serve.public.base_url` of its own.
    pub also_known_as: Vec<BaseUrl>,
    /// The app's own pages for the flows.
    pub ui: Ui,
    /// Whether the document names pages: those that an Ory Network project hosts then give way to them.
    pub own_pages: bool,
    /// What the sealed copy may carry of traits and metadata.
    pub claims: Vec<Pointer>,
    /// F of rules that name none, in seconds.
    pub fresh_within: i64,
    /// Kratos' `session.whoami.required_aal`.
    pub whoami_aal: WhoamiAal,
    /// The name of Kratos' session cookie.
    pub cookie: String,
    /// Path families that are tunnelled at `/` only when named: `sessions`, `schemas`.
    pub expose: Vec<String>,
    /// Whether native-app flows are tunnelled.
    pub native: bool,
    /// Sets `Domain` on the identity server's cookies.
    pub cookie_domain: Option<CookieDomain>,
    /// Whether it is an Ory Network project; its usual host says so by itself.
    pub network: bool,
    /// The API token of an Ory Network project.
    pub network_token: Option<SecretRef>,
    /// Further request fields that go up.
    pub forward_headers: ExtraFields,
}

/// Kratos' `session.whoami.required_aal`: what a 200 with `aal1` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoamiAal {
    /// No second factor is enrolled, or whoami would have said 403.
    HighestAvailable,
    /// It says nothing about a second factor.
    Aal1,
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
        let also_known_as = table
            .get("also_known_as")
            .and_then(|n| n.one_or_more())
            .unwrap_or_default()
            .iter()
            .filter_map(upstream_url)
            .collect();
        let own_pages = table.get("ui").is_some();
        let ui = ui_pages(&mut table);
        let claims = table
            .get("claims")
            .map(|n| claim_pointers(&n))
            .unwrap_or_default();
        let fresh_within = table
            .get("fresh_within")
            .map_or(Some(FRESH_WITHIN_SECS), |n| n.duration());
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
            .map_or_else(|| Some("ory_kratos_session".to_owned()), |n| cookie_name(&n));
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
        let cookie_domain = table.get("cookie_domain").and_then(|n| cookie_domain(&n));
        let network_token = table.get("network_token").and_then(|n| SecretRef::read(&n));
        let network = table.get("network").and_then(|n| n.boolean()).unwrap_or_default();
        let forward_headers = table
            .get("forward_headers")
            .and_then(|n| extra_fields(&n))
            .unwrap_or_default();
        table.finish();
        Some(Self {
            url: url?,
            mounts: mounts?,
            also_known_as,
            ui: ui?,
            own_pages,
            claims,
            fresh_within: fresh_within?,
            whoami_aal: whoami_aal?,
            cookie: cookie?,
            expose: expose.into_iter().map(str::to_owned).collect(),
            native,
            cookie_domain,
            network,
            network_token,
            forward_headers,
        })
    }
}

/// The app's own pages; those of the document over the defaults.
fn ui_pages(kratos: &mut Table<'_>) -> Option<Ui> {
    let mut pages = Ui::default();
    let Some(node) = kratos.get("ui") else {
        return Some(pages);
    };
    let mut table = node.table()?;
    let mut page = |key, to: &mut String| {
        if let Some(path) = table.get(key).and_then(|n| app_path(&n)) {
            *to = path;
        }
    };
    page("login", &mut pages.login);
    page("registration", &mut pages.registration);
    page("settings", &mut pages.settings);
    page("recovery", &mut pages.recovery);
    page("verification", &mut pages.verification);
    page("error", &mut pages.error);
    table.finish();
    Some(pages)
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

/// Pointers that the sealed copy may carry.
fn claim_pointers(node: &Node<'_>) -> Vec<Pointer> {
    let found = pointers(node);
    for pointer in &found {
        if let Err(error) = claims::check(pointer) {
            node.refuse(
                error.code(),
                "pointers below `/traits` and `/metadata_public`",
                error.to_string(),
            );
        }
    }
    found
}

/// Further fields that go up; never one by which a client would say who or where it is (semantics 7.2).
fn extra_fields(node: &Node<'_>) -> Option<ExtraFields> {
    match ExtraFields::new(node.strings()?) {
        Ok(fields) => Some(fields),
        Err(error) => {
            node.refuse(
                "config.forward_headers",
                "names of header fields, `x-request-id`",
                error.to_string(),
            );
            None
        }
    }
}

/// A domain that the identity server's cookies may be widened to (semantics 7.6).
fn cookie_domain(node: &Node<'_>) -> Option<CookieDomain> {
    match CookieDomain::parse(node.string()?) {
        Ok(domain) => Some(domain),
        Err(error) => {
            node.refuse(
                "config.cookie_domain",
                "a domain of your own, `example.com`",
                error.to_string(),
            );
            None
        }
    }
}
