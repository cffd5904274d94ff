// Who the visitor is, for the code that holds the data: server components, route handlers, server actions, API routes.
// The gate's decision in front is optimistic; this opens the cookie, the token or the gate's assertion once more.

import { Gate } from './core/gate.mjs';
import { parse } from './core/set-cookie.mjs';

const WHY = {
  none: 'nobody is signed in',
  expired: 'the session has ended',
  forbidden: 'the session does not meet the requirement',
  stripped: 'the gate in front removed the session and no assertion that verifies came in its place; set `session.to_origin = "cookie"`, or give gate and app one `assertion` with the same `audience` (one `secret` for both, or `key`: the private one to the gate, the public one to the app)',
  unavailable: 'the identity server gave no answer',
};
const STATUS = { none: 401, expired: 401, forbidden: 403, stripped: 500, unavailable: 503 };

/** What `requireSession` throws: `reason` as in the result of `getSession`, `status` for an HTTP answer. */
export class SessionError extends Error {
  constructor({ status: reason, code, loginUrl }) {
    super(`edgeward: ${WHY[reason]} (${code})`);
    this.name = 'SessionError';
    this.reason = reason;
    this.status = STATUS[reason];
    this.code = code;
    this.loginUrl = loginUrl;
  }
}

/**
 * The helpers of one config: `getSession`, `requireSession`, `seal`, `clear`.
 */
export function edgeward(config, options = {}) {
  const gate = new Gate(config, 'inside', { ...options, log: false });

  async function getSession(source, requirement) {
    const head = await about(gate, source);
    const { response, event, errors } = await gate.ask('session', requirement, head);
    return judged(response, event, head.headers, errors);
  }

  async function requireSession(source, requirement) {
    const result = await getSession(source, requirement);
    if (result.status !== 'session') throw new SessionError(result);
    return result.session;
  }

  async function written(kind, data, source) {
    const { response, errors } = await gate.ask(kind, data, await about(gate, source));
    if (response.status !== 200) throw new Error(`edgeward: ${await reasons(response, errors)}`);
    return response.headers.getSetCookie().map(parse);
  }

  return {
    getSession,
    requireSession,
    seal: (session, source) => written('seal', session, source),
    clear: (source) => written('clear', undefined, source),
  };
}

async function judged(response, event, headers, errors) {
  if (response.status === 200) return { status: 'session', session: await response.json() };
  if (response.status === 500) throw new Error(`edgeward: ${await reasons(response, errors)}`);
  const { login_url: loginUrl } = await response.json().catch(() => ({}));
  const code = event.session ?? event.code ?? 'gate.trapped';
  if (response.status === 403) return { status: 'forbidden', code: event.code, loginUrl };
  if (response.status === 401) {
    const stripped = [...headers.keys()].some((name) => name.startsWith('x-edgeward-'));
    return { status: stripped ? 'stripped' : ENDED.has(code) ? 'expired' : 'none', code, loginUrl };
  }
  return { status: 'unavailable', code, loginUrl };
}

const ENDED = new Set(['session.expired', 'session.not_before', 'session.tombstoned']);

async function reasons(response, errors) {
  const text = await response.text();
  if (errors) return `the config does not start a gate: ${errors.join('; ')}`;
  try {
    const list = JSON.parse(text);
    return Array.isArray(list) ? list.join('; ') : list.title;
  } catch {
    return `the gate answered ${response.status}`;
  }
}

/** URL and fields, from whatever the framework has at hand. */
async function about(gate, source) {
  const given = await source;
  const headers = fields(given);
  const url = gate.url(addressOf(given, headers) ?? `${gate.origin}/`, headers);
  return { url, headers };
}

function fields(source) {
  if (source === undefined || source === null) return new Headers();
  if (source instanceof Headers) return source;
  if (typeof source.getAll === 'function' && typeof source.append !== 'function') return cookies(source.getAll());
  if (typeof source.entries === 'function' && typeof source.get === 'function') return new Headers([...source.entries()]);
  if (source.headers) return source.headers instanceof Headers ? source.headers : incoming(source.headers);
  if (source.req?.headers) return incoming(source.req.headers);
  throw new TypeError('edgeward: the session is read from a Request, `await headers()`, `await cookies()` or Node\'s `req`; pass one of them.');
}

/** Node's `req.headers`. */
function incoming(table) {
  const headers = new Headers();
  for (const [name, value] of Object.entries(table)) {
    if (value === undefined || name.startsWith(':')) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  return headers;
}

const OCTETS = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;

/** `cookies()` of Next.js, which has decoded the values. */
function cookies(list) {
  const text = list.map(({ name, value }) => `${name}=${OCTETS.test(value) ? value : encodeURIComponent(value)}`).join('; ');
  return new Headers(text === '' ? {} : { cookie: text });
}

function addressOf(source, headers) {
  const url = source?.url ?? source?.req?.url;
  if (typeof url === 'string' && /^https?:/.test(url)) return url;
  const host = headers.get('host');
  return host ? `http://${host}/` : undefined;
}
