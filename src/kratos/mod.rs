//! The tunnel to Ory Kratos and the sealed copy of its session, as pure functions.
//!
//! Each remote exchange is two functions, one that builds the request and one that processes the response; the gate
//! puts effects between them.
//!
//! ```text
//! request ─ table::find ─▶ Found ─ up::build ─▶ (identity server) ─▶ down::process ─▶ head, Effects, BodyPlan
//!                                                                        └─ body::rewrite ─▶ down::finish
//! cookie ── copy::select, copy::possible_shape ─▶ whoami::build ─▶ (identity server) ─▶ whoami::process ─▶ Whoami
//!                                                                        └─ copy::mint ─▶ own::Opened
//! ```
//!
//! | you want | you call |
//! | --- | --- |
//! | to know whether a request is the identity server's | [`table::Table::find`], then [`table::Found::goes_up`] |
//! | what goes up | [`up::build`] |
//! | what comes down, and what it did to the session | [`down::process`], [`down::finish`] |
//! | JSON without the upstream's URLs | [`body::rewrite`] |
//! | who the visitor is | [`whoami::build`], [`whoami::process`] |
//! | a session from that answer, ready to be sealed | [`copy::mint`] |
//! | a redirect into a flow | [`flow::Flows`], [`flow::Ui`] |
//! | what an isolate remembers | [`memory`] |
//!
//! This module stands below the gate: it knows no effects, decisions, rules or config.

pub mod body;
pub mod claims;
pub mod copy;
pub mod down;
pub mod flow;
pub mod map;
pub mod memory;
pub mod table;
pub mod up;
mod upstream;
pub mod whoami;

pub use flow::Flow;
pub use upstream::{OryNetwork, Upstream, UpstreamError};
