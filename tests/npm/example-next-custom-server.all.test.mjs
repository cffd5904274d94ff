// examples/next-custom-server in Chromium and by hand: Express and Next.js behind one gate of Node.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

import { browser, watched } from './support/chromium.mjs';
import { env } from './support/config.mjs';
import { send } from './support/http.mjs';
import { entry, modulesFor } from './support/install.mjs';
import { started } from './support/next.mjs';

let app;
let chromium;
let ann;
let root;
before(async () => {
  const modules = modulesFor('next-16');
  const dir = join(modules, 'example-next-custom-server');
  app = await started(modules, dir, { app: '../../examples/next-custom-server', shell: 'server', bundler: 'turbopack', origin: 'APP_ORIGIN', script: () => [join(dir, 'server.mjs')] });
  chromium = await browser();
  const { forge } = await entry(modules, 'testing');
  const config = { public_origins: [app.origin], default: 'session', sign_in: '/login', session: { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }], roles: '/roles' }, routes: [{ path: '/login', require: 'guest' }] };
  ann = await forge(config, { sub: 'ann', roles: ['user'] }, { env });
  root = await forge(config, { sub: 'root', roles: ['admin'] }, { env });
});
after(async () => {
  await chromium?.close();
  await app?.stop();
});

test('sign in, see, sign out', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await context.newPage();
    await page.goto(`${app.origin}/dashboard?tab=2`);
    await page.getByPlaceholder('Name').fill('ann');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Dashboard of ann' }).waitFor();
    assert.equal(page.url(), `${app.origin}/dashboard?tab=2`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.goto(`${app.origin}/dashboard`);
    assert.equal(page.url(), `${app.origin}/login?return_to=%2Fdashboard`);
  });
});

test('the API of Express, in every spelling that Express takes', async () => {
  const get = (path, headers = {}) => send(`${app.origin}${path}`, { headers });
  const rows = [
    ['/api/me', undefined, 401],
    ['/api/admin/report', undefined, 401],
    ['/API/admin/report', undefined, 401],
    ['/api/me', ann, 200],
    ['/api/admin/report', ann, 403],
    ['/api/ADMIN/report', ann, 403],
    ['/api/admin/report/', ann, 403],
    ['/api/admin%2freport', ann, 400],
    ['/api/x/../admin/report', ann, 400],
    ['/api/admin/report', root, 200],
  ];
  for (const [path, who, status] of rows) {
    const response = await get(path, who ? { cookie: who.header } : {});
    assert.equal(response.status, status, path);
    assert.match(response.headers.get('cache-control'), /private/, path);
  }
  const me = (await get('/api/me', { cookie: ann.header })).json();
  assert.equal(me.session.sub, 'ann');
  const shared = await send(`${app.origin}/dashboard`, { headers: { cookie: ann.header } });
  assert.match(shared.headers.get('cache-control'), /private.*no-store|no-store.*private/);
});
