//! A visitor without a browser: a cookie store for one host, redirects followed, forms filled in and sent.

use std::time::Duration;

use super::form::Form;
use crate::fault::{Fault, Outcome};
use crate::http::{self, Response};

/// Kratos hashes a password while we wait.
const PATIENCE: Duration = Duration::from_secs(30);
/// Login: page → init → page, and the way back.
const MAX_REDIRECTS: usize = 12;

/// The page that a visitor ended on.
#[derive(Debug)]
pub struct Page {
    /// Path and query.
    pub target: String,
    pub response: Response,
    /// Every target on the way, for the failure's text.
    pub trail: Vec<String>,
}

/// One visitor of `http://localhost:<port>`.
#[derive(Debug)]
pub struct Browser {
    port: u16,
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub fn new(port: u16) -> Self {
        Self {
            port,
            cookies: Vec::new(),
        }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A navigation.
    pub fn open(&mut self, target: &str) -> Outcome<Page> {
        self.travel("GET", target, "")
    }

    /// Sends a form; `button` is the name and value of the pressed one.
    pub fn submit(
        &mut self,
        form: &Form,
        fields: &[(&str, &str)],
        button: Option<(&str, &str)>,
    ) -> Outcome<Page> {
        let body = form.encode(fields, button);
        let target = self.on_site(&form.action)?;
        self.travel("POST", &target, &body)
    }

    fn travel(&mut self, method: &str, target: &str, body: &str) -> Outcome<Page> {
        let (mut method, mut target, mut body) = (method, target.to_owned(), body);
        let mut trail = Vec::new();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(method, &target, body)?;
            trail.push(format!("{method} {target} → {}", response.status));
            self.keep(&response);
            match (response.status, response.header("location")) {
                (301..=303 | 307 | 308, Some(location)) => {
                    target = self.on_site(location)?;
                    if response.status < 307 {
                        (method, body) = ("GET", "");
                    }
                }
                _ => {
                    return Ok(Page {
                        target,
                        response,
                        trail,
                    });
                }
            }
        }
        Err(Fault::new(target, "redirects without end").log(trail.join("\n")))
    }

    fn send(&self, method: &str, target: &str, body: &str) -> Outcome<Response> {
        let mut headers = vec![
            ("Accept", "text/html,application/xhtml+xml".to_owned()),
            ("Sec-Fetch-Mode", "navigate".to_owned()),
            ("Sec-Fetch-Dest", "document".to_owned()),
            ("Sec-Fetch-Site", "same-origin".to_owned()),
        ];
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.push(("Cookie", pairs.join("; ")));
        }
        if method == "POST" {
            headers.push(("Content-Type", "application/x-www-form-urlencoded".to_owned()));
            headers.push(("Origin", format!("http://localhost:{}", self.port)));
        }
        let request = http::Request {
            method,
            port: self.port,
            target,
            headers: &headers,
            body: body.as_bytes(),
        };
        http::send(&request, PATIENCE)
            .map_err(|error| Fault::new(format!("{method} {target}"), format!("got no answer: {error}")))
    }

    /// A target on this host. Every other address is a failure: the identity server and the origin are never visited.
    fn on_site(&self, location: &str) -> Outcome<String> {
        let origin = format!("http://localhost:{}", self.port);
        let path = location.strip_prefix(&origin).unwrap_or(location);
        if path.starts_with('/') && !path.starts_with("//") {
            return Ok(path.split('#').next().unwrap_or(path).to_owned());
        }
        if path.is_empty() {
            return Ok("/".to_owned());
        }
        Err(
            Fault::new("a redirect or a form", format!("leads to `{location}`"))
                .accepted(format!("{origin}/…")),
        )
    }

    fn keep(&mut self, response: &Response) {
        for (_, line) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let mut parts = line.split(';');
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            self.cookies.retain(|(known, _)| known != name);
            let ended = parts.map(|part| part.trim().to_ascii_lowercase()).any(|part| {
                part == "max-age=0"
                    || part.starts_with("max-age=-")
                    || part.ends_with("01 jan 1970 00:00:00 gmt")
            });
            if !ended {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_kept_replaced_and_ended() {
        let mut browser = Browser::new(1);
        for (line, expected) in [
            ("a=1; Path=/; HttpOnly", Some("1")),
            ("a=2=3", Some("2=3")),
            ("a=; Max-Age=0", None),
            ("a=4; Expires=Wed, 01 Jan 2031 00:00:00 GMT", Some("4")),
            ("a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("no pair", None),
        ] {
            browser.keep(&Response {
                headers: vec![("set-cookie".into(), line.into())],
                ..Response::default()
            });
            assert_eq!(browser.cookie("a"), expected, "{line}");
        }
    }

    #[test]
    fn no_other_address_is_visited() {
        let browser = Browser::new(80);
        for (location, expected) in [
            ("/a?b=c#d", Some("/a?b=c")),
            ("http://localhost:80/x", Some("/x")),
            ("http://localhost:80", Some("/")),
            ("http://127.0.0.1:80/x", None),
            ("http://localhost:8080/x", None),
            ("//evil.example/", None),
            ("https://evil.example/", None),
        ] {
            assert_eq!(browser.on_site(location).ok().as_deref(), expected, "{location}");
        }
    }
}
