//! The gate's own sealed values: compact JWE, `dir` + `A256GCM`, one HKDF label per purpose and cookie name (semantics 3.1).

use serde_json::{Map, Value};

use super::SessionError;
use crate::base::{Entropy, Secret, base64url, json};
use crate::jose::{Protected, derive, jwe};

/// What a sealed value is for. Each purpose has its own label and `typ`: a value of one never opens as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The session.
    Session,
    /// What was signed out in this browser (semantics 5.2).
    Tombstone,
    /// The loop breaker's counter (semantics 11.1).
    Hops,
    /// The key of the signed assertion to the origin; signed, not sealed.
    Assertion,
}

impl Purpose {
    /// The HKDF `info`, before the cookie name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Session => "edgeward session v1",
            Self::Tombstone => "edgeward tombstone v1",
            Self::Hops => "edgeward hops v1",
            Self::Assertion => "edgeward assertion v1",
        }
    }

    /// The header's `typ`.
    #[must_use]
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Session => "edgeward-session+jwt",
            Self::Tombstone => "edgeward-tombstone+jwt",
            Self::Hops => "edgeward-hops+jwt",
            Self::Assertion => "edgeward-assertion+jwt",
        }
    }
}

/// The keys of one purpose and cookie name: the first seals, any opens, chosen by `kid` alone.
#[derive(Debug)]
pub struct KeyRing {
    purpose: Purpose,
    keys: Vec<Numbered>,
}

/// A key with what is said of it in a header.
#[derive(Debug)]
struct Numbered {
    kid: String,
    key: jwe::Key,
    header: Protected,
}

impl KeyRing {
    /// Derives the keys: HKDF-SHA256 of each secret with `<label>|<cookie name>`.
    ///
    /// The cookie name is in the label, so that a development value never opens in production.
    #[must_use]
    pub fn derive(secrets: &[Secret], purpose: Purpose, cookie_name: &str) -> Self {
        let info = [purpose.label(), "|", cookie_name].concat();
        let keys = secrets
            .iter()
            .filter_map(|secret| {
                let key = derive::hkdf_sha256::<32>(secret.expose(), "", &info);
                let kid = kid(secret);
                let header = Protected::new(&[
                    ("alg", "dir"),
                    ("enc", "A256GCM"),
                    ("typ", purpose.typ()),
                    ("kid", &kid),
                ]);
                let key = jwe::Key::new(jwe::Enc::A256Gcm, *key).ok()?;
                Some(Numbered { kid, key, header })
            })
            .collect();
        Self { purpose, keys }
    }

    /// Seals a claims set with the first key. `None` only when there is no key or the set is larger than any cookie.
    #[must_use]
    pub fn seal(&self, claims: &Map<String, Value>, entropy: &mut Entropy) -> Option<String> {
        let Numbered { key, header, .. } = self.keys.first()?;
        let plaintext = serde_json::to_vec(claims).ok()?;
        jwe::seal(header, &plaintext, key, entropy).ok()
    }

    /// Opens a value.
    ///
    /// # Errors
    /// `Malformed` when it is no value of this purpose, `Unopened` when no key is right.
    pub fn open(&self, value: &str) -> Result<Map<String, Value>, SessionError> {
        let token = jwe::decode(value).map_err(|_| SessionError::Malformed)?;
        let header = token.header().peek();
        if header.typ() != Some(self.purpose.typ()) {
            return Err(SessionError::Malformed);
        }
        let kid = header.kid().ok_or(SessionError::Malformed)?;
        let known = self.keys.iter().find(|known| known.kid == kid);
        let key = &known.ok_or(SessionError::Unopened)?.key;
        let opened = token.open(key).map_err(|_| SessionError::Unopened)?;
        json::object(&opened.plaintext).map_err(|_| SessionError::Malformed)
    }
}

/// The `kid` of a secret: it names the secret to nobody who does not have it.
#[must_use]
pub fn kid(secret: &Secret) -> String {
    base64url::encode(*derive::hkdf_sha256::<8>(secret.expose(), "", "edgeward kid v1"))
}
