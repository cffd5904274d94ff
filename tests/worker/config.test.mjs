// The shipped build: a config that does not start forwards nothing and says so, and no test of ours is in it.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';

import { upstream } from './support/upstream.mjs';
import { build, workerd } from './support/workerd.mjs';

const CANARY = 'canary-4711-no-log-may-hold-this-value';

let app;
before(async () => {
  app = await upstream((request, response) => response.end(`app ${request.url}`));
});
after(() => app?.stop());

const document = (url) => ({
  public_origins: [url],
  origin: { url: app.url },
  default: 'session',
  session: { format: 'jwt', secrets: [{ env: 'SESSION_SECRET' }], subject: 'userId', exclusive_secret: true },
  sign_in: '/login',
  routes: [{ path: ['/', '/login'], require: 'public' }],
});
const secret = { SESSION_SECRET: 'a session secret of at least 32 characters' };
const admin = { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } };

/** name, bindings from the URL, what the log's errors have to say */
const faults = [
  ['no document', () => ({}), /vars\.EDGEWARD/],
  ['text that is no JSON', () => ({ EDGEWARD: `{"default": "${CANARY}"` }), /no JSON/],
  ['a key that is named twice', () => ({ EDGEWARD: '{"default": "session", "default": "public"}' }), /twice/],
  ['a list for a document', () => ({ EDGEWARD: [1] }), /config\./],
  ['an unknown key', (url) => ({ EDGEWARD: { ...document(url), defualt: 'public' }, ...secret }), /defualt.*default/],
  ['a secret that is not set', (url) => ({ EDGEWARD: document(url) }), /SESSION_SECRET/],
  ['a secret that is too short', (url) => ({ EDGEWARD: { ...document(url), session: { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }] } }, SESSION_SECRET: CANARY.slice(0, 31) }), /secrets/],
  ['a secret that is written down', (url) => ({ EDGEWARD: { ...document(url), session: { ...document(url).session, secrets: [CANARY] } } }), /env/],
  ['rules that are no list', (url) => ({ EDGEWARD: document(url), EDGEWARD_ROUTES: { path: '/x' }, ...secret }), /EDGEWARD_ROUTES.*list/],
  ['a gap in the rules', (url) => ({ EDGEWARD: document(url), EDGEWARD_ROUTES_2: [admin], ...secret }), /EDGEWARD_ROUTES_2.*gap/],
  ['a gap behind the first rules', (url) => ({ EDGEWARD: document(url), EDGEWARD_ROUTES: [admin], EDGEWARD_ROUTES_3: [admin], ...secret }), /EDGEWARD_ROUTES_3.*gap/],
  ['a number that begins at one', (url) => ({ EDGEWARD: document(url), EDGEWARD_ROUTES: [admin], EDGEWARD_ROUTES_1: [admin], ...secret }), /EDGEWARD_ROUTES_1: found this name/],
  ['a name that continues nothing', (url) => ({ EDGEWARD: document(url), EDGEWARD_ROUTES_02: [admin], ...secret }), /EDGEWARD_ROUTES_02/],
];

for (const [name, bindings, says] of faults) {
  test(`a config that does not start: ${name}`, async () => {
    const worker = await workerd(build('WORKER_DIR'), bindings);
    try {
      const seen = app.seen.length;
      for (const target of ['/', '/login', '/anything']) {
        const response = await fetch(worker.url + target);
        assert.equal(response.status, 500);
        assert.match(response.headers.get('cache-control'), /no-store/);
        const problem = await response.json();
        assert.equal(problem.code, 'config.invalid');
        assert.match(problem.request_id, /^[0-9a-f]{16}$/);
        assert.ok(!JSON.stringify(problem).includes('EDGEWARD'), 'the visitor learns nothing of the document');
      }
      const page = await fetch(worker.url, { headers: { accept: 'text/html' } });
      assert.equal(page.status, 500);
      assert.match(await page.text(), /^<!doctype html>/);
      assert.equal(app.seen.length, seen, 'nothing is forwarded');
      const told = worker.events().filter((event) => event.errors);
      assert.equal(told.length, 1, 'the whole error once, not for each request');
      assert.match(told[0].errors.join('\n'), says);
      assert.ok(!worker.log.join('\n').includes(CANARY.slice(0, 31)), 'no value that may be a secret');
    } finally {
      await worker.stop();
    }
  });
}

/** Where the document and its rules may stand. */
const places = [
  ['a table', (url) => ({ EDGEWARD: document(url), ...secret }), '/admin/x', 302],
  ['text', (url) => ({ EDGEWARD: JSON.stringify(document(url)), ...secret }), '/admin/x', 302],
  ['rules go on in another variable', (url) => ({ EDGEWARD: document(url), EDGEWARD_ROUTES: [{ path: '/more', require: 'public' }], ...secret }), '/more', 200],
  [
    'and in a third',
    (url) => ({
      EDGEWARD: { ...document(url), routes: undefined },
      EDGEWARD_ROUTES: [{ path: ['/', '/login'], require: 'public' }],
      EDGEWARD_ROUTES_2: JSON.stringify([{ path: '/more', require: 'public' }]),
      ...secret,
    }),
    '/more',
    200,
  ],
];

for (const [name, bindings, target, status] of places) {
  test(`a config that starts: ${name}`, async () => {
    const worker = await workerd(build('WORKER_DIR'), bindings);
    try {
      const ask = (to) => fetch(worker.url + to, { redirect: 'manual', headers: { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } });
      assert.equal((await ask('/')).status, 200, worker.log.join('\n'));
      assert.equal((await ask(target)).status, status);
      assert.equal((await ask('/private')).status, 302);
    } finally {
      await worker.stop();
    }
  });
}

/** What an app behind a service binding gets. */
const BOUND = `export default { fetch: async (request) => Response.json(
  { url: request.url, method: request.method, headers: Object.fromEntries(request.headers), body: await request.text() },
  { headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2; Path=/']] }) };`;

const jwt = (claims) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret.SESSION_SECRET).update(signed).digest('base64url')}`;
};

test('the app by service binding: the request as it is, but for what no client may say', async () => {
  const worker = await workerd(build('WORKER_DIR'), (url) => ({ EDGEWARD: { ...document(url), origin: { binding: 'BOUND' } }, ...secret }), { BOUND: { source: BOUND } });
  try {
    const now = Math.floor(Date.now() / 1000);
    const cookie = `session=${jwt({ userId: '42', iat: now, exp: now + 60 })}; theme=dark`;
    const headers = { 'x-edgeward-user': 'root', 'x-own': 'kept', origin: worker.url, 'sec-fetch-site': 'same-origin' };
    const post = (fields) => fetch(`${worker.url}/private?x=%20&&y`, { method: 'POST', body: 'abc', redirect: 'manual', headers: { ...headers, ...fields } });
    const refused = await post({});
    assert.equal(refused.status, 401, worker.log.join('\n'));
    const answer = await post({ cookie });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2; Path=/']);
    assert.match(answer.headers.get('cache-control'), /private/);
    const seen = await answer.json();
    assert.deepEqual([seen.url, seen.method, seen.body], [`${worker.url}/private?x=%20&&y`, 'POST', 'abc']);
    assert.deepEqual([seen.headers.cookie, seen.headers['x-own'], seen.headers['x-edgeward-user']], [cookie, 'kept', undefined]);
    const open = await (await fetch(`${worker.url}/login`, { headers: { 'x-edgeward-user': 'root' } })).json();
    assert.equal(open.headers['x-edgeward-user'], undefined);
  } finally {
    await worker.stop();
  }
});

test('a binding that is not there is a fault of the config, not an open door', async () => {
  const worker = await workerd(build('WORKER_DIR'), (url) => ({ EDGEWARD: { ...document(url), origin: { binding: 'BOUND' } }, ...secret }));
  try {
    const answer = await fetch(`${worker.url}/login`);
    assert.ok(answer.status >= 500, `${answer.status}`);
    assert.match((await answer.json()).code, /^[a-z_.]+$/);
  } finally {
    await worker.stop();
  }
});

test('nothing of the tests is in the shipped build', async () => {
  const bytes = await readFile(path.join(build('WORKER_DIR'), 'edgeward.wasm'));
  const tested = await readFile(path.join(build('WORKER_TEST_DIR'), 'edgeward.wasm'));
  for (const word of ['TEST_ORIGIN', 'x-core-user']) {
    assert.ok(!bytes.includes(word), word);
    assert.ok(tested.includes(word), `${word} would have been found`);
  }
  const worker = await workerd(build('WORKER_DIR'), (url) => ({ EDGEWARD: document(url), TEST_ORIGIN: app.url, TEST_IDENTITY: app.url, ...secret }));
  try {
    const trap = { headers: { 'x-trap': 'edgeward-test-trap' } };
    assert.equal((await fetch(worker.url, trap)).status, 200);
    assert.equal((await fetch(`${worker.url}/redirect`, { redirect: 'manual' })).headers.get('x-core-user'), null);
  } finally {
    await worker.stop();
  }
});
