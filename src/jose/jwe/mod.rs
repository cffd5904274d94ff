//! Compact JWE with direct encryption (RFC 7516 section 7.1, RFC 7518 sections 4.5, 5.2 and 5.3).
//!
//! The key says which `enc` it is for; the token's own `enc` is only compared with it. There is no other `alg` than `dir`,
//! no `zip`, no PBES2, no `crit`.

mod content;

use std::fmt;

use super::compact::split;
use super::header::{self, Header, HeaderError, Protected};
use super::{Unverified, limits};
use crate::base::{Entropy, base64url};
use content::ContentEncryption;

/// `enc`: a content encryption algorithm (RFC 7518 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Enc {
    /// AES-128 in GCM.
    A128Gcm,
    /// AES-192 in GCM.
    A192Gcm,
    /// AES-256 in GCM; Edgeward's own format.
    A256Gcm,
    /// AES-128 in CBC with HMAC-SHA-256.
    A128CbcHs256,
    /// AES-192 in CBC with HMAC-SHA-384.
    A192CbcHs384,
    /// AES-256 in CBC with HMAC-SHA-512.
    A256CbcHs512,
}

impl Enc {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::A128Gcm,
        Self::A192Gcm,
        Self::A256Gcm,
        Self::A128CbcHs256,
        Self::A192CbcHs384,
        Self::A256CbcHs512,
    ];

    /// Parses the registered name, exactly.
    ///
    /// ```
    /// # use edgeward::jose::jwe::Enc;
    /// assert_eq!(Enc::parse("A256GCM"), Some(Enc::A256Gcm));
    /// assert_eq!(Enc::parse("a256gcm"), None);
    /// ```
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|enc| enc.as_str() == name)
    }

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    /// The length of its key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// The length of its initialization vector in bytes.
    #[must_use]
    pub const fn iv_len(self) -> usize {
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => 12,
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => 16,
        }
    }

    /// The length of its authentication tag in bytes.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm | Self::A128CbcHs256 => 16,
            Self::A192CbcHs384 => 24,
            Self::A256CbcHs512 => 32,
        }
    }
}

/// A content encryption key, made ready once: key schedule and HMAC state are kept, and wiped when it is dropped.
pub struct Key {
    enc: Enc,
    cipher: Box<dyn ContentEncryption>,
}

impl Key {
    /// Makes a key ready for one `enc`.
    ///
    /// # Errors
    /// [`KeyError`] when the key has not exactly [`Enc::key_len`] bytes.
    pub fn new(enc: Enc, key: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let cipher = content::prepare(enc, key.as_ref()).ok_or(KeyError { enc })?;
        Ok(Self { enc, cipher })
    }

    /// The one algorithm that this key is for.
    #[must_use]
    pub const fn enc(&self) -> Enc {
        self.enc
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("enc", &self.enc)
            .finish_non_exhaustive()
    }
}

/// The key has the wrong length for its algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key for {} has {} bytes", enc.as_str(), enc.key_len())]
pub struct KeyError {
    enc: Enc,
}

impl KeyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "jwe.key_length"
    }
}

/// Why a JWE did not open. A client must not learn which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Longer than [`limits::COMPACT_BYTES`].
    #[error("the token is too large")]
    TooLarge,
    /// Not five base64url parts of possible lengths with an empty encrypted key.
    #[error("the token is malformed")]
    Malformed,
    /// The header was refused.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// `alg` is not `dir`, or `enc` is not what the key is for.
    #[error("the token names an algorithm that its key is not for")]
    AlgorithmNotAllowed,
    /// Wrong key, or a changed header, initialization vector, ciphertext or tag.
    #[error("the token did not open")]
    TagMismatch,
}

impl OpenError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "jwe.too_large",
            Self::Malformed => "jwe.malformed",
            Self::Header(error) => error.code(),
            Self::AlgorithmNotAllowed => "jwe.algorithm_not_allowed",
            Self::TagMismatch => "jwe.tag_mismatch",
        }
    }
}

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The header's `alg` is not `dir` or its `enc` is not what the key is for.
    #[error("the header names another algorithm than the key's")]
    HeaderMismatch,
    /// The token would be longer than [`open`] accepts.
    #[error("the token would be too large")]
    TooLarge,
}

impl SealError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HeaderMismatch => "jwe.header_mismatch",
            Self::TooLarge => "jwe.too_large",
        }
    }
}

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
        if self.header.peek().enc() != Some(key.enc.as_str()) {
            return Err(OpenError::AlgorithmNotAllowed);
        }
        let decode = |part: &str| base64url::decode(part).map_err(|_| OpenError::Malformed);
        let (iv, tag) = (decode(self.iv)?, decode(self.tag)?);
        if iv.len() != key.enc.iv_len() || tag.len() != key.enc.tag_len() {
            return Err(OpenError::Malformed);
        }
        let buffer = decode(self.ciphertext)?;
        key.cipher
            .open(&iv, self.aad.as_bytes(), buffer, &tag)
            .ok_or(OpenError::TagMismatch)
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
    if !header.is("dir", Some(key.enc.as_str())) {
        return Err(SealError::HeaderMismatch);
    }
    // Base64 of the parts, the dots, and one block of padding at most; before the work is done.
    let length = header.encoded().len() + (plaintext.len() + 16).div_ceil(3).saturating_mul(4) + 80;
    if length > limits::COMPACT_BYTES || header.encoded().len() > limits::HEADER_BYTES {
        return Err(SealError::TooLarge);
    }
    let drawn = entropy.draw::<16>();
    let iv = drawn.get(..key.enc.iv_len()).unwrap_or(&drawn);
    let (ciphertext, tag) = key
        .cipher
        .seal(iv, header.encoded().as_bytes(), plaintext)
        .ok_or(SealError::TooLarge)?;
    let mut compact = String::with_capacity(length);
    compact.push_str(header.encoded());
    compact.push('.');
    for part in [iv, &ciphertext, &tag] {
        compact.push('.');
        compact.push_str(&base64url::encode(part));
    }
    Ok(compact)
}
