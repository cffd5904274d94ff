//! The session of the Next.js authentication guide: a JWT signed with HMAC in a cookie of the app's own.

use crate::base::{Secret, Timestamp};
use crate::jose::Algorithm;
use crate::jose::jws::{self, MacKey, VerifyError};
use crate::jose::jwt::{Claims, ClaimsError, Expected};
use crate::session::own::Opened;
use crate::session::{Email, Session, SessionError, Source};

/// Opens JWTs signed with a shared secret. Read-only: the app writes its cookie.
#[derive(Debug)]
pub struct JwtFormat {
    keys: Vec<MacKey>,
    expected: Scope,
}

/// What a token must say to be a session and not some other token of the same secret (semantics 5.4).
#[derive(Debug, Clone)]
pub struct Scope {
    /// The claim that holds the subject: `userId` in the guide.
    pub subject: String,
    /// The expected `iss`.
    pub issuer: Option<String>,
    /// The expected `aud`.
    pub audience: Option<String>,
    /// The expected header `typ`.
    pub typ: Option<String>,
    /// The claim that holds the e-mail address; its verification is not known.
    pub email: Option<String>,
}

impl JwtFormat {
    /// The format with every secret ready; text secrets are their UTF-8 bytes, never decoded.
    #[must_use]
    pub fn new(algorithm: Algorithm, secrets: &[Secret], expected: Scope) -> Self {
        let keys = secrets
            .iter()
            .filter_map(|secret| MacKey::new(algorithm, secret.expose()).ok())
            .collect();
        Self { keys, expected }
    }

    /// Opens a token: the MAC first, then times and scope. No tolerance, as the guide's own check has none.
    ///
    /// # Errors
    /// [`SessionError`]: `Malformed`, `Unopened`, `Audience` or `Expired`.
    pub fn open(&self, value: &str, now: Timestamp) -> Result<Opened, SessionError> {
        let token = jws::decode(value).map_err(|_| SessionError::Malformed)?;
        if let Some(typ) = &self.expected.typ
            && !token.header().peek().is_typ(typ)
        {
            return Err(SessionError::Malformed);
        }
        let verified = token.verify_with_any(&self.keys).map_err(|error| match error {
            VerifyError::SignatureMismatch | VerifyError::AlgorithmNotAllowed => SessionError::Unopened,
            _ => SessionError::Malformed,
        })?;
        let claims = verified.claims().map_err(|_| SessionError::Malformed)?;
        let (issuer, audience) = (self.expected.issuer.as_deref(), self.expected.audience.as_deref());
        claims
            .validate(&Expected {
                required: &["exp"],
                issuers: issuer.as_slice(),
                audiences: audience.as_slice(),
                ..Expected::at(now)
            })
            .map_err(|error| match error {
                ClaimsError::Expired => SessionError::Expired,
                ClaimsError::WrongAudience | ClaimsError::WrongIssuer => SessionError::Audience,
                _ => SessionError::Malformed,
            })?;
        self.session(claims, now)
    }

    fn session(&self, claims: Claims, now: Timestamp) -> Result<Opened, SessionError> {
        let time = |name| claims.numeric_date(name).map_err(|_| SessionError::Malformed);
        let text = |name: &str| {
            claims
                .get(name)
                .and_then(|value| value.as_str())
                .filter(|text| !text.is_empty())
        };
        let subject = text(&self.expected.subject)
            .ok_or(SessionError::Malformed)?
            .to_owned();
        let expires_at = time("exp")?.ok_or(SessionError::Malformed)?;
        // Without `iat` nobody knows how old it is: it counts as made now, and no rule on age is met by `auth_time`.
        let issued_at = time("iat")?.unwrap_or(now);
        let email = self.expected.email.as_deref().and_then(text);
        let session = Session {
            subject,
            session_id: text("jti").or_else(|| text("sid")).map(str::to_owned),
            source: Source::Own,
            born: issued_at,
            issued_at,
            expires_at,
            auth_time: time("auth_time")?,
            verified_at: None,
            aal: None,
            amr: Vec::new(),
            email: email.map(|address| Email {
                address: address.to_owned(),
                verified: None,
            }),
            roles: Vec::new(),
            claims: claims.into_members(),
        };
        Ok(Opened {
            session,
            binding: None,
            end: Some(expires_at),
        })
    }
}
