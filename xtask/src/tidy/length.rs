//! Files that can be read in one sitting: none over 700 lines before its tests; the median and the ninetieth are shown.

use super::source::before_tests;
use crate::fault::{Outcome, read};
use crate::paths;

const LONGEST: usize = 700;
const FOLDERS: &[&str] = &[
    "src",
    "adapters",
    "primitives",
    "xtask",
    "tests",
    "examples",
    "js-shim",
    "fuzz",
];
const KINDS: &[&str] = &["rs", "mjs", "ts", "js"];

pub(super) fn check() -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    for folder in FOLDERS {
        for file in paths::files(&paths::root().join(folder)) {
            let kind = file
                .extension()
                .map(|kind| kind.to_string_lossy().into_owned())
                .unwrap_or_default();
            if KINDS.contains(&kind.as_str()) {
                lines.push((before_tests(&read(&file)?).lines().count(), paths::shown(&file)));
            }
        }
    }
    lines.sort();
    if let Some((longest, file)) = lines.last() {
        let at = |percent: usize| lines[(lines.len() - 1) * percent / 100].0;
        println!(
            "       {} files, lines: median {}, p90 {}, longest {longest} ({file})",
            lines.len(),
            at(50),
            at(90)
        );
    }
    Ok(too_long(&lines))
}

fn too_long(lines: &[(usize, String)]) -> Vec<String> {
    let long = lines.iter().filter(|(count, _)| *count > LONGEST);
    long.map(|(count, file)| {
        format!("{file}: {count} lines before its tests; at most {LONGEST}: split it by concept")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_lines_before_the_tests() {
        assert_eq!(
            too_long(&[(LONGEST, "a".into()), (1, "b".into())]),
            Vec::<String>::new()
        );
        assert_eq!(too_long(&[(LONGEST + 1, "a".into())]).len(), 1);
        assert_eq!(
            before_tests("a\nb\n#[cfg(test)]\nmod tests {}\n").lines().count(),
            2
        );
    }
}
