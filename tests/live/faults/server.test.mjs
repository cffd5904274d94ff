// The fake is what the other tests stand on: each fault is what its name says, and none hangs but the slow ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../world/http.mjs';
import { FAULTS, downUrl, startFaults } from './server.mjs';

const YES = JSON.stringify({ id: 's', active: true, identity: { id: 'i', traits: { email: 'ann@example.com' } } });

/** name → status and how the body compares with the good answer, or that there is no answer. */
const ROWS = {
  status_502: [502, `<h1>Bad gateway</h1>${YES}`],
  status_500: [500, YES],
  status_429: [429, YES],
  html: [200, undefined],
  json_as_html: [200, YES],
  empty: [200, ''],
  half_json: [200, YES.slice(0, -20)],
  not_active: [200, undefined],
  no_identity: [200, undefined],
  list: [200, `[${YES}]`],
  huge: [200, undefined],
  reset_in_head: [],
  reset_in_body: [],
  length_too_long: [],
  length_too_short: [200, YES.slice(0, -20)],
  no_http: [],
  redirect: [302, ''],
  redirect_loop: [302, ''],
};

for (const [name, [status, body]] of Object.entries(ROWS)) {
  test(name, async () => {
    const faults = await startFaults(YES);
    try {
      faults.set(name);
      const request = ask({ port: Number(new URL(faults.url).port), target: '/sessions/whoami' });
      if (!status) return await assert.rejects(request);
      const answer = await request;
      assert.equal(answer.status, status);
      if (body !== undefined) assert.equal(answer.text, body);
      if (name === 'huge') assert.ok(answer.body.length > 5 * 1024 * 1024);
      assert.deepEqual(faults.seen, ['/sessions/whoami']);
    } finally {
      faults.stop();
    }
  });
}

test('every fault but the slow ones has a row, and down is down', async () => {
  assert.deepEqual(Object.keys(ROWS), Object.keys(FAULTS).filter((name) => !name.startsWith('slow')));
  await assert.rejects(ask({ port: Number(new URL(await downUrl()).port) }), { code: 'ECONNREFUSED' });
  assert.throws(() => FAULTS.unknown());
});
