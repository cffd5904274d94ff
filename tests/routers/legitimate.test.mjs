// URLs of honest apps, by raw socket through the Worker: each passes, is judged by its one rule, and arrives as it was sent
// (semantics 2.1-2.2).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { startOrigin } from '../live/world/origin.mjs';
import { startWorker } from './gate.mjs';
import { bytes, send } from './wire.mjs';

const known = JSON.parse(readFileSync(new URL('../vectors/routers/legitimate.json', import.meta.url), 'utf8'));
const urls = Object.values(known.urls).flat();
let app;
let worker;
let somebody;
let nobody;

before(async () => {
  app = await startOrigin();
  worker = await startWorker(['localhost'], {
    origin: { url: app.url },
    default: 'session',
    sign_in: '/sign-in',
    routes: known.rules.map(([name, path]) => ({ path, require: name === 'open' ? 'public' : { any: [{ role: name }] } })),
  });
  somebody = worker.visitor('localhost', known.rules.map(([name]) => name));
  nobody = worker.visitor('localhost');
});
after(async () => {
  await worker?.stop();
  app?.stop();
});

/** Bytes as they are sent: text is UTF-8. */
const wired = (url) => Buffer.from(url, 'utf8').toString('latin1');
/** What no URL holds as it is gets escaped on the way, as the URL standard says: more in a path than in a query. */
const escaped = (url) => url.replace(/[^!-~]|["'<>^`{|}]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

for (const [url, rule] of urls) {
  test(`${url} is ${rule}`, async () => {
    app.seen.length = 0;
    const got = await somebody(wired(url));
    assert.equal(got.status, 200, got.answer);
    assert.deepEqual(app.seen.map((request) => escaped(request.url)), [escaped(wired(url))]);
    const at = known.rules.findIndex(([name]) => name === rule);
    assert.deepEqual(got.rules, [at < 0 ? 'default' : `routes[${at}]`]);
    const refused = await nobody(wired(url));
    assert.equal(refused.status, rule === 'open' ? 200 : 302);
  });
}

test('the debug secret shows the trace, and nothing else does', async () => {
  const shown = (await somebody('/search/x')).answer;
  assert.match(shown, /^server-timing: edgeward;desc="route\.met"\r$/im);
  const trace = JSON.parse(/^x-edgeward-trace: (.*)\r$/im.exec(shown)[1]);
  assert.deepEqual([trace.path, trace.readings, trace.unmet], ['/search/x', ['/search/x'], null]);
  for (const headers of [[], ['X-Edgeward-Debug: '], ['X-Edgeward-Debug: a guess of thirty-two bytes and more'], ['X_Edgeward_Debug: 1'], ['Cookie: debug=1']]) {
    const answer = await send(worker.port, bytes('GET', '/search/x', [`Host: localhost:${worker.port}`, ...headers]));
    assert.ok(!/server-timing|x-edgeward-trace/i.test(answer), answer);
  }
});

test('they are more than a hundred', () => {
  assert.ok(urls.length >= 130);
});
