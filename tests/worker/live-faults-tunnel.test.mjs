// The tunnel to an identity server in trouble (semantics 7.3, 6.4; field P 41): for each trouble the answer, how long it may take, that the
// request arrived once, that nothing is half-set, and that the copy which was there serves on. The fake has the troubles.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';

import { FAULTS, downUrl, startFaults } from '../live/faults/server.mjs';
import { ask } from '../live/world/http.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { COPY, KRATOS_SESSION, KRATOS_URL, ORIGIN } from '../live/world/world.mjs';

/** The gate's clock for a response head and for a body that it reads, and a busy machine. */
const BOUND_MS = 30_000 + 8_000;
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'];

let ann;
let app;
let faults;
let worker;
let down;

before(async () => {
  ann = await new Visitor().register();
  app = await startOrigin();
  const whoami = await ask({ port: Number(new URL(KRATOS_URL).port), target: '/sessions/whoami', headers: [['Host', new URL(KRATOS_URL).host], ['Cookie', ann.cookie()]] });
  faults = await startFaults(whoami.text);
  faults.set('well');
  const at = (url) => startWorker((config) => {
    config.kratos.url = url;
    config.origin.url = app.url;
  });
  [worker, down] = await Promise.all([at(faults.url), at(await downUrl())]);
});
after(async () => {
  await Promise.all([worker?.stop(), down?.stop()]);
  faults?.stop();
  app?.stop();
});

const UNAVAILABLE = [503, 'identity.unavailable'];
const BROKEN = [502, 'upstream.broken'];
/** What the identity server itself says, unchanged: its status and the start of its type. */
const ITS_OWN = (status, type) => [status, undefined, type];

/** trouble → the answer. A body that is JSON is read, so what is broken in it never reaches a visitor by half. */
const ANSWERS = {
  slow: UNAVAILABLE,
  slow_body: UNAVAILABLE,
  status_500: ITS_OWN(500, 'application/json'),
  status_502: ITS_OWN(502, 'text/html'),
  status_429: ITS_OWN(429, 'application/json'),
  html: ITS_OWN(200, 'text/html'),
  json_as_html: ITS_OWN(200, 'text/html'),
  empty: BROKEN,
  half_json: BROKEN,
  not_active: ITS_OWN(200, 'application/json'),
  no_identity: ITS_OWN(200, 'application/json'),
  list: ITS_OWN(200, 'application/json'),
  huge: [502, 'upstream.too_large'],
  reset_in_head: UNAVAILABLE,
  reset_in_body: BROKEN,
  length_too_long: BROKEN,
  length_too_short: BROKEN,
  no_http: UNAVAILABLE,
  redirect: ITS_OWN(302),
  redirect_loop: ITS_OWN(302),
};

test('each trouble of the fake has its row', () => assert.deepEqual(Object.keys(ANSWERS).sort(), Object.keys(FAULTS).sort()));

const pair = () => `${KRATOS_SESSION}=${ann.cookies.get(KRATOS_SESSION)}; ${COPY}=${ann.cookies.get(COPY)}`;
let unique = 0;

/** Posts a form of a flow, as a browser or as a script. */
function submit(how, port, query) {
  unique += 1;
  const target = `/self-service/login?flow=${unique}${query}`;
  // As a browser says it.
  const headers = [FORM, ['Content-Length', '15'], ['Origin', ORIGIN]];
  return ann[how](target, { method: 'POST', port, headers, body: 'method=password', cookie: pair(), keep: false }).then((got) => ({ got, target }));
}

function check({ got }, how, [status, code, type]) {
  assert.equal(got.status, status, got.text.slice(0, 200));
  assert.ok(got.ms < BOUND_MS, `${got.ms} ms`);
  assert.deepEqual(got.cookies, [], 'nothing is set, nothing is cleared');
  assert.match(got.headers['cache-control'], /private/);
  if (!code) {
    if (type) assert.ok(got.headers['content-type'].startsWith(type), got.headers['content-type']);
    return;
  }
  if (how === 'api') assert.deepEqual([got.headers['content-type'], got.json.code], ['application/problem+json', code]);
  else assert.equal(got.headers['content-type'], 'text/html; charset=utf-8');
  if (status === 503) assert.equal(got.headers['retry-after'], '5');
  for (const secret of [ann.email, ann.identity]) assert.ok(!got.text.includes(secret), 'nothing of the broken answer');
}

test('each trouble: the answer in time, sent up once, nothing half-set', { concurrency: true, timeout: 120_000 }, (t) =>
  Promise.all(Object.entries(ANSWERS).flatMap(([name, answer]) => ['page', 'api'].map((how) => t.test(`${name}, ${how}`, async () => {
    const done = await submit(how, worker.port, `&fault=${name}`);
    check(done, how, answer);
    if (name === 'status_429') assert.equal(done.got.headers['retry-after'], '7');
    const arrived = faults.seen.filter((url) => url.startsWith(done.target));
    assert.equal(arrived.length, 1, 'a tunnelled request is sent once, and a redirect is not followed');
  })))));

for (const how of ['page', 'api']) {
  test(`refused, ${how}`, async () => check(await submit(how, down.port, ''), how, UNAVAILABLE));
}

test('after all of it: the copy serves on, and the breaker, which counts no tunnelled traffic, lets questions through', async () => {
  const see = new Visitor(worker.port);
  const seen = faults.seen.length;
  assert.equal((await see.page('/dashboard', { cookie: pair() })).status, 200);
  assert.equal(faults.seen.length, seen, 'without a question');
  assert.equal((await see.page('/dashboard', { cookie: `${KRATOS_SESSION}=${ann.cookies.get(KRATOS_SESSION)}`, keep: false })).status, 200);
  assert.equal(faults.seen.length, seen + 1);
});

/** A login that sets a new session cookie, and what happens at the same time; gives the visitor's answer. */
async function login(body, whoami) {
  const value = `${'B'.repeat(60)}bm93`;
  const upstream = http.createServer((request, response) => {
    request.resume();
    if (request.url.startsWith('/sessions/whoami')) return whoami(response);
    return body(response, `${KRATOS_SESSION}=${value}; Path=/; HttpOnly; SameSite=Lax`);
  });
  await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const other = await startWorker((config) => {
    config.kratos.url = `http://127.0.0.1:${upstream.address().port}`;
    config.origin.url = app.url;
  });
  try {
    return (await submit('api', other.port, '')).got;
  } finally {
    await other.stop();
    upstream.closeAllConnections();
    upstream.close();
  }
}

const expired = (lines) => lines.some((line) => line.startsWith(`${COPY}=;`) && /max-age=0/i.test(line));

test('a login whose body breaks sets no session: not by half', async () => {
  const got = await login(
    (response, cookie) => {
      response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': cookie, 'content-length': 100 });
      response.write('{"session":');
      setTimeout(() => response.destroy(), 50);
    },
    (response) => response.writeHead(500).end(),
  );
  assert.equal(got.status, 502);
  assert.ok(got.cookies.every((line) => !line.startsWith(KRATOS_SESSION)), got.cookies.join('\n'));
});

for (const [name, whoami] of Object.entries({
  'answers 500': (response) => response.writeHead(500).end(),
  'resets': (response) => response.socket.resetAndDestroy(),
  'says 429': (response) => response.writeHead(429, { 'retry-after': '9' }).end(),
  'answers HTML': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello'),
})) {
  test(`a login goes through when the whoami after it ${name}: the answer unchanged, no copy, and the old one cleared`, async () => {
    const got = await login((response, cookie) => response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': cookie }).end('{"session":{}}'), whoami);
    assert.deepEqual([got.status, got.text], [200, '{"session":{}}']);
    assert.ok(got.cookies.some((line) => line.startsWith(`${KRATOS_SESSION}=BBBB`)), 'the identity server keeps its word');
    assert.ok(expired(got.cookies), got.cookies.join('\n'));
    assert.ok(got.cookies.every((line) => !line.startsWith(`${COPY}=e`)));
  });
}
