//! Public keys: the config's own, and key sets that an issuer publishes (semantics 10.1).

use std::fmt;

use edgeward_primitives::digest;

use crate::jose::jwks::SelectError;
use crate::jose::{Algorithm, Header, Jwk, JwkSet, Unverified};

/// Names a key set among those of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceId(u16);

/// Which key of which set a session was verified with: a key that is gone takes its sessions with it.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyUse {
    source: SourceId,
    generation: u32,
    thumbprint: String,
}

impl fmt::Debug for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyUse")
            .field("source", &self.source)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// What a set says about a token's header.
#[derive(Debug)]
pub enum Choice {
    /// The key.
    Key(Jwk, KeyUse),
    /// Ask the issuer for its keys first.
    Fetch,
    /// The key is not known, and nobody may be asked right now: `key.unknown`.
    Unknown,
    /// No key can fit.
    Refused,
}

/// Every key set of a gate, by address.
#[derive(Debug, Default)]
pub struct KeySets {
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    url: String,
    keys: Option<JwkSet>,
    generation: u32,
    /// When the question was asked that the keys answer.
    asked_ms: u64,
    /// When a question was last sent off, whatever came of it.
    sent_ms: Option<u64>,
    /// When an answer was last unusable.
    failed_ms: Option<u64>,
    /// Hashes of `kid`s that no set had, and when.
    unknown: Vec<([u8; 8], u64)>,
}

/// How long a set is believed without asking again: jose's and Supabase's ten minutes.
const FRESH_MS: u64 = 600_000;
/// How long a set serves while the issuer cannot be asked.
const STALE_MS: u64 = 3_600_000;
/// One refetch for an unknown `kid` in so long, and how long the `kid` is remembered (semantics 10.1).
const COOLDOWN_MS: u64 = 30_000;
/// After an unusable answer; the `Retry-After` of `key.unknown`.
const RETRY_MS: u64 = 5_000;
/// Unknown `kid`s that are remembered.
const UNKNOWN_KIDS: usize = 64;

impl KeySets {
    /// A source for an address; the same one for the same address.
    pub fn register(&mut self, url: &str) -> SourceId {
        let at = self.sources.iter().position(|source| source.url == url);
        let at = at.unwrap_or_else(|| {
            self.sources.push(Source {
                url: url.to_owned(),
                keys: None,
                generation: 0,
                asked_ms: 0,
                sent_ms: None,
                failed_ms: None,
                unknown: Vec::new(),
            });
            self.sources.len() - 1
        });
        SourceId(u16::try_from(at).unwrap_or(u16::MAX))
    }

    /// The address of a set.
    #[must_use]
    pub fn url(&self, id: SourceId) -> Option<&str> {
        self.sources
            .get(usize::from(id.0))
            .map(|source| source.url.as_str())
    }

    /// The key for a token whose other claims already fit, or what to do about it.
    pub fn choose(
        &mut self,
        id: SourceId,
        header: &Unverified<Header>,
        allowed: &[Algorithm],
        now_ms: u64,
    ) -> Choice {
        self.sources
            .get_mut(usize::from(id.0))
            .map_or(Choice::Refused, |source| {
                source.choose(id, header, allowed, now_ms)
            })
    }

    /// A question was sent off.
    pub fn sent(&mut self, id: SourceId, now_ms: u64) {
        if let Some(source) = self.sources.get_mut(usize::from(id.0)) {
            source.sent_ms = Some(now_ms);
        }
    }

    /// Enters an answer: the document of status 200, or `None` for anything else. An older answer never replaces a newer one.
    pub fn enter(&mut self, id: SourceId, document: Option<&[u8]>, asked_ms: u64, now_ms: u64) {
        let Some(source) = self.sources.get_mut(usize::from(id.0)) else {
            return;
        };
        let keys = document
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(|text| JwkSet::parse(text).ok())
            .filter(|set| !set.keys().is_empty());
        match keys {
            Some(_) if source.keys.is_some() && asked_ms < source.asked_ms => {}
            Some(keys) => {
                source.keys = Some(keys);
                source.generation = source.generation.wrapping_add(1);
                source.asked_ms = asked_ms;
                source.failed_ms = None;
                source.unknown.clear();
            }
            None => source.failed_ms = Some(now_ms),
        }
    }

    /// Whether what was verified with this key still stands: the key is in the set, and the set is fresh.
    #[must_use]
    pub fn holds(&self, used: &KeyUse, now_ms: u64) -> bool {
        let Some(source) = self.sources.get(usize::from(used.source.0)) else {
            return false;
        };
        let Some(keys) = &source.keys else { return false };
        now_ms.saturating_sub(source.asked_ms) <= FRESH_MS
            && (source.generation == used.generation
                || keys
                    .keys()
                    .iter()
                    .any(|key| key.thumbprint_sha256() == used.thumbprint))
    }
}

impl Source {
    fn choose(
        &mut self,
        id: SourceId,
        header: &Unverified<Header>,
        allowed: &[Algorithm],
        now_ms: u64,
    ) -> Choice {
        let within = |since: Option<u64>, span| since.is_some_and(|at| now_ms.saturating_sub(at) < span);
        let may_retry = !within(self.failed_ms, RETRY_MS);
        let Some(keys) = &self.keys else {
            return if may_retry { Choice::Fetch } else { Choice::Unknown };
        };
        let age = now_ms.saturating_sub(self.asked_ms);
        if age > FRESH_MS {
            if may_retry {
                return Choice::Fetch;
            }
            if age > STALE_MS {
                return Choice::Unknown;
            }
        }
        match keys.select(header, allowed) {
            Ok(key) => {
                let used = KeyUse {
                    source: id,
                    generation: self.generation,
                    thumbprint: key.thumbprint_sha256(),
                };
                Choice::Key(key.clone(), used)
            }
            Err(SelectError::UnknownKid) => {
                let kid = hash(header.peek().kid().unwrap_or_default());
                self.unknown
                    .retain(|(_, at)| now_ms.saturating_sub(*at) < COOLDOWN_MS);
                let known_unknown = self.unknown.iter().any(|(known, _)| *known == kid);
                // The answer that is here was asked for before this moment: it counts as a question, too.
                let asked = self.sent_ms.map_or(self.asked_ms, |sent| sent.max(self.asked_ms));
                if known_unknown || within(Some(asked), COOLDOWN_MS) {
                    if !known_unknown {
                        self.remember(kid, now_ms);
                    }
                    return Choice::Unknown;
                }
                Choice::Fetch
            }
            Err(_) => Choice::Refused,
        }
    }

    fn remember(&mut self, kid: [u8; 8], now_ms: u64) {
        if self.unknown.len() >= UNKNOWN_KIDS {
            self.unknown.remove(0);
        }
        self.unknown.push((kid, now_ms));
    }
}

fn hash(kid: &str) -> [u8; 8] {
    digest::first(&digest::sha256(&[kid.as_bytes()]))
}

/// Parses the keys of a text: a PEM (`PUBLIC KEY`, RFC 5280), a JWK or a JWK Set. Shared secrets and private keys are none.
///
/// ```
/// # use edgeward::session::keys;
/// let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// assert_eq!(keys::parse(jwk).map(|keys| keys.len()), Some(1));
/// assert!(keys::parse(r#"{"kty":"oct","k":"c2VjcmV0"}"#).is_none());
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<Vec<Jwk>> {
    let text = text.trim();
    if !text.starts_with('{') {
        return Jwk::from_pem(text).ok().map(|jwk| vec![jwk]);
    }
    let keys = match Jwk::parse(text) {
        Ok(jwk) => vec![jwk],
        Err(_) => JwkSet::parse(text).ok()?.keys().to_vec(),
    };
    let public = !keys.is_empty() && keys.iter().all(|key| key.secret().is_none());
    public.then_some(keys)
}

#[cfg(test)]
mod tests;
