// In place of `createOryMiddleware` of `@ory/nextjs/middleware`: the tunnel to Ory under the app's own origin, and, where
// `session` is given, routes that need a session.

import { apply } from './core/apply.mjs';
import { documentOf, originOf, perOrigin, upstreamOf } from './core/ory.mjs';
import { edgeward } from './next.mjs';

/**
 * @param ory the app's `ory.config.ts`
 * @param options `{ upstream, publicOrigins, routes, default, session, kratos, env, log }`
 */
export function createOryMiddleware(ory = {}, options = {}) {
  const { env, log, publicOrigins } = options;
  if (options.session !== undefined && publicOrigins === undefined) {
    throw new Error('edgeward: `session` needs `publicOrigins`, the exact origins of the app: a session is for one of them, and no header may choose which.');
  }
  if (options.routes !== undefined && options.session === undefined) {
    throw new Error('edgeward: `routes` need `session: { secrets: [{ env: "SESSION_SECRET" }] }`; without it the middleware is a tunnel only.');
  }
  upstreamOf(options, env);
  const make = (origins) => edgeward(documentOf(ory, options, origins, env), { env, log });
  const fixed = publicOrigins === undefined ? undefined : make(publicOrigins);
  const gates = perOrigin((origin) => make([origin]));
  const gateFor = (request) => fixed ?? gates(originOf(request.url, request.headers));
  const misdirected = () => new Response(null, { status: 421, headers: { 'cache-control': 'private, no-store' } });
  const middleware = async (request, event) => gateFor(request)?.(request, event) ?? misdirected();
  return Object.assign(middleware, {
    decide: async (request, event) => gateFor(request)?.decide(request, event) ?? { action: 'respond', response: misdirected() },
    apply,
  });
}
