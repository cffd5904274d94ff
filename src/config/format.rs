//! One session format in the document: its recipe, its keys, its own options.

use std::cell::RefCell;

use super::read::{Node, Table, suggestion};
use super::{ConfigError, SecretRef};
use crate::base::{Secret, json};
use crate::jose::Jwk;
use crate::message::url::{BaseUrl, Scheme};
use crate::session::keys::{self, KeySets};
use crate::session::provider;
use crate::session::recipe::{self, Built, Keys, Kind, Opt, Recipe};
use crate::session::setup::{Listed, OptValue, Options, Setup, SetupError};

/// A format with everything that the document says about it. Secrets are still references.
#[derive(Debug, Clone)]
pub struct FormatConfig {
    /// What the format is.
    pub recipe: &'static Recipe,
    /// First seals, any opens.
    pub secrets: Vec<SecretRef>,
    /// Public keys.
    pub keys: Vec<KeyConfig>,
    /// The address of a key set.
    pub jwks: Option<String>,
    /// Cookie names; the recipe's own where empty.
    pub names: Vec<String>,
    /// What only this format has.
    pub options: Options,
    /// Where it stands in the document: `session`, `session.accept[0]`.
    pub path: String,
}

/// A public key of the document.
#[derive(Debug, Clone)]
pub enum KeyConfig {
    /// Written out.
    Given(Vec<Jwk>),
    /// A variable of the host that holds a PEM, a JWK or a JWK Set.
    Env(SecretRef),
}

/// What the keys of a format resolved to.
#[derive(Debug)]
pub struct Resolved<'a> {
    /// The secrets.
    pub secrets: &'a [Secret],
    /// The public keys.
    pub keys: &'a [Jwk],
    /// Where key sets are kept.
    pub key_sets: &'a RefCell<KeySets>,
}

impl FormatConfig {
    /// Reads `format` and the keys that belong to it, and checks what can be checked without secrets.
    pub(crate) fn read(table: &mut Table<'_>) -> Option<Self> {
        let recipe = read_recipe(&table.need("format", "the name of a session format")?)?;
        let takes_secrets = matches!(recipe.keys, Keys::Secrets(_) | Keys::Both(_));
        let secrets = if takes_secrets {
            table
                .need("secrets", "a list of references, `{ env = \"NAME\" }`")
                .and_then(|n| SecretRef::read_list(&n))
        } else if recipe.keys == Keys::Either {
            table
                .get("secrets")
                .map_or(Some(Vec::new()), |n| SecretRef::read_list(&n))
        } else {
            Some(Vec::new())
        };
        let (keys, jwks) = if matches!(recipe.keys, Keys::Secrets(_)) {
            (Some(Vec::new()), Some(None))
        } else {
            (
                table.get("keys").map_or(Some(Vec::new()), |n| read_keys(&n)),
                table.get("jwks").map_or(Some(None), |n| read_url(&n).map(Some)),
            )
        };
        let names = table.get("cookie").map_or(Some(Vec::new()), |n| read_names(&n));
        let mut options = Options::default();
        let mut sound = true;
        for option in recipe.options {
            if let Some(node) = table.get(option.key) {
                match read_option(&node, option) {
                    Some(value) => {
                        options.add(option.key, value);
                    }
                    None => sound = false,
                }
            }
        }
        let config = Self {
            recipe,
            secrets: secrets?,
            keys: keys?,
            jwks: jwks?,
            names: names?,
            options,
            path: table.node().path().to_owned(),
        };
        if sound {
            config.check(table.node());
        }
        Some(config)
    }

    /// Whether it is the gate's own.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.recipe.build.is_none()
    }

    /// Whether the address is known to be verified: the format knows it, and the document says where.
    #[must_use]
    pub fn knows_verified_email(&self) -> bool {
        let named = self
            .recipe
            .options
            .iter()
            .any(|option| option.key == "email_verified");
        self.recipe.can.verified_email && (!named || self.options.get("email_verified").is_some())
    }

    /// The names that the own format is read under.
    #[must_use]
    pub fn own_names(&self) -> Vec<String> {
        if self.names.is_empty() {
            self.recipe.names.iter().map(|name| (*name).to_owned()).collect()
        } else {
            self.names.clone()
        }
    }

    /// Makes the format ready; `None` for the own one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn build(&self, with: &Resolved<'_>) -> Option<Result<Built, ConfigError>> {
        let setup = self.setup(Some(with.secrets), with.keys, with.key_sets);
        Some((self.recipe.build?)(&setup).map_err(|error| self.located(error)))
    }

    fn check(&self, node: &Node<'_>) {
        let Some(build) = self.recipe.build else { return };
        let key_sets = RefCell::new(KeySets::default());
        let given: Vec<Jwk> = self
            .keys
            .iter()
            .filter_map(|key| match key {
                KeyConfig::Given(keys) => Some(keys.clone()),
                KeyConfig::Env(_) => None,
            })
            .flatten()
            .collect();
        if let Err(error) = build(&self.setup(None, &given, &key_sets)) {
            node.errors().add(self.located(error));
        }
    }

    fn setup<'a>(
        &'a self,
        secrets: Option<&'a [Secret]>,
        keys: &'a [Jwk],
        key_sets: &'a RefCell<KeySets>,
    ) -> Setup<'a> {
        Setup {
            options: &self.options,
            secrets: secrets.unwrap_or_default(),
            keys,
            jwks: self.jwks.as_deref(),
            listed: Listed {
                secrets: self.secrets.len(),
                keys: self.keys.len(),
            },
            names: &self.names,
            key_sets,
            resolved: secrets.is_some(),
        }
    }

    fn located(&self, error: SetupError) -> ConfigError {
        let path = if error.key.is_empty() {
            self.path.clone()
        } else {
            [&self.path, ".", error.key].concat()
        };
        ConfigError::new(error.code, path, error.found, error.accepted, error.fix)
    }
}

fn read_recipe(node: &Node<'_>) -> Option<&'static Recipe> {
    let name = node.string()?;
    if let Some(found) = recipe::find(name) {
        return Some(found);
    }
    let known: Vec<&str> = provider::NAMES.to_vec();
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    if known.contains(&name) {
        let fix = format!("build with the Cargo feature `format-{name}`");
        node.refuse("config.format_left_out", "a format of this build", fix);
    } else if let Some((_, way_out)) = recipe::OPAQUE.iter().find(|(opaque, _)| *opaque == name) {
        let accepted = "a format whose values can be verified without a call";
        node.refuse("config.format_opaque", accepted, *way_out);
    } else {
        node.refuse("config.value", listed.join(", "), suggestion(name, &known));
    }
    None
}

fn read_names(node: &Node<'_>) -> Option<Vec<String>> {
    let names: Vec<String> = node.one_or_more()?.iter().filter_map(cookie_name).collect();
    (!names.is_empty() && names.len() <= MOST_NAMES).then_some(names)
}

/// Names of one format: a secure and a plain one, and as many from a rename.
const MOST_NAMES: usize = 4;

/// An RFC 6265 token whose prefix promises what the gate keeps.
pub(crate) fn cookie_name(node: &Node<'_>) -> Option<String> {
    let name = node.string()?;
    let token = name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !token {
        node.refuse(
            "config.cookie",
            "a cookie name of at most 64 letters, digits and `-_.`",
            "",
        );
        return None;
    }
    Some(name.to_owned())
}

fn read_keys(node: &Node<'_>) -> Option<Vec<KeyConfig>> {
    const ACCEPTED: &str = "public keys, each `{ env = \"NAME\" }`, `{ pem = \"…\" }` or `{ jwk = { … } }`";
    let mut keys = Vec::new();
    for item in node.one_or_more()? {
        let Some(members) = item.value().as_object() else {
            item.refuse("config.key", ACCEPTED, "");
            continue;
        };
        if members.contains_key("env") {
            keys.extend(SecretRef::read(&item).map(KeyConfig::Env));
            continue;
        }
        let mut table = item.table()?;
        let text = match (table.get("pem"), table.get("jwk")) {
            (Some(pem), None) => pem.string().map(str::to_owned),
            (None, Some(jwk)) => Some(json::text(jwk.value())),
            _ => None,
        };
        table.finish();
        match text.as_deref().and_then(keys::parse) {
            Some(found) => keys.push(KeyConfig::Given(found)),
            None => item.refuse(
                "config.key",
                ACCEPTED,
                "a public key: no secret, no private key, no certificate",
            ),
        }
    }
    (!keys.is_empty()).then_some(keys)
}

fn read_option(node: &Node<'_>, option: &Opt) -> Option<OptValue> {
    Some(match option.kind {
        Kind::Text => OptValue::Text(node.string()?.to_owned()),
        Kind::Texts => OptValue::Texts(owned(node.strings()?)),
        Kind::Url => OptValue::Text(read_url(node)?),
        Kind::Flag => OptValue::Flag(node.boolean()?),
        Kind::Duration => OptValue::Secs(node.duration()?),
        Kind::Words(words) => {
            let words: Vec<(&'static str, &'static str)> = words.iter().map(|word| (*word, *word)).collect();
            let items = node.one_or_more()?;
            let found: Option<Vec<&str>> = items.iter().map(|item| item.one_of(&words)).collect();
            OptValue::Texts(owned(found?))
        }
    })
}

fn owned(texts: Vec<&str>) -> Vec<String> {
    texts.into_iter().map(str::to_owned).collect()
}

/// Kept byte for byte: an issuer with a slash at its end is another issuer.
fn read_url(node: &Node<'_>) -> Option<String> {
    let text = node.string()?;
    match BaseUrl::parse(text.split('?').next().unwrap_or_default()) {
        Ok(base) if base.origin().scheme() == Scheme::Http && !base.origin().is_loopback() => {
            node.refuse("config.insecure", "https, or http on a loopback address", "");
            None
        }
        Ok(_) => Some(text.to_owned()),
        Err(error) => {
            node.refuse(
                "config.url",
                "an absolute URL, `https://id.example.com`",
                error.to_string(),
            );
            None
        }
    }
}
