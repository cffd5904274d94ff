//! Checks that concern more than one part of the document.

use super::read::Node;
use super::{Config, ConfigError, SecretRef, SessionConfig, ToOrigin, Upstream};
use crate::kratos::flow::Page;
use crate::kratos::table::{Lookup, Table};

/// Reports what no part can see alone.
pub(crate) fn across(config: &Config, root: &Node<'_>) {
    let report = |code, path: &str, found: &str, accepted: &str, fix: &str| {
        root.errors()
            .add(ConfigError::new(code, path, found, accepted, fix));
    };
    if let (Some(session), Some(_)) = (&config.session, &config.kratos)
        && !session.format.is_own()
    {
        report(
            "config.kratos_format",
            "session.format",
            "another format beside `[kratos]`",
            "`edgeward`",
            "the sealed copy of a Kratos session is always in the own format",
        );
    }
    if config.kratos.is_some() && config.session.is_none() && !config.is_all_public() {
        report(
            "config.missing",
            "session",
            "nothing",
            "a table with `format = \"edgeward\"` and `secrets`",
            "`[kratos]` seals copies of its sessions; only a config whose every route is `public` is a mere tunnel",
        );
    }
    if let Some(kratos) = &config.kratos
        && kratos
            .also_known_as
            .iter()
            .any(|name| config.origins.names(name.origin()))
    {
        report(
            "config.own_origin",
            "kratos.also_known_as",
            "an origin of the app's own",
            "other addresses of Kratos, or nothing",
            "a `base_url` on the app's origin needs no mapping; named here, the app's own pages would count as Kratos'",
        );
    }
    if let (Some(kratos), Some(session)) = (&config.kratos, &config.session)
        && names_ours(session, &kratos.cookie)
    {
        report(
            "config.cookie",
            "kratos.cookie",
            "the name of a cookie of the gate's own",
            "the name of Kratos' session cookie, another than `session.cookie`",
            "each would overwrite the other",
        );
    }
    if config.kratos.is_some() && config.sign_in.is_some() {
        report(
            "config.sign_in",
            "sign_in",
            "a sign-in page beside `[kratos]`",
            "`kratos.ui.login`",
            "with `[kratos]` a visitor signs in through its login flow, whose page that is",
        );
    }
    if let Some(kratos) = &config.kratos {
        let table = Table::new(kratos.mounts.clone());
        for page in Page::ALL {
            if !matches!(table.find("GET", kratos.ui.path(page)), Lookup::None) {
                report(
                    "config.path",
                    &["kratos.ui.", page.as_str()].concat(),
                    "a path of the tunnel",
                    "a page of the app",
                    "the identity server would be asked for its own page, and send the visitor back to it",
                );
            }
        }
    }
    if let Some(assertion) = &config.assertion
        && config.seals_with(&assertion.key.reference().name)
    {
        report(
            "config.assertion_secret",
            &assertion.key.reference().path,
            "a reference to a session secret",
            "a secret of its own",
            "the origin knows the assertion's secret; it must not be able to seal sessions",
        );
    }
    if let Some((place, _)) = config
        .sent_in_clear()
        .find(|(_, secret)| config.seals_with(&secret.name))
    {
        report(
            "config.shared_secret",
            place,
            "a reference to a session secret",
            "a secret of its own",
            "it is sent as a header: whoever receives it could seal sessions",
        );
    }
    if let Some(debug) = &config.debug
        && config.names_secret(&debug.secret.name)
    {
        report(
            "config.debug_secret",
            "debug.secret",
            "a reference to a secret with another purpose",
            "a secret of its own",
            "it is sent as a header, so it is known to whoever debugs",
        );
    }
    if let Some(session) = &config.session
        && session.to_origin == Some(ToOrigin::Assertion)
        && config.assertion.is_none()
    {
        report(
            "config.missing",
            "assertion",
            "nothing",
            "a table with `secret` or `key`, and `audience`",
            "`session.to_origin = \"assertion\"` needs it",
        );
    }
    if let Some(Upstream::Url { lock: None, .. }) = &config.origin
        && !config.identity.headers.is_empty()
    {
        report(
            "config.identity",
            "identity.headers",
            "bare identity headers to an origin by URL without `origin.lock`",
            "a service binding, `origin.lock`, or `[assertion]` in their place",
            "whoever reaches the origin directly could set them",
        );
    }
}

/// Whether a name is that of a session cookie of ours, or of what the gate keeps beside one.
fn names_ours(session: &SessionConfig, name: &str) -> bool {
    let mut names = session.format.own_names();
    names.extend(session.dev_cookie.clone());
    let accepted = session
        .accept
        .iter()
        .flat_map(|accepted| accepted.format.own_names());
    names.into_iter().chain(accepted).any(|own| {
        name.strip_prefix(own.as_str())
            .is_some_and(|rest| ["", "-out", "-hops"].contains(&rest))
    })
}

impl Config {
    /// Whether sessions are sealed or opened with the secret of this name.
    fn seals_with(&self, name: &str) -> bool {
        let mut secrets = self.session.iter().flat_map(|session| {
            let accepted = session
                .accept
                .iter()
                .flat_map(|accepted| &accepted.format.secrets);
            session.format.secrets.iter().chain(accepted)
        });
        secrets.any(|secret| secret.name == name)
    }

    /// The secrets that an upstream gets as they are, with their places.
    fn sent_in_clear(&self) -> impl Iterator<Item = (&'static str, &SecretRef)> {
        let lock = match &self.origin {
            Some(Upstream::Url { lock, .. }) => lock.as_ref(),
            _ => None,
        };
        let token = self
            .kratos
            .as_ref()
            .and_then(|kratos| kratos.network_token.as_ref());
        let lock = lock.map(|secret| ("origin.lock", secret));
        lock.into_iter()
            .chain(token.map(|secret| ("kratos.network_token", secret)))
    }

    /// Whether a secret of sessions, assertions or an upstream is referred to by this name.
    fn names_secret(&self, name: &str) -> bool {
        let assertion = self.assertion.iter().map(|assertion| assertion.key.reference());
        self.seals_with(name)
            || assertion
                .chain(self.sent_in_clear().map(|(_, secret)| secret))
                .any(|secret| secret.name == name)
    }
}
