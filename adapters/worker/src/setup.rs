//! From bindings to a gate, and what the host needs to know where there is none.

use edgeward::config::ConfigErrors;
use edgeward::{Config, Gate, Shell};
use edgeward_boundary::setup::told;
use edgeward_boundary::{Instance, Port};
use worker::Env;

use crate::bindings;

/// What decides in this build.
#[cfg(not(feature = "__test-fake"))]
pub(crate) type Decider = Gate;
#[cfg(feature = "__test-fake")]
pub(crate) use crate::fake::Decider;

#[cfg(not(feature = "__test-fake"))]
const STALL_MS: u32 = edgeward_boundary::setup::STALL_MS;
/// Soon, for tests that wait for it.
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
pub(crate) fn configure<'i>(instance: &'i mut Instance<Decider>, env: &Env, now_ms: f64) -> &'i [u8] {
    let errors: Vec<String> = match decider(instance, env, now_ms) {
        Ok(decider) => {
            instance.port = Some(Port::new(decider, instance.generation));
            Vec::new()
        }
        Err(errors) => errors,
    };
    told(&mut instance.frame, &errors, STALL_MS)
}

/// Builds what decides, or says everything that is wrong with the document.
fn decider(instance: &mut Instance<Decider>, env: &Env, now_ms: f64) -> Result<Decider, Vec<String>> {
    #[cfg(feature = "__test-fake")]
    if let Some(fake) = crate::fake::asked_for(env) {
        return Ok(fake);
    }
    let texts = |errors: ConfigErrors| errors.0.iter().map(ToString::to_string).collect::<Vec<_>>();
    let moment = instance
        .input
        .moment(now_ms)
        .map_err(|error| vec![error.code().to_owned()])?;
    let document = bindings::document(env).map_err(texts)?;
    let config = Config::parse(&document).map_err(texts)?;
    let secrets = |name: &str| bindings::secret(env, name);
    let gate = Gate::new(config, Shell::FRONT, secrets, moment).map_err(texts)?;
    #[cfg(feature = "__test-fake")]
    let gate = Decider::Gate(gate);
    Ok(gate)
}
