// `edgeward/fetch` and `edgeward/server` on Node, from the packed tarball: decide, effects, traps, first errors.
import assert from 'node:assert/strict';
import test from 'node:test';

import { NAVIGATION, document, env } from './support/config.mjs';
import { entry, installed } from './support/install.mjs';

const ORIGIN = 'https://app.example.com';
const dir = installed();
const { createGate } = await entry(dir, 'fetch');
const { forge } = await entry(dir, 'testing');
const config = document(ORIGIN);
const gate = createGate(config, { env, log: false });

const at = (path, headers = {}, init = {}) => new Request(`${ORIGIN}${path}`, { headers, ...init });
const app = (request) => Response.json({ cookie: request.headers.get('cookie'), spoofed: request.headers.get('x-edgeward-user') }, { headers: { 'cache-control': 'public, s-maxage=600' } });
const ask = (...request) => gate.fetch(at(...request), app);
const ann = await forge(config, { sub: 'ann', email: 'ann@example.com', roles: ['user'], claims: { name: 'Ann', plan: 'gold' } }, { env });
const root = await forge(config, { sub: 'root', roles: ['admin'] }, { env });

test('what each class of request gets without a session', async () => {
  const rows = [
    ['/dashboard', NAVIGATION, 302],
    ['/dashboard', {}, 401],
    ['/api/things', NAVIGATION, 401],
    ['/admin', NAVIGATION, 302],
    ['/dashboard', { cookie: '__Host-edgeward=forged' }, 401],
    ['/dashboard', { 'x-edgeward-user': 'ann' }, 401],
    ['/login', NAVIGATION, 200],
    ['/', NAVIGATION, 200],
    ['/%2e%2e/admin', NAVIGATION, 302],
    ['/a\\b', NAVIGATION, 302],
    ['/x%00', NAVIGATION, 400],
  ];
  for (const [path, headers, status] of rows) assert.equal((await ask(path, headers)).status, status, `${path} ${JSON.stringify(headers)}`);
  const response = await ask('/dashboard?tab=2', NAVIGATION);
  assert.equal(response.headers.get('location'), '/login?return_to=%2Fdashboard%3Ftab%3D2');
  assert.match(response.headers.get('cache-control'), /private, no-store/);
  const problem = await (await ask('/api/things')).json();
  assert.equal(problem.code, 'unauthenticated');
});

test('a session meets what it meets, and the app sees it once', async () => {
  for (const [path, cookie, status] of [['/dashboard', ann, 200], ['/admin/users', ann, 403], ['/admin/users', root, 200], ['/login', ann, 302]]) {
    assert.equal((await ask(path, { ...NAVIGATION, cookie: cookie.header })).status, status, path);
  }
  const response = await ask('/dashboard', { cookie: `theme=dark; ${ann.header}; ${ann.header}`, 'x-edgeward-user': 'root' });
  assert.deepEqual(await response.json(), { cookie: `${ann.header}; theme=dark`, spoofed: null });
  assert.match(response.headers.get('cache-control'), /private/);
  assert.doesNotMatch(response.headers.get('cache-control'), /s-maxage|public/);
  assert.match((await ask('/', {})).headers.get('cache-control'), /s-maxage=600/);
});

test('another host is refused, and an origin is only selected', async () => {
  assert.equal((await gate.fetch(new Request('https://evil.example/'), app)).status, 421);
  const behind = new Request('http://10.0.0.7:3000/dashboard', { headers: { ...NAVIGATION, 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' } });
  assert.equal((await gate.fetch(behind, app)).status, 302);
  const claimed = new Request('https://evil.example/dashboard', { headers: { ...NAVIGATION, 'x-forwarded-host': 'worse.example' } });
  assert.equal((await gate.fetch(claimed, app)).status, 421);
});

test('the host that the app will route by is the host that is judged', async (t) => {
  const origins = [ORIGIN, 'https://admin.example.com', 'http://localhost:3000'];
  const rules = [{ path: '/login', require: 'guest' }, { host: 'admin.example.com', path: '/users/:path*', require: 'session' }, { path: '/users/:path*', require: 'public' }];
  const two = { ...config, public_origins: origins, routes: rules };
  const between = createGate(two, { env, log: false });
  const through = async (url, headers) => (await between.fetch(new Request(url, { headers: { ...NAVIGATION, ...headers } }), app)).status;
  for (const [why, url, headers, status] of [
    ['as it is', 'https://admin.example.com/users', {}, 302],
    ['a forwarded name beside a known one', 'https://admin.example.com/users', { 'x-forwarded-host': 'app.example.com' }, 302],
    ['a forwarded name beside a known Host', 'http://10.0.0.7/users', { host: 'admin.example.com', 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' }, 302],
    ['the machine itself, from elsewhere', 'http://10.0.0.7/users', { 'x-forwarded-host': 'localhost:3000', 'x-forwarded-proto': 'http' }, 421],
    ['the machine itself, by another of its names', 'http://127.0.0.1:3000/users', { 'x-forwarded-host': 'localhost:3000', 'x-forwarded-proto': 'http' }, 200],
    ['behind a proxy that rewrites Host', 'http://10.0.0.7/users', { 'x-forwarded-host': 'admin.example.com', 'x-forwarded-proto': 'https' }, 302],
    ['a forwarded name beside a known Host with a port', 'http://10.0.0.7/users', { host: 'admin.example.com:443', 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' }, 302],
    ['a forwarded name beside a known Host with the dot of the root', 'http://10.0.0.7/users', { host: 'admin.example.com.', 'x-forwarded-host': 'app.example.com', 'x-forwarded-proto': 'https' }, 302],
    ['a Host with a path', 'http://10.0.0.7/users', { host: 'app.example.com/users/x?' }, 421],
    ['a Host with a query', 'http://10.0.0.7/users', { host: 'app.example.com?' }, 421],
    ['a Host with a user', 'http://10.0.0.7/users', { host: 'x@app.example.com' }, 421],
    ['two Hosts', 'http://10.0.0.7/users', { host: 'app.example.com, admin.example.com' }, 421],
    ['a forwarded host with a path', 'http://10.0.0.7/users', { 'x-forwarded-host': 'app.example.com/users?', 'x-forwarded-proto': 'https' }, 421],
    ['the other one', 'https://app.example.com/users', {}, 200],
  ]) {
    assert.equal(await through(url, headers), status, why);
  }
});

test('a URL whose path begins with its query is no path that two routers read alike', async () => {
  const raw = { method: 'GET', url: 'https://app.example.com?/dashboard', headers: new Headers(NAVIGATION), signal: undefined, body: null };
  const { response } = await gate.decide(raw);
  assert.equal(response.status, 421);
});

test('the session endpoint shows what is listed, and no more', async () => {
  const shown = await ask('/.edgeward/session', { cookie: ann.header });
  const { exp, ...rest } = await shown.json();
  assert.deepEqual(rest, { sub: 'ann', email: 'ann@example.com', name: 'Ann' });
  assert.ok(exp > Date.now() / 1000);
  assert.match(shown.headers.get('cache-control'), /no-store/);
  for (const headers of [{}, NAVIGATION, { cookie: '__Host-edgeward=x' }]) assert.equal((await ask('/.edgeward/session', headers)).status, 401);
  assert.equal((await ask('/.edgeward/session', { cookie: ann.header }, { method: 'POST' })).status, 405);
});

test('a session is renewed for the app in the same request', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 30 * 60_000 });
  const response = await ask('/dashboard', { cookie: ann.header });
  const [line] = response.headers.getSetCookie();
  const renewed = line.split(';')[0];
  assert.notEqual(renewed, ann.header);
  assert.equal((await response.json()).cookie, renewed);
});

test('the cookie that the app itself writes is the one that goes out', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 30 * 60_000 });
  const own = '__Host-edgeward=own; Path=/; Secure';
  const response = await gate.fetch(at('/dashboard', { cookie: ann.header }), () => new Response('page', { headers: { 'set-cookie': own } }));
  assert.deepEqual(response.headers.getSetCookie(), [own]);
});

test('the log holds codes and patterns, and nothing that was sent', async () => {
  const events = [];
  const logged = createGate(config, { env, log: (event) => events.push(event) });
  const CANARY = 'canary-7f3a';
  for (const path of [`/admin/${CANARY}?${CANARY}=1`, `/about?${CANARY}`, '/.edgeward/session', `/${CANARY}%00`]) {
    for (const cookie of [ann.header, `__Host-edgeward=${CANARY}`, `${CANARY}=1`]) {
      await logged.fetch(at(path, { ...NAVIGATION, cookie, 'user-agent': CANARY, referer: `https://${CANARY}.example/` }), app);
    }
  }
  assert.equal(events.length, 12);
  for (const event of events) {
    assert.match(event.code, /^[a-z]+(\.[a-z_]+)?$/);
    const text = JSON.stringify(event);
    for (const part of [CANARY, 'ann', ann.header.slice(-20), env.SESSION_SECRET]) assert.ok(!text.includes(part), text);
  }
});

test('decide and apply are the same in two steps', async () => {
  const turned = await gate.decide(at('/dashboard', NAVIGATION));
  assert.deepEqual([turned.action, turned.response.status], ['respond', 302]);
  const decision = await gate.decide(at('/dashboard', { cookie: ann.header }));
  assert.equal(decision.action, 'continue');
  const applied = gate.apply(decision, new Response('page', { status: 201, headers: { 'cache-control': 'public', 'x-app': '1' } }));
  assert.deepEqual([applied.status, applied.headers.get('x-app'), await applied.text()], [201, '1', 'page']);
  assert.match(applied.headers.get('cache-control'), /private/);
});

test("an error of the app is the app's", async () => {
  await assert.rejects(gate.fetch(at('/dashboard', { cookie: ann.header }), () => { throw new Error('the app broke'); }), /the app broke/);
});

test('a config without its secret, and what is no config, say so in one sentence', async (t) => {
  const said = [];
  t.mock.method(console, 'error', (text) => said.push(text));
  const broken = createGate(config, { env: {}, log: false });
  assert.match(said[0], /`SESSION_SECRET` is not set; put a secret/);
  const response = await broken.fetch(at('/dashboard'), app);
  assert.equal(response.status, 500);
  assert.equal((await broken.fetch(at('/'), app)).status, 500, 'nothing is let through');
  assert.match(said[1], /the config does not start a gate.*\n.*session\.secrets\[0\]/);
  assert.throws(() => createGate(), /edgeward: the first argument is the config document/);
  assert.doesNotMatch(said.join(), new RegExp(env.SESSION_SECRET));
});
