//! One rule of the policy.

use super::host::HostPattern;
use super::method::Methods;
use super::pattern::Pattern;
use super::requirement::Requirement;
use crate::base::sorted;

/// A rule: which requests it selects, and what they must bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands in the document: `routes[2]`, `kratos.ui.login`.
    pub place: String,
    /// The paths; at least one.
    pub paths: Vec<Pattern>,
    /// The hosts; none means every host.
    pub hosts: Vec<HostPattern>,
    /// The methods.
    pub methods: Methods,
    /// What requests must bring.
    pub requirement: Requirement,
    /// Whether it may take paths away from a later, stricter rule (semantics 1.2).
    pub overrides: bool,
}

impl Rule {
    /// A rule for every host and method.
    #[must_use]
    pub fn new(place: impl Into<String>, paths: Vec<Pattern>, requirement: Requirement) -> Self {
        Self {
            place: place.into(),
            paths,
            hosts: Vec::new(),
            methods: Methods::ANY,
            requirement,
            overrides: false,
        }
    }

    /// The patterns as written, for logs and traces; the place for a rule without any.
    #[must_use]
    pub fn pattern(&self) -> String {
        if self.paths.is_empty() {
            return self.place.clone();
        }
        let paths: Vec<_> = self.paths.iter().map(Pattern::as_str).collect();
        paths.join(", ")
    }

    /// The selected paths and hosts, whatever their order and the names of parameters.
    pub(super) fn key(&self) -> Key<'_> {
        Key {
            paths: sorted(self.paths.iter().flat_map(Pattern::alternatives)),
            hosts: sorted(&self.hosts),
        }
    }
}

/// What two rules share that methods split.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key<'r> {
    pub(super) paths: Vec<&'r Vec<super::pattern::Part>>,
    pub(super) hosts: Vec<&'r HostPattern>,
}
