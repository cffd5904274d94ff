//! Where the gate sends a visitor: the flows of the identity server, and the app's own pages for them.

use crate::base::limits;
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

/// Inits of flows under one mount, as path-only redirect targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flows {
    mount: Mount,
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

/// Where to after a flow: absolute, on the public origin that the request came in on (a relative one would be
/// completed by Kratos with another host, semantics 1.13). Already judged by policy; here only its form is.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The page `path_and_query` of `origin`. `None` for what is no path of it (`//host`, `/\host`, controls, a fragment)
    /// and for what is over 2,048 bytes: the flow's own default is used then.
    ///
    /// ```
    /// use edgeward::kratos::flow::ReturnTo;
    /// use edgeward::message::url::Origin;
    ///
    /// let origin = Origin::parse("https://app.example.com")?;
    /// assert_eq!(ReturnTo::new(&origin, "/a?b=c").unwrap().as_str(), "https://app.example.com/a?b=c");
    /// assert!(ReturnTo::new(&origin, "//evil.example").is_none());
    /// # Ok::<(), edgeward::message::url::UrlError>(())
    /// ```
    #[must_use]
    pub fn new(origin: &Origin, path_and_query: &str) -> Option<Self> {
        let path = path_and_query.split('?').next().unwrap_or_default();
        let plain = path_and_query.bytes().all(|b| b > b' ' && b != 0x7F && b != b'#');
        let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
        let url = format!("{origin}{path_and_query}");
        (plain && own && url.len() <= limits::RETURN_TO_BYTES).then_some(Self(url))
    }

    /// The absolute URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ReturnTo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReturnTo(..)")
    }
}

impl Flows {
    /// The flows under a mount; the gate's own redirects use the first of the config.
    #[must_use]
    pub const fn under(mount: Mount) -> Self {
        Self { mount }
    }

    /// The login init.
    ///
    /// ```
    /// use edgeward::kratos::flow::{Flows, Login, ReturnTo};
    /// use edgeward::kratos::table::Mount;
    /// use edgeward::message::url::Origin;
    ///
    /// let origin = Origin::parse("https://app.example.com")?;
    /// let back = ReturnTo::new(&origin, "/reports?tab=2");
    /// assert_eq!(
    ///     Flows::under(Mount::Root).login(Login::StepUp, back.as_ref()),
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
        let back = return_to.map(|to| ("return_to", to.as_str()));
        for (n, (name, value)) in asked.iter().copied().chain(back).enumerate() {
            url.push(if n == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            encode_component(value, &mut url);
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
    query.unwrap_or_default().split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        matches!(name, "flow" | "aal" | "refresh" | "login_challenge")
    })
}

/// Percent-encodes a query value: everything but RFC 3986's unreserved characters.
pub(super) fn encode_component(value: &str, to: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            to.push(char::from(byte));
        } else {
            let hex = |n: u8| char::from(if n < 10 { b'0' + n } else { b'A' + n - 10 });
            to.push('%');
            to.push(hex(byte >> 4));
            to.push(hex(byte & 15));
        }
    }
}
