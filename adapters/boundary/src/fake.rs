//! A fake core: the path of the request says which way it goes. No gate, no session, no security.
//!
//! It exists so that the tests of a host can reach every step, also those that no request of today reaches in the real
//! gate, and so that a mixed-up answer is seen: each answer carries `x-core-user`, the `user` cookie of the request that
//! this way was begun for.
//!
//! | path | way |
//! | --- | --- |
//! | `/redirect`, `/respond/{status}` | `Redirect`, `Respond` |
//! | `/public/…` | `Continue` without a judgement |
//! | `/app/…` | `Continue` with one; sets a cookie |
//! | `/ask/…`, `/shared/…` | asks the identity server, then as `/app` |
//! | `/forever` | asks the identity server again and again |
//! | `/beside/…` | as `/app`, with a background question |
//! | `/binding/…`, `/changed` | as `/app`, to the binding `APP`, to a URL that no host sends as it is |
//! | `/tunnel/…` | `Forward`; asks again after the head, reads and rewrites JSON |
//! | `/verify/{alg}/{key}/{input}/{signature}` | `Verify`, then 200 or 401 |
//! | `/sign/{alg}/{key}/{input}` | `Sign`, then the signature |

use edgeward::base::{Moment, base64url};
use edgeward::decision::{
    After, Body, Continue, Decision, Destination, FinalResponse, Forward, Redirect, Respond, ResponseRules,
};
use edgeward::fake::{after, ask, background};
use edgeward::message::{Headers, RequestEdits, RequestHead, ResponseHead};
use edgeward::outcome::{Code, Event, Trace};
use edgeward::step::{Answer, Effect, Failure, Fetch, HostKey, ReadBody, Reply, Sign, Step, Verify};

use crate::Core;

/// How long the fake waits for anything, in milliseconds.
const TIMEOUT_MS: u32 = 2_000;
/// More body than this is too large for it.
const MAX_BODY: usize = 64 * 1024;

/// The fake core.
#[derive(Debug, Clone)]
pub struct FakeCore {
    /// The app's base URL, without a slash at the end.
    pub origin: String,
    /// The identity server's.
    pub identity: String,
}

#[derive(Clone)]
struct Visitor {
    user: String,
    request_id: String,
}

impl Core for FakeCore {
    fn begin(&self, head: RequestHead, mut moment: Moment) -> Step<Decision> {
        let visitor = Visitor {
            user: user(&head.headers),
            request_id: hex(moment.entropy.draw::<8>()),
        };
        let target = head.url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        let mut parts = target.split(['/', '?']);
        let way = parts.next().unwrap_or_default();
        let mut part = || parts.next().unwrap_or_default().to_owned();
        match way {
            "redirect" => Step::Done(redirect(&visitor)),
            "respond" => Step::Done(respond(&visitor, part().parse().unwrap_or(200), "answered")),
            "public" => Step::Done(self.public(&target, visitor)),
            "app" => Step::Done(self.app(&target, visitor)),
            "ask" => self.asking(target, visitor, false),
            "shared" => self.asking(target, visitor, true),
            "forever" => self.forever(visitor, 0),
            "beside" => Step::Done(self.beside(&target, visitor)),
            "binding" => Step::Done(judged(Destination::Binding("APP".to_owned()), visitor)),
            "changed" => {
                let url = [self.origin.as_str(), "/changed/../elsewhere"].concat();
                Step::Done(judged(Destination::Url(url), visitor))
            }
            "tunnel" => Step::Done(self.tunnel(head.method, &target, &head.headers, visitor)),
            "verify" => verify(alg(&part()), &part(), part(), &part(), visitor),
            "sign" => sign(alg(&part()), &part(), part(), visitor),
            _ => Step::Done(respond(&visitor, 404, "no way")),
        }
    }
}

impl FakeCore {
    fn public(&self, target: &str, visitor: Visitor) -> Decision {
        Decision::Continue(Continue {
            no_store: false,
            response: ResponseRules::Blind {
                headers: Headers::new(),
                event: event(&visitor, "continue"),
            },
            ..to(Destination::Url(self.url(target)), visitor)
        })
    }

    fn app(&self, target: &str, visitor: Visitor) -> Decision {
        judged(Destination::Url(self.url(target)), visitor)
    }

    fn url(&self, target: &str) -> String {
        [self.origin.as_str(), "/", target].concat()
    }

    fn whoami(&self, user: &str, share: bool) -> Effect {
        Effect::Fetch(Fetch {
            purpose: "whoami",
            method: "GET",
            url: [self.identity.as_str(), if share { "/shared" } else { "/whoami" }].concat(),
            binding: None,
            headers: Headers::from_iter([("cookie", ["user=", if share { "all" } else { user }].concat())]),
            body: None,
            share,
            timeout_ms: TIMEOUT_MS,
            max_body: MAX_BODY,
        })
    }

    fn asking(&self, target: String, visitor: Visitor, share: bool) -> Step<Decision> {
        let core = self.clone();
        ask(self.whoami(&visitor.user, share), move |answer, _| {
            match answer.reply {
                Reply::Failed(Failure::NotShared) => {
                    let Effect::Fetch(fetch) = core.whoami(&visitor.user, true) else {
                        return Step::Done(respond(&visitor, 500, "no fetch"));
                    };
                    let alone = Effect::Fetch(Fetch {
                        share: false,
                        ..fetch
                    });
                    ask(alone, move |answer, _| {
                        core.answered(&target, visitor, &answer, share)
                    })
                }
                _ => core.answered(&target, visitor, &answer, share),
            }
        })
    }

    fn answered(&self, target: &str, visitor: Visitor, answer: &Answer, share: bool) -> Step<Decision> {
        Step::Done(match &answer.reply {
            Reply::Response(response) if share || response.body == visitor.user.as_bytes() => {
                self.app(target, visitor)
            }
            Reply::Response(_) => respond(&visitor, 500, "another visitor's answer"),
            Reply::Failed(failure) => respond(&visitor, 503, failure_name(*failure)),
            _ => respond(&visitor, 500, "another kind of answer"),
        })
    }

    /// Never comes to an end: each answer is another question.
    fn forever(&self, visitor: Visitor, round: u32) -> Step<Decision> {
        let core = self.clone();
        let question = self.whoami(&[&visitor.user, "-", &round.to_string()].concat(), false);
        ask(question, move |_, _| core.forever(visitor, round.wrapping_add(1)))
    }

    fn beside(&self, target: &str, visitor: Visitor) -> Decision {
        let whoami = self.whoami(&visitor.user, false);
        let event = event(&visitor, "beside");
        let question = background(move |_| {
            ask(whoami, move |answer, _| {
                Step::Done(matches!(answer.reply, Reply::Response(_)).then_some(event))
            })
        });
        match self.app(target, visitor) {
            Decision::Continue(decision) => Decision::Continue(Continue {
                background: Some(question),
                ..decision
            }),
            other => other,
        }
    }

    fn tunnel(&self, method: String, target: &str, headers: &Headers, visitor: Visitor) -> Decision {
        let core = self.clone();
        let mut up = Headers::from_iter([("cookie", ["user=", &visitor.user].concat())]);
        for name in ["content-type", "content-length", "x-origin"] {
            if let Some(value) = headers.get(name) {
                up.append(name, value);
            }
        }
        Decision::Forward(Forward {
            with_body: !matches!(method.as_str(), "GET" | "HEAD"),
            method,
            url: [self.identity.as_str(), "/", target].concat(),
            binding: None,
            headers: up,
            head_timeout_ms: TIMEOUT_MS,
            after: after(move |head, _| match head {
                Ok(head) => core.tunnelled(head, visitor),
                Err(failure) => Step::Done(gone(&visitor, failure)),
            }),
        })
    }

    /// Asks for the visitor's session when the response sets one, reads and rewrites JSON, streams all else.
    fn tunnelled(&self, head: ResponseHead, visitor: Visitor) -> Step<FinalResponse> {
        if head.headers.contains("x-mint") {
            let user = visitor.user.clone();
            return ask(self.whoami(&visitor.user, false), move |answer, _| {
                let mine = matches!(&answer.reply, Reply::Response(r) if r.body == user.as_bytes());
                let mut done = finished(head, visitor, Body::Stream);
                done.head
                    .headers
                    .append("x-minted", if mine { "yes" } else { "no" });
                Step::Done(done)
            });
        }
        if head.headers.get("content-type") != Some("application/json") {
            return Step::Done(finished(head, visitor, Body::Stream));
        }
        let read = Effect::ReadBody(ReadBody {
            max_body: MAX_BODY,
            timeout_ms: TIMEOUT_MS,
        });
        ask(read, move |answer, _| match answer.reply {
            Reply::Body(mut bytes) => {
                bytes.make_ascii_uppercase();
                let mut done = finished(head, visitor, Body::Bytes(bytes));
                done.head.headers.remove("content-length");
                Step::Done(done)
            }
            Reply::Failed(failure) => Step::Done(gone(&visitor, failure)),
            _ => Step::Done(gone(&visitor, Failure::Misdelivered)),
        })
    }
}

fn redirect(visitor: &Visitor) -> Decision {
    Decision::Redirect(Redirect {
        status: 303,
        location: "/login?return_to=%2Fx".to_owned(),
        headers: Headers::from_iter([
            ("set-cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT"),
            ("set-cookie", "b=2"),
            ("cache-control", "private, no-store"),
            ("x-core-user", &visitor.user),
        ]),
        event: event(visitor, "redirect"),
    })
}

fn respond(visitor: &Visitor, status: u16, text: &str) -> Decision {
    Decision::Respond(Respond {
        head: ResponseHead {
            status,
            headers: Headers::from_iter([
                ("x-core-user", visitor.user.as_str()),
                ("content-type", "text/plain"),
            ]),
        },
        body: match status {
            204 | 205 | 304 => Body::None,
            _ => Body::Bytes(text.as_bytes().to_vec()),
        },
        event: event(visitor, "respond"),
    })
}

fn to(destination: Destination, visitor: Visitor) -> Continue {
    let mut edits = RequestEdits::new();
    edits.remove("x-user");
    edits.set("x-user", visitor.user.as_str());
    Continue {
        edits,
        destination,
        with_body: true,
        no_store: true,
        head_timeout_ms: TIMEOUT_MS,
        response: ResponseRules::Judged(judge(visitor)),
        background: None,
        rule: Some("/app/:path*".to_owned()),
    }
}

fn judged(destination: Destination, visitor: Visitor) -> Decision {
    Decision::Continue(to(destination, visitor))
}

fn judge(visitor: Visitor) -> After<FinalResponse> {
    after(move |head, _| match head {
        Ok(head) if head.status == 101 => finished(head, visitor, Body::Upgrade),
        Ok(head) => finished(head, visitor, Body::Stream),
        Err(failure) => gone(&visitor, failure),
    })
}

fn finished(mut head: ResponseHead, visitor: Visitor, body: Body) -> FinalResponse {
    head.headers.remove("x-powered-by");
    head.headers
        .append("set-cookie", ["seen=", &visitor.user, "; Path=/"].concat());
    head.headers.set("x-core-user", visitor.user.as_str());
    FinalResponse {
        head,
        body,
        event: event(&visitor, "final"),
    }
}

fn gone(visitor: &Visitor, failure: Failure) -> FinalResponse {
    let status = if failure == Failure::TargetChanged {
        400
    } else {
        502
    };
    FinalResponse {
        head: ResponseHead {
            status,
            headers: Headers::from_iter([("x-core-user", visitor.user.as_str())]),
        },
        body: Body::Bytes(failure_name(failure).as_bytes().to_vec()),
        event: event(visitor, "final"),
    }
}

const fn failure_name(failure: Failure) -> &'static str {
    match failure {
        Failure::Unreachable => "unreachable",
        Failure::Timeout => "timeout",
        Failure::TooLarge => "too large",
        Failure::Broken => "broken",
        Failure::NotShared => "not shared",
        Failure::TargetChanged => "target changed",
        Failure::Misdelivered => "misdelivered",
    }
}

fn verify(alg: &'static str, key: &str, input: String, signature: &str, visitor: Visitor) -> Step<Decision> {
    let effect = Effect::Verify(Verify {
        alg,
        key: HostKey::new(&text(key)),
        signing_input: input.into_bytes(),
        signature: base64url::decode(signature).unwrap_or_default(),
    });
    ask(effect, move |answer, _| {
        let good = matches!(answer.reply, Reply::Verified(true));
        Step::Done(respond(&visitor, if good { 200 } else { 401 }, "checked"))
    })
}

fn sign(alg: &'static str, key: &str, input: String, visitor: Visitor) -> Step<Decision> {
    let effect = Effect::Sign(Sign {
        alg,
        key: HostKey::new(&text(key)),
        signing_input: input.into_bytes(),
    });
    ask(effect, move |answer, _| {
        Step::Done(match answer.reply {
            Reply::Signed(signature) => respond(&visitor, 200, &base64url::encode(signature)),
            _ => respond(&visitor, 503, "not signed"),
        })
    })
}

fn alg(name: &str) -> &'static str {
    ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("none")
}

fn text(encoded: &str) -> String {
    let bytes = base64url::decode(encoded).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn user(headers: &Headers) -> String {
    let pairs = headers.get("cookie").unwrap_or_default().split("; ");
    let mut users = pairs.filter_map(|pair| pair.strip_prefix("user="));
    users.next().unwrap_or("nobody").to_owned()
}

fn hex(bytes: [u8; 8]) -> String {
    let digits = bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn event(visitor: &Visitor, action: &'static str) -> Event {
    Event {
        request_id: visitor.request_id.clone(),
        code: Code::RouteMet,
        action,
        rule: None,
        class: None,
        session: None,
        status: None,
        trace: Trace::default(),
        effects: Vec::new(),
    }
}
