//! Edgeward: an authentication gate for the edge, as a core without I/O.
//!
//! ```text
//!               ┌──────────────────────── host ────────────────────────┐
//! request head ─┼─▶ Gate::begin ─▶ Step ─▶ Effect ─▶ Answer ─▶ Step …  │
//!               │                                     ▼                │
//!               │                                 Decision             │
//!               │   Continue ─▶ app ─────────▶ After ─▶ FinalResponse ─┼─▶ visitor
//!               │   Forward ──▶ identity ────▶ After ─▶ Step ─▶ … ─────┼─▶
//!               │   Redirect, Respond ─────────────────────────────────┼─▶
//!               └──────────────────────────────────────────────────────┘
//! ```
//!
//! # The contract
//!
//! Call [`Gate::begin`] once; while the [`step::Step`] is `Perform`, carry out its effect and hand exactly one
//! [`step::Answer`] to [`step::Pending::resume`]; what comes out at the end is the [`decision::Decision`]. The same loop drives what follows
//! a decision. Time and entropy come in with each call as a [`base::Moment`]; the core has no clock, no generator and no
//! environment of its own.
//!
//! ```
//! use edgeward::base::{Moment, Secret};
//! use edgeward::decision::Decision;
//! use edgeward::message::{Headers, RequestHead};
//! use edgeward::step::Step;
//! use edgeward::{Config, Gate, Shell};
//!
//! let config = Config::parse(&serde_json::json!({
//!     "public_origins": ["https://app.example.com"],
//!     "origin": { "binding": "APP" },
//!     "default": "session",
//!     "sign_in": "/login",
//!     "session": { "format": "edgeward", "secrets": [{ "env": "SESSION_SECRET" }] },
//!     "routes": [{ "path": "/login", "require": "guest" }],
//! }))?;
//! let secrets = |name: &str| (name == "SESSION_SECRET").then(|| Secret::new("a secret of at least 32 characters"));
//! let gate = Gate::new(config, Shell::FRONT, secrets, Moment::new(1_800_000_000_000, [1; 32]))?;
//!
//! let head = RequestHead {
//!     method: "GET".into(),
//!     url: "https://app.example.com/dashboard?tab=2".into(),
//!     headers: Headers::from_iter([("accept", "text/html")]),
//!     client_ip: None,
//! };
//! let Step::Done(Decision::Redirect(redirect)) = gate.begin(head, Moment::new(1_800_000_000_000, [2; 32])) else {
//!     panic!("nobody is signed in");
//! };
//! assert_eq!(redirect.location, "/login?return_to=%2Fdashboard%3Ftab%3D2");
//! # Ok::<(), edgeward::config::ConfigErrors>(())
//! ```
//!
//! # Which part do I want?
//!
//! | you want | you use |
//! | --- | --- |
//! | to put the gate into another host | [`Gate`], [`step`], [`decision`], [`Shell`] |
//! | to make or open a session in the own format | [`session::own`], with docs/contract.md for other languages |
//! | to open JOSE tokens or Fe26.2 seals | [`jose`], [`iron`] |
//! | to hold paths and sessions against rules | [`policy`] |
//! | to know what a code means | [`outcome::Code`] |

pub mod base;
pub mod config;
pub mod decision;
#[cfg(feature = "__fake")]
pub mod fake;
mod gate;
pub mod iron;
pub mod jose;
pub mod kratos;
pub mod message;
pub mod outcome;
pub mod policy;
pub mod session;
pub mod shell;
pub mod step;

pub use config::Config;
pub use gate::{ExplainedReading, ExplainedRule, Explanation, Gate, Question};
pub use shell::Shell;
