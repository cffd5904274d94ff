// One call for several requests (semantics 9.2): it saves calls, and nobody depends on it.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { dial, until } from './support/client.mjs';
import { cookie, upstream } from './support/upstream.mjs';
import { build, workerd } from './support/workerd.mjs';

let app;
let identity;
let worker;
let slow = 0;
let silent = false;

before(async () => {
  app = await upstream((request, response) => response.end(`app ${cookie(request, 'user')}`));
  identity = await upstream(async (request, response) => {
    await sleep(slow);
    if (!silent) response.end(cookie(request, 'user'));
  });
  worker = await workerd(build('WORKER_TEST_DIR'), { TEST_ORIGIN: app.url, TEST_IDENTITY: identity.url });
});

afterEach(async () => {
  [slow, silent] = [0, false];
  await sleep(1_100);
  identity.seen.length = 0;
});

after(async () => {
  await worker?.stop();
  app?.stop();
  identity?.stop();
});

async function ask(target, user) {
  const response = await fetch(worker.url + target, { headers: { cookie: `user=${user}` } });
  return { status: response.status, user: response.headers.get('x-core-user'), text: await response.text() };
}

const users = (count) => Array.from({ length: count }, (_, at) => `u${at}`);
const served = (user) => ({ status: 200, user, text: `app ${user}` });

test('ten requests make one call, and each gets its own answer', async () => {
  slow = 300;
  const answers = await Promise.all(users(10).map((user) => ask('/shared/x', user)));
  assert.deepEqual(answers, users(10).map(served));
  assert.equal(identity.seen.length, 1);
});

test('the first client hangs up: the others are answered by its call, and the next hundred requests work', async () => {
  slow = 500;
  const first = await dial(worker.port, 'GET /shared/x HTTP/1.1\r\nhost: a\r\ncookie: user=first\r\n\r\n');
  await until(() => identity.seen.length === 1);
  const others = Promise.all(users(9).map((user) => ask('/shared/x', user)));
  await sleep(100);
  first.resetAndDestroy();
  assert.deepEqual(await others, users(9).map(served));
  assert.equal(identity.seen.length, 1);
  slow = 0;
  for (const user of users(100)) assert.deepEqual(await ask('/shared/x', user), served(user));
});

test('a call that takes too long: who waits asks for itself', async () => {
  slow = 1_500;
  const begun = Date.now();
  const answers = await Promise.all(users(3).map((user) => ask('/shared/x', user)));
  assert.deepEqual(answers, users(3).map(served));
  assert.equal(identity.seen.length, 3);
  assert.ok(Date.now() - begun < 4_000);
});

test('a call that fails fails its asker, and its slot is not kept', async () => {
  silent = true;
  const { status, text } = await ask('/shared/x', 'ann');
  assert.deepEqual([status, text], [503, 'timeout']);
  silent = false;
  assert.deepEqual(await ask('/shared/x', 'bob'), served('bob'));
});

test('an answer that is there is not given to those who ask later', async () => {
  await ask('/shared/x', 'ann');
  await ask('/shared/x', 'bob');
  assert.equal(identity.seen.length, 2);
});

test('what may not be shared is not', async () => {
  slow = 200;
  const answers = await Promise.all(users(10).map((user) => ask('/ask/x', user)));
  assert.deepEqual(answers, users(10).map(served));
  assert.equal(identity.seen.length, 10);
});
