//! No test vector without its source: each folder of `tests/vectors` has a PROVENANCE.md that says what style section 5 asks.

use crate::fault::Outcome;
use crate::paths;

const FILE: &str = "PROVENANCE.md";

pub(super) fn check() -> Outcome<Vec<String>> {
    let vectors = paths::root().join("tests/vectors");
    let mut complaints = Vec::new();
    for entry in std::fs::read_dir(&vectors).into_iter().flatten().flatten() {
        let path = entry.path();
        let shown = paths::shown(&path);
        if !path.is_dir() {
            complaints.push(format!(
                "{shown}: stands beside the sources; put it into a folder named for its source"
            ));
            continue;
        }
        let text = std::fs::read_to_string(path.join(FILE)).unwrap_or_default();
        complaints.extend(judge(&text).map(|complaint| format!("{shown}/{FILE}: {complaint}")));
    }
    Ok(complaints)
}

fn judge(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("is missing; it names source, version, licence, date, command and checksum".to_owned());
    }
    // Our own regressions have no licence but ours; a name for it is asked all the same.
    let lower = text.to_lowercase();
    (!["licence", "license"].iter().any(|word| lower.contains(word))).then(|| "names no licence".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provenance_is_there_and_names_a_licence() {
        for (text, ok) in [
            ("Source: RFC 7516\nLicence: BSD", true),
            ("License: MIT", true),
            ("Source: x", false),
            (" \n", false),
        ] {
            assert_eq!(judge(text).is_none(), ok, "{text}");
        }
    }
}
