//! Frames for the host: steps, decisions and what follows them.
//!
//! Lists are counted: `n` pairs are `n`, then `2n` fields. `key` names what waits in the [`Arena`](crate::Arena).
//!
//! ```text
//! x  refused        code
//! F  fetch          id, purpose, method, url, binding, share, timeout ms, max body, has body, pairs      body  key
//! V  verify         id, alg, key id, jwk, bytes of signing input             body: signing input, signature  key
//! S  sign           id, alg, key id, jwk                                     body: signing input             key
//! B  read body      id, max body, timeout ms                                                                 key
//! c  continue       a | b | u, binding or url, with body, no store, head timeout ms, judged,
//!                   event, pairs to append, names to remove, pairs to set        token   key: after; 2nd: background
//! r  redirect       status, location, event, pairs
//! p  respond        status, event, n | b, pairs                              body
//! f  forward        method, url, binding, with body, head timeout ms, pairs      token   key: after
//! h  final response status, event, n | b | s | u, names to remove, pairs to append          body
//! d  end            event or nothing
//! ```
//!
//! `h` is the difference to the head that the host holds (to no head at all where none came): it copies what it has and
//! edits it, and `Set-Cookie` stays a list.

use edgeward::base::base64url;
use edgeward::decision::{
    Body, Continue, Destination, FinalResponse, Forward, Redirect, Respond, ResponseRules,
};
use edgeward::message::Headers;
use edgeward::message::field_name::is_equal;
use edgeward::outcome::Event;
use edgeward::step::{Effect, Fetch, HostKey};

use crate::frame::Frame;

/// Writes a refusal: the call had no reading or named nothing.
pub fn refused(frame: &mut Frame, code: &str) {
    frame.start("x").text(code);
}

/// Writes an effect.
pub fn effect(frame: &mut Frame, effect: &Effect) {
    let id = effect.id().encode();
    match effect {
        Effect::Fetch(fetch) => self::fetch(frame, &id, fetch),
        Effect::Verify(verify) => {
            key(frame.start("V").text(&id).text(verify.alg), &verify.key)
                .number(verify.signing_input.len() as u64)
                .body(&verify.signing_input)
                .body(&verify.signature);
        }
        Effect::Sign(sign) => {
            key(frame.start("S").text(&id).text(sign.alg), &sign.key).body(&sign.signing_input);
        }
        Effect::ReadBody(read) => {
            frame.start("B").text(&id).number(read.max_body as u64);
            frame.number(read.timeout_ms);
        }
    }
}

fn fetch(frame: &mut Frame, id: &str, fetch: &Fetch) {
    frame.start("F").text(id).text(fetch.purpose).text(fetch.method);
    frame.text(&fetch.url).text(binding(fetch.binding.as_ref()));
    frame
        .flag(fetch.share)
        .number(fetch.timeout_ms)
        .number(fetch.max_body as u64);
    frame.flag(fetch.body.is_some()).headers(&fetch.headers);
    if let Some(body) = &fetch.body {
        frame.body(body);
    }
}

fn key<'f>(frame: &'f mut Frame, key: &HostKey) -> &'f mut Frame {
    frame.text(&base64url::encode(key.id)).text(&key.jwk)
}

/// Writes a `Continue`; the caller adds token and keys.
pub fn r#continue(frame: &mut Frame, decision: &Continue) {
    let (kind, target) = match &decision.destination {
        Destination::App => ("a", ""),
        Destination::Binding(name) => ("b", name.as_str()),
        Destination::Url(url) => ("u", url.as_str()),
    };
    frame.start("c").text(kind).text(target);
    frame
        .flag(decision.with_body)
        .flag(decision.no_store)
        .number(decision.head_timeout_ms);
    match &decision.response {
        ResponseRules::Judged(_) => frame.flag(true).text("").number(0_u8),
        ResponseRules::Blind { headers, event } => frame.flag(false).text(&event.to_json()).headers(headers),
    };
    frame.list(decision.edits.remove.iter().map(String::as_str));
    frame.pairs(decision.edits.set.iter().map(|(n, v)| (n.as_str(), v.as_str())));
}

/// Writes a `Forward`; the caller adds token and key.
pub fn forward(frame: &mut Frame, decision: &Forward) {
    frame.start("f").text(&decision.method).text(&decision.url);
    frame
        .text(binding(decision.binding.as_ref()))
        .flag(decision.with_body);
    frame.number(decision.head_timeout_ms).headers(&decision.headers);
}

/// Writes a `Redirect`.
pub fn redirect(frame: &mut Frame, decision: &Redirect) {
    frame.start("r").number(decision.status).text(&decision.location);
    frame.text(&decision.event.to_json()).headers(&decision.headers);
}

/// Writes a `Respond`.
pub fn respond(frame: &mut Frame, decision: &Respond) {
    frame.start("p").number(decision.head.status);
    frame.text(&decision.event.to_json()).text(kind(&decision.body));
    frame.headers(&decision.head.headers);
    if let Body::Bytes(bytes) = &decision.body {
        frame.body(bytes);
    }
}

/// Writes what the visitor gets, as the difference to `held`, the fields of the head that the host holds.
pub fn final_response(frame: &mut Frame, held: &[(&str, &str)], response: &FinalResponse) {
    frame.start("h").number(response.head.status);
    frame.text(&response.event.to_json()).text(kind(&response.body));
    let (removed, appended) = difference(held, &response.head.headers);
    frame.list(removed.iter().copied());
    frame.pairs(appended.iter().copied());
    if let Body::Bytes(bytes) = &response.body {
        frame.body(bytes);
    }
}

/// Writes the end of a background question.
pub fn end(frame: &mut Frame, event: Option<&Event>) {
    let event = event.map(Event::to_json).unwrap_or_default();
    frame.start("d").text(&event);
}

fn binding(name: Option<&String>) -> &str {
    name.map_or("", String::as_str)
}

const fn kind(body: &Body) -> &'static str {
    match body {
        Body::None => "n",
        Body::Bytes(_) => "b",
        Body::Stream => "s",
        Body::Upgrade => "u",
    }
}

type Pairs<'a> = Vec<(&'a str, &'a str)>;

/// The names to remove from `held`, and the fields to append then, that make it `wanted`: fields of different names have
/// no order among each other (RFC 9110 section 5.3).
fn difference<'a>(held: &[(&'a str, &'a str)], wanted: &'a Headers) -> (Vec<&'a str>, Pairs<'a>) {
    let wanted: Pairs<'a> = wanted.iter().collect();
    let (mut removed, mut appended) = (Vec::new(), Pairs::new());
    if held == wanted {
        return (removed, appended);
    }
    for name in first_of_each(&wanted) {
        if values(held, name).eq(values(&wanted, name)) {
            continue;
        }
        if values(held, name).next().is_some() {
            removed.push(name);
        }
        appended.extend(values(&wanted, name).map(|value| (name, value)));
    }
    removed.extend(first_of_each(held).filter(|name| values(&wanted, name).next().is_none()));
    (removed, appended)
}

fn values<'a, 'b: 'a>(pairs: &'a [(&'b str, &'b str)], name: &'a str) -> impl Iterator<Item = &'b str> + 'a {
    pairs
        .iter()
        .filter(move |(n, _)| is_equal(n, name))
        .map(|(_, value)| *value)
}

fn first_of_each<'a, 'b: 'a>(pairs: &'a [(&'b str, &'b str)]) -> impl Iterator<Item = &'b str> + 'a {
    let unseen = |(at, (name, _)): (usize, &(&'b str, &'b str))| {
        let before = pairs.iter().take(at);
        let seen = before.into_iter().any(|(n, _)| is_equal(n, name));
        (!seen).then_some(*name)
    };
    pairs.iter().enumerate().filter_map(unseen)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn applied(held: &[(&str, &str)], wanted: &Headers) -> Vec<(String, String)> {
        let (removed, appended) = difference(held, wanted);
        let mut headers: Headers = held.iter().copied().collect();
        for name in removed {
            headers.remove(name);
        }
        for (name, value) in appended {
            headers.append(name, value);
        }
        sorted(&headers)
    }

    fn sorted(headers: &Headers) -> Vec<(String, String)> {
        let mut fields: Vec<_> = headers
            .iter()
            .map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))
            .collect();
        fields.sort_by(|(a, _), (b, _)| a.cmp(b));
        fields
    }

    #[test]
    fn differences() {
        type Row<'a> = (
            &'a str,
            &'a [(&'a str, &'a str)],
            &'a [(&'a str, &'a str)],
            &'a [&'a str],
            usize,
        );
        let rows: &[Row<'_>] = &[
            ("the same", &[("a", "1")], &[("a", "1")], &[], 0),
            (
                "another order",
                &[("a", "1"), ("b", "2")],
                &[("b", "2"), ("a", "1")],
                &[],
                0,
            ),
            (
                "another spelling",
                &[("A", "1")],
                &[("a", "1"), ("b", "2")],
                &[],
                1,
            ),
            ("changed", &[("a", "1")], &[("a", "2")], &["a"], 1),
            (
                "gone",
                &[("a", "1"), ("b", "2"), ("b", "3")],
                &[("a", "1")],
                &["b"],
                0,
            ),
            (
                "a cookie more",
                &[("set-cookie", "a")],
                &[("set-cookie", "a"), ("Set-Cookie", "b")],
                &["set-cookie"],
                2,
            ),
            (
                "cookies in another order",
                &[("set-cookie", "a"), ("set-cookie", "b")],
                &[("set-cookie", "b"), ("set-cookie", "a")],
                &["set-cookie"],
                2,
            ),
            ("all new", &[], &[("a", "1"), ("a", "2")], &[], 2),
            ("all gone", &[("a", "1"), ("A", "2")], &[], &["a"], 0),
        ];
        for (row, held, wanted, removed, appended) in rows {
            let wanted: Headers = wanted.iter().copied().collect();
            let difference = difference(held, &wanted);
            assert_eq!(difference.0, *removed, "{row}");
            assert_eq!(difference.1.len(), *appended, "{row}");
            assert_eq!(applied(held, &wanted), sorted(&wanted), "{row}");
        }
    }

    proptest! {
        #[test]
        fn the_difference_makes_the_wanted(
            held in proptest::collection::vec(("[aAbB]{1,2}", "[xy]{0,1}"), 0..8),
            wanted in proptest::collection::vec(("[aAbB]{1,2}", "[xy]{0,1}"), 0..8),
        ) {
            let held: Vec<(&str, &str)> = held.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            let wanted: Headers = wanted.into_iter().collect();
            prop_assert_eq!(applied(&held, &wanted), sorted(&wanted));
        }
    }
}
