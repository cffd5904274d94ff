// Real Next.js production builds over HTTP, with the packed tarball: `proxy.ts` in Node, `middleware.ts` in the edge runtime.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { document, env, NAVIGATION } from './support/config.mjs';
import { send } from './support/http.mjs';
import { entry, modulesFor } from './support/install.mjs';
import { started } from './support/next.mjs';

const GATE = `import { edgeward } from 'edgeward/next';
import { document } from './gate';
export default edgeward(document);
export const config = { matcher: ['/((?!_next/static/|_next/image$|favicon\\\\.ico$).*)'] };
`;

const BASE = process.env.NEXT_ROWS === 'all' ? ['15', '16'] : ['16'];
const ROWS = BASE.flatMap((version) => combinations(version));

/** What each version of Next.js itself offers; without `all`, one for each loader of the wasm. */
function combinations(version) {
  const all = version === '16'
    ? [['proxy', 'turbopack'], ['middleware', 'webpack'], ['proxy', 'webpack'], ['middleware', 'turbopack']]
    : [['middleware', 'webpack'], ['middleware', 'turbopack'], ['node-middleware', 'webpack'], ['node-middleware', 'turbopack']];
  return all.slice(0, process.env.NEXT_ROWS === 'all' ? 4 : 2).map(([shell, bundler]) => ({ version, shell, bundler }));
}

for (const { version, shell, bundler } of ROWS) {
  test(`Next.js ${version}, ${shell}, ${bundler}`, async (t) => {
    const modules = modulesFor(`next-${version}`);
    const { forge } = await entry(modules, 'testing');
    const file = shell === 'proxy' ? 'proxy' : 'middleware';
    const source = shell === 'node-middleware' ? GATE.replace('config = { ', "config = { runtime: 'nodejs', ") : GATE;
    const app = await started(modules, join(modules, `app-${shell}-${bundler}`), { shell: file, bundler, source });
    t.after(() => app.stop());
    const config = document(app.origin);
    const session = (claims, now) => forge(config, claims, { env, now });
    const ann = await session({ sub: 'ann', email: 'ann@example.com', roles: ['user'] });
    const root = await session({ sub: 'root', roles: ['admin'] });
    const go = (path, headers = {}, init = {}) => send(`${app.origin}${path}`, { headers: { ...NAVIGATION, ...headers }, ...init });

    await t.test("nobody is sent to the sign-in, on the request's own origin", async () => {
      for (const path of ['/dashboard', '/dashboard?tab=2', '/legacy', '/admin', '/nowhere']) {
        const response = await go(path);
        const location = new URL(response.headers.get('location') ?? '', app.origin);
        assert.deepEqual([response.status, location.origin, location.pathname], [302, app.origin, '/login'], path);
        assert.equal(location.searchParams.get('return_to'), path);
      }
      assert.equal((await go('/about')).status, 200);
      assert.equal((await go('/login')).status, 200);
      for (const cookie of ['__Host-edgeward=forged', `${ann.header.slice(0, -4)}AAAA`]) assert.equal((await go('/dashboard', { cookie })).status, 302);
    });

    await t.test('a program is told 401, with where to sign in', async () => {
      for (const headers of [{ rsc: '1' }, { 'next-router-prefetch': '1', rsc: '1' }, {}]) {
        const response = await send(`${app.origin}/dashboard`, { headers });
        assert.equal(response.status, 401, JSON.stringify(headers));
        assert.equal((await response.json()).login_url, '/login?return_to=%2Fdashboard');
        assert.deepEqual(response.headers.getSetCookie(), []);
        assert.match(response.headers.get('cache-control'), /private, no-store/);
      }
      const data = await send(`${app.origin}/_next/data/${buildId(app)}/legacy.json`, { headers: { 'x-nextjs-data': '1' } });
      assert.equal(data.status, 401);
      assert.equal((await go('/api/me')).status, 401);
    });

    await t.test('who is signed in sees the page, as who they are', async () => {
      const page = await text(go('/dashboard', { cookie: ann.header, 'x-edgeward-user': 'root' }));
      assert.match(page, /who:(<!-- -->)?ann/);
      assert.match(page, /by-cookies:(<!-- -->)?ann/);
      assert.match(page, /spoofed:(<!-- -->)?none/);
      assert.match(await text(go('/legacy', { cookie: ann.header })), /legacy:(<!-- -->)?ann/);
      assert.deepEqual(await (await go('/api/old', { cookie: ann.header })).json(), { sub: 'ann' });
      assert.equal((await go('/admin', { cookie: ann.header })).status, 403);
      assert.equal((await go('/admin', { cookie: root.header })).status, 200);
      const home = await go('/login', { cookie: ann.header });
      // Next.js 16 makes it relative, 15 leaves it on the request's own origin.
      assert.deepEqual([home.status, new URL(home.headers.get('location'), app.origin).href], [302, `${app.origin}/dashboard`]);
    });

    await t.test('the same render sees the renewed session, and so does the browser', async () => {
      const old = await session({ sub: 'ann' }, Date.now() - 30 * 60_000);
      const response = await go('/dashboard', { cookie: `theme=dark; ${old.header}` });
      const [line] = response.headers.getSetCookie().filter((cookie) => cookie.startsWith('__Host-edgeward='));
      const renewed = line.split(';')[0].split('=')[1];
      assert.notEqual(`__Host-edgeward=${renewed}`, old.header);
      const page = await response.text();
      assert.match(page, /who:(<!-- -->)?ann/);
      assert.ok(page.includes(renewed), 'the value that was just sealed');
    });

    await t.test('a server action runs for who is signed in, and for nobody else', async () => {
      const id = actionId(app);
      const act = (headers) => send(`${app.origin}/dashboard`, {
        method: 'POST', body: '[]',
        headers: { 'next-action': id, accept: 'text/x-component', 'content-type': 'text/plain;charset=UTF-8', origin: app.origin, ...headers },
      });
      const done = await act({ cookie: ann.header });
      assert.equal(done.status, 200);
      assert.match(app.output(), /renamed:ann/);
      assert.equal((await act({})).status, 401);
      assert.equal((await act({ cookie: '__Host-edgeward=x' })).status, 401);
      assert.equal((await act({ cookie: ann.header, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status, 403);
      const elsewhere = await send(`${app.origin}/about`, { method: 'POST', body: '[]', headers: { 'next-action': id, 'content-type': 'text/plain;charset=UTF-8', origin: app.origin } });
      assert.equal(elsewhere.status, 401, 'an action that is posted to a public page is an action all the same');
      assert.equal(app.output().split('renamed:').length, 2);
    });

    await t.test('of several values the newest counts, two people are nobody, and the app sees one value', async () => {
      const old = await session({ sub: 'ann' }, Date.now() - 60_000);
      const value = ann.header.split('=')[1];
      for (const pair of [`${old.header}; ${ann.header}`, `${ann.header}; ${old.header}`, `__Host-edgeward=x; ${ann.header}; __Host-edgeward=y`]) {
        const page = await text(go('/dashboard', { cookie: `t=1; ${pair}` }));
        assert.match(page, /who:(<!-- -->)?ann/);
        assert.ok(page.includes(value) && !page.includes(old.header.split('=')[1]));
      }
      const both = await go('/dashboard', { cookie: `${ann.header}; ${root.header}` });
      assert.equal(both.status, 302);
      assert.match(both.headers.getSetCookie().join('\n'), /^__Host-edgeward=;.*Max-Age=0/m);
    });

    await t.test("a preflight goes on as nobody's, and with a body not at all", async () => {
      const fields = { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET', cookie: ann.header };
      const passed = await send(`${app.origin}/api/me`, { method: 'OPTIONS', headers: fields });
      assert.deepEqual([passed.status, passed.headers.get('allow')], [204, 'DELETE, GET, HEAD, OPTIONS, POST']);
      assert.equal((await send(`${app.origin}/api/me`, { method: 'OPTIONS', body: 'a body', headers: { ...fields, 'content-length': 6 } })).status, 400);
      assert.equal((await send(`${app.origin}/api/me`, { method: 'OPTIONS' })).status, 401);
    });

    await t.test('what is logged are codes, and no visitor', async () => {
      assert.match(app.output(), /"session\.absent"/);
      for (const part of [ann.header.slice(-20), 'ann@example.com', 'return_to', '"ann"', env.SESSION_SECRET]) assert.ok(!app.output().includes(part), part);
    });

    await t.test('route handlers seal, know and clear a session', async () => {
      const forbidden = await (await go('/api/me', { cookie: ann.header })).json();
      assert.deepEqual([forbidden.status, forbidden.code], ['forbidden', 'requirement.forbidden']);
      const made = await go('/api/me', { cookie: ann.header, origin: app.origin, 'sec-fetch-site': 'same-origin' }, { method: 'POST' });
      const cookie = made.headers.getSetCookie()[0].split(';')[0];
      assert.equal((await (await go('/api/me', { cookie })).json()).session.sub, 'made');
      const gone = await go('/api/me', { cookie, origin: app.origin, 'sec-fetch-site': 'same-origin' }, { method: 'DELETE' });
      const lines = gone.headers.getSetCookie();
      assert.match(lines[0], /^__Host-edgeward=;.*Max-Age=0/);
      const late = `${cookie}; ${lines[1].split(';')[0]}`;
      assert.equal((await go('/dashboard', { cookie: late })).status, 302, 'signed out in this browser for good');
    });

    await t.test('the session endpoint, and no wasm for the browser', async () => {
      const { exp, ...rest } = await (await go('/.edgeward/session', { cookie: ann.header })).json();
      assert.deepEqual(rest, { sub: 'ann', email: 'ann@example.com' });
      assert.equal((await go('/.edgeward/session')).status, 401);
      const files = readdirSync(join(app.dir, '.next/static'), { recursive: true }).map((name) => join(app.dir, '.next/static', name));
      for (const name of files.filter((name) => /\.(js|wasm)$/.test(name))) {
        assert.doesNotMatch(name, /\.wasm$/);
        const script = readFileSync(name, 'utf8');
        for (const part of ['AGFzbQ', 'SESSION_SECRET', 'the gate could not be built']) assert.ok(!script.includes(part), `${name}: ${part}`);
      }
    });

    await t.test('spellings that routers read in two ways', async () => {
      const raw = (path) => send(`${app.origin}${path}`, { headers: NAVIGATION });
      for (const path of ['/about/%2e%2e/admin', '/%61dmin', '//admin', '/admin/', '/admin;x', '/admin%2Fusers', '/_next/imagefoo', '/favicon.icoX/settings', '/about%5c..%5cadmin']) {
        const response = await raw(path);
        assert.ok([302, 307, 308, 400, 404].includes(response.status), `${path} ${response.status}`);
        assert.doesNotMatch(await response.text(), /admin page/, path);
      }
    });
  });
}

const text = async (response) => (await response).text();
const buildId = (app) => readFileSync(join(app.dir, '.next/BUILD_ID'), 'utf8').trim();

function actionId(app) {
  const manifest = JSON.parse(readFileSync(join(app.dir, '.next/server/server-reference-manifest.json'), 'utf8'));
  return Object.keys(manifest.node)[0];
}
