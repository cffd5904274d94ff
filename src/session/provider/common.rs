//! What several recipes share.

use serde_json::{Map, Value};

use crate::base::{Entropy, Secret, Timestamp, json};
use crate::iron::{self, Passwords, UnsealError};
use crate::jose::derive::hkdf_sha256;
use crate::jose::jwe::{self, Enc, OpenError};
use crate::jose::jwt::{Claims, Expected};
use crate::jose::{Algorithm, Header, Protected};
use crate::session::SessionError;
use crate::session::format::{At, Times};
use crate::session::mapping::{Mapping, Place, Spans, claims_error, portable, session};
use crate::session::own::Opened;
use crate::session::recipe::{Can, Kind, Opt, opt};
use crate::session::setup::{Setup, SetupError};

/// `algorithm`, for tokens signed by key pairs.
pub(super) const ASYMMETRIC: &[&str] = &[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
];

/// Every algorithm by a key pair.
pub(super) const KEY_PAIRS: [Algorithm; 10] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
];

pub(super) const SUBJECT: Opt = opt(
    "subject",
    Kind::Text,
    "the claim that holds the subject: a name, `userId`, or a pointer, `/user/id`",
);
pub(super) const EMAIL: Opt = opt("email", Kind::Text, "the claim that holds the e-mail address");
pub(super) const EMAIL_VERIFIED: Opt = opt(
    "email_verified",
    Kind::Text,
    "the claim that says whether the address is verified",
);
pub(super) const ISSUER: Opt = opt("issuer", Kind::Texts, "the expected `iss`, one or several");
pub(super) const JWT_AUDIENCE: Opt = opt("jwt_audience", Kind::Texts, "the expected `aud`, one or several");
pub(super) const TYP: Opt = opt("typ", Kind::Text, "the expected `typ` of the header");
pub(super) const SESSION_ID: Opt = opt(
    "session_id",
    Kind::Text,
    "the claim that holds the id of the login",
);
pub(super) const AUTH_TIME: Opt = opt(
    "auth_time",
    Kind::Text,
    "the claim that holds the time of the authentication, in seconds",
);

/// What a format can keep whose claims the app chooses.
pub(super) const OWN_CLAIMS: Can = Can {
    seal: true,
    roll: true,
    adopt: true,
    accept: true,
    auth_time: true,
    verified_email: true,
    session_id: true,
    ..Can::NOTHING
};

/// The mapping of a format whose claims the app chooses.
pub(super) fn mapping(setup: &Setup<'_>, default_subject: Option<&str>) -> Result<Mapping, SetupError> {
    let place = |key| setup.text(key).map(Place::parse);
    let subject = setup
        .text("subject")
        .or(default_subject)
        .ok_or_else(|| SetupError::missing("subject", SUBJECT.accepted))?;
    let name = |name: &str| Place::Name(name.to_owned());
    Ok(Mapping {
        subject: Place::parse(subject),
        session_id: place("session_id").map_or_else(|| vec![name("jti"), name("sid")], |place| vec![place]),
        email: place("email"),
        email_verified: place("email_verified"),
        auth_time: place("auth_time").or_else(|| Some(name("auth_time"))),
        numeric_subject: true,
    })
}

/// A token must name what it is for, so that no other token of the same secret is a session (semantics 5.4).
pub(super) fn check_scope(setup: &Setup<'_>) -> Result<(), SetupError> {
    let scoped = ["issuer", "jwt_audience", "typ"]
        .iter()
        .any(|key| setup.options.get(key).is_some());
    if scoped || setup.flag("exclusive_secret") {
        return Ok(());
    }
    Err(SetupError::new(
        "config.jwt_scope",
        "",
        "a format whose tokens say nothing of their purpose",
        "one of `issuer`, `jwt_audience`, `typ`, or `exclusive_secret = true`",
        "without one, any token made with the same key (a password reset, say) would be a session",
    ))
}

/// Whether the token is of people: issuers sign tokens of services with the same keys.
pub(super) fn as_role(claims: &Claims, role: &str) -> Result<(), SessionError> {
    if claims.get("role").is_some_and(|found| found == role) {
        Ok(())
    } else {
        Err(SessionError::Malformed)
    }
}

/// Times that libraries check, and the session that the claims make.
pub(super) fn read(
    members: Map<String, Value>,
    mapping: &Mapping,
    expected: &Expected<'_>,
) -> Result<Opened, SessionError> {
    let claims = Claims::from(members);
    claims.validate(expected).map_err(claims_error)?;
    let spans = tolerant(Spans::of(&claims)?, expected.tolerance);
    session(claims.into_members(), mapping, spans, expected.now)
}

/// A value is a session for as long as its library lets it be one: the tolerance is part of its life.
pub(super) fn tolerant(spans: Spans, tolerance: i64) -> Spans {
    Spans {
        expires_at: spans.expires_at.map(|at| at.plus(tolerance)),
        ..spans
    }
}

/// The claims of a session from elsewhere, as the app's own code would find them.
pub(super) fn draft(mapping: &Mapping, moved: &Opened) -> Map<String, Value> {
    let mut claims = portable(&moved.session);
    mapping
        .subject
        .put(&mut claims, Value::from(&*moved.session.subject));
    claims
}

/// The same in a token that says who made it, and for whom.
pub(super) fn scoped_draft(
    mapping: &Mapping,
    moved: &Opened,
    issuers: &[String],
    audiences: &[String],
) -> Map<String, Value> {
    let mut claims = draft(mapping, moved);
    for (name, values) in [("iss", issuers), ("aud", audiences)] {
        if let Some(value) = values.first() {
            claims.insert(name.into(), Value::from(&**value));
        }
    }
    claims
}

/// The keys of nextjs-auth0, the same in both versions.
pub(super) fn auth0_keys(setup: &Setup<'_>) -> Vec<jwe::Key> {
    let derive = |secret: &Secret| {
        let key = hkdf_sha256::<32>(secret.expose(), "", "JWE CEK");
        jwe::Key::new(Enc::A256Gcm, *key).ok()
    };
    setup.secrets.iter().filter_map(derive).collect()
}

/// Everything about the person stands under `user`.
pub(super) fn auth0_mapping() -> Mapping {
    Mapping {
        subject: Place::parse("/user/sub"),
        session_id: vec![Place::parse("/user/sid")],
        email: Some(Place::parse("/user/email")),
        email_verified: Some(Place::parse("/user/email_verified")),
        auth_time: None,
        numeric_subject: false,
    }
}

/// `user` alone: tokens and what else the library keeps beside it are nobody's business.
pub(super) fn auth0_claims(payload: &Map<String, Value>) -> Map<String, Value> {
    let user = payload.get("user").filter(|user| user.is_object()).cloned();
    json::members(user.map(|user| ("user".to_owned(), user)))
}

/// Opens a JWE with each key in turn, within the request's budget.
pub(super) fn open_jwe<'k>(
    value: &str,
    keys: impl IntoIterator<Item = &'k jwe::Key>,
    at: &At<'_>,
) -> Result<(Header, Map<String, Value>), SessionError> {
    let mut error = SessionError::Unopened;
    for key in keys {
        let token = jwe::decode(value).map_err(jwe_error)?;
        if token.header().peek().enc() != Some(key.enc().as_str()) {
            continue;
        }
        at.budget.trial()?;
        match token.open(key) {
            Ok(opened) => {
                let members = json::object(&opened.plaintext).map_err(|_| SessionError::Malformed)?;
                return Ok((opened.header, members));
            }
            Err(found) => error = jwe_error(found),
        }
    }
    Err(error)
}

/// The members alone, where nothing is to be said about what did not open.
pub(super) fn jwe_members(value: &str, keys: &[jwe::Key], at: &At<'_>) -> Option<Map<String, Value>> {
    open_jwe(value, keys, at).ok().map(|(_, members)| members)
}

/// What an envelope's error is to a session.
pub(super) fn jwe_error(error: OpenError) -> SessionError {
    match error {
        OpenError::TagMismatch | OpenError::AlgorithmNotAllowed => SessionError::Unopened,
        _ => SessionError::Malformed,
    }
}

/// Seals a payload.
pub(super) fn seal_jwe(
    header: &[(&str, &str)],
    payload: &Map<String, Value>,
    key: &jwe::Key,
    entropy: &mut Entropy,
) -> Option<String> {
    let plaintext = serde_json::to_vec(payload).ok()?;
    jwe::seal(&Protected::new(header), &plaintext, key, entropy).ok()
}

/// Opens a seal that iron-session made, and parses its object; the second part is its end.
pub(super) fn unseal(
    value: &str,
    passwords: &Passwords,
    at: &At<'_>,
) -> Result<(Map<String, Value>, Option<Timestamp>), SessionError> {
    at.budget.trial()?;
    let unsealed = iron::unseal(value, passwords, at.now_ms).map_err(|error| match error {
        UnsealError::Expired => SessionError::Expired,
        UnsealError::DigestMismatch | UnsealError::UnknownPassword => SessionError::Unopened,
        _ => SessionError::Malformed,
    })?;
    if !unsealed.by_iron_session {
        return Err(SessionError::Malformed);
    }
    let members = json::object(&unsealed.payload).map_err(|_| SessionError::Malformed)?;
    // The library's allowance for skewed clocks is part of a seal's life.
    let end = unsealed
        .expires_at_ms
        .map(|at| Timestamp::from_secs(i64::try_from(at / 1000).unwrap_or(i64::MAX).saturating_add(60)));
    Ok((members, end))
}

/// `iat` and `exp` of a value that is sealed anew.
pub(super) fn put_times(payload: &mut Map<String, Value>, times: &Times) {
    payload.insert("iat".into(), Value::from(times.now.as_secs()));
    payload.insert("exp".into(), Value::from(times.expires_at.as_secs()));
}

/// The payload of a seal without an end of its own: the token in it has one.
pub(super) fn endless(mut payload: Map<String, Value>) -> String {
    payload.remove("edgeward");
    json::text(&Value::Object(payload))
}

/// A `jti` as libraries draw it: a UUID of version 4 (RFC 9562 section 5.4).
pub(super) fn uuid(entropy: &mut Entropy) -> String {
    let mut bytes = entropy.draw::<16>();
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0F) | 0x40;
    *variant = (*variant & 0x3F) | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// `exp` at `now`, with a tolerance.
pub(super) const fn expected(now: Timestamp, tolerance: i64) -> Expected<'static> {
    Expected {
        tolerance,
        ..Expected::at(now)
    }
}
