//! Keys from secrets: HKDF with SHA-256 (RFC 5869).

use edgeward_primitives::derive;
use zeroize::Zeroizing;

/// `N` bytes of key from a secret, a salt and a label. Text is its UTF-8 bytes, never hex or base64 decoded; an empty
/// salt is RFC 5869's salt of zeros. `N` is at most 8,160.
///
/// ```
/// # use edgeward::jose::derive;
/// // The key that next-auth 4 derives from this secret.
/// let key = derive::hkdf_sha256::<32>("test-secret-not-long", "", "NextAuth.js Generated Encryption Key");
/// assert_eq!(key[..4], [0xef, 0x10, 0xf8, 0xb4]);
/// ```
#[must_use]
pub fn hkdf_sha256<const N: usize>(
    secret: impl AsRef<[u8]>,
    salt: impl AsRef<[u8]>,
    info: impl AsRef<[u8]>,
) -> Zeroizing<[u8; N]> {
    const { assert!(N <= 255 * 32, "HKDF-SHA256 expands to at most 255 blocks") };
    let mut key = Zeroizing::new([0; N]);
    let expanded = derive::hkdf_sha256(secret.as_ref(), salt.as_ref(), info.as_ref(), &mut key[..]);
    debug_assert!(expanded, "bounded by the assertion above");
    key
}
