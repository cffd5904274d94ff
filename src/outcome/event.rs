//! The log event: codes, the rule's pattern and times, nothing that a visitor sent (semantics 11.2).

use super::Code;

/// One decision, for the log. Its JSON form is one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Names the request on pages and in problem documents, 16 hex digits.
    pub request_id: String,
    /// What came of it.
    pub code: Code,
    /// `continue`, `redirect`, `respond` or `forward`.
    pub action: &'static str,
    /// The rule's pattern, as the config spells it.
    pub rule: Option<String>,
    /// The request class.
    pub class: Option<&'static str>,
    /// The state of the session, as a code.
    pub session: Option<Code>,
    /// The status that the visitor gets, where it is known.
    pub status: Option<u16>,
    /// How it came about.
    pub trace: Trace,
    /// Effects and the time waited for each.
    pub effects: Vec<EffectTime>,
}

/// How a decision came about, in words of ours and of the config: nothing that a visitor sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// How the path was read, a phrase for each reading; several only where routers differ.
    pub readings: Vec<&'static str>,
    /// Where the rules stand in the document: `routes[2]`, `kratos.ui.login`, `default`.
    pub rules: Vec<String>,
    /// What of the requirement was not met, by its key: `session`, `any`, `aal`, `max_age` and so on.
    pub unmet: Option<&'static str>,
}

impl Trace {
    /// Whether nothing is known: the request was not held against rules.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.readings.is_empty() && self.rules.is_empty() && self.unmet.is_none()
    }
}

impl Trace {
    fn to_json(&self) -> String {
        let mut line = Line(String::new());
        if !self.readings.is_empty() {
            line.words("readings", &self.readings);
        }
        if !self.rules.is_empty() {
            line.words("rules", &self.rules);
        }
        if let Some(unmet) = self.unmet {
            line.word("unmet", unmet);
        }
        line.end()
    }
}

/// How long the host waited for one effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectTime {
    /// `whoami`, `jwks`, `verify`, `body`.
    pub purpose: &'static str,
    /// Milliseconds, as the host saw them.
    pub ms: u32,
    /// Whether an answer came.
    pub ok: bool,
}

impl Event {
    /// The JSON line that hosts print. By hand: a derived serializer is kilobytes of wasm for this one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut line = Line(String::with_capacity(192));
        line.text("request_id", &self.request_id);
        line.word("code", self.code.as_str());
        line.word("action", self.action);
        if let Some(rule) = &self.rule {
            line.text("rule", rule);
        }
        if let Some(class) = self.class {
            line.word("class", class);
        }
        if let Some(session) = self.session {
            line.word("session", session.as_str());
        }
        if let Some(status) = self.status {
            line.raw("status", &status.to_string());
        }
        if !self.trace.is_empty() {
            line.raw("trace", &self.trace.to_json());
        }
        if !self.effects.is_empty() {
            let effects: Vec<String> = self.effects.iter().map(EffectTime::to_json).collect();
            line.raw("effects", &format!("[{}]", effects.join(",")));
        }
        line.end()
    }
}

impl EffectTime {
    fn to_json(&self) -> String {
        let mut line = Line(String::new());
        line.word("purpose", self.purpose);
        line.raw("ms", &self.ms.to_string());
        line.raw("ok", if self.ok { "true" } else { "false" });
        line.end()
    }
}

/// A JSON object that grows by members.
struct Line(String);

impl Line {
    fn raw(&mut self, name: &str, json: &str) {
        let joint = if self.0.is_empty() { "{\"" } else { ",\"" };
        for part in [joint, name, "\":", json] {
            self.0.push_str(part);
        }
    }

    /// A word of ours, which needs no escapes.
    fn word(&mut self, name: &str, word: &str) {
        self.raw(name, "\"");
        self.0.push_str(word);
        self.0.push('"');
    }

    fn words<T: AsRef<str>>(&mut self, name: &str, words: &[T]) {
        self.raw(name, "[");
        for (at, word) in words.iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            self.quote(word.as_ref());
        }
        self.0.push(']');
    }

    fn text(&mut self, name: &str, text: &str) {
        self.raw(name, "");
        self.quote(text);
    }

    /// Escapes are rare: the serializer is asked only where there are any.
    fn quote(&mut self, text: &str) {
        if text
            .bytes()
            .any(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
        {
            let quoted = serde_json::to_string(text).unwrap_or_default();
            self.0.push_str(&quoted);
        } else {
            self.0.push('"');
            self.0.push_str(text);
            self.0.push('"');
        }
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_json_with_what_is_known() {
        let mut event = Event {
            request_id: "0123456789abcdef".into(),
            code: Code::RouteMet,
            action: "continue",
            rule: None,
            class: None,
            session: None,
            status: None,
            trace: Trace::default(),
            effects: Vec::new(),
        };
        assert_eq!(
            event.to_json(),
            r#"{"request_id":"0123456789abcdef","code":"route.met","action":"continue"}"#
        );
        event.rule = Some("/a\"\\b\n\u{e4}".into());
        event.class = Some("navigation");
        event.session = Some(Code::RouteOpen);
        event.status = Some(303);
        for (ms, ok) in [(7, true), (0, false)] {
            let purpose = "whoami";
            event.effects.push(EffectTime { purpose, ms, ok });
        }
        let line: serde_json::Value = serde_json::from_str(&event.to_json()).unwrap();
        assert_eq!(
            line,
            serde_json::json!({
                "request_id": "0123456789abcdef", "code": "route.met", "action": "continue",
                "rule": "/a\"\\b\n\u{e4}", "class": "navigation", "session": Code::RouteOpen.as_str(), "status": 303,
                "effects": [
                    { "purpose": "whoami", "ms": 7, "ok": true },
                    { "purpose": "whoami", "ms": 0, "ok": false },
                ],
            })
        );
    }
}
