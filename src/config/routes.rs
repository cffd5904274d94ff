//! Draft until the policy branch brings the full reader.

use super::read::Node;
use crate::policy::{Access, Bounds, Condition, OnUnauthenticated, Pattern, Requirement, Rule};
use crate::session::Aal;

pub(crate) fn read(node: &Node<'_>, bounds: Bounds) -> Vec<Rule> {
    node.list()
        .unwrap_or_default()
        .iter()
        .filter_map(|item| rule(item, bounds))
        .collect()
}

pub(crate) fn read_require(node: &Node<'_>, bounds: Bounds) -> Option<Requirement> {
    let mut requirement = if node.value().is_string() {
        Requirement::of(node.one_of(&[
            ("public", Access::Public),
            ("optional", Access::Optional),
            ("guest", Access::Guest),
            ("session", Access::Session),
        ])?)
    } else {
        let mut table = node.table()?;
        let mut requirement = Requirement::of(Access::Session);
        if let Some(any) = table.get("any") {
            let mut list = Vec::new();
            for item in any.list()? {
                let mut t = item.table()?;
                list.push(Condition::Role(t.need("role", "a role")?.string()?.to_owned()));
                t.finish();
            }
            requirement.conditions.push(list);
        }
        requirement.aal = table.get("aal").and_then(|n| Aal::parse(n.string()?));
        requirement.max_age = table.get("max_age").and_then(|n| n.duration());
        if let Some(f) = table.get("fresh_within") {
            requirement.bounds = Bounds::of(f.duration()?, None, None);
            requirement.asks_freshness = true;
            table.finish();
            return Some(requirement);
        }
        table.finish();
        requirement
    };
    requirement.bounds = bounds;
    Some(requirement)
}

fn rule(node: &Node<'_>, bounds: Bounds) -> Option<Rule> {
    let mut table = node.table()?;
    let paths = table.need("path", "a pattern")?.strings()?;
    let patterns = paths.iter().filter_map(|p| Pattern::parse(p).ok()).collect();
    let mut requirement = read_require(&table.need("require", "a requirement")?, bounds)?;
    if let Some(n) = table.get("on_unauthenticated") {
        requirement.on_unauthenticated = n.one_of(&[
            ("auto", OnUnauthenticated::Auto),
            ("redirect", OnUnauthenticated::Redirect),
            ("401", OnUnauthenticated::Status401),
            ("404", OnUnauthenticated::Status404),
        ])?;
    }
    let mut rule = Rule::new(node.path(), patterns, requirement);
    rule.overrides = table
        .get("overrides")
        .and_then(|n| n.boolean())
        .unwrap_or_default();
    table.finish();
    Some(rule)
}
