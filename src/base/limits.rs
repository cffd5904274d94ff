//! Every bound in one place, each with its reason: nothing a client sends allocates without bound or loops.

/// Path and query of a request target. Above every server's default (8 KB), far below what hurts.
pub const TARGET_BYTES: usize = 16 * 1024;
/// All `Cookie` header bytes of a request. Workers pass 128 KB of heads; more than this is no browser.
pub const COOKIE_HEADER_BYTES: usize = 64 * 1024;
/// Cookie pairs that are looked at. Browsers keep at most 180 for a site.
pub const COOKIE_PAIRS: usize = 256;
/// Values of one session name that are opened (semantics 4.1).
pub const VALUES_PER_NAME: usize = 4;
/// Bytes that go into cryptography for one request (semantics 4.6).
pub const CRYPTO_BYTES: usize = 64 * 1024;
/// Keys tried for one request (semantics 4.6).
pub const TRIAL_OPENS: usize = 12;
/// Chunks of one cookie: 8 × 4 KB is above every library's own maximum that fits a header.
pub const COOKIE_CHUNKS: usize = 8;
/// The sealed session cookie, name and attributes excluded (design section 5).
pub const SESSION_COOKIE_BYTES: usize = 3_584;
/// Fetches that one request may ask for before its decision (design section 3). Cryptographic effects are bounded by
/// [`TRIAL_OPENS`] and [`CRYPTO_BYTES`].
pub const FETCHES_PER_REQUEST: u8 = 3;
/// A `return_to` (semantics 1.13).
pub const RETURN_TO_BYTES: usize = 2_048;
/// A whoami answer. Kratos sends a few KB; 5 MB of JSON is an attack or a fault.
pub const WHOAMI_BODY_BYTES: usize = 256 * 1024;
/// How long whoami may take before the request is decided without it.
pub const WHOAMI_TIMEOUT_MS: u32 = 5_000;
/// How long an issuer may take to send its key set; jose's own client waits as long.
pub const JWKS_TIMEOUT_MS: u32 = 5_000;
/// How long the identity server or the origin may take to its response head.
pub const HEAD_TIMEOUT_MS: u32 = 30_000;
/// Flow JSON that is read so that its URLs can be rewritten. Flows are 5-50 KB.
pub const REWRITE_BODY_BYTES: usize = 1024 * 1024;
/// Whoami calls under way at once in one isolate (semantics 6.2).
pub const WHOAMI_IN_FLIGHT: usize = 32;
/// Refusals by whoami that are remembered, and for how many seconds (semantics 6.2).
pub const REFUSALS: usize = 1_024;
/// Seconds for which a refusal by whoami is remembered.
pub const REFUSAL_SECS: i64 = 15;
/// Opened sessions that are remembered in an isolate: 512 × about 1 KB.
pub const MEMO_ENTRIES: usize = 512;
/// Whoami verdicts that wait for the next request of their visitor.
pub const VERDICTS: usize = 512;
/// Pairs in the tombstone cookie (semantics 5.2).
pub const TOMBSTONES: usize = 4;
/// `Set-Cookie` lines that one answer spends on expiring a name at every scope it may live in (semantics 4.1).
pub const EXPIRY_LINES: usize = 48;
/// Bytes of those lines together: servers and proxies cut response heads at 8 to 16 KB.
pub const EXPIRY_BYTES: usize = 6 * 1024;
/// Name and value of a cookie: browsers drop what is larger (RFC 6265bis section 5.6).
pub const COOKIE_BYTES: usize = 4_096;
/// An attribute value of a cookie: browsers ignore what is longer (RFC 6265bis section 5.6).
pub const COOKIE_ATTRIBUTE_BYTES: usize = 1_024;
/// Fields of a request head. Browsers send 15 to 40 and platforms add 20; above this the gate answers 431.
pub const HEADER_FIELDS: usize = 512;
/// Options of `Connection` that are obeyed. Real ones are one to three.
pub const CONNECTION_OPTIONS: usize = 32;
