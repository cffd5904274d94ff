//! From the document's rules to a policy, with the pages of the identity server among them (semantics 1.7).

use super::read::{Errors, Node};
use super::routes::{self, Given};
use super::{Config, ConfigError, ToOrigin};
use crate::policy::freshness::FRESH_WITHIN_SECS;
use crate::policy::{
    Access, Bounds, Capabilities, Finding, Landing, Pattern, Policy, Redirects, Requirement, Router, Rule,
    Terms,
};
use crate::shell::Shell;

impl Config {
    /// The compiled policy.
    ///
    /// # Errors
    /// What is wrong with the rules, one by one and together; where each is right, the circles that they send visitors round in.
    pub(crate) fn policy(&self, shell: Shell) -> Result<Policy, Vec<ConfigError>> {
        let mut policy = self.compiled(shell, false)?;
        if self.has_closed_sign_in(&policy) {
            policy = self.compiled(shell, true)?;
        }
        let redirects = self.redirects();
        let circles: Vec<ConfigError> = self
            .hosts()
            .flat_map(|host| policy.find_cycles(&redirects, host))
            .map(|circle| routes::describe(&circle))
            .collect();
        if circles.is_empty() {
            Ok(policy)
        } else {
            Err(circles)
        }
    }

    fn compiled(&self, shell: Shell, opens_sign_in: bool) -> Result<Policy, Vec<ConfigError>> {
        let given = self.given();
        let bounds = Bounds::of(given.fresh_within, None, None);
        let errors = Errors::new();
        let routes = serde_json::Value::Array(self.routes.clone());
        let mut rules = routes::read(&Node::root(&routes, "routes", &errors), given);
        if opens_sign_in {
            let path = self.sign_in.as_deref().unwrap_or_default();
            rules.extend(page("sign_in", path, Access::Optional, bounds));
        }
        let default = routes::read_requirement(&Node::root(&self.default, "default", &errors), given);
        let terms = Terms {
            router: self.router(shell),
            locales: self.locales.clone(),
            implicit: self.pages(bounds),
            capabilities: self.capabilities(),
        };
        let policy = default.and_then(|default| routes::compile(rules, default, terms, &errors));
        let found = errors.into_inner();
        match policy {
            Some(policy) if found.is_empty() => Ok(policy),
            _ => Err(found),
        }
    }

    /// Whether the app's sign-in page falls to a default that sends whoever comes there to the sign-in page.
    fn has_closed_sign_in(&self, policy: &Policy) -> bool {
        let Some(readings) = self
            .sign_in
            .as_deref()
            .and_then(|page| policy.readings(page).ok())
        else {
            return false;
        };
        let is_default = |rule: &&Rule| std::ptr::eq(*rule, policy.default_rule());
        let falls_through = |host: &str, method: &str| match policy.find(&readings, host, method) {
            Finding::Found(found) => {
                found.requirement().access == Access::Session && found.rules().iter().any(is_default)
            }
            _ => false,
        };
        self.hosts()
            .any(|host| falls_through(host, "GET") || falls_through(host, "POST"))
    }

    fn hosts(&self) -> impl Iterator<Item = &str> {
        self.origins.public.iter().map(|origin| origin.host().as_str())
    }

    fn redirects(&self) -> Redirects {
        if self.session.is_none() {
            return Redirects::default();
        }
        let landing = |place: &str, path: &str, with_flow| {
            Some(Landing {
                place: place.to_owned(),
                path: path.to_owned(),
                with_flow,
            })
        };
        let signed_in = landing("signed_in", &self.signed_in, false);
        if let Some(kratos) = &self.kratos {
            let login = landing("kratos.ui.login", &kratos.ui.login, true);
            return Redirects {
                signed_in,
                step_up: login.clone(),
                reauthenticate: login.clone(),
                login,
                no_second_factor: landing("kratos.ui.settings", &kratos.ui.settings, true),
            };
        }
        let login = self
            .sign_in
            .as_deref()
            .and_then(|page| landing("sign_in", page, false));
        Redirects {
            signed_in,
            reauthenticate: login.clone(),
            login,
            ..Redirects::default()
        }
    }

    /// Whether nobody is ever asked who they are: what a mere tunnel is.
    pub(crate) fn is_all_public(&self) -> bool {
        let rules = self.routes.iter().map(|route| &route["require"]);
        rules.chain([&self.default]).all(|require| require == "public")
    }

    /// What a requirement is read with, a rule's or the app's own.
    pub(crate) fn given(&self) -> Given {
        let kratos = self.kratos.as_ref();
        let session = self.session.as_ref();
        Given {
            fresh_within: kratos.map_or(FRESH_WITHIN_SECS, |kratos| kratos.fresh_within),
            user_editable: session.map_or(&[], |session| session.format.recipe.user_editable),
        }
    }

    /// What the origin gets of the session where the document does not say (semantics 4.3).
    pub(crate) fn to_origin(&self, shell: Shell) -> ToOrigin {
        let own = self
            .session
            .as_ref()
            .is_some_and(|session| session.format.is_own());
        match self.session.as_ref().and_then(|session| session.to_origin) {
            Some(said) => said,
            None if shell.in_front && own && self.assertion.is_some() => ToOrigin::Assertion,
            None => ToOrigin::Cookie,
        }
    }

    fn router(&self, shell: Shell) -> Router {
        match self.case_sensitive {
            Some(true) => Router::CaseSensitive,
            Some(false) => Router::Any,
            None if shell.hides_framework_requests => Router::CaseSensitive,
            None => Router::Any,
        }
    }

    fn pages(&self, bounds: Bounds) -> Vec<Rule> {
        let (Some(kratos), Some(_)) = (&self.kratos, &self.session) else {
            return Vec::new();
        };
        let ui = &kratos.ui;
        let page =
            |place: &str, path: &str, access| page(&["kratos.ui.", place].concat(), path, access, bounds);
        [
            page("login", &ui.login, Access::Guest),
            page("registration", &ui.registration, Access::Guest),
            page("settings", &ui.settings, Access::Session),
            page("recovery", &ui.recovery, Access::Optional),
            page("verification", &ui.verification, Access::Optional),
            page("error", &ui.error, Access::Optional),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn capabilities(&self) -> Capabilities {
        let kratos = self.kratos.as_ref();
        let session = self.session.as_ref();
        let can = session.map(|session| session.format.recipe.can);
        Capabilities {
            roles: session.is_some_and(|session| session.roles.is_some()),
            claims: None,
            aal: can.is_some_and(|can| can.aal),
            auth_time: can.is_none_or(|can| can.auth_time),
            verified_email: session.is_some_and(|session| session.format.knows_verified_email()),
            confirmable: kratos.is_some(),
        }
    }
}

/// The rule of a page that a redirect leads to.
fn page(place: &str, path: &str, access: Access, bounds: Bounds) -> Option<Rule> {
    let requirement = Requirement {
        bounds,
        ..Requirement::of(access)
    };
    let pattern = Pattern::parse(path).ok()?;
    Some(Rule::new(place, vec![pattern], requirement))
}
