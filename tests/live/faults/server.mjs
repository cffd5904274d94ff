// A FAKE identity server for the live tests: it only has troubles. The real Kratos cannot be made to have them.
//
// Where a trouble has a body at all, the body says that the visitor has a session: a gate that reads it opens a door.

import http from 'node:http';
import { once } from 'node:events';

import { freePort } from '../world/http.mjs';

const SLOW_MS = 31_000;
const HUGE_BYTES = 5 * 1024 * 1024;

/** name → what happens to a request. `yes` is a whoami answer that is good in itself, as text. */
export const FAULTS = {
  slow: (response, yes) => {
    const timer = setTimeout(() => json(response, 200, yes), SLOW_MS);
    response.on('close', () => clearTimeout(timer));
  },
  /** The head and half of the body, and then nothing for as long. */
  slow_body: (response, yes) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(yes) });
    response.write(yes.slice(0, yes.length / 2));
    const timer = setTimeout(() => response.end(yes.slice(yes.length / 2)), SLOW_MS);
    response.on('close', () => clearTimeout(timer));
  },
  status_502: (response, yes) => plain(response, 502, 'text/html', `<h1>Bad gateway</h1>${yes}`),
  status_500: (response, yes) => json(response, 500, yes),
  status_429: (response, yes) => json(response, 429, yes, { 'retry-after': '7' }),
  html: (response, yes) => plain(response, 200, 'text/html', `<!doctype html><title>Please wait</title><p>${yes}`),
  json_as_html: (response, yes) => plain(response, 200, 'text/html', yes),
  empty: (response) => json(response, 200, ''),
  half_json: (response, yes) => json(response, 200, yes.slice(0, -20)),
  not_active: (response, yes) => json(response, 200, JSON.stringify({ ...JSON.parse(yes), active: false })),
  no_identity: (response, yes) => json(response, 200, JSON.stringify({ ...JSON.parse(yes), identity: undefined })),
  list: (response, yes) => json(response, 200, `[${yes}]`),
  huge: (response, yes) => json(response, 200, JSON.stringify({ ...JSON.parse(yes), padding: 'x'.repeat(HUGE_BYTES) })),
  reset_in_head: (response) => cut(response, 'HTTP/1.1 200 OK\r\nContent-Type: applica'),
  reset_in_body: (response, yes) => cut(response, `${start(yes.length)}${yes.slice(0, yes.length / 2)}`),
  length_too_long: (response, yes) => end(response, `${start(yes.length + 100)}${yes}`),
  length_too_short: (response, yes) => end(response, `${start(yes.length - 20)}${yes}`),
  no_http: (response) => end(response, 'SSH-2.0-OpenSSH_9.2\r\n'),
  redirect: (response) => {
    response.writeHead(302, { location: '/sessions/whoami?followed' });
    response.end();
  },
  redirect_loop: (response, _, url) => {
    response.writeHead(302, { location: url });
    response.end();
  },
};

/** No trouble: the visitor has a session. */
const WELL = 'well';

/**
 * Starts the fake on a free port.
 *
 * @param {string} yes a whoami answer of the real Kratos for the visitor in question
 * @returns `url`, `set(name)` for what happens from now on (`well` is no trouble; a request's own `?fault=` comes first), `seen` (target
 *   of every request), `methods` (its method), `stop`
 */
export async function startFaults(yes) {
  let fault = 'status_500';
  const [seen, methods] = [[], []];
  const server = http.createServer((request, response) => {
    seen.push(request.url);
    methods.push(request.method);
    request.on('error', () => {});
    response.on('error', () => {});
    request.resume();
    const own = /[?&]fault=([a-z_0-9]+)/.exec(request.url)?.[1] ?? fault;
    if (request.url.endsWith('?followed') || own === WELL) json(response, 200, yes);
    else FAULTS[own](response, yes, request.url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    methods,
    set: (name) => {
      if (name !== WELL && !Object.hasOwn(FAULTS, name)) throw new Error(`no fault ${name}`);
      fault = name;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An address that refuses connections. */
export const downUrl = async () => `http://127.0.0.1:${await freePort()}`;

const start = (length) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

function plain(response, status, type, body, headers = {}) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
}

const json = (response, status, body, headers) => plain(response, status, 'application/json', body, headers);

/** Bytes, then a reset. */
function cut(response, bytes) {
  response.socket.write(bytes, () => setTimeout(() => response.socket?.resetAndDestroy(), 20));
}

/** Bytes, then an orderly end. */
function end(response, bytes) {
  response.socket.end(bytes);
}
