import { createGate } from 'edgeward/fetch';
import { edgeward } from 'edgeward/server';

const document = (origin) => ({
  public_origins: [origin],
  default: 'session',
  sign_in: '/login',
  signed_in: '/notes',
  session: { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }], roles: '/roles', to_client: ['/name'] },
  routes: [
    { path: '/', require: 'public' },
    { path: '/login', require: 'guest' },
    { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } },
    { path: '/api/:path*', require: 'session', on_unauthenticated: '401' },
  ],
});

let made;

/** The gate and its helpers, built when the first request brings the bindings. */
export function gateOf(env) {
  const config = document(env.APP_ORIGIN);
  made ??= { gate: createGate(config, { log: true }), server: edgeward(config, { env }) };
  return made;
}

/** The gate as a middleware of Hono. */
export async function gated(c, next) {
  const { gate } = gateOf(c.env);
  const context = { env: c.env, waitUntil: (promise) => c.executionCtx.waitUntil(promise) };
  const decision = await gate.decide(c.req.raw, context);
  if (decision.action === 'respond') return decision.response;
  // What the app reads from here on is what was judged.
  c.req.raw = decision.request;
  await next();
  c.res = gate.apply(decision, c.res);
}
