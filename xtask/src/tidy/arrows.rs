//! Imports in the core go down only; siblings do not see each other (design section 2).

use std::path::Path;

use super::source::{before_tests, without_comments};
use crate::fault::{Fault, Outcome, read};
use crate::paths;

/// Floor by floor, the lowest first. Only the modules of the top floor see each other.
const FLOORS: &[&[&str]] = &[
    &["base"],
    &["jose", "iron", "message"],
    &["session"],
    &["policy", "kratos", "oidc"],
    &["config", "outcome", "decision", "step", "gate", "shell", "fake"],
];

pub(super) fn check() -> Outcome<Vec<String>> {
    let src = paths::root().join("src");
    let files = paths::files(&src);
    let mut complaints = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
    {
        let relative = file.strip_prefix(&src).unwrap_or(file);
        complaints.extend(judge(relative, &read(file)?)?);
    }
    Ok(complaints)
}

fn judge(file: &Path, text: &str) -> Outcome<Vec<String>> {
    let path = module_path(file);
    // lib.rs sees and re-exports everything.
    let Some(from) = path.first() else {
        return Ok(Vec::new());
    };
    let floor = floor_of(from)?;
    let code = without_comments(before_tests(text));
    let mut complaints = Vec::new();
    for to in targets(&code, path.len()) {
        let Ok(target) = floor_of(&to) else {
            // A re-export of the crate's root, `crate::Gate`: its own module is the place to import from.
            complaints.push(format!(
                "src/{}: imports `crate::{to}`, which is no module of the table",
                file.display()
            ));
            continue;
        };
        let down = target < floor || to == *from || (target == floor && floor == FLOORS.len() - 1);
        if !down {
            let seen: Vec<&str> = FLOORS
                .iter()
                .take(floor)
                .flat_map(|floor| floor.iter().copied())
                .collect();
            complaints.push(format!(
                "src/{}: `{from}` imports `{to}`; it may see {}",
                file.display(),
                if seen.is_empty() {
                    "nothing of ours".to_owned()
                } else {
                    seen.join(", ")
                }
            ));
        }
    }
    complaints.dedup();
    Ok(complaints)
}

fn floor_of(module: &str) -> Outcome<usize> {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&module))
        .ok_or_else(|| {
            Fault::new(
                format!("src/{module}"),
                "is a module that the arrow table does not know",
            )
            .remedy("give it a floor in xtask/src/tidy/arrows.rs and in ARCHITECTURE.md")
        })
}

/// `jose/jwe/mod.rs` → `[jose, jwe]`, `gate.rs` → `[gate]`, `lib.rs` → `[]`.
fn module_path(file: &Path) -> Vec<String> {
    let mut path: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if matches!(path.last().map(String::as_str), Some("mod" | "lib")) {
        path.pop();
    }
    path
}

/// The top-level modules that the code names through `crate::` or enough `super::`.
fn targets(code: &str, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // Not `$crate::`, not `other_crate::`.
        let before = code[..at].chars().next_back();
        if !before.is_some_and(|c| c == '$' || c == '_' || c.is_alphanumeric()) {
            collect(&code[at + "crate::".len()..], &mut found);
        }
    }
    let root = "super::".repeat(depth);
    for (at, _) in code.match_indices(&root) {
        let inside = code[..at].ends_with("super::") || code[at + root.len()..].starts_with("super::");
        if !root.is_empty() && !inside {
            collect(&code[at + root.len()..], &mut found);
        }
    }
    found
}

/// The first names of `a::b` or of `{a::b, c::{d, e}}`.
fn collect(after: &str, found: &mut Vec<String>) {
    let Some(group) = after.strip_prefix('{') else {
        found.extend(name(after));
        return;
    };
    let mut depth = 0_usize;
    let mut expects = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return,
            '}' => depth -= 1,
            ',' if depth == 0 => expects = true,
            c if expects && depth == 0 && !c.is_whitespace() => {
                expects = false;
                found.extend(name(&group[at..]));
            }
            _ => {}
        }
    }
}

fn name(text: &str) -> Option<String> {
    let name: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    // `self` is the module itself, macros at the root end in `!`.
    (!name.is_empty() && name != "self" && !text[name.len()..].starts_with('!')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_that_point_up_or_aside_are_found() {
        let rows: &[(&str, &str, usize)] = &[
            (
                "session/own.rs",
                "use crate::jose::jwe;\nuse crate::base::{Moment, limits};",
                0,
            ),
            ("session/own.rs", "use crate::policy::Rule;", 1),
            (
                "session/own.rs",
                "use crate::{base::A, policy::B, message::{C, D}};",
                1,
            ),
            ("jose/jwe/mod.rs", "use crate::iron::seal;", 1),
            ("jose/jwe/mod.rs", "use super::header::Header;", 0),
            ("jose/jwe/mod.rs", "use super::super::session::Session;", 1),
            ("jose/jwe/dir.rs", "use super::super::header::Header;", 0),
            ("kratos/mod.rs", "fn f() { crate::oidc::login() }", 1),
            ("base/time.rs", "use crate::base::limits;", 0),
            ("base/time.rs", "use crate::jose::Jwk;", 1),
            ("base/time.rs", "// use crate::jose::Jwk;\n//! [`crate::jose`]", 0),
            (
                "base/time.rs",
                "#[cfg(test)]\nmod tests { use crate::jose::Jwk; }",
                0,
            ),
            (
                "gate.rs",
                "use crate::{config::Config, kratos, oidc, step::Step};",
                0,
            ),
            ("policy/mod.rs", "use crate::gate::Gate;", 1),
            ("config/mod.rs", "use crate::gate::Gate;", 0),
            ("policy/mod.rs", "use crate::Gate;", 1),
            ("policy/mod.rs", "use serde_crate::gate; $crate::gate!()", 0),
            ("lib.rs", "pub use crate::gate::Gate;", 0),
        ];
        for (file, text, expected) in rows {
            let complaints = judge(Path::new(file), text).unwrap();
            assert_eq!(complaints.len(), *expected, "{file}: {text}: {complaints:?}");
        }
        let fault = judge(Path::new("helpers.rs"), "").unwrap_err().to_string();
        assert!(fault.contains("does not know"), "{fault}");
    }
}
