//! Secrets for one run on loopback: made anew each time, never written outside `target/`.

use std::fs::File;
use std::io::Read;

use crate::fault::{Fault, Outcome};

/// 32 random bytes in hexadecimal.
pub fn fresh() -> Outcome<String> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|error| Fault::new("/dev/urandom", error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
