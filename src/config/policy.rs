//! From the document's rules to a policy, with the pages of the identity server among them (semantics 1.7).

use super::read::{Errors, Node};
use super::{Config, ConfigError, ToOrigin, routes};
use crate::policy::freshness::FRESH_WITHIN_SECS;
use crate::policy::{Access, Bounds, Capabilities, Pattern, Policy, Requirement, Router, Rule, Terms};
use crate::shell::Shell;

impl Config {
    /// The compiled policy.
    ///
    /// # Errors
    /// What is wrong with the rules, one by one and together.
    pub(crate) fn policy(&self, shell: Shell) -> Result<Policy, Vec<ConfigError>> {
        let fresh_within = self.fresh_within();
        let errors = Errors::new();
        let routes = serde_json::Value::Array(self.routes.clone());
        let rules = routes::read(&Node::root(&routes, "routes", &errors), fresh_within);
        let default = routes::read_requirement(&Node::root(&self.default, "default", &errors), fresh_within);
        let terms = Terms {
            router: self.router(shell),
            locales: self.locales.clone(),
            implicit: self.pages(Bounds::of(fresh_within, None, None)),
            capabilities: self.capabilities(),
        };
        let policy = default.and_then(|default| routes::compile(rules, default, terms, &errors));
        let found = errors.into_inner();
        match policy {
            Some(policy) if found.is_empty() => Ok(policy),
            _ => Err(found),
        }
    }

    /// Whether nobody is ever asked who they are: what a mere tunnel is.
    pub(crate) fn is_all_public(&self) -> bool {
        let rules = self.routes.iter().map(|route| &route["require"]);
        rules.chain([&self.default]).all(|require| require == "public")
    }

    /// How old a copy may be where no rule says otherwise, in seconds.
    pub(crate) fn fresh_within(&self) -> i64 {
        self.kratos
            .as_ref()
            .map_or(FRESH_WITHIN_SECS, |kratos| kratos.fresh_within)
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
        let page = |place: &str, path: &str, access| {
            let pattern = Pattern::parse(path).ok()?;
            let requirement = Requirement {
                bounds,
                ..Requirement::of(access)
            };
            Some(Rule::new(
                ["kratos.ui.", place].concat(),
                vec![pattern],
                requirement,
            ))
        };
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
