//! Keys from secrets: HKDF with SHA-256 (RFC 5869), PBKDF2 with HMAC-SHA-1 (RFC 8018 section 5.2).

use hkdf::Hkdf;
use hmac::Hmac;
use sha1::Sha1;
use sha2::Sha256;

/// Extracts and expands into `out`, at most 8,160 bytes; whether it was. An empty salt is RFC 5869's salt of zeros.
#[must_use]
pub fn hkdf_sha256(secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> bool {
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, out).is_ok()
}

/// Expands a key that is uniformly random already (RFC 5869 section 3.3) into `out`, at most 8,160 bytes; whether it was.
#[must_use]
pub fn expand_sha256(key: &[u8; 32], info: &[u8], out: &mut [u8]) -> bool {
    Hkdf::<Sha256>::from_prk(key).is_ok_and(|key| key.expand(info, out).is_ok())
}

/// One round, which derives and does not stretch: for passwords that are keys already.
#[must_use]
pub fn pbkdf2_sha1_once(password: &[u8], salt: &[u8], out: &mut [u8]) -> bool {
    pbkdf2::pbkdf2::<Hmac<Sha1>>(password, salt, 1, out).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_hkdf_can_give_is_refused() {
        for (length, given) in [(0, true), (8_160, true), (8_161, false)] {
            let mut out = vec![0; length];
            assert_eq!(hkdf_sha256(b"secret", b"", b"", &mut out), given, "{length}");
            assert_eq!(expand_sha256(&[1; 32], b"", &mut out), given, "{length}");
        }
    }
}
