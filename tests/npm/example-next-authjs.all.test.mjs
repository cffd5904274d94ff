// examples/next-authjs in Chromium: an app of next-auth with only the gate added.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

import { browser, watched } from './support/chromium.mjs';
import { modulesFor } from './support/install.mjs';
import { started } from './support/next.mjs';

let app;
let chromium;
before(async () => {
  const modules = modulesFor('next-16');
  app = await started(modules, join(modules, 'example-next-authjs'), { app: '../../examples/next-authjs', shell: 'proxy', bundler: 'turbopack', origin: 'NEXTAUTH_URL', more: { NEXTAUTH_SECRET: 'a secret of the example with more than 32 characters' } });
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await app?.stop();
});

async function signedIn(context, name, from) {
  const page = await context.newPage();
  await page.goto(app.origin + from);
  await page.getByPlaceholder('Name').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}

test('next-auth signs in and out, the gate decides by its cookie', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await signedIn(context, 'ann', '/dashboard?tab=2');
    await page.getByRole('heading', { name: 'ann, ann' }).waitFor();
    assert.equal(page.url(), `${app.origin}/dashboard?tab=2`);
    assert.equal((await page.goto(`${app.origin}/admin`)).status(), 403);
    await page.goto(`${app.origin}/dashboard`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await page.goto(`${app.origin}/dashboard`);
    assert.equal(page.url(), `${app.origin}/login?return_to=%2Fdashboard`);
  });
});

test('a role that next-auth put into its token', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await signedIn(context, 'root', '/admin');
    await page.getByRole('heading', { name: 'Admin' }).waitFor();
  });
});
