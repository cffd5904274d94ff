// The example with sessions in a database, behind the real Worker: the gate reads the cookie, SQLite has the last word.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { createApp, openStore, sign } from '../../examples/database-sessions/app.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { ORIGIN, given } from '../live/world/world.mjs';

const FORM = ['Content-Type', 'application/x-www-form-urlencoded'];

let app;
let arrived;
let store;
let worker;

before(async () => {
  store = openStore();
  store.addUser('ann@example.com', 'owls');
  app = createApp({ store, secret: given('SESSION_SECRET'), lock: given('ORIGIN_LOCK') });
  arrived = [];
  app.on('request', ({ url }) => arrived.push(url));
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  worker = await startWorker((config) => {
    // The document of examples/database-sessions/wrangler.toml.
    const { public_origins, origin } = config;
    for (const key of Object.keys(config)) delete config[key];
    Object.assign(config, {
      public_origins,
      origin: { ...origin, url: `http://127.0.0.1:${app.address().port}` },
      default: 'session',
      signed_in: '/dashboard',
      sign_in: '/login',
      session: { format: 'jwt', secrets: [{ env: 'SESSION_SECRET' }], subject: 'sessionId', algorithm: 'HS256', typ: 'session+jwt', logout: ['/logout', '/logout/everywhere'] },
      routes: [
        { path: '/', require: 'public' },
        { path: '/login', require: 'guest' },
        { path: '/api/:path*', require: 'session', on_unauthenticated: '401' },
      ],
    });
  });
});
after(async () => {
  await worker?.stop();
  app?.closeAllConnections();
  app?.close();
  store?.close();
});

const post = (visitor, target, form) => visitor.page(target, { method: 'POST', headers: [FORM, ['Origin', ORIGIN]], body: String(new URLSearchParams(form)) });

async function signedIn() {
  const ann = new Visitor(worker.port);
  const away = await ann.page('/dashboard');
  assert.equal(away.status, 302);
  const done = await post(ann, away.headers.location, { email: 'ann@example.com', password: 'owls' });
  assert.deepEqual([done.status, done.headers.location], [303, '/dashboard']);
  return ann;
}

test('a stranger never reaches the app; who signed in does, and is known by the table', async () => {
  arrived.length = 0;
  const nobody = new Visitor(worker.port);
  assert.equal((await nobody.page('/dashboard')).status, 302);
  assert.equal((await nobody.api('/api/me')).status, 401);
  assert.deepEqual(arrived, [], 'the database was not asked');
  const ann = await signedIn();
  const page = await ann.page('/dashboard');
  assert.equal(page.status, 200);
  assert.match(page.text, /ann@example\.com/);
  assert.equal((await ann.api('/api/me')).json.email, 'ann@example.com');
  assert.equal((await ann.page('/login')).status, 302, 'the sign-in page is for guests');
});

test('a session that the table ended: the cookie is sound, the app says no, and nobody goes round in circles', async () => {
  const ann = await signedIn();
  const elsewhere = await signedIn();
  const cookie = ann.cookie();
  assert.equal((await post(elsewhere, '/logout/everywhere', {})).status, 303);
  const refused = await ann.page('/dashboard');
  assert.deepEqual([refused.status, refused.headers.location], [303, '/login?return_to=%2Fdashboard']);
  assert.equal((await ann.page(refused.headers.location)).status, 200, 'the form, because the cookie went with the answer');
  // A thief with the old cookie gets as far as the table.
  assert.equal((await ann.api('/api/me', { cookie, keep: false })).status, 401);
});

test('a token of the same secret for another use, a forged one and an id that the table does not have', async () => {
  const now = Math.floor(Date.now() / 1000);
  const other = sign('x', given('SESSION_SECRET'), now).split('.');
  const reset = Buffer.from('{"alg":"HS256","typ":"reset+jwt"}').toString('base64url');
  arrived.length = 0;
  for (const value of [`${reset}.${other[1]}.${other[2]}`, sign('x', 'another secret of at least 32 bytes!!', now), sign('x', given('SESSION_SECRET'), now - 8 * 86_400)]) {
    assert.equal((await new Visitor(worker.port).api('/api/me', { cookie: `session=${value}` })).status, 401);
  }
  assert.deepEqual(arrived, [], 'none of them reached the app');
  assert.equal((await new Visitor(worker.port).api('/api/me', { cookie: `session=${sign('x', given('SESSION_SECRET'), now)}` })).status, 401);
  assert.equal(arrived.length, 1, 'this one did, and the table did not know it');
});

test('signing out ends the row', async () => {
  const ann = await signedIn();
  const cookie = ann.cookie();
  await post(ann, '/logout', {});
  assert.equal((await ann.page('/dashboard')).status, 302);
  assert.equal((await ann.api('/api/me', { cookie, keep: false })).status, 401);
});
