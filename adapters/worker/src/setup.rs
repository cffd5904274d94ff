//! From bindings to a gate, and what the host needs to know where there is none.

use edgeward::config::ConfigErrors;
use edgeward::decision::{Body, Respond};
use edgeward::outcome::{Code, fail};
use edgeward::{Config, Gate, Shell};
use edgeward_boundary::Port;
use edgeward_boundary::frame::Frame;
use worker::Env;

use crate::bindings;
use crate::instance::{Decider, Instance};

/// Stands for the request id in the answers that the host keeps; no header, page or problem document has it otherwise.
const REQUEST_ID: &str = "{request-id}";

/// What the host answers when this instance cannot: no gate, a trap, a stall, no reading, no app.
const FAILS: [Code; 5] = [
    Code::ConfigInvalid,
    Code::GateTrapped,
    Code::GateStalled,
    Code::RequestTarget,
    Code::OriginUnavailable,
];

/// How long the host waits for the whole of a request, uploads and streams excepted: above the sum of the core's own
/// timeouts, so that only a fault comes to it.
#[cfg(not(feature = "__test-fake"))]
const STALL_MS: u32 = 60_000;
#[cfg(feature = "__test-fake")]
const STALL_MS: u32 = 5_000;

/// Says where a panic was. What it says may hold a value of a visitor's: only debug builds print that.
pub(crate) fn panics() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    #[cfg(not(debug_assertions))]
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|place| (place.file(), place.line()));
        let (file, line) = place.unwrap_or_default();
        worker::console_error!("edgeward: panic at {}:{}", file, line);
    }));
}

/// Builds the gate and writes what became of it.
///
/// ```text
/// k  errors, stall ms, how many fail-mode answers, then of each: code, html, status, event, pairs, body
/// ```
pub(crate) fn configure<'i>(instance: &'i mut Instance, env: &Env, now_ms: f64) -> &'i [u8] {
    let errors: Vec<String> = match decider(instance, env, now_ms) {
        Ok(decider) => {
            instance.port = Some(Port::new(decider, instance.generation));
            Vec::new()
        }
        Err(errors) => errors,
    };
    let frame = &mut instance.frame;
    frame.start("k").list(errors.iter().map(String::as_str));
    frame.number(STALL_MS).number(FAILS.len() as u64 * 2);
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

/// Builds what decides, or says everything that is wrong with the document.
fn decider(instance: &mut Instance, env: &Env, now_ms: f64) -> Result<Decider, Vec<String>> {
    #[cfg(feature = "__test-fake")]
    if let Some(fake) = crate::fake::asked_for(env) {
        return Ok(fake);
    }
    let told = |errors: ConfigErrors| errors.0.iter().map(ToString::to_string).collect::<Vec<_>>();
    let moment = instance
        .input
        .moment(now_ms)
        .map_err(|error| vec![error.code().to_owned()])?;
    let document = bindings::document(env).map_err(told)?;
    let config = Config::parse(&document).map_err(told)?;
    let secrets = |name: &str| bindings::secret(env, name);
    let gate = Gate::new(config, Shell::FRONT, secrets, moment).map_err(told)?;
    Ok(gate.into())
}
