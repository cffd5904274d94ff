//! `load(rules)`, then `run(times)`: the clock is the host's. The same for `main.rs`, which has a clock.

#[path = "../../support/rules.rs"]
mod rules;

use std::cell::RefCell;

use edgeward::policy::Policy;
use edgeward::session::Session;

/// A policy, requests for it, and who makes them.
pub struct Loaded {
    policy: Policy,
    paths: Vec<String>,
    session: Session,
}

impl Loaded {
    /// Compiles that many rules.
    pub fn new(rules: usize) -> Self {
        Self {
            policy: rules::policy(rules),
            paths: rules::paths(rules),
            session: rules::session(),
        }
    }

    /// Decides about that many requests; gives how many were let through, which is all of them.
    pub fn run(&self, times: usize) -> usize {
        let asked = self.paths.iter().cycle().take(times);
        asked
            .filter(|path| rules::decide(&self.policy, path, &self.session))
            .count()
    }
}

thread_local! {
    static LOADED: RefCell<Option<Loaded>> = const { RefCell::new(None) };
}

/// [`Loaded::new`], kept.
#[unsafe(no_mangle)]
pub extern "C" fn load(rules: u32) {
    LOADED.with(|kept| kept.replace(Some(Loaded::new(rules as usize))));
}

/// [`Loaded::run`] of what is kept.
#[unsafe(no_mangle)]
pub extern "C" fn run(times: u32) -> u32 {
    LOADED.with_borrow(|kept| {
        let met = kept.as_ref().map_or(0, |loaded| loaded.run(times as usize));
        u32::try_from(met).unwrap_or(u32::MAX)
    })
}
