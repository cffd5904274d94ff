// Between the gate and the app: what the app is told about the visitor, and what of its answers the visitor gets
// (semantics 4.2-4.4, 8; design section 3, step 7). Some with the demo's origin, some with an app of the test's own.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { verifyAssertion, deriveKey } from '../../examples/cloudflare/origin/assertion.mjs';
import { ask, open } from '../live/world/http.mjs';
import { count, startOrigin } from '../live/world/origin.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { APP_PORT, COPY, HOST, KRATOS_SESSION, ORIGIN, TOMBSTONE, given } from '../live/world/world.mjs';

const MB = 1024 * 1024;
const BIG = 30 * MB;
/** More than the buffers of three sockets on loopback hold. */
const HUGE = 100 * MB;
const FORGED = 'forged-by-a-client';

let ann;
let app;
let worker;
let answer;

before(async () => {
  ann = await new Visitor().register();
  app = await startOrigin((request, response, entry) => answer(request, response, entry));
  // The server's own host, told apart from the gate's by name, as a careless app would write it.
  app.server.on('upgrade', upgraded);
  worker = await startWorker((config) => {
    config.origin.url = app.url.replace('127.0.0.1', 'localhost');
    config.routes.unshift({ path: '/open/:path*', require: 'optional' });
  });
});
beforeEach(() => {
  answer = (_, response) => response.end('here');
  app.seen.length = 0;
});
after(async () => {
  await worker?.stop();
  app?.stop();
});

const mine = (options = {}) => ({ ...options, port: worker.port, keep: false });

/** What the app saw of the last request, every value of a name. */
const values = (name) => app.seen.at(-1).headers.filter(([header]) => header === name).map(([, value]) => value);

const HEADERS = [
  'X-Edgeward-Assertion', 'x-edgeward-assertion', 'X-EDGEWARD-ASSERTION', 'x_edgeward_assertion', 'X_Edgeward-Assertion', 'x-edgeward_assertion',
  'X-Edgeward-Origin-Lock', 'x_edgeward_origin_lock', 'X-Edgeward_Origin-Lock', 'X-Edgeward-User', 'x_edgeward_roles', 'X-Edgeward-',
];

for (const path of ['/', '/open/page', '/test/echo']) {
  for (const header of HEADERS) {
    test(`${path}: ${header} of a client never arrives`, async () => {
      const got = await ann.api(path, mine({ headers: [[header, FORGED], [header, `${FORGED} again`]] }));
      assert.equal(got.status, 200);
      const names = app.seen.at(-1).headers.filter(([name]) => name.replaceAll('_', '-').startsWith('x-edgeward-'));
      assert.ok(names.every(([, value]) => !value.includes(FORGED)), JSON.stringify(names));
      assert.deepEqual(values('x-edgeward-origin-lock'), [given('ORIGIN_LOCK')], 'the lock is ours, once');
      assert.equal(values('x-edgeward-assertion').length, path === '/' ? 0 : 1, 'a public page gets no word about the visitor');
    });
  }
}

test('what `Connection` names does not take ours away, and hop-by-hop fields end here', async () => {
  const named = 'X-Edgeward-Assertion, x-edgeward-origin-lock, Cookie, X-Forwarded-Host, X-Private, close';
  await ann.api('/test/echo', mine({ headers: [['Connection', named], ['X-Private', FORGED], ['Proxy-Authorization', FORGED], ['TE', 'trailers'], ['Keep-Alive', FORGED]] }));
  assert.deepEqual(values('x-edgeward-origin-lock'), [given('ORIGIN_LOCK')]);
  assert.equal(values('x-edgeward-assertion').length, 1);
  for (const name of ['x-private', 'proxy-authorization', 'keep-alive']) assert.deepEqual(values(name), [], name);
});

test('the assertion is good for one minute, for this app, about this visitor', async () => {
  await ann.api('/test/echo', mine());
  const now = Math.floor(Date.now() / 1000);
  const key = deriveKey(given('ASSERTION_SECRET'));
  const claims = verifyAssertion(values('x-edgeward-assertion')[0], { key, audience: 'origin.example.com', now });
  assert.equal(claims.sub, ann.identity);
  assert.ok(claims.exp - claims.iat <= 60);
  assert.throws(() => verifyAssertion(values('x-edgeward-assertion')[0], { key, audience: 'another', now }));
});

test('nobody has no assertion, somebody on an open page has one', async () => {
  await new Visitor(worker.port).api('/open/x');
  assert.deepEqual(values('x-edgeward-assertion'), []);
  await ann.api('/open/x', mine());
  assert.equal(values('x-edgeward-assertion').length, 1);
});

test('where the request came from is what the gate says', async () => {
  const forwarded = ['X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-For', 'x_forwarded_host', 'X-Forwarded-Port', 'Forwarded', 'X-Real-IP', 'X-Original-URL', 'X-Rewrite-URL'];
  await ann.api('/test/echo', mine({ headers: forwarded.map((name) => [name, FORGED]) }));
  const { headers } = app.seen.at(-1);
  assert.ok(headers.every(([, value]) => !value.includes(FORGED)), JSON.stringify(headers));
  assert.deepEqual([values('x-forwarded-host'), values('x-forwarded-proto')], [[HOST], ['http']]);
  assert.deepEqual(values('host'), [app.host.replace('127.0.0.1', 'localhost')]);
});

test("the app gets the app's cookies, not the gate's", async () => {
  await ann.api('/test/echo', mine({ cookie: `theme=dark; ${ann.cookie()}; ${TOMBSTONE}=x; lang="de"` }));
  const [cookie] = values('cookie');
  assert.ok(cookie.startsWith('theme=dark; ') && cookie.endsWith('lang="de"'), 'in their order and their bytes');
  for (const name of [COPY, TOMBSTONE]) assert.ok(!cookie.includes(`${name}=`), name);
});

test('no way leads around the gate', async () => {
  for (const headers of [[], [['X-Edgeward-Origin-Lock', FORGED]], [['x_edgeward_origin_lock', given('ORIGIN_LOCK')]]]) {
    const got = await ask({ port: APP_PORT, target: '/dashboard', headers: [...headers, ['Cookie', ann.cookie()]] });
    assert.equal(got.status, 403);
  }
});

test('three `Set-Cookie` come through apart, byte for byte', async () => {
  const got = await ann.api('/test/cookies', { keep: false });
  assert.deepEqual(got.cookies, [
    'test_plain=1; Path=/',
    'test_dated=a%20b; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
    'test_domain=3; Path=/',
  ], 'and the one that names the origin belongs to the host that was visited');
});

/** What an app writes → what the visitor gets. `app` is the app's own host and port. */
const LOCATIONS = [
  ['http://{app}/next?a=1#b', `${ORIGIN}/next?a=1#b`],
  ['http://{app}', ORIGIN],
  ['//{app}/next', undefined],
  ['/next', '/next'],
  ['next', 'next'],
  ['?tab=2', '?tab=2'],
  ['https://example.com/x?u=http://{app}/', 'https://example.com/x?u=http://{app}/'],
  ['http://{app}.evil.example/', 'http://{app}.evil.example/'],
  [`${ORIGIN}/next`, `${ORIGIN}/next`],
];

for (const [written, expected] of LOCATIONS) {
  test(`Location: ${written}`, async () => {
    const named = (text) => text?.replaceAll('{app}', app.host.replace('127.0.0.1', 'localhost'));
    for (const status of [301, 302, 303, 307, 308, 201]) {
      answer = (_, response) => response.writeHead(status, { location: named(written) }).end();
      const got = await ann.page('/somewhere', mine());
      assert.equal(got.status, status, 'no redirect is followed');
      if (expected) assert.equal(got.headers.location.replace(/\/$/, ''), named(expected).replace(/\/$/, ''));
      else assert.ok(!got.headers.location.includes(app.host.split(':')[1]), got.headers.location);
    }
  });
}

/** What an app writes → what is left of it, on a page behind the gate. */
const COOKIES = [
  ['a=1; Domain=localhost; Path=/', 'a=1; Domain=localhost; Path=/'],
  ['a=1; Path=/', 'a=1; Path=/'],
  ['a=x=y; Secure; Partitioned', 'a=x=y; Secure; Partitioned'],
  ['', undefined],
];

test('cookies of the app: attributes stay, and so does the host that was visited', async () => {
  for (const [written, expected] of COOKIES) {
    answer = (_, response) => response.writeHead(200, { 'set-cookie': [written] }).end();
    const got = await ann.page('/somewhere', mine());
    if (expected) assert.deepEqual(got.cookies, [expected]);
    else assert.ok(got.cookies.every((line) => line === ''), 'an empty line stays empty');
  }
});

const SHARED = {
  'cache-control': 'public, s-maxage=600, max-age=60, stale-while-revalidate=60',
  'cdn-cache-control': 'max-age=600',
  'cloudflare-cdn-cache-control': 'max-age=600',
  'vercel-cdn-cache-control': 'max-age=600',
  'surrogate-control': 'max-age=600',
  'surrogate-key': 'all',
  'cache-tag': 'all',
  expires: 'Wed, 01 Jan 2031 00:00:00 GMT',
  etag: '"1"',
};

/** name → [path, how it is asked for, Cache-Control] of an app that asks every cache to keep everything */
const CACHES = {
  'a page': ['/dashboard', 'page', /^private, no-store$/],
  'an answer of an API': ['/api/x', 'api', /^private, no-store$/],
  'an optional page': ['/open/x', 'page', /^private, no-store$/],
  'a guest page': ['/login?flow=1', 'page', /^private, no-store$/],
  'an asset behind the gate': ['/files/a.png', 'asset', /^private, max-age=60$/],
};

for (const [name, [path, how, control]] of Object.entries(CACHES)) {
  test(`caches: ${name} is one visitor's`, async () => {
    answer = (_, response) => response.writeHead(200, { ...SHARED, vary: 'Accept-Encoding' }).end('x');
    const asset = [['Sec-Fetch-Mode', 'no-cors'], ['Sec-Fetch-Dest', 'image'], ['Sec-Fetch-Site', 'same-origin']];
    const got = how === 'asset' ? await ann.ask(path, mine({ headers: asset })) : await ann[how](path, mine());
    assert.equal(got.status, 200);
    assert.match(got.headers['cache-control'], control);
    assert.match(got.headers.vary, /accept-encoding.*cookie/i);
    for (const header of Object.keys(SHARED).filter((header) => !['cache-control', 'etag'].includes(header))) assert.equal(got.headers[header], undefined, header);
    assert.equal(got.headers.etag, '"1"');
  });
}

test('caches: a public page is untouched, and no cookie of ours is set', async () => {
  answer = (_, response) => response.writeHead(200, SHARED).end('x');
  const got = await ann.page('/', mine());
  for (const [header, value] of Object.entries(SHARED)) assert.equal(got.headers[header], value, header);
  assert.equal(got.headers.vary, undefined);
  assert.deepEqual(got.cookies, []);
});

test("caches: the demo's careless dashboard is made private", async () => {
  const got = await ann.page('/dashboard', { keep: false });
  assert.deepEqual([got.headers['cache-control'], got.headers.vary], ['private, no-store', 'Cookie']);
});

test('what the app says about the gate or the visitor does not get out', async () => {
  answer = (_, response) => response.writeHead(200, { 'x-edgeward-origin-lock': 'x', 'x-edgeward-assertion': 'x', 'x_edgeward_user': 'x' }).end();
  const got = await ann.page('/dashboard', mine());
  assert.deepEqual(Object.keys(got.headers).filter((name) => name.replaceAll('_', '-').startsWith('x-edgeward')), []);
});

/** Statuses that have no body, and a method that has none. */
for (const [name, method, status, body] of [
  ['204', 'GET', 204, ''], ['304', 'GET', 304, ''], ['205', 'GET', 205, ''], ['HEAD', 'HEAD', 200, ''], ['HEAD of 404', 'HEAD', 404, ''], ['GET', 'GET', 200, 'body'], ['418', 'GET', 418, 'body'], ['500 of the app', 'GET', 500, 'body'], ['503 of the app', 'GET', 503, 'body'],
]) {
  test(`statuses: ${name}`, async () => {
    answer = (_, response) => response.writeHead(status, { 'x-from': 'app' }).end(body || undefined);
    for (const path of ['/', '/dashboard']) {
      const got = await ann.page(path, mine({ method }));
      assert.deepEqual([got.status, got.headers['x-from'], got.text], [status, 'app', body], path);
    }
  });
}

/** An app in trouble: a 502 or 504 of ours, as a page or a problem document, and never a fault. */
const TROUBLES = {
  'hangs up': (request, response) => response.destroy(),
  'hangs up in the head': (request, response) => response.socket.end('HTTP/1.1 200 OK\r\nX'),
  'speaks another protocol': (request, response) => response.socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
};

for (const [name, trouble] of Object.entries(TROUBLES)) {
  test(`an app that ${name}`, async () => {
    answer = trouble;
    const page = await ann.page('/dashboard', mine());
    assert.deepEqual([page.status, page.headers['content-type'], page.headers['cache-control']], [502, 'text/html; charset=utf-8', 'private, no-store']);
    const api = await ann.api('/api/x', mine());
    assert.deepEqual([api.status, api.json.code], [502, 'origin.unavailable']);
    const open = await ann.page('/', mine());
    assert.equal(open.status, 502);
  });
}

/** Until there is room, or nobody to write to. */
function drained(response) {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

const memory = () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))[1]) * 1024;

test('100 MB down to a slow reader: memory stays flat, and the app is held back', async () => {
  let written = 0;
  answer = async (_, response) => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    for (; written < HUGE && !response.destroyed; written += chunk.length) {
      if (!response.write(chunk)) await drained(response);
    }
    response.end();
  };
  const before = memory();
  const response = await open({ port: worker.port, target: '/test/big', headers: [['Host', HOST], ['Cookie', ann.cookie()]] });
  await sleep(700);
  const heldBack = written;
  const grown = memory() - before;
  assert.ok(heldBack < 60 * MB, `${heldBack} bytes were taken from the app while nobody read`);
  assert.equal(await count(response), HUGE);
  assert.ok(grown < 20 * MB, `grew by ${grown}`);
  assert.ok(memory() - before < 25 * MB);
});

test('30 MB up, without a length and with one: memory stays flat', async () => {
  answer = async (request, response) => response.end(String(await count(request)));
  const before = memory();
  async function* parts() {
    const chunk = Buffer.alloc(64 * 1024, 'y');
    for (let sent = 0; sent < BIG; sent += chunk.length) yield chunk;
  }
  const { Readable } = await import('node:stream');
  for (const length of [[], [['Content-Length', String(BIG)]]]) {
    const response = await open({
      port: worker.port, method: 'POST', target: '/test/upload', body: Readable.from(parts()),
      headers: [['Host', HOST], ['Cookie', ann.cookie()], ['Origin', ORIGIN], ...(length.length ? length : [['Transfer-Encoding', 'chunked']])],
    });
    let text = '';
    for await (const part of response) text += part;
    assert.equal(text, String(BIG));
  }
  assert.ok(memory() - before < 25 * MB, `grew by ${memory() - before}`);
});

test('the demo origin streams both ways, too', async () => {
  const down = await ann.api(`/test/stream?bytes=${BIG}`, { keep: false });
  assert.equal(down.body.length, BIG);
  const up = await ann.api('/test/sink', { method: 'POST', headers: [['Origin', ORIGIN]], body: Buffer.alloc(5 * MB), keep: false });
  assert.deepEqual(up.json, { method: 'POST', bytes: 5 * MB });
});

test('the first byte is there before the last is sent', async () => {
  let finish;
  answer = async (_, response) => {
    response.write('first');
    await new Promise((resolve) => (finish = resolve));
    response.end('last');
  };
  const response = await open({ port: worker.port, target: '/test/drip', headers: [['Host', HOST], ['Cookie', ann.cookie()]] });
  const parts = response[Symbol.asyncIterator]();
  assert.equal(String((await parts.next()).value), 'first');
  finish();
  assert.equal(String((await parts.next()).value), 'last');
});

test('a visitor who gives up is gone for the app, too, before the head and in the body', async () => {
  for (const headFirst of [false, true]) {
    app.seen.length = 0;
    answer = async (_, response) => {
      if (headFirst) response.write('first');
      await new Promise((resolve) => response.once('close', resolve));
    };
    const socket = net.connect(worker.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET /test/slow HTTP/1.1\r\nHost: ${HOST}\r\nCookie: ${ann.cookie()}\r\n\r\n`);
    while (app.seen.length === 0) await sleep(10);
    if (headFirst) await new Promise((resolve) => socket.once('data', resolve));
    // A reset: after an orderly end of its own side a client may still be reading.
    socket.resetAndDestroy();
    for (const end = Date.now() + 3_000; !app.seen[0].closed && Date.now() < end; ) await sleep(10);
    assert.ok(app.seen[0].closed, headFirst ? 'in the body' : 'before the head');
  }
});

test('the gzip of the app stays as it is', async () => {
  const { gzipSync, gunzipSync } = await import('node:zlib');
  answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(gzipSync('squeezed'));
  const got = await ann.page('/dashboard', mine({ headers: [['Accept-Encoding', 'gzip']] }));
  const text = got.headers['content-encoding'] === 'gzip' ? gunzipSync(got.body).toString() : got.text;
  assert.equal(text, 'squeezed');
});

function upgraded(request, socket) {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.on('error', () => {});
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  app.seen.push({ method: 'UPGRADE', url: request.url, headers: Object.entries(request.headers) });
  // A short masked text frame comes in, the same without a mask goes out (RFC 6455 section 5.2).
  socket.on('data', (frame) => {
    if (frame[0] !== 0x81) return socket.end();
    const [length, mask, text] = [frame[1] & 0x7f, frame.subarray(2, 6), frame.subarray(6)];
    return socket.write(Buffer.from([0x81, length, ...text.map((byte, at) => byte ^ mask[at % 4])]));
  });
}

async function upgrade(cookie, origin) {
  const socket = net.connect(worker.port, '127.0.0.1');
  socket.on('error', () => {});
  const head = ['GET /live/socket HTTP/1.1', `Host: ${HOST}`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Origin: ${origin}`];
  socket.write(`${[...head, ...(cookie ? [`Cookie: ${cookie}`] : [])].join('\r\n')}\r\n\r\n`);
  const first = await new Promise((resolve) => socket.once('data', resolve));
  return { socket, status: Number(String(first).split(' ')[1]) };
}

test('a WebSocket: somebody is connected, with an assertion; nobody and another site are not', async () => {
  const { socket, status } = await upgrade(ann.cookie(), ORIGIN);
  assert.equal(status, 101);
  assert.equal(values('x-edgeward-assertion').length, 1);
  socket.write(Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x68 ^ 1, 0x69 ^ 2]));
  const frame = await new Promise((resolve) => socket.once('data', resolve));
  assert.deepEqual([...frame], [0x81, 2, 0x68, 0x69]);
  socket.destroy();
  for (const [cookie, origin, expected] of [['', ORIGIN, 401], [ann.cookie(), 'https://evil.example', 403], [`${COPY}=x; ${KRATOS_SESSION}=y`, ORIGIN, 401]]) {
    app.seen.length = 0;
    const refused = await upgrade(cookie, origin);
    assert.equal(refused.status, expected);
    assert.deepEqual(app.seen, []);
    refused.socket.destroy();
  }
});
