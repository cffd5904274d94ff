//! `[session]`: which cookie holds the session and how it is opened.

use super::capability;
use super::format::cookie_name;
use super::read::{Node, Table};
use super::{FormatConfig, SecretRef, origins, time};
use crate::base::Timestamp;
use crate::session::pointer::is_user_editable;
use crate::session::{Lifetimes, Pointer};

/// `[session]`.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// The format and what belongs to it.
    pub format: FormatConfig,
    /// Formats that sessions are taken over from (semantics 5.3).
    pub accept: Vec<AcceptConfig>,
    /// Whether the gate may write values of a foreign format.
    pub write: bool,
    /// Where values are read from.
    pub from: From,
    /// The name on plain-http loopback or private origins (semantics 3.3).
    pub dev_cookie: Option<String>,
    /// `aud`; the selected public origin where absent.
    pub audience: Option<String>,
    /// Idle and absolute bounds of what the gate writes.
    pub lifetimes: Lifetimes,
    /// Where roles are, in the claims (semantics 1.8).
    pub roles: Option<Pointer>,
    /// Sessions that began earlier are none (semantics 3.4).
    pub not_before: NotBefore,
    /// What the origin gets of the session (semantics 4.3); the default depends on the rest of the document.
    pub to_origin: Option<ToOrigin>,
    /// What the session endpoint shows to a visitor's script, beside `sub` and `exp`.
    pub to_client: Vec<Pointer>,
    /// Paths that sign out: nothing is rolled there.
    pub logout: Vec<String>,
}

/// An entry of `accept`.
#[derive(Debug, Clone)]
pub struct AcceptConfig {
    /// The old format.
    pub format: FormatConfig,
    /// Afterwards it is ignored.
    pub until: Timestamp,
    /// Whether the old cookie stays.
    pub keep_old: bool,
}

/// Where values are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct From {
    /// Cookies.
    pub cookie: bool,
    /// `Authorization: Bearer`.
    pub bearer: bool,
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
        let format = FormatConfig::read(&mut table);
        let accept = table.get("accept").map_or(Some(Vec::new()), |n| {
            n.list()?.iter().map(AcceptConfig::read).collect()
        });
        let write = table.get("write").map(|n| n.boolean());
        let from = table.get("from").map(|n| (From::read(&n), n));
        let dev_cookie = table.get("dev_cookie").and_then(|n| dev_cookie_name(&n));
        let audience = table.get("audience").and_then(|n| n.string().map(str::to_owned));
        let lifetimes = read_lifetimes(&mut table);
        let user_editable = table
            .get("user_editable")
            .and_then(|n| n.boolean())
            .unwrap_or_default();
        let roles = table.get("roles").and_then(|n| {
            let editable = format
                .as_ref()
                .map_or(&[][..], |format| format.recipe.user_editable);
            roles_pointer(&n, user_editable, editable)
        });
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
        let to_client = table
            .get("to_client")
            .map(|n| super::kratos::pointers(&n))
            .unwrap_or_default();
        let mut logout = table
            .get("logout")
            .map(|n| origins::app_paths(&n))
            .unwrap_or_default();
        let format = format?;
        capability::check(
            &mut table,
            &format,
            accept.as_ref().is_some_and(|accept| !accept.is_empty()),
        );
        table.finish();
        for accepted in accept.iter().flatten() {
            logout.extend(
                accepted
                    .format
                    .recipe
                    .logout
                    .iter()
                    .map(|path| (*path).to_owned()),
            );
        }
        logout.extend(format.recipe.logout.iter().map(|path| (*path).to_owned()));
        let default_from = From {
            cookie: !format.recipe.names.is_empty() || !format.names.is_empty(),
            bearer: format.recipe.names.is_empty(),
        };
        Some(Self {
            write: format.is_own() || write.unwrap_or(Some(false))?,
            from: from.map_or(Some(default_from), |(from, _)| from)?,
            format,
            accept: accept?,
            dev_cookie,
            audience,
            lifetimes: lifetimes?,
            roles,
            not_before: not_before?,
            to_origin,
            to_client,
            logout,
        })
    }
}

impl AcceptConfig {
    fn read(node: &Node<'_>) -> Option<Self> {
        let mut table = node.table()?;
        let format = FormatConfig::read(&mut table);
        let until = table.need("until", time::ACCEPTED).and_then(|n| read_time(&n));
        let keep_old = table.get("keep_old").map_or(Some(false), |n| n.boolean());
        table.finish();
        let format = format?;
        if !format.recipe.can.accept {
            node.refuse(
                "config.capability",
                "a format whose values live as long as the session does",
                format!(
                    "the short life of `{}` is how its issuer revokes; a session of the gate's own would outlive that",
                    format.recipe.name
                ),
            );
            return None;
        }
        Some(Self {
            format,
            until: until?,
            keep_old: keep_old?,
        })
    }
}

impl From {
    fn read(node: &Node<'_>) -> Option<Self> {
        let mut from = Self {
            cookie: false,
            bearer: false,
        };
        for item in node.one_or_more()? {
            match item.one_of(&[("cookie", false), ("bearer", true)])? {
                true => from.bearer = true,
                false => from.cookie = true,
            }
        }
        Some(from)
    }
}

fn read_lifetimes(table: &mut Table<'_>) -> Option<Lifetimes> {
    let idle = table.get("idle").map_or(Some(86_400), |n| n.duration());
    let absolute = table.get("absolute").map_or(Some(7 * 86_400), |n| n.duration());
    let (idle, absolute) = (idle?, absolute?);
    if idle < 60 || absolute < idle {
        table.node().refuse(
            "config.lifetime",
            "`idle` of at least 1m and `absolute` of at least `idle`",
            "",
        );
    }
    Some(Lifetimes { idle, absolute })
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
fn roles_pointer(node: &Node<'_>, user_editable: bool, editable: &[&str]) -> Option<Pointer> {
    let Some(pointer) = Pointer::parse(node.string()?) else {
        node.refuse("config.pointer", "a JSON pointer, `/metadata_public/roles`", "");
        return None;
    };
    if !user_editable && is_user_editable(pointer.tokens(), editable) {
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
    read_time(node).map(NotBefore::At)
}

fn read_time(node: &Node<'_>) -> Option<Timestamp> {
    let at = node.string().and_then(time::parse);
    if at.is_none() {
        node.refuse("config.time", time::ACCEPTED, "");
    }
    at
}
