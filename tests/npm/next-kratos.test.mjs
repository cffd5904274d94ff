// The identity server behind a gate inside Next.js, in either of its runtimes: the tunnel, the sealed copy, what is asked beside a
// request, traps.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

import { NAVIGATION, assertions, behind, env } from './support/config.mjs';
import { send } from './support/http.mjs';
import { identity } from './support/identity.mjs';
import { modulesFor } from './support/install.mjs';
import { freePort, started } from './support/next.mjs';
import { signedIn, trapRounds } from './support/rounds.mjs';

const modules = modulesFor('next-16');
const COPY = '__Host-edgeward=';
const copyOf = (response) => response.headers.getSetCookie().find((line) => line.startsWith(COPY))?.split(';')[0];

const BEHIND = `import { edgeward } from 'edgeward/server';
export const dynamic = 'force-dynamic';
const { getSession } = edgeward(${JSON.stringify(behind('http://localhost:3000'))});
export async function GET(request) {
  const { session, status } = await getSession(request);
  return Response.json({ who: session?.sub, status });
}
`;

const files = (document, shell) => ({
  'gate.js': `export const document = ${JSON.stringify(document)};\n`,
  [`${shell}.js`]: `import './trap.mjs';
import { edgeward } from 'edgeward/next';
import { document } from './gate.js';
export default edgeward(document, { log: true });
export const config = { matcher: ['/((?!behind).*)'] };
`,
  // Where a gate would be in front, and none is inside; in either runtime.
  'app/behind/route.js': BEHIND,
  'app/behind-edge/route.js': `export const runtime = 'edge';\n${BEHIND}`,
  'app/[...any]/route.js': `import { edgeward } from 'edgeward/server';
import { document } from '../../gate.js';
const { getSession } = edgeward(document);
export async function GET(request) {
  const { session } = await getSession(request);
  return Response.json({ who: session?.sub, cookie: request.headers.get('cookie'), spoofed: request.headers.get('x-edgeward-user') });
}
`,
});

for (const [shell, bundler] of [['proxy', 'turbopack'], ['middleware', 'webpack']]) {
  test(`Next.js 16, ${shell}, the identity server behind it`, async (t) => {
    const people = await identity();
    t.after(() => people.close());
    const port = await freePort();
    const dir = join(modules, `app-kratos-${shell}`);
    const app = await started(modules, dir, {
      shell, bundler, app: 'i18n-app', port,
      files: files(people.document(`http://localhost:${port}`), shell),
      beside: { 'trap.mjs': fileURLToPath(new URL('support/trap.mjs', import.meta.url)) },
    });
    t.after(() => app.stop());
    const { origin, output } = app;
    const get = (path, headers = {}, init = {}) => send(`${origin}${path}`, { headers, ...init });

    await t.test('inside Next.js: bodies up the tunnel, answers mapped, cookies apart', async () => {
      const ann = people.visitor();
      const away = await get('/dashboard', NAVIGATION);
      assert.equal(away.status, 302);
      assert.equal(new URL(away.headers.get('location'), origin).href, `${origin}/self-service/login/browser?return_to=${encodeURIComponent(`${origin}/dashboard`)}`);
      const flow = await get('/self-service/login/flows?id=1', { accept: 'application/json', cookie: `other=1; ${ann.cookie}` });
      assert.deepEqual([flow.status, flow.json().ui.action, people.last().cookie], [200, `${origin}/self-service/login?flow=1`, ann.cookie]);
      const body = 'x'.repeat(200_000);
      const fields = { accept: 'application/json', 'content-type': 'application/json', 'content-length': body.length, origin, 'sec-fetch-site': 'same-origin' };
      const posted = await get('/self-service/login?flow=1', fields, { method: 'POST', body });
      assert.deepEqual([posted.status, people.last().bytes], [200, body.length]);
      for (const path of ['/self-service-admin', '/self-serviceX', '/admin/identities', '/health/alive']) assert.equal((await get(path)).status, 401, path);
    });

    await t.test('inside Next.js: a sealed copy asks nobody, and the same render sees it', async () => {
      const ann = people.visitor();
      const kratos = ann.cookie;
      const { cookie } = await signedIn(origin, ann);
      assert.equal(people.asked(ann), 1);
      const seen = (await get('/dashboard', { cookie, 'x-edgeward-user': 'root' })).json();
      assert.deepEqual([seen.who, seen.spoofed, people.asked(ann)], [ann.id, null, 1]);
      const copy = cookie.slice(kratos.length + 2);
      assert.equal((await get('/dashboard', { cookie: `${people.stranger()}; ${copy}` })).status, 401, 'a copy of another session');
      assert.equal((await get('/dashboard', { cookie: copy })).status, 401, 'a copy of no session');
      assert.equal((await get('/now', { cookie })).status, 200);
      assert.equal(people.asked(ann), 2, 'a rule that cannot wait asks each time');
    });

    await t.test('inside Next.js: an old copy is asked about in waitUntil, and the answer acts on the next request', async () => {
      const [ann, ben] = [people.visitor(), people.visitor()];
      for (const who of [ann, ben]) await signedIn(origin, who);
      ben.revoked = true;
      await sleep(2_100);
      for (const who of [ann, ben]) assert.equal((await get('/soon', { cookie: who.cookie })).status, 200, 'nobody waits');
      await sleep(300);
      assert.deepEqual([people.asked(ann), people.asked(ben)], [2, 2]);
      const [next, last] = [await get('/soon', { cookie: ann.cookie }), await get('/soon', { cookie: ben.cookie })];
      assert.deepEqual([next.status, copyOf(next)?.startsWith(`${COPY}ey`)], [200, true], 'the new copy');
      assert.deepEqual([last.status, copyOf(last)], [401, COPY], 'and the copy is gone');
    });

    await t.test('inside Next.js: requests that ask the same share a call', async () => {
      const slow = people.visitor({ slow: 150 });
      const many = await Promise.all(Array.from({ length: 10 }, () => get('/now', { cookie: slow.cookie })));
      assert.deepEqual(new Set(many.map(({ status }) => status)), new Set([200]));
      assert.ok(people.asked(slow) < 10, `${people.asked(slow)} calls`);
    });

    await t.test('inside Next.js: a trap costs whoever sprang it and nobody else', (own) => trapRounds(own, { origin, people, output, seesHead: false }));

    await t.test('inside Next.js: the app opens the assertion of a gate in front, by its public key', async () => {
      const { good, others } = assertions('ann');
      for (const path of ['/behind', '/behind-edge']) {
        const seen = async (headers) => (await get(path, { host: 'localhost:3000', ...headers })).json();
        assert.deepEqual(await seen({ 'x-edgeward-assertion': good }), { who: 'ann', status: 'session' }, path);
        for (const [name, assertion] of Object.entries(others)) assert.equal((await seen({ 'x-edgeward-assertion': assertion })).status, 'stripped', `${path} ${name}`);
        assert.equal((await seen({ 'x-edgeward-user': 'ann' })).status, 'stripped');
        assert.equal((await seen({})).status, 'none');
      }
    });

    await t.test('inside Next.js: what is logged are codes', async () => {
      for (const word of ['"session.absent"', '"route.met"', '"tunnel.forwarded"', '"gate.trapped"']) assert.ok(output().includes(word), word);
      for (const part of ['example.com', '/dashboard', 'return_to', env.SESSION_SECRET, 'ory_kratos']) assert.ok(!output().includes(part), part);
    });
  });
}
