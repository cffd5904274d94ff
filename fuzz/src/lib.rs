//! The fuzz targets. Each takes any bytes, must not panic, and checks a property where the input reaches one.
//!
//! - `cargo fuzz run <target> --features libfuzzer` (nightly, or stable with `--sanitizer none`): coverage-guided.
//! - `cargo run --bin smoke -- [seconds] [target …]`: the same functions on mutated vectors, with any toolchain.

mod envelopes;
mod formats;

pub use envelopes::{iron, json, jwe, jwk, jws, jwt};
pub use formats::formats;

/// One target: its name, its function, and where its seeds lie below `tests/vectors`.
pub struct Target {
    /// The name, which is also that of its binary.
    pub name: &'static str,
    /// The function under test.
    pub run: fn(&[u8]),
    /// Folders of seeds.
    pub seeds: &'static [&'static str],
    /// Seeds that are in no file.
    pub words: &'static [&'static str],
}

/// All targets; the smoke run goes through them in this order.
pub const TARGETS: &[Target] = &[
    Target {
        name: "jwe",
        run: jwe,
        seeds: &["ours/jwe", "jose-6.2.17", "rfc7520/jwe"],
        words: HEADERS,
    },
    Target {
        name: "jws",
        run: jws,
        seeds: &["ours/jws", "jose-6.2.17", "rfc7520/jws"],
        words: HEADERS,
    },
    Target {
        name: "jwk",
        run: jwk,
        seeds: &["rfc", "rfc7520/jwk", "jose-6.2.17"],
        words: KEYS,
    },
    Target {
        name: "jwt",
        run: jwt,
        seeds: &[],
        words: CLAIMS,
    },
    Target {
        name: "iron",
        run: iron,
        seeds: &["ours/iron", "iron-session-9.0.1", "iron-session-8.0.4"],
        words: &[],
    },
    Target {
        name: "json",
        run: json,
        seeds: &["rfc", "rfc7520/jwk"],
        words: CLAIMS,
    },
    Target {
        name: "formats",
        run: formats,
        seeds: formats::FOLDERS,
        words: &[],
    },
];

const HEADERS: &[&str] = &[
    r#" {"alg":"dir","enc":"A256GCM","typ":"edgeward-session+jwt","kid":"k1"}"#,
    r#" {"alg":"dir","enc":"A128CBC-HS256"}{"sub":"ann"}"#,
    r#" {"alg":"HS256","kid":"k1","crit":["exp"],"zip":"DEF"}{"sub":"ann"}"#,
];

const KEYS: &[&str] = &[
    r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","use":"sig","alg":"ES256","kid":"1"}"#,
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","key_ops":["verify"]}"#,
    r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ","alg":"HS256"}"#,
];

const CLAIMS: &[&str] = &[
    r#"{"iss":"https://issuer.example","sub":"ann","aud":["app","api"],"exp":4102444800,"nbf":1,"iat":1750000000.5,"jti":"x"}"#,
    r#"{"exp":-1,"nbf":1e400,"iat":9223372036854775808,"aud":{"a":null}}"#,
    r#"{"a":[[[[{"b":{"c":1,"c":2}}]]]],"\u0061":"\ud83d\ude00"}"#,
];

/// Runs a target and holds what it allocates against the length of its input.
///
/// # Panics
/// When the target does, or when it allocates out of proportion.
pub fn run_counted(target: &Target, data: &[u8]) {
    let counted = allocation_counter::measure(|| (target.run)(data));
    let bound = 128 * 1024 + 512 * data.len() as u64;
    assert!(
        counted.bytes_max <= bound,
        "{} bytes of input took {} at once",
        data.len(),
        counted.bytes_max
    );
}
