// Stands between a gate and the real Kratos: counts what arrives, and can hold an answer back or lose it.

import http from 'node:http';
import { once } from 'node:events';

/**
 * Starts it.
 *
 * @param {string} target the identity server
 * @returns `url`, `seen` (method, path and headers of every request, the `Set-Cookie` lines of its answer, and whether its
 *   connection ended early), `count(path)`,
 *   `on(before)` (awaited with each request; `false` means that there is no answer), `stop`
 */
export async function startRelay(target) {
  const { port } = new URL(target);
  const seen = [];
  let before = () => {};
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer(async (request, response) => {
    const entry = { method: request.method, path: request.url.split('?')[0], headers: request.headers, aborted: false };
    seen.push(entry);
    response.on('close', () => (entry.aborted = !response.writableFinished));
    for (const stream of [request, response]) stream.on('error', () => {});
    if ((await before(entry, seen.length)) === false || response.destroyed) return;
    const up = http.request({ host: '127.0.0.1', port, agent, method: request.method, path: request.url, headers: request.headers }, (answer) => {
      entry.cookies = answer.headers['set-cookie'] ?? [];
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    up.on('error', () => response.destroy());
    request.pipe(up);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    count: (path = '/sessions/whoami') => seen.filter((entry) => entry.path === path).length,
    on: (act = () => {}) => (before = act),
    stop: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}
