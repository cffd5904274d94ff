//! The loop breaker (semantics 11.1): a circle between a page and its sign-in ends in a page that says so.
//!
//! A bounce counts only when the same page sent the visitor away for the same reason before, and they have since come
//! back from where they were sent: a session cookie was set, or the identity server or a guest page sent them to a
//! guarded page. Tabs that are restored together never come back in this sense.

use edgeward_primitives::digest;
use serde_json::{Map, Value};

use super::challenge;
use super::endpoints;
use super::visit::Visit;
use crate::base::{Entropy, Secret, Timestamp, base64url};
use crate::decision::Decision;
use crate::message::Headers;
use crate::message::cookie::Cookies;
use crate::message::set_cookie::SetCookie;
use crate::message::url::Scheme;
use crate::outcome::Code;
use crate::outcome::answer::Form;
use crate::policy::{Access, RequestClass};
use crate::session::sealed::{KeyRing, Purpose};
use crate::step::Step;

/// The counter's cookie for one session name, and what seals it.
#[derive(Debug)]
pub(super) struct Hops {
    pub(super) cookie: String,
    keys: KeyRing,
    /// Whether the cookie carries `Secure`; not for the development name.
    secure: bool,
}

impl Hops {
    /// A format that has public keys only has no secret to share: then each isolate counts for itself.
    pub(super) fn new(session_cookie: &str, secrets: &[Secret], secure: bool, entropy: &mut Entropy) -> Self {
        let cookie = [session_cookie, "-hops"].concat();
        let own = [Secret::new(entropy.draw::<32>())];
        let secrets = if secrets.is_empty() { &own } else { secrets };
        Self {
            keys: KeyRing::derive(secrets, Purpose::Hops, &cookie),
            cookie,
            secure,
        }
    }

    /// What the browser brought, as far as it counts at `now`.
    fn open(&self, headers: &Headers, now: Timestamp) -> Trail {
        let cookies = Cookies::parse(headers);
        let opened = cookies
            .values(&self.cookie)
            .find_map(|value| self.keys.open(value).ok());
        Trail::read(opened.as_ref(), now)
    }

    /// The `Set-Cookie` line.
    fn seal(&self, trail: &Trail, now: Timestamp, https: bool, entropy: &mut Entropy) -> Option<String> {
        let value = self.keys.seal(&trail.claims(now), entropy)?;
        SetCookie::new(&self.cookie, &value)
            .max_age(WINDOW_SECS)
            .secure(self.secures(https))
            .build()
            .ok()
    }

    pub(super) fn expiry(&self, https: bool) -> Option<String> {
        SetCookie::expired(&self.cookie)
            .secure(self.secures(https))
            .build()
            .ok()
    }

    fn secures(&self, https: bool) -> bool {
        self.secure && (https || self.cookie.starts_with("__"))
    }
}

/// Why a visitor is sent away, as the page puts it: the four words of semantics 11.1.
fn reason(code: Code) -> &'static str {
    match code {
        Code::SessionExpired | Code::SessionTooOld | Code::SessionTombstoned => "expired",
        Code::RequirementAal | Code::RequirementMaxAge => "step-up",
        Code::SessionTooLarge | Code::KeyUnknown | Code::IdentityUnavailable | Code::IdentityBusy => {
            "unavailable"
        }
        _ => "signed-out",
    }
}

/// Sends a visitor to where they can sign in, step up or enrol; the third time in a circle, a page says so.
pub(super) fn bounce(mut visit: Visit, code: Code, location: String) -> Step<Decision> {
    let core = std::rc::Rc::clone(&visit.core);
    let hops = core.hops(&visit.origin.origin);
    let (Some(hops), RequestClass::Navigation) = (hops, visit.class) else {
        return challenge::redirect(visit, code, location);
    };
    let now = visit.now();
    let mut trail = hops.open(&visit.head.headers, now);
    let reason = reason(code);
    let shown = Shown {
        cookies: credentials(&visit),
        counts: core.kratos.is_none() || visit.known,
    };
    if trail.bounce(&target(&visit.path, reason), shown, now) >= BOUNCES {
        visit.session.get_or_insert(code);
        return challenge::respond(
            visit,
            Code::LoopBroken,
            Form {
                word: Some(reason),
                clear: Some(endpoints::CLEAR),
                ..Form::default()
            },
        );
    }
    write(&mut visit, hops, &trail);
    challenge::redirect(visit, code, location)
}

/// A redirect to `location` answers this navigation: where it leads to a guarded page, the visitor comes back.
pub(super) fn sent_back(visit: &mut Visit, location: Option<&str>) {
    if visit.class == RequestClass::Navigation && location.is_some_and(|to| is_guarded(visit, to)) {
        came_back(visit);
    }
}

/// A guest page goes on to the app, whose answer nobody sees here. A visitor with a session cookie that does not count
/// is likely to be sent back by it.
pub(super) fn unseen_guest(visit: &mut Visit) {
    if visit.class == RequestClass::Navigation && credentials(visit).is_some() {
        came_back(visit);
    }
}

/// Whatever the visitor was sent away for, they are on the way back.
pub(super) fn came_back(visit: &mut Visit) {
    let core = std::rc::Rc::clone(&visit.core);
    let Some(hops) = core.hops(&visit.origin.origin).filter(|_| visit.may_write()) else {
        return;
    };
    let mut trail = hops.open(&visit.head.headers, visit.now());
    if trail.come_back() {
        write(visit, hops, &trail);
    }
}

fn write(visit: &mut Visit, hops: &Hops, trail: &Trail) {
    let https = visit.origin.origin.scheme() == Scheme::Https;
    let line = hops.seal(trail, visit.now(), https, &mut visit.entropy);
    visit.set_cookies.extend(line);
}

/// Whether a `Location` names a page of this origin that needs a session.
fn is_guarded(visit: &Visit, location: &str) -> bool {
    challenge::leads_to(visit, location).is_some_and(|(_, access)| access == Access::Session)
}

/// Names the session cookies of the request: the identity server's where there is one, since the copy is of our own
/// making. `None`: there are none.
fn credentials(visit: &Visit) -> Option<String> {
    let cookies = Cookies::parse(&visit.head.headers);
    let names = match &visit.core.kratos {
        Some(plan) => vec![plan.upstream.session_cookie().to_owned()],
        None => visit.slot()?.present(&cookies),
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for name in &names {
        for value in cookies.values(name) {
            parts.extend([name.as_bytes(), value.as_bytes()]);
        }
    }
    (!parts.is_empty()).then(|| short(digest::sha256_framed(&parts)))
}

fn target(path: &str, reason: &str) -> String {
    short(digest::sha256(&[path.as_bytes(), b"\0", reason.as_bytes()]))
}

/// 72 bits name a page within one visitor's 30 seconds.
fn short(digest: [u8; 32]) -> String {
    base64url::encode(digest::first::<9>(&digest))
}

/// The session cookies of a request.
struct Shown {
    /// Their names and values, hashed.
    cookies: Option<String>,
    /// Whether new ones prove a return: the identity server's do once it says that it knows them.
    counts: bool,
}

/// Where a visitor was sent away from lately, the latest first.
#[derive(Debug, Default, PartialEq, Eq)]
struct Trail(Vec<Hop>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Hop {
    target: String,
    count: u8,
    at: Timestamp,
    /// The session cookies that were shown at the time.
    shown: Option<String>,
    returned: bool,
}

impl Trail {
    fn read(claims: Option<&Map<String, Value>>, now: Timestamp) -> Self {
        let hop = |value: &Value| {
            let fields = value.as_array()?;
            Some(Hop {
                target: fields.first()?.as_str()?.to_owned(),
                count: u8::try_from(fields.get(1)?.as_u64()?).ok()?,
                at: Timestamp::from_secs(fields.get(2)?.as_i64()?),
                shown: fields.get(3)?.as_str().map(str::to_owned),
                returned: fields.get(4)?.as_bool()?,
            })
        };
        let hops = claims
            .and_then(|claims| claims.get("hops"))
            .and_then(Value::as_array);
        let recent = |hop: &Hop| (0..=WINDOW_SECS).contains(&now.since(hop.at));
        Self(
            hops.into_iter()
                .flatten()
                .filter_map(hop)
                .filter(recent)
                .take(PATHS)
                .collect(),
        )
    }

    fn claims(&self, now: Timestamp) -> Map<String, Value> {
        let hop = |hop: &Hop| {
            Value::from([
                Value::from(&*hop.target),
                Value::from(hop.count),
                Value::from(hop.at.as_secs()),
                Value::from(hop.shown.as_deref()),
                Value::from(hop.returned),
            ])
        };
        let mut claims = Map::new();
        claims.insert("hops".into(), self.0.iter().map(hop).collect());
        claims.insert("exp".into(), Value::from(now.plus(WINDOW_SECS).as_secs()));
        claims
    }

    /// Enters a bounce and says the how-manieth it is.
    fn bounce(&mut self, target: &str, shown: Shown, now: Timestamp) -> u8 {
        let known = self
            .0
            .iter()
            .position(|hop| hop.target == target)
            .map(|at| self.0.remove(at));
        let count = known.map_or(1, |hop| {
            let new_cookie = shown.counts && shown.cookies.is_some() && shown.cookies != hop.shown;
            hop.count.saturating_add(u8::from(hop.returned || new_cookie))
        });
        let hop = Hop {
            target: target.to_owned(),
            count,
            at: now,
            shown: shown.cookies,
            returned: false,
        };
        self.0.insert(0, hop);
        self.0.truncate(PATHS);
        count
    }

    /// Whether anything changed.
    fn come_back(&mut self) -> bool {
        let news = self.0.iter().any(|hop| !hop.returned);
        for hop in &mut self.0 {
            hop.returned = true;
        }
        news
    }
}

/// The bounce that is one too many.
const BOUNCES: u8 = 3;
/// Pages that are kept in mind (semantics 11.1).
const PATHS: usize = 4;
/// How long a bounce is remembered. A circle takes a second or two, a person at a form longer than half a minute.
const WINDOW_SECS: i64 = 30;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000 + secs)
    }

    #[test]
    fn a_bounce_counts_after_a_return_and_for_the_same_target_only() {
        // Target, what was shown, whether the visitor came back before it; the count that is wanted.
        let rows: &[&[(&str, Option<&str>, bool, u8)]] = &[
            &[
                ("a", None, false, 1),
                ("a", None, false, 1),
                ("a", None, false, 1),
            ],
            &[("a", None, false, 1), ("a", None, true, 2), ("a", None, true, 3)],
            &[
                ("a", None, false, 1),
                ("a", Some("x"), false, 2),
                ("a", Some("y"), false, 3),
            ],
            &[
                ("a", Some("x"), false, 1),
                ("a", Some("x"), false, 1),
                ("a", None, false, 1),
            ],
            &[
                ("a", Some("x"), false, 1),
                ("a", None, false, 1),
                ("a", Some("x"), false, 2),
            ],
            &[
                ("a", None, false, 1),
                ("b", None, true, 1),
                ("a", None, false, 2),
                ("b", None, false, 1),
            ],
            &[
                ("a", None, false, 1),
                ("b", None, false, 1),
                ("c", None, false, 1),
                ("d", None, false, 1),
                ("e", None, false, 1),
                ("a", None, true, 1),
            ],
        ];
        for row in rows {
            let mut trail = Trail::default();
            for (n, (target, shown, returns, want)) in row.iter().enumerate() {
                if *returns {
                    trail.come_back();
                }
                let cookies = shown.map(str::to_owned);
                let unknown = Shown {
                    cookies: cookies.clone(),
                    counts: false,
                };
                assert!(Trail(trail.0.clone()).bounce(target, unknown, at(0)) <= *want);
                let got = trail.bounce(
                    target,
                    Shown {
                        cookies,
                        counts: true,
                    },
                    at(0),
                );
                assert_eq!(got, *want, "{row:?} at {n}");
                assert!(trail.0.len() <= PATHS);
            }
        }
    }

    #[test]
    fn a_trail_survives_its_seal_for_thirty_seconds_and_no_junk_becomes_one() {
        let mut trail = Trail::default();
        let shown = Shown {
            cookies: Some("x".into()),
            counts: true,
        };
        trail.bounce("a", shown, at(0));
        let claims = trail.claims(at(0));
        assert_eq!(Trail::read(Some(&claims), at(30)), trail);
        for now in [31, -1, 1_000_000] {
            assert_eq!(Trail::read(Some(&claims), at(now)), Trail::default(), "{now}");
        }
        for junk in [
            json!({}),
            json!({ "hops": 1 }),
            json!({ "hops": [[]] }),
            json!({ "hops": [["a", -1, 1_800_000_000, null, false]] }),
            json!({ "hops": [["a", 256, 1_800_000_000, null, false]] }),
            json!({ "hops": [["a", 1, 1_800_000_000, null]] }),
            json!({ "hops": [["a", 1, "1800000000", null, false]] }),
            json!({ "hops": [[1, 1, 1_800_000_000, null, false]] }),
        ] {
            assert_eq!(Trail::read(junk.as_object(), at(0)), Trail::default(), "{junk}");
        }
        let many: Vec<Value> = (0..50)
            .map(|n| json!([n.to_string(), 1, 1_800_000_000, null, false]))
            .collect();
        assert_eq!(
            Trail::read(json!({ "hops": many }).as_object(), at(0)).0.len(),
            PATHS
        );
    }

    #[test]
    fn every_code_has_one_of_the_four_words() {
        for code in Code::ALL {
            assert!(["signed-out", "expired", "step-up", "unavailable"].contains(&reason(*code)));
        }
    }
}
