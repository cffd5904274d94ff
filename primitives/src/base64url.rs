//! base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text is not base64url: a character outside the alphabet, padding, or stray trailing bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64url")]
pub struct Base64UrlError;

/// Encodes without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    encode_bytes(bytes.as_ref())
}

fn encode_bytes(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes; refuses padding, white space and non-canonical trailing bits.
///
/// # Errors
/// [`Base64UrlError`] for anything that [`encode`] does not write.
///
/// ```
/// # use edgeward_primitives::base64url;
/// assert_eq!(base64url::decode("aGk").as_deref(), Ok(&b"hi"[..]));
/// assert!(base64url::decode("aGk=").is_err());
/// ```
pub fn decode(text: impl AsRef<[u8]>) -> Result<Vec<u8>, Base64UrlError> {
    decode_bytes(text.as_ref())
}

fn decode_bytes(text: &[u8]) -> Result<Vec<u8>, Base64UrlError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Base64UrlError)
}
