//! `load(rules)`, then `run(times)`: the clock is the host's.

#[path = "../../support/rules.rs"]
mod rules;

use std::cell::RefCell;

use edgeward::policy::Policy;
use edgeward::session::Session;

struct Loaded {
    policy: Policy,
    paths: Vec<String>,
    session: Session,
}

thread_local! {
    static LOADED: RefCell<Option<Loaded>> = const { RefCell::new(None) };
}

/// Compiles that many rules.
#[unsafe(no_mangle)]
pub extern "C" fn load(rules: u32) {
    let rules = rules as usize;
    let loaded = Loaded {
        policy: rules::policy(rules),
        paths: rules::paths(rules),
        session: rules::session(),
    };
    LOADED.with(|kept| kept.replace(Some(loaded)));
}

/// Decides about that many requests; gives how many were let through, which is all of them.
#[unsafe(no_mangle)]
pub extern "C" fn run(times: u32) -> u32 {
    LOADED.with_borrow(|kept| {
        let Some(Loaded {
            policy,
            paths,
            session,
        }) = kept
        else {
            return 0;
        };
        let asked = paths.iter().cycle().take(times as usize);
        let met = asked.filter(|path| rules::decide(policy, path, session)).count();
        u32::try_from(met).unwrap_or(u32::MAX)
    })
}
