// A trap costs the request that trapped its answer, and nobody else anything (semantics 9.3).
//
// TRAP_ROUNDS sets the rounds; the full run is 1,000, the ordinary one is short because each waits for slow upstreams.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { until } from './support/client.mjs';
import { cookie, upstream } from './support/upstream.mjs';
import { build, workerd } from './support/workerd.mjs';

const ROUNDS = Number(process.env.TRAP_ROUNDS ?? 40);
const USERS = 50;
/** No answer takes longer, trap or not. */
const DEADLINE_MS = 8_000;
/** The word that makes a test build trap. */
const WORD = 'edgeward-test-trap';

let app;
let identity;
let worker;
const posted = new Map();

before(async () => {
  const pause = () => sleep(Math.random() * 30);
  const count = (request) => {
    if (request.method === 'POST') posted.set(request.url, (posted.get(request.url) ?? 0) + 1);
  };
  app = await upstream(async (request, response, body) => {
    count(request);
    const text = await body();
    await pause();
    if (request.url.includes('trap=head')) response.setHeader('x-trap', WORD);
    response.end(`${request.headers['x-user']} ${text}`);
  });
  identity = await upstream(async (request, response, body) => {
    count(request);
    const text = await body();
    const user = cookie(request, 'user');
    await pause();
    if (request.url === '/whoami') {
      if (user.endsWith('-whoami')) response.setHeader('x-trap', WORD);
      return response.end(user);
    }
    if (request.url.includes('mint')) response.setHeader('x-mint', '1');
    if (request.url.includes('json')) response.setHeader('content-type', 'application/json');
    if (request.url.includes('trap=head')) response.setHeader('x-trap', WORD);
    return response.end(request.url.includes('trap=body') ? WORD : `${user} ${text}`);
  });
  worker = await workerd(build('WORKER_TEST_DIR'), { TEST_ORIGIN: app.url, TEST_IDENTITY: identity.url });
});

after(async () => {
  await worker?.stop();
  app?.stop();
  identity?.stop();
});

/** Where a trap can be: the way, and how it is set off. */
const places = {
  'at the begin': { path: '/app', header: WORD },
  'at the begin of a tunnelled request': { path: '/tunnel', header: WORD, method: 'POST' },
  'at an answer before the decision': { path: '/ask', user: '-whoami' },
  "at the app's head": { path: '/app', query: 'trap=head', method: 'POST' },
  "at the identity server's head": { path: '/tunnel', query: 'trap=head', method: 'POST' },
  'at an answer behind the head': { path: '/tunnel', query: 'mint', user: '-whoami', method: 'POST' },
  'at a body that was read': { path: '/tunnel', query: 'json&trap=body', method: 'POST' },
};

/** What the others are doing meanwhile. */
const ways = [
  { path: '/app' },
  { path: '/app', method: 'POST' },
  { path: '/ask' },
  { path: '/tunnel', method: 'POST' },
  { path: '/tunnel', query: 'mint', method: 'POST' },
  { path: '/tunnel', query: 'json', method: 'POST' },
  { path: '/beside' },
  { path: '/redirect' },
];

let unique = 0;

async function visit({ path, query = '', header, user: suffix = '', method = 'GET' }) {
  unique += 1;
  const number = unique;
  const user = `u${number}${suffix}`;
  const target = `${path}/${number}?n&${query}`;
  const begun = Date.now();
  const response = await fetch(worker.url + target, {
    method,
    redirect: 'manual',
    body: method === 'POST' ? `posted-${number}` : undefined,
    headers: { cookie: `user=${user}`, 'x-marker': `m-${number}`, ...(header && { 'x-trap': header }) },
  });
  const text = await response.text();
  return { path, query, user, target, method, number, response, text, ms: Date.now() - begun };
}

function served({ path, query, user, method, number, response, text, ms }) {
  assert.equal(response.headers.get('x-core-user'), user, 'decided for its own visitor');
  assert.ok(ms < DEADLINE_MS, `${ms} ms`);
  if (path === '/redirect') return assert.equal(response.status, 303);
  assert.equal(response.status, 200);
  assert.deepEqual(response.headers.getSetCookie(), [`seen=${user}; Path=/`]);
  const sent = `${user} ${method === 'POST' ? `posted-${number}` : ''}`;
  assert.equal(text, query.includes('json') ? sent.toUpperCase() : sent);
  if (query.includes('mint')) assert.equal(response.headers.get('x-minted'), 'yes');
}

function failed({ response, text, ms }) {
  assert.equal(response.status, 503);
  assert.ok(ms < DEADLINE_MS, `${ms} ms`);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.match(response.headers.get('cache-control'), /no-store/);
  const problem = JSON.parse(text);
  assert.equal(problem.code, 'gate.trapped');
  assert.match(problem.request_id, /^[0-9a-f]{16}$/);
  assert.ok(worker.events().some((event) => event.code === 'gate.trapped' && event.request_id === problem.request_id));
}

/** 50 requests of 50 users in flight, one of which traps. */
async function round(place) {
  const others = Array.from({ length: USERS - 1 }, (_, at) => visit(ways[at % ways.length]));
  await sleep(Math.random() * 30);
  const [trapped, ...rest] = await Promise.all([visit(place), ...others]);
  failed(trapped);
  rest.forEach(served);
  for (const { method, target } of [trapped, ...rest]) {
    if (method === 'POST') assert.ok((posted.get(target) ?? 0) <= 1, `${target} was sent ${posted.get(target)} times`);
  }
  for (const { method, target } of rest) if (method === 'POST') assert.equal(posted.get(target), 1, target);
  posted.clear();
}

for (const [name, place] of Object.entries(places)) {
  const rounds = Math.ceil(ROUNDS / Object.keys(places).length);
  test(`${rounds} rounds of ${USERS} visitors, one trap ${name}`, { timeout: 600_000 }, async () => {
    for (let left = rounds; left > 0; left -= 1) await round(place);
  });
}

test('a trap beside a response leaves the response alone', async () => {
  const before = worker.events().length;
  const visited = await visit({ path: '/beside', user: '-whoami' });
  served(visited);
  await sleep(100);
  served(await visit({ path: '/app' }));
  assert.ok(!worker.events().slice(before).some((event) => event.action === 'beside'));
});

test('a body that streams goes on when its instance traps', async () => {
  const parts = [];
  const source = await upstream(async (request, response) => {
    for (let left = 10; left > 0; left -= 1) {
      response.write(`part ${left}\n`);
      await sleep(30);
    }
    response.end();
  });
  const streaming = await workerd(build('WORKER_TEST_DIR'), { TEST_ORIGIN: source.url, TEST_IDENTITY: source.url });
  try {
    const response = await fetch(`${streaming.url}/app/x`);
    const reader = response.body.getReader();
    parts.push((await reader.read()).value);
    const trapped = await fetch(`${streaming.url}/app/x`, { headers: { 'x-trap': WORD } });
    assert.equal(trapped.status, 503);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
    }
    assert.equal(Buffer.concat(parts).toString().split('\n').length, 11);
  } finally {
    await streaming.stop();
    source.stop();
  }
});

test('a visitor who traps every time costs the others nothing but time', async () => {
  for (let left = 20; left > 0; left -= 1) {
    const [trapped, ...rest] = await Promise.all([visit(places['at the begin']), visit({ path: '/redirect' }), visit({ path: '/app' })]);
    failed(trapped);
    rest.forEach(served);
  }
});

test('a page for people, a problem document for programs', async () => {
  const trap = (accept) => fetch(`${worker.url}/app/x`, { headers: { 'x-trap': WORD, accept } });
  const page = await trap('text/html,application/xhtml+xml');
  assert.equal(page.status, 503);
  assert.match(page.headers.get('content-type'), /^text\/html/);
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/);
  const text = await page.text();
  assert.match(text, /[0-9a-f]{16}/);
  assert.ok(!text.includes('{request-id}'));
  assert.match((await trap('application/json')).headers.get('content-type'), /problem\+json/);
  const head = await fetch(`${worker.url}/app/x`, { method: 'HEAD', headers: { 'x-trap': WORD } });
  assert.equal(head.status, 503);
});

test('a request that never comes to an end is answered by the clock', { timeout: 20_000 }, async () => {
  const begun = Date.now();
  const response = await fetch(`${worker.url}/forever`, { headers: { cookie: 'user=ann' } });
  assert.equal(response.status, 503);
  assert.equal((await response.json()).code, 'gate.stalled');
  assert.ok(Date.now() - begun < DEADLINE_MS);
  const asked = () => identity.seen.length;
  await sleep(200);
  const then = asked();
  await sleep(300);
  assert.ok(asked() - then <= 1, 'it stops asking');
});

test('after all of it, the next hundred requests work', async () => {
  for (let at = 0; at < 100; at += 1) served(await visit(ways[at % ways.length]));
  await until(() => worker.events().length > 0);
});
