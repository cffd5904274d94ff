//! Stable codes: the same strings in logs, problem documents and TypeScript.

/// Whose fault an outcome is; it picks between a redirect, a 4xx, a 502/503 and a refusal to start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Nobody's: the ordinary course.
    None,
    /// What the client sent.
    Client,
    /// The origin or the identity server.
    Upstream,
    /// The config or a secret.
    Configuration,
    /// Ours.
    Bug,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $fault:ident;)+) => {
        /// A stable code. The list is a public contract (docs/contract.md).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, for the generated docs and types.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The wire form.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Whose fault it is.
            #[must_use]
            pub const fn fault(self) -> Fault {
                match self { $(Self::$name => Fault::$fault),+ }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+)),+ }
            }
        }
    };
}

codes! {
    /// The rule is public.
    RoutePublic = "route.public", None;
    /// The requirement is met.
    RouteMet = "route.met", None;
    /// The rule is optional or the page is open; the request goes on with whatever session there is.
    RouteOpen = "route.open", None;
    /// A guest page without a session, or in the middle of a flow.
    RouteGuest = "route.guest", None;
    /// A guest page, but the visitor is signed in.
    RouteSignedIn = "route.signed_in", None;
    /// A preflight passes without cookies or identity.
    RoutePreflight = "route.preflight", None;
    /// A path of the identity server's self-service table.
    TunnelForwarded = "tunnel.forwarded", None;
    /// The identity server names itself by another URL than the app's; set its `serve.public.base_url`. Logged once.
    TunnelForeignBase = "tunnel.foreign_base", Configuration;
    /// A one-shot GET of the identity server asked for by a prefetch or a data request.
    TunnelPrefetch = "tunnel.prefetch", Client;
    /// The tunnel's table has the path under other methods.
    TunnelMethod = "tunnel.method", Client;
    /// No session is there.
    SessionAbsent = "session.absent", Client;
    /// A session value has no possible form.
    SessionMalformed = "session.malformed", Client;
    /// A session value did not open with any key.
    SessionUnopened = "session.unopened", Client;
    /// The session has ended.
    SessionExpired = "session.expired", Client;
    /// The session is for another audience.
    SessionAudience = "session.audience", Client;
    /// The session began before `not_before`.
    SessionTooOld = "session.not_before", Client;
    /// The session was signed out in this browser.
    SessionTombstoned = "session.tombstoned", Client;
    /// The sealed copy belongs to another upstream session.
    SessionUnbound = "session.unbound", Client;
    /// Values of two subjects under one name.
    SessionAmbiguous = "session.ambiguous", Client;
    /// The request's budget for cryptography was spent.
    SessionTooMuchWork = "session.too_much_work", Client;
    /// The identity server says that there is no session.
    SessionRefused = "session.refused", Client;
    /// The session is larger than a cookie may be; it was not written.
    SessionTooLarge = "session.too_large", Configuration;
    /// The key of a token is not known, for now.
    KeyUnknown = "key.unknown", Upstream;
    /// The session does not meet the requirement.
    RequirementForbidden = "requirement.forbidden", Client;
    /// A second factor is needed.
    RequirementAal = "requirement.aal", Client;
    /// The authentication is older than the rule allows.
    RequirementMaxAge = "requirement.max_age", Client;
    /// A request from another site, where the rule does not allow it.
    RequestCrossSite = "request.cross_site", Client;
    /// The method is not one that the path's rules list.
    RequestMethod = "request.method", Client;
    /// The request target is malformed or too long.
    RequestTarget = "request.target", Client;
    /// The request came in on a host that no configured origin names.
    RequestHost = "request.host", Client;
    /// The cookies are larger than any browser's.
    RequestCookies = "request.cookies", Client;
    /// The request has more header fields than any browser or platform sends.
    RequestFields = "request.fields", Client;
    /// The path is one that routers refuse or read in dangerous ways.
    PathRefused = "path.refused", Client;
    /// Two routers would read the path differently, and the rules differ.
    PathAmbiguous = "path.ambiguous", Client;
    /// The third bounce to the same place.
    LoopBroken = "loop.broken", Client;
    /// The gate's own endpoint answered.
    Endpoint = "endpoint", None;
    /// The identity server gave no usable answer.
    IdentityUnavailable = "identity.unavailable", Upstream;
    /// Too many questions to the identity server are under way.
    IdentityBusy = "identity.busy", Upstream;
    /// The origin gave no answer.
    OriginUnavailable = "origin.unavailable", Upstream;
    /// An upstream's answer is too large to be rewritten.
    UpstreamTooLarge = "upstream.too_large", Upstream;
    /// An upstream's answer could not be read.
    UpstreamBroken = "upstream.broken", Upstream;
    /// The host did not sign the assertion for the origin; the key of `assertion.key` is none on its curve.
    AssertionUnsigned = "assertion.unsigned", Configuration;
    /// The config does not start a gate.
    ConfigInvalid = "config.invalid", Configuration;
    /// The gate trapped; a fault of ours.
    GateTrapped = "gate.trapped", Bug;
    /// The gate did not decide in time.
    GateStalled = "gate.stalled", Bug;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_lower_case() {
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(
                code.as_str()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_')
            );
        }
    }
}
