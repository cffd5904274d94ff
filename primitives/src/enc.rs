//! The `enc` registry (RFC 7518 section 5.1).

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
    /// # use edgeward_primitives::enc::Enc;
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
