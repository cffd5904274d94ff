//! Rust source as the rules see it: without comments, and without the tests at its end.

/// What stands before the first `#[cfg(test)]`.
pub(super) fn before_tests(text: &str) -> &str {
    text.split_once("#[cfg(test)]").map_or(text, |(before, _)| before)
}

/// The code with every `//` comment blanked. A `//` inside a string goes too: rules about imports lose nothing by it.
pub(super) fn without_comments(text: &str) -> String {
    text.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}
