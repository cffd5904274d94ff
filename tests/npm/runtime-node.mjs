// The app of `runtime-app.mjs` as a middleware of Node's own server has it.
import { createServer } from 'node:http';

import { edgeward } from 'edgeward/node';
import { edgeward as server } from 'edgeward/server';

export function listen(documents, port) {
  const gates = Object.fromEntries(Object.entries(documents).map(([host, document]) => [host, edgeward(document, { log: true })]));
  const servers = Object.fromEntries(Object.entries(documents).map(([host, document]) => [host, server(document)]));
  createServer((req, res) => {
    const host = req.headers.host.split(':')[0];
    if (host === 'behind.localhost') return void app(req, res, servers[host]);
    gates[host](req, res, (error) => (error ? res.writeHead(500).end(String(error)) : app(req, res, servers[host]).catch((fault) => res.destroy(fault))));
  }).listen(port, '127.0.0.1');
}

async function app(req, res, { getSession, clear }) {
  const { pathname, searchParams } = new URL(req.url, 'http://localhost');
  const { session } = pathname === '/about' ? {} : await getSession(req);
  let body = 0;
  for await (const chunk of req) body += chunk.length;
  if (searchParams.has('slow')) await new Promise((resolve) => setTimeout(resolve, 300));
  const cookies = pathname === '/sign-out' ? (await clear(req)).map(String) : searchParams.has('own') ? ['__Host-edgeward=own; Path=/; Secure'] : [];
  const headers = { 'content-type': 'application/json', 'cache-control': 'public, s-maxage=60', 'cdn-cache-control': 'max-age=60' };
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  if (searchParams.get('trap') === 'head') headers['x-trap'] = 'edgeward-test-trap';
  res.writeHead(200, headers).end(JSON.stringify({ who: session?.sub, cookie: req.headers.cookie ?? null, spoofed: req.headers['x-edgeward-user'] ?? null, body }));
}
