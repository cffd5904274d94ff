//! The forms of a page: enough of HTML for pages that we draw ourselves.

/// A form as the page holds it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Form {
    pub action: String,
    /// Name, type and value of every `input` that has a name.
    pub inputs: Vec<(String, String, String)>,
    /// Name and value of every submit button that has a name.
    pub buttons: Vec<(String, String)>,
}

impl Form {
    /// Whether there is a field of this name that a person fills in.
    pub fn asks(&self, name: &str) -> bool {
        self.inputs
            .iter()
            .any(|(known, kind, _)| known == name && kind != "hidden")
    }

    /// `application/x-www-form-urlencoded`: the page's own values, ours over them, the pressed button.
    pub fn encode(&self, fields: &[(&str, &str)], button: Option<(&str, &str)>) -> String {
        let inputs = self
            .inputs
            .iter()
            .filter(|(_, kind, _)| kind != "checkbox")
            .map(|(name, _, value)| {
                let ours = fields
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| *value);
                (name.as_str(), ours.unwrap_or(value))
            });
        let pairs: Vec<String> = inputs
            .chain(button)
            .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
            .collect();
        pairs.join("&")
    }
}

/// Every form of `html`.
pub fn forms(html: &str) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    let mut inside = false;
    for tag in tags(html) {
        let name = tag
            .split(|c: char| c.is_whitespace() || c == '/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let value = |key: &str| attribute(tag, key).unwrap_or_default();
        match name.as_str() {
            "form" => {
                inside = true;
                found.push(Form {
                    action: value("action"),
                    ..Form::default()
                });
            }
            "" if tag.starts_with("/form") => inside = false,
            "input" | "button" if inside && !value("name").is_empty() => {
                let Some(form) = found.last_mut() else { continue };
                if name == "button" || value("type") == "submit" {
                    form.buttons.push((value("name"), value("value")));
                } else {
                    form.inputs.push((value("name"), value("type"), value("value")));
                }
            }
            _ => {}
        }
    }
    found
}

/// The inside of each tag; a `>` in a quoted value does not end one.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once('<')?;
        let mut quote = None;
        let end = after
            .char_indices()
            .find(|&(_, c)| {
                match quote {
                    Some(open) if c == open => quote = None,
                    Some(_) => {}
                    None if c == '"' || c == '\'' => quote = Some(c),
                    None => return c == '>',
                }
                false
            })
            .map_or(after.len(), |(at, _)| at);
        rest = after.get(end + 1..).unwrap_or_default();
        after.get(..end)
    })
}

/// The value of a double-quoted attribute, character references resolved.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = format!(" {name}=\"");
    let (_, after) = tag.split_once(&start)?;
    let (value, _) = after.split_once('"')?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_found_and_sent() {
        let html = r#"<p>a < b</p><input name="outside" value="x">
            <form action="/go?flow=1&amp;x=2" method="POST"><input type="hidden" name="csrf_token" value="a+b&quot;>">
            <input type="email" name="traits.email" required><input type="text" value="no name">
            <input type="checkbox" name="news" value="true"><button type="submit" name="method" value="password">Go</button></form>
            <form action="/other"></form>"#;
        let forms = forms(html);
        assert_eq!(forms.len(), 2);
        let form = forms.first().unwrap();
        assert_eq!(form.action, "/go?flow=1&x=2");
        assert_eq!(form.buttons, [("method".to_owned(), "password".to_owned())]);
        assert!(form.asks("traits.email") && !form.asks("csrf_token") && !form.asks("outside"));
        assert_eq!(
            form.encode(
                &[("traits.email", "a@b.c"), ("unknown", "1")],
                Some(("method", "password"))
            ),
            "csrf_token=a%2Bb%22%3E&traits.email=a%40b.c&method=password"
        );
    }

    #[test]
    fn broken_html_gives_no_form_and_no_panic() {
        for html in [
            "",
            "<",
            "<form",
            "<input name=\"a\">",
            "<form action=\"",
            "</form>",
            "<>",
            "<é",
        ] {
            assert!(forms(html).iter().all(|form| form.inputs.is_empty()), "{html}");
        }
    }
}
