//! Answers [`edgeward::step::Effect::Verify`] without WebCrypto: jwt-simple, and P-521 beside it.
//!
//! For native programs and tests; in wasm WebCrypto is faster and costs no bytes, so there it is behind the Cargo feature
//! `verify-in-wasm` of the hosts. Whatever is wrong with key, algorithm or signature, the answer is "no" (semantics 10.1).

use edgeward::base::base64url;
use edgeward::step::Verify;
use jwt_simple::prelude::*;
use p521::ecdsa::signature::Verifier as _;
use serde_json::Value;

/// Whether the signature is good.
#[must_use]
pub fn verify(asked: &Verify) -> bool {
    good(asked.alg, &asked.key.jwk, &asked.signing_input, &asked.signature)
}

/// The same from its parts: a JWA name, a public JWK as JSON, the signed bytes, the raw signature (RFC 7515 section 5.2).
///
/// ```
/// // RFC 7515, appendix A.3.
/// let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
/// let signed = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
/// let signature = edgeward::base::base64url::decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q").unwrap();
/// assert!(edgeward_verifier::good("ES256", jwk, signed.as_bytes(), &signature));
/// assert!(!edgeward_verifier::good("ES256", jwk, &signed.as_bytes()[1..], &signature));
/// assert!(!edgeward_verifier::good("ES384", jwk, signed.as_bytes(), &signature));
/// assert!(!edgeward_verifier::good("HS256", jwk, signed.as_bytes(), &signature));
/// ```
#[must_use]
pub fn good(alg: &str, jwk: &str, signed: &[u8], signature: &[u8]) -> bool {
    if alg == "ES512" {
        return p521(jwk, signed, signature).unwrap_or(false);
    }
    let Ok(signed) = std::str::from_utf8(signed) else {
        return false;
    };
    let token = [signed, ".", &base64url::encode(signature)].concat();
    by_key(alg, jwk, &token)
}

fn by_key(alg: &str, jwk: &str, token: &str) -> bool {
    // The core judges the claims; here only the signature counts. A fixed time, since wasm has no clock of its own.
    let options = Some(VerificationOptions {
        accept_future: true,
        artificial_time: Some(UnixTimeStamp::from_secs(MIDDLE)),
        time_tolerance: Some(Duration::from_secs(MIDDLE)),
        max_token_length: Some(token.len()),
        max_header_length: Some(token.len()),
        ..VerificationOptions::default()
    });
    macro_rules! by {
        ($key:ty) => {
            <$key>::from_jwk(jwk)
                .and_then(|key| key.verify_token::<NoCustomClaims>(token, options))
                .is_ok()
        };
    }
    match alg {
        "RS256" => by!(RS256PublicKey),
        "RS384" => by!(RS384PublicKey),
        "RS512" => by!(RS512PublicKey),
        "PS256" => by!(PS256PublicKey),
        "PS384" => by!(PS384PublicKey),
        "PS512" => by!(PS512PublicKey),
        "ES256" => by!(ES256PublicKey),
        "ES384" => by!(ES384PublicKey),
        "EdDSA" => by!(Ed25519PublicKey),
        _ => false,
    }
}

/// Seconds since the epoch, far from every token that is made, with a tolerance as large: no time is ever wrong.
const MIDDLE: u64 = 4_000_000_000;

fn p521(jwk: &str, signed: &[u8], signature: &[u8]) -> Option<bool> {
    let jwk: Value = serde_json::from_str(jwk).ok()?;
    let coordinate = |name: &str| base64url::decode(jwk.get(name)?.as_str()?).ok();
    let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
    let signature = p521::ecdsa::Signature::from_slice(signature).ok()?;
    Some(key.verify(signed, &signature).is_ok())
}
