//! What the entries of the npm package weigh: each as a user's bundler would write it, minified, and the wasm beside it.

use crate::fault::{Outcome, make_dir, write};
use crate::size::{Weight, verdict, weigh};
use crate::{build, node, paths, run};

/// Design section 9: `edgeward/next` with all formats, wasm and JavaScript, gzipped. A KB has 1,000 bytes here.
const BUDGET: usize = 92_000;

/// The entries that bring the wasm, and those that bring none.
const ENTRIES: &[(&str, bool)] = &[
    ("next", true),
    ("fetch", true),
    ("node", true),
    ("server", true),
    ("ory", true),
    ("ory-pages", true),
    ("testing", true),
    ("react", false),
];

/// One entry: its JavaScript, and with the wasm.
pub struct Entry {
    /// The file in `js-shim/dist`.
    pub name: &'static str,
    /// Its JavaScript.
    pub js: Weight,
    /// All that it brings.
    pub sum: Weight,
}

/// Bundles and weighs each entry of the release build.
pub fn measure() -> Outcome<Vec<Entry>> {
    let target = build::target("js")?;
    build::build(target, build::Mode::Release)?;
    let wasm = weigh(&target.wasm())?;
    let dir = paths::work().join("size");
    make_dir(&dir)?;
    ENTRIES
        .iter()
        .map(|(name, with_wasm)| {
            let (from, to) = (
                dir.join(format!("{name}-in.mjs")),
                dir.join(format!("{name}.mjs")),
            );
            let source = paths::root().join("js-shim/dist").join(format!("{name}.mjs"));
            write(
                &from,
                format!("export * from {:?};\n", source.display().to_string()),
            )?;
            let mut esbuild = node::script("esbuild/bin/esbuild")?;
            esbuild.arg(&from).arg(format!("--outfile={}", to.display()));
            esbuild.args([
                "--bundle",
                "--minify",
                "--format=esm",
                "--platform=neutral",
                "--conditions=edge-light",
                "--external:*.wasm?module",
                "--external:node:*",
                "--external:react",
                "--log-level=warning",
            ]);
            run::quiet(&mut esbuild, "esbuild-size")?;
            let js = weigh(&to)?;
            let sum = if *with_wasm { js + wasm } else { js };
            Ok(Entry { name, js, sum })
        })
        .collect()
}

/// Prints them against the budget.
pub fn print(entries: &[Entry]) {
    println!("npm entries            js      sum   (gzip)");
    for Entry { name, js, sum } in entries {
        println!(
            "  {:<18} {:>5} {:>8}",
            format!("edgeward/{}", name.replace('-', "/")),
            js.gzip,
            sum.gzip
        );
    }
    if let Some(next) = entries.iter().find(|entry| entry.name == "next") {
        println!(
            "  budget of edgeward/next {BUDGET:>6}  {}",
            verdict(next.sum.gzip, BUDGET)
        );
    }
}
