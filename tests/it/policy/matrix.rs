//! Every page × every spelling against what real routers serve (field.md S 1-13; semantics 2).
//!
//! `tests/vectors/routers` holds the request targets and, for each origin, the page that it was seen to serve. The
//! router of the origin is the oracle: where it serves a page, the gate has judged the request as that page.

use edgeward::policy::{Policy, Router, Terms};
use serde_json::{Value, json};

use super::{compile_with, outcome, spellings};

/// Pages of the measured origins, most specific first, and a path of each. The last is the catch-all.
const PAGES: [(&str, &str); 12] = [
    ("/", "/"),
    ("/about", "/about"),
    ("/admin", "/admin"),
    ("/admin/users", "/admin/users"),
    ("/admin/:path+", "/admin/x/y"),
    ("/projects/:id/settings", "/projects/12/settings"),
    ("/projects/:id", "/projects/12"),
    ("/files/:path+", "/files/a/b"),
    ("/docs", "/docs"),
    ("/docs/:path+", "/docs/a"),
    ("/Mixed", "/Mixed"),
    ("/:rest+", "/elsewhere/z"),
];

/// The origins, and the routers by which their operators may call them.
const ORIGINS: [(&str, &[Router]); 8] = [
    ("express", &[Router::Any]),
    ("express-catch", &[Router::Any]),
    ("hono", &[Router::Any, Router::CaseSensitive]),
    ("hono-catch", &[Router::Any, Router::CaseSensitive]),
    ("next-app", &[Router::Any, Router::CaseSensitive, Router::Next]),
    (
        "next-app-catch",
        &[Router::Any, Router::CaseSensitive, Router::Next],
    ),
    ("next-pages", &[Router::Any, Router::CaseSensitive, Router::Next]),
    (
        "next-pages-catch",
        &[Router::Any, Router::CaseSensitive, Router::Next],
    ),
];

#[test]
fn the_targets_are_those_that_were_measured() {
    let targets: String = PAGES
        .iter()
        .flat_map(|(_, path)| spellings::of(path))
        .map(|target| target + "\n")
        .collect();
    let file = format!("{DIRECTORY}/targets.txt");
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&file, &targets).unwrap();
    }
    assert!(
        std::fs::read_to_string(&file).unwrap() == targets,
        "spellings.rs writes other targets than were measured: see PROVENANCE.md"
    );
}

#[test]
fn where_an_origin_serves_a_page_the_gate_judged_that_page() {
    let targets = read("targets.txt").lines().count();
    let mut cases = 0;
    let mut served = 0;
    let mut misses = Vec::new();
    for (origin, routers) in ORIGINS {
        let rows = read(&format!("{origin}.tsv"));
        assert!(rows.lines().count() > 400, "{origin} was measured");
        for router in routers {
            let policy = policy(*router, origin);
            cases += targets;
            for row in rows.lines() {
                let (target, page) = row.split_once('\t').unwrap();
                let rule = PAGES.iter().position(|(name, _)| *name == page).unwrap();
                let found = outcome(&policy, "h", "GET", path_of(target));
                let judged = found.split(" & ").any(|place| place == format!("routes[{rule}]"));
                served += 1;
                if !judged && !found.starts_with("400 ") {
                    misses.push(format!(
                        "{origin} {router:?}: {target} serves {page}, judged {found}"
                    ));
                }
            }
        }
    }
    println!("{cases} cases, {served} of them served, {} misses", misses.len());
    assert!(cases >= 2_000, "{cases} cases");
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}

#[test]
fn the_plain_path_of_every_page_finds_its_rule_alone() {
    for router in [Router::Any, Router::CaseSensitive, Router::Next] {
        let policy = policy(router, "hono-catch");
        for (rule, (_, path)) in PAGES.iter().enumerate() {
            assert_eq!(
                outcome(&policy, "h", "GET", path),
                format!("routes[{rule}]"),
                "{path}"
            );
        }
    }
}

/// A rule for each page of the origin, each asking for something else.
fn policy(router: Router, origin: &str) -> Policy {
    let pages = PAGES.len() - usize::from(!origin.ends_with("-catch"));
    let rule = |(page, _): &(&str, &str)| json!({ "path": page, "require": { "any": [{ "role": page }] }, "overrides": true });
    let routes = PAGES.iter().take(pages).map(rule).collect();
    let locales: &[&str] = if origin.starts_with("next-pages") {
        &["en", "de"]
    } else {
        &[]
    };
    let terms = Terms {
        router,
        locales: locales.iter().map(|locale| (*locale).to_owned()).collect(),
        ..Terms::default()
    };
    compile_with(&Value::Array(routes), &json!("session"), terms).unwrap()
}

/// The path of a target as a host hands it over.
fn path_of(target: &str) -> &str {
    let path = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    path.split('?').next().unwrap()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{DIRECTORY}/{name}")).unwrap()
}

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/routers");
