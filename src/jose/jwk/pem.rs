//! Public keys in PEM: `SubjectPublicKeyInfo` (RFC 5280 section 4.1, RFC 7468 section 13) as a JWK.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Jwk, JwkError};
use crate::base::{base64url, json};
use crate::jose::limits;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// DER tags (X.690 section 8).
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// Object identifiers, content octets: rsaEncryption, ecPublicKey, id-Ed25519 (RFC 3279, RFC 5480, RFC 8410).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
/// The named curves with their JOSE names (RFC 5480 section 2.1.1.1).
const CURVES: [(&[u8], &str); 3] = [
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], "P-256"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "P-384"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521"),
];

impl Jwk {
    /// Parses a public key in PEM (`-----BEGIN PUBLIC KEY-----`). Line breaks may be missing, or be written `\n`, as
    /// environment variables have them. The key has neither `kid` nor `alg`.
    ///
    /// # Errors
    /// [`JwkError`]; [`JwkError::Private`] for a private key, [`JwkError::Unsupported`] for a certificate or another type.
    ///
    /// ```
    /// # use edgeward::jose::Jwk;
    /// let pem = "-----BEGIN PUBLIC KEY-----MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=-----END PUBLIC KEY-----";
    /// assert_eq!(Jwk::from_pem(pem)?.thumbprint_sha256(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), edgeward::jose::jwk::JwkError>(())
    /// ```
    pub fn from_pem(pem: &str) -> Result<Self, JwkError> {
        if pem.len() > limits::JWK_BYTES {
            return Err(JwkError::TooLarge);
        }
        if pem.contains("PRIVATE KEY-----") {
            return Err(JwkError::Private);
        }
        let pem = pem.replace("\\n", "\n");
        let body = pem.trim().strip_prefix(BEGIN).ok_or(JwkError::Unsupported)?;
        let body = body.strip_suffix(END).ok_or(JwkError::Malformed)?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| JwkError::Malformed)?;
        Self::from_members(&public_key(&der)?)
    }
}

/// `SubjectPublicKeyInfo` as the members of a JWK; lengths are checked where members are read.
fn public_key(der: &[u8]) -> Result<Map<String, Value>, JwkError> {
    let mut outer = Der(der);
    let mut info = Der(outer.take(SEQUENCE)?);
    outer.end()?;
    let mut algorithm = Der(info.take(SEQUENCE)?);
    let (unused_bits, key) = info.take(BIT_STRING)?.split_first().ok_or(JwkError::Malformed)?;
    info.end()?;
    if *unused_bits != 0 {
        return Err(JwkError::Malformed);
    }
    let members = match algorithm.take(OBJECT_IDENTIFIER)? {
        RSA => {
            if !algorithm.take(NULL)?.is_empty() {
                return Err(JwkError::Malformed);
            }
            let mut outer = Der(key);
            let mut numbers = Der(outer.take(SEQUENCE)?);
            outer.end()?;
            let (n, e) = (numbers.unsigned()?, numbers.unsigned()?);
            numbers.end()?;
            vec![
                ("kty", "RSA".to_owned()),
                ("n", base64url::encode(n)),
                ("e", base64url::encode(e)),
            ]
        }
        EC => {
            let named = algorithm.take(OBJECT_IDENTIFIER)?;
            let (_, crv) = CURVES
                .iter()
                .find(|(oid, _)| *oid == named)
                .ok_or(JwkError::Unsupported)?;
            // Only the uncompressed form: a point is two coordinates after a four.
            let point = key.strip_prefix(&[4]).ok_or(JwkError::Unsupported)?;
            let (x, y) = point
                .split_at_checked(point.len() / 2)
                .ok_or(JwkError::Malformed)?;
            vec![
                ("kty", "EC".to_owned()),
                ("crv", (*crv).to_owned()),
                ("x", base64url::encode(x)),
                ("y", base64url::encode(y)),
            ]
        }
        ED25519 => {
            vec![
                ("kty", "OKP".to_owned()),
                ("crv", "Ed25519".to_owned()),
                ("x", base64url::encode(key)),
            ]
        }
        _ => return Err(JwkError::Unsupported),
    };
    algorithm.end()?;
    Ok(json::members(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::String(value))),
    ))
}

/// What is left of a DER encoding.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, which must have this tag and a length in its shortest form.
    fn take(&mut self, tag: u8) -> Result<&'a [u8], JwkError> {
        let (found, rest) = self.0.split_first().ok_or(JwkError::Malformed)?;
        let (length, rest) = match *rest {
            [short @ 0..=0x7f, ref rest @ ..] => (usize::from(short), rest),
            [0x81, long @ 0x80..=0xff, ref rest @ ..] => (usize::from(long), rest),
            [0x82, high @ 1..=0xff, low, ref rest @ ..] => (usize::from(high) << 8 | usize::from(low), rest),
            _ => return Err(JwkError::Malformed),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(JwkError::Malformed)?;
        self.0 = rest;
        if *found == tag {
            Ok(content)
        } else {
            Err(JwkError::Malformed)
        }
    }

    /// A positive integer without its sign octet.
    fn unsigned(&mut self) -> Result<&'a [u8], JwkError> {
        match self.take(INTEGER)? {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Ok(rest),
            content @ [1..=0x7f, ..] => Ok(content),
            _ => Err(JwkError::Malformed),
        }
    }

    const fn end(&self) -> Result<(), JwkError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(JwkError::Malformed)
        }
    }
}
