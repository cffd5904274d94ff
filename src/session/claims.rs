//! Reading claims: present and of the right type, or malformed. Never a default for something that is odd.

use serde_json::{Map, Value};

use super::SessionError;
use crate::base::Timestamp;

/// A claims set that was opened or verified.
#[derive(Clone, Copy)]
pub(crate) struct Claims<'a>(pub(crate) &'a Map<String, Value>);

/// Times outside 1970-9999 are odd, whoever wrote them (field row 41).
const LATEST: i64 = 253_402_300_799;

impl<'a> Claims<'a> {
    pub(crate) fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text that must be there and must not be empty.
    pub(crate) fn text(self, name: &str) -> Result<&'a str, SessionError> {
        self.optional_text(name)?.ok_or(SessionError::Malformed)
    }

    pub(crate) fn optional_text(self, name: &str) -> Result<Option<&'a str>, SessionError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(SessionError::Malformed),
        }
    }

    /// A `NumericDate` in whole seconds (RFC 7519 section 2 also allows fractions; they are refused: no gate writes one).
    pub(crate) fn time(self, name: &str) -> Result<Timestamp, SessionError> {
        self.optional_time(name)?.ok_or(SessionError::Malformed)
    }

    pub(crate) fn optional_time(self, name: &str) -> Result<Option<Timestamp>, SessionError> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        let secs = value
            .as_i64()
            .filter(|secs| (1..=LATEST).contains(secs))
            .ok_or(SessionError::Malformed)?;
        Ok(Some(Timestamp::from_secs(secs)))
    }

    pub(crate) fn optional_bool(self, name: &str) -> Result<Option<bool>, SessionError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(SessionError::Malformed),
        }
    }

    /// A list of texts; absent is empty.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<String>, SessionError> {
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned).ok_or(SessionError::Malformed))
                .collect(),
            Some(_) => Err(SessionError::Malformed),
        }
    }

    /// An object; absent is empty.
    pub(crate) fn object(self, name: &str) -> Result<Map<String, Value>, SessionError> {
        match self.0.get(name) {
            None => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members.clone()),
            Some(_) => Err(SessionError::Malformed),
        }
    }
}
