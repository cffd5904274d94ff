//! Each dependency says why it is there: a comment above it or its group, or at its end; a blank line ends a group. One that is
//! inherited from the workspace has its reason there, one of our own needs none.

use crate::fault::{Outcome, read};
use crate::paths;

pub(super) fn check() -> Outcome<Vec<String>> {
    let mut complaints = Vec::new();
    for folder in ["", "adapters", "primitives", "xtask", "fuzz"] {
        let manifests = if folder.is_empty() {
            vec![paths::root().join("Cargo.toml")]
        } else {
            paths::files(&paths::root().join(folder))
        };
        for manifest in manifests.iter().filter(|file| file.ends_with("Cargo.toml")) {
            let shown = paths::shown(manifest);
            let bare = unexplained(&read(manifest)?);
            complaints.extend(
                bare.into_iter()
                    .map(|name| format!("{shown}: `{name}` has no comment with its reason")),
            );
        }
    }
    Ok(complaints)
}

fn unexplained(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut inside, mut explained, mut open) = (false, false, 0_usize);
    for line in manifest.lines().map(str::trim) {
        let opened = open;
        open = (open + line.matches(['[', '{']).count()).saturating_sub(line.matches([']', '}']).count());
        if opened > 0 {
            continue;
        }
        if let Some(table) = line.strip_prefix('[') {
            inside = table.trim_end_matches(']').ends_with("dependencies");
            explained = false;
        } else if line.starts_with('#') {
            explained = true;
        } else if line.is_empty() {
            explained = false;
        } else if inside {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            let ours = line.contains("workspace = true") || line.contains("path = ");
            if !(explained || ours || line.contains("# ")) {
                found.push(name.to_owned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_without_a_reason_are_found() {
        let rows: &[(&str, &[&str])] = &[
            (
                "[dependencies]\n# RFC 7518\nhmac = \"1\"\nhkdf = \"1\"\n\nsha2 = \"1\"",
                &["sha2"],
            ),
            ("[dependencies]\nhmac = \"1\" # RFC 7518", &[]),
            (
                "[dependencies]\nserde.workspace = true\nedgeward = { path = \"..\" }",
                &[],
            ),
            ("[dev-dependencies]\n# why\n\nproptest = \"1\"", &["proptest"]),
            ("[target.'cfg(unix)'.dependencies]\nnix = \"1\"", &["nix"]),
            (
                "[workspace.dependencies]\nserde = { version = \"1\", features = [\n  \"derive\",\n] }\n# why\nb = \"1\"",
                &["serde"],
            ),
            ("[package]\nname = \"x\"\n[features]\ndefault = []", &[]),
        ];
        for (manifest, expected) in rows {
            assert_eq!(unexplained(manifest), *expected, "{manifest}");
        }
    }
}
