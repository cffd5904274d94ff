// The Worker in front of an origin, and visitors with sessions of the own format.

import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';

import { build, workerd } from '../worker/support/workerd.mjs';
import { alone, debug, hostsOf, pagesOf, routesOf, session as ofOurs } from './rules.mjs';
import { bytes, send, served } from './wire.mjs';

const COOKIE = '__Host-edgeward';
const fresh = () => randomBytes(32).toString('base64url');
const SESSION_SECRET = fresh();
const DEBUG_SECRET = fresh();
/** For a gate that runs inside its app. */
export const SECRETS = { SESSION_SECRET, DEBUG_SECRET };

/** The Worker's vars and secrets. */
export const bindings = (origins, { secrets = {}, session = { to_origin: 'none' }, ...config }) => ({
  SESSION_SECRET,
  DEBUG_SECRET,
  ...secrets,
  EDGEWARD: {
    public_origins: origins,
    default: 'public',
    session: { ...ofOurs, ...session },
    debug,
    ...config,
  },
});

/**
 * Starts the Worker under some hosts, or whole origins; `config` is the document's, with the `secrets` that it refers to.
 *
 * @returns `port`, `stop` and `visitor(host, roles, sub)`: what a visitor gets who sends a target, by GET and without further fields or else;
 *   without `roles` it is nobody
 */
export async function startWorker(hosts, { secrets, session, ...config }) {
  const worker = await workerd(build('WORKER_DIR'), (url) => {
    const origins = hosts.map((host) => (host.includes('://') ? host : `http://${host}:${new URL(url).port}`));
    return bindings(origins, { secrets, session, ...config });
  });
  const visitor = (host, roles, sub) => visiting(worker.port, `${host}:${worker.port}`, roles, sub);
  return { visitor, stop: () => worker.stop(), port: worker.port };
}

/** Starts the Worker with the rules of `rules.mjs` in front of an origin; an origin with the gate inside has it already. */
export async function startGate(name, origin, { router = 'any', locales = [] } = {}) {
  if (origin.inside) return rights(name, (host, roles) => visiting(origin.port, host, roles), () => {});
  const { visitor, stop } = await startWorker(hostsOf(name), {
    origin: { url: `http://127.0.0.1:${origin.port}` },
    router,
    ...(locales.length > 0 ? { locales } : {}),
    routes: routesOf(name),
  });
  return rights(name, visitor, stop);
}

const rights = (name, visitor, stop) => {
  const all = pagesOf(name);
  return {
    stop,
    /** Holds every right. */
    everything: visitor('localhost', all),
    /** Holds every right but one. */
    lacking: (page) => visitor('localhost', all.filter((other) => other !== page)),
    /** Nobody, where every page asks for a right. */
    nobody: visitor('localhost'),
    /** Nobody, where one page alone asks for anything. */
    only: (page) => visitor(alone(name, page)),
    /** Where the rule of a page stands on `localhost`. */
    place: (page) => `routes[${all.length + all.indexOf(page)}]`,
  };
};

/** What a visitor gets at a port who names this host; `roles` are those of its session. */
function visiting(port, host, roles, sub) {
  const cookie = roles && seal(`http://${host}`, roles, sub);
  const fields = [`Host: ${host}`, `X-Edgeward-Debug: ${DEBUG_SECRET}`, ...(cookie ? [`Cookie: ${COOKIE}=${cookie}`] : [])];
  return async (target, { method = 'GET', headers = ['Accept: text/html'] } = {}) => {
    const answer = await send(port, bytes(method, target, [...fields, ...headers]));
    const { rules = [], code } = trace(answer) ?? {};
    return { status: Number(answer.split(' ')[1]), page: served(answer), rules, code, answer };
  };
}

/** What the debug header says. */
function trace(answer) {
  const line = /\r\nx-edgeward-trace: ([^\r]*)\r\n/i.exec(answer);
  return line && JSON.parse(line[1]);
}

/** A session as the gate seals it (docs/contract.md). */
export function seal(aud, roles, sub = 'ann') {
  const derived = (info, length) => Buffer.from(hkdfSync('sha256', SESSION_SECRET, '', info, length));
  const kid = derived('edgeward kid v1', 8).toString('base64url');
  const header = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', typ: 'edgeward-session+jwt', kid })).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { aud, sub, sid: randomBytes(16).toString('base64url'), src: 'own', born: now, iat: now, exp: now + 3_600, auth_time: now, roles };
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', derived(`edgeward session v1|${COOKIE}`, 32), iv).setAAD(Buffer.from(header));
  const text = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()]);
  return [header, '', iv.toString('base64url'), text.toString('base64url'), cipher.getAuthTag().toString('base64url')].join('.');
}
