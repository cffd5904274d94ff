//! Claims against time and expectations: field rows 41 and 42, and RFC 7519's types.

use edgeward::base::Timestamp;
use edgeward::jose::jwt::{Claims, Expected};

const NOW: i64 = 1_790_000_000;

fn validate(claims: &str, expected: &Expected<'_>) -> &'static str {
    match Claims::parse(claims.as_bytes()).and_then(|claims| claims.validate(expected)) {
        Ok(()) => "valid",
        Err(error) => error.code(),
    }
}

fn at(secs: i64) -> Expected<'static> {
    Expected::at(Timestamp::from_secs(secs))
}

/// `exp` of odd type or sign (field row 41): never a session.
#[test]
fn odd_expirations() {
    for exp in [
        "-1",
        "0",
        "0.5",
        "-0",
        "null",
        "true",
        "\"9999999999\"",
        "\"\"",
        "[9999999999]",
        "{}",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e300",
        "253402300800",
        "1790000000000",
        "-1e300",
    ] {
        let outcome = validate(&format!(r#"{{"sub":"ann","exp":{exp}}}"#), &at(NOW));
        assert_eq!(outcome, "claims.wrong_type", "{exp}");
    }
    for exp in [
        "1e400",
        "NaN",
        "Infinity",
        "-Infinity",
        "01",
        "+1",
        "1.",
        ".5",
        "0x10",
        "1_000",
        "",
    ] {
        let outcome = validate(&format!(r#"{{"sub":"ann","exp":{exp}}}"#), &at(NOW));
        assert_eq!(outcome, "claims.malformed", "{exp}");
    }
    for (exp, expected) in [
        ("1790000001", "valid"),
        ("1790000000", "claims.expired"),
        ("1790000000.9", "claims.expired"),
        ("1790000001.5", "valid"),
        ("1.790000001e9", "valid"),
        ("253402300799", "valid"),
        ("9999999999", "valid"),
        ("1", "claims.expired"),
    ] {
        assert_eq!(
            validate(&format!(r#"{{"exp":{exp}}}"#), &at(NOW)),
            expected,
            "{exp}"
        );
    }
    assert_eq!(validate("{}", &at(NOW)), "claims.missing");
    assert_eq!(
        validate(
            "{}",
            &Expected {
                require_exp: false,
                ..at(NOW)
            }
        ),
        "valid"
    );
    let lax = Expected {
        require_exp: false,
        ..at(NOW)
    };
    assert_eq!(
        validate(r#"{"exp":null}"#, &lax),
        "claims.wrong_type",
        "null is not absent"
    );
    assert_eq!(
        validate(r#"{"exp":1}"#, &lax),
        "claims.expired",
        "not required is not ignored"
    );
}

/// The same oddities in the other times.
#[test]
fn odd_times() {
    for name in ["nbf", "iat"] {
        for value in [
            "-1",
            "0",
            "null",
            "\"1\"",
            "9223372036854775808",
            "1790000000000",
            "[]",
        ] {
            let claims = format!(r#"{{"exp":9999999999,"{name}":{value}}}"#);
            assert_eq!(validate(&claims, &at(NOW)), "claims.wrong_type", "{claims}");
        }
    }
}

#[test]
fn tolerance() {
    for (claims, tolerance, expected) in [
        (r#"{"exp":1789999986}"#, 15, "valid"),
        (r#"{"exp":1789999985}"#, 15, "claims.expired"),
        (r#"{"exp":1789999999}"#, 0, "claims.expired"),
        (r#"{"exp":1790000100,"nbf":1790000000}"#, 0, "valid"),
        (
            r#"{"exp":1790000100,"nbf":1790000001}"#,
            0,
            "claims.not_yet_valid",
        ),
        (r#"{"exp":1790000100,"nbf":1790000015}"#, 15, "valid"),
        (
            r#"{"exp":1790000100,"nbf":1790000016}"#,
            15,
            "claims.not_yet_valid",
        ),
        (r#"{"exp":1790000100,"iat":1790000060}"#, 0, "valid"),
        (
            r#"{"exp":1790000100,"iat":1790000061}"#,
            0,
            "claims.not_yet_valid",
        ),
        (
            r#"{"exp":1790000100,"iat":1790000061}"#,
            30,
            "claims.not_yet_valid",
        ),
    ] {
        assert_eq!(
            validate(claims, &Expected { tolerance, ..at(NOW) }),
            expected,
            "{claims} ± {tolerance}"
        );
    }
    // Extremes saturate; they neither wrap nor panic.
    for now in [i64::MIN, -1, 0, i64::MAX] {
        for tolerance in [0, i64::MAX] {
            let expected = Expected {
                tolerance,
                iat_ahead: i64::MAX,
                max_token_age: Some(i64::MAX),
                ..at(now)
            };
            validate(r#"{"exp":253402300799,"iat":1,"nbf":1}"#, &expected);
        }
    }
}

/// The age of a token counts from `iat`; without one it has no age (field row 42).
#[test]
fn token_age() {
    let expected = Expected {
        max_token_age: Some(900),
        ..at(NOW)
    };
    for (claims, outcome) in [
        (r#"{"exp":9999999999,"iat":1789999100}"#, "valid"),
        (r#"{"exp":9999999999,"iat":1789999099}"#, "claims.expired"),
        (r#"{"exp":9999999999}"#, "claims.missing"),
        (r#"{"exp":9999999999,"iat":null}"#, "claims.wrong_type"),
        (r#"{"exp":1,"iat":1790000000}"#, "claims.expired"),
    ] {
        assert_eq!(validate(claims, &expected), outcome, "{claims}");
    }
}

#[test]
fn issuers_and_audiences() {
    let expected = Expected {
        issuers: &["https://issuer.example"],
        audiences: &["app", "api"],
        ..at(NOW)
    };
    for (claims, outcome) in [
        (r#""iss":"https://issuer.example","aud":"app""#, "valid"),
        (r#""iss":"https://issuer.example","aud":["other","api"]"#, "valid"),
        (r#""aud":"app""#, "claims.missing"),
        (
            r#""iss":"https://issuer.example/","aud":"app""#,
            "claims.wrong_issuer",
        ),
        (
            r#""iss":"HTTPS://issuer.example","aud":"app""#,
            "claims.wrong_issuer",
        ),
        (r#""iss":"","aud":"app""#, "claims.wrong_issuer"),
        (
            r#""iss":["https://issuer.example"],"aud":"app""#,
            "claims.wrong_type",
        ),
        (r#""iss":null,"aud":"app""#, "claims.wrong_type"),
        (r#""iss":"https://issuer.example""#, "claims.missing"),
        (
            r#""iss":"https://issuer.example","aud":"App""#,
            "claims.wrong_audience",
        ),
        (
            r#""iss":"https://issuer.example","aud":"app,api""#,
            "claims.wrong_audience",
        ),
        (
            r#""iss":"https://issuer.example","aud":["other"]"#,
            "claims.wrong_audience",
        ),
        (r#""iss":"https://issuer.example","aud":[]"#, "claims.missing"),
        (
            r#""iss":"https://issuer.example","aud":["app",1]"#,
            "claims.wrong_type",
        ),
        (
            r#""iss":"https://issuer.example","aud":{"app":true}"#,
            "claims.wrong_type",
        ),
        (
            r#""iss":"https://issuer.example","aud":null"#,
            "claims.wrong_type",
        ),
    ] {
        let claims = format!(r#"{{"exp":9999999999,{claims}}}"#);
        assert_eq!(validate(&claims, &expected), outcome, "{claims}");
    }
    let many = format!(r#"{{"exp":9999999999,"aud":[{}"app"]}}"#, r#""x","#.repeat(64));
    assert_eq!(
        validate(
            &many,
            &Expected {
                audiences: &["app"],
                ..at(NOW)
            }
        ),
        "claims.wrong_type"
    );
}

#[test]
fn required_and_registered() {
    let expected = Expected {
        required: &["sub", "sid"],
        ..at(NOW)
    };
    for (claims, outcome) in [
        (r#"{"exp":9999999999,"sub":"ann","sid":"s"}"#, "valid"),
        (r#"{"exp":9999999999,"sub":"ann"}"#, "claims.missing"),
        (r#"{"exp":9999999999,"sub":"ann","sid":null}"#, "claims.missing"),
        (r#"{"exp":9999999999,"sub":7,"sid":"s"}"#, "claims.wrong_type"),
        (
            r#"{"exp":9999999999,"sub":"ann","sid":"s","jti":7}"#,
            "claims.wrong_type",
        ),
        // A repeated name: the first and the last reader would disagree.
        (
            r#"{"exp":9999999999,"sub":"ann","sid":"s","sub":"root"}"#,
            "claims.malformed",
        ),
        (
            r#"{"exp":1,"sub":"ann","sid":"s","exp":9999999999}"#,
            "claims.malformed",
        ),
        (
            r#"{"exp":9999999999,"sub":"ann","sid":"s","a":{"b":1,"b":2}}"#,
            "claims.malformed",
        ),
        (r#"[{"exp":9999999999}]"#, "claims.malformed"),
        (r#""exp""#, "claims.malformed"),
        ("", "claims.malformed"),
    ] {
        assert_eq!(validate(claims, &expected), outcome, "{claims}");
    }
    assert_eq!(
        Claims::parse(b"{\"exp\":\xff}").unwrap_err().code(),
        "claims.malformed"
    );
}
