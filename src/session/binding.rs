//! Which upstream session a sealed copy stands for.

use edgeward_primitives::digest;
use subtle::ConstantTimeEq;

use crate::base::base64url;

/// `bnd`: the first 16 bytes of SHA-256(cookie name, 0x00, cookie value) of the identity server's session cookie.
#[derive(Clone, Copy)]
pub struct Binding([u8; 16]);

impl Binding {
    /// The binding of an upstream session cookie.
    #[must_use]
    pub fn of(cookie_name: &str, cookie_value: &str) -> Self {
        let digest = digest::sha256(&[cookie_name.as_bytes(), b"\0", cookie_value.as_bytes()]);
        Self(digest::first(&digest))
    }

    /// Decodes the claim.
    #[must_use]
    pub fn decode(claim: &str) -> Option<Self> {
        base64url::decode(claim).ok()?.try_into().ok().map(Self)
    }

    /// The claim.
    #[must_use]
    pub fn encode(self) -> String {
        base64url::encode(self.0)
    }

    /// The bytes, as a key into tables.
    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl PartialEq for Binding {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Binding {}

impl std::hash::Hash for Binding {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Binding(..)")
    }
}
