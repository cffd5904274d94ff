//! Better Auth: its cookie cache (`session_data`) in three strategies, beside the signed `session_token`.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::common;
use crate::base::{Entropy, Timestamp, base64url, json, rfc3339, docs};
use crate::jose::derive::hkdf_sha256;
use crate::jose::jwe::{self, Enc};
use crate::jose::jwk::oct_thumbprint_sha256;
use crate::jose::jws::{self, MacKey, VerifyError};
use crate::jose::jwt::{Claims, Expected};
use crate::jose::{Algorithm, Protected};
use crate::message::cookie::Cookies;
use crate::session::SessionError;
use crate::session::chunk::{self, Gathered};
use crate::session::encoding::{decode_base64, decode_component};
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::{Mapping, Place, Spans, claims_error, session};
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Keys, Kind, Numbered, Recipe, opt};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "better-auth",
    library: docs::text("better-auth 1.7.24 (run as 1.7.7)"),
    names: &["__Secure-better-auth.session_data", "better-auth.session_data"],
    chunks: Chunks::Numbered(Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Wins,
        gap: Gap::Skipped,
        whole: 3_800,
        piece: 3_800,
        most: 8,
    }),
    keys: Keys::Secrets(0),
    options: &[
        opt(
            "strategy",
            Kind::Words(&["compact", "jwt", "jwe"]),
            "the `session.cookieCache.strategy` of the app",
        ),
        opt(
            "version",
            Kind::Text,
            "the `session.cookieCache.version` of the app",
        ),
    ],
    can: Can {
        seal: true,
        renewed: true,
        born: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &["/api/auth/sign-out"],
    user_editable: &[],
    stricter: docs::list(&[
        "the signed `session_token` must stand beside the cache and be of the same session; the library's middleware helper asks for neither",
        "the strategy comes from the config",
        "`expiresAt` of cache and session must be there",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked: the cache lives five minutes by default",
        "a session without its cache: `session_token` alone is an id of a row",
        "the asymmetric cache of the `jwt` plugin",
    ]),
    build: Some(build),
};

/// The clock tolerance of the encrypted cache, in seconds; the others have none.
const TOLERANCE: i64 = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strategy {
    Compact,
    Jwt,
    Jwe,
}

#[derive(Debug)]
struct BetterAuth {
    strategy: Strategy,
    version: String,
    keys: Vec<Key>,
    mapping: Mapping,
}

/// A secret, made ready for each use.
#[derive(Debug)]
struct Key {
    mac: MacKey,
    seal: jwe::Key,
    kid: String,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    let strategy = match setup.texts("strategy").as_slice() {
        [] => Strategy::Compact,
        [one] if one == "jwt" => Strategy::Jwt,
        [one] if one == "jwe" => Strategy::Jwe,
        [_] => Strategy::Compact,
        _ => {
            return Err(SetupError::new(
                "config.value",
                "strategy",
                "several",
                "one strategy",
                "",
            ));
        }
    };
    let key = |secret: &crate::base::Secret| {
        let info = "BetterAuth.js Generated Encryption Key";
        let long = hkdf_sha256::<64>(secret.expose(), "better-auth-session", info);
        Some(Key {
            mac: MacKey::new(Algorithm::Hs256, secret.expose()).ok()?,
            seal: jwe::Key::new(Enc::A256CbcHs512, *long).ok()?,
            kid: oct_thumbprint_sha256(&*long),
        })
    };
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(BetterAuth {
            strategy,
            version: setup.text("version").unwrap_or("1").to_owned(),
            keys: setup.secrets.iter().filter_map(key).collect(),
            mapping: Mapping {
                subject: Place::parse("/user/id"),
                session_id: vec![Place::parse("/session/id")],
                email: Some(Place::parse("/user/email")),
                email_verified: Some(Place::parse("/user/emailVerified")),
                auth_time: None,
                numeric_subject: false,
            },
        }),
    })
}

impl BetterAuth {
    /// The token of `session_token`, once its signature was right.
    fn token(&self, presented: &Presented, at: &At<'_>) -> Result<String, SessionError> {
        let signed = presented.beside("token").and_then(decode_component);
        let signed = signed.ok_or(SessionError::Malformed)?;
        let (token, mac) = signed.rsplit_once('.').ok_or(SessionError::Malformed)?;
        let mac = decode_base64(mac)
            .filter(|mac| mac.len() == 32)
            .ok_or(SessionError::Malformed)?;
        for key in &self.keys {
            at.budget.trial()?;
            if key.mac.verify(token.as_bytes(), &mac) {
                return Ok(token.to_owned());
            }
        }
        Err(SessionError::Unopened)
    }

    /// What the cache holds, and when it ends.
    fn data(&self, value: &str, at: &At<'_>) -> Result<(Map<String, Value>, Timestamp), SessionError> {
        match self.strategy {
            Strategy::Compact => self.compact(value, at),
            Strategy::Jwt => {
                let mut outcome = Err(VerifyError::AlgorithmNotAllowed);
                for key in &self.keys {
                    let token = jws::decode(value).map_err(|_| SessionError::Malformed)?;
                    at.budget.trial()?;
                    outcome = token.verify(&key.mac);
                    if outcome.is_ok() {
                        break;
                    }
                }
                let verified = outcome.map_err(|_| SessionError::Unopened)?;
                self.timed(verified.claims().map_err(claims_error)?, &Expected::at(at.now()))
            }
            Strategy::Jwe => {
                let token = jwe::decode(value).map_err(|_| SessionError::Malformed)?;
                let kid = token.header().peek().kid();
                let fits = |key: &&Key| kid.is_none_or(|kid| kid == key.kid);
                let keys = self.keys.iter().filter(fits).map(|key| &key.seal);
                let (_, members) = common::open_jwe(value, keys, at)?;
                self.timed(Claims::from(members), &common::expected(at.now(), TOLERANCE))
            }
        }
    }

    fn timed(
        &self,
        claims: Claims,
        expected: &Expected<'_>,
    ) -> Result<(Map<String, Value>, Timestamp), SessionError> {
        claims.validate(expected).map_err(claims_error)?;
        let end = claims
            .numeric_date("exp")
            .map_err(claims_error)?
            .ok_or(SessionError::Malformed)?;
        Ok((claims.into_members(), end.plus(expected.tolerance)))
    }

    /// `{"session":S,"expiresAt":n,"signature":"…"}`; the signature is over S with `expiresAt` as its last member, so the text
    /// of S is used as it came.
    fn compact(&self, value: &str, at: &At<'_>) -> Result<(Map<String, Value>, Timestamp), SessionError> {
        const M: SessionError = SessionError::Malformed;
        let bytes = base64url::decode(value).map_err(|_| M)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| M)?;
        let body = text.strip_prefix(r#"{"session":"#).ok_or(M)?;
        let (inner, tail) = body.rsplit_once(r#","expiresAt":"#).ok_or(M)?;
        let (end, signature) = tail.split_once(r#","signature":""#).ok_or(M)?;
        let signature = signature.strip_suffix(r#""}"#).ok_or(M)?;
        let mac = base64url::decode(signature).map_err(|_| M)?;
        let digits = !end.is_empty() && end.len() <= 15 && end.bytes().all(|b| b.is_ascii_digit());
        let end_ms: i64 = end.parse().ok().filter(|_| digits).ok_or(M)?;
        let open = inner.strip_suffix('}').ok_or(M)?;
        let signed = [open, r#","expiresAt":"#, end, "}"].concat();
        let mut good = false;
        for key in &self.keys {
            at.budget.trial()?;
            good = key.mac.verify(signed.as_bytes(), &mac);
            if good {
                break;
            }
        }
        if !good {
            return Err(SessionError::Unopened);
        }
        let end = Timestamp::from_secs(end_ms / 1000);
        if end <= at.now() {
            return Err(SessionError::Expired);
        }
        Ok((json::object(inner.as_bytes()).map_err(|_| M)?, end))
    }

    fn read(&self, presented: &Presented, at: &At<'_>) -> Result<Opened, SessionError> {
        let (members, end) = self.data(&presented.value, at)?;
        let token = self.token(presented, at)?;
        let text = |place: &str| Place::parse(place).find(&members).and_then(Value::as_str);
        if text("/session/token") != Some(token.as_str()) {
            return Err(SessionError::Malformed);
        }
        if members.get("version").map_or(Some("1"), Value::as_str) != Some(self.version.as_str()) {
            return Err(SessionError::Expired);
        }
        let date = |place: &str| text(place).and_then(rfc3339::parse_utc);
        let session_end = date("/session/expiresAt").ok_or(SessionError::Malformed)?;
        let spans = Spans {
            born: date("/session/createdAt"),
            issued_at: date("/session/updatedAt"),
            expires_at: Some(end.min(session_end)),
        };
        let mut claims = Map::new();
        for name in ["user", "session"] {
            if let Some(Value::Object(part)) = members.get(name) {
                let mut part = part.clone();
                part.remove("token");
                claims.insert(name.to_owned(), Value::Object(part));
            }
        }
        session(claims, &self.mapping, spans, at.now())
    }
}

impl Format for BetterAuth {
    fn gather(&self, cookies: &Cookies<'_>, names: &[String], chunks: Chunks) -> Gathered {
        let mut gathered = chunk::gather(cookies, names, chunks);
        for value in &mut gathered.values {
            let name = names.get(value.name).map_or("", String::as_str);
            let mut tokens = Vec::new();
            for token in cookies.values(&name.replace("session_data", "session_token")) {
                if !tokens.contains(&token) {
                    tokens.push(token);
                }
            }
            match tokens.as_slice() {
                [] => {}
                [token] => value.beside.push(("token", (*token).to_owned())),
                _ => gathered.fault = Some(SessionError::Ambiguous),
            }
        }
        gathered
    }

    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        Opening::of(self.read(presented, at))
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        self.data(&presented.value, at).ok().map(|(members, _)| members)
    }

    fn seal(
        &self,
        _: usize,
        mut payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        payload.remove("edgeward");
        let key = self.keys.first()?;
        if self.strategy == Strategy::Compact {
            let end = times.expires_at.as_secs().checked_mul(1000)?;
            let inner = json::text(&Value::Object(payload));
            let signed = [inner.strip_suffix('}')?, &format!(r#","expiresAt":{end}}}"#)].concat();
            let mac = base64url::encode(key.mac.mac(signed.as_bytes()));
            return Some(base64url::encode(format!(
                r#"{{"session":{inner},"expiresAt":{end},"signature":"{mac}"}}"#
            )));
        }
        common::put_times(&mut payload, times);
        if self.strategy == Strategy::Jwe {
            payload.insert("jti".into(), Value::from(common::uuid(entropy)));
            let header = [
                ("alg", "dir"),
                ("enc", "A256CBC-HS512"),
                ("kid", key.kid.as_str()),
            ];
            return common::seal_jwe(&header, &payload, &key.seal, entropy);
        }
        let plaintext = serde_json::to_vec(&payload).ok()?;
        jws::sign(&Protected::new(&[("alg", "HS256")]), &plaintext, &key.mac).ok()
    }
}
