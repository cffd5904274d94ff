//! The form of an answer, by request class (semantics 1.10, 12; field.md P 4, 29). What it says is `outcome`'s.

use super::class::RequestClass;
use super::requirement::OnUnauthenticated;
use super::verdict::Verdict;

/// How somebody who may not continue is told so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A redirect: 302 after GET and HEAD, 303 after anything else.
    Redirect,
    /// A page for a person.
    Page(u16),
    /// `application/problem+json` for a program, with `login_url` where a login would help.
    Problem(u16),
    /// A status without a body: nobody reads it.
    Bare(u16),
}

impl Form {
    /// The form in which a verdict that is not met is answered; `None` for one that lets the request continue, and
    /// for [`Verdict::Stale`], after which the identity server is asked first.
    ///
    /// ```
    /// use edgeward::policy::{Form, OnUnauthenticated, RequestClass, Verdict};
    ///
    /// let form = |class| Form::of(class, Verdict::Unauthenticated, OnUnauthenticated::Auto);
    /// assert_eq!(form(RequestClass::Navigation), Some(Form::Redirect));
    /// assert_eq!(form(RequestClass::Api), Some(Form::Problem(401)));
    /// ```
    #[must_use]
    pub fn of(class: RequestClass, verdict: Verdict, on_unauthenticated: OnUnauthenticated) -> Option<Self> {
        Some(match verdict {
            Verdict::Met { .. } | Verdict::MetWithoutSession | Verdict::Stale => return None,
            Verdict::Unauthenticated => match (on_unauthenticated, class) {
                (OnUnauthenticated::Auto, _) => Self::sent_on(class, 401),
                (
                    OnUnauthenticated::Redirect,
                    RequestClass::Prefetch | RequestClass::Preflight | RequestClass::WebSocket,
                ) => Self::Bare(401),
                (OnUnauthenticated::Redirect, _) => Self::Redirect,
                (OnUnauthenticated::Status401, _) => Self::told(class, 401),
                (OnUnauthenticated::Status404, _) => Self::told(class, 404),
            },
            // A login page would help: the program gets its URL beside the status.
            Verdict::StepUp(_) | Verdict::Reauthenticate { .. } | Verdict::SignedIn => {
                Self::sent_on(class, 403)
            }
            Verdict::Forbidden(_) => Self::told(class, 403),
            Verdict::Unavailable => Self::told(class, 503),
        })
    }

    /// The form of a plain refusal with this status: 400, 403 of a foreign site, 405, 503.
    #[must_use]
    pub const fn told(class: RequestClass, status: u16) -> Self {
        match class {
            RequestClass::Navigation => Self::Page(status),
            RequestClass::Data | RequestClass::Api | RequestClass::ServerAction => Self::Problem(status),
            RequestClass::Prefetch
            | RequestClass::Preflight
            | RequestClass::WebSocket
            | RequestClass::Asset => Self::Bare(status),
        }
    }

    /// A person goes on to another page, a program is told the status.
    const fn sent_on(class: RequestClass, status: u16) -> Self {
        match class {
            RequestClass::Navigation => Self::Redirect,
            _ => Self::told(class, status),
        }
    }
}
