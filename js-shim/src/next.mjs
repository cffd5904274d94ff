// Next.js: `middleware.ts` in the edge runtime, `proxy.ts` in Node.

import { Gate } from './core/gate.mjs';
import { Onward } from './core/onward.mjs';

const OVERRIDES = 'x-middleware-override-headers';
const FIELD = 'x-middleware-request-';

/**
 * The default export of `middleware.ts` or `proxy.ts`.
 */
export function edgeward(config, options = {}) {
  const gate = new Gate(config, 'next', options);

  async function decide(request, event) {
    const { method, headers, signal } = request;
    const url = gate.url(request.url, headers);
    const waitUntil = event?.waitUntil ? (promise) => event.waitUntil(promise) : undefined;
    const outcome = await gate.decide({ method, url, headers, signal, get body() { return request.body; } }, { waitUntil });
    if (!(outcome instanceof Onward)) return { action: 'respond', response: absolute(outcome, request.url) };
    if (outcome.isLoaded(method, headers)) return { action: 'respond', response: outcome.refused() };
    return { action: 'continue', headers: outcome.edited(headers), request, onward: outcome };
  }

  /** Any other middleware's response with the gate's edits, of the request that the app sees and of the response. */
  function apply(decision, response = new Response(null, { headers: { 'x-middleware-next': '1' } })) {
    if (decision.action === 'respond') return decision.response;
    const { onward, request } = decision;
    const { append } = onward.finish(response.status, response.headers);
    const headers = new Headers(response.headers);
    for (const [name, value] of append) headers.append(name, value);
    if (goesOn(headers)) override(headers, onward, request);
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  }

  async function handler(request, event) {
    return apply(await decide(request, event));
  }
  return Object.assign(handler, { decide, apply });
}

const goesOn = (headers) => headers.has('x-middleware-next') || headers.has('x-middleware-rewrite');

/** The request's fields as another middleware left them, with ours: Next.js drops every field that is not listed. */
function override(headers, onward, request) {
  const listed = headers.get(OVERRIDES);
  const before = new Headers(listed === null ? request.headers : undefined);
  for (const name of listed?.split(',') ?? []) {
    const value = headers.get(FIELD + name.trim());
    if (value !== null) before.set(name.trim(), value);
  }
  const names = [...headers.keys()].filter((name) => name.startsWith(FIELD));
  for (const name of names) headers.delete(name);
  const after = onward.edited(before);
  headers.set(OVERRIDES, [...after.keys()].join(','));
  after.forEach((value, name) => headers.set(FIELD + name, value));
}

/** Next.js refuses a relative `Location`, and makes one on the request's own host relative again. */
function absolute(response, url) {
  const location = response.headers.get('location');
  if (location === null || !location.startsWith('/')) return response;
  const headers = new Headers(response.headers);
  headers.set('location', new URL(location, url).href);
  return new Response(response.body, { status: response.status, headers });
}
