// Where this app sends a browser: always a path of its own, never an address that somebody else wrote.

/**
 * The path and query of a URL that the identity server built, so that the browser stays on the origin that it is on.
 * `undefined` for anything that is no http(s) URL or would leave the origin (`//host` is another host to a browser).
 */
export function toPath(url) {
  if (typeof url !== 'string') return undefined;
  let parsed;
  try {
    parsed = new URL(url, 'http://origin.invalid');
  } catch {
    return undefined;
  }
  if (!/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password) return undefined;
  const path = parsed.pathname + parsed.search + parsed.hash;
  return /^\/(?!\/)/.test(path) ? path : undefined;
}

// What an init endpoint understands of a page's query; the rest stays here.
const KEPT = ['return_to', 'aal', 'refresh', 'login_challenge'];

/** Where a new flow of a kind begins, with what the visitor's query asks of it. */
export function initPath(kind, query = new URLSearchParams()) {
  const kept = new URLSearchParams();
  for (const name of KEPT) if (query.has(name)) kept.set(name, query.get(name));
  return `/self-service/${kind}/browser${kept.size ? `?${kept}` : ''}`;
}
