// Every way through the run loop once, with the fake core (adapters/boundary): what goes in comes out, and nothing else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { raw, until } from './support/client.mjs';
import { cookie, upstream } from './support/upstream.mjs';
import { build, workerd } from './support/workerd.mjs';

let app;
let identity;
let worker;

before(async () => {
  app = await upstream(async (request, response, body) => {
    const bytes = await body();
    response.writeHead(request.url.includes('/204') ? 204 : 200, [
      ['set-cookie', 'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT'],
      ['set-cookie', 'b=2'],
      ['x-powered-by', 'x'],
      ['x-twice', 'one'],
      ['x-twice', 'two'],
      ['content-type', 'text/plain'],
    ]);
    response.end(request.url.includes('/204') ? undefined : `app ${request.method} ${request.url} ${bytes.length}`);
  });
  identity = await upstream(async (request, response, body) => {
    const bytes = await body();
    if (request.url === '/whoami' || request.url === '/shared') return response.end(cookie(request, 'user'));
    if (request.url.includes('json')) {
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ body: bytes.toString() }));
    }
    if (request.url.includes('mint')) response.setHeader('x-mint', '1');
    if (request.url.includes('302')) response.writeHead(302, { location: '/elsewhere' });
    return response.end(`identity ${request.method} ${request.url} ${bytes.length}`);
  });
  worker = await workerd(
    build('WORKER_TEST_DIR'),
    { TEST_ORIGIN: app.url, TEST_IDENTITY: identity.url },
    { APP: { source: 'export default { fetch: (request) => new Response(`bound ${request.method} ${request.url} ${request.headers.get("x-user")}`) }' } },
  );
});

after(async () => {
  await worker?.stop();
  app?.stop();
  identity?.stop();
});

const ask = (target, init = {}) => fetch(worker.url + target, { redirect: 'manual', ...init, headers: { cookie: 'user=ann', ...init.headers } });

/** name, request, status, body, header checks */
const rows = [
  ['a redirect', '/redirect', {}, 303, '', { location: '/login?return_to=%2Fx', 'cache-control': 'private, no-store' }],
  ['an answer', '/respond/403', {}, 403, 'answered', {}],
  ['no body', '/respond/204', {}, 204, '', { 'content-length': null }],
  ['public', '/public/x?y=%20&&z', {}, 200, 'app GET /public/x?y=%20&&z 0', { 'x-powered-by': 'x', 'x-core-user': null }],
  ['judged', '/app/z', {}, 200, 'app GET /app/z 0', { 'x-powered-by': null, 'x-twice': 'one, two' }],
  ['judged, with a body', '/app/z', { method: 'POST', body: 'abc' }, 200, 'app POST /app/z 3', {}],
  ['judged, HEAD', '/app/z', { method: 'HEAD' }, 200, '', { 'content-type': 'text/plain' }],
  ['judged, 204', '/app/204', {}, 204, '', {}],
  ['asked first', '/ask/q', {}, 200, 'app GET /ask/q 0', {}],
  ['shared', '/shared/q', {}, 200, 'app GET /shared/q 0', {}],
  ['asked beside', '/beside/q', {}, 200, 'app GET /beside/q 0', {}],
  ['a service binding', '/binding/q?z', {}, 200, /^bound GET http:\/\/127\.0\.0\.1:\d+\/binding\/q\?z ann$/, {}],
  ['a URL that would be sent otherwise', '/changed', {}, 400, 'target changed', {}],
  ['tunnelled', '/tunnel/x', {}, 200, 'identity GET /tunnel/x 0', {}],
  ['tunnelled, with a body', '/tunnel/x', { method: 'POST', body: 'abcd' }, 200, 'identity POST /tunnel/x 4', {}],
  ['tunnelled, asked after the head', '/tunnel/mint', {}, 200, 'identity GET /tunnel/mint 0', { 'x-minted': 'yes' }],
  ['tunnelled, rewritten', '/tunnel/json', { method: 'POST', body: 'abc' }, 200, '{"BODY":"ABC"}', {}],
  ['tunnelled, a redirect is passed back', '/tunnel/302', {}, 302, 'identity GET /tunnel/302 0', { location: '/elsewhere' }],
  ['no way', '/nothing', {}, 404, 'no way', {}],
];

for (const [name, target, init, status, text, headers] of rows) {
  test(name, async () => {
    const response = await ask(target, init);
    const body = await response.text();
    assert.equal(response.status, status);
    if (text instanceof RegExp) assert.match(body, text);
    else assert.equal(body, text);
    if (!('x-core-user' in headers)) assert.equal(response.headers.get('x-core-user'), 'ann');
    for (const [field, value] of Object.entries(headers)) assert.equal(response.headers.get(field), value, field);
  });
}

test('Set-Cookie stays a list, commas and all', async () => {
  const own = ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2'];
  assert.deepEqual((await ask('/redirect')).headers.getSetCookie(), own);
  assert.deepEqual((await ask('/public/x')).headers.getSetCookie(), own);
  assert.deepEqual((await ask('/app/x')).headers.getSetCookie(), [...own, 'seen=ann; Path=/']);
});

test('the app gets the request with the edits, and an uncached question', async () => {
  await ask('/app/edits', { headers: { 'X-User': 'root', 'x-other': 'kept', 'if-none-match': '"1"' } });
  const seen = app.seen.findLast((entry) => entry.url === '/app/edits');
  assert.equal(seen.headers['x-user'], 'ann');
  assert.equal(seen.headers['x-other'], 'kept');
  assert.equal(seen.headers['if-none-match'], '"1"');
  assert.equal(seen.headers.cookie, 'user=ann');
  assert.equal(seen.headers['cache-control'], 'no-cache', 'the host was told to bypass caches');
  await ask('/public/edits');
  assert.equal(app.seen.findLast((entry) => entry.url === '/public/edits').headers['cache-control'], undefined);
});

test('the identity server gets what the core lists and nothing else', async () => {
  await ask('/tunnel/fields', { headers: { authorization: 'Bearer x', 'x-other': 'y', 'x-origin': 'z' } });
  const { headers } = identity.seen.findLast((entry) => entry.url === '/tunnel/fields');
  for (const name of ['authorization', 'x-other', 'x-user']) assert.equal(headers[name], undefined, name);
  assert.equal(headers['x-origin'], 'z');
  assert.equal(headers.cookie, 'user=ann');
});

test('one line for every decision, and a question beside its own', async () => {
  const before = worker.events().length;
  for (const target of ['/redirect', '/respond/403', '/public/x', '/app/x', '/tunnel/x']) await (await ask(target)).text();
  await (await ask('/beside/x')).text();
  await until(() => worker.events().length - before === 7);
  const actions = worker.events().slice(before).map((event) => event.action);
  assert.deepEqual(actions.sort(), ['beside', 'continue', 'final', 'final', 'final', 'redirect', 'respond']);
  for (const event of worker.events()) assert.match(event.request_id, /^[0-9a-f]{16}$/);
});

test('bytes that are no text reach the app as they came', async () => {
  const answer = await raw(worker.port, 'GET /app/bytes HTTP/1.1\r\nhost: a\r\nx-latin: caf\xe9\r\ncookie: user=a\xff\r\nconnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200/);
  const seen = app.seen.findLast((entry) => entry.url === '/app/bytes');
  assert.equal(seen.raw[seen.raw.indexOf('x-latin') + 1], 'caf\xe9');
});

/** A request line that no client library would send, and what comes of it. */
const targets = [
  ['/public/a%2Fb//c;v=1', 200],
  ['/public/%41%zz%00', 200],
  ["/public/a'|[@]:~", 200],
  ['/public/a?b=[]{}|^`&&=%zz', 200],
  ['/public/../secret', 400],
  ['/public/%2e%2e/secret', 400],
  ['/public/a\\b', 400],
  ['/public/a"b', 400],
  ['/public/a{b}', 400],
  ["/public/a?b='c'", 400],
  ['/public/\xe9', 400],
  ['/public/a b', 400],
];

for (const [target, status] of targets) {
  test(`what is sent is what was judged: ${JSON.stringify(target)}`, async () => {
    const before = app.seen.length;
    const answer = await raw(worker.port, `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status}`));
    assert.deepEqual(
      app.seen.slice(before).map((entry) => entry.url),
      status === 200 ? [target] : [],
    );
  });
}
