// The same small app in every runtime: what comes in, what goes on, what goes out. Two gates, by the host that is visited:
// one with a session of the app's own, one with the identity server behind it.
import { createGate } from 'edgeward/fetch';

/** @param documents by host */
export function handler(documents, options) {
  const gates = Object.fromEntries(Object.entries(documents).map(([host, document]) => [host, createGate(document, { log: false, ...options })]));
  const app = (request) => Response.json({ cookie: request.headers.get('cookie'), spoofed: request.headers.get('x-edgeward-user') }, { headers: { 'cache-control': 'public, s-maxage=60' } });
  return (request, context) => gates[new URL(request.url).hostname].fetch(request, app, context);
}
