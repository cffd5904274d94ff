//! The log event: codes, the rule's pattern and times, nothing that a visitor sent (semantics 11.2).

use serde::Serialize;

use super::Code;

/// One decision, for the log. Its JSON form is one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Names the request on pages and in problem documents, 16 hex digits.
    pub request_id: String,
    /// What came of it.
    #[serde(serialize_with = "as_text")]
    pub code: Code,
    /// `continue`, `redirect`, `respond` or `forward`.
    pub action: &'static str,
    /// The rule's pattern, as the config spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The request class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    /// The state of the session, as a code.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub session: Option<Code>,
    /// The status that the visitor gets, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How it came about.
    #[serde(skip_serializing_if = "Trace::is_empty")]
    pub trace: Trace,
    /// Effects and the time waited for each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<EffectTime>,
}

/// How a decision came about, in words of ours and of the config: nothing that a visitor sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Trace {
    /// How the path was read, a phrase for each reading; several only where routers differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<&'static str>,
    /// Where the rules stand in the document: `routes[2]`, `kratos.ui.login`, `default`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What of the requirement was not met, by its key: `session`, `any`, `aal`, `max_age` and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmet: Option<&'static str>,
}

impl Trace {
    /// Whether nothing is known: the request was not held against rules.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.readings.is_empty() && self.rules.is_empty() && self.unmet.is_none()
    }
}

/// How long the host waited for one effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EffectTime {
    /// `whoami`, `jwks`, `verify`, `body`.
    pub purpose: &'static str,
    /// Milliseconds, as the host saw them.
    pub ms: u32,
    /// Whether an answer came.
    pub ok: bool,
}

impl Event {
    /// The JSON line that hosts print.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn as_text<S: serde::Serializer>(code: &Code, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(code.as_str())
}

#[allow(clippy::ref_option, reason = "the signature serde calls")]
fn as_optional_text<S: serde::Serializer>(code: &Option<Code>, to: S) -> Result<S::Ok, S::Error> {
    match code {
        Some(code) => to.serialize_str(code.as_str()),
        None => to.serialize_none(),
    }
}
