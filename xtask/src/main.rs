//! `cargo xtask <verb>`: the one command index of the repository.

fn main() {}
