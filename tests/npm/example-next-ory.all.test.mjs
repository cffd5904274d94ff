// examples/next-ory in Chromium: Ory Elements' pages, a real Kratos, everything under the app's own origin.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { after, before } from 'node:test';

import { browser, watched } from './support/chromium.mjs';
import { modulesFor } from './support/install.mjs';
import { kratos } from './support/kratos.mjs';
import { freePort, started } from './support/next.mjs';

const PASSWORD = 'seven green Owls over the hill';

let app;
let server;
let chromium;
before(async () => {
  const modules = modulesFor('next-ory');
  const port = await freePort();
  server = await kratos(`http://localhost:${port}`);
  app = await started(modules, join(modules, 'example-next-ory'), {
    app: '../../examples/next-ory', shell: 'proxy', bundler: 'turbopack', origin: 'NEXT_PUBLIC_ORY_SDK_URL', port, more: { ORY_KRATOS_URL: server.url },
  });
  chromium = await browser();
});
after(async () => {
  await chromium?.close();
  await app?.stop();
  server?.stop();
});

async function password(page) {
  const submit = () => page.locator('button[type="submit"]').first().click();
  const field = page.locator('input[name="password"]');
  if (!(await field.isVisible())) await submit();
  await field.fill(PASSWORD);
  await page.locator('button[name="method"][value="password"], button[type="submit"]').last().click();
}

test('registration, the page, sign out, sign in with a deep link', async () => {
  await watched(chromium, app.origin, async (context) => {
    const page = await context.newPage();
    await page.goto(`${app.origin}/dashboard?tab=2`);
    await page.waitForURL('**/login?flow=*');
    await page.goto(`${app.origin}/registration`);
    await page.locator('input[name="traits.email"]').fill('ann@example.com');
    await page.locator('input[name="traits.name"]').fill('Ann');
    await password(page);
    // Kratos asks for the code that it has mailed; who is signed in may go on without.
    await page.waitForURL('**/verification?flow=*');
    await page.goto(`${app.origin}/dashboard`);
    await page.getByRole('heading', { name: 'Dashboard of ann@example.com' }).waitFor();
    const names = (await context.cookies()).map(({ name }) => name);
    assert.ok(names.includes('__Host-edgeward') && names.includes('ory_kratos_session'), names.join());
    assert.equal((await page.goto(`${app.origin}/admin`)).status(), 403);
    await page.goto(`${app.origin}/login`);
    await page.waitForURL('**/dashboard');
    await page.getByRole('link', { name: 'Sign out' }).click();
    await page.waitForURL((url) => !url.pathname.startsWith('/dashboard'));
    assert.ok(!(await context.cookies()).some(({ name }) => name === '__Host-edgeward'));
    await page.goto(`${app.origin}/dashboard?tab=2`);
    await page.waitForURL('**/login?flow=*');
    await page.locator('input[name="identifier"]').fill('ann@example.com');
    await password(page);
    await page.getByRole('heading', { name: 'Dashboard of ann@example.com' }).waitFor();
    assert.equal(page.url(), `${app.origin}/dashboard?tab=2`);
  });
});
