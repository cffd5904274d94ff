// The app and the identity server of the tests, in this process: they say what reached them.

import http from 'node:http';
import { once } from 'node:events';

/**
 * Starts a server; `answer(request, response, body)` may be async, `body` reads the request's.
 *
 * @returns its URL, every request that came in, and `stop`
 */
export async function upstream(answer) {
  const seen = [];
  const server = http.createServer(async (request, response) => {
    const entry = { method: request.method, url: request.url, headers: request.headers, raw: request.rawHeaders, aborted: false };
    seen.push(entry);
    request.on('error', () => {});
    response.on('close', () => {
      entry.aborted = !response.writableFinished;
    });
    const body = async () => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    try {
      await answer(request, response, body, entry);
    } catch (error) {
      if (!response.destroyed) response.destroy(error);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    server,
    seen,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The value of a cookie in a request. */
export function cookie(request, name) {
  const pairs = (request.headers.cookie ?? '').split('; ').map((pair) => pair.split('='));
  return pairs.find(([known]) => known === name)?.[1];
}
