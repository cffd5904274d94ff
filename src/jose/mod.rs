//! JSON Object Signing and Encryption (RFC 7515-7519, 7638, 8037, 8725): compact serializations only, knowing neither HTTP
//! nor cookies.
//!
//! ```text
//!  compact ── header::decode ──▶ Unverified<Header> ── choose format and key ──┐
//!                                                                              ▼
//!  jwe::decode ─▶ Jwe ── open(&jwe::Key) ──────────────────────────▶ Opened   ─┐
//!  jws::decode ─▶ Jws ── verify(&jws::MacKey) ─────────────────────▶ Verified ─┼─ claims() ─▶ Claims ─ validate(&Expected)
//!                  └──── prepare(allowed, &Jwk) ─▶ Pending ─ conclude(bool) ─▶ ┘
//!                                  host performs the VerifyRequest
//! ```
//!
//! - **Which type do I want?** A sealed token of a known key: [`jwe::open`], [`jwe::seal`]. Several keys: [`jwe::decode`], look
//!   at `header().peek().kid()`, [`jwe::Jwe::open`]. A token signed with a secret: [`jws::verify`], [`jws::sign`]. Signed
//!   by an issuer: [`jws::decode`], [`JwkSet::select`], [`jws::Jws::prepare`], let the host verify, [`jws::Pending::conclude`].
//! - Keys are made ready once ([`jwe::Key`], [`jws::MacKey`]) and kept; each is for one algorithm, and a token's `alg` and
//!   `enc` are only ever compared with it.
//! - An issuer's keys come as a JWK Set ([`JwkSet::parse`]), a JWK ([`Jwk::parse`]) or in PEM ([`Jwk::from_pem`]). A format with an
//!   envelope of its own around JWE's algorithms uses [`jwe::Key::seal_detached`] and [`jwe::Key::open_detached`].
//! - [`derive::hkdf_sha256`] makes keys from secrets; [`jwk::oct_thumbprint_sha256`] and its SHA-512 twin make `kid`s.
//! - Lengths are checked before anything is decoded ([`limits`]); work is linear in the length of the input.
//!
//! ```
//! use edgeward::base::{Entropy, Timestamp};
//! use edgeward::jose::jwt::Expected;
//! use edgeward::jose::{Protected, derive, jwe};
//!
//! let secret = "a secret of at least 32 characters";
//! let key = jwe::Key::new(jwe::Enc::A256Gcm, *derive::hkdf_sha256::<32>(secret, "", "example session v1"))?;
//! let header = Protected::new(&[("alg", "dir"), ("enc", "A256GCM"), ("kid", "k1")]);
//! let sealed = jwe::seal(&header, br#"{"sub":"ann","exp":1000}"#, &key, &mut Entropy::from_seed([1; 32]))?;
//!
//! let token = jwe::decode(&sealed)?;
//! assert_eq!(token.header().peek().kid(), Some("k1"));
//! let claims = token.open(&key)?.claims()?;
//! claims.validate(&Expected { required: &["sub"], ..Expected::at(Timestamp::from_secs(999)) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod algorithm;
mod compact;
mod unverified;

pub mod derive;
pub mod header;
pub mod jwe;
pub mod jwk;
pub mod jwks;
pub mod jws;
pub mod jwt;
pub mod limits;

pub use algorithm::Algorithm;
pub use header::{Header, Protected};
pub use jwk::Jwk;
pub use jwks::JwkSet;
pub use unverified::Unverified;
