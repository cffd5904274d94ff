// examples/next-jose in Chromium: built from the packed tarball, driven as a visitor does.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

import { modulesFor } from './support/install.mjs';
import { browser, watched } from './support/chromium.mjs';
import { started } from './support/next.mjs';

const SECRET = { SESSION_SECRET: 'an example secret with more than 32 characters', INSECURE: '1' };

let app;
let chromium;
before(async () => {
  const modules = modulesFor('next-16');
  app = await started(modules, join(modules, 'example-next-jose'), { app: '../../examples/next-jose', shell: 'proxy', bundler: 'turbopack', more: SECRET, origin: 'APP_ORIGIN' });
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await app?.stop();
});

const here = (page) => page.url().slice(app.origin.length);

async function signedIn(context, name, from = '/login') {
  const page = await context.newPage();
  await page.goto(app.origin + from);
  await page.getByPlaceholder('Name').fill(name);
  await page.getByPlaceholder('Password').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}

test('nobody is sent to the sign-in and back to where they wanted to go', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await signedIn(context, 'ann', '/dashboard?tab=2');
    await page.getByRole('heading', { name: 'Dashboard of ann' }).waitFor();
    assert.equal(here(page), '/dashboard?tab=2');
    assert.deepEqual(JSON.parse(await page.locator('#team').textContent()), [{ name: 'Ann' }, { name: 'Ben' }]);
    await page.goto(`${app.origin}/login`);
    await page.waitForURL('**/dashboard');
  });
});

test('roles: a user is refused, an administrator comes in and sees more', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await signedIn(context, 'ann');
    await page.getByRole('heading', { name: 'Dashboard of ann' }).waitFor();
    assert.equal((await page.goto(`${app.origin}/admin`)).status(), 403);
  });
  await watched(chromium, app.origin, async (context) => {
    const page = await signedIn(context, 'root', '/admin');
    await page.getByRole('heading', { name: 'Admin: root' }).waitFor();
    await page.goto(`${app.origin}/reports`);
    await page.getByRole('heading', { name: 'Reports of root' }).waitFor();
    const team = await page.evaluate(() => fetch('/api/team').then((response) => response.json()));
    assert.equal(team[1].salary, 2000);
  });
});

test('links from a public page: the client side navigates to the sign-in, and to the page', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await context.newPage();
    await page.goto(app.origin);
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await page.waitForURL('**/login?return_to=%2Fdashboard');
    await signedIn(context, 'ann');
    await page.goto(app.origin);
    await page.getByRole('link', { name: 'Profile' }).click();
    await page.getByRole('heading', { name: 'Profile' }).waitFor();
  });
});

test('a client page knows who it is, and leaves when the session is gone', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await signedIn(context, 'root', '/profile');
    await page.getByText('authenticated root admin').waitFor();
    await context.clearCookies();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.waitForURL('**/login');
  });
});

test('who signs out is signed out', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await signedIn(context, 'ann');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/login');
    await page.goto(`${app.origin}/dashboard`);
    assert.equal(here(page), '/login?return_to=%2Fdashboard');
    assert.equal(await page.evaluate(() => fetch('/api/team').then((response) => response.status)), 401);
  });
});
