//! The compiled policy: which rule speaks about a request.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::by_host::ByHost;
use super::host;
use super::matcher::{Hit, Matcher, NONE, RuleId};
use super::path::PathRefusal;
use super::pattern::Part;
use super::reading::{Doubt, Reading, Readings, Router};
use super::requirement::Requirement;
use super::rule::Rule;
use crate::base::sorted;

/// The rules of a document, compiled. Immutable; made by [`Policy::compile`].
#[derive(Debug, Clone)]
pub struct Policy {
    rules: Vec<Rule>,
    splits: Splits,
    exact: Trees,
    /// With literals in lower case; `None` where they all are and `exact` serves.
    folded: Option<Trees>,
    default: Rule,
    router: Router,
    locales: Vec<String>,
}

/// What a request finds. Exhaustive on purpose.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding<'p> {
    /// A rule, or several that must all be met.
    Found(Found<'p>),
    /// The path has rules, none of which lists the method: 405.
    MethodNotAllowed {
        /// The rule that has the path.
        rule: &'p Rule,
        /// The methods that it lists, its other parts included, for `Allow`.
        allow: Vec<&'p str>,
    },
    /// The path can be read in two ways that find different rules: 400.
    Ambiguous(&'p Rule, &'p Rule),
}

impl Finding<'_> {
    /// The code of [`Finding::Ambiguous`].
    pub const AMBIGUOUS: &'static str = "path.ambiguous";
}

/// The rules that a request must meet, all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'p> {
    rules: Vec<&'p Rule>,
    requirement: Cow<'p, Requirement>,
}

impl<'p> Found<'p> {
    /// The rule of the path as it stands.
    #[must_use]
    pub fn rule(&self) -> Option<&'p Rule> {
        self.rules.first().copied()
    }

    /// Every rule that must be met; more than one only where readings differ.
    #[must_use]
    pub fn rules(&self) -> &[&'p Rule] {
        &self.rules
    }

    /// What all of them ask together.
    #[must_use]
    pub fn requirement(&self) -> &Requirement {
        &self.requirement
    }

    /// The patterns for the log (semantics 11.2).
    #[must_use]
    pub fn pattern(&self) -> String {
        let patterns: Vec<_> = self.rules.iter().map(|rule| rule.pattern()).collect();
        patterns.join(" + ")
    }
}

/// One line of an explanation: what a reading finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained<'p> {
    /// The reading as a path.
    pub reading: String,
    /// How it was formed.
    pub how: &'static str,
    /// The rules that it finds, the default among them.
    pub rules: Vec<&'p Rule>,
}

impl Policy {
    pub(super) fn assemble(rules: Vec<Rule>, default: Rule, router: Router, locales: Vec<String>) -> Self {
        let splits = Splits::of(&rules);
        let exact = Trees::of(&rules, &splits, false);
        let has_capitals =
            |part: &Part| matches!(part, Part::Literal(text) if text.bytes().any(|b| b.is_ascii_uppercase()));
        let capitals = rules
            .iter()
            .flat_map(|rule| &rule.paths)
            .flat_map(|path| path.alternatives().iter().flatten())
            .any(has_capitals);
        let folded = (router == Router::Any && capitals).then(|| Trees::of(&rules, &splits, true));
        Self {
            rules,
            splits,
            exact,
            folded,
            default,
            router,
            locales,
        }
    }

    /// Forms the readings of a raw path for this policy's router and locales.
    ///
    /// # Errors
    /// [`PathRefusal`], always answered 400.
    pub fn readings(&self, raw_path: &str) -> Result<Readings, PathRefusal> {
        Readings::form(raw_path, self.router, &self.locales)
    }

    /// Finds what a request must meet. `host` is the `Host` of the request in any spelling; `method` is
    /// [`judged_method`](super::judged_method).
    #[must_use]
    pub fn find(&self, readings: &Readings, host: &str, method: &str) -> Finding<'_> {
        let host = host::normal_host(host);
        let required = match readings.all() {
            [only] => self.ids(only, &host),
            all => match self.required(all, &host) {
                Ok(required) => required,
                Err((a, b)) => return Finding::Ambiguous(self.rule(a), self.rule(b)),
            },
        };
        let mut rules: Vec<&Rule> = Vec::with_capacity(required.len());
        for id in required {
            match self.part(id, method) {
                Some(rule) => rules.push(rule),
                None => {
                    return Finding::MethodNotAllowed {
                        rule: self.rule(id),
                        allow: self.allow(id),
                    };
                }
            }
        }
        let Some((first, others)) = rules.split_first() else {
            return self.found(vec![&self.default], Cow::Borrowed(&self.default.requirement));
        };
        let mut requirement = Cow::Borrowed(&first.requirement);
        for other in others {
            match requirement.and(&other.requirement) {
                Ok(both) => requirement = Cow::Owned(both),
                Err(_) => return Finding::Ambiguous(first, other),
            }
        }
        self.found(rules, requirement)
    }

    /// What each reading finds, whatever the method, for an explanation.
    #[must_use]
    pub fn explain(&self, readings: &Readings, host: &str) -> Vec<Explained<'_>> {
        let host = host::normal_host(host);
        let explain = |reading: &Reading| Explained {
            reading: reading.path(),
            how: reading.how(),
            rules: self
                .ids(reading, &host)
                .into_iter()
                .map(|id| self.rule(id))
                .collect(),
        };
        readings.all().iter().map(explain).collect()
    }

    /// The rules in the order in which they are tried.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What a path without a rule must meet.
    #[must_use]
    pub const fn default_rule(&self) -> &Rule {
        &self.default
    }

    /// The configured router.
    #[must_use]
    pub const fn router(&self) -> Router {
        self.router
    }

    #[expect(
        clippy::unused_self,
        reason = "ties the lifetime of what was found to the policy"
    )]
    const fn found<'p>(&'p self, rules: Vec<&'p Rule>, requirement: Cow<'p, Requirement>) -> Finding<'p> {
        Finding::Found(Found { rules, requirement })
    }

    /// The rules that several readings ask for together, or two of which nobody can say which is meant.
    fn required(&self, readings: &[Reading], host: &str) -> Result<Vec<RuleId>, (RuleId, RuleId)> {
        let mut found: Vec<Vec<RuleId>> = readings.iter().map(|reading| self.ids(reading, host)).collect();
        for (at, reading) in readings.iter().enumerate().rev() {
            let Some(parent) = reading.stands_for() else {
                continue;
            };
            let own = found.get(at).cloned().unwrap_or_default();
            if own.contains(&NONE) {
                continue;
            }
            if let Some(parent) = found.get_mut(parent) {
                parent.retain(|id| *id != NONE);
                parent.extend(own);
            }
        }
        let mut required = Vec::new();
        let mut doubtful = Vec::new();
        for (reading, ids) in readings.iter().zip(found) {
            if reading.doubt() == Doubt::Refuse {
                doubtful.extend(ids);
            } else {
                required.extend(ids);
            }
        }
        let mut seen = Vec::with_capacity(required.len());
        for id in required {
            if !seen.contains(&id) {
                seen.push(id);
            }
        }
        match doubtful.into_iter().find(|id| !seen.contains(id)) {
            Some(other) => Err((seen.first().copied().unwrap_or(NONE), other)),
            None => Ok(seen),
        }
    }

    /// The rules that one reading finds: as written, with its trailing slash, and without case.
    fn ids(&self, reading: &Reading, host: &str) -> Vec<RuleId> {
        let mut ids = Vec::with_capacity(1);
        let mut add = |hit: Hit| {
            if !ids.contains(&hit.rule) {
                ids.push(hit.rule);
            }
            // A pattern covers both spellings; only a rule that was written for what is below may differ. Next.js sends
            // the visitor to the path without the slash, before anything is served.
            let minded = reading.slash() && self.router != Router::Next;
            for rule in hit.slashed.into_iter().filter(|rule| minded && *rule != NONE) {
                if !ids.contains(&rule) {
                    ids.push(rule);
                }
            }
        };
        add(self.exact.walk(host, reading.segments()));
        if self.router == Router::Any {
            let capitals = reading
                .segments()
                .any(|s| s.bytes().any(|b| b.is_ascii_uppercase()));
            if capitals {
                let lower: Vec<String> = reading.segments().map(str::to_ascii_lowercase).collect();
                let trees = self.folded.as_ref().unwrap_or(&self.exact);
                add(trees.walk(host, lower.iter().map(String::as_str)));
            } else if let Some(folded) = &self.folded {
                add(folded.walk(host, reading.segments()));
            }
        }
        ids
    }

    /// The configured locale prefixes.
    pub(super) fn locales(&self) -> &[String] {
        &self.locales
    }

    /// The rule of decoded segments as they stand.
    pub(super) fn first<'s>(&self, segments: impl Iterator<Item = &'s str> + Clone, host: &str) -> RuleId {
        self.exact.walk(host, segments).rule
    }

    pub(super) fn rule(&self, id: RuleId) -> &Rule {
        usize::try_from(id)
            .ok()
            .and_then(|at| self.rules.get(at))
            .unwrap_or(&self.default)
    }

    /// The part of a rule that lists the method.
    pub(super) fn part(&self, id: RuleId, method: &str) -> Option<&Rule> {
        match self.splits.parts(id) {
            Some(parts) => parts
                .iter()
                .map(|part| self.rule(*part))
                .find(|rule| rule.methods.lists(method)),
            None => Some(self.rule(id)).filter(|rule| rule.methods.lists(method)),
        }
    }

    fn allow(&self, id: RuleId) -> Vec<&str> {
        let alone = [id];
        let parts = self.splits.parts(id).unwrap_or(&alone);
        let mut allow: Vec<&str> = Vec::new();
        for method in parts
            .iter()
            .filter_map(|part| self.rule(*part).methods.listed())
            .flatten()
        {
            for method in [method.as_str(), "HEAD"]
                .into_iter()
                .take(1 + usize::from(method == "GET"))
            {
                if !allow.contains(&method) {
                    allow.push(method);
                }
            }
        }
        allow
    }
}

/// One tree for each host that rules name, and one for rules without a host.
#[derive(Debug, Clone)]
struct Trees {
    every_host: Matcher,
    hosts: ByHost,
}

impl Trees {
    fn of(rules: &[Rule], splits: &Splits, fold: bool) -> Self {
        let mut trees = Self {
            every_host: Matcher::new(),
            hosts: ByHost::default(),
        };
        for (id, rule) in (0..).zip(rules).filter(|(id, _)| !splits.is_later_part(*id)) {
            for parts in rule.paths.iter().flat_map(|path| path.alternatives()) {
                let parts: Cow<'_, [Part]> = if fold {
                    parts.iter().map(Part::fold).collect()
                } else {
                    parts.into()
                };
                if rule.hosts.is_empty() {
                    trees.every_host.insert(&parts, id);
                }
                for host in &rule.hosts {
                    trees.hosts.insert(host, &parts, id);
                }
            }
        }
        trees
    }

    fn walk<'s>(&self, host: &str, segments: impl Iterator<Item = &'s str> + Clone) -> Hit {
        let mut hit = self.every_host.walk(segments.clone());
        for tree in self.hosts.covering(host) {
            let other = tree.walk(segments.clone());
            hit.rule = hit.rule.min(other.rule);
            for (own, other) in hit.slashed.iter_mut().zip(other.slashed) {
                *own = (*own).min(other);
            }
        }
        hit
    }
}

/// Rules of the same paths and hosts, which their methods split into parts. Only the first part is in the trees.
#[derive(Debug, Clone)]
pub(super) struct Splits {
    by_first: BTreeMap<RuleId, Vec<RuleId>>,
    /// Sorted.
    later: Vec<RuleId>,
}

impl Splits {
    pub(super) fn of(rules: &[Rule]) -> Self {
        let mut by_key: BTreeMap<_, Vec<RuleId>> = BTreeMap::new();
        for (id, rule) in (0..).zip(rules) {
            by_key.entry(rule.key()).or_default().push(id);
        }
        let mut by_first = BTreeMap::new();
        let mut later = Vec::new();
        for parts in by_key.into_values() {
            if let [first, others @ ..] = &*parts
                && !others.is_empty()
            {
                later.extend_from_slice(others);
                by_first.insert(*first, parts);
            }
        }
        Self {
            by_first,
            later: sorted(later),
        }
    }

    /// All parts of a rule in order, for the first of several.
    pub(super) fn parts(&self, first: RuleId) -> Option<&[RuleId]> {
        self.by_first.get(&first).map(Vec::as_slice)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &[RuleId]> {
        self.by_first.values().map(Vec::as_slice)
    }

    pub(super) fn is_later_part(&self, id: RuleId) -> bool {
        self.later.binary_search(&id).is_ok()
    }
}
