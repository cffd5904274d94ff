//! What NextAuth.js 4 and Auth.js 5 share: a JWE with the claims of the app's `jwt` callback, cut into numbered cookies.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::common::{self, EMAIL, EMAIL_VERIFIED, SUBJECT};
use crate::base::Entropy;
use crate::jose::jwe;
use crate::session::SessionError;
use crate::session::format::{At, Format, Opening, Presented, Times};
use crate::session::mapping::{Mapping, Place};
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Numbered, Opt};
use crate::session::setup::{Setup, SetupError};

pub(super) const OPTIONS: &[Opt] = &[SUBJECT, EMAIL, EMAIL_VERIFIED];

pub(super) const CAN: Can = Can {
    seal: true,
    roll: true,
    adopt: true,
    accept: true,
    verified_email: true,
    ..Can::NOTHING
};

pub(super) const LOGOUT: &[&str] = &["/api/auth/signout"];

/// Cookies of so many characters.
pub(super) const fn chunks(piece: usize) -> Chunks {
    Chunks::Numbered(Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Begins,
        gap: Gap::Skipped,
        whole: piece,
        piece,
        most: 8,
    })
}

/// The libraries' clock tolerance in seconds.
const TOLERANCE: i64 = 15;

/// A key, and its thumbprint where the library writes one.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) kid: Option<String>,
    pub(super) key: jwe::Key,
}

#[derive(Debug)]
struct NextAuth {
    /// By cookie name; of each name the first seals.
    keys: Vec<Vec<Named>>,
    mapping: Mapping,
}

/// The format whose keys come from a secret and a cookie's name.
pub(super) fn build(
    setup: &Setup<'_>,
    names: &[&str],
    derive: impl Fn(&[u8], &str) -> Vec<Named>,
) -> Result<Built, SetupError> {
    let names = setup.names_or(names.iter().copied());
    let derived = |name: &String| {
        let secrets = setup.secrets.iter();
        secrets.flat_map(|secret| derive(secret.expose(), name)).collect()
    };
    Ok(Built {
        format: Rc::new(NextAuth {
            keys: names.iter().map(derived).collect(),
            mapping: mapping(setup)?,
        }),
        names,
    })
}

/// `sub` and `email`, unless the app's `jwt` callback puts them elsewhere. Its `jti` is of a seal, not of a login.
fn mapping(setup: &Setup<'_>) -> Result<Mapping, SetupError> {
    let mapping = common::mapping(setup, Some("sub"))?;
    Ok(Mapping {
        email: mapping.email.or_else(|| Some(Place::parse("email"))),
        session_id: Vec::new(),
        auth_time: None,
        ..mapping
    })
}

impl NextAuth {
    /// Where value and key have a `kid` each, they have the same.
    fn decrypt(&self, presented: &Presented, at: &At<'_>) -> Result<Map<String, Value>, SessionError> {
        let keys = self.keys.get(presented.name).map_or(&[][..], Vec::as_slice);
        let token = jwe::decode(&presented.value).map_err(common::jwe_error)?;
        let asked = token.header().peek().kid();
        let fits = |named: &&Named| asked.is_none_or(|kid| named.kid.as_deref().is_none_or(|own| kid == own));
        let fitting = keys.iter().filter(fits).map(|named| &named.key);
        common::open_jwe(&presented.value, fitting, at).map(|(_, members)| members)
    }
}

impl Format for NextAuth {
    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let read = self
            .decrypt(presented, at)
            .and_then(|members| common::read(members, &self.mapping, &common::expected(at.now(), TOLERANCE)));
        Opening::of(read)
    }

    fn payload(&self, presented: &Presented, at: &At<'_>) -> Option<Map<String, Value>> {
        self.decrypt(presented, at).ok()
    }

    fn draft(&self, moved: &Opened) -> Option<Map<String, Value>> {
        Some(common::draft(&self.mapping, moved))
    }

    fn seal(
        &self,
        name: usize,
        mut payload: Map<String, Value>,
        times: &Times,
        entropy: &mut Entropy,
    ) -> Option<String> {
        let Named { kid, key } = self.keys.get(name)?.first()?;
        common::put_times(&mut payload, times);
        payload.insert("jti".into(), Value::from(common::uuid(entropy)));
        let mut header = vec![("alg", "dir"), ("enc", key.enc().as_str())];
        header.extend(kid.as_deref().map(|kid| ("kid", kid)));
        common::seal_jwe(&header, &payload, key, entropy)
    }
}
