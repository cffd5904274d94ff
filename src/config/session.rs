//! `[session]`: which cookie holds the session and how it is opened.

use super::read::{Node, Table};
use super::{SecretRef, origins, time};
use crate::base::Timestamp;
use crate::session::{Lifetimes, Pointer};

/// `[session]`.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// The format and what belongs to it alone.
    pub format: FormatConfig,
    /// First seals, any opens.
    pub secrets: Vec<SecretRef>,
    /// The cookie's name; each format has its default.
    pub cookie: String,
    /// The name on plain-http loopback or private origins (semantics 3.3).
    pub dev_cookie: Option<String>,
    /// `aud`; the selected public origin where absent.
    pub audience: Option<String>,
    /// Idle and absolute bounds.
    pub lifetimes: Lifetimes,
    /// Where roles are, in the claims (semantics 1.8).
    pub roles: Option<Pointer>,
    /// Sessions that began earlier are none (semantics 3.4).
    pub not_before: NotBefore,
    /// What the origin gets of the session (semantics 4.3); the default depends on the rest of the document.
    pub to_origin: Option<ToOrigin>,
    /// Paths that sign out: nothing is rolled there.
    pub logout: Vec<String>,
}

/// The format, with its own keys.
#[derive(Debug, Clone)]
pub enum FormatConfig {
    /// The gate's own.
    Edgeward,
    /// A signed JWT, as the Next.js guide makes it.
    Jwt(JwtConfig),
}

/// What a `jwt` session must name, so that no other token signed with the same secret is one (semantics 5.4).
#[derive(Debug, Clone)]
pub struct JwtConfig {
    /// The claim that holds the subject.
    pub subject: String,
    /// `HS256`, `HS384`, `HS512`.
    pub algorithm: String,
    /// The expected `iss`.
    pub issuer: Option<String>,
    /// The expected `aud`.
    pub audience: Option<String>,
    /// The expected header `typ`.
    pub typ: Option<String>,
    /// The claim that holds the e-mail address.
    pub email: Option<String>,
}

/// When sessions must have begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotBefore {
    /// Any time.
    Unset,
    /// At or after this point.
    At(Timestamp),
    /// At or after the point that a variable of the host names.
    Env(SecretRef),
}

/// What the origin gets of the session (semantics 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToOrigin {
    /// The judged cookie value, once.
    Cookie,
    /// No cookie, a signed assertion.
    Assertion,
    /// Neither.
    None,
}

impl SessionConfig {
    pub(crate) fn read(node: &Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let format_node = table.need("format", "`edgeward` or `jwt`")?;
        let is_jwt = format_node.one_of(&[("edgeward", false), ("jwt", true)]);
        let secrets = table
            .need("secrets", "a list of references, `{ env = \"NAME\" }`")
            .and_then(|n| SecretRef::read_list(&n));
        let cookie = table.get("cookie").and_then(|n| cookie_name(&n));
        let dev_cookie = table.get("dev_cookie").and_then(|n| dev_cookie_name(&n));
        let audience = table.get("audience").and_then(|n| n.string().map(str::to_owned));
        let idle = table.get("idle").map_or(Some(86_400), |n| n.duration());
        let absolute = table.get("absolute").map_or(Some(7 * 86_400), |n| n.duration());
        let user_editable = table
            .get("user_editable")
            .and_then(|n| n.boolean())
            .unwrap_or_default();
        let roles = table.get("roles").and_then(|n| roles_pointer(&n, user_editable));
        let not_before = table
            .get("not_before")
            .map_or(Some(NotBefore::Unset), |n| not_before(&n));
        let to_origin = table.get("to_origin").and_then(|n| {
            n.one_of(&[
                ("cookie", ToOrigin::Cookie),
                ("assertion", ToOrigin::Assertion),
                ("none", ToOrigin::None),
            ])
        });
        let logout = table
            .get("logout")
            .map(|n| origins::app_paths(&n))
            .unwrap_or_default();
        let format = match is_jwt {
            Some(true) => JwtConfig::read(&mut table).map(FormatConfig::Jwt),
            Some(false) => Some(FormatConfig::Edgeward),
            None => None,
        };
        if let (Some(idle), Some(absolute)) = (idle, absolute)
            && (idle < 60 || absolute < idle)
        {
            node.refuse(
                "config.lifetime",
                "`idle` of at least 1m and `absolute` of at least `idle`",
                "",
            );
        }
        table.finish();
        let default_cookie = if is_jwt == Some(true) {
            "session"
        } else {
            "__Host-edgeward"
        };
        Some(Self {
            format: format?,
            secrets: secrets?,
            cookie: cookie.unwrap_or_else(|| default_cookie.to_owned()),
            dev_cookie,
            audience,
            lifetimes: Lifetimes {
                idle: idle?,
                absolute: absolute?,
            },
            roles,
            not_before: not_before?,
            to_origin,
            logout,
        })
    }
}

impl JwtConfig {
    fn read(table: &mut Table<'_>) -> Option<Self> {
        let mut text = |key| table.get(key).and_then(|n| n.string().map(str::to_owned));
        let (issuer, audience, typ, email) =
            (text("issuer"), text("jwt_audience"), text("typ"), text("email"));
        let algorithm = table.get("algorithm").map_or(Some("HS256"), |n| {
            n.one_of(&[("HS256", "HS256"), ("HS384", "HS384"), ("HS512", "HS512")])
        });
        let exclusive = table
            .get("exclusive_secret")
            .and_then(|n| n.boolean())
            .unwrap_or_default();
        if issuer.is_none() && audience.is_none() && typ.is_none() && !exclusive {
            table.node().refuse(
                "config.jwt_scope",
                "one of `issuer`, `jwt_audience`, `typ`, or `exclusive_secret = true`",
                "without one, any token signed with the same secret (a password reset, say) would be a session",
            );
        }
        let subject = table
            .need(
                "subject",
                "the name of the claim that holds the subject, `userId`",
            )?
            .string()?
            .to_owned();
        Some(Self {
            subject,
            algorithm: algorithm?.to_owned(),
            issuer,
            audience,
            typ,
            email,
        })
    }
}

/// An RFC 6265 token whose prefix promises what the gate keeps.
fn cookie_name(node: &Node<'_>) -> Option<String> {
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

/// A name without a prefix that a browser would refuse on plain http.
fn dev_cookie_name(node: &Node<'_>) -> Option<String> {
    let name = cookie_name(node)?;
    if name.starts_with("__") {
        node.refuse("config.cookie", "a name without `__Host-` or `__Secure-`", "");
        return None;
    }
    Some(name)
}

/// A pointer into data that only the operator can write (semantics 1.8).
fn roles_pointer(node: &Node<'_>, user_editable: bool) -> Option<Pointer> {
    let Some(pointer) = Pointer::parse(node.string()?) else {
        node.refuse("config.pointer", "a JSON pointer, `/metadata_public/roles`", "");
        return None;
    };
    let first = pointer.tokens().first().map(String::as_str);
    if !user_editable && matches!(first, Some("traits" | "user_metadata" | "unsafeMetadata")) {
        node.refuse(
            "config.user_editable",
            "a pointer into data that the user cannot write, `/metadata_public/roles`",
            "put `user_editable = true` beside it if the identity schema really keeps users from writing it",
        );
        return None;
    }
    Some(pointer)
}

fn not_before(node: &Node<'_>) -> Option<NotBefore> {
    if node.value().is_object() {
        return SecretRef::read(node).map(NotBefore::Env);
    }
    let at = node.string().and_then(time::parse);
    if at.is_none() {
        node.refuse("config.time", time::ACCEPTED, "");
    }
    at.map(NotBefore::At)
}
