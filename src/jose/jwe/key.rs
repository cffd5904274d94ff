//! Content encryption keys, and the algorithms without their envelope.

use std::fmt;

use edgeward_primitives::content::{self, ContentEncryption};

use super::{Enc, KeyError, OpenError, SealError};
use crate::base::Entropy;
use crate::jose::limits;

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

    /// Encrypts outside a JWE, for formats that use its algorithms in an envelope of their own, with a fresh
    /// initialization vector.
    ///
    /// # Errors
    /// [`SealError::TooLarge`] when the plaintext is longer than [`limits::COMPACT_BYTES`].
    ///
    /// # Security
    /// An [`Entropy`] value is never used for two requests: a repeated initialization vector gives GCM's key away.
    ///
    /// ```
    /// # use edgeward::{base::Entropy, jose::jwe};
    /// let key = jwe::Key::new(jwe::Enc::A256Gcm, [7; 32])?;
    /// let sealed = key.seal_detached(b"purpose", b"hello", &mut Entropy::from_seed([1; 32]))?;
    /// assert_eq!(key.open_detached(b"purpose", sealed)?, b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn seal_detached(
        &self,
        aad: &[u8],
        plaintext: &[u8],
        entropy: &mut Entropy,
    ) -> Result<Detached, SealError> {
        if plaintext.len() > limits::COMPACT_BYTES {
            return Err(SealError::TooLarge);
        }
        let drawn = entropy.draw::<16>();
        let iv = drawn.get(..self.enc.iv_len()).unwrap_or(&drawn).to_vec();
        let (ciphertext, tag) = self.cipher.seal(&iv, aad, plaintext).ok_or(SealError::TooLarge)?;
        Ok(Detached { iv, ciphertext, tag })
    }

    /// Authenticates and decrypts what [`Self::seal_detached`] makes.
    ///
    /// # Errors
    /// [`OpenError`]; the same whether the key is wrong or any byte was changed.
    pub fn open_detached(&self, aad: &[u8], sealed: Detached) -> Result<Vec<u8>, OpenError> {
        let Detached { iv, ciphertext, tag } = sealed;
        if iv.len() != self.enc.iv_len() || tag.len() != self.enc.tag_len() {
            return Err(OpenError::Malformed);
        }
        if ciphertext.len() > limits::COMPACT_BYTES {
            return Err(OpenError::TooLarge);
        }
        self.cipher
            .open(&iv, aad, ciphertext, &tag)
            .ok_or(OpenError::TagMismatch)
    }
}

/// A ciphertext beside its initialization vector and its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detached {
    /// The initialization vector: [`Enc::iv_len`] bytes.
    pub iv: Vec<u8>,
    /// The ciphertext.
    pub ciphertext: Vec<u8>,
    /// The authentication tag: [`Enc::tag_len`] bytes.
    pub tag: Vec<u8>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("enc", &self.enc)
            .finish_non_exhaustive()
    }
}
