//! Path patterns: the named-parameter part of the syntax that Next.js documents for `matcher`, by whole segments.

use crate::base::sorted;

/// One pattern of a rule: `/a`, `/a/:b`, `/a/:b?`, `/a/:b*`, `/a/:b+`.
///
/// A pattern covers its paths with and without a trailing slash. Literals are decoded text.
///
/// ```
/// # use edgeward::policy::{Pattern, PatternError};
/// let pattern = Pattern::parse("/admin/:path*")?;
/// assert_eq!(pattern.as_str(), "/admin/:path*");
/// assert_eq!(Pattern::parse("/blog/[slug]"), Err(PatternError::Bracket));
/// # Ok::<(), PatternError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    alternatives: Vec<Vec<Part>>,
}

/// One segment of an alternative, or at least one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// Exactly this text.
    Literal(String),
    /// Any one segment that is not empty.
    One,
    /// One segment or more, whatever they are.
    Many,
}

impl Part {
    /// The same with a literal in lower case (ASCII).
    pub(super) fn fold(&self) -> Self {
        match self {
            Self::Literal(text) => Self::Literal(text.to_ascii_lowercase()),
            other => other.clone(),
        }
    }
}

/// Why a pattern is refused. The message says what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Does not begin with `/`.
    #[error("a pattern begins with `/`")]
    NotAbsolute,
    /// Ends with `/`.
    #[error("leave the last `/` out: a pattern covers both spellings")]
    TrailingSlash,
    /// `//` inside.
    #[error("a pattern has no empty segment")]
    EmptySegment,
    /// `.` or `..` as a segment.
    #[error("a pattern has no dot segment")]
    DotSegment,
    /// A query or a fragment.
    #[error("a pattern names a path, without query and fragment")]
    Query,
    /// `\` or a control character.
    #[error("a pattern has no backslash and no control character")]
    Forbidden,
    /// An escape such as `%20`.
    #[error("write the character itself, not its percent-encoding")]
    Escape,
    /// `*` on its own.
    #[error("write `:path*` for any number of segments, `:name` for one")]
    Star,
    /// `(…)`, a regular expression.
    #[error("regular expressions are not supported: write `:name` or list the paths")]
    Regex,
    /// `[slug]`, as in file names of Next.js.
    #[error("write `:slug` for `[slug]` and `:slug*` for `[[...slug]]`")]
    Bracket,
    /// `{…}`.
    #[error("groups are not supported: list the paths")]
    Group,
    /// A parameter beside other text, or with an odd name.
    #[error("a parameter is a whole segment: `:name`, `:name?`, `:name*` or `:name+`")]
    Parameter,
    /// More than [`MOST_OPTIONAL`] `?` and `*`, or more than [`MOST_PARTS`] segments.
    #[error("at most 4 segments with `?` or `*`, and at most 64 segments")]
    TooMany,
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// [`PatternError`], whose message says what to write instead.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let segments = text.strip_prefix('/').ok_or(PatternError::NotAbsolute)?;
        let mut alternatives = vec![Vec::new()];
        if segments.is_empty() {
            return Ok(Self {
                text: text.into(),
                alternatives,
            });
        }
        if segments.ends_with('/') {
            return Err(PatternError::TrailingSlash);
        }
        if segments.split('/').count() > MOST_PARTS {
            return Err(PatternError::TooMany);
        }
        for segment in segments.split('/') {
            let (part, may_lack) = parse_segment(segment)?;
            let without = if may_lack {
                alternatives.clone()
            } else {
                Vec::new()
            };
            for alternative in &mut alternatives {
                alternative.push(part.clone());
            }
            alternatives.extend(without);
            if alternatives.len() > 1 << MOST_OPTIONAL {
                return Err(PatternError::TooMany);
            }
        }
        Ok(Self {
            text: text.into(),
            alternatives: sorted(alternatives),
        })
    }

    /// The pattern as written: what logs and traces show.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same paths without `?` and `*`: one list of parts each.
    pub(super) fn alternatives(&self) -> &[Vec<Part>] {
        &self.alternatives
    }
}

fn parse_segment(segment: &str) -> Result<(Part, bool), PatternError> {
    if let Some(parameter) = segment.strip_prefix(':') {
        let (name, part, may_lack) = match parameter.as_bytes().last() {
            Some(b'?') => (parameter.strip_suffix('?'), Part::One, true),
            Some(b'*') => (parameter.strip_suffix('*'), Part::Many, true),
            Some(b'+') => (parameter.strip_suffix('+'), Part::Many, false),
            _ => (Some(parameter), Part::One, false),
        };
        let name = name.unwrap_or_default();
        let mut characters = name.chars();
        let begins = characters
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        return if begins && characters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            Ok((part, may_lack))
        } else if name.contains('(') {
            Err(PatternError::Regex)
        } else {
            Err(PatternError::Parameter)
        };
    }
    match segment {
        "" => return Err(PatternError::EmptySegment),
        "." | ".." => return Err(PatternError::DotSegment),
        _ => {}
    }
    for c in segment.chars() {
        match c {
            '?' | '#' => return Err(PatternError::Query),
            '%' => return Err(PatternError::Escape),
            '*' => return Err(PatternError::Star),
            '(' | ')' | '|' => return Err(PatternError::Regex),
            '[' | ']' => return Err(PatternError::Bracket),
            '{' | '}' => return Err(PatternError::Group),
            ':' => return Err(PatternError::Parameter),
            '\\' => return Err(PatternError::Forbidden),
            c if c.is_control() => return Err(PatternError::Forbidden),
            _ => {}
        }
    }
    Ok((Part::Literal(segment.into()), false))
}

/// Each doubles what is compiled.
pub const MOST_OPTIONAL: usize = 4;
/// No app nests deeper.
pub const MOST_PARTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pattern_says_what_to_write() {
        use PatternError::*;
        let cases = [
            ("", NotAbsolute),
            ("admin", NotAbsolute),
            ("https://x/admin", NotAbsolute),
            ("/admin/", TrailingSlash),
            ("//", TrailingSlash),
            ("//admin", EmptySegment),
            ("/a//b", EmptySegment),
            ("/a/./b", DotSegment),
            ("/a/..", DotSegment),
            ("/a?b=c", Query),
            ("/a#b", Query),
            ("/a%20b", Escape),
            ("/a/*", Star),
            ("/a*", Star),
            ("/((?!api).*)", Regex),
            ("/(a|b)", Regex),
            ("/:a(\\d+)", Regex),
            ("/blog/[slug]", Bracket),
            ("/blog/[[...slug]]", Bracket),
            ("/{a}", Group),
            ("/:a.json", Parameter),
            ("/@:user", Parameter),
            ("/:", Parameter),
            ("/:9", Parameter),
            ("/:a??", Parameter),
            ("/:é", Parameter),
            ("/a\\b", Forbidden),
            ("/a\nb", Forbidden),
            ("/:a?/:b?/:c?/:d?/:e?", TooMany),
        ];
        for (text, error) in cases {
            assert_eq!(Pattern::parse(text), Err(error), "{text}");
        }
        assert_eq!(Pattern::parse(&"/a".repeat(65)), Err(TooMany));
    }

    #[test]
    fn optional_parts_become_alternatives() {
        let one = |text: &str| Pattern::parse(text).unwrap().alternatives().len();
        for (text, wanted) in [
            ("/", 1),
            ("/a", 1),
            ("/:b", 1),
            ("/a/:b?", 2),
            ("/a/:b*", 2),
            ("/a/:b+", 1),
        ] {
            assert_eq!(one(text), wanted, "{text}");
        }
        // `/:a?/:b?` says "one" twice.
        assert_eq!(one("/:a?/:b?"), 3);
        assert_eq!(one("/a/:b?/c/:d*"), 4);
    }
}
