//! The bounds of this module, each with its reason. They are checked before anything is decoded.

/// A compact serialization. A request may bring 64 KB into cryptography in all (semantics 4.6).
pub const COMPACT_BYTES: usize = crate::base::limits::CRYPTO_BYTES;
/// An encoded protected header. Real ones have 20 to 300 bytes; 4 KB leaves room for members that are not read.
pub const HEADER_BYTES: usize = 4 * 1024;
/// An encoded signature: RSA with 8,192 bits is 1,366 characters.
pub const SIGNATURE_BYTES: usize = 2 * 1024;
/// A `kid`. Thumbprints have 43 to 86 characters, ARNs and URLs somewhat more.
pub const KID_BYTES: usize = 512;
/// A JWK Set document. The largest in the field, with certificate chains, have some 30 KB.
pub const JWK_SET_BYTES: usize = 128 * 1024;
/// One JWK document. An RSA key with 4,096 bits and a certificate chain stays below.
pub const JWK_BYTES: usize = 32 * 1024;
/// Keys of a JWK Set that are looked at. Providers publish two to ten.
pub const JWK_SET_KEYS: usize = 64;
/// Bits of an RSA modulus: RFC 7518 section 3.3 asks for 2,048; above 8,192 verification is a cost attack.
pub const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
/// Names in an `aud` array.
pub const AUDIENCES: usize = 64;
/// The last second of the year 9999. A larger `NumericDate` is a count of milliseconds or an attack.
pub const LATEST_DATE: i64 = 253_402_300_799;
