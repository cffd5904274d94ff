//! A signed token against secrets, given keys or a published key set. Algorithms come from the config only.

use std::rc::Rc;

use super::SessionError;
use super::format::{At, Opening, Verifying};
use super::keys::{Choice, KeyUse, SourceId};
use super::mapping::claims_error;
use super::setup::{Setup, SetupError};
use crate::base::Timestamp;
use crate::jose::jws::{self, Jws, MacKey, Verified, VerifyError};
use crate::jose::jwt::{Claims, Expected};
use crate::jose::{Algorithm, Header, Jwk};

/// What opens a token, and what it must say.
#[derive(Debug)]
pub struct Signed {
    macs: Vec<MacKey>,
    fixed: Vec<Jwk>,
    remote: Option<SourceId>,
    rule: Rule,
}

/// What a token must say before its key is looked at (semantics 10.1), and again once it is verified.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Accepted algorithms.
    pub algorithms: Vec<Algorithm>,
    /// The header's `typ`; empty: not looked at. An absent one passes only where `typ_absent` says so.
    pub typ: Vec<String>,
    /// Whether a token without `typ` passes.
    pub typ_absent: bool,
    /// Accepted issuers; empty: not looked at.
    pub issuers: Vec<String>,
    /// Accepted audiences; empty: not looked at.
    pub audiences: Vec<String>,
    /// Clock tolerance in seconds.
    pub tolerance: i64,
    /// Claims that must be there.
    pub required: &'static [&'static str],
    /// How many seconds ahead `iat` may be.
    pub iat_ahead: i64,
    /// A last or second-last segment that the issuer must have; Descope's issuers are names or URLs.
    pub issuer_segment: Option<String>,
    /// Whether the token may have ended: it proves a login that was, beside a token that has not ended.
    pub may_have_ended: bool,
}

impl Rule {
    /// These algorithms, no tolerance, `exp` required, nothing else looked at.
    #[must_use]
    pub const fn new(algorithms: Vec<Algorithm>) -> Self {
        Self {
            algorithms,
            typ: Vec::new(),
            typ_absent: true,
            issuers: Vec::new(),
            audiences: Vec::new(),
            tolerance: 0,
            required: &[],
            iat_ahead: 60,
            issuer_segment: None,
            may_have_ended: false,
        }
    }

    fn fits_header(&self, header: &Header) -> Result<(), SessionError> {
        let algorithm = Algorithm::parse(header.alg());
        if !algorithm.is_some_and(|algorithm| self.algorithms.contains(&algorithm)) {
            return Err(SessionError::Unopened);
        }
        let typ = match header.typ() {
            None => self.typ.is_empty() || self.typ_absent,
            Some(_) => self.typ.is_empty() || self.typ.iter().any(|typ| header.is_typ(typ)),
        };
        if typ { Ok(()) } else { Err(SessionError::Malformed) }
    }

    fn validate(&self, claims: &Claims, now: Timestamp) -> Result<(), SessionError> {
        let issuers: Vec<&str> = self.issuers.iter().map(String::as_str).collect();
        let audiences: Vec<&str> = self.audiences.iter().map(String::as_str).collect();
        let begun = claims
            .numeric_date("iat")
            .ok()
            .flatten()
            .filter(|_| self.may_have_ended);
        let expected = Expected {
            tolerance: self.tolerance,
            required: self.required,
            issuers: &issuers,
            audiences: &audiences,
            iat_ahead: self.iat_ahead,
            ..Expected::at(begun.map_or(now, |begun| begun.min(now)))
        };
        claims.validate(&expected).map_err(claims_error)?;
        if let Some(segment) = &self.issuer_segment {
            let issuer = claims.text("iss").ok().flatten().ok_or(SessionError::Malformed)?;
            if !issuer.rsplit('/').take(2).any(|part| part == segment) {
                return Err(SessionError::Audience);
            }
        }
        Ok(())
    }
}

/// What goes on with a token that was verified and says what it must.
type Then = Box<dyn FnOnce(Header, Claims, &At<'_>) -> Opening>;

impl Signed {
    /// Makes the keys ready. `default_jwks` is the address that the recipe knows.
    ///
    /// # Errors
    /// [`SetupError`] when there is nothing that could open a token of the rule's algorithms.
    pub fn new(setup: &Setup<'_>, rule: Rule, default_jwks: Option<&str>) -> Result<Rc<Self>, SetupError> {
        let (symmetric, asymmetric): (Vec<Algorithm>, Vec<Algorithm>) = rule
            .algorithms
            .iter()
            .partition(|algorithm| algorithm.is_symmetric());
        let macs: Vec<MacKey> = symmetric
            .iter()
            .flat_map(|algorithm| {
                setup
                    .secrets
                    .iter()
                    .map(|secret| MacKey::new(*algorithm, secret.expose()))
            })
            .filter_map(Result::ok)
            .collect();
        let remote = if asymmetric.is_empty() {
            None
        } else {
            setup.remote(default_jwks)
        };
        let by_secret = !symmetric.is_empty() && setup.listed.secrets > 0;
        let by_key = !asymmetric.is_empty() && (setup.listed.keys > 0 || remote.is_some());
        if !by_secret && !by_key {
            return Err(if asymmetric.is_empty() {
                SetupError::missing("secrets", "a list of references, `{ env = \"NAME\" }`")
            } else {
                SetupError::missing(
                    "jwks",
                    "the address of the issuer's key set, or `keys` with a PEM or JWK",
                )
            });
        }
        let useless = |key: &&Jwk| !asymmetric.iter().any(|algorithm| key.verifies(*algorithm));
        if setup.keys.iter().any(|key| useless(&key)) {
            return Err(SetupError::new(
                "config.key",
                "keys",
                "a key that none of the algorithms uses",
                "a public key of the type that `algorithm` names",
                "",
            ));
        }
        Ok(Rc::new(Self {
            macs,
            fixed: setup.keys.to_vec(),
            remote,
            rule,
        }))
    }

    /// The secrets, made ready; the first signs.
    #[must_use]
    pub fn macs(&self) -> &[MacKey] {
        &self.macs
    }

    /// Opens a token and goes on with what it says.
    pub fn open(
        self: &Rc<Self>,
        token: &str,
        at: &At<'_>,
        then: impl FnOnce(Header, Claims, &At<'_>) -> Opening + 'static,
    ) -> Opening {
        match self.start(token, at, Box::new(then)) {
            Ok(opening) => opening,
            Err(error) => Opening::Failed(error),
        }
    }

    fn start(self: &Rc<Self>, token: &str, at: &At<'_>, then: Then) -> Result<Opening, SessionError> {
        let decoded = jws::decode(token).map_err(verify_error)?;
        let header = decoded.header();
        self.rule.fits_header(header.peek())?;
        if Algorithm::parse(header.peek().alg()).is_some_and(Algorithm::is_symmetric) {
            return self.by_secret(decoded, at, then);
        }
        // What nobody has verified cannot end a session: such a value is left alone.
        let claims = decoded.claims().map_err(claims_error)?;
        self.rule
            .validate(claims.peek(), at.now())
            .map_err(|error| match error {
                SessionError::Expired => SessionError::Lapsed,
                error => error,
            })?;
        let candidates: Vec<(Jwk, Option<KeyUse>)> = match self.remote {
            None => {
                let kid = header.peek().kid();
                let named = |key: &&Jwk| kid.is_some() && key.kid() == kid;
                let fits = |key: &&Jwk| key.kid().is_none() || kid.is_none();
                let by_name: Vec<_> = self.fixed.iter().filter(named).collect();
                let keys = if by_name.is_empty() {
                    self.fixed.iter().filter(fits).collect()
                } else {
                    by_name
                };
                keys.into_iter().map(|key| (key.clone(), None)).collect()
            }
            Some(source) => {
                let choice =
                    at.key_sets
                        .borrow_mut()
                        .choose(source, header, &self.rule.algorithms, at.now_ms);
                match choice {
                    Choice::Key(key, used) => vec![(key, Some(used))],
                    Choice::Fetch => return Ok(Opening::NeedsKeys(source)),
                    Choice::Unknown => return Err(SessionError::UnknownKey),
                    Choice::Refused => return Err(SessionError::Unopened),
                }
            }
        };
        Ok(Rc::clone(self).try_key(token.to_owned(), candidates, at, then))
    }

    fn by_secret(&self, decoded: Jws<'_>, at: &At<'_>, then: Then) -> Result<Opening, SessionError> {
        let alg = Algorithm::parse(decoded.header().peek().alg());
        let mut spent = Ok(());
        let keys = self.macs.iter().filter(|key| Some(key.algorithm()) == alg);
        let outcome = decoded.verify_with_any(keys.take_while(|_| {
            spent = at.budget.trial();
            spent.is_ok()
        }));
        spent?;
        self.finish(outcome.map_err(verify_error)?, at, then)
    }

    /// Asks the host about the first candidate, and on its "no" about the next.
    fn try_key(
        self: Rc<Self>,
        token: String,
        mut candidates: Vec<(Jwk, Option<KeyUse>)>,
        at: &At<'_>,
        then: Then,
    ) -> Opening {
        let (pending, used) = loop {
            if candidates.is_empty() {
                return Opening::Failed(SessionError::Unopened);
            }
            let (key, used) = candidates.remove(0);
            let prepared =
                jws::decode(&token).and_then(|decoded| decoded.prepare(&self.rule.algorithms, &key));
            if let Ok(pending) = prepared {
                break (pending, used);
            }
        };
        if let Err(error) = at.budget.trial() {
            return Opening::Failed(error);
        }
        let request = pending.request().clone();
        Opening::Verify(Box::new(Verifying::new(
            request,
            used,
            move |verified, at| match pending.conclude(verified) {
                Ok(verified) => self.finish(verified, at, then).unwrap_or_else(Opening::Failed),
                Err(_) => self.try_key(token, candidates, at, then),
            },
        )))
    }

    fn finish(&self, verified: Verified, at: &At<'_>, then: Then) -> Result<Opening, SessionError> {
        let claims = verified.claims().map_err(claims_error)?;
        self.rule.validate(&claims, at.now())?;
        Ok(then(verified.header, claims, at))
    }
}

fn verify_error(error: VerifyError) -> SessionError {
    match error {
        VerifyError::SignatureMismatch | VerifyError::AlgorithmNotAllowed => SessionError::Unopened,
        _ => SessionError::Malformed,
    }
}
