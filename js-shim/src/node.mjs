// `(req, res, next)`: Express, Connect, a custom Next.js server, plain `node:http`.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { Gate } from './core/gate.mjs';
import { Onward } from './core/onward.mjs';

/**
 * A gate as a middleware of Node's own HTTP server.
 */
export function edgeward(config, options = {}) {
  const address = options.clientAddress ?? ((req) => req.socket?.remoteAddress);
  const gate = new Gate(config, 'inside', { ...options, clientAddress: (request) => address(request.req) });
  return function gated(req, res, next) {
    run(gate, req, res).then((goes) => goes && next(), (error) => failed(res, next, error));
  };
}

/** Nothing was decided, so the app does not run: a `next` without a parameter would run it all the same. */
function failed(res, next, error) {
  if (next.length > 0) return next(error);
  if (res.headersSent) return res.destroy();
  return res.writeHead(503, PLAIN).end();
}

const PLAIN = { 'cache-control': 'private, no-store' };

/** Whether the request goes on to the app. */
async function run(gate, req, res) {
  const target = req.originalUrl ?? req.url;
  // What a router makes of any other form is not what was judged (semantics 2.1).
  if (!target.startsWith('/') || target.includes('#')) return void res.writeHead(400, PLAIN).end();
  const headers = fields(req.rawHeaders);
  const scheme = req.socket?.encrypted ? 'https' : 'http';
  // HTTP/2 names the host beside the fields; two names are none (RFC 9113 section 8.3.1).
  const host = headers.get('host') ?? req.authority ?? '';
  if (req.authority && req.authority !== host) return void res.writeHead(400, PLAIN).end();
  const url = gate.url(`${scheme}://${host}${target}`, headers);
  const left = new AbortController();
  res.once('close', () => left.abort());
  const outcome = await gate.decide({ method: req.method, url, headers, req, signal: left.signal, get body() { return bodyOf(req); } }, {});
  if (res.destroyed || res.writableEnded) return false;
  if (!(outcome instanceof Onward)) return void (await send(res, outcome));
  if (outcome.isLoaded(req.method, headers, req.stream?.endAfterHeaders === false)) return void (await send(res, outcome.refused()));
  see(req, outcome.edited(headers));
  judge(res, outcome);
  return true;
}

/** Fields as they came, each on its own; those of HTTP/2 that are no header fields are left out. */
function fields(raw) {
  const headers = new Headers();
  for (let at = 0; at < raw.length; at += 2) {
    if (!raw[at].startsWith(':')) headers.append(raw[at], raw[at + 1]);
  }
  return headers;
}

const bodyOf = (req) => (['GET', 'HEAD'].includes(req.method) ? null : Readable.toWeb(req));

/** The request's fields become those that the app is to see. */
function see(req, headers) {
  const known = new Set([...headers.keys()]);
  for (const name of Object.keys(req.headers)) if (!known.has(name) && !name.startsWith(':')) delete req.headers[name];
  const raw = req.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 && name.startsWith(':') ? [name, all[at + 1]] : []));
  headers.forEach((value, name) => {
    req.headers[name] = value;
    raw.push(name, value);
  });
  req.rawHeaders.splice(0, req.rawHeaders.length, ...raw);
}

/** Waits for the app's response head, and edits it before it goes out. */
function judge(res, onward) {
  const { writeHead, end } = res;
  let edits;
  // Node writes the head from within these. It is written before they begin, by the outermost `writeHead`: other middlewares add
  // fields in theirs, and what the gate has to say holds for those, too.
  for (const name of ['write', 'end', 'flushHeaders']) {
    const original = res[name];
    res[name] = function held(...given) {
      if (!res.headersSent && !edits) {
        if (name === 'end') stateLength(res, given);
        res.writeHead(res.statusCode);
        if (edits?.failure) return name === 'write' || res;
      }
      return original.apply(this, given);
    };
  }
  res.writeHead = function judged(status, ...rest) {
    if (status < 200 && status !== 101) return writeHead.call(this, status, ...rest);
    res.writeHead = writeHead;
    const reason = typeof rest[0] === 'string' ? rest.shift() : undefined;
    merge(res, rest[0]);
    edits = onward.finish(status, outgoing(res));
    if (edits.failure) return instead(res, edits.failure, { writeHead, end });
    for (const name of edits.remove) res.removeHeader(name);
    for (const [name, value] of edits.append) res.appendHeader(name, value);
    return edits.status === status && reason !== undefined ? writeHead.call(this, status, reason) : writeHead.call(this, edits.status);
  };
}

/** The length of a body that comes in one piece, which Node states only where it writes head and body at once. */
function stateLength(res, [chunk, encoding]) {
  const bodiless = res.req.method === 'HEAD' || [204, 304].includes(res.statusCode);
  if (bodiless || res.stream || ['content-length', 'transfer-encoding', 'trailer'].some((name) => res.hasHeader(name))) return;
  const text = typeof chunk === 'string';
  const bytes = text ? Buffer.byteLength(chunk, typeof encoding === 'string' ? encoding : 'utf8') : (chunk?.byteLength ?? 0);
  res.setHeader('Content-Length', bytes);
}

/** What `writeHead` was given besides what was set before. */
function merge(res, given) {
  if (given === undefined || given === null) return;
  const pairs = Array.isArray(given) ? paired(given) : Object.entries(given);
  const before = new Set();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (before.has(lower)) res.appendHeader(name, value);
    else res.setHeader(name, value);
    before.add(lower);
  }
}

function paired(list) {
  if (Array.isArray(list[0])) return list;
  return Array.from({ length: list.length / 2 }, (_, at) => [list[at * 2], list[at * 2 + 1]]);
}

function outgoing(res) {
  const headers = new Headers();
  for (const [name, value] of Object.entries(res.getHeaders())) {
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, String(one));
  }
  return headers;
}

/** The fail mode's answer goes out in place of the app's, whose body is dropped. */
function instead(res, failure, { writeHead, end }) {
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  Object.assign(res, { write: () => true, end: () => res, flushHeaders: () => {}, writeHead: () => res });
  failure.text().then((text) => {
    writeHead.call(res, failure.status, listed(failure.headers));
    end.call(res, text);
  });
  return res;
}

function listed(headers) {
  const list = {};
  headers.forEach((value, name) => {
    if (name !== 'set-cookie') list[name] = value;
  });
  const cookies = headers.getSetCookie();
  return cookies.length === 0 ? list : { ...list, 'set-cookie': cookies };
}

async function send(res, response) {
  res.writeHead(response.status, listed(response.headers));
  if (response.body === null) return void res.end();
  // A visitor who leaves, or an upstream that breaks off: the connection says so.
  return pipeline(Readable.fromWeb(response.body), res).catch(() => {});
}
