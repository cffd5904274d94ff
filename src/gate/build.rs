//! From a checked document and its secrets to a gate that is ready.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::assertion::Asserter;
use super::core::{Core, KratosMemory, KratosPlan, Onward, SessionPlan};
use super::loops::Hops;
use super::visit::RequestIds;
use crate::base::{Entropy, Moment, Secret, Timestamp, limits};
use crate::config::{
    AssertionKey, Config, ConfigError, ConfigErrors, FormatConfig, From, KeyConfig, KratosConfig, NotBefore,
    Resolved, SecretRef, SessionConfig, ToOrigin, Upstream,
};
use crate::jose::Jwk;
use crate::jose::jwk::JwkError;
use crate::kratos::memory::{Breaker, Flights, Refusals, Verdicts};
use crate::kratos::table::Table;
use crate::kratos::whoami::Reading;
use crate::kratos::{self, OryNetwork};
use crate::message::fields::IdentityFields;
use crate::message::url::Origin;
use crate::session::accept::Accepting;
use crate::session::keys::{self, KeySets};
use crate::session::memo::Memo;
use crate::session::own::OwnFormat;
use crate::session::recipe::Keys;
use crate::session::sealed::{KeyRing, Purpose};
use crate::session::store::{Codec, Reader, Slot};
use crate::shell::Shell;

/// Builds the core, or says everything that is wrong.
pub(super) fn build(
    config: Config,
    shell: Shell,
    secrets: &dyn Fn(&str) -> Option<Secret>,
    mut moment: Moment,
) -> Result<Core, ConfigErrors> {
    let mut resolver = Resolver {
        secrets,
        public: config.origins.public.iter().any(Origin::is_public),
        errors: Vec::new(),
    };
    let policy = config.policy(shell);
    let given = config.given();
    let onward = onward(config.origin.as_ref(), shell, &mut resolver);
    let to_origin = config.to_origin(shell);
    let key_sets = RefCell::new(KeySets::default());
    let session = config
        .session
        .as_ref()
        .and_then(|session| session_plan(session, to_origin, &key_sets, &mut moment.entropy, &mut resolver));
    let kratos = config.kratos.as_ref().and_then(|kratos| {
        let roles = config.session.as_ref().and_then(|session| session.roles.clone());
        kratos_plan(
            kratos,
            &config.signed_in,
            roles,
            &mut moment.entropy,
            &mut resolver,
        )
    });
    let asserter = config.assertion.as_ref().and_then(|assertion| {
        let (audience, claims) = (assertion.audience.clone(), assertion.claims.clone());
        let secret = resolver.secret(assertion.key.reference())?;
        match &assertion.key {
            AssertionKey::Shared(_) => Asserter::shared(&secret, audience, claims),
            AssertionKey::Pair(reference) => Asserter::pair(&secret, shell.in_front, audience, claims)
                .map_err(|error| resolver.no_key(reference, error))
                .ok(),
        }
    });
    let debug = config
        .debug
        .as_ref()
        .and_then(|debug| resolver.strong(&debug.secret));
    let identity_fields =
        IdentityFields::new(config.identity.headers.iter().map(|(name, _)| name)).map_err(|error| {
            ConfigErrors(vec![ConfigError::new(
                "config.identity",
                "identity.headers",
                error.to_string(),
                "header names",
                "",
            )])
        })?;
    let mut errors = resolver.errors;
    let policy = match policy {
        Ok(policy) => policy,
        Err(more) => {
            errors.extend(more);
            return Err(ConfigErrors(errors));
        }
    };
    if !errors.is_empty() {
        return Err(ConfigErrors(errors));
    }
    Ok(Core {
        shell,
        request_ids: RequestIds::new(&mut moment.entropy),
        origins: config.origins,
        onward,
        policy,
        signed_in: config.signed_in,
        sign_in: config.sign_in,
        given,
        session,
        kratos,
        asserter,
        identity: config.identity,
        identity_fields,
        debug,
        memo: RefCell::new(Memo::new(limits::MEMO_ENTRIES, &mut moment.entropy)),
        key_sets,
    })
}

/// Turns references into secrets and remembers what is missing.
struct Resolver<'a> {
    secrets: &'a dyn Fn(&str) -> Option<Secret>,
    /// Whether anybody but the developer could be served.
    public: bool,
    errors: Vec<ConfigError>,
}

impl Resolver<'_> {
    fn no_key(&mut self, reference: &SecretRef, error: JwkError) {
        self.errors.push(ConfigError::new(
            "config.assertion_key",
            &*reference.path,
            error.to_string(),
            "a private P-256 key as a JWK, with `d`; inside the app its public half, or a JWK Set with it",
            "docs/assertions.md makes one",
        ));
    }

    fn secret(&mut self, reference: &SecretRef) -> Option<Secret> {
        match (self.secrets)(&reference.name).filter(|secret| !secret.is_empty()) {
            Some(secret) if self.public && is_published(&secret) => {
                self.errors.push(ConfigError::new(
                    "config.secret_published",
                    &*reference.path,
                    format!(
                        "`{}` with a secret that everybody can read in Edgeward's repository",
                        reference.name
                    ),
                    "a secret of your own",
                    "make one with `openssl rand -base64 32`",
                ));
                None
            }
            Some(secret) => Some(secret),
            None => {
                self.errors.push(ConfigError::new(
                    "config.secret_unset",
                    &*reference.path,
                    format!("a reference to `{}`, which is not set", reference.name),
                    "a secret that the host has",
                    format!(
                        "set it, for example with `wrangler secret put {}`",
                        reference.name
                    ),
                ));
                None
            }
        }
    }

    /// A secret for a format that is ours to choose: 32 bytes and more (semantics 1.2).
    fn strong(&mut self, reference: &SecretRef) -> Option<Secret> {
        self.at_least(MIN_SECRET_BYTES, reference)
    }

    fn at_least(&mut self, bytes: usize, reference: &SecretRef) -> Option<Secret> {
        let secret = self.secret(reference)?;
        if secret.len() < bytes {
            self.errors.push(ConfigError::new(
                "config.secret_short",
                &*reference.path,
                format!("`{}` with {} bytes", reference.name, secret.len()),
                format!("at least {bytes} bytes"),
                "make one with `openssl rand -base64 32`",
            ));
            return None;
        }
        Some(secret)
    }
}

const MIN_SECRET_BYTES: usize = 32;

/// What examples, documentation and tests of this repository show where a secret stands (semantics 3.5).
const PUBLISHED: &[&str] = &[
    "a cookie secret of the app, not short",
    "a debug secret of at least thirty-two bytes",
    "a secret of at least 32 characters",
    "a secret of the example with more than 32 characters",
    "a session secret of at least 32 characters",
    "a test secret that has more than 32 characters",
    "an assertion secret of at least 32 bytes",
    "an assertion secret of at least 32 characters",
    "an example secret with more than 32 characters",
    "an origin lock of at least thirty-two bytes",
    "test-assertion-secret-of-32-bytes!",
    "test-origin-lock-of-at-least-32-bytes",
    "the session secret of last year, as long",
];

fn is_published(secret: &Secret) -> bool {
    PUBLISHED.iter().any(|known| known.as_bytes() == secret.expose())
}

fn onward(origin: Option<&Upstream>, shell: Shell, resolver: &mut Resolver<'_>) -> Onward {
    match origin {
        Some(Upstream::Binding(name)) => Onward::Binding(name.clone()),
        Some(Upstream::Url { base, lock }) => Onward::Url {
            base: base.clone(),
            lock: lock.as_ref().and_then(|lock| resolver.strong(lock)),
        },
        None => {
            if shell.in_front {
                resolver.errors.push(ConfigError::new(
                    "config.missing",
                    "origin",
                    "nothing",
                    "`{ url = \"https://origin.example.com\" }` or `{ binding = \"APP\" }`",
                    "a gate in front of an app must know where the app is",
                ));
            }
            Onward::App
        }
    }
}

fn session_plan(
    session: &SessionConfig,
    to_origin: ToOrigin,
    key_sets: &RefCell<KeySets>,
    entropy: &mut Entropy,
    resolver: &mut Resolver<'_>,
) -> Option<SessionPlan> {
    let not_before = match &session.not_before {
        NotBefore::Unset => None,
        NotBefore::At(at) => Some(*at),
        NotBefore::Env(reference) => Some(time_of(reference, resolver)?),
    };
    let mut numbers = 0..;
    let mut reader = |dev: Option<&str>, resolver: &mut Resolver<'_>| {
        let way = Way {
            write: session.write,
            from: session.from,
            secure: dev.is_none(),
        };
        let primary = slot(
            &session.format,
            session,
            dev,
            way,
            numbers.next()?,
            key_sets,
            resolver,
        );
        let mut accepts = Vec::new();
        for accepted in &session.accept {
            let way = Way {
                write: false,
                from: From {
                    cookie: true,
                    bearer: false,
                },
                secure: true,
            };
            accepts.push(Accepting {
                slot: slot(
                    &accepted.format,
                    session,
                    None,
                    way,
                    numbers.next()?,
                    key_sets,
                    resolver,
                )?
                .0,
                until: accepted.until,
                keep_old: accepted.keep_old,
            });
        }
        let (slot, secrets) = primary?;
        let hops = Hops::new(slot.cookie(), &secrets, slot.secure, entropy);
        Some((Rc::new(Reader { slot, accepts }), hops))
    };
    let (primary, hops) = reader(None, resolver)?;
    let (dev_reader, dev_hops) = match &session.dev_cookie {
        Some(name) => Some(reader(Some(name), resolver)?),
        None => None,
    }
    .unzip();
    Some(SessionPlan {
        reader: primary,
        dev_reader,
        hops,
        dev_hops,
        audience: session.audience.clone(),
        not_before,
        roles: session.roles.clone(),
        to_origin,
        to_client: session.to_client.clone(),
        logout: session.logout.clone(),
    })
}

fn time_of(reference: &SecretRef, resolver: &mut Resolver<'_>) -> Option<Timestamp> {
    let text = resolver.secret(reference)?;
    let time = std::str::from_utf8(text.expose())
        .ok()
        .and_then(crate::config::parse_time);
    if time.is_none() {
        resolver.errors.push(ConfigError::new(
            "config.time",
            &*reference.path,
            format!("`{}` with a text that is no time", reference.name),
            "a date, `2027-03-01`, or a time, `2027-03-01T12:00:00Z`",
            "",
        ));
    }
    time
}

/// What may be done with the values of a format.
#[derive(Clone, Copy)]
struct Way {
    write: bool,
    from: From,
    secure: bool,
}

/// Makes a format ready: its secrets and keys are resolved here, and given back for what else is derived from them.
fn slot(
    format: &FormatConfig,
    session: &SessionConfig,
    dev_cookie: Option<&str>,
    way: Way,
    number: u16,
    key_sets: &RefCell<KeySets>,
    resolver: &mut Resolver<'_>,
) -> Option<(Slot, Vec<Secret>)> {
    let least = match format.recipe.keys {
        Keys::Secrets(least) | Keys::Both(least) => least,
        Keys::Public | Keys::Either => 0,
    };
    let wanted = format.secrets.len();
    let secrets: Vec<Secret> = format
        .secrets
        .iter()
        .filter_map(|reference| resolver.at_least(least, reference))
        .collect();
    let public: Option<Vec<Vec<Jwk>>> = format.keys.iter().map(|key| public_keys(key, resolver)).collect();
    let public = public?.concat();
    if secrets.len() < wanted {
        return None;
    }
    let resolved = Resolved {
        secrets: &secrets,
        keys: &public,
        key_sets,
    };
    let (names, codec) = match format.build(&resolved) {
        None => {
            let names = dev_cookie.map_or_else(|| format.own_names(), |name| vec![name.to_owned()]);
            let name = names.first().cloned().unwrap_or_default();
            let own = OwnFormat::new(&secrets, &name, session.lifetimes);
            (vec![name], Codec::Own(own))
        }
        Some(Ok(built)) => (built.names, Codec::Foreign(built.format)),
        Some(Err(error)) => {
            resolver.errors.push(error);
            return None;
        }
    };
    let tombstone_cookie = [names.first().map_or("", String::as_str), "-out"].concat();
    let tombstone_keys = KeyRing::derive(&secrets, Purpose::Tombstone, &tombstone_cookie);
    let slot = Slot {
        number,
        recipe: format.recipe,
        names,
        codec,
        from_cookie: way.from.cookie,
        from_bearer: way.from.bearer,
        write: way.write,
        lifetimes: session.lifetimes,
        tombstone_cookie,
        tombstone_keys,
        secure: way.secure,
    };
    Some((slot, secrets))
}

fn public_keys(key: &KeyConfig, resolver: &mut Resolver<'_>) -> Option<Vec<Jwk>> {
    let reference = match key {
        KeyConfig::Given(keys) => return Some(keys.clone()),
        KeyConfig::Env(reference) => reference,
    };
    let text = resolver.secret(reference)?;
    let found = std::str::from_utf8(text.expose()).ok().and_then(keys::parse);
    if found.is_none() {
        resolver.errors.push(ConfigError::new(
            "config.key",
            &*reference.path,
            format!("`{}` with a text that is no public key", reference.name),
            "a PEM (`-----BEGIN PUBLIC KEY-----`), a JWK or a JWK Set",
            "no secret, no private key, no certificate",
        ));
    }
    found
}

fn kratos_plan(
    kratos: &KratosConfig,
    signed_in: &str,
    roles: Option<crate::session::Pointer>,
    entropy: &mut Entropy,
    resolver: &mut Resolver<'_>,
) -> Option<KratosPlan> {
    // A gate without the identity server that its config names would be another gate.
    let named = kratos::Upstream::new(kratos.url.clone())
        .and_then(|upstream| upstream.with_session_cookie(&kratos.cookie))
        .map_err(|error| {
            let found = ConfigError::new(
                error.code(),
                "kratos",
                error.to_string(),
                "a `url` and a `cookie` that can be",
                "",
            );
            resolver.errors.push(found);
        });
    let mut upstream = named.ok()?;
    for name in &kratos.also_known_as {
        upstream = upstream.also_known_as(name.clone());
    }
    let token = match &kratos.network_token {
        Some(reference) => Some(resolver.secret(reference)?),
        None => None,
    };
    if kratos.network || token.is_some() {
        upstream = upstream.on_ory_network(OryNetwork { token });
    }
    let exposed = |family: &str| kratos.expose.iter().any(|named| named == family);
    let table = Table::new(kratos.mounts.clone())
        .exposing(exposed("sessions"), exposed("schemas"))
        .with_native(kratos.native)
        .with_ory_network(upstream.is_ory_network());
    Some(KratosPlan {
        mount: table.first_mount(),
        upstream,
        table,
        reading: Reading {
            claims: kratos.claims.clone(),
            roles,
        },
        whoami_aal: kratos.whoami_aal,
        cookie_domain: kratos.cookie_domain.clone(),
        extra_fields: kratos.forward_headers.clone(),
        own_pages: kratos
            .own_pages
            .then(|| (kratos.ui.clone(), signed_in.to_owned())),
        warned: Cell::new(false),
        memory: KratosMemory {
            refusals: RefCell::new(Refusals::new(entropy.draw())),
            flights: RefCell::new(Flights::new()),
            breaker: RefCell::new(Breaker::new()),
            verdicts: RefCell::new(Verdicts::new()),
        },
    })
}
