// How long a session that the identity server has ended is still served, by two Workers that share nothing (semantics 6.1, 6.5).
// Each is shown the cookies of before the end, as a thief would show them: nothing that a response writes is kept.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startOrigin } from '../live/world/origin.mjs';
import { startRelay } from '../live/world/relay.mjs';
import { PASSWORD, Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { KRATOS_URL, admin } from '../live/world/world.mjs';

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

test('the identity server goes away: a copy serves F + E and no longer, by each Worker alone, a revoked one, too', { timeout: 60_000 }, async (t) => {
  const [relay, other] = await Promise.all([startRelay(KRATOS_URL), startRelay(KRATOS_URL)]);
  const bound = 1_000 + 4_000;
  const pair = await Promise.all([relay, other].map(({ url }) => startWorker((config) => {
    config.origin.url = app.url;
    config.kratos.url = url;
    config.routes.unshift({ path: '/e/:path*', require: { fresh_within: '1s', stale_for: '1s', stale_if_error: '4s' } });
  })));
  t.after(() => Promise.all(pair.map((worker) => worker.stop())));
  const visitor = await new Visitor().register();
  const cookie = visitor.cookie();
  const begun = Date.now();
  for (const worker of pair) assert.equal((await visitor.page('/e/x', { port: worker.port, cookie, keep: false })).status, 200);
  for (const gone of [relay, other]) gone.stop();
  await admin('DELETE', `/admin/identities/${visitor.identity}/sessions`);
  const lasts = await Promise.all(pair.map(async (worker) => {
    let last = 0;
    let status = 200;
    for (; Date.now() - begun < bound + 3_000; await sleep(EVERY_MS)) {
      const asked = Date.now() - begun;
      ({ status } = await visitor.page('/e/x', { port: worker.port, cookie, keep: false }));
      if (status === 200) last = asked;
      else assert.equal(status, 503, 'nobody knows, so nobody is let in, and nobody is signed out');
    }
    assert.equal(status, 503);
    // The copy was made before the clock of this test began, by as much as a registration takes, and `ver` counts whole seconds.
    assert.ok(last <= bound && last > bound - 3_000, `${last} of ${bound} ms`);
    return last;
  }));
  t.diagnostic(`${lasts.join(' and ')} of ${bound} ms`);
});
