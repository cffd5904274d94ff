//! Frames from the host: request heads, response heads, answers to effects.
//!
//! ```text
//! request   method, url, client address or nothing, (name, value)*
//! question  session | seal | clear, JSON or nothing, then a request
//! head      status, (name, value)*
//! answer    effect id, asked at (ms), kind, …
//!           kind r: status, (name, value)*   and the frame's body
//!           kind b:                              the frame's body
//!           kind s:                              the frame's body, a signature
//!           kind v: 1 or 0
//!           kind f: failure
//! failure   unreachable | timeout | too_large | broken | not_shared | target_changed
//! ```

use edgeward::Question;
use edgeward::base::json;
use edgeward::message::{RequestHead, ResponseHead};
use edgeward::step::{Answer, EffectId, Failure, Reply, Response};

use serde_json::Value;

use crate::frame::{Fields, FrameError};

/// Reads a request head.
///
/// # Errors
/// A frame without a reading.
///
/// ```
/// # use edgeward_boundary::{frame::Fields, input};
/// let text = b"GET\0https://app.example.com/\0\0accept\0text/html";
/// let head = input::request(Fields::parse(text, 5)?)?;
/// assert_eq!(head.headers.get("Accept"), Some("text/html"));
/// assert_eq!(head.client_ip, None);
/// # Ok::<(), edgeward_boundary::frame::FrameError>(())
/// ```
pub fn request(mut fields: Fields<'_>) -> Result<RequestHead, FrameError> {
    let method = fields.text()?.to_owned();
    let url = fields.text()?.to_owned();
    let client_ip = Some(fields.text()?)
        .filter(|ip| !ip.is_empty())
        .map(str::to_owned);
    Ok(RequestHead {
        method,
        url,
        headers: fields.pairs()?,
        client_ip,
    })
}

/// Reads a question of the app's own, and the request that it is about.
///
/// # Errors
/// A frame without a reading.
pub fn question(mut fields: Fields<'_>) -> Result<(Question, RequestHead), FrameError> {
    let (kind, json) = (fields.text()?, fields.text()?);
    let data = || match json {
        "" => Ok(Value::Null),
        text => json::value(text.as_bytes()).map_err(|_| FrameError::Kind),
    };
    let question = match kind {
        "session" => Question::Session(data()?),
        "seal" => Question::Seal(data()?),
        "clear" => Question::Clear,
        _ => return Err(FrameError::Kind),
    };
    Ok((question, request(fields)?))
}

/// Reads a response head.
///
/// # Errors
/// A frame without a reading.
pub fn head(mut fields: Fields<'_>) -> Result<ResponseHead, FrameError> {
    Ok(ResponseHead {
        status: fields.number()?,
        headers: fields.pairs()?,
    })
}

/// Reads the answer to an effect; `body` is the frame's.
///
/// # Errors
/// A frame without a reading.
pub fn answer(mut fields: Fields<'_>, body: &[u8]) -> Result<Answer, FrameError> {
    let id = EffectId::decode(fields.text()?).ok_or(FrameError::Number)?;
    let asked_ms = fields.number()?;
    let reply = match fields.text()? {
        "r" => Reply::Response(Response {
            head: head(fields)?,
            body: body.to_vec(),
        }),
        "b" => {
            fields.end()?;
            Reply::Body(body.to_vec())
        }
        "s" => {
            fields.end()?;
            Reply::Signed(body.to_vec())
        }
        "v" => {
            let verified = match fields.text()? {
                "1" => true,
                "0" => false,
                _ => return Err(FrameError::Kind),
            };
            fields.end()?;
            Reply::Verified(verified)
        }
        "f" => Reply::Failed(failure(fields)?),
        _ => return Err(FrameError::Kind),
    };
    Ok(Answer { id, asked_ms, reply })
}

/// Reads why there is no answer. A host does not say `Misdelivered`: that is found out on this side.
///
/// # Errors
/// A frame without a reading.
pub fn failure(mut fields: Fields<'_>) -> Result<Failure, FrameError> {
    let failure = match fields.text()? {
        "unreachable" => Failure::Unreachable,
        "timeout" => Failure::Timeout,
        "too_large" => Failure::TooLarge,
        "broken" => Failure::Broken,
        "not_shared" => Failure::NotShared,
        "target_changed" => Failure::TargetChanged,
        _ => return Err(FrameError::Kind),
    };
    fields.end()?;
    Ok(failure)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(text: &str) -> Fields<'_> {
        Fields::parse(text.as_bytes(), text.matches('\0').count() + 1).unwrap()
    }

    #[test]
    fn a_request() {
        let head = request(fields(
            "POST\0https://a.example/x?y=%20\0::1\0cookie\0a=1\0x-empty\0",
        ))
        .unwrap();
        assert_eq!(
            (head.method.as_str(), head.url.as_str()),
            ("POST", "https://a.example/x?y=%20")
        );
        assert_eq!(head.client_ip.as_deref(), Some("::1"));
        let pairs: Vec<_> = head.headers.iter().collect();
        assert_eq!(pairs, [("cookie", "a=1"), ("x-empty", "")]);
    }

    #[test]
    fn requests_without_a_reading() {
        for text in ["", "GET", "GET\0/", "GET\0/\0\0lonely"] {
            assert_eq!(request(fields(text)).err(), Some(FrameError::Short), "{text:?}");
        }
        let smuggled = Fields::parse(b"GET\0/\0\0name\0value\0cookie\0stolen", 5).unwrap();
        assert_eq!(request(smuggled).err(), Some(FrameError::Count));
    }

    #[test]
    fn set_cookie_stays_a_list() {
        let head = head(fields("200\0set-cookie\0a=1, b\0set-cookie\0c=2")).unwrap();
        let cookies: Vec<_> = head.headers.get_all("Set-Cookie").collect();
        assert_eq!(cookies, ["a=1, b", "c=2"]);
    }

    const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn answers() {
        let response = answer(fields(&format!("{ID}\x0012\0r\x00200\0a\0b")), b"body").unwrap();
        assert_eq!((response.id.encode().as_str(), response.asked_ms), (ID, 12));
        match response.reply {
            Reply::Response(response) => {
                assert_eq!(response.head.status, 200);
                assert_eq!(response.body, b"body");
            }
            other => panic!("{other:?}"),
        }
        type Row = (&'static str, fn(&Reply) -> bool);
        let rows: &[Row] = &[
            ("v\x001", |o| matches!(o, Reply::Verified(true))),
            ("v\x000", |o| matches!(o, Reply::Verified(false))),
            ("b", |o| matches!(o, Reply::Body(bytes) if bytes == b"body")),
            ("s", |o| matches!(o, Reply::Signed(bytes) if bytes == b"body")),
            ("f\0timeout", |o| matches!(o, Reply::Failed(Failure::Timeout))),
            ("f\0unreachable", |o| {
                matches!(o, Reply::Failed(Failure::Unreachable))
            }),
            ("f\0too_large", |o| matches!(o, Reply::Failed(Failure::TooLarge))),
            ("f\0broken", |o| matches!(o, Reply::Failed(Failure::Broken))),
            ("f\0not_shared", |o| {
                matches!(o, Reply::Failed(Failure::NotShared))
            }),
            ("f\0target_changed", |o| {
                matches!(o, Reply::Failed(Failure::TargetChanged))
            }),
        ];
        for (text, holds) in rows {
            let answer = answer(fields(&format!("{ID}\x000\0{text}")), b"body").unwrap();
            assert!(holds(&answer.reply), "{text:?}");
        }
    }

    #[test]
    fn answers_without_a_reading() {
        let rows: &[(&str, FrameError)] = &[
            ("", FrameError::Number),
            ("AAAA", FrameError::Number),
            ("AAAAAAAAAAAAAAAAAAAAAAAA\x000\0b", FrameError::Number),
            (ID, FrameError::Short),
            ("ID\x0018446744073709551616\0b", FrameError::Number),
            ("ID\0-1\0b", FrameError::Number),
            ("ID\x000", FrameError::Short),
            ("ID\x000\0z", FrameError::Kind),
            ("ID\x000\0v", FrameError::Short),
            ("ID\x000\0v\0true", FrameError::Kind),
            ("ID\x000\0v\x001\x001", FrameError::Count),
            ("ID\x000\0b\0more", FrameError::Count),
            ("ID\x000\0s\0more", FrameError::Count),
            ("ID\x000\0f\0misdelivered", FrameError::Kind),
            ("ID\x000\0f\0timeout\0x", FrameError::Count),
            ("ID\x000\0r\x0070000", FrameError::Number),
            ("ID\x000\0r\x00200\0lonely", FrameError::Short),
        ];
        for (text, error) in rows {
            let text = text.replace("ID", ID);
            assert_eq!(answer(fields(&text), b"").err(), Some(*error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_fields_panic(text in "([a-z0-9:/]{0,5}\0){0,8}[rvbf]?", body: Vec<u8>) {
            let _ = request(fields(&text));
            let _ = head(fields(&text));
            let _ = answer(fields(&text), &body);
            let _ = failure(fields(&text));
        }
    }
}
