// How long a session that the identity server has ended is still served, by two Workers that share nothing (semantics 6.1, 6.5).
// Each is shown the cookies of before the end, as a thief would show them: nothing that a response writes is kept.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startOrigin } from '../live/world/origin.mjs';
import { PASSWORD, Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { admin } from '../live/world/world.mjs';

const EVERY_MS = 40;

let app;
let workers;

before(async () => {
  app = await startOrigin();
  const edit = (config) => {
    config.origin.url = app.url;
    config.routes.unshift(
      { path: '/now/:path*', require: { fresh_within: '0s' } },
      { path: '/two/:path*', require: { fresh_within: '2s', stale_for: '1s' } },
      { path: '/one/:path*', require: { fresh_within: '1s', stale_for: '0s' } },
    );
  };
  workers = await Promise.all([startWorker(edit), startWorker(edit)]);
});
after(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.stop()));
  app?.stop();
});

/** name → how the session ends at the identity server */
const ENDS = {
  'revoked by an administrator': (visitor, session) => admin('DELETE', `/admin/sessions/${session}`),
  'all sessions of the person revoked': (visitor) => admin('DELETE', `/admin/identities/${visitor.identity}/sessions`),
  'signed out through the other Worker': (visitor) => visitor.logout(),
  'the person disabled': (visitor) => admin('PATCH', `/admin/identities/${visitor.identity}`, [{ op: 'replace', path: '/state', value: 'inactive' }]),
  'the person deleted': (visitor) => admin('DELETE', `/admin/identities/${visitor.identity}`),
};

/** path → F + S in milliseconds, the longest time that an ended session is served */
const BOUNDS = { '/now/x': 0, '/one/x': 1_000, '/two/x': 3_000 };

for (const [name, end] of Object.entries(ENDS)) {
  test(`${name}: refused within F + S, by each Worker alone`, { timeout: 60_000 }, async (t) => {
    const visitor = await new Visitor().register();
    const [session] = await admin('GET', `/admin/identities/${visitor.identity}/sessions`);
    const cookie = visitor.cookie();
    const look = (worker, path) => visitor.page(path, { port: worker.port, cookie, keep: false });
    for (const worker of workers) for (const path of Object.keys(BOUNDS)) assert.equal((await look(worker, path)).status, 200);

    await end(visitor, session.id);
    const ended = Date.now();
    const served = [];
    await Promise.all(workers.flatMap((worker, at) => Object.entries(BOUNDS).map(async ([path, bound]) => {
      let last = 0;
      let refusals = 0;
      while (Date.now() - ended < bound + 2_500) {
        const asked = Date.now() - ended;
        const { status } = await look(worker, path);
        if (status === 200) last = asked;
        else refusals += 1;
        assert.ok(status === 200 || status === 302, String(status));
        await sleep(EVERY_MS);
      }
      served.push(`Worker ${at + 1} ${path}: ${last} of ${bound} ms`);
      assert.ok(last <= bound, `${path} was served ${last} ms after the end; the bound is ${bound} ms`);
      assert.ok(refusals > 0);
    })));
    t.diagnostic(served.sort().join('; '));
  });
}

test('a sign-in anew is served at once, whatever was refused before', async () => {
  const visitor = await new Visitor().register();
  await admin('DELETE', `/admin/identities/${visitor.identity}/sessions`);
  for (const worker of workers) assert.equal((await visitor.page('/now/x', { port: worker.port, keep: false })).status, 302);
  await visitor.login(visitor.email, PASSWORD);
  for (const worker of workers) assert.equal((await visitor.page('/now/x', { port: worker.port, keep: false })).status, 200);
});

test('a session that goes on is confirmed again and again, and never interrupted', { timeout: 20_000 }, async () => {
  const visitor = await new Visitor().register();
  for (const end = Date.now() + 6_000; Date.now() < end; await sleep(150)) {
    for (const worker of workers) assert.equal((await visitor.page('/two/x', { port: worker.port })).status, 200);
  }
});
