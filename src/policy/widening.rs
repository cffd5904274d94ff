//! What a new policy lets in that the old one did not (semantics 4.5).

use std::collections::{BTreeMap, BTreeSet};

use super::host::HostPattern;
use super::pattern::{Part, Pattern};
use super::reading::Router;
use super::rule::Rule;
use super::table::Policy;

/// One place where the new policy asks less.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Widening {
    /// Requests that found one rule now find another that asks less.
    Rule {
        /// The old rule's place and pattern.
        old: String,
        /// The new rule's place and pattern.
        new: String,
        /// A path that shows it; `*` stands for any segment that no rule names.
        path: String,
        /// The host; `*` for any that no rule names.
        host: String,
        /// The method; `*` for any that no rule names.
        method: String,
        /// Whether the old rule refused the method altogether (405).
        was_refused: bool,
    },
    /// Fewer readings of a path are judged.
    Readings {
        /// The key of the document: `router`, `locales`.
        key: &'static str,
    },
}

impl std::fmt::Display for Widening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule {
                old,
                new,
                path,
                host,
                method,
                was_refused,
            } => {
                let was = if *was_refused {
                    "was refused by"
                } else {
                    "was judged by"
                };
                write!(
                    f,
                    "{method} {path} on host {host} {was} {old}, is judged by {new}, which asks less"
                )
            }
            Self::Readings { key } => write!(f, "`{key}` changed: fewer readings of a path are judged"),
        }
    }
}

/// Every widening of a rule, the default rule among them; each pair of rules once.
///
/// Complete for paths up to the length of the longest pattern and one more: any request that is let in anew finds the
/// same pair of rules as one of the paths that are tried here, because a segment that no rule names is like any other.
///
/// ```
/// use edgeward::policy::{Access, Policy, Requirement, Terms, widening};
///
/// let of = |access| Policy::compile(vec![], Requirement::of(access), Terms::default()).unwrap();
/// let found = widening::find(&of(Access::Session), &of(Access::Public));
/// assert_eq!(found.len(), 1);
/// assert!(widening::find(&of(Access::Public), &of(Access::Session)).is_empty());
/// ```
#[must_use]
pub fn find(old: &Policy, new: &Policy) -> Vec<Widening> {
    let mut found = Vec::new();
    if old.router() != new.router() && old.router() == Router::Any {
        found.push(Widening::Readings { key: "router" });
    }
    if old.locales().iter().any(|locale| !new.locales().contains(locale)) {
        found.push(Widening::Readings { key: "locales" });
    }
    let hosts = hosts(old, new);
    let methods = methods(old, new);
    let mut pairs = BTreeSet::new();
    for path in paths(old, new) {
        for (host, shown_host) in &hosts {
            for method in &methods {
                let segments = || path.iter().map(String::as_str);
                let (was, is) = (
                    old.plain(segments(), host, method),
                    new.plain(segments(), host, method),
                );
                let (before, was_refused) = match was {
                    Ok(rule) => (rule, false),
                    Err(rule) => (rule, true),
                };
                let Ok(after) = is else { continue };
                let narrower = !was_refused && after.requirement.implies(&before.requirement);
                if narrower || !pairs.insert((before.place.clone(), after.place.clone(), was_refused)) {
                    continue;
                }
                found.push(Widening::Rule {
                    old: name(before),
                    new: name(after),
                    path: format!("/{}", path.join("/")),
                    host: shown_host.clone(),
                    method: if method == OTHER_METHOD {
                        ANY.into()
                    } else {
                        method.clone()
                    },
                    was_refused,
                });
            }
        }
    }
    found
}

fn name(rule: &Rule) -> String {
    if rule.paths.is_empty() {
        rule.place.clone()
    } else {
        format!("{} ({})", rule.place, rule.pattern())
    }
}

/// Every path that a pattern of one policy and a pattern of the other share, written as generally as it can be.
fn paths(old: &Policy, new: &Policy) -> BTreeSet<Vec<String>> {
    let longest = 1 + [old, new]
        .iter()
        .flat_map(|policy| policy.rules())
        .flat_map(|rule| rule.paths.iter().flat_map(Pattern::alternatives))
        .map(Vec::len)
        .max()
        .unwrap_or_default();
    let (old, new) = (forms(old, longest), forms(new, longest));
    let mut paths: BTreeSet<Vec<String>> = (0..=longest).map(|n| vec![ANY.to_owned(); n]).collect();
    paths.extend(old.values().chain(new.values()).flatten().cloned());
    for ((length, first), olds) in &old {
        let near = |key: Option<&str>| new.get(&(*length, key.map(str::to_owned))).into_iter().flatten();
        let news: Vec<_> = match first {
            Some(first) => near(Some(first)).chain(near(None)).collect(),
            None => new
                .iter()
                .filter(|((n, _), _)| n == length)
                .flat_map(|(_, forms)| forms)
                .collect(),
        };
        for old in olds {
            paths.extend(news.iter().filter_map(|new| shared(old, new)));
        }
    }
    paths
}

type Forms = BTreeMap<(usize, Option<String>), BTreeSet<Vec<String>>>;

/// The patterns of a policy as lists of fixed length, by length and first literal.
fn forms(policy: &Policy, longest: usize) -> Forms {
    let mut forms = Forms::new();
    let patterns = policy.rules().iter().flat_map(|rule| &rule.paths);
    for parts in patterns.flat_map(Pattern::alternatives) {
        let mut lists: Vec<Vec<String>> = vec![Vec::new()];
        for part in parts {
            let most = if matches!(part, Part::Many) { longest } else { 1 };
            let text = match part {
                Part::Literal(text) => text.as_str(),
                Part::One | Part::Many => ANY,
            };
            let longer = |list: &Vec<String>| {
                let list = list.clone();
                (1..=most).map(move |n| [list.clone(), vec![text.to_owned(); n]].concat())
            };
            lists = lists
                .iter()
                .flat_map(longer)
                .filter(|list| list.len() <= longest)
                .collect();
        }
        for list in lists {
            let first = list.first().filter(|first| *first != ANY).cloned();
            forms.entry((list.len(), first)).or_default().insert(list);
        }
    }
    forms
}

/// The paths that both lists match, as one list.
fn shared(a: &[String], b: &[String]) -> Option<Vec<String>> {
    a.iter()
        .zip(b)
        .map(|(a, b)| match (a.as_str(), b.as_str()) {
            (ANY, _) => Some(b.clone()),
            (_, ANY) => Some(a.clone()),
            (x, y) => (x == y).then(|| a.clone()),
        })
        .collect()
}

/// A host for each pattern, and one that no rule names; with how it is shown.
fn hosts(old: &Policy, new: &Policy) -> BTreeSet<(String, String)> {
    let named = [old, new]
        .into_iter()
        .flat_map(|policy| policy.rules())
        .flat_map(|rule| &rule.hosts)
        .map(|host| match host {
            HostPattern::Exact(host) => (host.clone(), host.clone()),
            HostPattern::OneLabel(suffix) => (format!("{OTHER_LABEL}.{suffix}"), format!("*.{suffix}")),
        });
    named.chain([(OTHER_LABEL.to_owned(), ANY.to_owned())]).collect()
}

fn methods(old: &Policy, new: &Policy) -> Vec<String> {
    let listed = [old, new]
        .into_iter()
        .flat_map(|policy| policy.rules())
        .filter_map(|rule| rule.methods.listed())
        .flatten()
        .cloned();
    let all: BTreeSet<String> = listed.collect();
    std::iter::once(OTHER_METHOD.to_owned()).chain(all).collect()
}

impl Policy {
    /// The rule of decoded segments as they stand; an error names the rule that refuses the method.
    fn plain<'s>(
        &self,
        segments: impl Iterator<Item = &'s str> + Clone,
        host: &str,
        method: &str,
    ) -> Result<&Rule, &Rule> {
        let id = self.first(segments, host);
        self.part(id, method).ok_or_else(|| self.rule(id))
    }
}

/// No literal of a pattern can be this, see [`PatternError::Star`](super::PatternError::Star).
const ANY: &str = "*";
/// A method that no rule lists, since `~` begins none of them in practice; shown as `*`.
const OTHER_METHOD: &str = "~ANY";
/// A label that no rule names: labels of hosts have no `~`.
const OTHER_LABEL: &str = "~any";
