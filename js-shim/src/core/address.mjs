// The URL that the visitor has in the address bar, as far as the configured origins know it.

const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)/i;

/**
 * The URL to judge. What the request says of its host and scheme only selects among the configured origins; where none is
 * selected, the host as it stands is judged and refused by the gate.
 */
export function publicUrl(origins, url, headers) {
  const [, scheme, authority, rest] = PARTS.exec(url) ?? ['', 'http', '', url];
  const first = (name) => headers.get(name)?.split(',')[0].trim().toLowerCase() ?? '';
  const host = first('host') || authority.toLowerCase();
  const own = [host, authority.toLowerCase()];
  // What the app itself will route by comes first: a forwarded name counts only where the request's own is no origin of
  // ours, and never makes a request from elsewhere one of the machine's own.
  const known = (name) => origins.some((origin) => origin.endsWith(`://${name}`));
  const forwarded = first('x-forwarded-host');
  const hosts = own.some(known) || (isLoopback(forwarded) && !own.some(isLoopback)) ? own : [...own, forwarded];
  const schemes = [first('x-forwarded-proto'), scheme.toLowerCase()];
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  for (const named of hosts) {
    for (const by of schemes) {
      if (named !== '' && origins.includes(`${by}://${named}`)) return `${by}://${named}${target}`;
    }
  }
  return `${schemes.find((by) => by === 'https' || by === 'http') ?? 'http'}://${host}${target}`;
}

const isLoopback = (host) => /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])(:\d+)?$/.test(host);
