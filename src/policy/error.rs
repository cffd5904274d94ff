//! What can be wrong with a set of rules (semantics 1.2), each error naming the rules in question.

/// One fault. Rules are named by their place in the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Earlier rules take every request that this one could match.
    #[error("`{rule}` can never match behind {}", list(.by))]
    Unreachable {
        /// The rule that never matches.
        rule: String,
        /// The rules that take its requests.
        by: Vec<String>,
    },
    /// An earlier rule takes requests away from a later, stricter one and does not say `overrides = true`.
    #[error("`{earlier}` lets in by `{earlier_pattern}` what `{later}` asks more of by `{later_pattern}`")]
    Weakens {
        /// The rule that comes first and asks less.
        earlier: String,
        /// Its pattern in question.
        earlier_pattern: String,
        /// The rule that comes later and asks more.
        later: String,
        /// Its pattern in question.
        later_pattern: String,
    },
    /// A rule asks for a session on a page that people without one need.
    #[error("`{rule}` asks for a session on `{path}`, where people sign in")]
    ClosedPage {
        /// The rule.
        rule: String,
        /// Where the page is named: `kratos.ui.login`.
        page: String,
        /// Its path.
        path: String,
    },
    /// A rule asks for something that the session format or the config does not give.
    #[error("`{rule}` asks for `{asks}`, {why}")]
    Incapable {
        /// The rule.
        rule: String,
        /// The key of the requirement.
        asks: &'static str,
        /// What is missing.
        why: String,
    },
    /// Redirects lead from a rule back to it.
    #[error("a visitor who is {visitor} is sent round in a circle: {}", .by.join(" → "))]
    Cycle {
        /// Which visitor: `signed out`, `stale` …
        visitor: &'static str,
        /// The rules and pages in order.
        by: Vec<String>,
    },
}

impl RuleError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "config.rule_unreachable",
            Self::Weakens { .. } => "config.rule_weakens",
            Self::ClosedPage { .. } => "config.rule_closes_page",
            Self::Incapable { .. } => "config.rule_incapable",
            Self::Cycle { .. } => "config.rule_cycle",
        }
    }
}

fn list(places: &[String]) -> String {
    let quoted: Vec<_> = places.iter().map(|place| format!("`{place}`")).collect();
    quoted.join(" and ")
}
