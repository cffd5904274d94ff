// What the tests of the gate ask an origin for. Served only with EDGEWARD_TEST_ORIGIN=1.
import { setTimeout as sleep } from 'node:timers/promises';

const MAX_WAIT_MS = 120_000;
const MAX_STREAM_BYTES = 1024 ** 3;
const CHUNK = Buffer.alloc(64 * 1024, 'edgeward ');

/** Answers `/test/…`; false when there is no such endpoint. */
export async function testEndpoint(request, response, url) {
  const endpoint = ENDPOINTS[url.pathname.slice('/test/'.length)];
  if (!endpoint || !Object.hasOwn(ENDPOINTS, url.pathname.slice('/test/'.length))) return false;
  await endpoint(request, response, url.searchParams);
  return true;
}

const ENDPOINTS = {
  /** What arrived: method, target, every header as it stood (the lock's value is kept back), length of the body. */
  async echo(request, response) {
    const headers = [];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      const [name, value] = request.rawHeaders.slice(index, index + 2);
      headers.push([name, name.toLowerCase() === 'x-edgeward-origin-lock' ? '(the lock)' : value]);
    }
    json(response, { method: request.method, url: request.url, headers, body: await count(request) });
  },

  /** Three cookies: a plain one, one whose date holds a comma, one that names this host. */
  async cookies(request, response) {
    await count(request);
    response.setHeader('Set-Cookie', [
      'test_plain=1; Path=/',
      'test_dated=a%20b; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
      `test_domain=3; Domain=${request.socket.localAddress}; Path=/`,
    ]);
    json(response, { set: 3 });
  },

  /** An absolute address of this host, as careless apps write it. `?status=` chooses the status. */
  async redirect(request, response, query) {
    await count(request);
    const { localAddress, localPort } = request.socket;
    const status = Number(query.get('status') ?? 302);
    response.writeHead(status >= 300 && status < 400 ? status : 302, { location: `http://${localAddress}:${localPort}/test/echo?from=redirect` });
    response.end();
  },

  /** Answers after `?ms=`. */
  async slow(request, response, query) {
    await count(request);
    const ms = number(query, 'ms', MAX_WAIT_MS);
    await sleep(ms);
    json(response, { waited: ms });
  },

  /** `?bytes=` in chunks without a length, no faster than they are read; `?ms=` waits after the first chunk. */
  async stream(request, response, query) {
    await count(request);
    let left = number(query, 'bytes', MAX_STREAM_BYTES);
    const wait = number(query, 'ms', MAX_WAIT_MS);
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
    for (let first = true; left > 0 && !response.destroyed; first = false) {
      const chunk = CHUNK.subarray(0, Math.min(left, CHUNK.length));
      left -= chunk.length;
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
      if (first && wait) await sleep(wait);
    }
    response.end();
  },

  /** Reads a body of any size without keeping it. */
  async sink(request, response) {
    json(response, { method: request.method, bytes: await count(request) });
  },
};

async function count(request) {
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  return bytes;
}

function number(query, name, limit) {
  const value = Number(query.get(name) ?? 0);
  return Number.isInteger(value) && value >= 0 ? Math.min(value, limit) : 0;
}

function json(response, body) {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
