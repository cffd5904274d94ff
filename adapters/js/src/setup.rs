//! From a document and the secrets it names to a gate.

use edgeward::base::{Secret, json};
use edgeward::config::ConfigErrors;
use edgeward::{Config, Gate, Shell};
use edgeward_boundary::frame::FrameError;
use edgeward_boundary::setup::{STALL_MS, told};
use edgeward_boundary::{Call, Instance, Port};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(text: &str);
}

/// Says where a panic was, never what it said: that may hold a value of a visitor's.
pub(crate) fn panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|place| (place.file(), place.line()));
        let (file, line) = place.unwrap_or_default();
        error(&["edgeward: panic at ", file, ":", &line.to_string()].concat());
    }));
}

/// Builds the gate and writes what became of it.
pub(crate) fn configure(instance: &mut Instance<Gate>, call: Call) -> &[u8] {
    let errors: Vec<String> = match gate(instance, call) {
        Ok(gate) => {
            instance.port = Some(Port::new(gate, instance.generation));
            Vec::new()
        }
        Err(errors) => errors,
    };
    told(&mut instance.frame, &errors, STALL_MS)
}

fn gate(instance: &mut Instance<Gate>, call: Call) -> Result<Gate, Vec<String>> {
    let frame = |error: FrameError| vec![error.code().to_owned()];
    let texts = |errors: ConfigErrors| errors.0.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (moment, mut fields) = instance.input.configuration(call).map_err(frame)?;
    let shell = match fields.text().map_err(frame)? {
        "next" => Shell::NEXT,
        _ => Shell::INSIDE,
    };
    let document = json::value(fields.text().map_err(frame)?.as_bytes())
        .map_err(|_| vec!["the config document is no JSON, or names a key twice".to_owned()])?;
    let secrets: Vec<(&str, &str)> = fields.pairs().map_err(frame)?;
    let config = Config::parse(&document).map_err(texts)?;
    let secret = |name: &str| {
        let found = secrets.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| Secret::new(*value))
    };
    Gate::new(config, shell, secret, moment).map_err(texts)
}
