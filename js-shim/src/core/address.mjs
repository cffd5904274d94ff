// The URL that the visitor has in the address bar, as far as the configured origins know it.

const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(\/[^#]*)$/i;

/** A host with or without a port. Anything else in a `Host` would be a part of the URL that is judged: its path, its user. */
const AUTHORITY = /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/;

/** No origin's name, and no pattern's (RFC 2606 section 2): the gate answers 421. */
const NOWHERE = 'http://host.invalid/';

/** The origins of a config document, as browsers write them. What is none is the core's to refuse. */
export function originsOf({ public_origins: origins = [] }) {
  return [origins].flat().map((origin) => (URL.canParse(origin) ? new URL(origin).origin : String(origin)));
}

/** Their hosts' names. */
export const namesOf = (origins) => new Set(origins.map((origin) => bare(origin.replace(/^.*:\/\//, ''))));

/**
 * The URL to judge, `names` being those of `origins`. What the request says of its host and scheme only selects among the configured origins; where none is
 * selected, the host as it stands is judged and refused by the gate.
 */
export function publicUrl(origins, names, url, headers) {
  const field = headers.get('host')?.trim().toLowerCase() ?? '';
  const [, scheme, named, target] = PARTS.exec(url) ?? [];
  if (target === undefined) return NOWHERE;
  const own = [field, named.toLowerCase()].filter((name) => name !== '');
  if (own.length === 0 || !own.every((name) => AUTHORITY.test(name))) return NOWHERE;
  const first = (name) => headers.get(name)?.split(',')[0].trim().toLowerCase() ?? '';
  // What the app itself will route by comes first: a forwarded name counts only where the request's own is no name of
  // ours, with whatever port, and never makes a request from elsewhere one of the machine's own.
  const forwarded = first('x-forwarded-host');
  const settled = own.some((name) => names.has(bare(name))) || (isLoopback(forwarded) && !own.some(isLoopback));
  const schemes = [first('x-forwarded-proto'), scheme.toLowerCase()];
  for (const host of settled ? own : [...own, forwarded]) {
    for (const by of schemes) {
      if (origins.includes(`${by}://${host}`)) return `${by}://${host}${target}`;
    }
  }
  return `${schemes.find((by) => by === 'https' || by === 'http') ?? 'http'}://${own[0]}${target}`;
}

/** A host's name: without its port, and without the dot of the root. */
const bare = (authority) => authority.replace(/:\d+$/, '').replace(/\.$/, '');
const isLoopback = (host) => /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host);
