//! Where the gate sends a visitor: the flows of the identity server, and the app's own pages for them.

use crate::message::query::{self, encode};
use crate::message::return_to::ReturnTo;
use crate::message::url::Origin;

use super::table::Mount;

/// A self-service flow. Logout stands beside the five: it has no page and no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flow {
    /// Login, and step-up and re-login.
    Login,
    /// Registration.
    Registration,
    /// Settings.
    Settings,
    /// Recovery.
    Recovery,
    /// Verification.
    Verification,
    /// Logout.
    Logout,
}

impl Flow {
    /// The word in paths.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Registration => "registration",
            Self::Settings => "settings",
            Self::Recovery => "recovery",
            Self::Verification => "verification",
            Self::Logout => "logout",
        }
    }
}

/// Inits of flows under one mount of one public origin, as path-only redirect targets.
///
/// A `return_to` in them is absolute, on the public origin that the request came in on: Kratos completes a relative one with a
/// host of its own (semantics 1.13).
#[derive(Debug, Clone, Copy)]
pub struct Flows<'a> {
    mount: Mount,
    public: &'a Origin,
}

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Login {
    /// No session: a plain login.
    #[default]
    Plain,
    /// A session without the second factor: `aal=aal2`.
    StepUp,
    /// A session whose authentication is too old: `refresh=true`.
    Refresh,
    /// Both at once.
    StepUpAndRefresh,
}

impl<'a> Flows<'a> {
    /// The flows under a mount; the gate's own redirects use the first of the config.
    #[must_use]
    pub const fn under(mount: Mount, public: &'a Origin) -> Self {
        Self { mount, public }
    }

    /// The login init.
    ///
    /// ```
    /// use edgeward::kratos::flow::{Flows, Login};
    /// use edgeward::kratos::table::Mount;
    /// use edgeward::message::{return_to::ReturnTo, url::Origin};
    ///
    /// let public = Origin::parse("https://app.example.com")?;
    /// let back = ReturnTo::validate("/reports?tab=2", &public, &[]).unwrap();
    /// assert_eq!(
    ///     Flows::under(Mount::Root, &public).login(Login::StepUp, Some(&back)),
    ///     "/self-service/login/browser?aal=aal2&return_to=https%3A%2F%2Fapp.example.com%2Freports%3Ftab%3D2",
    /// );
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    #[must_use]
    pub fn login(&self, login: Login, return_to: Option<&ReturnTo>) -> String {
        let asked: &[(&str, &str)] = match login {
            Login::Plain => &[],
            Login::StepUp => &[("aal", "aal2")],
            Login::Refresh => &[("refresh", "true")],
            Login::StepUpAndRefresh => &[("aal", "aal2"), ("refresh", "true")],
        };
        self.init(Flow::Login, asked, return_to)
    }

    /// The settings init, where a second factor is enrolled.
    #[must_use]
    pub fn settings(&self, return_to: Option<&ReturnTo>) -> String {
        self.init(Flow::Settings, &[], return_to)
    }

    /// The logout init, which answers JSON with the URL that signs out.
    #[must_use]
    pub fn logout(&self, return_to: Option<&ReturnTo>) -> String {
        self.init(Flow::Logout, &[], return_to)
    }

    /// Any init without parameters of its own.
    #[must_use]
    pub fn browser(&self, flow: Flow, return_to: Option<&ReturnTo>) -> String {
        self.init(flow, &[], return_to)
    }

    fn init(&self, flow: Flow, asked: &[(&str, &str)], return_to: Option<&ReturnTo>) -> String {
        let mut url = format!("{}/self-service/{}/browser", self.mount.prefix(), flow.as_str());
        let back = return_to.map(|to| ("return_to", encode(&to.absolute(self.public))));
        let asked = asked.iter().map(|(name, value)| (*name, encode(value)));
        for (n, (name, value)) in asked.chain(back).enumerate() {
            let separator = if n == 0 { '?' } else { '&' };
            url.extend([separator.encode_utf8(&mut [0; 1]), name, "=", &value]);
        }
        url
    }
}

/// A page that the app draws for the identity server (`kratos.ui`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// The login form: a guest page.
    Login,
    /// The registration form: a guest page.
    Registration,
    /// The settings forms: they need a session.
    Settings,
    /// The recovery forms: open.
    Recovery,
    /// The verification forms: open.
    Verification,
    /// The error page: open.
    Error,
}

impl Page {
    /// Every page.
    pub const ALL: [Self; 6] = [
        Self::Login,
        Self::Registration,
        Self::Settings,
        Self::Recovery,
        Self::Verification,
        Self::Error,
    ];

    /// Its key in `kratos.ui`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Registration => "registration",
            Self::Settings => "settings",
            Self::Recovery => "recovery",
            Self::Verification => "verification",
            Self::Error => "error",
        }
    }

    /// Whether a signed-in visitor is sent on from here, unless a flow is under way (semantics 1.6).
    #[must_use]
    pub const fn is_guest(self) -> bool {
        matches!(self, Self::Login | Self::Registration)
    }

    /// Whether the page needs a session (semantics 1.7).
    #[must_use]
    pub const fn needs_session(self) -> bool {
        matches!(self, Self::Settings)
    }
}

/// The app's own paths for the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ui {
    /// `kratos.ui.login`
    pub login: String,
    /// `kratos.ui.registration`
    pub registration: String,
    /// `kratos.ui.settings`
    pub settings: String,
    /// `kratos.ui.recovery`
    pub recovery: String,
    /// `kratos.ui.verification`
    pub verification: String,
    /// `kratos.ui.error`
    pub error: String,
}

impl Default for Ui {
    fn default() -> Self {
        Self {
            login: "/login".to_owned(),
            registration: "/registration".to_owned(),
            settings: "/settings".to_owned(),
            recovery: "/recovery".to_owned(),
            verification: "/verification".to_owned(),
            error: "/error".to_owned(),
        }
    }
}

impl Ui {
    /// The path of a page.
    #[must_use]
    pub fn path(&self, page: Page) -> &str {
        match page {
            Page::Login => &self.login,
            Page::Registration => &self.registration,
            Page::Settings => &self.settings,
            Page::Recovery => &self.recovery,
            Page::Verification => &self.verification,
            Page::Error => &self.error,
        }
    }

    /// The page at a path, compared byte for byte.
    #[must_use]
    pub fn page(&self, path: &str) -> Option<Page> {
        Page::ALL.into_iter().find(|page| self.path(*page) == path)
    }
}

/// Whether a guest page stays open for a visitor who is signed in, because the identity server sent them there in the
/// middle of a flow (semantics 1.6). A guest page protects nothing, so the mere name of the parameter is enough.
///
/// ```
/// # use edgeward::kratos::flow::in_flow;
/// assert!(in_flow(Some("flow=6c1b")) && in_flow(Some("a=b&refresh=true")));
/// assert!(!in_flow(Some("return_to=/x%3Fflow=1")) && !in_flow(None));
/// ```
#[must_use]
pub fn in_flow(query: Option<&str>) -> bool {
    const NAMES: [&str; 4] = ["flow", "aal", "refresh", "login_challenge"];
    query.is_some_and(|query| NAMES.iter().any(|name| query::contains(query, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Origin {
        Origin::parse("https://app.example.com").unwrap()
    }

    #[test]
    fn inits_are_path_only_with_an_absolute_return_to() {
        let public = public();
        let root = Flows::under(Mount::Root, &public);
        let api = Flows::under(Mount::ApiOry, &public);
        let back = ReturnTo::validate("/a b/ü?x=1&y=%2F#z", &public, &[]).unwrap();
        for (url, want) in [
            (root.login(Login::Plain, None), "/self-service/login/browser"),
            (
                root.login(Login::StepUp, None),
                "/self-service/login/browser?aal=aal2",
            ),
            (
                root.login(Login::Refresh, None),
                "/self-service/login/browser?refresh=true",
            ),
            (
                root.login(Login::StepUpAndRefresh, None),
                "/self-service/login/browser?aal=aal2&refresh=true",
            ),
            (root.settings(None), "/self-service/settings/browser"),
            (root.logout(None), "/self-service/logout/browser"),
            (
                api.login(Login::Plain, None),
                "/api/.ory/self-service/login/browser",
            ),
            (
                api.browser(Flow::Recovery, None),
                "/api/.ory/self-service/recovery/browser",
            ),
            (
                root.browser(Flow::Verification, None),
                "/self-service/verification/browser",
            ),
            (
                root.browser(Flow::Registration, None),
                "/self-service/registration/browser",
            ),
            (
                root.login(Login::Plain, Some(&back)),
                "/self-service/login/browser?return_to=https%3A%2F%2Fapp.example.com%2Fa%2520b%2F%25C3%25BC%3Fx%3D1%26y%3D%252F%23z",
            ),
        ] {
            assert_eq!(url, want);
        }
    }

    #[test]
    fn another_configured_origin_stays_the_target() {
        let public = public();
        let other = Origin::parse("https://www.example.com").unwrap();
        let back =
            ReturnTo::validate("https://www.example.com/x", &public, std::slice::from_ref(&other)).unwrap();
        assert_eq!(
            Flows::under(Mount::Root, &public).settings(Some(&back)),
            "/self-service/settings/browser?return_to=https%3A%2F%2Fwww.example.com%2Fx"
        );
    }

    #[test]
    fn guest_pages_stay_open_in_a_flow() {
        for (query, want) in [
            (Some("flow=1"), true),
            (Some("flow"), true),
            (Some("flow="), true),
            (Some("aal=aal2"), true),
            (Some("x=1&refresh=true"), true),
            (Some("login_challenge=abc&x"), true),
            (Some("fl%6fw=1"), true),
            (None, false),
            (Some(""), false),
            (Some("return_to=/x"), false),
            (Some("return_to=%2Fx%3Fflow%3D1"), false),
            (Some("x=flow"), false),
            (Some("Flow=1"), false),
            (Some("flows=1"), false),
            (Some("xflow=1&aal2=1&refresh_token=x"), false),
        ] {
            assert_eq!(in_flow(query), want, "{query:?}");
        }
    }

    #[test]
    fn pages_are_found_by_their_own_path() {
        let ui = Ui {
            login: "/auth/sign-in".to_owned(),
            ..Ui::default()
        };
        for (path, want) in [
            ("/auth/sign-in", Some(Page::Login)),
            ("/registration", Some(Page::Registration)),
            ("/settings", Some(Page::Settings)),
            ("/recovery", Some(Page::Recovery)),
            ("/verification", Some(Page::Verification)),
            ("/error", Some(Page::Error)),
            ("/login", None),
            ("/settings/", None),
            ("/settings/x", None),
            ("/Settings", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(ui.page(path), want, "{path}");
        }
        let guests: Vec<_> = Page::ALL.into_iter().filter(|p| p.is_guest()).collect();
        assert_eq!(guests, [Page::Login, Page::Registration]);
        let guarded: Vec<_> = Page::ALL.into_iter().filter(|p| p.needs_session()).collect();
        assert_eq!(guarded, [Page::Settings]);
    }
}
