// The same small app in every runtime: what comes in, what goes on, what goes out. One gate for each host that is visited.
import { createGate } from 'edgeward/fetch';
import { edgeward } from 'edgeward/server';

/** @param documents by host */
export function handler(documents, options = {}) {
  const gates = Object.fromEntries(Object.entries(documents).map(([host, document]) => [host, createGate(document, { log: true, ...options })]));
  const servers = {};
  return (request, context = {}) => {
    const { hostname: host } = new URL(request.url);
    // A Worker's secrets come with the first request.
    const server = (servers[host] ??= edgeward(documents[host], { env: context.env ?? options.env }));
    if (host === 'behind.localhost') return app(request, server);
    return gates[host].fetch(request, (seen) => app(seen, server), context);
  };
}

async function app(request, { getSession, clear }) {
  const { pathname, searchParams } = new URL(request.url);
  const { session } = pathname === '/about' ? {} : await getSession(request);
  const given = { who: session?.sub, cookie: request.headers.get('cookie'), spoofed: request.headers.get('x-edgeward-user'), body: (await request.text()).length };
  if (searchParams.has('slow')) await new Promise((resolve) => setTimeout(resolve, 300));
  const response = Response.json(given, { headers: { 'cache-control': 'public, s-maxage=60', 'cdn-cache-control': 'max-age=60' } });
  if (pathname === '/sign-out') for (const line of await clear(request)) response.headers.append('set-cookie', String(line));
  if (searchParams.has('own')) response.headers.append('set-cookie', '__Host-edgeward=own; Path=/; Secure');
  if (searchParams.get('trap') === 'head') response.headers.set('x-trap', 'edgeward-test-trap');
  return response;
}
