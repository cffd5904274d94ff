//! Route patterns, path readings, request classes, requirements. Knows [`Session`](crate::session::Session), not cookies.
//!
//! What the gate calls, in this order:
//!
//! 1. [`Policy::readings`]`(raw_path)` → [`Readings`], or a [`PathRefusal`] (400). [`Readings::normal`] is the path
//!    that must arrive at the origin: compare with [`path::arrives`].
//! 2. [`RequestClass::of`]`(method, headers, shell)`; what it may write is [`RequestClass::may_write_session`] and
//!    [`RequestClass::may_begin_login`].
//! 3. [`Policy::find`]`(readings, host, `[`judged_method`]`(method, headers))` → [`Finding::Found`],
//!    [`Finding::MethodNotAllowed`] (405) or [`Finding::Ambiguous`] (400).
//! 4. [`Found::requirement`], for a request of which [`is_action`] holds [`Requirement::for_action`] of it.
//!    `access` says whether the session is opened at all (`Public`: it is not).
//! 5. [`cross_site::check`] → 403.
//! 6. [`judge`]`(requirement, session, now, `[`Upstream`]`)` → [`Verdict`]; after [`Verdict::Stale`] ask the identity
//!    server and judge again with [`Upstream::Confirmed`] or [`Upstream::Failed`].
//! 7. [`Form::of`]`(class, verdict, on_unauthenticated)` → the form of the answer to a verdict that is not met.
//!
//! For checks of a config: [`Policy::compile`], [`Policy::find_cycles`], [`widening::find`], [`Policy::explain`],
//! [`Requirement::bounds`].

pub mod answer;
mod by_host;
pub mod claim;
pub mod class;
pub mod compile;
mod coverage;
pub mod cross_site;
pub mod cycle;
pub mod email;
pub mod error;
pub mod freshness;
pub mod host;
mod matcher;
pub mod method;
pub mod path;
pub mod pattern;
pub mod reading;
pub mod requirement;
pub mod rule;
pub mod table;
mod transform;
pub mod verdict;
pub mod widening;

pub use answer::Form;
pub use claim::{Condition, Pointer, PointerError, Scalar, Test};
pub use class::{RequestClass, Shell, is_action, is_preflight, judged_method};
pub use compile::{Capabilities, Terms};
pub use cross_site::CrossSite;
pub use cycle::{Landing, Redirects};
pub use error::RuleError;
pub use freshness::{Age, Bounds};
pub use host::{HostError, HostPattern, normal_host};
pub use method::{MethodError, Methods};
pub use path::PathRefusal;
pub use pattern::{Pattern, PatternError};
pub use reading::{Doubt, Reading, Readings, Router};
pub use requirement::{Access, Actions, Contradiction, OnNoSecondFactor, OnUnauthenticated, Requirement};
pub use rule::Rule;
pub use table::{Explained, Finding, Found, Policy};
pub use verdict::{Reason, Upstream, Verdict, judge};
pub use widening::Widening;
