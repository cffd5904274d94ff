//! What runs over every byte of a session: ciphers, MACs, key derivation, base64url, JSON.
//!
//! All of it is other people's code. It stands in a crate of its own because generic code is compiled where it is instantiated: the
//! core is compiled for size, and there RustCrypto's modes took several times as long. Hence no function here is generic beyond a thin shell, and
//! this crate alone is compiled for speed (`[profile.release.package]` in the workspace's Cargo.toml).

pub mod base64url;
pub mod cbc;
pub mod content;
pub mod derive;
pub mod digest;
pub mod enc;
pub mod json;
pub mod mac;
pub mod sip;
