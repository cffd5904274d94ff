//! What a rule asks for, and how two of them hold together.

use super::claim::Condition;
use super::freshness::Bounds;
use crate::session::Aal;

/// Who may come in at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Everybody; no session is opened (semantics 1.5).
    Public,
    /// Everybody; a session is opened if there is one.
    Optional,
    /// Who has no session; others go to `signed_in` (semantics 1.6).
    Guest,
    /// Who has a session that meets the rest of the requirement.
    Session,
}

/// Who may post a server action to a path (semantics 1.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Actions {
    /// Who has a session, whatever the page asks.
    #[default]
    Session,
    /// Whoever meets the page's requirement.
    Public,
}

/// The form in which somebody without a session is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnUnauthenticated {
    /// By request class.
    #[default]
    Auto,
    /// A redirect to the login page, whatever the class.
    Redirect,
    /// 401.
    Status401,
    /// 404, which does not say that something is there.
    Status404,
}

/// What a person gets whose account has no second factor, where one is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnNoSecondFactor {
    /// The settings page, to enrol one.
    #[default]
    Settings,
    /// 403.
    Forbidden,
}

/// What a request must bring. Every field besides the forms of answer narrows (semantics 1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Who may come in at all. The next five fields count for [`Access::Session`] only.
    pub access: Access,
    /// Of each list at least one condition: `any` of the config is one list, each of `all` is one of its own.
    pub conditions: Vec<Vec<Condition>>,
    /// The least assurance level.
    pub aal: Option<Aal>,
    /// The greatest age of the authentication, in seconds.
    pub max_age: Option<i64>,
    /// Of each list one domain must be that of the verified e-mail address.
    pub email_domains: Vec<Vec<String>>,
    /// Whether the rule itself asks for freshness, which only a confirmed copy can meet.
    pub asks_freshness: bool,
    /// How long a copy is believed.
    pub bounds: Bounds,
    /// Who may post server actions here.
    pub actions: Actions,
    /// Whether unsafe requests from foreign sites may come in (semantics 1.12).
    pub cross_site: bool,
    /// The form of the answer to nobody.
    pub on_unauthenticated: OnUnauthenticated,
    /// The answer where no second factor is enrolled.
    pub on_no_second_factor: OnNoSecondFactor,
}

/// `guest` and `session` together are met by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("one rule is for guests, the other for sessions")]
pub struct Contradiction;

impl Requirement {
    /// A requirement that asks for this access and nothing else.
    ///
    /// ```
    /// # use edgeward::policy::{Access, Requirement};
    /// assert!(Requirement::of(Access::Optional).is_guarded());
    /// assert!(!Requirement::of(Access::Public).is_guarded());
    /// ```
    #[must_use]
    pub fn of(access: Access) -> Self {
        Self {
            access,
            conditions: Vec::new(),
            aal: None,
            max_age: None,
            email_domains: Vec::new(),
            asks_freshness: false,
            bounds: Bounds::default(),
            actions: Actions::default(),
            cross_site: false,
            on_unauthenticated: OnUnauthenticated::default(),
            on_no_second_factor: OnNoSecondFactor::default(),
        }
    }

    /// Whether what happens here depends on a session that the visitor brings.
    #[must_use]
    pub const fn is_guarded(&self) -> bool {
        matches!(self.access, Access::Optional | Access::Session)
    }

    /// Whether a session beyond its mere existence is asked for.
    #[must_use]
    pub fn asks_more_than_session(&self) -> bool {
        !self.conditions.is_empty()
            || self.aal.is_some()
            || self.max_age.is_some()
            || !self.email_domains.is_empty()
            || self.asks_freshness
    }

    /// What is asked of a server action posted here: the page's requirement and that of `actions` (semantics 1.11).
    ///
    /// A guest page protects nothing, so there `actions` alone counts.
    #[must_use]
    pub fn for_action(&self) -> Self {
        match (self.actions, self.access) {
            (Actions::Session, Access::Public | Access::Optional | Access::Guest) => Self {
                bounds: self.bounds,
                actions: self.actions,
                cross_site: self.cross_site,
                on_unauthenticated: self.on_unauthenticated,
                on_no_second_factor: self.on_no_second_factor,
                ..Self::of(Access::Session)
            },
            _ => self.clone(),
        }
    }

    /// The requirement that is met exactly when both are, by one way of going on: with the session or as nobody.
    ///
    /// The bounds of [`Access::Optional`] count beside [`Access::Session`]: the session goes on, and whichever of the two pages the
    /// origin finds, it gets none that is older than its rule allows (semantics 4.2, 6.1).
    ///
    /// # Errors
    /// [`Contradiction`] when nobody can meet both.
    pub fn and(&self, other: &Self) -> Result<Self, Contradiction> {
        use Access::{Guest, Optional, Public, Session};
        let access = match (self.access, other.access) {
            (Guest, Session) | (Session, Guest) => return Err(Contradiction),
            (Session, _) | (_, Session) => Session,
            (Guest, _) | (_, Guest) => Guest,
            (Optional, _) | (_, Optional) => Optional,
            (Public, Public) => Public,
        };
        // What a rule says beside `access` counts only with a session: the fields of a public rule say nothing.
        let asking: Vec<&Self> = [self, other]
            .into_iter()
            .filter(|requirement| requirement.access == Session)
            .collect();
        let guest_bounds = |one: &Self| (one.access == Guest).then_some(one.bounds);
        let bounds = match (self.access, other.access) {
            (Public, _) => other.bounds,
            (_, Public) => self.bounds,
            // A guest page decides on what is fresh: the more that counts as fresh, the fewer it lets through.
            (Guest, _) | (_, Guest) => [self, other]
                .into_iter()
                .filter_map(guest_bounds)
                .max_by_key(|bounds| bounds.fresh_within())
                .unwrap_or(self.bounds),
            _ => self.bounds.and(other.bounds),
        };
        Ok(Self {
            access,
            conditions: union(asking.iter().map(|r| &r.conditions)),
            aal: asking.iter().filter_map(|r| r.aal).max(),
            max_age: asking.iter().filter_map(|r| r.max_age).min(),
            email_domains: union(asking.iter().map(|r| &r.email_domains)),
            asks_freshness: asking.iter().any(|r| r.asks_freshness),
            bounds,
            actions: if self.actions == Actions::Session {
                self.actions
            } else {
                other.actions
            },
            cross_site: self.cross_site && other.cross_site,
            on_unauthenticated: match self.on_unauthenticated {
                OnUnauthenticated::Auto => other.on_unauthenticated,
                said => said,
            },
            on_no_second_factor: match self.on_no_second_factor {
                OnNoSecondFactor::Settings => other.on_no_second_factor,
                said @ OnNoSecondFactor::Forbidden => said,
            },
        })
    }

    /// Whether whoever meets this also meets `other`. Sound, not complete: `false` may mean "cannot be seen".
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        let who = match (self.access, other.access) {
            (_, Access::Public | Access::Optional) => true,
            (Access::Guest, Access::Guest) => self.bounds.fresh_within() >= other.bounds.fresh_within(),
            (Access::Session, Access::Session) => {
                self.bounds.implies(other.bounds)
                    && covered(&self.conditions, &other.conditions)
                    && covered(&self.email_domains, &other.email_domains)
                    && other.aal.is_none_or(|least| self.aal >= Some(least))
                    && other
                        .max_age
                        .is_none_or(|most| self.max_age.is_some_and(|own| own <= most))
                    && (self.asks_freshness || !other.asks_freshness)
            }
            _ => false,
        };
        who && self.implies_unsafe(other)
    }

    /// The part of [`Self::implies`] about unsafe requests: `actions` and `cross_site`.
    fn implies_unsafe(&self, other: &Self) -> bool {
        let actions = other.actions == Actions::Public
            || self.actions == Actions::Session
            || self.access == Access::Session;
        let cross_site = !other.is_guarded() || other.cross_site || (self.is_guarded() && !self.cross_site);
        actions && cross_site
    }
}

fn union<'r, T: Clone + PartialEq + 'r>(lists: impl Iterator<Item = &'r Vec<T>>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for one in lists.flatten() {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
    all
}

/// Each list that `other` asks one of is implied by a list of ours that offers no more.
fn covered<T: PartialEq>(ours: &[Vec<T>], others: &[Vec<T>]) -> bool {
    others
        .iter()
        .all(|other| ours.iter().any(|own| own.iter().all(|one| other.contains(one))))
}
