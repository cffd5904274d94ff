//! Encodings that libraries put around a value.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::base::Timestamp;

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

/// Standard base64 with or without padding, white space dropped: the body of a PEM.
pub(crate) fn decode_pem_body(text: &str) -> Option<Vec<u8>> {
    let body: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD_NO_PAD.decode(body.trim_end_matches('=')).ok()
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

/// The date that JavaScript's `toISOString` and Go's RFC 3339 write in UTC: `2027-01-15T08:00:00.000Z`; fractions are cut.
pub(crate) fn parse_iso_date(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = match time.split_once('.') {
        Some((time, fraction)) if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) => {
            time
        }
        Some(_) => return None,
        None => time,
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_of_month = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year < 1970 || !(1..=days_of_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years are counted from March, so that a leap day comes last.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 - 719_469 + day;
    Some(Timestamp::from_secs(
        ((days * 24 + hour) * 60 + minute) * 60 + second,
    ))
}

fn numbers(text: &str, joint: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(joint);
    let mut out = [0; 3];
    for (slot, width) in out.iter_mut().zip(widths) {
        let part = parts
            .next()
            .filter(|part| part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))?;
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_exactly_or_not_at_all() {
        for (text, secs) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T00:00:00.000Z", Some(951_782_400)),
            ("2027-01-15T08:00:00.123456789Z", Some(1_800_000_000)),
            ("2027-02-29T00:00:00Z", None),
            ("2027-01-15T08:00:00", None),
            ("2027-01-15T08:00:00.Z", None),
            ("2027-01-15T08:00:00+01:00", None),
            ("2027-01-15T24:00:00Z", None),
            ("+027-01-15T08:00:00Z", None),
            ("2027-1-15T08:00:00Z", None),
            ("", None),
        ] {
            assert_eq!(parse_iso_date(text), secs.map(Timestamp::from_secs), "{text}");
        }
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
