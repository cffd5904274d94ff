//! `return_to`: the one place where a text from outside becomes a redirect target (semantics 1.9, 1.13; field rows 18-20).
//!
//! What is refused is refused because some parser reads it as another host: `\`, tabs and line ends, `//`, user names,
//! other schemes, look-alike dots and slashes, escapes that a later stage may decode. What passes is written so that
//! every parser reads it alike: a path of this site, in ASCII.

use std::fmt;

use super::query::{percent_decode, push_encoded};
use super::url::{Origin, split_scheme};
use crate::base::limits;

/// A redirect target that no parser reads as a foreign one.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnTo {
    /// Set where it is another of the configured origins than the one that the request came in on.
    elsewhere: Option<Origin>,
    /// Path, query and fragment.
    target: String,
}

/// Why a `return_to` falls back to the default. The client sees no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReturnToError {
    /// Above [`limits::RETURN_TO_BYTES`].
    #[error("the return address is too long")]
    TooLong,
    /// Neither a path nor an absolute URL on a configured origin.
    #[error("the return address is on no origin of this site")]
    Origin,
    /// Parsers differ on it: `\`, controls, a second slash, dot segments, double escapes, look-alikes.
    #[error("parsers read the return address differently")]
    Ambiguous,
    /// A malformed escape, or escaped bytes in the path that are no UTF-8.
    #[error("the return address is not well-formed")]
    Malformed,
}

impl ReturnToError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "return_to.too_long",
            Self::Origin => "return_to.origin",
            Self::Ambiguous => "return_to.ambiguous",
            Self::Malformed => "return_to.malformed",
        }
    }
}

impl ReturnTo {
    /// The front page, which is always safe.
    #[must_use]
    pub fn root() -> Self {
        Self {
            elsewhere: None,
            target: "/".to_owned(),
        }
    }

    /// Validates a text from outside, decoded once (as [`query::value`](super::query::value) gives it), against the origin
    /// that the request came in on and the configured `public_origins`.
    ///
    /// # Errors
    /// [`ReturnToError`]; [`validate_or`](Self::validate_or) falls back.
    ///
    /// # Security
    /// It says where the target lies, not what answers there: a tunnel, callback, logout, guest or non-GET route is the
    /// caller's to refuse, by [`path`](Self::path).
    ///
    /// ```
    /// # use edgeward::message::{return_to::ReturnTo, url::Origin};
    /// let app = Origin::parse("https://app.example.com")?;
    /// let deep = ReturnTo::validate("https://app.example.com/deep?x=a b", &app, &[]).unwrap();
    /// assert_eq!(deep.location(), "/deep?x=a%20b");
    /// assert!(ReturnTo::validate("/\\evil.com", &app, &[]).is_err());
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    pub fn validate(raw: &str, selected: &Origin, public: &[Origin]) -> Result<Self, ReturnToError> {
        if raw.len() > limits::RETURN_TO_BYTES {
            return Err(ReturnToError::TooLong);
        }
        // Before anything is cut: parsers drop or turn these wherever they stand.
        if raw.chars().any(|c| c.is_control() || c == '\\') || raw.trim() != raw {
            return Err(ReturnToError::Ambiguous);
        }
        let (elsewhere, target) = if raw.starts_with('/') {
            (None, raw)
        } else {
            let (scheme, rest) = split_scheme(raw).map_err(|_| ReturnToError::Origin)?;
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, target) = rest.split_at_checked(end).ok_or(ReturnToError::Origin)?;
            let origin = Origin::from_authority(scheme, authority).map_err(|_| ReturnToError::Origin)?;
            if origin == *selected {
                (None, target)
            } else if public.contains(&origin) {
                (Some(origin), target)
            } else {
                return Err(ReturnToError::Origin);
            }
        };
        let target = build_target(target)?;
        if target.len() > limits::RETURN_TO_BYTES {
            return Err(ReturnToError::TooLong);
        }
        Ok(Self { elsewhere, target })
    }

    /// [`validate`](Self::validate), or `default` where there is nothing or nothing safe.
    #[must_use]
    pub fn validate_or(raw: Option<&str>, selected: &Origin, public: &[Origin], default: &Self) -> Self {
        raw.and_then(|raw| Self::validate(raw, selected, public).ok())
            .unwrap_or_else(|| default.clone())
    }

    /// The value for a `Location` field: path-only, or absolute where it is another configured origin.
    #[must_use]
    pub fn location(&self) -> String {
        match &self.elsewhere {
            Some(origin) => format!("{origin}{}", self.target),
            None => self.target.clone(),
        }
    }

    /// The absolute form, which Kratos needs: it completes a relative one with an address of its own.
    #[must_use]
    pub fn absolute(&self, selected: &Origin) -> String {
        format!("{}{}", self.elsewhere.as_ref().unwrap_or(selected), self.target)
    }

    /// The path, for the same judgement that a request for it will meet.
    #[must_use]
    pub fn path(&self) -> &str {
        let end = self.target.find(['?', '#']).unwrap_or(self.target.len());
        self.target.get(..end).unwrap_or("/")
    }

    /// The query without its `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        let before_fragment = self.target.split('#').next()?;
        before_fragment.split_once('?').map(|(_, query)| query)
    }

    /// Whether it lies on the origin that the request came in on.
    #[must_use]
    pub const fn is_here(&self) -> bool {
        self.elsewhere.is_none()
    }
}

impl fmt::Debug for ReturnTo {
    /// Without the target, which is never logged (semantics 1.13).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReturnTo")
            .field("elsewhere", &self.elsewhere)
            .finish_non_exhaustive()
    }
}

/// Writes path, query and fragment in the one spelling that a URL parser leaves alone.
fn build_target(raw: &str) -> Result<String, ReturnToError> {
    let (raw, fragment) = match raw.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (raw, None),
    };
    let (path, query) = match raw.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (raw, None),
    };
    let path = if path.is_empty() { "/" } else { path };
    check_path(path)?;
    let mut target = String::with_capacity(raw.len());
    push_part(&mut target, path)?;
    for (mark, part) in [('?', query), ('#', fragment)] {
        if let Some(part) = part {
            target.push(mark);
            push_part(&mut target, part)?;
        }
    }
    Ok(target)
}

/// Refuses a path that a later stage, decoding once more, would read as another one.
fn check_path(path: &str) -> Result<(), ReturnToError> {
    let bytes = percent_decode(path, false).ok_or(ReturnToError::Malformed)?;
    let decoded = String::from_utf8(bytes).map_err(|_| ReturnToError::Malformed)?;
    let mut segments = decoded.split('/').skip(1);
    let first = segments.clone().next().unwrap_or_default();
    let blank = first.trim().is_empty() && decoded.len() > 1;
    let first_is_odd = blank || first.trim() != first || first.chars().any(is_look_alike);
    let dots = segments.any(|segment| matches!(segment.split(';').next(), Some("." | "..")));
    let control = decoded.chars().any(|c| c.is_control() || c == '\\');
    if first_is_odd || dots || control || has_double_escape(&decoded) {
        return Err(ReturnToError::Ambiguous);
    }
    Ok(())
}

/// What was decoded once still holds an escape.
fn has_double_escape(decoded: &str) -> bool {
    decoded
        .as_bytes()
        .windows(3)
        .any(|w| matches!(w, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()))
}

/// Writes a part so that it is ASCII and a fixed point of WHATWG URL serialisation.
fn push_part(target: &mut String, part: &str) -> Result<(), ReturnToError> {
    percent_decode(part, false).ok_or(ReturnToError::Malformed)?;
    for byte in part.bytes() {
        if byte.is_ascii_graphic() && !b"\"#'<>^`{|}".contains(&byte) {
            target.push(char::from(byte));
        } else {
            push_encoded(target, byte);
        }
    }
    Ok(())
}

/// Characters that compatibility normalisation (NFKC, UTS 46) may turn into `/`, `\`, `.`, `:`, `@`, `?`, `#` or white
/// space, or that do not show. They are refused where a host could stand if a parser slips: in the first segment.
fn is_look_alike(c: char) -> bool {
    LOOK_ALIKES
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
}

/// Whole Unicode blocks where that costs no letter of a living language.
const LOOK_ALIKES: &[(u32, u32)] = &[
    (0x00A0, 0x00BF),     // no-break space, soft hyphen, spacing marks, fractions
    (0x02B0, 0x036F),     // modifier letters, combining marks, the solidus overlays among them
    (0x037A, 0x037E),     // ypogegrammeni, the Greek question mark
    (0x0384, 0x0387),     // tonos, ano teleia
    (0x0589, 0x058A),     // Armenian full stop and hyphen
    (0x05C3, 0x05C3),     // Hebrew sof pasuq, a colon
    (0x0600, 0x061C),     // Arabic signs, punctuation and marks
    (0x06D4, 0x06D4),     // Arabic full stop
    (0x06DD, 0x06DD),     // Arabic end of ayah, which does not show alone
    (0x0701, 0x070F),     // Syriac full stops
    (0x0890, 0x0891),     // Arabic marks that do not show alone
    (0x08E2, 0x08E2),     // the same
    (0x115F, 0x1160),     // Hangul fillers
    (0x1680, 0x1680),     // Ogham space
    (0x1735, 0x1736),     // Philippine punctuation, slashes
    (0x17B4, 0x17B5),     // Khmer vowels that do not show
    (0x1803, 0x180F),     // Mongolian full stop, separators
    (0x1FBD, 0x1FC1),     // Greek spacing marks
    (0x1FCD, 0x1FCF),     // Greek spacing marks
    (0x1FDD, 0x1FDF),     // Greek spacing marks
    (0x1FED, 0x1FEF),     // Greek spacing marks
    (0x1FFD, 0x1FFE),     // Greek spacing marks
    (0x2000, 0x2BFF),     // punctuation, letter-like, arrows, mathematics, enclosed, box drawing
    (0x2E00, 0x303F),     // more punctuation, ideographic description, U+3002
    (0x309B, 0x309C),     // spacing sound marks
    (0x3164, 0x3164),     // Hangul filler
    (0x31C0, 0x31EF),     // strokes, which look like slashes
    (0x3200, 0x33FF),     // enclosed and squared
    (0x4E36, 0x4E36),     // a radical that reads as a backslash
    (0x4E3F, 0x4E3F),     // a radical that reads as a slash
    (0xA4F8, 0xA4FF),     // Lisu tone marks and full stop
    (0xA60E, 0xA60E),     // Vai full stop
    (0xD800, 0xF8FF),     // private use
    (0xFB00, 0xFB06),     // ligatures
    (0xFC5E, 0xFC63),     // Arabic ligatures with a space
    (0xFDD0, 0xFE7F),     // Arabic phrases and marks with a space, vertical and small forms
    (0xFEFF, 0xFFFF),     // full width, specials
    (0x110BD, 0x110CD),   // Kaithi number signs
    (0x13430, 0x1345F),   // hieroglyph joiners
    (0x1BCA0, 0x1BCAF),   // shorthand controls
    (0x1D000, 0x1F02F),   // musical, mathematical, enclosed
    (0x1F100, 0x1F2FF),   // enclosed
    (0xE0000, 0x10_FFFF), // tags, variation selectors, private use
];
