//! From rules to a [`Policy`], with every fault that rules can have together (semantics 1.2).

use std::collections::BTreeMap;

use super::by_host::ByHost;
use super::claim::{Condition, Pointer};
use super::coverage;
use super::error::RuleError;
use super::matcher::{Matcher, RuleId};
use super::pattern::{Part, Pattern};
use super::reading::Router;
use super::requirement::{Access, Requirement};
use super::rule::Rule;
use super::table::{Policy, Splits};
use crate::base::sorted;

/// What rules stand on.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// How the origin compares paths.
    pub router: Router,
    /// The prefixes that the origin strips before it looks for a page.
    pub locales: Vec<String>,
    /// Rules that come first without being written, unless a written rule names the path itself: the pages of
    /// `kratos.ui`. Their `overrides` counts as said.
    pub implicit: Vec<Rule>,
    /// What the configured session can answer.
    pub capabilities: Capabilities,
}

/// What the configured session format can answer (semantics 5.4). The default is everything.
#[derive(Debug, Clone)]
pub struct Capabilities {
    /// `session.roles` is set.
    pub roles: bool,
    /// The claims that a session carries; `None` for a format that carries whatever it was given.
    pub claims: Option<Vec<Pointer>>,
    /// The assurance level is known.
    pub aal: bool,
    /// The time of the authentication is known.
    pub auth_time: bool,
    /// Whether an address is verified is known.
    pub verified_email: bool,
    /// An identity server can confirm a session.
    pub confirmable: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            roles: true,
            claims: None,
            aal: true,
            auth_time: true,
            verified_email: true,
            confirmable: true,
        }
    }
}

impl Policy {
    /// Compiles rules in their order, with what a path without a rule must meet.
    ///
    /// # Errors
    /// Every fault at once.
    ///
    /// ```
    /// use edgeward::policy::{Access, Finding, Pattern, Policy, Requirement, Rule, Terms};
    ///
    /// let open = Rule::new("routes[0]", vec![Pattern::parse("/about")?], Requirement::of(Access::Public));
    /// let policy = Policy::compile(vec![open], Requirement::of(Access::Session), Terms::default()).unwrap();
    ///
    /// let readings = policy.readings("/about")?;
    /// let Finding::Found(found) = policy.find(&readings, "app.example.com", "GET") else { panic!() };
    /// assert_eq!(found.requirement().access, Access::Public);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compile(written: Vec<Rule>, default: Requirement, terms: Terms) -> Result<Self, Vec<RuleError>> {
        let mut errors = Vec::new();
        let mut rules = Vec::with_capacity(written.len());
        for implicit in terms.implicit {
            let naming = written.iter().filter(|rule| names_a_path_of(rule, &implicit));
            let mut named = false;
            for rule in naming {
                named = true;
                errors.extend(closes(rule, &implicit));
            }
            if !named {
                rules.push(Rule {
                    overrides: true,
                    ..implicit
                });
            }
        }
        rules.extend(written);
        let default = Rule::new("default", Vec::new(), default);
        for rule in rules.iter().chain([&default]) {
            errors.extend(incapable(rule, &terms.capabilities));
        }
        let splits = Splits::of(&rules);
        let unreachable = find_unreachable(&rules, &splits);
        errors.extend(find_weakened(&rules, &unreachable));
        errors.extend(unreachable.into_iter().map(|(id, by)| {
            let place = |id: RuleId| rule_of(&rules, id).map(|r| r.place.clone());
            RuleError::Unreachable {
                rule: place(id).unwrap_or_default(),
                by: by.into_iter().filter_map(place).collect(),
            }
        }));
        if errors.is_empty() {
            Ok(Self::assemble(rules, default, terms.router, terms.locales))
        } else {
            Err(errors)
        }
    }
}

fn rule_of(rules: &[Rule], id: RuleId) -> Option<&Rule> {
    usize::try_from(id).ok().and_then(|at| rules.get(at))
}

fn names_a_path_of(rule: &Rule, implicit: &Rule) -> bool {
    let literal = |path: &&Pattern| {
        path.alternatives()
            .iter()
            .flatten()
            .all(|p| matches!(p, Part::Literal(_)))
    };
    let named: Vec<_> = rule
        .paths
        .iter()
        .filter(literal)
        .flat_map(Pattern::alternatives)
        .collect();
    implicit
        .paths
        .iter()
        .flat_map(Pattern::alternatives)
        .any(|page| named.contains(&page))
}

fn closes(rule: &Rule, page: &Rule) -> Option<RuleError> {
    let closes = rule.requirement.access == Access::Session && page.requirement.access != Access::Session;
    closes.then(|| RuleError::ClosedPage {
        rule: rule.place.clone(),
        page: page.place.clone(),
        path: page.pattern(),
    })
}

fn incapable(rule: &Rule, can: &Capabilities) -> Vec<RuleError> {
    let requirement = &rule.requirement;
    let conditions = || requirement.conditions.iter().flatten();
    let asks_role = conditions().any(|condition| matches!(condition, Condition::Role(_)));
    let lacks = [
        (asks_role && !can.roles, "role", "but `session.roles` is not set"),
        (
            requirement.aal.is_some() && !can.aal,
            "aal",
            "but this session format does not know the assurance level",
        ),
        (
            requirement.max_age.is_some() && !can.auth_time,
            "max_age",
            "but this session format does not know when the person authenticated",
        ),
        (
            !requirement.email_domains.is_empty() && !can.verified_email,
            "email_domain",
            "but this session format does not know whether an address is verified",
        ),
        (
            requirement.asks_freshness && !can.confirmable,
            "fresh_within",
            "but no identity server is configured that could confirm a session",
        ),
    ];
    let lacks = lacks
        .into_iter()
        .filter(|(lacks, ..)| *lacks)
        .map(|(_, asks, why)| (asks, why.to_owned()));
    let carried = |pointer: &Pointer| {
        can.claims
            .as_ref()
            .is_none_or(|carried| carried.iter().any(|claim| pointer.is_within(claim)))
    };
    let absent = conditions().filter_map(|condition| match condition {
        Condition::Claim { pointer, .. } if !carried(pointer) => Some((
            "claim",
            format!("but the session does not carry `{}`", pointer.as_str()),
        )),
        _ => None,
    });
    lacks
        .chain(absent)
        .map(|(asks, why)| RuleError::Incapable {
            rule: rule.place.clone(),
            asks,
            why,
        })
        .collect()
}

/// Every rule whose requests are all taken by earlier ones, with these.
fn find_unreachable(rules: &[Rule], splits: &Splits) -> BTreeMap<RuleId, Vec<RuleId>> {
    let mut unreachable = BTreeMap::new();
    for parts in splits.all() {
        for (at, id) in parts.iter().enumerate().skip(1) {
            let earlier: Vec<_> = parts.iter().take(at).copied().collect();
            if methods_are_taken(rules, &earlier, *id) {
                unreachable.insert(*id, earlier);
            }
        }
    }
    let mut every_host = Matcher::new();
    let mut by_host = ByHost::default();
    for (id, rule) in (0..).zip(rules) {
        if splits.is_later_part(id) {
            continue;
        }
        let covered = |matchers: &[&Matcher]| -> Option<Vec<RuleId>> {
            let alternatives = rule.paths.iter().flat_map(Pattern::alternatives);
            let by: Option<Vec<_>> = alternatives
                .map(|parts| coverage::covering(matchers, parts))
                .collect();
            by.map(|by| by.concat())
        };
        let by = if rule.hosts.is_empty() {
            covered(&[&every_host])
        } else {
            let on_host = |host: &super::HostPattern| {
                let covering = by_host
                    .iter()
                    .filter(|(known, _)| known.covers_all_of(host))
                    .map(|(_, matcher)| matcher);
                let matchers: Vec<&Matcher> = std::iter::once(&every_host).chain(covering).collect();
                covered(&matchers)
            };
            let by: Option<Vec<_>> = rule.hosts.iter().map(on_host).collect();
            by.map(|by| by.concat())
        };
        if let Some(by) = by.filter(|_| !rule.paths.is_empty()) {
            unreachable.insert(id, sorted(by));
        }
        for parts in rule.paths.iter().flat_map(Pattern::alternatives) {
            if rule.hosts.is_empty() {
                every_host.insert(parts, id);
            }
            for host in &rule.hosts {
                by_host.insert(host, parts, id);
            }
        }
    }
    unreachable
}

fn methods_are_taken(rules: &[Rule], earlier: &[RuleId], id: RuleId) -> bool {
    let methods = |id: &RuleId| rule_of(rules, *id).map(|rule| &rule.methods);
    let earlier: Vec<_> = earlier.iter().filter_map(methods).collect();
    match methods(&id).and_then(|own| own.listed()) {
        Some(own) => own
            .iter()
            .all(|method| earlier.iter().any(|taken| taken.lists(method))),
        None => earlier.iter().any(|taken| taken.listed().is_none()),
    }
}

/// Every pair of an earlier rule that asks less and a later one that asks more of a path that both match.
///
/// Rules whose paths begin with different literals are never compared, so that long documents stay cheap.
fn find_weakened(rules: &[Rule], unreachable: &BTreeMap<RuleId, Vec<RuleId>>) -> Vec<RuleError> {
    let mut errors = Vec::new();
    let mut by_first: BTreeMap<Option<&str>, Vec<RuleId>> = BTreeMap::new();
    for (id, later) in (0..).zip(rules) {
        let firsts = sorted(firsts(later));
        if !unreachable.contains_key(&id) {
            let earlier: Vec<RuleId> = if firsts.contains(&None) {
                (0..id).collect()
            } else {
                let near = firsts
                    .iter()
                    .chain([&None])
                    .filter_map(|first| by_first.get(first));
                sorted(near.flatten().copied())
            };
            let earlier = earlier.into_iter().filter_map(|id| rule_of(rules, id));
            let earlier = earlier.filter(|rule| !rule.overrides);
            errors.extend(earlier.filter_map(|rule| weakens(rule, later)));
        }
        if !later.overrides {
            for first in firsts {
                by_first.entry(first).or_default().push(id);
            }
        }
    }
    errors
}

/// The literals that the rule's paths begin with; `None` among them where one begins with a parameter.
fn firsts(rule: &Rule) -> impl Iterator<Item = Option<&str>> {
    rule.paths
        .iter()
        .flat_map(Pattern::alternatives)
        .map(|parts| match parts.first() {
            None => Some(""),
            Some(Part::Literal(text)) => Some(text.as_str()),
            Some(Part::One | Part::Many) => None,
        })
}

fn weakens(earlier: &Rule, later: &Rule) -> Option<RuleError> {
    let hosts_meet = earlier.hosts.is_empty()
        || later.hosts.is_empty()
        || earlier
            .hosts
            .iter()
            .any(|a| later.hosts.iter().any(|b| a.meets(b)));
    if !hosts_meet || !earlier.methods.meet(&later.methods) || earlier.requirement.implies(&later.requirement)
    {
        return None;
    }
    let meet = |a: &Pattern, b: &Pattern| {
        a.alternatives()
            .iter()
            .any(|a| b.alternatives().iter().any(|b| coverage::meets(a, b)))
    };
    let (a, b) = earlier
        .paths
        .iter()
        .find_map(|a| later.paths.iter().find(|b| meet(a, b)).map(|b| (a, b)))?;
    Some(RuleError::Weakens {
        earlier: earlier.place.clone(),
        earlier_pattern: a.as_str().into(),
        later: later.place.clone(),
        later_pattern: b.as_str().into(),
    })
}
