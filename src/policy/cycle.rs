//! Redirects that lead a visitor round in a circle (semantics 1.2; field.md P 3, 16).

use super::error::RuleError;
use super::requirement::{Access, OnNoSecondFactor, OnUnauthenticated, Requirement};
use super::table::{Finding, Policy};
use crate::session::Aal;

/// A page of the app that a redirect leads to, in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// Where it is named: `kratos.ui.login`, `signed_in`.
    pub place: String,
    /// Its path.
    pub path: String,
    /// Whether the visitor comes with a flow, to which guest pages yield (semantics 1.6).
    pub with_flow: bool,
}

/// Where visitors who may not continue land; `None` for somewhere outside the app.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redirects {
    /// Who has no session.
    pub login: Option<Landing>,
    /// Who is signed in on a guest page.
    pub signed_in: Option<Landing>,
    /// Who must show a second factor, and has one.
    pub step_up: Option<Landing>,
    /// Who must show a second factor, and has none.
    pub no_second_factor: Option<Landing>,
    /// Who authenticated too long ago.
    pub reauthenticate: Option<Landing>,
}

/// The visitors whose way is followed. A stale session becomes one of these when the identity server answers; when it
/// does not, a rule serves or says 503, and neither is a redirect.
const VISITORS: [Visitor; 6] = [
    Visitor::SignedOut,
    Visitor::OneFactor,
    Visitor::NoSecondFactor,
    Visitor::TwoFactors,
    Visitor::LongAgo,
    Visitor::Accepted,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visitor {
    SignedOut,
    OneFactor,
    NoSecondFactor,
    TwoFactors,
    LongAgo,
    Accepted,
}

impl Policy {
    /// Every circle in which these redirects lead a visitor on `host` who has every role and claim.
    ///
    /// ```
    /// use edgeward::policy::{Access, Landing, Policy, Redirects, Requirement, Terms};
    ///
    /// let policy = Policy::compile(vec![], Requirement::of(Access::Session), Terms::default()).unwrap();
    /// let login = Landing { place: "kratos.ui.login".into(), path: "/login".into(), with_flow: true };
    /// let circles = policy.find_cycles(&Redirects { login: Some(login), ..Redirects::default() }, "app.example.com");
    /// assert_eq!(circles.len(), 1);
    /// ```
    #[must_use]
    pub fn find_cycles(&self, redirects: &Redirects, host: &str) -> Vec<RuleError> {
        let landings = [
            &redirects.login,
            &redirects.signed_in,
            &redirects.step_up,
            &redirects.no_second_factor,
            &redirects.reauthenticate,
        ];
        let mut cycles: Vec<RuleError> = Vec::new();
        for visitor in VISITORS {
            for landing in landings.iter().filter_map(|landing| landing.as_ref()) {
                let Some(by) = self.follow(visitor, landing, redirects, host) else {
                    continue;
                };
                let known = |cycle: &RuleError| matches!(cycle, RuleError::Cycle { by: known, .. } if known.iter().all(|place| by.contains(place)));
                if !cycles.iter().any(known) {
                    let visitor = visitor.as_str();
                    cycles.push(RuleError::Cycle { visitor, by });
                }
            }
        }
        cycles
    }

    /// The pages and rules of the circle that begins and ends at `landing`, if there is one.
    fn follow(
        &self,
        visitor: Visitor,
        landing: &Landing,
        redirects: &Redirects,
        host: &str,
    ) -> Option<Vec<String>> {
        let mut at = landing;
        let mut by = Vec::new();
        for _ in 0..=MOST_STEPS {
            let readings = self.readings(&at.path).ok()?;
            let Finding::Found(found) = self.find(&readings, host, "GET") else {
                return None;
            };
            let rule = found.rule().map(|rule| rule.place.clone()).unwrap_or_default();
            by.push(format!("{} `{}` ({rule})", at.place, at.path));
            at = visitor.sent_on(found.requirement(), at.with_flow, redirects)?;
            if at == landing {
                return Some(by);
            }
        }
        None
    }
}

impl Visitor {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed out",
            Self::OneFactor => "signed in with one factor",
            Self::NoSecondFactor => "signed in and has no second factor",
            Self::TwoFactors => "signed in with two factors",
            Self::LongAgo => "signed in since long ago",
            Self::Accepted => "signed in with an accepted session",
        }
    }

    /// Where this visitor is sent; `None` where the way ends with a page, whichever it is.
    fn sent_on<'r>(
        self,
        asked: &Requirement,
        with_flow: bool,
        redirects: &'r Redirects,
    ) -> Option<&'r Landing> {
        let unauthenticated = || match asked.on_unauthenticated {
            OnUnauthenticated::Auto | OnUnauthenticated::Redirect => redirects.login.as_ref(),
            OnUnauthenticated::Status401 | OnUnauthenticated::Status404 => None,
        };
        let two_factors = asked.aal > Some(Aal::Aal1);
        let more_than_accepted = two_factors
            || asked.aal.is_some()
            || asked.max_age.is_some()
            || asked.asks_freshness
            || !asked.email_domains.is_empty();
        match (asked.access, self) {
            (Access::Public | Access::Optional, _) => None,
            (Access::Guest, Self::SignedOut | Self::Accepted) => None,
            (Access::Guest, _) if with_flow => None,
            (Access::Guest, _) => redirects.signed_in.as_ref(),
            (Access::Session, Self::SignedOut) => unauthenticated(),
            (Access::Session, Self::Accepted) if more_than_accepted => unauthenticated(),
            (Access::Session, Self::OneFactor) if two_factors => redirects.step_up.as_ref(),
            (Access::Session, Self::NoSecondFactor) if two_factors => match asked.on_no_second_factor {
                OnNoSecondFactor::Settings => redirects.no_second_factor.as_ref(),
                OnNoSecondFactor::Forbidden => None,
            },
            (Access::Session, Self::LongAgo) if asked.max_age.is_some() => redirects.reauthenticate.as_ref(),
            (Access::Session, _) => None,
        }
    }
}

/// There are five landings: whoever is not back by then is in a circle that begins at another of them.
const MOST_STEPS: usize = 5;
