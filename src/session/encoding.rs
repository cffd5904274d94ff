//! Encodings that libraries put around a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What `decodeURIComponent` makes of a text: `+` stays, a malformed escape or invalid UTF-8 is nothing.
pub(crate) fn decode_component(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// Standard base64 (RFC 4648 section 4), padded, strict.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Standard base64, padded.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What `encodeURIComponent` makes of a text, but for the bytes of `keep`.
pub(crate) fn encode_component(text: &str, keep: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_encode_as_in_javascript() {
        assert_eq!(
            encode_component("ann b+c@x.io/é", b"+"),
            "ann%20b+c%40x.io%2F%C3%A9"
        );
    }

    #[test]
    fn components_decode_as_in_javascript() {
        for (text, want) in [
            ("a+b", Some("a+b")),
            ("%2B%c3%A9", Some("+é")),
            ("%", None),
            ("%2", None),
            ("%zz", None),
            ("%ff", None),
            ("", Some("")),
        ] {
            assert_eq!(decode_component(text).as_deref(), want, "{text}");
        }
    }
}
