// The config that is deployed, with one thing wrong: nothing starts, nothing goes on, not even to the identity server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startFaults } from '../live/faults/server.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';

const CANARY = 'canary-4711-a-value-that-may-be-a-secret';

let ann;
let app;
let identity;

before(async () => {
  ann = await new Visitor().register();
  app = await startOrigin();
  identity = await startFaults('{}');
});
after(() => {
  app?.stop();
  identity?.stop();
});

const without = (name) => (_, secrets) => delete secrets[name];
const short = (name) => (_, secrets) => (secrets[name] = CANARY.slice(0, 20));

/** name → [what is wrong, what the log says: where, and what to do] */
const WRONG = {
  'no session secret': [without('SESSION_SECRET'), ['session.secrets[0]', 'SESSION_SECRET', 'not set']],
  'no origin lock': [without('ORIGIN_LOCK'), ['origin.lock', 'ORIGIN_LOCK', 'not set']],
  'no assertion secret': [without('ASSERTION_SECRET'), ['assertion.secret', 'ASSERTION_SECRET', 'not set']],
  'no secret at all': [(_, secrets) => Object.keys(secrets).forEach((name) => delete secrets[name]), ['SESSION_SECRET', 'ORIGIN_LOCK', 'ASSERTION_SECRET']],
  'an empty secret': [(_, secrets) => (secrets.SESSION_SECRET = ''), ['SESSION_SECRET', 'not set']],
  'a short session secret': [short('SESSION_SECRET'), ['SESSION_SECRET', '32 bytes']],
  'a short origin lock': [short('ORIGIN_LOCK'), ['ORIGIN_LOCK', '32 bytes']],
  'a secret for a reference': [(config) => (config.session.secrets = [CANARY]), ['session.secrets[0]', 'env']],
  'a key that is none': [(config) => (config.sesion = { secret: CANARY }), ['sesion', 'session']],
  'no default': [(config) => delete config.default, ['default']],
  'a role without a source of roles': [(config) => delete config.session.roles, ['roles']],
  'an identity server on plain http': [(config) => (config.kratos.url = 'http://id.example.com'), ['kratos.url', 'https']],
  'a rule that can never match': [(config) => config.routes.push({ path: '/admin/x', require: 'public' }), ['routes[']],
  'an empty requirement': [(config) => (config.routes[1].require = { any: [] }), ['routes[1]']],
};

for (const [name, [edit, says]] of Object.entries(WRONG)) {
  test(`does not start: ${name}`, async () => {
    app.seen.length = 0;
    identity.seen.length = 0;
    const worker = await startWorker((config, secrets) => {
      config.origin.url = app.url;
      config.kratos.url = identity.url;
      edit(config, secrets);
    });
    try {
      const see = new Visitor(worker.port);
      for (const target of ['/', '/dashboard', '/self-service/login/browser', '/assets/style.css', '/admin']) {
        const api = await see.api(target, { cookie: ann.cookie() });
        assert.deepEqual([api.status, api.headers['content-type'], api.json.code], [500, 'application/problem+json', 'config.invalid']);
        const page = await see.page(target, { cookie: ann.cookie() });
        assert.deepEqual([page.status, page.headers['content-type'], page.headers['cache-control']], [500, 'text/html; charset=utf-8', 'private, no-store']);
        const [, id] = /<code>([0-9a-f]{16})<\/code>/.exec(page.text);
        for (const request_id of [id, api.json.request_id]) assert.ok((await worker.log.wait(3)).some((event) => event.request_id === request_id), 'the id is in the log');
        for (const word of says) assert.ok(!page.text.includes(word) && !api.text.includes(word), 'the visitor learns nothing of it');
      }
      assert.deepEqual([app.seen, identity.seen], [[], []], 'nothing goes on');
      const [told, ...more] = worker.log.events().filter(({ errors }) => errors);
      assert.deepEqual(more, [], 'the whole error once');
      for (const word of says) assert.ok(told.errors.join('\n').includes(word), `${word} in ${told.errors.join('\n')}`);
      assert.ok(!worker.log.text().includes(CANARY.slice(0, 20)), 'no value that may be a secret');
    } finally {
      await worker.stop();
    }
  });
}
