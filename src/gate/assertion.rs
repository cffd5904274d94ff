//! The signed statement that tells the origin who the visitor is (semantics 4.3): a JWT for one minute.

use serde_json::{Map, Value};

use crate::base::{Secret, Timestamp, base64url};
use crate::jose::jwk::{JwkError, SigningKey};
use crate::jose::jws::{self, MacKey, Pending, Verified};
use crate::jose::jwt::{Claims, Expected};
use crate::jose::{Algorithm, Jwk, JwkSet, Protected, derive};
use crate::session::claims::Claims as Read;
use crate::session::sealed::{Purpose, kid};
use crate::session::{Aal, Email, Pointer, Session, SessionError, Source};
use crate::step::{HostKey, Reply, Sign};

/// The header that carries it.
pub(crate) const HEADER: &str = "x-edgeward-assertion";

/// `iss`: whoever else signs for the origin has another name.
const ISSUER: &str = "edgeward";

/// Long enough for a slow origin to start, short enough to be worthless in a log.
const LIFETIME_SECS: i64 = 60;

/// The two clocks of a platform agree to within this.
const CLOCK_TOLERANCE_SECS: i64 = 10;

/// Signs assertions for one origin, and verifies them there.
#[derive(Debug)]
pub(crate) struct Asserter {
    key: Key,
    /// `None` where nothing is held that signs.
    header: Option<Protected>,
    audience: String,
    claims: Vec<Pointer>,
}

#[derive(Debug)]
enum Key {
    /// HS256.
    Mac(MacKey),
    /// ES256, which the host computes: the private key where this gate signs, and those that verify.
    Host(Option<HostKey>, JwkSet),
}

/// An assertion, or what the host has to sign for one.
pub(crate) enum Assertion {
    Signed(String),
    Unsigned(Sign),
}

/// What an assertion that came says, or what the host has to verify first.
pub(crate) enum Opening {
    Closed,
    Told(Session),
    Asks(Pending),
}

impl Asserter {
    /// The key is HKDF-SHA256 of the secret under the purpose's label; any JOSE library can verify with it.
    pub(crate) fn shared(secret: &Secret, audience: String, claims: Vec<Pointer>) -> Option<Self> {
        let key = derive::hkdf_sha256::<32>(secret.expose(), "", Purpose::Assertion.label());
        let key = MacKey::new(Algorithm::Hs256, *key).ok()?;
        Some(Self {
            key: Key::Mac(key),
            header: Some(header(Algorithm::Hs256, &kid(secret))),
            audience,
            claims,
        })
    }

    /// The key is a private one, and its public half, or a JWK Set with it, is all that the origin needs: `signs` says whether
    /// this is the gate, which needs the private one.
    pub(crate) fn pair(
        secret: &Secret,
        signs: bool,
        audience: String,
        claims: Vec<Pointer>,
    ) -> Result<Self, JwkError> {
        let document = std::str::from_utf8(secret.expose()).map_err(|_| JwkError::Malformed)?;
        let (key, header) = match published(document).filter(|_| !signs) {
            Some(keys) => (Key::Host(None, keys), None),
            None => {
                let key = SigningKey::parse_es256(document)?;
                let keys = JwkSet::from_keys(vec![key.public().clone()])?;
                let private = HostKey::new(key.to_private_json());
                (
                    Key::Host(Some(private), keys),
                    Some(header(Algorithm::Es256, key.kid())),
                )
            }
        };
        Ok(Self {
            key,
            header,
            audience,
            claims,
        })
    }

    /// A statement about `session` at `now`; `None` where nothing is held that signs.
    pub(crate) fn assert(&self, session: &Session, now: Timestamp) -> Option<Assertion> {
        let header = self.header.as_ref()?;
        let claims = serde_json::to_vec(&self.claims(session, now)).ok()?;
        Some(match &self.key {
            Key::Mac(key) => Assertion::Signed(jws::sign(header, &claims, key).ok()?),
            Key::Host(key, _) => Assertion::Unsigned(Sign {
                alg: Algorithm::Es256.as_str(),
                key: key.clone()?,
                signing_input: [header.encoded(), ".", &base64url::encode(claims)]
                    .concat()
                    .into_bytes(),
            }),
        })
    }

    /// Reads a statement: of a shared secret at once, of a key pair after the host has done the mathematics.
    pub(crate) fn open(&self, compact: &str, now: Timestamp) -> Opening {
        let opened = match &self.key {
            Key::Mac(key) => jws::verify(compact, key)
                .ok()
                .and_then(|verified| self.told(&verified, now))
                .map(Opening::Told),
            Key::Host(_, keys) => jws::decode(compact).ok().and_then(|jws| {
                let key = named(keys, jws.header().peek().kid()?)?;
                jws.prepare(&[Algorithm::Es256], key).ok().map(Opening::Asks)
            }),
        };
        opened.unwrap_or(Opening::Closed)
    }

    /// The session that a statement is about, if this gate's twin in front of the app signed it for this origin just now.
    pub(crate) fn told(&self, verified: &Verified, now: Timestamp) -> Option<Session> {
        if verified.header.typ() != Some(Purpose::Assertion.typ()) {
            return None;
        }
        let claims = Claims::parse(&verified.payload).ok()?;
        let expected = Expected {
            tolerance: CLOCK_TOLERANCE_SECS,
            iat_ahead: CLOCK_TOLERANCE_SECS,
            issuers: &[ISSUER],
            audiences: &[&self.audience],
            max_token_age: Some(LIFETIME_SECS),
            ..Expected::at(now)
        };
        claims.validate(&expected).ok()?;
        session(Read(claims.members())).ok()
    }

    fn claims(&self, session: &Session, now: Timestamp) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", Value::from(ISSUER));
        put("aud", Value::from(&*self.audience));
        put("sub", Value::from(&*session.subject));
        put("iat", Value::from(now.as_secs()));
        put(
            "exp",
            Value::from(now.plus(LIFETIME_SECS).min(session.expires_at).as_secs()),
        );
        if let Some(session_id) = &session.session_id {
            put("sid", Value::from(&**session_id));
        }
        if let Some(auth_time) = session.auth_time {
            put("auth_time", Value::from(auth_time.as_secs()));
        }
        if let Some(aal) = session.aal {
            put("aal", Value::from(aal.as_str()));
        }
        if !session.roles.is_empty() {
            put("roles", Value::from(session.roles.clone()));
        }
        if let Some(email) = &session.email {
            put("email", Value::from(&*email.address));
            // OIDC Core section 5.1: absent would be read as unknown, and unknown is not verified.
            put("email_verified", Value::from(email.verified == Some(true)));
        }
        let mut chosen = Map::new();
        for pointer in &self.claims {
            if let Some(value) = pointer.find(&session.claims) {
                pointer.put(&mut chosen, value.clone());
            }
        }
        if !chosen.is_empty() {
            put("claims", Value::Object(chosen));
        }
        claims
    }
}

fn session(claims: Read<'_>) -> Result<Session, SessionError> {
    let issued_at = claims.time("iat")?;
    let email = match claims.optional_text("email")? {
        Some(address) => Some(Email {
            address: address.to_owned(),
            verified: claims.optional_bool("email_verified")?,
        }),
        None => None,
    };
    Ok(Session {
        subject: claims.text("sub")?.to_owned(),
        session_id: claims.optional_text("sid")?.map(str::to_owned),
        source: Source::Own,
        born: issued_at,
        issued_at,
        expires_at: claims.time("exp")?.plus(CLOCK_TOLERANCE_SECS),
        auth_time: claims.optional_time("auth_time")?,
        verified_at: None,
        aal: claims.optional_text("aal")?.and_then(Aal::parse),
        amr: Vec::new(),
        email,
        roles: claims.texts("roles")?,
        claims: claims.object("claims")?,
    })
}

/// Public keys, as one or as a set, of which one verifies assertions.
fn published(document: &str) -> Option<JwkSet> {
    let one = |_| Jwk::parse(document).and_then(|key| JwkSet::from_keys(vec![key]));
    let keys = JwkSet::parse(document).or_else(one).ok()?;
    let fits = keys.keys().iter().any(|key| key.verifies(Algorithm::Es256));
    fits.then_some(keys)
}

/// The key of a name: its `kid`, or without one its thumbprint.
fn named<'a>(keys: &'a JwkSet, name: &str) -> Option<&'a Jwk> {
    keys.keys().iter().find(|key| {
        key.verifies(Algorithm::Es256)
            && match key.kid() {
                Some(kid) => kid == name,
                None => key.thumbprint_sha256() == name,
            }
    })
}

fn header(alg: Algorithm, kid: &str) -> Protected {
    Protected::new(&[
        ("alg", alg.as_str()),
        ("typ", Purpose::Assertion.typ()),
        ("kid", kid),
    ])
}

/// The assertion with the host's signature; `None` for anything but one (RFC 7518 section 3.4).
pub(crate) fn signed(signing_input: Vec<u8>, reply: Reply) -> Option<String> {
    match reply {
        Reply::Signed(signature) if signature.len() == ES256_BYTES => {
            let input = String::from_utf8(signing_input).ok()?;
            Some([&input, ".", &base64url::encode(signature)].concat())
        }
        _ => None,
    }
}

/// `r` and `s` side by side.
const ES256_BYTES: usize = 64;
