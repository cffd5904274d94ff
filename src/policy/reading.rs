//! The ways in which routers read one path (semantics 2.2).
//!
//! A reading is a list of decoded segments. Most paths have one. The others are formed by applying every
//! transform to every reading until nothing new appears, up to [`MOST_READINGS`].

use super::path::{self, PathRefusal};
use super::transform::{self, Draft};

/// How the origin's router compares paths (config `router`, semantics 1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Router {
    /// Unknown: literals may be compared with or without case. The default in front of an origin.
    #[default]
    Any,
    /// Literals are compared exactly: Hono, and every Next.js shell.
    CaseSensitive,
    /// Next.js behind the gate: as `CaseSensitive`, and `/_next/data/…` is known to be the page's own data.
    Next,
}

/// What it means that a reading finds another rule than the path as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// The path as it stands.
    Plain,
    /// Both rules must be met.
    Both,
    /// Nobody can say which page is meant: 400.
    Refuse,
}

/// One way to read a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The decoded segments one after another.
    text: String,
    /// Where each segment begins and ends in `text`.
    spans: Vec<(usize, usize)>,
    /// Whether an empty last segment was dropped (`/a/`).
    slash: bool,
    doubt: Doubt,
    /// The reading that this one stands for: the default rule of that one gives way to a rule found here.
    stands_for: Option<usize>,
    /// How it was formed, for the trace.
    how: &'static str,
}

impl Reading {
    /// The decoded segments, a trailing empty one excluded. `/` has none.
    pub fn segments(&self) -> impl Iterator<Item = &str> + Clone {
        self.spans
            .iter()
            .map(|(from, to)| self.text.get(*from..*to).unwrap_or_default())
    }

    /// Whether the path ended in a slash behind a segment.
    #[must_use]
    pub const fn slash(&self) -> bool {
        self.slash
    }

    /// What a difference means.
    #[must_use]
    pub const fn doubt(&self) -> Doubt {
        self.doubt
    }

    /// Which reading this one stands for, by its place in [`Readings::all`].
    #[must_use]
    pub const fn stands_for(&self) -> Option<usize> {
        self.stands_for
    }

    /// How it was formed, in words for the trace.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        self.how
    }

    /// The reading as a path, for the trace; a slash inside a segment shows as `%2F`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut out: String = self
            .segments()
            .flat_map(|segment| ["/".to_owned(), segment.replace('/', "%2F")])
            .collect();
        if self.slash || out.is_empty() {
            out.push('/');
        }
        out
    }

    fn whole(normal: &str) -> Self {
        let mut spans = Vec::with_capacity(8);
        let mut from = 1;
        for segment in normal.split('/').skip(1) {
            let to = from + segment.len();
            spans.push((from, to));
            from = to + 1;
        }
        let last_is_empty = spans.last().is_some_and(|(from, to)| from == to);
        if last_is_empty {
            spans.pop();
        }
        let slash = last_is_empty && !spans.is_empty();
        Self {
            text: normal.to_owned(),
            spans,
            slash,
            doubt: Doubt::Plain,
            stands_for: None,
            how: transform::AS_IT_STANDS,
        }
    }

    fn of(draft: &Draft, doubt: Doubt, stands_for: Option<usize>, how: &'static str) -> Self {
        let mut text = String::new();
        let mut spans = Vec::with_capacity(draft.segments.len());
        for segment in &draft.segments {
            let from = text.len();
            text.push_str(segment);
            spans.push((from, text.len()));
        }
        Self {
            text,
            spans,
            slash: draft.slash,
            doubt,
            stands_for,
            how,
        }
    }
}

/// A path in its normal form, with every way to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    normal: String,
    all: Vec<Reading>,
}

impl Readings {
    /// Forms the readings of the raw path that the host shows: from the first `/` of the target to the query.
    ///
    /// `locales` are the prefixes that the origin strips before it looks for a page.
    ///
    /// # Errors
    /// [`PathRefusal`], always answered 400.
    ///
    /// ```
    /// use edgeward::policy::{Readings, Router};
    ///
    /// let plain = Readings::form("/projects/12", Router::Any, &[])?;
    /// assert_eq!(plain.all().len(), 1);
    ///
    /// let encoded = Readings::form("/projects/a%2Fb", Router::Any, &[])?;
    /// let paths: Vec<_> = encoded.all().iter().map(|reading| reading.path()).collect();
    /// assert_eq!(paths, ["/projects/a%2Fb", "/projects/a/b"]);
    /// # Ok::<(), edgeward::policy::PathRefusal>(())
    /// ```
    pub fn form(raw_path: &str, router: Router, locales: &[String]) -> Result<Self, PathRefusal> {
        let normal = path::normal(raw_path)?;
        let plain = Reading::whole(&normal);
        if transform::is_plain(&normal, plain.segments().next(), locales) {
            return Ok(Self {
                normal,
                all: vec![plain],
            });
        }
        let all = Self::close(&normal, router, locales)?;
        Ok(Self { normal, all })
    }

    /// The normal form: what is judged, and what must arrive at the origin ([`path::arrives`]).
    #[must_use]
    pub fn normal(&self) -> &str {
        &self.normal
    }

    /// Every reading, the path as it stands first.
    #[must_use]
    pub fn all(&self) -> &[Reading] {
        &self.all
    }

    fn close(normal: &str, router: Router, locales: &[String]) -> Result<Vec<Reading>, PathRefusal> {
        let mut drafts = vec![Draft::decoded(normal).ok_or(PathRefusal::InvalidUtf8)?];
        let mut all: Vec<Reading> = drafts
            .iter()
            .map(|draft| Reading::of(draft, Doubt::Plain, None, transform::AS_IT_STANDS))
            .collect();
        let undecoded = Draft::undecoded(normal);
        let mut at = 0;
        while let (Some(draft), Some(reading)) = (drafts.get(at), all.get(at)) {
            let doubt = reading.doubt;
            let mut found = transform::apply(draft, router, locales);
            if at == 0 {
                found.extend(undecoded.clone());
            }
            for new in found {
                if drafts.contains(&new.draft) {
                    continue;
                }
                if new.draft.has_dot_segment() {
                    return Err(PathRefusal::DotSegment);
                }
                if drafts.len() >= MOST_READINGS {
                    return Err(PathRefusal::TooManyReadings);
                }
                let stands_for = new.stands_for_parent.then_some(at);
                all.push(Reading::of(&new.draft, doubt.max(new.doubt), stands_for, new.how));
                drafts.push(new.draft);
            }
            at += 1;
        }
        Ok(all)
    }
}

/// Honest paths have up to four; a path that can be read in more ways than this is made to confuse.
pub const MOST_READINGS: usize = 32;
