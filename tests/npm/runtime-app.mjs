// The same small app in every runtime: what comes in, what goes on, what goes out.
import { createGate } from 'edgeward/fetch';

export function handler(document, options) {
  const gate = createGate(document, { log: false, ...options });
  const app = (request) => Response.json({ cookie: request.headers.get('cookie'), spoofed: request.headers.get('x-edgeward-user') }, { headers: { 'cache-control': 'public, s-maxage=60' } });
  return (request, context) => gate.fetch(request, app, context);
}
