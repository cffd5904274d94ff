// Where Ory is, by the incumbents' environment, and the config document that follows from it.

import { processEnv } from './secrets.mjs';

const NETWORK = /\.(projects\.oryapis\.com|ory\.dev)$/;

/**
 * The URL that requests are sent to. Apart from `NEXT_PUBLIC_ORY_SDK_URL`, which is where pages look: with one variable
 * for both, a self-hosted Kratos behind the app's own origin sends a production build in a circle.
 */
export function upstreamOf({ upstream }, env = processEnv()) {
  const found = upstream ?? env.ORY_KRATOS_URL ?? env.ORY_SDK_URL ?? env.NEXT_PUBLIC_ORY_SDK_URL;
  if (typeof found !== 'string' || found === '') {
    throw new Error('edgeward: nothing says where Ory is; set `ORY_KRATOS_URL` (or `ORY_SDK_URL`, or `NEXT_PUBLIC_ORY_SDK_URL`) to the URL of its public API, or pass `upstream`.');
  }
  return found.replace(/\/+$/, '');
}

const PAGES = ['login', 'registration', 'recovery', 'verification', 'settings', 'error'];

/** The pages that an `ory.config.ts` names, as far as they are paths of the app. */
function pages(project = {}) {
  const named = PAGES.map((page) => [page, project[`${page}_ui_url`]]);
  return Object.fromEntries(named.filter(([, url]) => typeof url === 'string' && url.startsWith('/')));
}

/**
 * The project's token, only where somebody named the app's origins: with it goes the address that the project writes into its mails, and
 * a request's own header must not choose that.
 */
function networkToken(url, origins, env) {
  if (!NETWORK.test(new URL(url).hostname) || !env.ORY_PROJECT_API_TOKEN || origins === undefined) return {};
  return { network_token: { env: 'ORY_PROJECT_API_TOKEN' } };
}

/** The document for one public origin; without `session` every route is public, and the gate is a tunnel only. */
export function documentOf(ory, options, origins, env = processEnv()) {
  const url = upstreamOf(options, env);
  const token = networkToken(url, options.publicOrigins, env);
  const kratos = { url, mounts: options.mounts ?? ['/'], ui: pages(ory?.project), ...token, ...options.kratos };
  const rest = { public_origins: origins, kratos };
  if (options.session === undefined) return { ...rest, default: 'public' };
  return {
    ...rest,
    default: options.default ?? 'public',
    ...(options.signedIn === undefined ? {} : { signed_in: options.signedIn }),
    session: { format: 'edgeward', ...options.session },
    routes: options.routes ?? [],
  };
}

/** The origin that a request came in on, as the incumbent sees it. */
export function originOf(url, headers) {
  const first = (name) => headers.get(name)?.split(',')[0].trim();
  const { protocol, host } = new URL(url);
  return `${first('x-forwarded-proto') ?? protocol.slice(0, -1)}://${(first('x-forwarded-host') ?? first('host') ?? host).toLowerCase()}`;
}

/** How many origins one process keeps a gate for, where the config names none. */
const ORIGINS = 8;

/** A newcomer takes the place of the gate that was asked least, and no more often than this. */
const MAKE_MS = 60_000;
const ORIGIN = /^https?:\/\/(\[[\da-f:.]+\]|[a-z\d.-]+)(:\d{1,5})?$/;

/**
 * A gate per origin, made when it is first visited: a tunnel seals nothing, so it may serve any name it is called by.
 * `undefined` for what is no origin, and for names that are made up faster than anybody moves house: the answer is 421.
 */
export function perOrigin(make, now = Date.now) {
  const made = new Map();
  let last = 0;
  return (origin) => {
    let known = made.get(origin);
    if (known === undefined) {
      if (!ORIGIN.test(origin)) return undefined;
      if (made.size >= ORIGINS) {
        if (now() - last < MAKE_MS) return undefined;
        made.delete(leastAsked(made));
      }
      last = now();
      known = { gate: make(origin), asked: 0 };
      made.set(origin, known);
    }
    known.asked += 1;
    return known.gate;
  };
}

function leastAsked(made) {
  const [[origin]] = [...made].sort(([, a], [, b]) => a.asked - b.asked);
  return origin;
}
