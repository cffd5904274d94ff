//! The import section of a wasm file.

use crate::fault::{Fault, Outcome};

const MAGIC: &[u8] = b"\0asm\x01\0\0\0";
const IMPORT_SECTION: u8 = 2;

/// Module and field name of every import.
pub(super) fn imports(wasm: &[u8]) -> Outcome<Vec<(String, String)>> {
    let broken = || Fault::new("wasm", "cannot be read").accepted("a WebAssembly module");
    let mut reader = Reader(wasm.strip_prefix(MAGIC).ok_or_else(broken)?);
    while !reader.0.is_empty() {
        let (id, size) = (reader.byte(), reader.number());
        let section = id.zip(size).and_then(|(id, size)| Some((id, reader.take(size)?)));
        let (id, section) = section.ok_or_else(broken)?;
        if id == IMPORT_SECTION {
            return Reader(section).imports().ok_or_else(broken);
        }
    }
    Ok(Vec::new())
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// LEB128, at most 32 bits.
    fn number(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn name(&mut self) -> Option<String> {
        let length = self.number()?;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 == 1 {
            self.number()?;
        }
        Some(())
    }

    fn imports(mut self) -> Option<Vec<(String, String)>> {
        let mut found = Vec::new();
        for _ in 0..self.number()? {
            found.push((self.name()?, self.name()?));
            match self.byte()? {
                0 => drop(self.number()?),
                1 => {
                    self.byte()?;
                    self.limits()?;
                }
                2 => self.limits()?,
                3 => drop(self.take(2)?),
                4 => {
                    self.byte()?;
                    self.number()?;
                }
                _ => return None,
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(section: &[u8]) -> Vec<u8> {
        // A custom section first, as compilers like it.
        let mut wasm = MAGIC.to_vec();
        wasm.extend([0, 2, 1, b'x']);
        wasm.extend([IMPORT_SECTION, u8::try_from(section.len()).unwrap()]);
        wasm.extend(section);
        wasm
    }

    #[test]
    fn every_kind_of_import_is_read() {
        let wasm = module(
            b"\x04\x03env\x01f\0\0\x01m\x01t\x01\x70\x01\x01\x02\x01m\x01n\x02\0\x01\x01m\x01g\x03\x7f\0",
        );
        let found = imports(&wasm).unwrap();
        let names: Vec<String> = found
            .iter()
            .map(|(module, name)| format!("{module}.{name}"))
            .collect();
        assert_eq!(names, ["env.f", "m.t", "m.n", "m.g"]);
        assert_eq!(imports(MAGIC).unwrap(), []);
    }

    #[test]
    fn broken_files_are_refused() {
        for wasm in [
            &b""[..],
            b"\0asm",
            b"\0asm\x01\0\0\0\x02",
            b"\0asm\x01\0\0\0\x02\x05\x01",
            b"\0asm\x01\0\0\0\x02\xff\xff\xff\xff\xff\x01",
        ] {
            assert!(imports(wasm).is_err());
        }
        for section in [&b"\x01\x03en"[..], b"\x01\x01m\x01f\x09", b"\x02\x01m\x01f\0\0"] {
            assert!(imports(&module(section)).is_err());
        }
    }
}
