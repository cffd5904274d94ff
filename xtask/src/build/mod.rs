//! `cargo xtask build <target> [--dev]`: Rust → wasm → glue → optimised wasm → one JavaScript bundle.
//!
//! Nothing is downloaded but packages of cargo and npm. A step whose inputs are the same is skipped.

mod bindgen;
mod bundle;
mod compile;
mod link;
mod package;
mod vars;

pub use bindgen::check_versions;
pub use link::asked as asked_to_link;
pub use vars::check as check_vars;

use std::path::PathBuf;
use std::time::Instant;

use crate::fault::{Fault, Outcome};
use crate::stamp::Fingerprint;
use crate::{node, paths, step};

/// Raised when the pipeline itself changes, so that finished builds are not taken for fresh.
const PIPELINE: u32 = 3;

/// One thing that can be built. Another host is another row.
#[derive(Debug)]
pub struct Target<'a> {
    /// The word after `cargo xtask build`.
    pub name: &'a str,
    /// The cargo package, a cdylib.
    pub package: &'a str,
    /// Its Cargo features beside the default ones.
    pub features: &'a [&'a str],
    /// Whether its default features are in.
    pub defaults: bool,
    /// What is made of wasm and glue.
    pub around: Around<'a>,
    /// Where the finished files go.
    pub out: &'a str,
    /// wasm-opt's level.
    pub optimise: &'a str,
}

/// What a target is beside its wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around<'a> {
    /// A bundle of the glue with this JavaScript entry.
    Entry(&'a str),
    /// The npm package.
    Package,
    /// The glue, for a bundle of the bench.
    Nothing,
}

/// Everything that can be built.
pub const TARGETS: &[Target<'static>] = &[
    Target {
        name: "worker",
        package: "edgeward-worker",
        features: &[],
        defaults: true,
        around: Around::Entry("adapters/worker/entry/index.mjs"),
        out: "build/worker",
        optimise: "-Os",
    },
    // With a fake core and traps on demand, for tests/worker. Never shipped.
    Target {
        name: "worker-test",
        package: "edgeward-worker",
        features: &["__test-fake", "__test-trap"],
        defaults: true,
        around: Around::Entry("adapters/worker/entry/index.mjs"),
        out: "build/worker-test",
        optimise: "-Os",
    },
    Target {
        name: "js",
        package: "edgeward-js",
        features: &[],
        defaults: true,
        around: Around::Package,
        out: "js-shim/dist/wasm",
        optimise: "-Os",
    },
    // What an app with one format brings along, for the bench. Never shipped.
    Target {
        name: "js-one",
        package: "edgeward-js",
        features: &["edgeward/format-jwt"],
        defaults: false,
        around: Around::Nothing,
        out: "build/js-one",
        optimise: "-Os",
    },
];

impl Target<'_> {
    /// The folder of the finished files.
    pub fn out(&self) -> PathBuf {
        paths::root().join(self.out)
    }

    /// The finished wasm.
    pub fn wasm(&self) -> PathBuf {
        self.out().join("edgeward.wasm")
    }

    /// The glue as a module of its own.
    pub fn glue(&self) -> PathBuf {
        self.work().join("glue/glue.mjs")
    }

    /// The finished JavaScript.
    pub fn script(&self) -> PathBuf {
        match self.around {
            Around::Entry(_) => self.out().join("index.js"),
            Around::Package => self.out().join("inline.mjs"),
            Around::Nothing => self.glue(),
        }
    }

    fn work(&self) -> PathBuf {
        paths::work().join(self.name)
    }
}

/// How much care is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Small and fast.
    Release,
    /// Soon, and small enough to be loaded everywhere: no optimiser.
    Fast,
    /// Soon: no optimiser, readable output.
    Dev,
}

/// The verb.
pub fn verb(arguments: &[String]) -> Outcome {
    let has = |option: &str| arguments.iter().any(|argument| argument == option);
    let mode = match (has("--dev"), has("--fast")) {
        (true, _) => Mode::Dev,
        (_, true) => Mode::Fast,
        _ => Mode::Release,
    };
    let names: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !matches!(*argument, "--dev" | "--fast"))
        .collect();
    let [name] = names.as_slice() else {
        return Err(
            Fault::new("cargo xtask build", format!("found `{}`", names.join(" ")))
                .accepted("one of `worker`, `worker-test`, `js`, then `--dev`, `--fast` or nothing"),
        );
    };
    build(target(name)?, mode)
}

/// The row named `name`.
pub fn target(name: &str) -> Outcome<&'static Target<'static>> {
    TARGETS.iter().find(|target| target.name == name).ok_or_else(|| {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        Fault::new("cargo xtask build", format!("`{name}` is no target")).accepted(known.join(", "))
    })
}

/// Builds the Worker for release: what the demo and the tests run.
pub fn worker() -> Outcome {
    build(target("worker")?, Mode::Release)
}

/// Builds one target.
pub fn build(target: &Target<'_>, mode: Mode) -> Outcome {
    let begun = Instant::now();
    finish(target, mode, &compile(target, mode)?)?;
    step::say(format!(
        "ok   build {}: {}, {}",
        target.name,
        target.out,
        step::seconds(begun.elapsed())
    ));
    Ok(())
}

/// What cargo made: the raw wasm, and the generator of its glue.
#[derive(Debug)]
pub struct Compiled {
    pub wasm: PathBuf,
    pub generator: PathBuf,
}

/// The cargo half of a build.
pub fn compile(target: &Target<'_>, mode: Mode) -> Outcome<Compiled> {
    vars::check(&paths::root().join("wrangler.toml"))?;
    bindgen::check_versions(&crate::fault::read(&paths::root().join("Cargo.lock"))?)?;
    // The three do not wait for each other: two compilers and an installer.
    let (wasm, generator, tools) = std::thread::scope(|scope| {
        let generator = scope.spawn(bindgen::generator);
        let tools = scope.spawn(|| node::install(&node::toolchain()).and_then(|()| node::node()));
        (
            compile::wasm(target, mode),
            joined(generator.join()),
            joined(tools.join()),
        )
    });
    tools?;
    Ok(Compiled {
        wasm: wasm?,
        generator: generator?,
    })
}

/// The rest: glue, optimiser, what stands around. Nothing where nothing changed.
pub fn finish(target: &Target<'_>, mode: Mode, Compiled { wasm, generator }: &Compiled) -> Outcome {
    // The optimiser takes longest and does not care about the JavaScript entry: two stamps.
    let glue = target.work().join("glue");
    let print = || {
        Fingerprint::default()
            .value((PIPELINE, target.name, target.optimise, mode))
            .file(generator)
            .file(wasm)
            .file(&node::toolchain().join("package-lock.json"))
            .file(&paths::root().join("Cargo.lock"))
    };
    let optimised = print().check(
        &format!("build-{}-wasm", target.name),
        &[target.wasm(), glue.join("edgeward_bg.js")],
    );
    let inputs = match target.around {
        Around::Entry(entry) => bundle::entry_dirs(entry),
        Around::Package => package::inputs(),
        Around::Nothing => Vec::new(),
    };
    let linked = inputs.iter().fold(print(), |print, dir| print.dir(dir)).check(
        &format!("build-{}", target.name),
        &[target.script(), target.glue()],
    );
    if optimised.fresh() && linked.fresh() {
        step::say(format!("ok   build {}: nothing changed", target.name));
        return Ok(());
    }
    if !optimised.fresh() {
        bindgen::run(generator, wasm, &glue, mode)?;
        bundle::optimise(target, &glue, mode)?;
        if mode == Mode::Release {
            bindgen::order(generator, &target.wasm())?;
        }
        optimised.set()?;
    }
    bundle::link(target, &glue, mode)?;
    linked.set()
}

/// What a thread came to.
pub fn joined<T>(result: std::thread::Result<Outcome<T>>) -> Outcome<T> {
    result.unwrap_or_else(|_| {
        Err(Fault::new("cargo xtask build", "a step panicked").remedy("read the lines above"))
    })
}
