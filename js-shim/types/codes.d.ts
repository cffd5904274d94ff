// Written by EDGEWARD_WRITE_DOCS=1 cargo test --test it gate::types. From what the reader of the document asks for.

/** Stable codes: docs/contract.md. */
export type Code =
  /** The rule is public. */
  | 'route.public'
  /** The requirement is met. */
  | 'route.met'
  /** The rule is optional or the page is open; the request goes on with whatever session there is. */
  | 'route.open'
  /** A guest page without a session, or in the middle of a flow. */
  | 'route.guest'
  /** A guest page, but the visitor is signed in. */
  | 'route.signed_in'
  /** A preflight passes without cookies or identity. */
  | 'route.preflight'
  /** A path of the identity server's self-service table. */
  | 'tunnel.forwarded'
  /** The identity server names itself by another URL than the app's; set its `serve.public.base_url`. Logged once. */
  | 'tunnel.foreign_base'
  /** A one-shot GET of the identity server asked for by a prefetch or a data request. */
  | 'tunnel.prefetch'
  /** The tunnel's table has the path under other methods. */
  | 'tunnel.method'
  /** No session is there. */
  | 'session.absent'
  /** A session value has no possible form. */
  | 'session.malformed'
  /** A session value did not open with any key. */
  | 'session.unopened'
  /** The session has ended. */
  | 'session.expired'
  /** The session is for another audience. */
  | 'session.audience'
  /** The session began before `not_before`. */
  | 'session.not_before'
  /** The session was signed out in this browser. */
  | 'session.tombstoned'
  /** The sealed copy belongs to another upstream session. */
  | 'session.unbound'
  /** Values of two subjects under one name. */
  | 'session.ambiguous'
  /** The request's budget for cryptography was spent. */
  | 'session.too_much_work'
  /** The identity server says that there is no session. */
  | 'session.refused'
  /** The session is larger than a cookie may be; it was not written. */
  | 'session.too_large'
  /** The key of a token is not known, for now. */
  | 'key.unknown'
  /** The session does not meet the requirement. */
  | 'requirement.forbidden'
  /** A second factor is needed. */
  | 'requirement.aal'
  /** The authentication is older than the rule allows. */
  | 'requirement.max_age'
  /** A request from another site, where the rule does not allow it. */
  | 'request.cross_site'
  /** The method is not one that the path's rules list. */
  | 'request.method'
  /** The request target is malformed or too long. */
  | 'request.target'
  /** The request came in on a host that no configured origin names. */
  | 'request.host'
  /** The cookies are larger than any browser's. */
  | 'request.cookies'
  /** The request has more header fields than any browser or platform sends. */
  | 'request.fields'
  /** The path is one that routers refuse or read in dangerous ways. */
  | 'path.refused'
  /** Two routers would read the path differently, and the rules differ. */
  | 'path.ambiguous'
  /** The third bounce to the same place. */
  | 'loop.broken'
  /** The gate's own endpoint answered. */
  | 'endpoint'
  /** The identity server gave no usable answer. */
  | 'identity.unavailable'
  /** Too many questions to the identity server are under way. */
  | 'identity.busy'
  /** The origin gave no answer. */
  | 'origin.unavailable'
  /** An upstream's answer is too large to be rewritten. */
  | 'upstream.too_large'
  /** An upstream's answer could not be read. */
  | 'upstream.broken'
  /** The host did not sign the assertion for the origin; the key of `assertion.key` is none on its curve. */
  | 'assertion.unsigned'
  /** The config does not start a gate. */
  | 'config.invalid'
  /** The gate trapped; a fault of ours. */
  | 'gate.trapped'
  /** The gate did not decide in time. */
  | 'gate.stalled';
