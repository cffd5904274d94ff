//! Public keys in PEM: `SubjectPublicKeyInfo` (RFC 5280 section 4.1, RFC 8017 A.1.1, RFC 5480, RFC 8410), and nothing else.

use crate::base::base64url;
use crate::jose::Jwk;
use crate::session::encoding::decode_pem_body;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;

const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
const ED25519: &[u8] = &[0x2B, 0x65, 0x70];
/// Curve, its name in JOSE, the bytes of a coordinate.
const CURVES: [(&[u8], &str, usize); 3] = [
    (&[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], "P-256", 32),
    (&[0x2B, 0x81, 0x04, 0x00, 0x22], "P-384", 48),
    (&[0x2B, 0x81, 0x04, 0x00, 0x23], "P-521", 66),
];

/// Parses one key. Line breaks may be written as `\n`, as they stand in variables of a host.
pub(super) fn parse(text: &str) -> Option<Jwk> {
    let text = text.replace("\\n", "\n");
    let body = text.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
    let der = decode_pem_body(body)?;
    let (spki, []) = element(SEQUENCE, &der)? else {
        return None;
    };
    let (algorithm, rest) = element(SEQUENCE, spki)?;
    let (key, []) = element(BIT_STRING, rest)? else {
        return None;
    };
    let (0, key) = key.split_first().map(|(unused, key)| (*unused, key))? else {
        return None;
    };
    let (kind, parameters) = element(OID, algorithm)?;
    Jwk::parse(&match kind {
        RSA => rsa(key)?,
        EC => ec(parameters, key)?,
        ED25519 => format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url::encode(key)),
        _ => return None,
    })
    .ok()
}

fn rsa(key: &[u8]) -> Option<String> {
    let (numbers, []) = element(SEQUENCE, key)? else {
        return None;
    };
    let (n, rest) = element(INTEGER, numbers)?;
    let (e, []) = element(INTEGER, rest)? else {
        return None;
    };
    let plain = |number: &[u8]| match number {
        [0, rest @ ..] => base64url::encode(rest),
        number => base64url::encode(number),
    };
    Some(format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, plain(n), plain(e)))
}

fn ec(parameters: &[u8], key: &[u8]) -> Option<String> {
    let (curve, []) = element(OID, parameters)? else {
        return None;
    };
    let (_, name, length) = CURVES.iter().find(|(oid, ..)| *oid == curve)?;
    // Uncompressed points only (RFC 5480 section 2.2).
    let point = key.strip_prefix(&[4])?;
    let (x, y) = point.split_at_checked(*length)?;
    let (x, y) = (base64url::encode(x), base64url::encode(y));
    Some(format!(r#"{{"kty":"EC","crv":"{name}","x":"{x}","y":"{y}"}}"#))
}

/// The content of a DER element with this tag, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    let (length, rest) = match *first {
        short @ 0..=0x7F => (usize::from(short), rest),
        0x81 => rest.split_first().map(|(n, rest)| (usize::from(*n), rest))?,
        0x82 => match rest {
            [high, low, rest @ ..] => (usize::from(*high) << 8 | usize::from(*low), rest),
            _ => return None,
        },
        _ => return None,
    };
    rest.split_at_checked(length)
}
