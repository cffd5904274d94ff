//! Runs wasm-bindgen's generator over one wasm file: `xtask-bindgen <in.wasm> <out dir> <name> <keep-names|strip-names>`.
//!
//! The output is the `bundler` form: glue that takes its wasm exports from outside, so that a host can link it to an
//! instance that it made itself.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out_dir, name, names] = arguments.as_slice() else {
        eprintln!("usage: xtask-bindgen <in.wasm> <out dir> <name> <keep-names|strip-names>");
        return ExitCode::from(2);
    };
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
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
