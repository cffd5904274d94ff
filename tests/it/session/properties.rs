//! Whatever a visitor sends under a format's names: no panic, nobody gets in, work is bounded.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Desk;

fn configs() -> Vec<(Value, Vec<&'static str>)> {
    let secrets = json!([{ "env": "SECRET" }]);
    let cognito = "CognitoIdentityServiceProvider.c.";
    vec![
        (json!({ "format": "edgeward", "secrets": secrets }), vec!["__Host-edgeward", "__Host-edgeward-out"]),
        (json!({ "format": "jwt", "secrets": secrets, "subject": "sub", "exclusive_secret": true, "from": ["cookie", "bearer"] }), vec!["session"]),
        (json!({ "format": "jwe", "secrets": [{ "env": "KEY32" }], "subject": "sub", "exclusive_secret": true }), vec!["session"]),
        (json!({ "format": "iron-session", "cookie": "s", "secrets": secrets, "subject": "sub" }), vec!["s", "s.0", "s.1"]),
        (json!({ "format": "nextauth-v4", "secrets": secrets }), vec!["next-auth.session-token", "next-auth.session-token.0"]),
        (json!({ "format": "authjs", "secrets": secrets }), vec!["authjs.session-token", "authjs.session-token.1"]),
        (json!({ "format": "auth0", "secrets": secrets }), vec!["__session", "__session__0"]),
        (json!({ "format": "auth0-v3", "secrets": secrets }), vec!["appSession", "appSession.0"]),
        (json!({ "format": "supabase", "url": "https://a.supabase.co" }), vec!["sb-a-auth-token", "sb-a-auth-token.0"]),
        (json!({ "format": "clerk", "publishable_key": "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k" }), vec!["__session", "__client_uat"]),
        (json!({ "format": "better-auth", "secrets": secrets }), vec!["better-auth.session_data", "better-auth.session_token"]),
        (json!({ "format": "better-auth", "secrets": secrets, "strategy": "jwe" }), vec!["better-auth.session_data.0", "better-auth.session_token"]),
        (json!({ "format": "workos", "client_id": "c", "secrets": secrets }), vec!["wos-session"]),
        (json!({ "format": "cognito", "user_pool_id": "eu-west-1_a", "client_id": "c" }), vec![
            "CognitoIdentityServiceProvider.c.LastAuthUser", "CognitoIdentityServiceProvider.c.username.accessToken",
        ]),
        (json!({ "format": "kinde", "issuer": "https://k.example" }), vec!["access_token", "access_token1", "id_token"]),
        (json!({ "format": "stytch", "project_id": "p" }), vec!["stytch_session_jwt"]),
        (json!({ "format": "stack", "project_id": "p" }), vec!["hexclave-access", "stack-refresh", "__Host-hexclave-refresh-p--default"]),
        (json!({ "format": "descope", "project_id": "p" }), vec!["DS"]),
        (json!({ "format": "logto", "secrets": secrets, "app_id": "a", "issuer": "https://l.example" }), vec!["logto_a"]),
        (json!({ "format": "ory-jwt", "cookie": "o", "issuer": "i", "jwks": "https://o.example/jwks" }), vec!["o"]),
        (json!({ "format": "ory-cookie", "cookie": "o", "purpose": "p", "subject": "s", "secrets": secrets }), vec!["o"]),
    ]
    .into_iter()
    .inspect(|(_, names)| assert!(names[0] != cognito))
    .collect()
}

/// Text that looks a little like what formats hold.
fn value() -> impl Strategy<Value = String> {
    let header = prop::sample::select(vec![
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ",
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0",
        "Fe26.2*1",
        "v1",
        "base64-",
        "%5B%22a%22%2C%22",
        "{\"session\":",
        "",
    ]);
    let part = "[A-Za-z0-9_.*%~=+/{}\\[\\]\" -]{0,60}";
    (
        header,
        part,
        prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..9),
        prop::sample::select(vec!['.', '*', ',', '~']),
    )
        .prop_map(|(header, part, parts, joint)| {
            format!("{header}{joint}{part}{joint}{}", parts.join(&joint.to_string()))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_was_not_made_with_the_keys_gets_in(values in prop::collection::vec(value(), 3), bearer in value()) {
        for (config, names) in configs() {
            let mut desk = Desk::new(&config);
            let pairs: Vec<String> = names.iter().cycle().zip(&values).map(|(name, value)| format!("{name}={value}")).collect();
            let came = desk.get("/app", &[("cookie", &pairs.join("; ")), ("authorization", &format!("Bearer {bearer}"))]);
            prop_assert!(came.status != 200, "{}", config["format"]);
            prop_assert!(desk.did.len() <= 3 + 12);
        }
    }
}
