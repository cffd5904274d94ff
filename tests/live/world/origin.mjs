// An app of the test's own behind a Worker of the test's own: it says what arrives, and answers what the test wants.

import http from 'node:http';
import { once } from 'node:events';

/**
 * Starts an app on a free port.
 *
 * @param {(request: http.IncomingMessage, response: http.ServerResponse) => unknown} answer
 * @returns `url`, `server`, `seen` (every request: method, url, headers as pairs in lower case, `closed` when its connection ended early), `stop`
 */
export async function startOrigin(answer = (_, response) => response.end('here')) {
  const seen = [];
  const server = http.createServer({ maxHeaderSize: 256 * 1024 }, async (request, response) => {
    const { method, url, rawHeaders } = request;
    const headers = [];
    for (let index = 0; index < rawHeaders.length; index += 2) headers.push([rawHeaders[index].toLowerCase(), rawHeaders[index + 1]]);
    const entry = { method, url, headers, closed: false };
    seen.push(entry);
    request.on('error', () => {});
    response.on('error', () => {});
    response.on('close', () => (entry.closed = !response.writableFinished));
    try {
      await answer(request, response, entry);
    } catch (error) {
      response.destroy(error);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    host: `127.0.0.1:${server.address().port}`,
    server,
    seen,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The bytes of a body. */
export async function count(request) {
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  return bytes;
}
