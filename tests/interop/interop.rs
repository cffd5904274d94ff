//! The core at the other end of a pipe, for the live checks against the JavaScript libraries.
//!
//! Reads one JSON array of operations from standard input, writes one JSON array of outcomes: each `{"ok": …}` or
//! `{"error": "<stable code>"}`. Byte strings are base64url.

use std::error::Error;
use std::io::Read as _;

use edgeward::base::{Entropy, Secret, Timestamp, base64url};
use edgeward::iron::{self, Passwords};
use edgeward::jose::jws::{self, MacKey};
use edgeward::jose::jwt::{Claims, Expected};
use edgeward::jose::{Algorithm, Jwk, JwkSet, Protected, derive, jwe, jwk};
use edgeward::session::own::{Opened, OwnFormat};
use edgeward::session::{Lifetimes, Session, Source};
use serde_json::{Value, json};

/// An outcome that is no fault of the caller: a stable code.
struct Refused(&'static str);

type Outcome = Result<Value, Refused>;

/// Turns every error of the core into its code.
macro_rules! core {
    ($result:expr) => {
        $result.map_err(|error| Refused(error.code()))?
    };
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut input = String::new();
    std::io::stdin().read_to_string(&mut input)?;
    let operations: Vec<Value> = serde_json::from_str(&input)?;
    let outcomes: Result<Vec<Value>, String> = operations
        .iter()
        .map(|operation| {
            let op = Operation(operation);
            let outcome = match op.text("op") {
                "jwe.seal" => op.jwe_seal(),
                "jwe.open" => op.jwe_open(),
                "jws.sign" => op.jws_sign(),
                "jws.judge" => op.jws_judge(),
                "jwt.validate" => op.jwt_validate(),
                "iron.seal" => op.iron_seal(),
                "iron.unseal" => op.iron_unseal(),
                "own.seal" => op.own_seal(),
                "own.open" => op.own_open(),
                "hkdf" => Ok(op.hkdf()),
                "thumbprint" => op.thumbprint(),
                unknown => return Err(format!("unknown operation {unknown}")),
            };
            Ok(match outcome {
                Ok(value) => json!({ "ok": value }),
                Err(Refused(code)) => json!({ "error": code }),
            })
        })
        .collect();
    println!("{}", serde_json::to_string(&outcomes?)?);
    Ok(())
}

struct Operation<'a>(&'a Value);

impl<'a> Operation<'a> {
    fn text(&self, name: &str) -> &'a str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        base64url::decode(self.text(name)).unwrap_or_default()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(Value::as_u64)
    }

    /// Pairs of texts: header members, passwords by id.
    fn pairs(&self, name: &str) -> Vec<(&'a str, &'a str)> {
        let listed = self
            .0
            .get(name)
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        listed
            .iter()
            .filter_map(|pair| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_str()?)))
            .collect()
    }

    fn entropy(&self) -> Entropy {
        Entropy::from_seed(self.bytes("seed").try_into().unwrap_or([0; 32]))
    }

    fn jwe_key(&self) -> Result<jwe::Key, Refused> {
        let enc = jwe::Enc::parse(self.text("enc")).ok_or(Refused("interop.enc"))?;
        Ok(core!(jwe::Key::new(enc, self.bytes("key"))))
    }

    fn jwe_seal(&self) -> Outcome {
        let header = Protected::new(&self.pairs("header"));
        let plaintext = self.text("plaintext").as_bytes();
        Ok(core!(jwe::seal(
            &header,
            plaintext,
            &self.jwe_key()?,
            &mut self.entropy()
        ))
        .into())
    }

    fn jwe_open(&self) -> Outcome {
        let opened = core!(jwe::open(self.text("token"), &self.jwe_key()?));
        Ok(json!({
            "header": opened.header.members(),
            "plaintext": String::from_utf8_lossy(&opened.plaintext),
        }))
    }

    /// The own session format, as docs/contract.md describes it to others.
    fn own(&self) -> (OwnFormat, Timestamp) {
        let secret = Secret::new(self.text("secret"));
        let lifetimes = Lifetimes {
            idle: 3_600,
            absolute: 86_400,
        };
        let now = i64::try_from(self.number("now").unwrap_or_default()).unwrap_or_default();
        (
            OwnFormat::new(&[secret], self.text("cookie"), lifetimes),
            Timestamp::from_secs(now),
        )
    }

    fn own_seal(&self) -> Outcome {
        let (format, now) = self.own();
        let session = Session {
            subject: self.text("sub").to_owned(),
            session_id: Some("sid-1".to_owned()),
            source: Source::Own,
            born: now,
            issued_at: now,
            expires_at: now,
            auth_time: Some(now),
            verified_at: None,
            aal: None,
            amr: Vec::new(),
            email: None,
            roles: vec!["admin".to_owned()],
            claims: serde_json::Map::new(),
        };
        let opened = Opened {
            session,
            binding: None,
            end: None,
        };
        match format.seal(&opened, self.text("aud"), now, &mut self.entropy()) {
            Ok(sealed) => Ok(sealed.value.into()),
            Err(_) => Err(Refused("own.too_large")),
        }
    }

    fn own_open(&self) -> Outcome {
        let (format, now) = self.own();
        match format.open(self.text("token"), self.text("aud"), now) {
            Ok(opened) => Ok(json!({ "sub": opened.session.subject, "roles": opened.session.roles })),
            Err(_) => Err(Refused("own.refused")),
        }
    }

    fn mac_key(&self) -> Result<MacKey, Refused> {
        let algorithm = Algorithm::parse(self.text("alg")).ok_or(Refused("interop.alg"))?;
        Ok(core!(MacKey::new(algorithm, self.bytes("key"))))
    }

    fn jws_sign(&self) -> Outcome {
        let header = Protected::new(&self.pairs("header"));
        Ok(core!(jws::sign(
            &header,
            self.text("payload").as_bytes(),
            &self.mac_key()?
        ))
        .into())
    }

    /// Verifies by MAC, or says what the host must verify.
    fn jws_judge(&self) -> Outcome {
        let Some(keys) = self.0.get("keys") else {
            let verified = core!(jws::verify(self.text("token"), &self.mac_key()?));
            return Ok(json!({ "payload": String::from_utf8_lossy(&verified.payload) }));
        };
        let listed = keys
            .get("keys")
            .and_then(Value::as_array)
            .map_or(std::slice::from_ref(keys), Vec::as_slice);
        let parsed: Result<Vec<Jwk>, _> = listed.iter().map(|key| Jwk::parse(&key.to_string())).collect();
        let set = core!(parsed.and_then(JwkSet::from_keys));
        let token = core!(jws::decode(self.text("token")));
        let key = core!(set.select(token.header(), &Algorithm::ALL));
        let Some(secret) = key.secret() else {
            let pending = core!(token.prepare(&Algorithm::ALL, key));
            let request = pending.request();
            return Ok(json!({
                "alg": request.algorithm.as_str(),
                "key": request.key.to_public_json(),
                "signing_input": request.signing_input,
                "signature": base64url::encode(&request.signature),
            }));
        };
        let algorithm = key
            .alg()
            .or_else(|| Algorithm::parse(token.header().peek().alg()));
        let key = core!(MacKey::new(
            algorithm.ok_or(Refused("interop.alg"))?,
            secret.expose()
        ));
        let verified = core!(token.verify(&key));
        Ok(json!({ "payload": String::from_utf8_lossy(&verified.payload) }))
    }

    fn jwt_validate(&self) -> Outcome {
        let claims = core!(Claims::parse(self.text("claims").as_bytes()));
        let secs = |name: &str| {
            self.number(name)
                .and_then(|secs| i64::try_from(secs).ok())
                .unwrap_or_default()
        };
        let expected = Expected {
            tolerance: secs("tolerance"),
            ..Expected::at(Timestamp::from_secs(secs("now")))
        };
        core!(claims.validate(&expected));
        Ok(true.into())
    }

    fn passwords(&self) -> Result<Passwords, Refused> {
        let passwords = self.pairs("passwords");
        Ok(core!(Passwords::new(
            passwords
                .into_iter()
                .map(|(id, password)| (id, Secret::new(password)))
        )))
    }

    fn iron_seal(&self) -> Outcome {
        let payload = self.text("payload").as_bytes();
        let expires = self.number("expires_at_ms");
        Ok(core!(iron::seal(
            payload,
            &self.passwords()?,
            expires,
            &mut self.entropy()
        ))
        .into())
    }

    fn iron_unseal(&self) -> Outcome {
        let now = self.number("now_ms").unwrap_or_default();
        let unsealed = core!(iron::unseal(self.text("seal"), &self.passwords()?, now));
        Ok(json!({
            "payload": String::from_utf8_lossy(&unsealed.payload),
            "expires_at_ms": unsealed.expires_at_ms,
        }))
    }

    fn hkdf(&self) -> Value {
        let key = derive::hkdf_sha256::<64>(self.text("secret"), self.text("salt"), self.text("info"));
        base64url::encode(*key).into()
    }

    fn thumbprint(&self) -> Outcome {
        if let Some(key) = self.0.get("jwk") {
            let key = core!(Jwk::parse(&key.to_string()));
            return Ok(json!({ "sha256": key.thumbprint_sha256(), "sha512": key.thumbprint_sha512() }));
        }
        let key = self.bytes("key");
        Ok(json!({ "sha256": jwk::oct_thumbprint_sha256(&key), "sha512": jwk::oct_thumbprint_sha512(&key) }))
    }
}
