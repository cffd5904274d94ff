// Next.js: `middleware.ts` in the edge runtime, `proxy.ts` in Node.

import { apply } from './core/apply.mjs';
import { Gate } from './core/gate.mjs';
import { Onward } from './core/onward.mjs';

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

  async function handler(request, event) {
    return apply(await decide(request, event));
  }
  return Object.assign(handler, { decide, apply });
}

/** Next.js refuses a relative `Location`, and makes one on the request's own host relative again. */
function absolute(response, url) {
  const location = response.headers.get('location');
  if (location === null || !location.startsWith('/')) return response;
  const headers = new Headers(response.headers);
  headers.set('location', new URL(location, url).href);
  return new Response(response.body, { status: response.status, headers });
}
