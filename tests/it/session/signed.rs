//! Formats around tokens that their issuers sign: one table of what each must refuse, whatever is around the token.

use edgeward::base::base64url;
use serde_json::{Value, json};

use super::paper::{self, EC, Paper, RSA, paper as key};
use super::sealed::sealed;
use super::{Desk, SECRET, START, document, gate};

struct Issued {
    session: Value,
    jwks: &'static str,
    key: Paper,
    header: Value,
    claims: Value,
    /// The cookies around a token.
    around: fn(&str) -> String,
    /// What the app gets of them.
    cookies: usize,
    tolerance: i64,
}

const PROJECT: &str = "project-live-1";

fn encode(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn workos(token: &str) -> String {
    let session = json!({ "format": "workos", "client_id": "client_1" });
    let payload = json!({ "accessToken": token, "refreshToken": "r", "user": { "id": "ann", "email": "ann@example.com", "emailVerified": true } });
    sealed(&session, SECRET, &payload, START, START + 600)
}

fn cognito_id() -> String {
    let claims = json!({ "sub": "ann", "iss": POOL, "aud": "client1", "token_use": "id", "exp": START + 600, "iat": START });
    RSA.token(&json!({}), &claims)
}

const POOL: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Abc";

fn kinde_id() -> String {
    RSA.token(&json!({}), &json!({ "sub": "ann", "iss": "https://k.example", "exp": START - 600, "iat": START - 900, "email": "ann@example.com" }))
}

fn issued() -> Vec<Issued> {
    let times = |mut claims: Value| {
        claims["iat"] = json!(START);
        claims["exp"] = json!(START + 600);
        claims["sub"] = json!("ann");
        claims
    };
    vec![
        Issued {
            session: json!({ "format": "supabase", "url": "https://abc.supabase.co" }),
            jwks: "https://abc.supabase.co/auth/v1/.well-known/jwks.json",
            key: EC,
            header: json!({}),
            claims: times(json!({ "iss": "https://abc.supabase.co/auth/v1", "aud": "authenticated", "role": "authenticated" })),
            around: |token| {
                let text = json!({ "access_token": token, "refresh_token": "r", "expires_at": START + 600 });
                format!("sb-abc-auth-token=base64-{}", base64url::encode(text.to_string()))
            },
            cookies: 1,
            tolerance: 0,
        },
        Issued {
            session: json!({ "format": "clerk", "publishable_key": "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k" }),
            jwks: "https://clerk.example.com/.well-known/jwks.json",
            key: RSA,
            header: json!({ "typ": "JWT" }),
            claims: times(json!({ "iss": "https://clerk.example.com", "azp": super::ORIGIN })),
            around: |token| format!("__session={token}; __client_uat={}", START - 60),
            cookies: 2,
            tolerance: 5,
        },
        Issued {
            session: json!({ "format": "cognito", "user_pool_id": "eu-central-1_Abc", "client_id": "client1" }),
            jwks: "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Abc/.well-known/jwks.json",
            key: RSA,
            header: json!({}),
            claims: times(json!({ "iss": POOL, "client_id": "client1", "token_use": "access" })),
            around: |token| {
                let prefix = "CognitoIdentityServiceProvider.client1";
                format!("{prefix}.LastAuthUser=a%40b; {prefix}.a%40b.accessToken={token}; {prefix}.a%40b.idToken={}", cognito_id())
            },
            cookies: 3,
            tolerance: 0,
        },
        Issued {
            session: json!({ "format": "kinde", "issuer": "https://k.example", "client_id": "c" }),
            jwks: "https://k.example/.well-known/jwks.json",
            key: RSA,
            header: json!({}),
            claims: times(json!({ "iss": "https://k.example", "azp": "c", "aud": [] })),
            around: |token| format!("access_token={token}; id_token={}", kinde_id()),
            cookies: 2,
            tolerance: 0,
        },
        Issued {
            session: json!({ "format": "stytch", "project_id": PROJECT }),
            jwks: "https://api.stytch.com/v1/sessions/jwks/project-live-1",
            key: RSA,
            header: json!({ "typ": "JWT" }),
            claims: times(json!({
                "iss": "stytch.com/project-live-1", "aud": [PROJECT],
                "https://stytch.com/session": { "id": "s1", "started_at": "2027-01-15T07:00:00Z", "expires_at": "2027-01-16T08:00:00Z" },
            })),
            around: |token| format!("stytch_session_jwt={token}"),
            cookies: 1,
            tolerance: 0,
        },
        Issued {
            session: json!({ "format": "stack", "project_id": "p1" }),
            jwks: "https://api.stack-auth.com/api/v1/projects/p1/.well-known/jwks.json",
            key: EC,
            header: json!({}),
            claims: times(json!({
                "iss": "https://api.stack-auth.com/api/v1/projects/p1", "aud": "p1", "role": "authenticated", "refresh_token_id": "r1",
            })),
            around: |token| {
                let (access, refresh) = (json!(["r", token]), json!({ "refresh_token": "r", "updated_at_millis": 1 }));
                format!(
                    "hexclave-access={}; __Host-hexclave-refresh-p1--default={}",
                    encode(&access.to_string()),
                    encode(&refresh.to_string())
                )
            },
            cookies: 2,
            tolerance: 0,
        },
        Issued {
            session: json!({ "format": "descope", "project_id": "P2abc" }),
            jwks: "https://api.descope.com/v2/keys/P2abc",
            key: RSA,
            header: json!({}),
            claims: times(json!({ "iss": "https://api.descope.com/P2abc", "drn": "DS" })),
            around: |token| format!("DS={token}"),
            cookies: 1,
            tolerance: 5,
        },
        Issued {
            session: json!({ "format": "workos", "client_id": "client_1", "secrets": [{ "env": "SECRET" }], "issuer": "https://api.workos.com" }),
            jwks: "https://api.workos.com/sso/jwks/client_1",
            key: RSA,
            header: json!({}),
            claims: times(json!({ "iss": "https://api.workos.com", "sid": "s1" })),
            around: workos,
            cookies: 1,
            tolerance: 0,
        },
        Issued {
            session: json!({ "format": "ory-jwt", "cookie": "ory_token", "issuer": "https://id.example/", "jwks": "https://id.example/jwks" }),
            jwks: "https://id.example/jwks",
            key: EC,
            header: json!({ "typ": "JWT" }),
            claims: times(json!({ "iss": "https://id.example/", "sid": "s1" })),
            around: |token| format!("ory_token={token}"),
            cookies: 1,
            tolerance: 0,
        },
    ]
}

impl Issued {
    fn desk(&self) -> Desk {
        Desk::new(&self.session).serving(self.jwks, paper::set(&[RSA, EC]))
    }

    fn token(&self, change: &[(&str, Value)]) -> String {
        let mut claims = self.claims.clone();
        for (name, value) in change {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(*name),
                value => claims.as_object_mut().unwrap().insert((*name).into(), value.clone()),
            };
        }
        self.key.token(&self.header, &claims)
    }

    fn under(&self, header: Value) -> String {
        let mut full = self.header.clone();
        full.as_object_mut().unwrap().extend(header.as_object().unwrap().clone());
        self.key.token(&full, &self.claims)
    }
}

#[test]
fn a_token_of_its_issuer_opens_and_the_judged_cookies_go_on() {
    for format in issued() {
        let name = format.session["format"].as_str().unwrap();
        let cookie = (format.around)(&format.token(&[]));
        let mut desk = format.desk();
        let came = desk.page(&format!("theme=dark; {cookie}"));
        assert_eq!(came.status, 200, "{name}: {}", came.session);
        assert_eq!(came.cookie.split("; ").count(), format.cookies + 1, "{name}: {}", came.cookie);
        assert_eq!(desk.did.iter().filter(|did| did.starts_with("jwks")).count(), 1, "{name}");
        let did = desk.did.len();
        assert_eq!(desk.page(&cookie).status, 200);
        assert_eq!(desk.did.len(), did, "{name}: opened once");
        assert!(came.sets().is_empty(), "{name}");
    }
}

#[test]
fn hostile_tokens_are_nobody_and_end_no_cookie() {
    for format in issued() {
        let name = format.session["format"].as_str().unwrap();
        let good = format.token(&[]);
        let parts: Vec<&str> = good.split('.').collect();
        let root = {
            let mut claims = format.claims.clone();
            claims["sub"] = json!("root");
            base64url::encode(claims.to_string())
        };
        let stranger = key(format.key.alg, format.key.kid, 77);
        let unknown = key(format.key.alg, Some("nobody"), 78);
        let confused = {
            let mut header = format.header.clone();
            header["alg"] = json!("HS256");
            let header: Vec<(String, String)> = header
                .as_object()
                .unwrap()
                .iter()
                .map(|(n, v)| (n.clone(), v.as_str().unwrap().to_owned()))
                .collect();
            let header: Vec<(&str, &str)> = header.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            super::jwt::hs(edgeward::jose::Algorithm::Hs256, &format.key.jwk().to_string(), &header, &format.claims)
        };
        let exp = START - format.tolerance;
        let rows: &[(&str, String, &str)] = &[
            ("expired", format.token(&[("exp", json!(exp))]), "session.expired"),
            ("without exp", format.token(&[("exp", Value::Null)]), "session.malformed"),
            ("exp as text", format.token(&[("exp", json!("9999999999"))]), "session.malformed"),
            ("exp zero", format.token(&[("exp", json!(0))]), "session.malformed"),
            ("from the future", format.token(&[("iat", json!(START + 61))]), "session.malformed"),
            ("not yet", format.token(&[("nbf", json!(START + 60))]), "session.malformed"),
            ("no subject", format.token(&[("sub", Value::Null)]), "session.malformed"),
            ("subject of odd type", format.token(&[("sub", json!(["ann"]))]), "session.malformed"),
            ("other issuer", format.token(&[("iss", json!("https://evil.example"))]), "session.audience"),
            ("another's key under the same kid", stranger.token(&format.header, &format.claims), "session.unopened"),
            ("unknown kid", unknown.token(&format.header, &format.claims), "key.unknown"),
            ("other subject under the same signature", [parts[0], &root, parts[2]].concat().replacen(&root, &format!(".{root}."), 1), "session.unopened"),
            ("tampered signature", format!("{}.{}.AAAA{}", parts[0], parts[1], &parts[2][4..]), "session.unopened"),
            ("no signature", format!("{}.{}.", parts[0], parts[1]), "session.malformed"),
            ("alg none", format.under(json!({ "alg": "none" })), "session.unopened"),
            ("alg None", format.under(json!({ "alg": "None" })), "session.unopened"),
            ("public key as secret", confused, "session.unopened"),
            ("jwk", format.under(json!({ "jwk": format.key.jwk() })), "session.malformed"),
            ("jku", format.under(json!({ "jku": "https://evil.example/jwks" })), "session.malformed"),
            ("x5u", format.under(json!({ "x5u": "https://evil.example/x" })), "session.malformed"),
            ("crit", format.under(json!({ "crit": ["b64"], "b64": false })), "session.malformed"),
            ("text", "hello".into(), "session.malformed"),
            ("dots", ".".repeat(2_000), "session.malformed"),
            ("empty parts", "..".into(), "session.malformed"),
            ("oversized", format!("{}.{}.{}", parts[0], parts[1], "A".repeat(9_000)), "session.malformed"),
        ];
        for (why, token, code) in rows {
            let mut desk = format.desk();
            let came = desk.page(&(format.around)(token));
            assert_ne!(came.status, 200, "{name}: {why}");
            assert_eq!(came.session, *code, "{name}: {why}");
            assert!(came.ends().is_empty(), "{name}: {why}: the app renews or ends it, not the gate");
            let fetched = desk.did.iter().any(|did| did.starts_with("jwks"));
            let may_fetch = matches!(*code, "session.unopened" | "key.unknown") && !why.starts_with("alg") && !why.starts_with("public");
            assert!(may_fetch || !fetched || name == "cognito" || name == "kinde", "{name}: {why}: no fetch for a token that does not fit");
        }
    }
}

#[test]
fn what_only_one_format_must_refuse() {
    let by = |name: &str| issued().into_iter().find(|format| format.session["format"] == name).unwrap();
    let rows: Vec<(&str, &str, String, &str)> = vec![
        ("supabase", "a service", (by("supabase").around)(&by("supabase").token(&[("role", json!("service_role"))])), "session.malformed"),
        ("supabase", "other audience", (by("supabase").around)(&by("supabase").token(&[("aud", json!("anon"))])), "session.audience"),
        ("supabase", "the token alone", format!("sb-abc-auth-token={}", by("supabase").token(&[])), "session.malformed"),
        ("supabase", "broken JSON", format!("sb-abc-auth-token=base64-{}", base64url::encode("{\"access_token\":")), "session.malformed"),
        ("supabase", "JSON with a twin", format!("sb-abc-auth-token=base64-{}", base64url::encode(r#"{"access_token":"a","access_token":"b"}"#)), "session.malformed"),
        ("clerk", "without uat", format!("__session={}", by("clerk").token(&[])), "session.malformed"),
        ("clerk", "signed out", format!("__session={}; __client_uat=0", by("clerk").token(&[])), "session.expired"),
        ("clerk", "a zero among others", format!("__session={}; __client_uat={}; __client_uat=0", by("clerk").token(&[]), START - 9), "session.expired"),
        ("clerk", "changed since", format!("__session={}; __client_uat={}", by("clerk").token(&[]), START + 1), "session.expired"),
        ("clerk", "uat of odd form", format!("__session={}; __client_uat=+1", by("clerk").token(&[])), "session.malformed"),
        ("clerk", "another origin's token", (by("clerk").around)(&by("clerk").token(&[("azp", json!("https://evil.example"))])), "session.audience"),
        ("clerk", "a machine", (by("clerk").around)(&by("clerk").under(json!({ "cat": "cl_B7d4PD333AAA" }))), "session.malformed"),
        ("clerk", "a category of odd type", (by("clerk").around)(&by("clerk").under(json!({ "cat": 1 }))), "session.malformed"),
        ("clerk", "pending", (by("clerk").around)(&by("clerk").token(&[("sts", json!("pending"))])), "session.malformed"),
        ("cognito", "the id token as access token", (by("cognito").around)(&cognito_id()), "session.malformed"),
        ("cognito", "another client", (by("cognito").around)(&by("cognito").token(&[("client_id", json!("other"))])), "session.audience"),
        ("cognito", "another subject's id token", (by("cognito").around)(&by("cognito").token(&[("sub", json!("eve"))])), "session.malformed"),
        ("cognito", "two users signed in last", format!("{}; CognitoIdentityServiceProvider.client1.LastAuthUser=eve", (by("cognito").around)(&by("cognito").token(&[]))), "session.ambiguous"),
        ("cognito", "a malformed user name", (by("cognito").around)(&by("cognito").token(&[])).replace("User=a%40b", "User=%zz"), "session.malformed"),
        ("kinde", "another client", (by("kinde").around)(&by("kinde").token(&[("azp", json!("other"))])), "session.audience"),
        ("kinde", "without id token", format!("access_token={}", by("kinde").token(&[])), "session.malformed"),
        ("kinde", "another subject's id token", (by("kinde").around)(&by("kinde").token(&[("sub", json!("eve"))])), "session.malformed"),
        ("stytch", "other audience", (by("stytch").around)(&by("stytch").token(&[("aud", json!(["other"]))])), "session.audience"),
        ("stytch", "no session claim", (by("stytch").around)(&by("stytch").token(&[("https://stytch.com/session", Value::Null)])), "session.malformed"),
        ("stytch", "other typ", (by("stytch").around)(&by("stytch").under(json!({ "typ": "at+jwt" }))), "session.malformed"),
        ("stack", "of another refresh token", (by("stack").around)(&by("stack").token(&[])).replacen("%22r%22%2C", "%22x%22%2C", 1), "session.malformed"),
        ("stack", "anonymous", (by("stack").around)(&by("stack").token(&[("is_anonymous", json!(true))])), "session.audience"),
        ("stack", "other audience", (by("stack").around)(&by("stack").token(&[("aud", json!("p2"))])), "session.audience"),
        ("descope", "a refresh token", (by("descope").around)(&by("descope").token(&[("drn", json!("DSR"))])), "session.malformed"),
        ("descope", "a project inside a name", (by("descope").around)(&by("descope").token(&[("iss", json!("https://api.descope.com/P2abcx"))])), "session.audience"),
        ("workos", "another user", (by("workos").around)(&by("workos").token(&[("sub", json!("eve"))])), "session.malformed"),
        ("workos", "the token alone", format!("wos-session={}", by("workos").token(&[])), "session.malformed"),
        ("ory-jwt", "without sid", (by("ory-jwt").around)(&by("ory-jwt").token(&[("sid", Value::Null)])), "session.malformed"),
        ("ory-jwt", "issuer without its slash", (by("ory-jwt").around)(&by("ory-jwt").token(&[("iss", json!("https://id.example"))])), "session.audience"),
    ];
    for (name, why, cookie, code) in rows {
        let came = by(name).desk().page(&cookie);
        assert_eq!((came.status == 200, came.session.as_str()), (false, code), "{name}: {why}");
    }
}

#[test]
fn the_token_alone_is_a_bearer_token() {
    for mut format in issued() {
        let name = format.session["format"].as_str().unwrap().to_owned();
        format.session["from"] = json!(["cookie", "bearer"]);
        let bearer = format!("Bearer {}", format.token(&[]));
        let came = format.desk().api(&[("authorization", &bearer)]);
        assert_eq!(came.status, 200, "{name}: {}", came.session);
        let eve = format!("Bearer {}", format.token(&[("sub", json!("eve"))]));
        let cookie = (format.around)(&format.token(&[]));
        let came = format.desk().api(&[("authorization", &eve), ("cookie", &cookie)]);
        assert_eq!((came.status, came.ends().len()), (401, 0), "{name}: never mixed");
    }
}

#[test]
fn short_lives_are_not_moved_and_not_written() {
    for format in issued() {
        let name = format.session["format"].as_str().unwrap();
        let mut entry = format.session.clone();
        entry["until"] = json!("2027-03-01");
        let config = json!({ "format": "edgeward", "secrets": [{ "env": "OLD" }], "accept": [entry] });
        let errors = gate(&document(&config)).unwrap_err();
        assert!(errors.contains("config.capability: session.accept[0]") && errors.contains(name), "{name}: {errors}");
        let mut config = format.session.clone();
        config["write"] = json!(true);
        let errors = gate(&document(&config)).unwrap_err();
        assert!(errors.contains("config.capability: session.write"), "{name}: {errors}");
    }
}
