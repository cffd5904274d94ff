// The app without the gate: what only the table knows.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { COOKIE, createApp, openStore, sign, verify } from './app.mjs';

const SECRET = 'a session secret of at least 32 characters';
const LOCK = 'an origin lock of at least thirty-two bytes';

let store;
let server;
let base;
let clock = 1_800_000_000;

before(async () => {
  store = openStore();
  store.addUser('ann@example.com', 'owls');
  server = createApp({ store, secret: SECRET, lock: LOCK, now: () => clock });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
  store.close();
});

const ask = (path, { cookie, form, headers } = {}) =>
  fetch(base + path, { method: form ? 'POST' : 'GET', redirect: 'manual', body: form && new URLSearchParams(form), headers: { 'x-edgeward-origin-lock': LOCK, ...(cookie && { cookie }), ...headers } });

async function signIn() {
  const response = await ask('/login?return_to=%2Fdashboard', { form: { email: 'ann@example.com', password: 'owls' } });
  assert.equal(response.status, 303);
  return response.headers.getSetCookie()[0].split(';')[0];
}

test('a sign-in, a page, and the end of it', async () => {
  const cookie = await signIn();
  assert.match(await (await ask('/dashboard', { cookie })).text(), /ann@example\.com/);
  assert.equal((await ask('/logout', { cookie, form: {} })).status, 303);
  const gone = await ask('/dashboard', { cookie });
  assert.deepEqual([gone.status, gone.headers.get('location')], [303, '/login?return_to=%2Fdashboard']);
  assert.match(gone.headers.getSetCookie()[0], /^session=; .*Max-Age=0/, 'the cookie goes with it');
});

test('the cookie carries an id and nothing else', async () => {
  const [, payload] = (await signIn()).split('=')[1].split('.');
  assert.deepEqual(Object.keys(JSON.parse(Buffer.from(payload, 'base64url'))), ['sessionId', 'iat', 'exp']);
});

test('one ended everywhere is ended in each browser', async () => {
  const [one, two] = [await signIn(), await signIn()];
  await ask('/logout/everywhere', { cookie: one, form: {} });
  for (const cookie of [one, two]) assert.equal((await ask('/api/me', { cookie, headers: { accept: 'application/json' } })).status, 401);
});

test('a session runs out by the table and by the token', async () => {
  const cookie = await signIn();
  clock += 7 * 86_400;
  assert.equal((await ask('/dashboard', { cookie })).status, 303);
});

test('values that nobody signed, that were signed with another key, or that are for another use', () => {
  const good = sign('id', SECRET, clock);
  assert.equal(verify(good, SECRET, clock), 'id');
  const [header, payload, signature] = good.split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'session+jwt' })).toString('base64url');
  for (const value of ['', '.', '..', 'x.y.z', `${header}.${payload}`, `${header}.${payload}.`, `${header}.${payload}.${signature}.x`, `${none}.${payload}.${signature}`, `${header}.${Buffer.from('{"sessionId":"other"}').toString('base64url')}.${signature}`, sign('id', 'another secret of at least 32 bytes!!', clock), sign('id', SECRET, clock - 8 * 86_400)]) {
    assert.equal(verify(value, SECRET, clock), undefined, value);
  }
});

test('a wrong password, an unknown address, a return_to to elsewhere, and who comes around the gate', async () => {
  for (const form of [{ email: 'ann@example.com', password: 'x' }, { email: 'x', password: 'owls' }, {}]) assert.equal((await ask('/login', { form })).status, 400);
  for (const back of ['//evil.example', '/\\evil.example', 'https://evil.example']) {
    const response = await ask(`/login?return_to=${encodeURIComponent(back)}`, { form: { email: 'ann@example.com', password: 'owls' } });
    assert.equal(response.headers.get('location'), '/dashboard');
  }
  assert.equal((await fetch(`${base}/dashboard`, { headers: { cookie: `${COOKIE}=x` } })).status, 403);
});
