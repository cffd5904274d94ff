// `Request` in, `Response` or "continue" out: Hono, Deno, JavaScript Workers, Vercel Routing Middleware, Lambda adapters.

import { Gate } from './core/gate.mjs';
import { Onward, edited } from './core/onward.mjs';

/**
 * A gate for hosts that speak `Request` and `Response`.
 */
export function createGate(config, options = {}) {
  const gate = new Gate(config, 'inside', options);

  async function decide(request, context = {}) {
    const { method, headers, signal } = request;
    const url = gate.url(request.url, headers);
    // The body is touched where it is sent on, and nowhere else.
    const outcome = await gate.decide({ method, url, headers, signal, get body() { return request.body; } }, context);
    if (!(outcome instanceof Onward)) return { action: 'respond', response: outcome };
    return { action: 'continue', request: forwarded(request, outcome), onward: outcome };
  }

  /** The app's response with what the gate has to say about it. */
  function apply(decision, response) {
    if (decision.action === 'respond') return decision.response;
    return edited(response, decision.onward.finish(response.status, response.headers));
  }

  return {
    decide,
    apply,
    /** Both around `next(request)`, the app. */
    async fetch(request, next, context) {
      const decision = await decide(request, context);
      return decision.action === 'respond' ? decision.response : apply(decision, await next(decision.request));
    },
  };
}

/** The request as the app is to see it. */
function forwarded(request, onward) {
  const init = { headers: onward.edited(request.headers) };
  if (onward.withBody || request.body === null) return new Request(request, init);
  return new Request(request.url, { ...init, method: request.method, signal: request.signal });
}
