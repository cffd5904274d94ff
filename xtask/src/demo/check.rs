//! The main job, once, over HTTP: register → dashboard → sign out → deep link → sign in → the deep link again.

use super::browser::{Browser, Page};
use super::form::{Form, forms};
use crate::fault::{Fault, Outcome};
use crate::step::step;
use crate::world::World;

const DEEP_LINK: &str = "/dashboard/reports?tab=2";
/// The identity server's session and our sealed copy of it.
const SESSIONS: &[&str] = &["ory_kratos_session", "__Host-edgeward"];
/// A registration in two steps, with one to spare.
const MAX_FORMS: usize = 4;

/// Runs the job against a world that is up.
pub fn run(world: &World) -> Outcome {
    let mut browser = Browser::new(world.port);
    let email = format!("check-{}@example.com", std::process::id());
    let fields = [
        ("traits.email", email.as_str()),
        ("identifier", email.as_str()),
        ("password", "seven green Owls over the hill"),
    ];

    step("a guarded page sends a stranger to the login page", || {
        let page = browser.open("/dashboard")?;
        expect(&page, 200, "/login")
    })?;
    step("register", || {
        let page = browser.open("/registration")?;
        let page = fill_in(&mut browser, page, &fields)?;
        expect(&page, 200, "/dashboard")
    })?;
    step("the dashboard, signed in", || {
        let page = browser.open("/dashboard")?;
        expect(&page, 200, "/dashboard")
    })?;
    step("sign out", || {
        let page = browser.open("/dashboard")?;
        let html = page.response.text();
        let link = html
            .split('"')
            .find(|part| part.starts_with("/self-service/logout?token="))
            .ok_or_else(|| {
                Fault::new("/dashboard", "has no link to sign out")
                    .accepted("a link to /self-service/logout?token=…")
            })?;
        browser.open(&link.replace("&amp;", "&"))?;
        if let Some(name) = SESSIONS.iter().find(|name| browser.cookie(name).is_some()) {
            return Err(Fault::new(
                "after signing out",
                format!("the cookie `{name}` is still there"),
            ));
        }
        let page = browser.open("/dashboard")?;
        expect(&page, 200, "/login")
    })?;
    step(format!("{DEEP_LINK} → sign in → {DEEP_LINK}"), || {
        let page = browser.open(DEEP_LINK)?;
        expect(&page, 200, "/login")?;
        let page = fill_in(&mut browser, page, &fields)?;
        expect(&page, 200, DEEP_LINK)
    })?;
    step("the origin refuses a visitor who goes around the gate", || {
        let direct = Browser::new(world.origin_port).open("/dashboard")?;
        if direct.response.status == 403 {
            Ok(())
        } else {
            Err(unexpected(&direct, 403, "/dashboard"))
        }
    })
}

/// Fills in forms until a page without the next one comes.
fn fill_in(browser: &mut Browser, mut page: Page, fields: &[(&str, &str)]) -> Outcome<Page> {
    for _ in 0..MAX_FORMS {
        let forms = forms(&page.response.text());
        let Some((form, button)) = forms.iter().find_map(|form| next_button(form, fields)) else {
            return Ok(page);
        };
        page = browser.submit(form, fields, Some(button))?;
    }
    let path = page.target.clone();
    Err(Fault::new(path, format!("asks for a form again after {MAX_FORMS} times")).log(page.trail.join("\n")))
}

/// A self-service form that we can fill in, and its button: the password's where there is one.
fn next_button<'a>(form: &'a Form, fields: &[(&str, &str)]) -> Option<(&'a Form, (&'a str, &'a str))> {
    let flow =
        form.action.contains("/self-service/login") || form.action.contains("/self-service/registration");
    if !flow || !fields.iter().any(|(name, _)| form.asks(name)) {
        return None;
    }
    let button = |value: &str| {
        form.buttons
            .iter()
            .find(|(name, known)| name == "method" && known == value)
    };
    let wanted = if form.asks("password") {
        button("password")
    } else {
        button("profile")
    };
    wanted
        .or_else(|| form.buttons.first())
        .map(|(name, value)| (form, (name.as_str(), value.as_str())))
}

/// `target` with a query is compared whole, without one by its path.
fn expect(page: &Page, status: u16, target: &str) -> Outcome {
    let there = if target.contains('?') {
        page.target.as_str()
    } else {
        page.target.split('?').next().unwrap_or_default()
    };
    if page.response.status == status && there == target {
        Ok(())
    } else {
        Err(unexpected(page, status, target))
    }
}

fn unexpected(page: &Page, status: u16, target: &str) -> Fault {
    let path = page.target.split('?').next().unwrap_or_default();
    Fault::new(
        "the main job",
        format!("status {} at {path}", page.response.status),
    )
    .accepted(format!("status {status} at {target}"))
    .remedy("read target/index/logs/check-worker.log and check-origin.log")
    .log(page.trail.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_button_is_pressed() {
        let form = |action: &str, field: &str, buttons: &[&str]| Form {
            action: action.to_owned(),
            inputs: vec![(field.to_owned(), "text".to_owned(), String::new())],
            buttons: buttons
                .iter()
                .map(|value| ("method".to_owned(), (*value).to_owned()))
                .collect(),
        };
        let fields = [("password", "x"), ("traits.email", "y")];
        for (form, expected) in [
            (
                form("/self-service/login?flow=1", "password", &["code", "password"]),
                Some("password"),
            ),
            (
                form("/self-service/registration?flow=1", "traits.email", &["profile"]),
                Some("profile"),
            ),
            (form("/self-service/login?flow=1", "totp_code", &["totp"]), None),
            (form("/search", "password", &["password"]), None),
            (form("/self-service/login?flow=1", "password", &[]), None),
        ] {
            let pressed = next_button(&form, &fields).map(|(_, (_, value))| value.to_owned());
            assert_eq!(pressed.as_deref(), expected, "{form:?}");
        }
    }
}
