//! What only readers of the documentation are told. It stands beside what it is about, and is not in the wasm: a Worker
//! pays for every byte and reads none of these.

const LEFT_OUT: bool = cfg!(target_arch = "wasm32");

/// A sentence; in wasm nothing.
pub(crate) const fn text(sentence: &'static str) -> &'static str {
    if LEFT_OUT { "" } else { sentence }
}

/// Several sentences; in wasm none.
pub(crate) const fn list(sentences: &'static [&'static str]) -> &'static [&'static str] {
    if LEFT_OUT { &[] } else { sentences }
}
