// The end-of-session matrix (semantics 6.5): how a session ends at the real Kratos × how fresh a rule wants it × two Workers that share
// nothing, each shown the cookies of before the end. What is measured is the time until it is refused; what is asserted is the bound.
// F = 1 m and 5 m (S = 20 s) are run at a twentieth of their length, MATRIX_FASTER=1 runs them at their own; F = 0 is as it is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startKratos } from '../live/kratos/start.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { freePort } from '../live/world/http.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { KRATOS_SESSION, given } from '../live/world/world.mjs';
import { enrolTotp } from '../live/world/totp.mjs';

const FASTER = Number(process.env.MATRIX_FASTER ?? 20);
const EVERY_MS = FASTER === 1 ? 1_000 : 250;
/** path → F and S, and the F that it stands for */
const RULES = { '/now': [0, 0, '0'], '/minute': [60_000 / FASTER, 20_000 / FASTER, '1 m'], '/five': [300_000 / FASTER, 20_000 / FASTER, '5 m'] };
const LIFESPAN_MS = 400_000 / FASTER;
/** For a test: the longest bound, twice. */
const TIMEOUT_MS = 2 * LIFESPAN_MS + 60_000;
const REVOKE = JSON.stringify([{ hook: 'revoke_active_sessions' }]);

let app;
let origin;
/** name → an identity server with its own settings, and two Workers in front of it */
const places = {};

before(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  app = await startOrigin();
  const place = async (name, settings) => {
    const kratos = await startKratos(given('KRATOS_BINARY'), origin, settings);
    const at = () => startWorker(configFor(kratos));
    places[name] = { kratos, workers: await Promise.all([at(), at()]) };
  };
  await Promise.all([
    place('strict', { PASSWORD_HOOKS: REVOKE, RECOVERY_HOOKS: REVOKE }),
    place('lenient', {}),
    place('brief', { SESSION_LIFESPAN: `${LIFESPAN_MS / 1000}s` }),
  ]);
});
after(async () => {
  await Promise.all(Object.values(places).flatMap(({ workers }) => workers.map((worker) => worker.stop())));
  app?.stop();
  await Promise.all(Object.values(places).map(({ kratos }) => kratos.stop()));
});

const configFor = ({ url }) => (config) => {
  config.public_origins = [origin];
  config.kratos.url = url;
  config.kratos.expose = ['sessions'];
  config.origin.url = app.url;
  for (const [path, [fresh, stale]] of Object.entries(RULES)) config.routes.unshift({ path, require: { fresh_within: `${fresh / 1000}s`, stale_for: `${stale / 1000}s`, stale_if_error: '0s' } });
  config.routes.unshift({ path: '/strong', require: { aal: 'aal2', fresh_within: '3s', stale_for: '1s', stale_if_error: '0s' } });
};

const another = (visitor) => new Visitor(visitor.port, origin).login(visitor.email);

async function newPassword(visitor) {
  const other = await another(visitor);
  const done = await other.submit(await other.flow('settings'), { method: 'password', password: 'nine blue Herons by the lake' });
  assert.equal(done.status, 200);
}

async function recovery(visitor, { admin }) {
  const lost = new Visitor(visitor.port, origin);
  const { recovery_link } = await admin('POST', '/admin/recovery/link', { identity_id: visitor.identity });
  const { pathname, search } = new URL(recovery_link);
  assert.ok((await lost.page(pathname + search)).status < 400);
  assert.ok(lost.cookies.has(KRATOS_SESSION), 'recovered');
}

/** name → [where, how it ends, whether Kratos ends the session by it] */
const ENDS = {
  'logout here': ['strict', (visitor) => visitor.logout(), true],
  'DELETE /sessions': ['strict', async (visitor) => {
    const other = await another(visitor);
    const done = await other.api('/sessions', { method: 'DELETE', headers: [['Origin', origin]] });
    assert.deepEqual([done.status, done.json.count], [200, 1]);
  }, true],
  'password change': ['strict', newPassword, true],
  'password change, without the hook': ['lenient', newPassword, false],
  recovery: ['strict', recovery, true],
  'recovery, without the hook': ['lenient', recovery, false],
  'identity disabled': ['strict', (visitor, { admin }) => admin('PATCH', `/admin/identities/${visitor.identity}`, [{ op: 'replace', path: '/state', value: 'inactive' }]), true],
  'identity deleted': ['strict', (visitor, { admin }) => admin('DELETE', `/admin/identities/${visitor.identity}`), true],
};

/** Looks at a path of a Worker until it is refused, at most `limit` ms; gives when it was served last. */
async function watch(visitor, cookie, worker, path, from, limit) {
  let last = 0;
  for (let refused = 0; Date.now() - from < limit && refused < 3; await sleep(EVERY_MS)) {
    const asked = Date.now() - from;
    const { status } = await visitor.page(path, { port: worker.port, cookie, keep: false });
    if (status === 200) [last, refused] = [asked, 0];
    else refused += 1;
    assert.ok([200, 302, 303].includes(status), `${path}: ${status}`);
  }
  return last;
}

let turn = Promise.resolve();
/** One after the other: SQLite takes one writer at a time. */
function inTurn(act) {
  const done = turn.then(act);
  turn = done.catch(() => {});
  return done;
}

// Side by side: each row waits out its own bound.
test('the end of a session: each Worker alone refuses it within F + S', { concurrency: true, timeout: TIMEOUT_MS }, (t) => {
  const rows = Object.entries(ENDS).map(([name, [where, end, ends]]) => t.test(name, async (row) => {
    const { kratos, workers } = places[where];
    const cells = await Promise.all(Object.entries(RULES).map(async ([path, [fresh, stale, label]]) => {
      // A visitor for each cell: what a Worker learns by one rule it acts on by all.
      const [visitor, cookie, from] = await inTurn(async () => {
        const visitor = await new Visitor(workers[0].port, origin).register();
        const cookie = visitor.cookie();
        for (const worker of workers) assert.equal((await visitor.page(path, { port: worker.port, cookie, keep: false })).status, 200);
        await end(visitor, kratos);
        return [visitor, cookie, Date.now()];
      });
      const bound = fresh + stale;
      const limit = ends ? bound + 4_000 : 8_000;
      const lasts = await Promise.all(workers.map((worker) => watch(visitor, cookie, worker, path, from, limit)));
      for (const last of lasts) {
        if (ends) assert.ok(last <= bound, `${path}: served ${last} ms after the end, the bound is ${bound}`);
        else assert.ok(last > limit - 3_000, `${path}: what Kratos goes on with was refused after ${last} ms`);
      }
      return `F = ${label}: ${ends ? `${lasts.join(' and ')} of ${bound} ms` : 'goes on'}`;
    }));
    row.diagnostic(`${name}: ${cells.join('; ')}`);
  }));
  return Promise.all(rows);
});

test('the session of Kratos runs out: refused at its end, however fresh the copy', { timeout: TIMEOUT_MS }, async (t) => {
  const { workers } = places.brief;
  const [one] = workers;
  const begun = Date.now();
  const visitor = await new Visitor(one.port, origin).register();
  const cookie = visitor.cookie();
  const cells = await Promise.all(Object.entries(RULES).flatMap(([path, [, , label]]) => workers.map(async (worker) => {
    const last = await watch(visitor, cookie, worker, path, begun, LIFESPAN_MS + 4_000);
    assert.ok(last > LIFESPAN_MS - 3_000 && last <= LIFESPAN_MS + 1_500, `${path}: ${last} ms`);
    return `F = ${label}: ${last} of ${LIFESPAN_MS} ms`;
  })));
  t.diagnostic(cells.join('; '));
});

test('the second factor is taken away: an aal2 page is closed within F + S', { timeout: TIMEOUT_MS }, async (t) => {
  const { kratos, workers } = places.strict;
  const [one] = workers;
  const visitor = await new Visitor(one.port, origin).register();
  await enrolTotp(visitor);
  const cookie = visitor.cookie();
  for (const worker of workers) assert.equal((await visitor.page('/strong', { port: worker.port, cookie, keep: false })).status, 200);
  // What an administrator does with a lost phone: the factor goes, and with it the sessions that were made by it.
  await kratos.admin('DELETE', `/admin/identities/${visitor.identity}/credentials/totp`);
  await kratos.admin('DELETE', `/admin/identities/${visitor.identity}/sessions`);
  const from = Date.now();
  const cells = await Promise.all(workers.map(async (worker) => {
    const last = await watch(visitor, cookie, worker, '/strong', from, 7_000);
    assert.ok(last <= 4_000, `${last} ms`);
    return `${last} of 4000 ms`;
  }));
  t.diagnostic(cells.join('; '));
});

test('a Worker that was restarted between two requests knows no more and serves no longer', { timeout: TIMEOUT_MS }, async () => {
  const { kratos, workers } = places.strict;
  const [one] = workers;
  const visitor = await new Visitor(one.port, origin).register();
  const cookie = visitor.cookie();
  await kratos.admin('DELETE', `/admin/identities/${visitor.identity}/sessions`);
  const from = Date.now();
  const [fresh, stale] = RULES['/minute'];
  const statuses = [];
  for (let asked = 0; asked <= fresh + stale; await sleep((fresh + stale) / 4)) {
    const restarted = await startWorker(configFor(kratos));
    asked = Date.now() - from;
    const { status } = await visitor.page('/minute', { port: restarted.port, cookie, keep: false });
    await restarted.stop();
    statuses.push(status);
    if (asked > fresh + stale) assert.equal(status, 302, `${asked} ms`);
  }
  assert.deepEqual([statuses[0], statuses.at(-1)], [200, 302]);
});
