//! What is done to wasm by programs of our own, as this crate alone has a reader and writer of it:
//!
//! - `xtask-bindgen glue <in.wasm> <out dir> <name> <keep-names|strip-names>`: wasm-bindgen's generator. The output is the
//!   `bundler` form: glue that takes its wasm exports from outside, so that a host can link it to an instance that it made
//!   itself.
//! - `xtask-bindgen order <in.wasm> <out.wasm>`: the functions in the order in which gzip makes least of them.

mod order;
mod reorder;

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["glue", input, out_dir, name, names] => glue(input, out_dir, name, names),
        ["order", input, output] => ordered(input, output),
        _ => Err(
            "usage: xtask-bindgen glue <in.wasm> <out dir> <name> <keep-names|strip-names>\n       \
             xtask-bindgen order <in.wasm> <out.wasm>"
                .to_owned(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn glue(input: &str, out_dir: &str, name: &str, names: &str) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name(name)
        .typescript(true)
        .remove_name_section(names == "strip-names")
        .keep_debug(false);
    let generated = bindgen
        .bundler(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    generated.map_err(|error| format!("{error:#}"))
}

fn ordered(input: &str, output: &str) -> Result<(), String> {
    let wasm = std::fs::read(input).map_err(|error| format!("{input}: {error}"))?;
    let ordered = reorder::for_gzip(&wasm).map_err(|error| format!("{input}: {error}"))?;
    std::fs::write(output, ordered).map_err(|error| format!("{output}: {error}"))
}
