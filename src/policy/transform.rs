//! One step of another router's mind each: what it would make of a path that is already decoded.

use super::path::unescape;
use super::reading::{Doubt, Router};

/// A reading in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) segments: Vec<String>,
    pub(super) slash: bool,
}

/// What a transform made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) draft: Draft,
    pub(super) doubt: Doubt,
    pub(super) stands_for_parent: bool,
    pub(super) how: &'static str,
}

pub(super) const AS_IT_STANDS: &str = "as it stands";

impl Draft {
    /// Split at the slashes that are written as slashes, each segment decoded once.
    pub(super) fn decoded(normal: &str) -> Option<Self> {
        let segments: Option<Vec<_>> = normal.split('/').skip(1).map(unescape).collect();
        Some(Self::trimmed(segments?))
    }

    /// As a router reads that compares before it decodes: needless escapes (`%61`) stay as they are written.
    pub(super) fn undecoded(normal: &str) -> Option<Made> {
        let segments: Option<Vec<_>> = normal.split('/').skip(1).map(unescape_needed).collect();
        Some(Made::both(Self::trimmed(segments?), "compared before decoding"))
    }

    /// `/..%23` is a dot segment for whoever stops reading at `#`.
    pub(super) fn has_dot_segment(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| segment == "." || segment == "..")
    }

    fn trimmed(mut segments: Vec<String>) -> Self {
        let last_is_empty = segments.last().is_some_and(String::is_empty);
        if last_is_empty {
            segments.pop();
        }
        let slash = last_is_empty && !segments.is_empty();
        Self { segments, slash }
    }

    fn untrimmed(&self) -> Vec<String> {
        let mut segments = self.segments.clone();
        if self.slash {
            segments.push(String::new());
        }
        segments
    }
}

impl Made {
    fn new(draft: Draft, doubt: Doubt, how: &'static str) -> Self {
        Self {
            draft,
            doubt,
            stands_for_parent: false,
            how,
        }
    }

    fn both(draft: Draft, how: &'static str) -> Self {
        Self::new(draft, Doubt::Both, how)
    }

    fn refuse(draft: Draft, how: &'static str) -> Self {
        Self::new(draft, Doubt::Refuse, how)
    }
}

/// Whether no transform has anything to work on: the common case, decided without an allocation.
pub(super) fn is_plain(normal: &str, first: Option<&str>, locales: &[String]) -> bool {
    !normal.bytes().any(|b| matches!(b, b'%' | b';'))
        && !normal.contains("//")
        && !has_framework_mark(normal)
        && !first.is_some_and(|first| is_locale(first, locales))
}

/// Everything that one transform makes of a draft; a transform that changes nothing makes the draft again.
pub(super) fn apply(draft: &Draft, router: Router, locales: &[String]) -> Vec<Made> {
    let mut made: Vec<Made> = [
        split_escaped_slashes(draft),
        collapse_slashes(draft),
        drop_authority(draft),
        strip_parameters(draft),
        cut(draft),
        decode_again(draft),
        without_locale(draft, locales),
    ]
    .into_iter()
    .flatten()
    .collect();
    for (page, how) in framework_pages(draft) {
        let data = how == DATA;
        made.push(Made {
            stands_for_parent: data && router == Router::Next,
            ..Made::both(page, how)
        });
    }
    made
}

/// `%2F` decoded before the path is split.
fn split_escaped_slashes(draft: &Draft) -> Option<Made> {
    if !draft.segments.iter().any(|s| s.contains('/')) {
        return None;
    }
    let segments = draft
        .untrimmed()
        .iter()
        .flat_map(|s| s.split('/').map(str::to_owned))
        .collect();
    Some(Made::refuse(Draft::trimmed(segments), "escaped slash splits"))
}

/// `//` merged into one slash.
fn collapse_slashes(draft: &Draft) -> Option<Made> {
    if !draft.segments.iter().any(String::is_empty) {
        return None;
    }
    let mut segments = draft.untrimmed();
    let slash = draft.slash;
    segments.retain(|s| !s.is_empty());
    if slash && !segments.is_empty() {
        segments.push(String::new());
    }
    Some(Made::refuse(Draft::trimmed(segments), "slashes merge"))
}

/// `//host/path` resolved against a base: the first segment becomes an authority.
fn drop_authority(draft: &Draft) -> Option<Made> {
    let untrimmed = draft.untrimmed();
    let (empty, rest) = untrimmed.split_first()?;
    let (_, rest) = rest.split_first()?;
    if !empty.is_empty() {
        return None;
    }
    Some(Made::refuse(Draft::trimmed(rest.to_vec()), "`//` names a host"))
}

/// `;…` dropped from every segment.
fn strip_parameters(draft: &Draft) -> Option<Made> {
    if !draft.segments.iter().any(|s| s.contains(';')) {
        return None;
    }
    let segments = draft
        .untrimmed()
        .iter()
        .map(|s| s.split(';').next().unwrap_or_default().to_owned())
        .collect();
    Some(Made::refuse(Draft::trimmed(segments), "path parameters drop"))
}

/// Decoded, then parsed again as a target: the path ends at the first `?`, `#` or `;`.
fn cut(draft: &Draft) -> Option<Made> {
    let ends = |c: char| matches!(c, '?' | '#' | ';');
    let at = draft.segments.iter().position(|s| s.contains(ends))?;
    let mut segments: Vec<String> = draft.segments.iter().take(at).cloned().collect();
    let last = draft.segments.get(at)?.split(ends).next().unwrap_or_default();
    segments.push(last.to_owned());
    Some(Made::both(
        Draft::trimmed(segments),
        "ends at an escaped `?`, `#` or at `;`",
    ))
}

/// Decoded by two stages after one another (`%2561`).
fn decode_again(draft: &Draft) -> Option<Made> {
    if !draft.segments.iter().any(|s| s.contains('%')) {
        return None;
    }
    let segments: Option<Vec<_>> = draft.untrimmed().iter().map(|s| unescape(s)).collect();
    Some(Made::both(Draft::trimmed(segments?), "decoded twice"))
}

/// The configured locale prefix dropped.
fn without_locale(draft: &Draft, locales: &[String]) -> Option<Made> {
    let (first, rest) = draft.segments.split_first()?;
    if !is_locale(first, locales) {
        return None;
    }
    let slash = draft.slash && !rest.is_empty();
    let draft = Draft {
        segments: rest.to_vec(),
        slash,
    };
    Some(Made {
        stands_for_parent: true,
        ..Made::both(draft, "without the locale")
    })
}

fn is_locale(segment: &str, locales: &[String]) -> bool {
    locales.iter().any(|locale| locale.eq_ignore_ascii_case(segment))
}

/// The page behind a URL in which Next.js asks for a page's data.
fn framework_pages(draft: &Draft) -> Vec<(Draft, &'static str)> {
    let mut pages = Vec::new();
    if let Some((base, page)) = data_page(&draft.segments) {
        push_with_index(&mut pages, base, page, DATA);
    }
    if let Some(page) = segment_page(&draft.segments).or_else(|| suffixed_page(&draft.segments)) {
        push_with_index(&mut pages, Vec::new(), page, "as a page's payload");
    }
    pages
}

/// `index` is the payload's name for `/`, and stands in front of pages that are called so.
fn push_with_index(
    pages: &mut Vec<(Draft, &'static str)>,
    base: Vec<String>,
    page: Vec<String>,
    how: &'static str,
) {
    let mut push = |without: Option<usize>| {
        let page = page.iter().enumerate().filter(|(at, _)| Some(*at) != without);
        let segments = base
            .iter()
            .chain(page.map(|(_, segment)| segment))
            .cloned()
            .collect();
        let slash = false;
        pages.push((Draft { segments, slash }, how));
    };
    for (at, _) in page
        .iter()
        .enumerate()
        .filter(|(_, segment)| is(segment, "index"))
    {
        push(Some(at));
    }
    push(None);
}

/// `…/_next/data/BUILD/page.json`.
fn data_page(segments: &[String]) -> Option<(Vec<String>, Vec<String>)> {
    let at = segments
        .windows(2)
        .position(|pair| matches!(pair, [a, b] if is(a, "_next") && is(b, "data")))?;
    let base = segments.iter().take(at).cloned().collect();
    let mut page: Vec<String> = segments.iter().skip(at + 3).cloned().collect();
    let last = page.pop()?;
    page.push(strip_suffix(&last, ".json")?);
    Some((base, page))
}

/// `page.segments/….segment.rsc`.
fn segment_page(segments: &[String]) -> Option<Vec<String>> {
    strip_suffix(segments.last()?, ".segment.rsc")?;
    let (at, name) = segments
        .iter()
        .enumerate()
        .find_map(|(at, s)| Some((at, strip_suffix(s, ".segments")?)))?;
    let mut page: Vec<String> = segments.iter().take(at).cloned().collect();
    page.push(name);
    Some(page)
}

/// `page.rsc`, `page.prefetch.rsc`, `page.action`.
fn suffixed_page(segments: &[String]) -> Option<Vec<String>> {
    let (last, before) = segments.split_last()?;
    let name = SUFFIXES.iter().find_map(|suffix| strip_suffix(last, suffix))?;
    let mut page = before.to_vec();
    page.push(name);
    Some(page)
}

fn has_framework_mark(normal: &str) -> bool {
    // `get` and not a search: this runs for every request.
    let ends = |suffix: &str| {
        normal
            .len()
            .checked_sub(suffix.len())
            .and_then(|from| normal.get(from..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    ends(".rsc") || ends(".action") || ends(".json")
}

fn strip_suffix(text: &str, suffix: &str) -> Option<String> {
    let at = text.len().checked_sub(suffix.len())?;
    let (name, end) = text.split_at_checked(at)?;
    end.eq_ignore_ascii_case(suffix).then(|| name.to_owned())
}

fn is(segment: &str, word: &str) -> bool {
    segment.eq_ignore_ascii_case(word)
}

/// Undoes the escapes that a path cannot do without; `%61` stays `%61`.
fn unescape_needed(segment: &str) -> Option<String> {
    let mut out = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let (high, low) = (rest.next()?, rest.next()?);
        let value = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
        let decoded = value(high)?.checked_mul(16)?.checked_add(value(low)?)?;
        if decoded.is_ascii_graphic() && !NEEDED.contains(&decoded) {
            out.extend([b'%', high, low]);
        } else {
            out.push(decoded);
        }
    }
    String::from_utf8(out).ok()
}

/// Escapes of these say something: the path would be another without them, or no literal has them.
const NEEDED: &[u8] = br##""#<>?`{}%^/;"##;
const DATA: &str = "as a page's data";
const SUFFIXES: [&str; 3] = [".prefetch.rsc", ".rsc", ".action"];
