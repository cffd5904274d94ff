//! Fe26.2 seals, as iron-webcrypto and iron-session make them: encrypted, authenticated text under a password.
//!
//! ```text
//! Fe26.2*<password id>*<encryption salt>*<iv>*<ciphertext>*<expiration, ms>*<HMAC salt>*<HMAC digest>[~2]
//! ```
//!
//! Each salt is 64 hexadecimal characters that are used *as text*. Keys: PBKDF2-HMAC-SHA1, one iteration, 32 bytes; one key
//! for AES-256-CBC, one for HMAC-SHA256 over everything before the HMAC salt. That one iteration is the format's, so a
//! password must be random, not memorable.
//!
//! The seal names its password by id; expiry is looked at only after the digest was right.
//!
//! ```
//! use edgeward::base::{Entropy, Secret};
//! use edgeward::iron::{self, Passwords};
//!
//! let passwords = Passwords::single(Secret::new("a password of at least 32 characters"))?;
//! let sealed = iron::seal(br#"{"user":"ann"}"#, &passwords, Some(2_000_000), &mut Entropy::from_seed([3; 32]))?;
//! let unsealed = iron::unseal(&sealed, &passwords, 1_999_999)?;
//! assert_eq!(unsealed.payload, br#"{"user":"ann"}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod crypto;
mod passwords;

use std::fmt;

use crate::base::{Entropy, base64url, limits};
pub use passwords::{PasswordError, Passwords};

/// What every seal begins with: format and version.
const PREFIX: &str = "Fe26.2";
/// What iron-session appends: the version of its own wrapping.
const SESSION_VERSION: &str = "2";
/// A salt: 256 bits in hexadecimal.
const SALT_CHARS: usize = 64;
/// Digits of an expiration in milliseconds; sixteen reach beyond any date of JavaScript.
const EXPIRATION_DIGITS: usize = 16;
/// How long after its expiration a seal still opens: the library's allowance for skewed clocks, in milliseconds.
const SKEW_MS: u64 = 60_000;

/// Why a seal was not opened. A client must not learn which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsealError {
    /// Longer than what one request may bring into cryptography.
    #[error("the seal is too large")]
    TooLarge,
    /// Not the eight fields, or a field that no library writes.
    #[error("the seal is malformed")]
    Malformed,
    /// No password with the id that the seal names.
    #[error("the seal names an unknown password")]
    UnknownPassword,
    /// Wrong password, or any byte was changed.
    #[error("the seal did not open")]
    DigestMismatch,
    /// Authentic, but its time is over.
    #[error("the seal has expired")]
    Expired,
}

impl UnsealError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "iron.too_large",
            Self::Malformed => "iron.malformed",
            Self::UnknownPassword => "iron.unknown_password",
            Self::DigestMismatch => "iron.digest_mismatch",
            Self::Expired => "iron.expired",
        }
    }
}

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The seal would be longer than [`unseal`] accepts.
    #[error("the seal would be too large")]
    TooLarge,
    /// The expiration lies beyond any date of JavaScript, and [`unseal`] would refuse it.
    #[error("the expiration is out of range")]
    Expiration,
}

impl SealError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "iron.too_large",
            Self::Expiration => "iron.expiration",
        }
    }
}

/// What a seal held. Its digest was right and its time is not over.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsealed {
    /// The sealed text: JSON, where iron-session made it.
    pub payload: Vec<u8>,
    /// When the seal expires, in milliseconds since the epoch; `None` for a seal without end.
    pub expires_at_ms: Option<u64>,
    /// Whether the seal ended in `~2`, as iron-session's do; a bare seal is the work of another program.
    pub by_iron_session: bool,
}

impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealed")
            .field("expires_at_ms", &self.expires_at_ms)
            .finish_non_exhaustive()
    }
}

/// Opens a seal at `now_ms` milliseconds since the epoch.
///
/// Accepted are a bare seal and one that ends in `~2`. Lengths are checked before anything is decoded, the digest before
/// anything is decrypted or the expiration believed.
///
/// # Errors
/// [`UnsealError`].
pub fn unseal(seal: &str, passwords: &Passwords, now_ms: u64) -> Result<Unsealed, UnsealError> {
    use UnsealError::{DigestMismatch, Expired, Malformed};

    if seal.len() > limits::CRYPTO_BYTES {
        return Err(UnsealError::TooLarge);
    }
    let (seal, by_iron_session) = match seal.split_once('~') {
        None => (seal, false),
        Some((seal, SESSION_VERSION)) => (seal, true),
        Some(_) => return Err(Malformed),
    };
    let fields = split(seal).ok_or(Malformed)?;
    let [
        PREFIX,
        password_id,
        salt,
        iv,
        ciphertext,
        expiration,
        mac_salt,
        digest,
    ] = fields
    else {
        return Err(Malformed);
    };
    if !is_salt(salt) || !is_salt(mac_salt) {
        return Err(Malformed);
    }
    let expires_at_ms = parse_expiration(expiration).ok_or(Malformed)?;
    let iv: [u8; 16] = decode(iv)?.try_into().map_err(|_| Malformed)?;
    let mac = decode(digest)?;
    let ciphertext = decode(ciphertext)?;
    if mac.len() != 32 || ciphertext.is_empty() || !ciphertext.len().is_multiple_of(16) {
        return Err(Malformed);
    }
    let password = passwords.find(password_id).ok_or(UnsealError::UnknownPassword)?;

    // Everything before the last two fields and the star between them.
    let sealed_len = seal.len().saturating_sub(SALT_CHARS + 2 + digest.len());
    let sealed = seal.get(..sealed_len).ok_or(Malformed)?;
    if !crypto::verify(password, mac_salt, sealed, &mac) {
        return Err(DigestMismatch);
    }
    if expires_at_ms.is_some_and(|at| at.saturating_add(SKEW_MS) <= now_ms) {
        return Err(Expired);
    }
    let payload = crypto::decrypt(password, salt, &iv, ciphertext).ok_or(DigestMismatch)?;
    Ok(Unsealed {
        payload,
        expires_at_ms,
        by_iron_session,
    })
}

/// Seals a payload with the first password until `expires_at_ms` (milliseconds since the epoch; `None`: without end), in
/// iron-session's wrapping.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    payload: &[u8],
    passwords: &Passwords,
    expires_at_ms: Option<u64>,
    entropy: &mut Entropy,
) -> Result<String, SealError> {
    let length = (payload.len() + 16).div_ceil(3).saturating_mul(4) + 320;
    if length > limits::CRYPTO_BYTES {
        return Err(SealError::TooLarge);
    }
    let expiration = expires_at_ms
        .filter(|at| *at > 0)
        .map_or_else(String::new, |at| at.to_string());
    if expiration.len() > EXPIRATION_DIGITS {
        return Err(SealError::Expiration);
    }
    let (password_id, password) = passwords.first();
    let (salt, mac_salt) = (hex(&entropy.draw()), hex(&entropy.draw()));
    let iv = entropy.draw();
    let ciphertext = crypto::encrypt(password, &salt, &iv, payload);
    let mut seal = String::with_capacity(length);

    let (iv, ciphertext) = (base64url::encode(iv), base64url::encode(ciphertext));
    for field in [PREFIX, password_id, &salt, &iv, &ciphertext, &expiration] {
        seal.push_str(field);
        seal.push('*');
    }
    seal.pop();
    let mac = base64url::encode(crypto::mac(password, &mac_salt, &seal));
    for field in ["*", &mac_salt, "*", &mac, "~", SESSION_VERSION] {
        seal.push_str(field);
    }
    Ok(seal)
}

/// The id of the password that a seal names, to choose a recipe; nothing about the seal is checked.
#[must_use]
pub fn peek_password_id(seal: &str) -> Option<&str> {
    seal.strip_prefix(PREFIX)?
        .strip_prefix('*')?
        .split_once('*')
        .map(|(id, _)| id)
}

/// Exactly eight fields; the search stops at the first one too many.
fn split(seal: &str) -> Option<[&str; 8]> {
    let mut fields = [""; 8];
    let mut rest = seal.splitn(9, '*');
    for field in &mut fields {
        *field = rest.next()?;
    }
    rest.next().is_none().then_some(fields)
}

fn is_salt(text: &str) -> bool {
    text.len() == SALT_CHARS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Empty, or a decimal count of milliseconds without leading zero.
fn parse_expiration(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    let decimal = text.len() <= EXPIRATION_DIGITS
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit());
    if decimal {
        text.parse().ok().map(Some)
    } else {
        None
    }
}

fn decode(text: &str) -> Result<Vec<u8>, UnsealError> {
    base64url::decode(text).map_err(|_| UnsealError::Malformed)
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
