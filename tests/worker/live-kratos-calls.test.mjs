// What a session costs the identity server, counted there: nothing within F, at most two questions for fifty requests at once, and
// a browsing trace beside the same trace with a question on every page (semantics 6.1, 6.2, 9.2).

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { dial, until } from './support/client.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { startRelay } from '../live/world/relay.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { HOST, KRATOS_SESSION, KRATOS_URL } from '../live/world/world.mjs';

const PAGES = 200;
const AT_ONCE = 50;
const RSC = [['RSC', '1'], ['Accept', '*/*'], ['Sec-Fetch-Mode', 'cors'], ['Sec-Fetch-Dest', 'empty'], ['Sec-Fetch-Site', 'same-origin']];
const PREFETCH = [...RSC, ['Next-Router-Prefetch', '1']];

let app;
let relay;
let worker;

before(async () => {
  app = await startOrigin();
  relay = await startRelay(KRATOS_URL);
  worker = await startWorker((config) => {
    config.origin.url = app.url;
    config.kratos.url = relay.url;
    config.routes.unshift(
      { path: '/brief/:path*', require: { fresh_within: '2s', stale_for: '1s' } },
      { path: '/each/:path*', require: { fresh_within: '0s' } },
    );
  });
});
after(async () => {
  await worker?.stop();
  relay?.stop();
  app?.stop();
});
afterEach(() => relay.on());

/** Somebody with a session and, unless `bare`, a copy of it. */
async function somebody(bare = false) {
  const visitor = await new Visitor().register();
  if (bare) for (const name of visitor.cookies.keys()) if (name !== KRATOS_SESSION) visitor.cookies.delete(name);
  relay.seen.length = 0;
  return visitor;
}

/** Two hundred pages below a folder, every other one by the router of the app, which prefetches it first; gives the calls. */
async function browse(visitor, folder, pause = 0) {
  const begun = Date.now();
  const calls = relay.count();
  for (let page = 0; page < PAGES; page += 1) {
    const path = `${folder}/${page % 17}`;
    if (page % 2) await visitor.ask(path, { port: worker.port, headers: PREFETCH });
    const got = page % 2 ? await visitor.ask(path, { port: worker.port, headers: RSC }) : await visitor.page(path, { port: worker.port });
    assert.equal(got.status, 200, `${path}: ${got.status}`);
    if (pause) await sleep(pause);
  }
  return { calls: relay.count() - calls, ms: Date.now() - begun };
}

test('two hundred pages within F ask nothing; with a question on every page they ask two hundred times', { timeout: 120_000 }, async (t) => {
  const visitor = await somebody();
  const within = await browse(visitor, '/pages');
  assert.equal(within.calls, 0);
  const brief = await browse(visitor, '/brief', 30);
  // A confirmation lasts F; the one that was under way at the start may be a second one.
  assert.ok(brief.calls >= 2 && brief.calls <= Math.ceil(brief.ms / 2_000) + 1, `${brief.calls} calls in ${brief.ms} ms`);
  const each = await browse(visitor, '/each');
  assert.ok(each.calls >= PAGES && each.calls <= PAGES * 1.5, `${each.calls}`);
  assert.deepEqual(relay.seen.filter(({ path }) => path !== '/sessions/whoami'), [], 'nothing else is asked');
  t.diagnostic(`calls for 200 page views: ${within.calls} at F = 5 m; ${brief.calls} at F = 2 s in ${(brief.ms / 1000).toFixed(1)} s; ${each.calls} with a question on every page`);
});

const parallel = (visitor, path = '/pages/x') => Promise.all(Array.from({ length: AT_ONCE }, () => visitor.page(path, { port: worker.port, keep: false })));

test('fifty requests at once without a copy: at most two questions, and everybody is served', async (t) => {
  const visitor = await somebody(true);
  relay.on(() => sleep(200));
  const answers = await parallel(visitor);
  assert.ok(answers.every(({ status }) => status === 200), JSON.stringify(answers.map(({ status }) => status)));
  assert.ok(relay.count() <= 2, `${relay.count()}`);
  t.diagnostic(`${relay.count()} calls`);
});

test('fifty at once with a copy that is too old: the same', async () => {
  const visitor = await somebody();
  relay.on(() => sleep(200));
  const answers = await parallel(visitor, '/each/x');
  assert.ok(answers.every(({ status }) => status === 200));
  assert.ok(relay.count() <= 2, `${relay.count()}`);
});

test('the first asker hangs up: at most two questions, everybody else is served, and the next hundred requests work', async () => {
  const visitor = await somebody(true);
  relay.on(() => sleep(400));
  const first = await dial(worker.port, `GET /pages/x HTTP/1.1\r\nHost: ${HOST}\r\nCookie: ${visitor.cookie()}\r\nAccept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n`);
  await until(() => relay.count() === 1);
  const others = parallel(visitor);
  await sleep(50);
  first.resetAndDestroy();
  assert.ok((await others).every(({ status }) => status === 200));
  assert.ok(relay.count() <= 2, `${relay.count()}`);
  relay.on();
  for (let at = 0; at < 100; at += 1) assert.equal((await visitor.page('/pages/x', { port: worker.port })).status, 200);
});

test("the first asker's call is never answered: at most two questions, everybody else is served, and the next hundred requests work", { timeout: 60_000 }, async () => {
  const visitor = await somebody(true);
  let asked = 0;
  relay.on(async () => {
    asked += 1;
    if (asked === 1) return false;
    // Those who gave up waiting ask within some milliseconds of each other.
    await sleep(200);
    return true;
  });
  const answers = await parallel(visitor);
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual([statuses.filter((status) => status === 200).length, statuses.at(-1)], [AT_ONCE - 1, 503], JSON.stringify(statuses));
  assert.ok(relay.count() <= 2, `${relay.count()}`);
  for (let at = 0; at < 100; at += 1) assert.equal((await visitor.page('/pages/x', { port: worker.port })).status, 200);
});

test('twelve visitors at once are twelve sessions: nobody waits for an answer about somebody else', async () => {
  const visitors = [];
  for (let at = 0; at < 12; at += 1) visitors.push(await somebody(true));
  relay.on(() => sleep(100));
  const answers = await Promise.all(visitors.map((visitor) => visitor.page('/pages/x', { port: worker.port, keep: false })));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(relay.count(), visitors.length);
});
