//! Compact JWE with direct encryption (RFC 7516 section 7.1, RFC 7518 sections 4.5, 5.2 and 5.3).
//!
//! The key says which `enc` it is for; the token's own `enc` is only compared with it. There is no other `alg` than `dir`,
//! no `zip`, no PBES2, no `crit`.

mod error;
mod key;

use std::fmt;

use super::compact::split;
use super::header::{self, Header, Protected};
use super::{Unverified, limits};
use crate::base::{Entropy, base64url};
pub use edgeward_primitives::enc::Enc;
pub use error::{KeyError, OpenError, SealError};
pub use key::{Detached, Key};

/// A compact JWE whose header was decoded. Choose the key from [`Self::header`], then [`Self::open`].
#[derive(Debug)]
pub struct Jwe<'a> {
    header: Unverified<Header>,
    /// The header as received: the additional authenticated data.
    aad: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

/// What a JWE held. Its authenticator was right; its claims are not yet validated.
#[derive(Clone)]
pub struct Opened {
    /// The protected header.
    pub header: Header,
    /// The plaintext.
    pub plaintext: Vec<u8>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(..)")
    }
}

/// Splits a compact JWE and decodes its header; nothing else is decoded yet.
///
/// # Errors
/// [`OpenError`] for a token whose shape or header no key can mend.
pub fn decode(compact: &str) -> Result<Jwe<'_>, OpenError> {
    if compact.len() > limits::COMPACT_BYTES {
        return Err(OpenError::TooLarge);
    }
    let [aad, "", iv, ciphertext, tag] = split::<5>(compact).ok_or(OpenError::Malformed)? else {
        return Err(OpenError::Malformed);
    };
    let header = header::decode_part(aad)?;
    if header.peek().alg() != "dir" {
        return Err(OpenError::AlgorithmNotAllowed);
    }
    Ok(Jwe {
        header,
        aad,
        iv,
        ciphertext,
        tag,
    })
}

impl Jwe<'_> {
    /// The header, to choose the key from.
    #[must_use]
    pub const fn header(&self) -> &Unverified<Header> {
        &self.header
    }

    /// Authenticates and decrypts.
    ///
    /// # Errors
    /// [`OpenError`]; the same whether the key is wrong or any byte was changed.
    pub fn open(self, key: &Key) -> Result<Opened, OpenError> {
        self.try_open(key).map(|plaintext| Opened {
            header: self.header.verified(),
            plaintext,
        })
    }

    /// As [`Self::open`] with each key in turn; the caller bounds their number (semantics 4.6).
    ///
    /// # Errors
    /// The error of the last key, or [`OpenError::AlgorithmNotAllowed`] when there is none.
    pub fn open_with_any<'k>(self, keys: impl IntoIterator<Item = &'k Key>) -> Result<Opened, OpenError> {
        let mut outcome = Err(OpenError::AlgorithmNotAllowed);
        for key in keys {
            match self.try_open(key) {
                Ok(plaintext) => {
                    return Ok(Opened {
                        header: self.header.verified(),
                        plaintext,
                    });
                }
                // A key for another `enc` says nothing about the token.
                Err(OpenError::AlgorithmNotAllowed) => {}
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    fn try_open(&self, key: &Key) -> Result<Vec<u8>, OpenError> {
        if self.header.peek().enc() != Some(key.enc().as_str()) {
            return Err(OpenError::AlgorithmNotAllowed);
        }
        let decode = |part: &str| base64url::decode(part).map_err(|_| OpenError::Malformed);
        let sealed = Detached {
            iv: decode(self.iv)?,
            ciphertext: decode(self.ciphertext)?,
            tag: decode(self.tag)?,
        };
        key.open_detached(self.aad.as_bytes(), sealed)
    }
}

/// Opens a compact JWE with one key: [`decode`], then [`Jwe::open`].
///
/// # Errors
/// [`OpenError`].
///
/// ```
/// use edgeward::base::Entropy;
/// use edgeward::jose::{Protected, derive, jwe};
///
/// let key = derive::hkdf_sha256::<32>("a secret of at least 32 characters", "", "example session v1");
/// let key = jwe::Key::new(jwe::Enc::A256Gcm, *key)?;
/// let header = Protected::new(&[("alg", "dir"), ("enc", "A256GCM"), ("typ", "example+jwt"), ("kid", "k1")]);
/// let sealed = jwe::seal(&header, br#"{"sub":"ann"}"#, &key, &mut Entropy::from_seed([7; 32]))?;
///
/// let opened = jwe::open(&sealed, &key)?;
/// assert_eq!(opened.header.kid(), Some("k1"));
/// assert_eq!(opened.plaintext, br#"{"sub":"ann"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(compact: &str, key: &Key) -> Result<Opened, OpenError> {
    decode(compact)?.open(key)
}

/// Seals a plaintext under a protected header, with a fresh initialization vector.
///
/// # Errors
/// [`SealError`].
///
/// # Security
/// An [`Entropy`] value is never used for two requests: a repeated initialization vector gives GCM's key away.
pub fn seal(
    header: &Protected,
    plaintext: &[u8],
    key: &Key,
    entropy: &mut Entropy,
) -> Result<String, SealError> {
    if !header.is("dir", Some(key.enc().as_str())) {
        return Err(SealError::HeaderMismatch);
    }
    // Base64 of the parts, the dots, and one block of padding at most; before the work is done.
    let length = header.encoded().len() + (plaintext.len() + 16).div_ceil(3).saturating_mul(4) + 80;
    if length > limits::COMPACT_BYTES || header.encoded().len() > limits::HEADER_BYTES {
        return Err(SealError::TooLarge);
    }
    let Detached { iv, ciphertext, tag } =
        key.seal_detached(header.encoded().as_bytes(), plaintext, entropy)?;
    let mut compact = String::with_capacity(length);
    compact.push_str(header.encoded());
    compact.push('.');
    for part in [iv, ciphertext, tag] {
        compact.push('.');
        compact.push_str(&base64url::encode(part));
    }
    Ok(compact)
}
