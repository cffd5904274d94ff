//! Traps on demand, for the tests of semantics 9.3. Behind the feature `__trap`.

use crate::{Call, Input, RANDOM_BYTES};

/// The word in a call's text or body that makes it trap: a visitor sends it in a header, an upstream in an answer.
const WORD: &[u8] = b"edgeward-test-trap";

/// Whether the call asks for a trap.
pub(crate) fn asked_for(input: &mut Input, call: Call) -> bool {
    let end = RANDOM_BYTES + call.text as usize + call.body as usize;
    let written = input.reserve(0).and_then(|bytes| bytes.get(..end));
    written.is_some_and(|bytes| bytes.windows(WORD.len()).any(|word| word == WORD))
}

/// Traps as a real fault would: with the instance borrowed and its tables changed by half a call.
pub(crate) fn spring(asked_for: bool) {
    if asked_for {
        core::arch::wasm32::unreachable();
    }
}
