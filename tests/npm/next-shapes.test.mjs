// What Next.js can be told about paths: basePath with trailingSlash.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { NAVIGATION, document, env } from './support/config.mjs';
import { send } from './support/http.mjs';
import { entry, modulesFor } from './support/install.mjs';
import { started } from './support/next.mjs';

const modules = modulesFor('next-16');
const { forge } = await entry(modules, 'testing');
const GATE = (matcher) => `import { edgeward } from 'edgeward/next';
import { document } from './gate';
export default edgeward(document);
export const config = { matcher: ${matcher} };
`;
const client = (app) => (path, headers = {}) => send(`${app.origin}${path}`, { headers: { ...NAVIGATION, ...headers } });

/** Follows redirects that only change the spelling of the same page. */
async function settled(go, path, headers) {
  let response = await go(path, headers);
  for (let hops = 0; [307, 308].includes(response.status) && hops < 3; hops += 1) response = await go(response.headers.get('location'), headers);
  return response;
}

test('basePath and trailingSlash: the paths of the config are those of the address bar', async (t) => {
  const app = await started(modules, join(modules, 'app-base'), {
    shell: 'middleware', bundler: 'turbopack', source: GATE("['/', '/((?!_next/static/|_next/image$|favicon\\\\.ico$).*)']"),
    next: { basePath: '/docs', trailingSlash: true }, more: { NEXT_PUBLIC_BASE: '/docs' },
  });
  t.after(() => app.stop());
  const go = client(app);
  const ann = await forge(document(app.origin), { sub: 'ann', roles: ['user'] }, { env });
  for (const path of ['/docs/dashboard/', '/docs/', '/docs/legacy/', '/docs/admin/']) {
    const response = await settled(go, path);
    const location = response.headers.get('location') ?? '';
    assert.equal(response.status, 302, path);
    assert.match(location, /^\/docs\/login\/?\?return_to=%2Fdocs/, `${path} ${location}`);
  }
  for (const path of ['/docs', '/docs/dashboard', '/docs/nowhere']) assert.ok([302, 307, 308].includes((await go(path)).status), path);
  assert.equal((await settled(go, '/docs/about/')).status, 200);
  assert.equal((await settled(go, '/docs/login/')).status, 200);
  const page = await settled(go, '/docs/dashboard/', { cookie: ann.header });
  assert.match(page.text(), /who:(<!-- -->)?ann/);
  assert.equal((await settled(go, '/docs/admin/', { cookie: ann.header })).status, 403);
  const home = await settled(go, '/docs/login/', { cookie: ann.header });
  assert.deepEqual([home.status, home.headers.get('location')?.replace(/\/$/, '')], [302, '/docs/dashboard']);

  await t.test('data requests below a basePath', async () => {
    const id = readFileSync(join(app.dir, '.next/BUILD_ID'), 'utf8').trim();
    const data = (path, headers) => settled(go, `/docs/_next/data/${id}/${path}`, { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'x-nextjs-data': '1', ...headers });
    const told = await data('legacy.json');
    assert.equal(told.status, 401);
    assert.match(told.json().login_url, /^\/docs\/login\?return_to=%2Fdocs%2Flegacy/);
    const seen = await data('legacy.json', { cookie: ann.header });
    assert.deepEqual([seen.status, seen.json().pageProps], [200, { who: 'ann' }]);
    assert.equal((await data('admin.json', { cookie: ann.header })).status, 403);
  });

  await t.test('server actions below a basePath', async () => {
    const { node } = JSON.parse(readFileSync(join(app.dir, '.next/server/server-reference-manifest.json'), 'utf8'));
    const act = (path, headers = {}) => send(`${app.origin}${path}`, {
      method: 'POST', body: '[]', headers: { 'next-action': Object.keys(node)[0], accept: 'text/x-component', 'content-type': 'text/plain;charset=UTF-8', origin: app.origin, ...headers },
    });
    assert.equal((await act('/docs/dashboard/', { cookie: ann.header })).status, 200);
    assert.match(app.output(), /renamed:ann/);
    for (const path of ['/docs/dashboard/', '/docs/about/', '/docs/login/']) assert.equal((await act(path)).status, 401, path);
    assert.equal((await act('/docs/dashboard/', { cookie: ann.header, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal(app.output().split('renamed:').length, 2);
  });
});
