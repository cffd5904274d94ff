// The identity server in trouble (issue: bad input; semantics 6): never an open door, never a fault of ours, always a code, and
// what needs nobody is served. A fake has the troubles; the session and its copy are the real Kratos'.

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { FAULTS, downUrl, startFaults } from '../live/faults/server.mjs';
import { ask } from '../live/world/http.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { COPY, KRATOS_SESSION, KRATOS_URL } from '../live/world/world.mjs';

/** Above the gate's own timeouts, for a machine that is busy. */
const WHOAMI_MS = 5_000 + 4_000;
const HEAD_MS = 30_000 + 6_000;

let ann;
let app;
let yes;

before(async () => {
  ann = await new Visitor().register();
  app = await startOrigin();
  const whoami = await ask({ port: Number(new URL(KRATOS_URL).port), target: '/sessions/whoami', headers: [['Host', new URL(KRATOS_URL).host], ['Cookie', ann.cookie()]] });
  assert.equal(whoami.status, 200);
  yes = whoami.text;
  // Late for the rules that want a copy of one second.
  await sleep(2_100);
});
after(() => app?.stop());

/** A Worker whose identity server is at `url`; rules differ in how long a copy serves. */
const workerAt = (url) =>
  startWorker((config) => {
    config.kratos.url = url;
    config.origin.url = app.url;
    config.routes.unshift(
      { path: '/fresh/:path*', require: 'session' },
      { path: '/late/:path*', require: { fresh_within: '1s', stale_for: '0s', stale_if_error: '1h' } },
      { path: '/strict/:path*', require: { fresh_within: '1s', stale_for: '0s', stale_if_error: '0s' } },
      { path: '/now/:path*', require: { fresh_within: '0s' } },
      { path: '/open/:path*', require: 'optional' },
    );
  });

function isUnavailable(answer, form) {
  assert.equal(answer.status, 503, answer.text.slice(0, 300));
  assert.ok(answer.ms < WHOAMI_MS, `${answer.ms} ms`);
  assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
  assert.equal(answer.headers['cache-control'], 'private, no-store');
  if (form === 'page') {
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(answer.text, /We cannot check your sign-in right now/);
  } else {
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.match(answer.json.code, /^identity\.(unavailable|busy)$/);
    assert.match(answer.json.request_id, /^[0-9a-f]{16}$/);
  }
  assert.ok(!answer.text.includes(ann.email) && !answer.text.includes(ann.identity));
}

/** The one trouble that is an answer: there is no session. */
const CLEAR = 'not_active';

/** Troubles that the visitor of the tunnel sees as the upstream's own answer, whole or broken. */
const ANSWERS = new Set(Object.keys(FAULTS).filter((name) => !['slow', 'slow_body', 'reset_in_head', 'no_http'].includes(name)));

/** What needs nobody's word, and asks for none. */
const WITHOUT_ASKING = {
  'nobody is sent to sign in': async ({ see }) => assert.equal((await see.page('/dashboard', { cookie: '' })).status, 302),
  'a public page': async ({ see, pair }) => assert.equal((await see.page('/', { cookie: pair })).status, 200),
  'a guest page, nobody': async ({ see }) => assert.equal((await see.page('/login', { cookie: '' })).status, 200),
  'a guest page in a flow': async ({ see, kratos }) => assert.equal((await see.page('/login?flow=1', { cookie: kratos })).status, 200),
  'a copy that is fresh': async ({ see, pair }) => assert.equal((await see.page('/fresh/x', { cookie: pair })).status, 200),
};

/** What has to ask, and does not get an answer. */
const ASKING = {
  'a guarded page': async ({ see, kratos, clear }) => {
    const got = await see.page('/dashboard', { cookie: kratos });
    if (clear) assert.equal(got.status, 302);
    else isUnavailable(got, 'page');
  },
  'an API': async ({ see, kratos, clear }) => {
    const got = await see.api('/api/me', { cookie: kratos });
    if (clear) assert.equal(got.status, 401);
    else isUnavailable(got, 'problem');
  },
  'a guest page': async ({ see, kratos }) => assert.equal((await see.page('/login', { cookie: kratos })).status, 200),
  'an open page': async ({ see, kratos }) => {
    const got = await see.page('/open/x', { cookie: kratos });
    assert.equal(got.status, 200);
    const sent = app.seen.find(({ url }) => url === '/open/x');
    assert.ok(sent.headers.every(([header]) => header !== 'x-edgeward-assertion'), 'for nobody in particular');
  },
  'a copy that is late serves within E': async ({ see, pair, clear }) => {
    const got = await see.page('/late/x', { cookie: pair });
    assert.equal(got.status, clear ? 302 : 200);
    assert.ok(got.ms < WHOAMI_MS, `${got.ms} ms`);
  },
  'a copy beyond its bounds does not': async ({ see, pair, clear }) => {
    const got = await see.page('/strict/x', { cookie: pair });
    if (clear) assert.equal(got.status, 302);
    else isUnavailable(got, 'page');
  },
  'a page that wants to know now': async ({ see, pair, clear }) => {
    const got = await see.api('/now/x', { cookie: pair });
    if (clear) assert.equal(got.status, 401);
    else isUnavailable(got, 'problem');
  },
  'the tunnel': async ({ see, pair, name }) => {
    // What the upstream breaks in the middle of a body is broken for the visitor, too.
    const got = await see.page('/self-service/login/browser', { cookie: pair }).catch((error) => ({ broken: error }));
    if (got.broken) return assert.ok(['reset_in_body', 'length_too_long'].includes(name), `${got.broken}`);
    if (!ANSWERS.has(name)) assert.ok([502, 503].includes(got.status), `${got.status} ${got.text.slice(0, 200)}`);
    assert.ok(got.ms < HEAD_MS, `${got.ms} ms`);
    return assert.ok(got.cookies.every((line) => !line.startsWith(`${COPY}=e`)), 'no copy is made of it');
  },
};

for (const name of ['down', ...Object.keys(FAULTS)]) {
  test(`the identity server: ${name}`, { timeout: 120_000 }, async (t) => {
    const faults = await startFaults(yes);
    if (name !== 'down') faults.set(name);
    const worker = await workerAt(name === 'down' ? await downUrl() : faults.url);
    t.after(async () => {
      await worker.stop();
      faults.stop();
    });
    app.seen.length = 0;
    const kratos = `${KRATOS_SESSION}=${ann.cookies.get(KRATOS_SESSION)}`;
    const scene = { see: new Visitor(worker.port), kratos, pair: `${kratos}; ${COPY}=${ann.cookies.get(COPY)}`, clear: name === CLEAR, name };
    for (const [row, act] of Object.entries(WITHOUT_ASKING)) await t.test(row, () => act(scene));
    assert.deepEqual(faults.seen, []);
    // Together, so that each meets the trouble itself and none only a breaker that the one before has opened.
    const outcomes = await Promise.allSettled(Object.values(ASKING).map((act) => act(scene)));
    for (const [at, row] of Object.keys(ASKING).entries()) {
      await t.test(row, () => {
        if (outcomes[at].status === 'rejected') throw outcomes[at].reason;
      });
    }
    assert.ok(!faults.seen.includes('/sessions/whoami?followed'), 'a redirect is not followed');
    const events = worker.log.events();
    assert.ok(events.length >= Object.keys(WITHOUT_ASKING).length + Object.keys(ASKING).length, worker.log.text());
    assert.ok(events.every(({ code }) => !/^(gate|config)\./.test(code)), worker.log.text());
  });
}

test('what is down comes back, and the gate with it', { timeout: 60_000 }, async (t) => {
  const port = Number(new URL(await downUrl()).port);
  const worker = await workerAt(`http://127.0.0.1:${port}`);
  t.after(() => worker.stop());
  const see = new Visitor(worker.port);
  const cookie = `${KRATOS_SESSION}=${ann.cookies.get(KRATOS_SESSION)}`;
  for (let times = 0; times < 12; times += 1) isUnavailable(await see.page('/dashboard', { cookie }), 'page');
  const proxy = http.createServer(async (request, response) => {
    const answer = await ask({ port: Number(new URL(KRATOS_URL).port), target: request.url, headers: [['Host', new URL(KRATOS_URL).host], ['Cookie', request.headers.cookie]] });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  proxy.listen(port, '127.0.0.1');
  t.after(() => proxy.close());
  const begun = Date.now();
  let got;
  do {
    await sleep(200);
    got = await see.page('/dashboard', { cookie });
  } while (got.status === 503 && Date.now() - begun < 40_000);
  assert.equal(got.status, 200);
  t.diagnostic(`served again after ${Date.now() - begun} ms`);
});
