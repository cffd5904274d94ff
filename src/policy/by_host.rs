//! A tree of paths for each host that rules name.

use std::collections::HashMap;

use super::host::{self, HostPattern};
use super::matcher::{Hash, Matcher, RuleId};
use super::pattern::Part;

/// The trees of the hosts that rules name, each found by its pattern as text.
#[derive(Debug, Clone, Default)]
pub(super) struct ByHost {
    places: HashMap<Box<str>, u32, Hash>,
    trees: Vec<(HostPattern, Matcher)>,
}

impl ByHost {
    /// Adds a rule's path under one of its hosts.
    pub(super) fn insert(&mut self, host: &HostPattern, parts: &[Part], id: RuleId) {
        let next = u32::try_from(self.trees.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(text(host).into()).or_insert(next);
        if place == next {
            self.trees.push((host.clone(), Matcher::new()));
        }
        if let Some((_, tree)) = self.trees.get_mut(place as usize) {
            tree.insert(parts, id);
        }
    }

    /// The trees of the patterns that cover a request's host: its own, and that of one label in front of its parent.
    pub(super) fn covering<'t>(&'t self, host: &str) -> impl Iterator<Item = &'t Matcher> {
        let own = [(EXACT, Some(host)), (ONE_LABEL, host::parent(host))];
        let own = own.into_iter().filter(|_| !self.trees.is_empty());
        own.filter_map(|(kind, name)| self.tree(&[kind, name?].concat()))
    }

    /// Every pattern with its tree.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&HostPattern, &Matcher)> {
        self.trees.iter().map(|(host, tree)| (host, tree))
    }

    fn tree(&self, pattern: &str) -> Option<&Matcher> {
        let place = *self.places.get(pattern)?;
        self.trees.get(place as usize).map(|(_, tree)| tree)
    }
}

// Before the host or the suffix, so that no host is ever taken for a pattern.
const EXACT: &str = "=";
const ONE_LABEL: &str = "*.";

fn text(pattern: &HostPattern) -> String {
    match pattern {
        HostPattern::Exact(host) => [EXACT, host].concat(),
        HostPattern::OneLabel(suffix) => [ONE_LABEL, suffix].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Pattern;

    #[test]
    fn a_host_finds_its_own_tree_and_that_of_its_parent() {
        let mut hosts = ByHost::default();
        let pattern = Pattern::parse("/admin").unwrap();
        for (id, host) in (0..).zip([
            "app.example.com",
            "*.example.com",
            "other.example.org",
            "app.example.com",
        ]) {
            let host = HostPattern::parse(host).unwrap();
            for parts in pattern.alternatives() {
                hosts.insert(&host, parts, id);
            }
        }
        assert_eq!(hosts.iter().count(), 3);
        for (host, found) in [
            ("app.example.com", 2),
            ("shop.example.com", 1),
            ("a.b.example.com", 0),
            ("example.com", 0),
            ("other.example.org", 1),
            // What a client sends is never taken for a pattern: `*` is a label like any other.
            ("*.example.com", 1),
            ("=app.example.com", 1),
            ("*.app.example.com", 0),
            ("", 0),
        ] {
            assert_eq!(hosts.covering(host).count(), found, "{host}");
        }
    }
}
