//! What a gate is made of, and what it remembers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::assertion::Asserter;
use super::loops::Hops;
use super::visit::RequestIds;
use crate::base::{Secret, Timestamp};
use crate::config::routes::Given;
use crate::config::{IdentityConfig, Origins, Selected, ToOrigin, WhoamiAal};
use crate::kratos;
use crate::kratos::flow::{Flows, Ui};
use crate::kratos::map::UrlMap;
use crate::kratos::memory::{Breaker, Flights, Refusals, Verdicts};
use crate::kratos::table::{Lookup, Mount, Table};
use crate::kratos::up::ExtraFields;
use crate::kratos::whoami::{Reading, Whoami};
use crate::message::fields::IdentityFields;
use crate::message::set_cookie::CookieDomain;
use crate::message::url::{BaseUrl, Origin, Scheme};
use crate::policy::{self, Policy};
use crate::session::Pointer;
use crate::session::keys::KeySets;
use crate::session::memo::Memo;
use crate::session::store::{Reader, Slot};
use crate::shell::Shell;

/// Everything that is the same for all requests, and the caches.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) shell: Shell,
    pub(super) request_ids: RequestIds,
    pub(super) origins: Origins,
    pub(super) onward: Onward,
    pub(super) policy: Policy,
    pub(super) signed_in: String,
    pub(super) sign_in: Option<String>,
    /// What the app's own requirements are read with.
    pub(super) given: Given,
    pub(super) session: Option<SessionPlan>,
    pub(super) kratos: Option<KratosPlan>,
    pub(super) asserter: Option<Asserter>,
    pub(super) identity: IdentityConfig,
    /// What opens traces.
    pub(super) debug: Option<Secret>,
    /// The names under which the origin gets identity; none of them comes from a client.
    pub(super) identity_fields: IdentityFields,
    pub(super) memo: RefCell<Memo>,
    pub(super) key_sets: RefCell<KeySets>,
}

/// Where requests go on to.
#[derive(Debug)]
pub(super) enum Onward {
    App,
    Binding(String),
    Url { base: BaseUrl, lock: Option<Secret> },
}

/// The session, ready.
#[derive(Debug)]
pub(super) struct SessionPlan {
    pub(super) reader: Rc<Reader>,
    /// What plain-http loopback origins read.
    pub(super) dev_reader: Option<Rc<Reader>>,
    pub(super) hops: Hops,
    pub(super) dev_hops: Option<Hops>,
    pub(super) audience: Option<String>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) roles: Option<Pointer>,
    pub(super) to_origin: ToOrigin,
    /// What a visitor's script may see of the session.
    pub(super) to_client: Vec<Pointer>,
    /// Paths that sign out.
    pub(super) logout: Vec<String>,
}

/// The identity server, ready.
#[derive(Debug)]
pub(super) struct KratosPlan {
    pub(super) upstream: kratos::Upstream,
    pub(super) table: Table,
    /// The mount that redirects of ours name.
    pub(super) mount: Mount,
    pub(super) reading: Reading,
    pub(super) whoami_aal: WhoamiAal,
    pub(super) cookie_domain: Option<CookieDomain>,
    pub(super) extra_fields: ExtraFields,
    /// The app's own pages in place of those that an Ory Network project hosts, and what stands for its welcome page.
    pub(super) own_pages: Option<(Ui, String)>,
    /// Whether the operator was told of another `serve.public.base_url` (semantics 7.7): once is enough.
    pub(super) warned: Cell<bool>,
    pub(super) memory: KratosMemory,
}

/// What an isolate remembers of the identity server's answers.
#[derive(Debug)]
pub(super) struct KratosMemory {
    pub(super) refusals: RefCell<Refusals>,
    pub(super) flights: RefCell<Flights>,
    pub(super) breaker: RefCell<Breaker>,
    pub(super) verdicts: RefCell<Verdicts<Whoami>>,
}

impl KratosPlan {
    /// The flows, for visitors of one public origin.
    pub(super) const fn flows<'a>(&self, public: &'a Origin) -> Flows<'a> {
        Flows::under(self.mount, public)
    }

    /// The identity server's URLs, as a visitor of one public origin and mount sees them.
    pub(super) fn map(&self, public: &Origin, mount: Mount) -> UrlMap<'_> {
        let map = UrlMap::new(&self.upstream, public, mount);
        match &self.own_pages {
            Some((ui, welcome)) if self.upstream.is_ory_network() => map.with_own_pages(ui, welcome),
            _ => map,
        }
    }
}

impl Core {
    /// What an origin's session is read from (semantics 3.3): the development name only where `Secure` cannot be kept.
    pub(super) fn reader(&self, origin: &Origin) -> Option<&Rc<Reader>> {
        let plan = self.session.as_ref()?;
        match &plan.dev_reader {
            Some(dev) if is_dev(origin) => Some(dev),
            _ => Some(&plan.reader),
        }
    }

    /// What counts bounces on an origin.
    pub(super) fn hops(&self, origin: &Origin) -> Option<&Hops> {
        let plan = self.session.as_ref()?;
        match &plan.dev_hops {
            Some(dev) if is_dev(origin) => Some(dev),
            _ => Some(&plan.hops),
        }
    }

    /// Where the gate stands, as request classes see it.
    pub(super) const fn policy_shell(&self) -> policy::Shell {
        if self.shell.hides_framework_requests {
            policy::Shell::InsideNext
        } else {
            policy::Shell::Front
        }
    }

    /// The origins from which a request is not foreign: the public ones, and the one it came in on.
    pub(super) fn own_origins(&self, selected: &Origin) -> Vec<String> {
        let origins = self.origins.public.iter().chain([selected]);
        origins.map(ToString::to_string).collect()
    }

    /// Whether a path belongs to the identity server.
    pub(super) fn is_tunnelled(&self, path: &str) -> bool {
        self.kratos
            .as_ref()
            .is_some_and(|plan| !matches!(plan.table.find("GET", path), Lookup::None))
    }

    /// The configured format of an origin.
    pub(super) fn slot(&self, origin: &Origin) -> Option<&Slot> {
        self.reader(origin).map(|reader| &reader.slot)
    }

    /// The audience of an origin: previews always have their own (semantics 1.9).
    pub(super) fn audience(&self, selected: &Selected) -> String {
        match self.session.as_ref().and_then(|plan| plan.audience.as_ref()) {
            Some(audience) if !selected.preview => audience.clone(),
            _ => selected.origin.to_string(),
        }
    }
}

fn is_dev(origin: &Origin) -> bool {
    origin.scheme() == Scheme::Http && origin.is_loopback_or_private()
}
