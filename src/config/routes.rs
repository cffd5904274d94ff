//! `[[routes]]` and `default`: from the document to the rules of the policy.

use super::error::ConfigError;
use super::read::{Errors, Node, Table};
use crate::policy::{
    Access, Actions, Bounds, Condition, HostPattern, Methods, OnNoSecondFactor, OnUnauthenticated, Pattern,
    Pointer, Policy, Requirement, Rule, RuleError, Scalar, Terms, Test, email,
};
use crate::session::Aal;

/// What the rest of the document says that a requirement is read with.
#[derive(Debug, Clone, Copy)]
pub struct Given {
    /// How old a copy may be where no rule says otherwise, in seconds (`kratos.fresh_within`).
    pub fresh_within: i64,
    /// Names below which the session's format keeps what the person can edit.
    pub user_editable: &'static [&'static str],
}

/// Reads `routes`. Faulty rules are reported and left out, so a policy of them must not be used.
///
/// ```
/// use edgeward::config::{read::{Errors, Node}, routes};
/// use serde_json::json;
///
/// let document = json!([{ "path": "/admin/:path*", "require": { "any": [{ "role": "admin" }], "aal": "aal2" } }]);
/// let errors = Errors::new();
/// let given = routes::Given { fresh_within: 300, user_editable: &[] };
/// let rules = routes::read(&Node::root(&document, "routes", &errors), given);
/// assert_eq!(rules[0].place, "routes[0]");
/// assert!(errors.into_inner().is_empty());
/// ```
pub fn read(routes: &Node<'_>, given: Given) -> Vec<Rule> {
    let routes = routes.list().unwrap_or_default();
    routes
        .iter()
        .filter_map(|route| read_rule(route, given))
        .collect()
}

/// Reads what `require` and `default` may hold: one of four words, or a table that implies a session.
pub fn read_requirement(node: &Node<'_>, given: Given) -> Option<Requirement> {
    let bounds = Bounds::of(given.fresh_within, None, None);
    if !node.value().is_object() {
        let access = node.one_of(&WORDS)?;
        return Some(Requirement {
            bounds,
            ..Requirement::of(access)
        });
    }
    let mut table = node.table()?;
    if table.is_empty() {
        node.refuse("config.empty", REQUIRE_ACCEPTED, "write `require = \"session\"`");
        return None;
    }
    let alone = table.len() == 1;
    let guest = table.get("guest");
    if let Some(guest) = &guest {
        only_true(guest);
        if !alone {
            guest.refuse(
                "config.guest_beside",
                "`guest` on its own: a guest has no session",
                "move the other keys to a rule of their own",
            );
        }
    }
    if let Some(session) = table.get("session") {
        only_true(&session);
    }
    let requirement = Requirement {
        conditions: read_conditions(&mut table, given),
        aal: table.get("aal").and_then(|aal| aal.one_of(&AALS)),
        max_age: table.get("max_age").and_then(|node| read_max_age(&node)),
        email_domains: table
            .get("email_domain")
            .and_then(|node| read_domains(&node))
            .into_iter()
            .collect(),
        ..read_freshness(&mut table, given.fresh_within)
    };
    table.finish();
    Some(Requirement {
        access: if guest.is_some() {
            Access::Guest
        } else {
            Access::Session
        },
        ..requirement
    })
}

/// Compiles the rules; faults go into `errors`, each at the place of its rule.
pub fn compile(rules: Vec<Rule>, default: Requirement, terms: Terms, errors: &Errors) -> Option<Policy> {
    Policy::compile(rules, default, terms)
        .map_err(|faults| errors.extend(faults.iter().map(describe)))
        .ok()
}

/// A fault of rules in the words of the document.
#[must_use]
pub fn describe(fault: &RuleError) -> ConfigError {
    let (path, accepted, fix) = match fault {
        RuleError::Unreachable { rule, by } => (
            rule,
            "rules for paths that earlier rules leave over".into(),
            format!("move `{rule}` in front of {}, or delete it", by.join(", ")),
        ),
        RuleError::Weakens { earlier, later, .. } => (
            earlier,
            "the stricter rule first".into(),
            format!("move `{later}` in front of `{earlier}`, or say `overrides = true` in `{earlier}`"),
        ),
        RuleError::ClosedPage { rule, page, .. } => (
            rule,
            format!("no rule for `{page}`, or one that is open"),
            "delete the path: this page needs no rule".into(),
        ),
        RuleError::Incapable { rule, asks, .. } => (
            rule,
            "what the configured session can answer".into(),
            format!("delete `{asks}`, or complete the config"),
        ),
        RuleError::Cycle { by, .. } => {
            let nowhere = String::new();
            let first = by.first().cloned().unwrap_or(nowhere);
            return ConfigError::new(
                fault.code(),
                first,
                fault.to_string(),
                "pages that a redirected visitor may see",
                "open one of these pages for that visitor",
            );
        }
    };
    ConfigError::new(fault.code(), path, fault.to_string(), accepted, fix)
}

fn read_rule(node: &Node<'_>, given: Given) -> Option<Rule> {
    let before = node.errors().count();
    let mut table = node.table()?;
    let paths = table.need("path", "a pattern such as `/admin/:path*`, or a list of them");
    let hosts = table.get("host");
    let methods = table.get("methods");
    let require = table.need("require", REQUIRE_ACCEPTED);
    let requirement = require.and_then(|node| read_requirement(&node, given));
    let rule = Rule {
        place: node.path().into(),
        paths: paths
            .map(|node| read_each(&node, Pattern::parse))
            .unwrap_or_default(),
        hosts: hosts
            .map(|node| read_each(&node, HostPattern::parse))
            .unwrap_or_default(),
        methods: methods
            .and_then(|node| read_methods(&node))
            .unwrap_or(Methods::ANY),
        requirement: Requirement {
            actions: choose(&mut table, "actions", &ACTIONS),
            cross_site: table
                .get("cross_site")
                .and_then(|node| node.boolean())
                .unwrap_or_default(),
            on_unauthenticated: choose(&mut table, "on_unauthenticated", &ON_UNAUTHENTICATED),
            on_no_second_factor: choose(&mut table, "on_no_second_factor", &ON_NO_SECOND_FACTOR),
            ..requirement.unwrap_or_else(|| Requirement::of(Access::Session))
        },
        overrides: table
            .get("overrides")
            .and_then(|node| node.boolean())
            .unwrap_or_default(),
    };
    table.finish();
    (node.errors().count() == before).then_some(rule)
}

fn choose<T: Copy + Default>(table: &mut Table<'_>, key: &'static str, words: &[(&'static str, T)]) -> T {
    table
        .get(key)
        .and_then(|node| node.one_of(words))
        .unwrap_or_default()
}

/// A text or a list of texts, each parsed; what fails is reported in the words of its error.
fn read_each<T, E: std::fmt::Display>(node: &Node<'_>, parse: impl Fn(&str) -> Result<T, E>) -> Vec<T> {
    let elements = node.one_or_more().unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| {
            let text = element.string()?;
            parse(text)
                .map_err(|error| element.refuse("config.value", error.to_string(), ""))
                .ok()
        })
        .collect()
}

fn read_methods(node: &Node<'_>) -> Option<Methods> {
    let methods = node.strings()?;
    Methods::parse(&methods)
        .map_err(|error| node.refuse("config.value", error.to_string(), ""))
        .ok()
}

fn only_true(node: &Node<'_>) {
    if node.boolean() == Some(false) {
        node.refuse(
            "config.value",
            "`true`, or leave the key out",
            "write `require = \"public\"` to ask for nothing",
        );
    }
}

fn read_freshness(table: &mut Table<'_>, default: i64) -> Requirement {
    let mut duration = |key| table.get(key).and_then(|node| Some((node.duration()?, node)));
    let fresh_within = duration("fresh_within").map(|(secs, _)| secs);
    let windows = [duration("stale_for"), duration("stale_if_error")];
    let effective = fresh_within.unwrap_or(default);
    if effective == 0 {
        for (_, node) in windows.iter().flatten().filter(|(secs, _)| *secs > 0) {
            node.refuse(
                "config.value",
                "`0s` where `fresh_within` is `0s`",
                "leave the key out",
            );
        }
    }
    let [stale_for, stale_if_error] = windows.map(|window| window.map(|(secs, _)| secs));
    Requirement {
        asks_freshness: fresh_within.is_some(),
        bounds: Bounds::of(effective, stale_for, stale_if_error),
        ..Requirement::of(Access::Session)
    }
}

fn read_max_age(node: &Node<'_>) -> Option<i64> {
    let secs = node.duration()?;
    if secs < LEAST_MAX_AGE_SECS {
        node.refuse(
            "config.value",
            format!("{LEAST_MAX_AGE_SECS}s or more: the way back from the login page takes some of it"),
            "",
        );
        return None;
    }
    Some(secs)
}

fn read_domains(node: &Node<'_>) -> Option<Vec<String>> {
    let domains = node.strings()?;
    if let Some(odd) = domains.iter().find(|domain| !email::is_domain(domain)) {
        node.refuse(
            "config.value",
            "domains such as `example.com`, without `@` and `*`; write the punycode of others",
            format!("mend `{odd}`"),
        );
        return None;
    }
    Some(domains.iter().map(|domain| domain.to_ascii_lowercase()).collect())
}

/// `any` is one list of which one must be met; each element of `all` is a list of its own.
fn read_conditions(table: &mut Table<'_>, given: Given) -> Vec<Vec<Condition>> {
    let mut read = |key| {
        table
            .get(key)
            .map(|node| read_list(&node, given))
            .unwrap_or_default()
    };
    let any = read("any");
    let all = read("all");
    let mut conditions: Vec<_> = all.into_iter().map(|one| vec![one]).collect();
    if !any.is_empty() {
        conditions.push(any);
    }
    conditions
}

fn read_list(node: &Node<'_>, given: Given) -> Vec<Condition> {
    let Some(elements) = node.list() else {
        return Vec::new();
    };
    if elements.is_empty() {
        node.refuse(
            "config.empty",
            "at least one condition",
            "leave the key out to ask for none",
        );
    }
    elements
        .iter()
        .filter_map(|element| read_condition(element, given))
        .collect()
}

fn read_condition(node: &Node<'_>, given: Given) -> Option<Condition> {
    if !node.value().is_object() {
        node.refuse("config.type", CONDITION_ACCEPTED, "");
        return None;
    }
    let mut table = node.table()?;
    let role = table.get("role");
    let claim = table.get("claim");
    let found = match (role, claim) {
        (Some(role), None) => role.string().map(|role| Condition::Role(role.into())),
        (None, Some(claim)) => read_claim(&mut table, &claim, given),
        _ => {
            node.refuse("config.value", CONDITION_ACCEPTED, "");
            None
        }
    };
    table.finish();
    found
}

fn read_claim(table: &mut Table<'_>, claim: &Node<'_>, given: Given) -> Option<Condition> {
    let equals = table.get("equals");
    let contains = table.get("contains");
    let editable = table.get("user_editable").and_then(|node| node.boolean());
    let pointer = Pointer::parse(claim.string()?)
        .map_err(|error| claim.refuse("config.value", error.to_string(), ""))
        .ok()?;
    if pointer.is_user_editable(given.user_editable) && editable != Some(true) {
        claim.refuse(
            "config.user_editable",
            "a claim that the person cannot edit",
            "move it to `/metadata_public/…`, or say `user_editable = true` beside it",
        );
    }
    let scalar = |node: &Node<'_>| {
        let found = Scalar::from_value(node.value());
        if found.is_none() {
            node.refuse("config.type", "a text, a whole number, true or false", "");
        }
        found
    };
    let test = match (equals, contains) {
        (Some(equals), None) => Test::OneOf(equals.one_or_more()?.iter().filter_map(scalar).collect()),
        (None, Some(contains)) => Test::Contains(scalar(&contains)?),
        _ => {
            claim.refuse("config.value", CONDITION_ACCEPTED, "");
            return None;
        }
    };
    Some(Condition::Claim { pointer, test })
}

const REQUIRE_ACCEPTED: &str =
    "`public`, `optional`, `guest`, `session`, or a table of what the session must have";
const CONDITION_ACCEPTED: &str =
    "`{ role = \"…\" }`, `{ claim = \"/…\", equals = … }` or `{ claim = \"/…\", contains = … }`";
const WORDS: [(&str, Access); 4] = [
    ("public", Access::Public),
    ("optional", Access::Optional),
    ("guest", Access::Guest),
    ("session", Access::Session),
];
const AALS: [(&str, Aal); 3] = [("aal1", Aal::Aal1), ("aal2", Aal::Aal2), ("aal3", Aal::Aal3)];
const ACTIONS: [(&str, Actions); 2] = [("session", Actions::Session), ("public", Actions::Public)];
const ON_UNAUTHENTICATED: [(&str, OnUnauthenticated); 4] = [
    ("auto", OnUnauthenticated::Auto),
    ("redirect", OnUnauthenticated::Redirect),
    ("401", OnUnauthenticated::Status401),
    ("404", OnUnauthenticated::Status404),
];
const ON_NO_SECOND_FACTOR: [(&str, OnNoSecondFactor); 2] = [
    ("settings", OnNoSecondFactor::Settings),
    ("403", OnNoSecondFactor::Forbidden),
];
/// A login takes seconds; anything below sends the person round in a circle.
const LEAST_MAX_AGE_SECS: i64 = 30;
