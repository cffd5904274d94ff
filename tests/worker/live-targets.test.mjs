// Hostile request lines, byte for byte (issue: bad input; semantics 1.9, 2). The path that is judged is the path that arrives.
// Ann is signed in and no administrator; `/admin` needs the role, `/assets/…` is public.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { wire } from '../live/world/http.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { HOST } from '../live/world/world.mjs';

let ann;
let app;
let worker;

before(async () => {
  ann = await new Visitor().register();
  app = await startOrigin();
  worker = await startWorker((config) => {
    config.origin.url = app.url;
  });
});
after(async () => {
  await worker?.stop();
  app?.stop();
});

async function send(line, { host = `Host: ${HOST}`, cookie = ann.cookie(), fields = [], rest = '' } = {}) {
  app.seen.length = 0;
  const head = [line, host, 'Accept: application/json', 'Connection: close', ...(cookie ? [`Cookie: ${cookie}`] : []), ...fields];
  const answer = await wire(worker.port, `${head.filter((field) => field !== null).join('\r\n')}\r\n\r\n${rest}`);
  return { answer, seen: app.seen.map(({ method, url }) => `${method} ${url}`) };
}

const REFUSED = 400;
const FORBIDDEN = 403;

/** target → a status, or what arrives at the app */
const TARGETS = {
  // Dot segments, in any spelling, at any place.
  '/assets/../admin': REFUSED,
  '/public/../admin': REFUSED,
  '/../admin': REFUSED,
  '/./admin': REFUSED,
  '/.//admin': REFUSED,
  '/admin/.': REFUSED,
  '/admin/..': REFUSED,
  '/assets/%2e%2e/admin': REFUSED,
  '/assets/%2E./admin': REFUSED,
  '/assets/.%2e/admin': REFUSED,
  '/%2e%2e/admin': REFUSED,
  '/dashboard/%2e': REFUSED,
  '/assets/..%2fadmin': REFUSED,
  '/assets/x%2F..%2Fadmin': REFUSED,
  '/assets%2f..%2fadmin': REFUSED,
  '/assets/..;/admin': REFUSED,
  '/assets/style.css/..;x=1/../admin': REFUSED,
  // Escapes of escapes.
  '/assets/%252e%252e/admin': REFUSED,
  '/assets/%252fadmin': REFUSED,
  '/assets/%255c..%255cadmin': REFUSED,
  '/assets/%25252e%25252e/admin': REFUSED,
  // Backslashes.
  '/\\admin': REFUSED,
  '\\admin': REFUSED,
  '/assets\\..\\admin': REFUSED,
  '/assets/%5c..%5cadmin': REFUSED,
  '/%5Cadmin': REFUSED,
  // Controls, bad escapes, bytes that are no text.
  '/admin%00': REFUSED,
  '/assets/%00/../../admin': REFUSED,
  '/admin%09': REFUSED,
  '/admin%0d%0aSet-Cookie:%20a=b': REFUSED,
  '/admin%7f': REFUSED,
  '/admin\x00': REFUSED,
  '/ad\tmin': REFUSED,
  '/admin\x7f': REFUSED,
  '/%zz': REFUSED,
  '/%': REFUSED,
  '/%4': REFUSED,
  '/%ff': REFUSED,
  '/%c0%ae%c0%ae/admin': REFUSED,
  '/%e0%80%af': REFUSED,
  '/%ed%a0%80': REFUSED,
  '/\xff': REFUSED,
  // What routers read differently, and the rules differ.
  '//admin': REFUSED,
  '///admin': REFUSED,
  '/assets//admin': 'GET /assets//admin',
  '/admin;x': REFUSED,
  '/admin;x=1/': FORBIDDEN,
  '/;/admin': REFUSED,
  '/admin%2f': REFUSED,
  '/admin%2Fx': REFUSED,
  '/admin%3bx': REFUSED,
  '/%2fadmin': REFUSED,
  // The same rule by another name.
  '/admin': FORBIDDEN,
  '/admin/': FORBIDDEN,
  '/admin/x': FORBIDDEN,
  '/ADMIN': FORBIDDEN,
  '/Admin/x': FORBIDDEN,
  '/%61dmin': FORBIDDEN,
  '/adm%69n/x': FORBIDDEN,
  '/admin?x': FORBIDDEN,
  '/admin?/../assets/x': FORBIDDEN,
  '/admin?x#y': FORBIDDEN,
  '/admin#x': FORBIDDEN,
  '/admin#/../assets/x': FORBIDDEN,
  '/admin/x%2Fy': FORBIDDEN,
  '/admin/a;v=2': FORBIDDEN,
  [`http://${HOST}/admin`]: FORBIDDEN,
  'http://evil.example/admin': FORBIDDEN,
  // Too long.
  [`/${'a'.repeat(20_000)}`]: REFUSED,
  [`/dashboard?${'a'.repeat(20_000)}`]: REFUSED,
  [`/assets/${'%2f'.repeat(3_000)}`]: undefined,
  [`/${'a/'.repeat(6_000)}`]: undefined,
  [`/dashboard/${';'.repeat(9_000)}`]: undefined,
  // What apps do use, and must get as it is.
  '/projects/group%2Fname': 'GET /projects/group%2Fname',
  '/@scope%2Fpkg': 'GET /@scope%2Fpkg',
  '/files/a;v=2.pdf': 'GET /files/a;v=2.pdf',
  '/proxy/https://example.com/x': 'GET /proxy/https://example.com/x',
  '/search?q=a%20b&q=%2F..%2F&&z': 'GET /search?q=a%20b&q=%2F..%2F&&z',
  '/caf%C3%A9/%e2%82%ac': 'GET /caf%C3%A9/%e2%82%ac',
  '/dashboard/': 'GET /dashboard/',
  '/Dashboard': 'GET /Dashboard',
  '/a.b/.well-known/x': 'GET /a.b/.well-known/x',
  '/...': 'GET /...',
  '/assets/a..b': 'GET /assets/a..b',
  "/!$&'()*+,=:@~-._": "GET /!$&'()*+,=:@~-._",
};

for (const [target, expected] of Object.entries(TARGETS)) {
  test(`target ${JSON.stringify(target.slice(0, 60))}`, async () => {
    const { answer, seen } = await send(`GET ${target} HTTP/1.1`);
    if (typeof expected === 'string') {
      assert.deepEqual([answer.status, seen], [200, [expected]]);
      return;
    }
    if (expected === undefined) assert.ok([200, 400].includes(answer.status), answer.text);
    else assert.equal(answer.status, expected, answer.text);
    if (answer.status !== 200) assert.deepEqual(seen, [], 'nothing goes on');
    else assert.deepEqual(seen, [`GET ${target}`]);
    // The runtime refuses some itself; what we refuse has a code and an id, and repeats nothing.
    if (answer.headers['content-type'] === 'application/problem+json') {
      assert.match(answer.json.code, expected === FORBIDDEN ? /^requirement\.forbidden$/ : /^(path|request)\.[a-z]+$/);
      assert.match(answer.json.request_id, /^[0-9a-f]{16}$/);
      assert.ok(!answer.text.includes('admin'));
    }
  });
}

test('a target that is no path is judged as what arrives', async () => {
  for (const target of ['admin', '*', '?x', 'admin/x']) {
    const { answer, seen } = await send(`GET ${target} HTTP/1.1`);
    assert.ok([200, 400, 404, 421].includes(answer.status), `${target} ${answer.status}`);
    assert.ok(seen.every((line) => line === 'GET /'), `${target}: ${seen}`);
  }
});

/** name → [the line or lines in place of `Host`, status] */
const HOSTS = {
  'another host': ['Host: evil.example', 421],
  'another port': ['Host: localhost:1', 421],
  'no port': ['Host: localhost', 421],
  'the same machine by number': [`Host: 127.0.0.1:${HOST.split(':')[1]}`, 421],
  'a dot at the end': [`Host: localhost.:${HOST.split(':')[1]}`, 200],
  'a sub-domain': [`Host: evil.${HOST}`, 421],
  'a user before it': [`Host: evil@${HOST}`, 400],
  'a user that looks like it': [`Host: ${HOST}@evil.example`, 400],
  'a path behind it': [`Host: ${HOST}/admin?`, undefined],
  'a fragment behind it': [`Host: ${HOST}#`, undefined],
  'in capitals': [`Host: ${HOST.toUpperCase()}`, 200],
  'two of them': [`Host: ${HOST}\r\nHost: evil.example`, 421],
  'two of them, the other way': [`Host: evil.example\r\nHost: ${HOST}`, 421],
  'an empty one': ['Host: ', 400],
  none: [null, 400],
};

for (const [name, [host, status]] of Object.entries(HOSTS)) {
  test(`host: ${name}`, async () => {
    const { answer, seen } = await send('GET /dashboard HTTP/1.1', { host });
    if (status) assert.equal(answer.status, status, answer.text);
    assert.ok(answer.status < 500, String(answer.status));
    assert.ok(answer.status === 200 ? seen.length === 1 && seen[0] === 'GET /dashboard' : seen.length === 0, `${answer.status} ${seen}`);
  });
}

/** name → [method, extra fields, status, whether it arrives] for `/dashboard` of somebody signed in */
const METHODS = {
  'HEAD is judged as GET': ['HEAD', [], 200, true],
  'DELETE without a word about its site': ['DELETE', [], 200, true],
  'POST from another site': ['POST', ['Sec-Fetch-Site: cross-site'], FORBIDDEN, false],
  'POST from another origin': ['POST', ['Origin: https://evil.example'], FORBIDDEN, false],
  'POST from a nowhere': ['POST', ['Origin: null'], FORBIDDEN, false],
  'an upgrade from another site': ['GET', ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Origin: https://evil.example'], FORBIDDEN, false],
  'a method that is none': ['FETCH', [], 501, false],
};

for (const [name, [method, fields, status, arrives]] of Object.entries(METHODS)) {
  test(`method: ${name}`, async () => {
    const { answer, seen } = await send(`${method} /dashboard HTTP/1.1`, { fields });
    assert.equal(answer.status, status, answer.text);
    assert.equal(seen.length, arrives ? 1 : 0);
  });
}

test('a method override does not turn one request into another', async () => {
  const { answer } = await send('GET /dashboard HTTP/1.1', { fields: ['X-HTTP-Method-Override: DELETE', 'X-Method-Override: DELETE'] });
  assert.equal(answer.status, 200);
  assert.equal(app.seen[0].method, 'GET');
});

test('two lengths are one refusal, not two requests', async () => {
  const smuggled = `0\r\n\r\nGET /admin HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
  for (const fields of [
    ['Content-Length: 6', 'Transfer-Encoding: chunked'],
    ['Content-Length: 6', 'Content-Length: 5'],
    ['Transfer-Encoding: chunked, identity'],
    ['Transfer-Encoding: xchunked', 'Content-Length: 6'],
  ]) {
    const { answer, seen } = await send('POST /dashboard HTTP/1.1', { fields, rest: smuggled });
    assert.ok(seen.every((line) => !line.includes('/admin')), `${fields}: ${seen}`);
    if (answer) assert.ok(answer.status < 502, String(answer.status));
  }
});

test('after all of it the next visitor is served', async () => {
  const { answer, seen } = await send('GET /dashboard HTTP/1.1');
  assert.deepEqual([answer.status, seen], [200, ['GET /dashboard']]);
});
