//! The npm half of the pipeline: wasm-opt over the wasm, esbuild over glue and entry.
//!
//! wasm-bindgen's glue keeps the exports of one instance, and views of that instance's memory, in module variables. A host
//! that replaces an instance after a trap needs a second set of them, so the glue is delivered as a function, `link`, that
//! makes a new set for each instance.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Around, Mode, Target, package};
use crate::fault::{Fault, Outcome, copy, make_dir, read, write};
use crate::step::step;
use crate::{node, paths, run};

/// The name under which an entry imports the glue.
pub(super) const GLUE: &str = "edgeward-glue";

/// What rustc 1.95 uses on wasm32-unknown-unknown, and what workerd, Node 22 and browsers have: the optimiser may use no more.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// The folders whose files are inputs of the bundle.
pub(super) fn entry_dirs(entry: &str) -> Vec<PathBuf> {
    let entry = paths::root().join(entry);
    let dir = entry.parent().map(Path::to_path_buf).unwrap_or(entry);
    vec![dir, paths::root().join(HOST)]
}

/// The run loop that every host shares.
pub(super) const HOST: &str = "adapters/host";

/// Writes the finished wasm.
pub(super) fn optimise(target: &Target<'_>, glue: &Path, mode: Mode) -> Outcome {
    let raw = glue.join("edgeward_bg.wasm");
    make_dir(&paths::root().join(target.out))?;
    if mode != Mode::Release {
        return copy(&raw, &target.wasm());
    }
    step(format!("wasm-opt {}", target.optimise), || {
        let mut command = node::script("binaryen/bin/wasm-opt")?;
        command
            .arg(target.optimise)
            .args(FEATURES)
            .arg(&raw)
            .arg("-o")
            .arg(target.wasm());
        run::quiet(&mut command, "wasm-opt")
    })
}

/// Writes the finished JavaScript.
pub(super) fn link(target: &Target<'_>, glue: &Path, mode: Mode) -> Outcome {
    let linked = target.glue();
    write(&linked, factory(glue)?)?;
    let entry = match target.around {
        Around::Entry(entry) => entry,
        Around::Package => return package::assemble(&target.wasm(), &linked),
        Around::Nothing => return Ok(()),
    };
    let path = paths::root().join(entry);
    if !path.is_file() {
        return Err(Fault::new(entry, "is not there").accepted("the JavaScript entry of the Worker"));
    }
    step(format!("bundle {entry}"), || {
        let mut command = esbuild()?;
        command
            .arg(&path)
            .arg(format!("--alias:{GLUE}={}", linked.display()));
        command.arg(format!("--outfile={}", target.script().display()));
        command.args([
            "--bundle",
            "--format=esm",
            "--platform=neutral",
            "--target=es2022",
            "--log-level=warning",
        ]);
        // The wasm is a module of its own in every runtime, the platform's modules are not ours to bundle.
        command.args([
            "--external:./edgeward.wasm",
            "--external:cloudflare:*",
            "--external:node:*",
        ]);
        if mode == Mode::Release {
            command.args(["--minify", "--legal-comments=none"]);
        }
        run::quiet(&mut command, "esbuild")
    })
}

/// The glue as a module that exports `link(module) → { glue, exports }`.
fn factory(glue: &Path) -> Outcome<String> {
    let (script, meta) = (glue.join("factory.js"), glue.join("factory.json"));
    let mut command = esbuild()?;
    command
        .arg(glue.join("edgeward_bg.js"))
        .arg(format!("--outfile={}", script.display()));
    command.arg(format!("--metafile={}", meta.display()));
    command.args([
        "--bundle",
        "--format=iife",
        "--global-name=made",
        "--platform=node",
        "--target=es2022",
    ]);
    command.args([
        "--packages=external",
        "--external:cloudflare:*",
        "--log-level=warning",
    ]);
    run::quiet(&mut command, "esbuild-glue")?;
    Ok(wrapped(&read(&script)?, &externals(&read(&meta)?)?))
}

/// The modules that the platform has to bring.
fn externals(meta: &str) -> Outcome<Vec<String>> {
    let meta: serde_json::Value = serde_json::from_str(meta)
        .map_err(|error| Fault::new("esbuild's metafile", error.to_string()).remedy("delete target/index"))?;
    let outputs = meta["outputs"].as_object().into_iter().flatten();
    let imports = outputs.flat_map(|(_, output)| output["imports"].as_array().into_iter().flatten());
    let mut names: Vec<String> = imports
        .filter(|import| import["external"] == true)
        .filter_map(|import| Some(import["path"].as_str()?.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn wrapped(script: &str, externals: &[String]) -> String {
    let imports: String = externals
        .iter()
        .enumerate()
        .map(|(at, name)| format!("import * as x{at} from {name:?};\n"))
        .collect();
    let table: String = externals
        .iter()
        .enumerate()
        .map(|(at, name)| format!("{name:?}: x{at}, "))
        .collect();
    format!(
        "{imports}const platform = {{ {table}}};\n\
         const require = (name) => platform[name];\n\
         function make() {{\n{script}\nreturn {{ ...made }};\n}}\n\
         /** A new instance of `module` with glue of its own: nothing is shared with instances made before. */\n\
         export function link(module) {{\n\
         const glue = make();\n\
         const {{ exports }} = new WebAssembly.Instance(module, {{ './edgeward_bg.js': glue }});\n\
         glue.__wbg_set_wasm(exports);\n\
         exports.__wbindgen_start?.();\n\
         return {{ glue, exports }};\n}}\n"
    )
}

pub(super) fn esbuild() -> Outcome<Command> {
    node::script("esbuild/bin/esbuild")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_modules_reach_the_glue() {
        let meta = r#"{"outputs":{"a.js":{"imports":[
            {"path":"cloudflare:sockets","kind":"require-call","external":true},
            {"path":"./local.js","kind":"import-statement"},
            {"path":"cloudflare:sockets","kind":"require-call","external":true}]}}}"#;
        let names = externals(meta).unwrap();
        assert_eq!(names, ["cloudflare:sockets"]);
        let text = wrapped("var made = {};", &names);
        assert!(
            text.starts_with("import * as x0 from \"cloudflare:sockets\";\n"),
            "{text}"
        );
        assert!(text.contains("{ \"cloudflare:sockets\": x0, }"), "{text}");
        assert!(externals("{").is_err());
        assert_eq!(externals("{}").unwrap(), Vec::<String>::new());
    }
}
