//! The gate's own session format (semantics 3): claims in, sealed value out, and back.

use serde_json::{Map, Value};

use super::claims::Claims;
use super::sealed::{KeyRing, Purpose};
use super::{Aal, Binding, Email, Lifetimes, Session, SessionError, Source};
use crate::base::{Entropy, Secret, Timestamp, limits};

/// Opens and seals the own format under one cookie name.
#[derive(Debug)]
pub struct OwnFormat {
    keys: KeyRing,
    /// The bounds that every seal keeps.
    pub lifetimes: Lifetimes,
}

/// An opened value: the session and what ties the value to its place.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The upstream session that it is a copy of; always there with [`Source::Kratos`], never otherwise.
    pub binding: Option<Binding>,
    /// The hard end: no seal of this session may end later.
    pub end: Option<Timestamp>,
}

/// A sealed value and how long the cookie lives.
#[derive(Clone)]
pub struct Sealed {
    /// The cookie value.
    pub value: String,
    /// `Max-Age`, in seconds.
    pub max_age: i64,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed")
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

/// The session does not fit the budget of a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the sealed session has {bytes} bytes; the budget is {}",
    limits::SESSION_COOKIE_BYTES
)]
pub struct SealError {
    /// How long the value would be.
    pub bytes: usize,
}

impl OwnFormat {
    /// The format under `cookie_name`; the first secret seals, any opens.
    #[must_use]
    pub fn new(secrets: &[Secret], cookie_name: &str, lifetimes: Lifetimes) -> Self {
        Self {
            keys: KeyRing::derive(secrets, Purpose::Session, cookie_name),
            lifetimes,
        }
    }

    /// Seals a session at `now` for `audience`. `iat`, `exp` are set here; `born` and `verified_at` never move.
    ///
    /// # Errors
    /// [`SealError`] when the value is over the cookie's budget.
    pub fn seal(
        &self,
        opened: &Opened,
        audience: &str,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Result<Sealed, SealError> {
        let exp = self.lifetimes.expires_at(now, opened.session.born, opened.end);
        let claims = claims_of(opened, audience, now, exp);
        let value = self.keys.seal(&claims, entropy).unwrap_or_default();
        if value.is_empty() || value.len() > limits::SESSION_COOKIE_BYTES {
            return Err(SealError { bytes: value.len() });
        }
        Ok(Sealed {
            value,
            max_age: exp.since(now),
        })
    }

    /// Opens a value and validates its claims.
    ///
    /// # Errors
    /// [`SessionError`]: `Malformed`, `Unopened`, `Audience` or `Expired`.
    pub fn open(&self, value: &str, audience: &str, now: Timestamp) -> Result<Opened, SessionError> {
        let claims = self.keys.open(value)?;
        let opened = read(&claims, audience)?;
        let session = &opened.session;
        // A seal from the future was made by a clock that is wrong by more than any tolerance, or not by a gate.
        if session.issued_at.since(now) > FUTURE_TOLERANCE_SECS || session.born > session.issued_at {
            return Err(SessionError::Malformed);
        }
        let end = session.expires_at.min(session.born.plus(self.lifetimes.absolute));
        if now >= end {
            return Err(SessionError::Expired);
        }
        Ok(opened)
    }
}

/// Isolates of one platform agree to well within this.
const FUTURE_TOLERANCE_SECS: i64 = 60;

fn claims_of(opened: &Opened, audience: &str, now: Timestamp, exp: Timestamp) -> Map<String, Value> {
    let session = &opened.session;
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("aud", Value::from(audience));
    put("sub", Value::from(&*session.subject));
    put("sid", Value::from(session.session_id.clone()));
    put("src", Value::from(source_name(&session.source)));
    put("born", Value::from(session.born.as_secs()));
    put("iat", Value::from(now.as_secs()));
    put("exp", Value::from(exp.as_secs()));
    if let (Source::Kratos, Some(verified_at), Some(binding)) =
        (&session.source, session.verified_at, opened.binding)
    {
        put("ver", Value::from(verified_at.as_secs()));
        put("bnd", Value::from(binding.encode()));
    }
    if let Some(end) = opened.end {
        put("end", Value::from(end.as_secs()));
    }
    if let Some(auth_time) = session.auth_time {
        put("auth_time", Value::from(auth_time.as_secs()));
    }
    if let Some(aal) = session.aal {
        put("aal", Value::from(aal.as_str()));
    }
    if !session.amr.is_empty() {
        put("amr", Value::from(session.amr.clone()));
    }
    if let Some(email) = &session.email {
        put("email", Value::from(&*email.address));
        if let Some(verified) = email.verified {
            put("email_verified", Value::from(verified));
        }
    }
    if !session.roles.is_empty() {
        put("roles", Value::from(session.roles.clone()));
    }
    if !session.claims.is_empty() {
        put("claims", Value::Object(session.claims.clone()));
    }
    claims
}

fn read(claims: &Map<String, Value>, audience: &str) -> Result<Opened, SessionError> {
    let claims = Claims(claims);
    if claims.text("aud")? != audience {
        return Err(SessionError::Audience);
    }
    let source = parse_source(claims.text("src")?).ok_or(SessionError::Malformed)?;
    let (verified_at, binding) = match (&source, claims.has("ver"), claims.has("bnd")) {
        (Source::Kratos, true, true) => {
            let binding = Binding::decode(claims.text("bnd")?).ok_or(SessionError::Malformed)?;
            (Some(claims.time("ver")?), Some(binding))
        }
        (Source::Kratos, ..) | (_, true, _) | (_, _, true) => return Err(SessionError::Malformed),
        _ => (None, None),
    };
    let email = match claims.optional_text("email")? {
        Some(address) => Some(Email {
            address: address.to_owned(),
            verified: claims.optional_bool("email_verified")?,
        }),
        None => None,
    };
    let aal = match claims.optional_text("aal")? {
        Some(name) => Some(Aal::parse(name).ok_or(SessionError::Malformed)?),
        None => None,
    };
    let session = Session {
        subject: claims.text("sub")?.to_owned(),
        session_id: Some(claims.text("sid")?.to_owned()),
        source,
        born: claims.time("born")?,
        issued_at: claims.time("iat")?,
        expires_at: claims.time("exp")?,
        auth_time: claims.optional_time("auth_time")?,
        verified_at,
        aal,
        amr: claims.texts("amr")?,
        email,
        roles: claims.texts("roles")?,
        claims: claims.object("claims")?,
    };
    Ok(Opened {
        session,
        binding,
        end: claims.optional_time("end")?,
    })
}

fn source_name(source: &Source) -> String {
    match source {
        Source::Kratos => "kratos".to_owned(),
        Source::Own => "own".to_owned(),
        Source::Oidc => "oidc".to_owned(),
        Source::Accepted(format) => ["accept:", format].concat(),
    }
}

fn parse_source(name: &str) -> Option<Source> {
    Some(match name {
        "kratos" => Source::Kratos,
        "own" => Source::Own,
        "oidc" => Source::Oidc,
        _ => Source::Accepted(
            name.strip_prefix("accept:")
                .filter(|format| !format.is_empty())?
                .to_owned(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AUD: &str = "https://app.example.com";
    const NAME: &str = "__Host-edgeward";
    const SECRET: &str = "a secret of at least 32 characters";

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn entropy() -> Entropy {
        Entropy::from_seed([3; 32])
    }

    fn format() -> OwnFormat {
        OwnFormat::new(
            &[Secret::new(SECRET)],
            NAME,
            Lifetimes {
                idle: 1_000,
                absolute: 5_000,
            },
        )
    }

    fn kratos_session() -> Opened {
        let session = Session {
            subject: "ann".into(),
            session_id: Some("s1".into()),
            source: Source::Kratos,
            born: at(10_000),
            issued_at: at(10_000),
            expires_at: at(11_000),
            auth_time: Some(at(10_000)),
            verified_at: Some(at(10_000)),
            aal: Some(Aal::Aal1),
            amr: vec!["password".into()],
            email: Some(Email {
                address: "ann@example.com".into(),
                verified: Some(true),
            }),
            roles: vec!["admin".into()],
            claims: json!({"traits": {"name": "Ann"}}).as_object().cloned().unwrap(),
        };
        Opened {
            session,
            binding: Some(Binding::of("ory_kratos_session", "v")),
            end: Some(at(14_000)),
        }
    }

    #[test]
    fn open_gives_back_what_was_sealed_and_only_iat_and_exp_move() {
        let opened = kratos_session();
        let sealed = format().seal(&opened, AUD, at(10_500), &mut entropy()).unwrap();
        assert_eq!(sealed.max_age, 1_000);
        let back = format().open(&sealed.value, AUD, at(10_501)).unwrap();
        assert_eq!(back.session.issued_at, at(10_500));
        assert_eq!(back.session.expires_at, at(11_500));
        let moved = Session {
            issued_at: at(10_000),
            expires_at: at(11_000),
            ..back.session
        };
        assert_eq!(moved, opened.session);
        assert_eq!((back.binding, back.end), (opened.binding, opened.end));
    }

    #[test]
    fn no_seal_outlives_the_hard_end() {
        let sealed = format()
            .seal(&kratos_session(), AUD, at(13_900), &mut entropy())
            .unwrap();
        assert_eq!(sealed.max_age, 100);
        assert!(format().open(&sealed.value, AUD, at(13_999)).is_ok());
        assert_eq!(
            format().open(&sealed.value, AUD, at(14_000)).unwrap_err(),
            SessionError::Expired
        );
    }

    #[test]
    fn a_value_opens_for_its_audience_name_secret_and_purpose_only() {
        let sealed = format()
            .seal(&kratos_session(), AUD, at(10_500), &mut entropy())
            .unwrap()
            .value;
        let lifetimes = Lifetimes {
            idle: 1_000,
            absolute: 5_000,
        };
        let dev = OwnFormat::new(&[Secret::new(SECRET)], "edgeward-dev", lifetimes);
        let other = OwnFormat::new(
            &[Secret::new("another secret of 32 characters!")],
            NAME,
            lifetimes,
        );
        let rotated = OwnFormat::new(
            &[
                Secret::new("another secret of 32 characters!"),
                Secret::new(SECRET),
            ],
            NAME,
            lifetimes,
        );
        assert_eq!(
            format()
                .open(&sealed, "https://other.example.com", at(10_501))
                .unwrap_err(),
            SessionError::Audience
        );
        assert_eq!(
            dev.open(&sealed, AUD, at(10_501)).unwrap_err(),
            SessionError::Unopened
        );
        assert_eq!(
            other.open(&sealed, AUD, at(10_501)).unwrap_err(),
            SessionError::Unopened
        );
        assert!(rotated.open(&sealed, AUD, at(10_501)).is_ok(), "any secret opens");
        let tombstones = KeyRing::derive(&[Secret::new(SECRET)], Purpose::Tombstone, NAME);
        assert_eq!(tombstones.open(&sealed).unwrap_err(), SessionError::Malformed);
    }

    #[test]
    fn tampered_and_hostile_values_never_open() {
        let sealed = format()
            .seal(&kratos_session(), AUD, at(10_500), &mut entropy())
            .unwrap()
            .value;
        for n in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[n] = if bytes[n] == b'A' { b'B' } else { b'A' };
            let value = String::from_utf8(bytes).unwrap();
            assert!(format().open(&value, AUD, at(10_501)).is_err(), "byte {n}");
        }
        for value in [
            "",
            ".",
            "....",
            "a.b.c",
            "eyJhbGciOiJub25lIn0.e30.",
            &".".repeat(8_000),
            &"A".repeat(100_000),
        ] {
            assert!(format().open(value, AUD, at(10_501)).is_err());
        }
    }

    #[test]
    fn claims_that_are_missing_or_odd_are_malformed() {
        let keys = KeyRing::derive(&[Secret::new(SECRET)], Purpose::Session, NAME);
        let good = claims_of(&kratos_session(), AUD, at(10_500), at(11_500));
        let open = |claims: &Map<String, Value>| {
            format().open(&keys.seal(claims, &mut entropy()).unwrap(), AUD, at(10_501))
        };
        assert!(open(&good).is_ok());
        for name in ["aud", "sub", "sid", "src", "born", "iat", "exp", "ver", "bnd"] {
            let mut claims = good.clone();
            claims.remove(name);
            assert_eq!(
                open(&claims).unwrap_err(),
                SessionError::Malformed,
                "without {name}"
            );
        }
        let odd = [
            ("exp", json!("9999999999")),
            ("exp", json!(-1)),
            ("exp", json!(0)),
            ("exp", json!(null)),
            ("exp", json!(1e300)),
            ("exp", json!(11_500.5)),
            ("iat", json!(true)),
            ("iat", json!(99_999)),
            ("born", json!(10_501)),
            ("sub", json!("")),
            ("sub", json!(7)),
            ("sub", json!(["ann"])),
            ("src", json!("cratos")),
            ("src", json!("accept:")),
            ("src", json!("own")),
            ("bnd", json!("short")),
            ("aal", json!("aal9")),
            ("aal", json!(2)),
            ("roles", json!("admin")),
            ("roles", json!([1])),
            ("amr", json!({})),
            ("claims", json!([])),
            ("email_verified", json!("true")),
            ("end", json!("never")),
        ];
        for (name, value) in odd {
            let mut claims = good.clone();
            claims.insert(name.into(), value.clone());
            assert_eq!(
                open(&claims).unwrap_err(),
                SessionError::Malformed,
                "{name}: {value}"
            );
        }
    }

    #[test]
    fn a_session_over_the_budget_is_refused_by_size() {
        let mut opened = kratos_session();
        opened
            .session
            .claims
            .insert("big".into(), json!("x".repeat(3_000)));
        let error = format()
            .seal(&opened, AUD, at(10_500), &mut entropy())
            .err()
            .unwrap();
        assert!(error.bytes > limits::SESSION_COOKIE_BYTES);
    }
}
