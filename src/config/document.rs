//! The whole document.

use serde_json::Value;

use super::checks;
use super::origins::app_path;
use super::read::{Errors, Node};
use super::{
    AssertionConfig, ConfigErrors, DebugConfig, IdentityConfig, KratosConfig, Origins, SessionConfig,
    Upstream,
};

/// A document that was read and checked. Secrets are still references.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the app is reached.
    pub origins: Origins,
    /// Where the app is, for a host in front of it.
    pub origin: Option<Upstream>,
    /// What a path needs that no rule lists.
    pub default: Value,
    /// Where a guest page sends a visitor who is signed in.
    pub signed_in: String,
    /// The app's sign-in page, without `[kratos]`.
    pub sign_in: Option<String>,
    /// Whether the app's router folds case; the shell decides where absent.
    pub case_sensitive: Option<bool>,
    /// Locale prefixes of the app's router.
    pub locales: Vec<String>,
    /// The session, unless every route is public.
    pub session: Option<SessionConfig>,
    /// The identity server.
    pub kratos: Option<KratosConfig>,
    /// A signed statement for the origin.
    pub assertion: Option<AssertionConfig>,
    /// Bare identity headers.
    pub identity: IdentityConfig,
    /// Who may see traces.
    pub debug: Option<DebugConfig>,
    /// The rules, in order, still as data.
    pub routes: Vec<Value>,
}

impl Config {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(document: &Value) -> Result<Self, ConfigErrors> {
        let errors = Errors::new();
        let config = Self::read(&Node::root(document, "", &errors));
        let found = errors.into_inner();
        match config {
            Some(config) if found.is_empty() => Ok(config),
            _ => Err(ConfigErrors(found)),
        }
    }

    fn read(root: &Node<'_>) -> Option<Self> {
        let mut table = root.table()?;
        let origins = Origins::read(&mut table);
        let origin = table.get("origin").map(|n| Upstream::read(&n));
        let default = table.need(
            "default",
            "`session`, `public`, `optional` or `guest`: what an unlisted path needs",
        );
        let signed_in = table
            .get("signed_in")
            .map_or_else(|| Some("/".to_owned()), |n| app_path(&n));
        let sign_in = table.get("sign_in").map(|n| app_path(&n));
        let case_sensitive = table
            .get("router")
            .map(|n| n.one_of(&[("any", false), ("case-sensitive", true)]));
        let locales = table
            .get("locales")
            .and_then(|n| n.one_or_more())
            .unwrap_or_default();
        let session = table.get("session").map(|n| SessionConfig::read(&n));
        let kratos = table.get("kratos").map(|n| KratosConfig::read(&n));
        let assertion = table.get("assertion").map(|n| AssertionConfig::read(&n));
        let identity = table.get("identity").map(|n| IdentityConfig::read(&n));
        let debug = table.get("debug").map(|n| DebugConfig::read(&n));
        let routes = table.get("routes").and_then(|n| n.list()).unwrap_or_default();
        table.finish();
        let config = Self {
            origins: origins?,
            origin: transpose(origin)?,
            default: default?.value().clone(),
            signed_in: signed_in?,
            sign_in: transpose(sign_in)?,
            case_sensitive: transpose(case_sensitive)?,
            locales: locales.iter().filter_map(locale).collect(),
            session: transpose(session)?,
            kratos: transpose(kratos)?,
            assertion: transpose(assertion)?,
            identity: transpose(identity)?.unwrap_or_default(),
            debug: transpose(debug)?,
            routes: routes.iter().map(|n| n.value().clone()).collect(),
        };
        checks::across(&config, root);
        Some(config)
    }
}

/// A segment that a router strips off the front.
fn locale(node: &Node<'_>) -> Option<String> {
    let text = node.string()?;
    let plain = text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if !plain {
        node.refuse(
            "config.value",
            "a locale as it stands in a path, `en`, `pt-BR`",
            "",
        );
    }
    plain.then(|| text.to_owned())
}

/// A key that is absent is fine; one that could not be read is not.
fn transpose<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        Some(None) => None,
        Some(Some(value)) => Some(Some(value)),
        None => Some(None),
    }
}
