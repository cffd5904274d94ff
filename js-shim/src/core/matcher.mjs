// A matcher of Next.js decides whom the gate sees at all; one that lets a guarded path past is a hole without a noise.

const TUNNEL = ['/self-service/login/browser', '/self-service/logout', '/sessions/whoami', '/.edgeward/session', '/.edgeward/clear'];

/** Under a default that guards: pages, and what examples of matchers leave out although it may be a page or an API. */
const ANYWHERE = ['/any-page', '/any/page', '/favicon.icoX/settings', '/_next/imagefoo', '/api', '/api/any', '/trpc/any', '/any.json', '/any/page.html'];

/**
 * Throws where a matcher lets a guarded path, or one of the gate's own, past the gate. `matcher` is the list, or the one
 * text, that `middleware.ts` or `proxy.ts` exports.
 */
export function checkMatcher(config, matcher) {
  const patterns = (Array.isArray(matcher) ? matcher : [matcher]).map(pattern);
  const missed = wanted(config).filter((path) => !patterns.some((regex) => regex.test(path)));
  if (missed.length === 0) return;
  throw new Error(`edgeward: the matcher lets ${missed.map((path) => `\`${path}\``).join(', ')} past the gate; use \`'/:path*'\`, or \`'/((?!_next/static/|_next/image$|favicon\\\\.ico$).*)'\` with its anchors.`);
}

function wanted(config) {
  const paths = config.kratos ? [...TUNNEL] : config.session ? TUNNEL.slice(3) : [];
  const guarded = (require) => require !== 'public';
  if (guarded(config.default)) paths.push(...ANYWHERE);
  const pathsOf = (wanted) => (config.routes ?? []).filter(({ require }) => guarded(require) === wanted).flatMap(({ path }) => path);
  for (const path of pathsOf(true)) paths.push(...examples(path));
  const opened = pathsOf(false);
  return [...new Set(paths)].filter((path) => !opened.some((one) => pattern(one).test(path)));
}

/** Paths that a route's pattern stands for. */
function examples(path) {
  const one = path.replace(/:[A-Za-z0-9_]+[*+?]?/g, 'x');
  const none = path.replace(/\/:[A-Za-z0-9_]+[*?]/g, '') || '/';
  const many = path.replace(/:[A-Za-z0-9_]+[*+]/g, 'x/y');
  return path.includes(':') ? [...(/[*?]/.test(path) ? [none] : []), one, many] : [path];
}

/** Named parameters with `?`, `*`, `+`, and groups in parentheses: what Next.js documents. */
function pattern(source) {
  if (typeof source !== 'string' || !source.startsWith('/')) {
    throw new Error(`edgeward: the matcher \`${String(source?.source ?? source)}\` is no path; write one that begins with \`/\`.`);
  }
  const parts = { '': '/[^/]+', '?': '(?:/[^/]+)?', '*': '(?:/[^/]+)*', '+': '(?:/[^/]+)+' };
  let regex = '';
  for (const [token, name, modifier] of source.matchAll(/\/:([A-Za-z0-9_]+)([*+?]?)|(?:\((?:[^()]|\([^()]*\))*\))|[^(]/g)) {
    if (name !== undefined) regex += parts[modifier];
    else if (token.startsWith('(')) regex += token;
    else regex += token.replace(/[.*+?^${}|[\]\\]/, '\\$&');
  }
  return new RegExp(`^${regex}/?$`);
}
