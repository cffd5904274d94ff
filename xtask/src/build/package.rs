//! The npm package: the wasm in the form that each runtime takes, one bundle per entry over shared parts, the types.

use std::path::{Path, PathBuf};

use super::bundle::{GLUE, HOST, esbuild};
use crate::fault::{Fault, Outcome, copy, make_dir, write};
use crate::step::step;
use crate::{paths, run};

/// The package's sources.
const PACKAGE: &str = "js-shim";

/// Sources that are bundled with the run loop, each an entry of the package.
const ENTRIES: &[&str] = &["fetch", "node", "next", "server", "ory", "ory-pages", "testing"];

/// Sources without wasm, as they are: a bundler must see their directives.
const PLAIN: &[&str] = &["react", "browser", "edge"];

/// The folders whose files are inputs of the package.
pub(super) fn inputs() -> Vec<PathBuf> {
    ["js-shim/src", "js-shim/types", HOST]
        .iter()
        .map(|dir| paths::root().join(dir))
        .collect()
}

/// Writes `dist` around the finished wasm.
pub(super) fn assemble(wasm: &Path, glue: &Path) -> Outcome {
    let root = paths::root().join(PACKAGE);
    let (src, dist) = (root.join("src"), root.join("dist"));
    step("assemble js-shim/dist", || {
        for old in list(&dist)?.iter().filter(|file| file.is_file()) {
            std::fs::remove_file(old).map_err(|error| Fault::new(paths::shown(old), error.to_string()))?;
        }
        let bytes = std::fs::read(wasm).map_err(|error| Fault::new(paths::shown(wasm), error.to_string()))?;
        write(&dist.join("wasm/inline.mjs"), inline(&bytes))?;
        for loader in ["edge-light", "workerd"] {
            let name = format!("wasm/{loader}.mjs");
            copy(&src.join(&name), &dist.join(&name))?;
        }
        for plain in PLAIN {
            let name = format!("{plain}.mjs");
            copy(&src.join(&name), &dist.join(&name))?;
        }
        for types in list(&root.join("types"))? {
            let name = types.file_name().unwrap_or_default();
            copy(&types, &dist.join(name))?;
        }
        copy(&paths::root().join("LICENSE"), &root.join("LICENSE"))?;
        let mut command = esbuild()?;
        command.args(ENTRIES.iter().map(|entry| src.join(format!("{entry}.mjs"))));
        command
            .arg(format!("--alias:{GLUE}={}", glue.display()))
            .arg(format!("--outdir={}", dist.display()));
        command.args([
            "--bundle",
            "--splitting",
            "--format=esm",
            "--platform=neutral",
            "--target=es2022",
            "--out-extension:.js=.mjs",
            "--chunk-names=shared-[hash]",
            "--log-level=warning",
            "--external:#wasm",
            "--external:node:*",
        ]);
        run::quiet(&mut command, "esbuild-package")
    })
}

fn list(dir: &Path) -> Outcome<Vec<PathBuf>> {
    make_dir(dir)?;
    let entries = std::fs::read_dir(dir).map_err(|error| Fault::new(paths::shown(dir), error.to_string()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

/// The bytes as text, for runtimes that compile them: no file to be found by a bundler or left behind by one.
fn inline(bytes: &[u8]) -> String {
    format!(
        "// Written by `cargo xtask build js`.\n\
         let compiled;\n\
         export const module = () => (compiled ??= new WebAssembly.Module(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))));\n\
         const text = '{}';\n",
        base64(bytes)
    )
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let word = group
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for at in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * at) & 63) as usize];
            text.push(if at > group.len() { '=' } else { digit as char });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_specification() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
