//! What a host is told of the gate when an instance is configured: whether it stands, and what to answer without it.
//!
//! ```text
//! k  errors, stall ms, how many fail-mode answers, then of each: code, html, status, event, pairs, body
//! ```

use edgeward::decision::{Body, Respond};
use edgeward::outcome::{Code, fail};

use crate::frame::Frame;

/// Stands for the request id in the answers that the host keeps; no header, page or problem document has it otherwise.
pub const REQUEST_ID: &str = "{request-id}";

/// How long a host waits for the whole of a request, uploads and streams excepted: above the sum of the core's own
/// timeouts, so that only a fault comes to it.
pub const STALL_MS: u32 = 60_000;

/// What the host answers when this instance cannot: no gate, a trap, a stall, no reading, no app.
const FAILS: [Code; 5] = [
    Code::ConfigInvalid,
    Code::GateTrapped,
    Code::GateStalled,
    Code::RequestTarget,
    Code::OriginUnavailable,
];

/// Writes what became of the config.
pub fn told<'f>(frame: &'f mut Frame, errors: &[String], stall_ms: u32) -> &'f [u8] {
    frame.start("k").list(errors.iter().map(String::as_str));
    frame.number(stall_ms).number(FAILS.len() as u64 * 2);
    for code in FAILS {
        for html in [false, true] {
            answer(
                frame.text(code.as_str()).flag(html),
                &fail(code, html, REQUEST_ID),
            );
        }
    }
    frame.finish()
}

fn answer(frame: &mut Frame, answer: &Respond) {
    frame.number(answer.head.status).text(&answer.event.to_json());
    frame.headers(&answer.head.headers);
    match &answer.body {
        Body::Bytes(bytes) => frame.text(&String::from_utf8_lossy(bytes)),
        _ => frame.text(""),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::tests::read;

    #[test]
    fn errors_and_every_fail_mode_answer() {
        let mut frame = Frame::new();
        let (fields, ..) = read(told(&mut frame, &["one".to_owned(), "two".to_owned()], 7));
        assert_eq!(fields.get(..6).unwrap(), ["k", "2", "one", "two", "7", "10"]);
        for code in FAILS {
            assert_eq!(fields.iter().filter(|field| *field == code.as_str()).count(), 2);
        }
        assert!(fields.iter().any(|field| field.contains(REQUEST_ID)));
    }
}
