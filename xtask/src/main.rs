//! `cargo xtask <verb>`: the one command index of the repository.

use std::process::ExitCode;

mod bench;
mod build;
mod demo;
mod fault;
mod http;
mod kratos;
mod node;
mod paths;
mod run;
mod size;
mod size_npm;
mod stamp;
mod step;
mod test;
mod tidy;
mod vectors;
mod world;

use fault::{Fault, Outcome};

/// A verb: its name, what it does, and the function that does it.
struct Verb {
    name: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Outcome,
}

const VERBS: &[Verb] = &[
    Verb {
        name: "build",
        does: "build <worker|js> [--dev|--fast]  Rust to wasm, glue, one bundle",
        run: build::verb,
    },
    Verb {
        name: "demo",
        does: "demo [--check] [--port N]     Kratos, an app and the gate on loopback",
        run: demo::verb,
    },
    Verb {
        name: "test",
        does: "test [suite…] [--all] [--only TEXT]  everything that must hold; no name = all suites",
        run: test::verb,
    },
    Verb {
        name: "soak",
        does: "soak [--requests N]           one isolate, 200 visitors, 100,000 requests, traps and stalls",
        run: test::soak,
    },
    Verb {
        name: "size",
        does: "size [--json] [--write]       the Worker's and the npm entries' bytes against budgets and last figures",
        run: size::verb,
    },
    Verb {
        name: "bench",
        does: "bench [what…] [--quick] [--json]  size, start, open, boundary, request; policy, tunnel; next, features",
        run: bench::verb,
    },
    Verb {
        name: "tidy",
        does: "tidy                          the repository's rules",
        run: tidy::verb,
    },
    Verb {
        name: "vectors",
        does: "vectors [format…|kratos]      the real libraries make the interop vectors anew, Kratos its lists",
        run: vectors::verb,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(linked) = build::asked_to_link(&arguments) {
        return linked;
    }
    match world::stop::listen().and_then(|()| dispatch(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Outcome {
    let name = arguments.first().map_or("help", String::as_str);
    if matches!(name, "help" | "--help" | "-h") {
        println!("cargo xtask <verb>\n");
        for verb in VERBS {
            println!("  {}", verb.does);
        }
        return Ok(());
    }
    let verb = VERBS.iter().find(|verb| verb.name == name).ok_or_else(|| {
        let known: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
        Fault::new("cargo xtask", format!("`{name}` is no verb")).accepted(known.join(", "))
    })?;
    (verb.run)(&arguments[1..])
}
