//! One test binary; one line per area.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails here fails where it should"
)]

mod gate;
mod interop_formats;
mod iron_seals;
mod jose_claims;
mod jose_defects;
mod jose_interop;
mod jose_keys;
mod jose_properties;
mod jose_provenance;
mod jose_rfc;
mod jose_support;
mod jose_work;
mod jose_wycheproof;
mod kratos_body;
mod kratos_credentials;
mod kratos_down;
mod kratos_effects;
mod kratos_network;
mod kratos_support;
mod kratos_table;
mod kratos_up;
mod kratos_whoami;
mod message;
mod policy;
mod session;
