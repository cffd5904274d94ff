//! @auth0/nextjs-auth0 3, to be read and moved: its times stand in the protected header.

use std::rc::Rc;

use super::common;
use crate::base::docs;
use crate::jose::jwe;
use crate::jose::jwt::{Claims, Expected};
use crate::message::cookie::Cookies;
use crate::session::SessionError;
use crate::session::chunk::{self, Gathered};
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Spans, claims_error, session};
use crate::session::own::Opened;
use crate::session::recipe::{Bare, Built, Can, Chunks, Gap, Keys, Numbered, Recipe};
use crate::session::setup::{Setup, SetupError};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "auth0-v3",
    library: docs::text("@auth0/nextjs-auth0 3.8.0"),
    names: &["appSession"],
    chunks: Chunks::Numbered(Numbered {
        joint: ".",
        first: 0,
        bare: Bare::Wins,
        gap: Gap::Skipped,
        whole: 3_900,
        piece: 3_900,
        most: 8,
    }),
    keys: Keys::Secrets(8),
    options: &[],
    can: Can {
        accept: true,
        born: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &["/api/auth/logout"],
    user_editable: &["user_metadata"],
    stricter: docs::list(&[
        "`iat`, `uat` and `exp` of the header must be there and be numbers",
        "`iat` may be at most 60 seconds ahead",
    ]),
    cannot: docs::list(&[
        "whether the tenant has ended the session",
        "when the person authenticated",
    ]),
    build: Some(build),
};

#[derive(Debug)]
struct Auth0V3 {
    keys: Vec<jwe::Key>,
    mapping: Mapping,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    Ok(Built {
        names: setup.names_or(RECIPE.names.iter().copied()),
        format: Rc::new(Auth0V3 {
            keys: common::auth0_keys(setup),
            mapping: common::auth0_mapping(),
        }),
    })
}

impl Auth0V3 {
    fn read(&self, presented: &Presented, at: &At<'_>) -> Result<Opened, SessionError> {
        let (header, payload) = common::open_jwe(&presented.value, &self.keys, at)?;
        let times = Claims::from(header.members().clone());
        let expected = Expected {
            required: &["iat", "uat", "exp"],
            ..Expected::at(at.now())
        };
        times.validate(&expected).map_err(claims_error)?;
        let spans = Spans {
            issued_at: times.numeric_date("uat").map_err(claims_error)?,
            ..Spans::of(&times)?
        };
        session(common::auth0_claims(&payload), &self.mapping, spans, at.now())
    }
}

impl Format for Auth0V3 {
    /// Chunks count only once the first of them is there; then all are joined, whatever is missing between them.
    fn gather(&self, cookies: &Cookies<'_>, names: &[String], chunks: Chunks) -> Gathered {
        let mut all = Gathered::default();
        for (index, name) in names.iter().enumerate() {
            let first = [name, ".0"].concat();
            if [name, &first]
                .iter()
                .any(|name| cookies.values(name).next().is_some())
            {
                all.add(index, chunk::gather(cookies, std::slice::from_ref(name), chunks));
            }
        }
        all
    }

    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        Opening::of(self.read(presented, at))
    }
}
