//! JSON bodies without the upstream's URLs, all other bytes as they came (semantics 7.5).
//!
//! Only spans of the raw text are exchanged: no number is read, no member reordered, no escape respelled outside the
//! strings that change. Traits, node values, labels and messages are never looked at.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::map::UrlMap;

/// Why a body could not be looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// Not JSON, whatever its content type says.
    #[error("not JSON")]
    NotJson,
    /// Nested deeper than any answer of the identity server.
    #[error("JSON nested too deep")]
    TooDeep,
}

impl BodyError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJson => "kratos.not_json",
            Self::TooDeep => "kratos.too_deep",
        }
    }
}

/// Rewrites the URL fields of an answer; `None` where nothing changes. Twice gives what once gives.
///
/// # Errors
/// [`BodyError`]: what calls itself JSON is none.
///
/// ```
/// use edgeward::kratos::{Upstream, body, map::UrlMap, table::Mount};
/// use edgeward::message::url::{BaseUrl, Origin};
///
/// let upstream = Upstream::new(BaseUrl::parse("https://id.example.com")?).unwrap();
/// let public = Origin::parse("https://app.example.com")?;
/// let map = UrlMap::new(&upstream, &public, Mount::Root);
/// let flow = br#"{"ui": {"action":"https://id.example.com/self-service/login?flow=1"}, "n":1.50}"#;
/// let want = br#"{"ui": {"action":"https://app.example.com/self-service/login?flow=1"}, "n":1.50}"#;
/// assert_eq!(body::rewrite(flow, &map).unwrap().as_deref(), Some(&want[..]));
/// # Ok::<(), edgeward::message::url::UrlError>(())
/// ```
pub fn rewrite(body: &[u8], map: &UrlMap<'_>) -> Result<Option<Vec<u8>>, BodyError> {
    let text = std::str::from_utf8(body).map_err(|_| BodyError::NotJson)?;
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| BodyError::NotJson)?;
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (span, place) in places(text)? {
        let Some(literal) = text.get(span.clone()) else {
            continue;
        };
        let Some(value) = decode(literal) else { continue };
        let mapped = if place == Place::Text {
            map.text(&value)
        } else {
            map.url(&value)
        };
        let Cow::Owned(mapped) = mapped else { continue };
        let Ok(mapped) = serde_json::to_string(&mapped) else {
            continue;
        };
        out.push_str(text.get(copied..span.start).unwrap_or_default());
        out.push_str(&mapped);
        copied = span.end;
    }
    if copied == 0 {
        return Ok(None);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Ok(Some(out.into_bytes()))
}

/// Whether a content type is JSON (`application/json`, `application/problem+json`).
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let (kind, subtype) = media_type.split_once('/').unwrap_or_default();
    let suffix = subtype.rsplit_once('+').map_or(subtype, |(_, suffix)| suffix);
    kind.eq_ignore_ascii_case("application") && suffix.eq_ignore_ascii_case("json")
}

/// Where in a document the scanner is, as far as a URL may stand below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Ui,
    Nodes,
    Node,
    Attributes,
    Error,
    Details,
    ContinueWith,
    Continuation,
    ContinuationFlow,
    Session,
    Identity,
    /// The value is a URL.
    Url,
    /// The value is prose with a URL in it.
    Text,
    /// Nothing below is looked at.
    Elsewhere,
}

impl Place {
    fn member(self, key: &str) -> Self {
        match (self, key) {
            (Self::Root, "request_url" | "return_to" | "redirect_browser_to" | "logout_url")
            | (Self::Ui, "action")
            | (Self::Attributes, "src" | "href")
            | (Self::Details, "redirect_browser_to" | "redirect_to" | "return_to" | "api")
            | (Self::Continuation, "redirect_browser_to")
            | (Self::ContinuationFlow, "url")
            | (Self::Identity, "schema_url") => Self::Url,
            (Self::Error, "reason") => Self::Text,
            (Self::Root, "ui") => Self::Ui,
            (Self::Root, "error") => Self::Error,
            (Self::Root, "session") => Self::Session,
            (Self::Root | Self::Session, "identity") => Self::Identity,
            (Self::Root | Self::Details, "continue_with") => Self::ContinueWith,
            (Self::Ui, "nodes") => Self::Nodes,
            (Self::Node, "attributes") => Self::Attributes,
            (Self::Error, "details") => Self::Details,
            (Self::Continuation, "flow") => Self::ContinuationFlow,
            _ => Self::Elsewhere,
        }
    }

    const fn item(self) -> Self {
        match self {
            // The list of the visitor's sessions.
            Self::Root => Self::Session,
            Self::Nodes => Self::Node,
            Self::ContinueWith => Self::Continuation,
            _ => Self::Elsewhere,
        }
    }
}

struct Frame {
    place: Place,
    /// Of an object: what the next value is, once its key was read.
    member: Option<Place>,
    object: bool,
}

/// The spans of the string literals, quotes included, that stand at a URL or a text place. `text` is valid JSON.
fn places(text: &str) -> Result<Vec<(Range<usize>, Place)>, BodyError> {
    let bytes = text.as_bytes();
    let mut frames: Vec<Frame> = Vec::new();
    let mut found = Vec::new();
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        at = at.saturating_add(1);
        match byte {
            b'{' | b'[' => {
                if frames.len() >= DEPTH {
                    return Err(BodyError::TooDeep);
                }
                let place = value_place(&mut frames);
                frames.push(Frame {
                    place,
                    member: None,
                    object: *byte == b'{',
                });
            }
            b'}' | b']' => drop(frames.pop()),
            b'"' => {
                at = end_of_string(bytes, at);
                if let Some(frame) = frames.last_mut().filter(|f| f.object && f.member.is_none()) {
                    let key = text.get(start..at).and_then(decode).unwrap_or_default();
                    frame.member = Some(frame.place.member(&key));
                } else {
                    let place = value_place(&mut frames);
                    if matches!(place, Place::Url | Place::Text) {
                        found.push((start..at, place));
                    }
                }
            }
            b',' => {
                // After a number or a literal, whose bytes are passed over here.
                if let Some(frame) = frames.last_mut() {
                    frame.member = None;
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The place of the value that begins here; an object's key is used up by it.
fn value_place(frames: &mut [Frame]) -> Place {
    match frames.last_mut() {
        None => Place::Root,
        Some(frame) if frame.object => frame.member.unwrap_or(Place::Elsewhere),
        Some(frame) => frame.place.item(),
    }
}

fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at.saturating_add(1),
            b'\\' => at = at.saturating_add(2),
            _ => at = at.saturating_add(1),
        }
    }
    at
}

fn decode(literal: &str) -> Option<String> {
    serde_json::from_str(literal).ok()
}

/// Flows nest nine levels; traits have no bound of their own.
const DEPTH: usize = 128;
