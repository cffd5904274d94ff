//! The native host's half of `Effect::Verify`: jwt-simple, and P-521, which it does not have.

use edgeward::base::base64url;
use edgeward::step::Verify;
use jwt_simple::prelude::*;
use p521::ecdsa::signature::Verifier as _;
use serde_json::Value;

/// Whether the signature is good. Anything else that is wrong is "false" (semantics 10.1).
pub(crate) fn verify(asked: &Verify) -> bool {
    let jwk: Value = serde_json::from_str(&asked.key.jwk).unwrap();
    if asked.alg == "ES512" {
        return p521(&jwk, asked).unwrap_or(false);
    }
    let signature = base64url::encode(&asked.signature);
    let token = format!("{}.{signature}", String::from_utf8_lossy(&asked.signing_input));
    // The core judges the claims; here only the signature counts.
    let options = Some(VerificationOptions {
        accept_future: true,
        artificial_time: Some(UnixTimeStamp::from_secs(1_800_000_000)),
        time_tolerance: Some(Duration::from_days(20_000)),
        ..VerificationOptions::default()
    });
    macro_rules! by {
        ($key:ty) => {
            <$key>::from_jwk(&asked.key.jwk)
                .and_then(|key| key.verify_token::<NoCustomClaims>(&token, options))
                .is_ok()
        };
    }
    match asked.alg {
        "RS256" => by!(RS256PublicKey),
        "RS384" => by!(RS384PublicKey),
        "RS512" => by!(RS512PublicKey),
        "PS256" => by!(PS256PublicKey),
        "PS384" => by!(PS384PublicKey),
        "PS512" => by!(PS512PublicKey),
        "ES256" => by!(ES256PublicKey),
        "ES384" => by!(ES384PublicKey),
        "EdDSA" => by!(Ed25519PublicKey),
        other => panic!("{other} is no algorithm of the core"),
    }
}

fn p521(jwk: &Value, asked: &Verify) -> Option<bool> {
    let coordinate = |name: &str| base64url::decode(jwk[name].as_str()?).ok();
    let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
    let signature = p521::ecdsa::Signature::from_slice(&asked.signature).ok()?;
    Some(key.verify(&asked.signing_input, &signature).is_ok())
}
