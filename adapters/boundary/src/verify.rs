//! `Effect::Verify` answered inside wasm, where a host has no WebCrypto or its user wants none: feature `verify-in-wasm`.

use crate::buffer::{Call, Input};
use crate::frame::FrameError;

/// Whether the signature in the buffer is good. The text is `alg`, the public JWK, and how many bytes of the body were
/// signed; the rest of the body is the signature. What has no reading is no good signature (semantics 10.1).
pub fn verify(buffer: &mut Input, call: Call) -> bool {
    read(buffer, call).unwrap_or(false)
}

fn read(buffer: &mut Input, call: Call) -> Result<bool, FrameError> {
    let read = buffer.read(call)?;
    let mut fields = read.fields()?;
    let (alg, jwk, split): (_, _, usize) = (fields.text()?, fields.text()?, fields.number()?);
    fields.end()?;
    let (signed, signature) = read.body.split_at_checked(split).ok_or(FrameError::Short)?;
    Ok(edgeward_verifier::good(alg, jwk, signed, signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::buffer::tests::write;
    use edgeward::base::base64url;

    /// RFC 7515, appendix A.3.
    const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const SIGNED: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    #[test]
    fn a_signature_in_the_buffer() {
        let split = SIGNED.len().to_string();
        let body = [SIGNED.as_bytes(), &base64url::decode(SIGNATURE).unwrap()].concat();
        let rows: &[(&str, [&str; 3], &[u8], bool)] = &[
            ("as it is", ["ES256", JWK, &split], &body, true),
            ("another algorithm", ["ES384", JWK, &split], &body, false),
            ("none", ["none", JWK, &split], &body, false),
            ("a MAC with the public key", ["HS256", JWK, &split], &body, false),
            ("no key", ["ES256", "{}", &split], &body, false),
            (
                "another text",
                ["ES256", JWK, &split],
                &[b"f", &body[1..]].concat(),
                false,
            ),
            (
                "a signature cut short",
                ["ES256", JWK, &split],
                &body[..body.len() - 1],
                false,
            ),
            ("a split beyond the body", ["ES256", JWK, "99999"], &body, false),
            ("a split that is no number", ["ES256", JWK, "-1"], &body, false),
        ];
        for (why, text, body, wanted) in rows {
            let mut buffer = Input::new();
            let told = write(&mut buffer, 1, &text.join("\0"), body, 0.0);
            assert_eq!(verify(&mut buffer, told), *wanted, "{why}");
        }
    }
}
