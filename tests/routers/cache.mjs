// A small shared cache as operators have them, in front of a server or between two (RFC 9111), and a careless one: it keeps whatever
// it is not told to drop, and it looks at no `Vary`. With `targeted` it is a CDN that puts `CDN-Cache-Control` above `Cache-Control`
// (RFC 9213).

import http from 'node:http';
import { once } from 'node:events';

const directives = (value = '') => new Map(value.toLowerCase().split(',').map((part) => part.trim().split('=')).map(([name, argument]) => [name, argument]));

/** Whether a response may be kept for others, to the cache's own mind. */
function keeps(headers, targeted) {
  const field = (targeted && (headers['cdn-cache-control'] ?? headers['surrogate-control'])) || headers['cache-control'];
  const said = directives(Array.isArray(field) ? field.join(',') : field);
  if (['no-store', 'private', 'no-cache'].some((name) => said.has(name))) return false;
  // With no word about freshness it guesses (RFC 9111 section 4.2.2).
  return Number(said.get('s-maxage') ?? said.get('max-age') ?? 60) > 0;
}

/**
 * Starts one on a free port.
 *
 * @param {() => number} upstream the port of the server behind it
 * @returns its `port`, `hits` so far, `clear` and `stop`
 */
export async function startCache(upstream, { targeted = false } = {}) {
  const kept = new Map();
  const state = { hits: 0, clear: () => kept.clear() };
  const server = http.createServer((request, response) => {
    const asked = directives(request.headers['cache-control']);
    const key = `${request.method} ${request.headers.host} ${request.url}`;
    const known = ['GET', 'HEAD'].includes(request.method) && !asked.has('no-cache') && !asked.has('no-store') && kept.get(key);
    if (known) {
      state.hits += 1;
      return response.writeHead(known.status, known.headers).end(known.body);
    }
    if (asked.has('only-if-cached')) return response.writeHead(504).end();
    const onward = http.request({ host: '127.0.0.1', port: upstream(), method: request.method, path: request.url, headers: request.headers }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const entry = { status: answer.statusCode, headers: answer.rawHeaders, body: Buffer.concat(chunks) };
      if (request.method === 'GET' && !asked.has('no-store') && keeps(answer.headers, targeted)) kept.set(key, entry);
      response.writeHead(entry.status, entry.headers).end(entry.body);
    });
    onward.on('error', () => response.destroy());
    return request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(state, {
    port: server.address().port,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}
