// What `edgeward/fetch` and `edgeward/node` hold in every runtime, over HTTP, as rows of docs/shells.md. Four hosts are visited: one
// with a session of the app's own, two with the identity server behind it, and one where the gate would be in front.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { NAVIGATION, assertions, behind, document, env } from './config.mjs';
import { send } from './http.mjs';
import { signedIn, trapRounds } from './rounds.mjs';

const HOSTS = { own: 'localhost', tunnel: '127.0.0.1', crowd: 'crowd.localhost', behind: 'behind.localhost' };

/** The documents by the host that is visited. */
export const documents = (port, people) => ({
  [HOSTS.own]: document(`http://${HOSTS.own}:${port}`),
  [HOSTS.tunnel]: people.document(`http://${HOSTS.tunnel}:${port}`),
  [HOSTS.crowd]: people.document(`http://${HOSTS.crowd}:${port}`),
  [HOSTS.behind]: behind(`http://${HOSTS.behind}:${port}`),
});

const COPY = '__Host-edgeward=';
const copyOf = (response) => response.headers.getSetCookie().find((line) => line.startsWith(COPY))?.split(';')[0];
const SAME = { 'sec-fetch-site': 'same-origin' };

export async function holds(t, { port, forge, people, output }) {
  const origin = `http://${HOSTS.own}:${port}`;
  const minutes = (count) => Date.now() - count * 60_000;
  const seal = async (claims, now) => (await forge(document(origin), claims, { env, now })).header;
  const ann = await seal({ sub: 'ann', email: 'ann@example.com', roles: ['user'] });
  const root = await seal({ sub: 'root', roles: ['admin'] });
  const old = await seal({ sub: 'ann' }, minutes(30));
  const get = (path, headers = {}, init = {}) => send(`${origin}${path}`, { headers, ...init });
  const post = (path, headers = {}, body = 'x=1') => get(path, { 'content-length': body.length, ...headers }, { method: 'POST', body });
  const status = async (...given) => (await get(...given)).status;

  await t.test('rules, requirements and guest pages', async () => {
    for (const [path, cookie, expected] of [
      ['/', undefined, 200], ['/about', undefined, 200], ['/login', undefined, 200], ['/greeting', undefined, 200], ['/dashboard', undefined, 302], ['/admin/x', undefined, 302], ['/nowhere', undefined, 302],
      ['/dashboard', ann, 200], ['/admin', ann, 403], ['/admin/x', ann, 403], ['/admin/x', root, 200], ['/login', ann, 302], ['/greeting', ann, 200],
      ['/dashboard', `${COPY}forged`, 302], ['/admin', `${root.slice(0, -4)}AAAA`, 302],
    ]) assert.equal(await status(path, { ...NAVIGATION, ...(cookie && { cookie }) }), expected, `${path} ${cookie?.slice(0, 24)}`);
    assert.equal((await get('/login', { ...NAVIGATION, cookie: ann })).headers.get('location'), '/dashboard');
  });

  await t.test('the form of an answer follows the class of the request', async () => {
    const away = await get('/dashboard?a=b', NAVIGATION);
    assert.deepEqual([away.status, away.headers.get('location')], [302, '/login?return_to=%2Fdashboard%3Fa%3Db']);
    for (const [headers, expected] of [
      [{ accept: 'application/json' }, '/login?return_to=%2Fdashboard'], [{ rsc: '1' }, '/login?return_to=%2Fdashboard'], [{ 'next-action': '7f' }, '/login?return_to=%2Fdashboard'],
      [{ rsc: '1', 'next-router-prefetch': '1' }, undefined], [{ ...NAVIGATION, 'sec-purpose': 'prefetch' }, undefined], [{ 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' }, undefined],
    ]) {
      const told = await get('/dashboard', headers);
      assert.equal(told.status, 401, JSON.stringify(headers));
      assert.equal(told.text() === '' ? undefined : told.json().login_url, expected, JSON.stringify(headers));
    }
    for (const headers of [{ rsc: '1', 'next-router-prefetch': '1' }, { 'sec-purpose': 'prefetch' }, { 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' }]) {
      const seen = await get('/dashboard', { cookie: old, ...headers });
      assert.deepEqual([seen.status, seen.headers.getSetCookie()], [200, []], 'nobody has asked for the page');
    }
  });

  await t.test('a preflight goes on without cookies, identity or a body', async () => {
    const fields = { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET', cookie: ann, 'x-edgeward-user': 'root' };
    const seen = await get('/dashboard', fields, { method: 'OPTIONS' });
    assert.deepEqual([seen.status, seen.json()], [200, { cookie: null, spoofed: null, body: 0 }]);
    const loaded = await get('/dashboard', { ...fields, 'content-length': 6 }, { method: 'OPTIONS', body: 'a body' });
    assert.ok(loaded.status === 400 || loaded.json().body === 0, `${loaded.status}`);
    assert.equal((await get('/dashboard', { cookie: `${COPY}x` }, { method: 'OPTIONS' })).status, 401, 'no preflight');
  });

  await t.test('a form of another site, and an upgrade of another site, are refused', async () => {
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' };
    assert.equal((await post('/dashboard', { cookie: ann, origin, ...SAME })).status, 200);
    assert.equal((await post('/dashboard', { cookie: ann, origin: 'https://evil.example' })).status, 403);
    assert.equal((await post('/dashboard', { cookie: ann, 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal(await status('/dashboard', { cookie: ann, origin: 'https://evil.example', ...upgrade }), 403);
    assert.equal(await status('/dashboard', { origin, ...upgrade }), 401);
  });

  await t.test("spellings that a router may read in two ways reach nobody's page", async () => {
    for (const path of ['//admin', '/admin;x', '/admin%2Fusers', '/about/..;/admin', '/admin%2f', '/%61dmin', '/admin/', '/a/%2e%2e/admin', '/about%5c..%5cadmin', '/admin%252fx', '/x%00']) {
      for (const cookie of ['t=1', ann]) {
        const seen = await get(path, { ...NAVIGATION, cookie });
        // edge-runtime's own server has no answer but 500 to a path of two slashes.
        const own = path === '//admin' ? [500] : [];
        assert.ok([302, 400, 403, 404, ...own].includes(seen.status), `${path} ${seen.status} ${cookie.slice(0, 20)}`);
      }
    }
    for (const path of ['/projects/group%2Fname', '/@scope%2Fpkg', '/files/a;v=2.pdf', '/proxy/https://x.example']) assert.equal(await status(path, { cookie: ann }), 200, path);
  });

  await t.test('of several values the newest counts, and two people are nobody', async () => {
    for (const pair of [`${old}; ${ann}`, `${ann}; ${old}`]) assert.equal((await get('/dashboard', { cookie: `t=1; ${pair}` })).json().cookie.match(/__Host-edgeward=[^;]*/g).length, 1);
    const both = await get('/dashboard', { cookie: `${ann}; ${root}` });
    assert.equal(both.status, 401);
    assert.match(both.headers.getSetCookie().join('\n'), /^__Host-edgeward=;.*Max-Age=0/m);
    for (const cookie of [`${COPY}forged`, `${ann}x`, `${COPY}`]) assert.equal(await status('/dashboard', { cookie }), 401);
  });

  await t.test('the app sees the session that was judged, once, and opens it again', async () => {
    for (const cookie of [`t=1; ${ann}`, `${ann}; t=1; ${ann}`, `${COPY}x; ${ann}; ${COPY}y; t=1`]) {
      assert.deepEqual((await get('/dashboard', { cookie, 'x-edgeward-user': 'root', 'x-edgeward-roles': 'admin' })).json(), { who: 'ann', cookie: `${ann}; t=1`, spoofed: null, body: 0 });
    }
    const { exp, ...shown } = (await get('/.edgeward/session', { cookie: ann })).json();
    assert.deepEqual(shown, { sub: 'ann', email: 'ann@example.com' });
  });

  await t.test('the app opens the assertion of a gate in front, by its public key', async () => {
    const { good, others } = assertions('ann');
    const who = async (headers) => (await send(`http://${HOSTS.behind}:${port}/dashboard`, { headers })).json().who;
    assert.equal(await who({ 'x-edgeward-assertion': good }), 'ann');
    for (const [name, assertion] of Object.entries(others)) assert.equal(await who({ 'x-edgeward-assertion': assertion }), undefined, name);
    assert.equal(await who({ 'x-edgeward-user': 'ann' }), undefined);
    assert.equal((await get('/dashboard', { cookie: ann, 'x-edgeward-assertion': good })).json().who, 'ann', 'a gate inside takes it away');
    assert.equal(await status('/dashboard', { 'x-edgeward-assertion': good }), 401);
  });

  await t.test('a session that is due is renewed for the app and the browser, unless the app writes it', async () => {
    const renewed = await get('/dashboard', { cookie: old });
    const seen = renewed.json();
    assert.deepEqual([seen.cookie, seen.who], [copyOf(renewed), 'ann']);
    assert.notEqual(seen.cookie, old);
    assert.deepEqual((await get('/dashboard?own', { cookie: old })).headers.getSetCookie(), ['__Host-edgeward=own; Path=/; Secure']);
  });

  await t.test('whoever signed out in this browser stays out', async () => {
    const lines = (await get('/sign-out', { cookie: ann, origin, ...SAME })).headers.getSetCookie();
    assert.match(lines[0], /^__Host-edgeward=;.*Max-Age=0/);
    const out = lines.find((line) => line.startsWith('__Host-edgeward-out=')).split(';')[0];
    assert.equal(await status('/dashboard', { cookie: `${ann}; ${out}` }), 401);
    assert.equal(await status('/dashboard', { cookie: `${root}; ${out}` }), 200);
  });

  await t.test("no shared cache may keep what is one visitor's", async () => {
    const seen = await get('/dashboard', { cookie: ann });
    assert.match(seen.headers.get('cache-control'), /private/);
    assert.doesNotMatch(seen.headers.get('cache-control'), /public|s-maxage/);
    assert.deepEqual([seen.headers.get('cdn-cache-control'), /cookie/i.test(seen.headers.get('vary'))], [null, true]);
    const open = await get('/about', { cookie: ann });
    assert.deepEqual([open.headers.get('cache-control'), open.headers.get('cdn-cache-control')], ['public, s-maxage=60', 'max-age=60']);
  });

  await t.test("the gate's own answers are private and not stored", async () => {
    for (const [path, headers] of [['/dashboard', NAVIGATION], ['/dashboard', {}], ['/admin', { cookie: ann }], ['/x%00', {}], ['/.edgeward/session', { cookie: ann }], ['/login', { ...NAVIGATION, cookie: ann }]]) {
      assert.match((await get(path, headers)).headers.get('cache-control'), /^private, no-store$/, path);
    }
  });

  await tunnels(t, port, people);

  await t.test('a trap costs whoever sprang it and nobody else', (own) => trapRounds(own, { origin: `http://${HOSTS.crowd}:${port}`, people, output, seesHead: true }));

  await t.test('what is logged are codes', async () => {
    const said = output();
    for (const word of ['"session.absent"', '"route.met"', '"tunnel.forwarded"', '"gate.trapped"']) assert.ok(said.includes(word), word);
    for (const part of [ann.slice(-20), '"ann"', 'example.com', '/dashboard', 'return_to', env.SESSION_SECRET, HOSTS.crowd, 'ory_kratos']) assert.ok(!said.includes(part), part);
  });
}

/** The identity server behind the gate: its paths, a sealed copy of its session, its word when the copy is old. */
async function tunnels(t, port, people) {
  const origin = `http://${HOSTS.tunnel}:${port}`;
  const get = (path, headers = {}, init = {}) => send(`${origin}${path}`, { headers, ...init });

  await t.test('the tunnel: bodies up, answers mapped, cookies apart', async () => {
    const ann = people.visitor();
    assert.equal((await get('/dashboard', NAVIGATION)).headers.get('location'), `/self-service/login/browser?return_to=${encodeURIComponent(`${origin}/dashboard`)}`);
    const flow = await get('/self-service/login/flows?id=1', { accept: 'application/json', cookie: `other=1; ${ann.cookie}` });
    assert.deepEqual([flow.status, flow.json().ui.action, people.last().cookie], [200, `${origin}/self-service/login?flow=1`, ann.cookie]);
    const body = 'x'.repeat(200_000);
    const fields = { accept: 'application/json', 'content-type': 'application/json', 'content-length': body.length, origin, ...SAME };
    const posted = await get('/self-service/login?flow=1', fields, { method: 'POST', body });
    assert.deepEqual([posted.status, people.last().bytes], [200, body.length]);
    for (const path of ['/self-service-admin', '/self-serviceX', '/admin/identities', '/health/alive']) assert.equal((await get(path)).status, 401, path);
  });

  await t.test('a sealed copy asks nobody, counts beside its own session only, and not where a rule cannot wait', async () => {
    const [ann, ben] = [people.visitor(), people.visitor()];
    const kratos = ann.cookie;
    const { cookie } = await signedIn(origin, ann);
    assert.equal(people.asked(ann), 1);
    for (let again = 0; again < 3; again += 1) assert.equal((await get('/dashboard', { cookie })).status, 200);
    assert.equal(people.asked(ann), 1, 'a fresh copy asks nobody');
    const copy = cookie.slice(kratos.length + 2);
    assert.equal((await get('/dashboard', { cookie: `${people.stranger()}; ${copy}` })).status, 401, 'a copy of another session');
    assert.equal((await get('/dashboard', { cookie: copy })).status, 401, 'a copy of no session');
    assert.equal((await get('/dashboard', { cookie: `${ben.cookie}; ${copy}` })).json().who, ben.id, 'who the identity server says');
    assert.equal((await get('/now', { cookie })).status, 200);
    assert.equal(people.asked(ann), 2, 'a rule that cannot wait asks each time');
  });

  await t.test('a copy that is no longer fresh is asked about beside the app, and the answer is in the same response', async () => {
    const [ann, ben] = [people.visitor(), people.visitor()];
    for (const who of [ann, ben]) await signedIn(origin, who);
    ben.revoked = true;
    await sleep(2_100);
    const served = await get('/soon?slow', { cookie: ann.cookie });
    assert.deepEqual([served.status, copyOf(served)?.startsWith(`${COPY}ey`)], [200, true], 'the new copy');
    const last = await get('/soon?slow', { cookie: ben.cookie });
    assert.deepEqual([last.status, copyOf(last)], [200, COPY], 'the last one that is served, and the copy is gone');
  });

  await t.test('requests that ask the same share a call', async () => {
    const slow = people.visitor({ slow: 150 });
    const many = await Promise.all(Array.from({ length: 10 }, () => get('/now', { cookie: slow.cookie })));
    assert.deepEqual(new Set(many.map(({ status }) => status)), new Set([200]));
    assert.ok(people.asked(slow) < 10, `${people.asked(slow)} calls`);
  });
}
