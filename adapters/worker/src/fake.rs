//! The fake core in place of the gate, where the bindings ask for it. Behind the feature `__test-fake`.

use edgeward::Gate;
use edgeward::base::Moment;
use edgeward::decision::Decision;
use edgeward::message::RequestHead;
use edgeward::step::Step;
use edgeward_boundary::Core;
use edgeward_boundary::fake::FakeCore;
use worker::Env;

/// What decides in a build for tests.
#[derive(Debug)]
pub(crate) enum Decider {
    Gate(Gate),
    Fake(FakeCore),
}

impl Core for Decider {
    fn begin(&self, head: RequestHead, moment: Moment) -> Step<Decision> {
        match self {
            Self::Gate(gate) => gate.begin(head, moment),
            Self::Fake(fake) => fake.begin(head, moment),
        }
    }
}

/// The fake core, when the bindings say where its app and its identity server are.
pub(crate) fn asked_for(env: &Env) -> Option<Decider> {
    let text = |name: &str| env.var(name).ok().map(|value| value.to_string());
    Some(Decider::Fake(FakeCore {
        origin: text("TEST_ORIGIN")?,
        identity: text("TEST_IDENTITY")?,
    }))
}
