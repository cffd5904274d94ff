//! Amazon Cognito as the Amplify adapter keeps it: an access token and an id token, under names that hold the user's name.

use std::rc::Rc;

use serde_json::Value;

use crate::base::docs;
use crate::jose::Algorithm;
use crate::jose::jwt::Claims;
use crate::message::cookie::Cookies;
use crate::session::SessionError;
use crate::session::chunk::Gathered;
use crate::session::encoding::{decode_component, encode_component};
use crate::session::format::{At, Format, Opening, Presented};
use crate::session::mapping::{Mapping, Spans, session};
use crate::session::recipe::{Built, Can, Chunks, Keys, Kind, Recipe, opt};
use crate::session::setup::{Setup, SetupError};
use crate::session::signed::{Rule, Signed};

/// The recipe.
pub const RECIPE: Recipe = Recipe {
    name: "cognito",
    library: docs::text("aws-jwt-verify 5.2.1; the cookies read in @aws-amplify/adapter-nextjs 1.8.0"),
    names: &["CognitoIdentityServiceProvider.<client>.LastAuthUser"],
    chunks: Chunks::Never,
    keys: Keys::Public,
    options: &[
        opt(
            "user_pool_id",
            Kind::Text,
            "the id of the user pool, `eu-central-1_AbCdEfGhI`",
        ),
        opt("client_id", Kind::Text, "the id of the app client"),
    ],
    can: Can {
        renewed: true,
        bearer: true,
        auth_time: true,
        verified_email: true,
        session_id: true,
        ..Can::NOTHING
    },
    logout: &[],
    user_editable: &[],
    stricter: docs::list(&[
        "an expired token is no session; the adapter takes it for one that is to be refreshed, by a clock that the client may set back",
        "`exp` must be there",
        "both tokens must be of one subject",
    ]),
    cannot: docs::list(&[
        "whether the session was revoked while its tokens live",
        "fresh tokens: the refresh is Cognito's",
    ]),
    build: Some(build),
};

#[derive(Debug)]
struct Cognito {
    prefix: String,
    client: Rc<str>,
    access: Rc<Signed>,
    id: Rc<Signed>,
    mapping: Rc<Mapping>,
}

fn build(setup: &Setup<'_>) -> Result<Built, SetupError> {
    const POOL: &str = "the id of the user pool, `eu-central-1_AbCdEfGhI`";
    let pool = setup.need("user_pool_id", POOL)?;
    let client = setup.need("client_id", "the id of the app client")?;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let region = match pool.split_once('_') {
        Some((region, id)) if plain(region) && plain(id) && region.contains('-') => region,
        _ => {
            return Err(SetupError::new(
                "config.value",
                "user_pool_id",
                "another text",
                POOL,
                "",
            ));
        }
    };
    let issuer = |kind: &str| format!("https://{kind}.{region}.amazonaws.com/{pool}");
    let rule = Rule {
        issuers: vec![issuer("cognito-idp"), issuer("issuer-cognito-idp")],
        required: &["sub", "token_use"],
        ..Rule::new(vec![Algorithm::Rs256])
    };
    let of_client = Rule {
        audiences: vec![client.to_owned()],
        ..rule.clone()
    };
    let jwks = [&issuer("cognito-idp"), "/.well-known/jwks.json"].concat();
    let prefix = ["CognitoIdentityServiceProvider.", client, "."].concat();
    Ok(Built {
        names: vec![[&prefix, "LastAuthUser"].concat()],
        format: Rc::new(Cognito {
            prefix,
            client: client.into(),
            access: Signed::new(setup, rule, Some(&jwks))?,
            id: Signed::new(setup, of_client, Some(&jwks))?,
            mapping: Rc::new(Mapping {
                session_id: vec![crate::session::mapping::Place::parse("origin_jti")],
                ..Mapping::oidc()
            }),
        }),
    })
}

impl Cognito {
    /// A name as the adapter writes it: `encodeURIComponent` with js-cookie's exceptions.
    fn name(&self, user: &str, token: &str) -> String {
        let name = [&self.prefix, user, ".", token].concat();
        encode_component(&name, b"#$&+^`|")
    }

    fn check(use_: &str, claims: &Claims) -> Result<(), SessionError> {
        if claims.get("token_use").is_some_and(|found| found == use_) {
            Ok(())
        } else {
            Err(SessionError::Malformed)
        }
    }

    /// The claims of both tokens; what both have is the access token's.
    fn join(&self, access: Claims, id: Option<Claims>, at: &At<'_>) -> Opening {
        let spans = match Spans::of(&access) {
            Ok(spans) => Spans { born: None, ..spans },
            Err(error) => return Opening::Failed(error),
        };
        let mut claims = id.map(Claims::into_members).unwrap_or_default();
        claims.extend(access.into_members());
        claims.remove("token_use");
        Opening::of(session(claims, &self.mapping, spans, at.now()))
    }
}

impl Format for Cognito {
    /// The tokens of the user who signed in last; each name that is given twice with two values is nobody.
    fn gather(&self, cookies: &Cookies<'_>, names: &[String], _: Chunks) -> Gathered {
        let mut gathered = Gathered::default();
        let mut once = |name: &str| {
            let mut values = cookies.values(name).filter(|value| !value.is_empty());
            let first = values.next()?;
            if values.any(|other| other != first) {
                gathered.fault = Some(SessionError::Ambiguous);
            }
            Some((name.to_owned(), first.to_owned()))
        };
        let last = names.first().and_then(|name| once(name));
        let user = match &last {
            Some((_, value)) => decode_component(value),
            None => Some("username".to_owned()),
        };
        let Some(user) = user else {
            gathered.present = true;
            gathered.fault = Some(SessionError::Malformed);
            return gathered;
        };
        let (access, id) = (
            once(&self.name(&user, "accessToken")),
            once(&self.name(&user, "idToken")),
        );
        gathered.present = access.is_some() || id.is_some() || last.is_some();
        if let Some(access) = access {
            let value = access.1.clone();
            let beside = id.iter().map(|(_, token)| ("id", token.clone())).collect();
            let pairs = last.into_iter().chain([access]).chain(id).collect();
            gathered.values.push(Presented {
                value,
                pairs,
                beside,
                ..Presented::default()
            });
        }
        gathered
    }

    fn open(self: Rc<Self>, presented: &Presented, at: &At<'_>) -> Opening {
        let id = presented.beside("id").map(str::to_owned);
        let this = Rc::clone(&self);
        self.access.open(&presented.value, at, move |_, access, at| {
            if let Err(error) = Self::check("access", &access) {
                return Opening::Failed(error);
            }
            if access.get("client_id").and_then(Value::as_str) != Some(&*this.client) {
                return Opening::Failed(SessionError::Audience);
            }
            let Some(id) = id else {
                return this.join(access, None, at);
            };
            let that = Rc::clone(&this);
            this.id.open(&id, at, move |_, id, at| {
                if let Err(error) = Self::check("id", &id) {
                    return Opening::Failed(error);
                }
                if !id.get("aud").is_some_and(Value::is_string) {
                    return Opening::Failed(SessionError::Audience);
                }
                if id.get("sub") != access.get("sub") {
                    return Opening::Failed(SessionError::Malformed);
                }
                that.join(access, Some(id), at)
            })
        })
    }

    fn companions(&self, cookies: &Cookies<'_>) -> Vec<String> {
        let names = cookies.iter().map(|pair| pair.name);
        names
            .filter(|name| name.starts_with(&self.prefix))
            .filter(|name| name.ends_with(".accessToken") || name.ends_with(".idToken"))
            .map(str::to_owned)
            .collect()
    }
}
