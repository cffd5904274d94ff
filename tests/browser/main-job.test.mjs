// The main job in Chromium, against the real Worker and the real Kratos. Every request of the browser is watched: one to the
// identity server or to the app itself fails the test, and so do a violated content security policy and an error in the console.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, before, beforeEach, test } from 'node:test';

import { Visitor, freshEmail } from '../live/world/visitor.mjs';
import { COPY, KRATOS_ADMIN_URL, KRATOS_SESSION, KRATOS_URL, ORIGIN, given, makeAdmin } from '../live/world/world.mjs';

const { chromium } = createRequire(given('TOOLCHAIN'))('playwright-core');

const DEEP_LINK = '/dashboard/reports?tab=2';
const PASSWORD = 'seven green Owls over the hill';
/** Addresses that only the gate and the tests may know. The browser visits `localhost`, these are `127.0.0.1`. */
const NEVER = [KRATOS_URL, KRATOS_ADMIN_URL, given('ORIGIN_URL')].map((url) => new URL(url).host);
const TIMEOUT_MS = 20_000;

let browser;
let context;
let page;
let strayed;
let complaints;

before(async () => {
  browser = await chromium.launch({
    executablePath: given('CHROMIUM'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-features=Translate,OptimizationHints,MediaRouter'],
  });
});
after(() => browser?.close());

beforeEach(async () => {
  [strayed, complaints] = [[], []];
  context = await browser.newContext();
  context.setDefaultTimeout(TIMEOUT_MS);
  context.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (NEVER.includes(host) || (protocol !== 'data:' && host !== new URL(ORIGIN).host)) strayed.push(`${request.method()} ${host}`);
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  page = await watched();
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(strayed, [], 'the browser went somewhere else than the gate');
  assert.deepEqual(complaints, []);
});

async function watched() {
  const opened = await context.newPage();
  opened.on('console', (message) => {
    // Chromium reports each status of 400 and above as an error of the console; the tests look at statuses themselves.
    if (['error', 'warning'].includes(message.type()) && !/Failed to load resource: the server responded with a status of/.test(message.text())) complaints.push(message.text());
  });
  return opened;
}

const here = () => page.url().slice(ORIGIN.length);
const cookies = async () => Object.fromEntries((await context.cookies()).map((cookie) => [cookie.name, cookie]));
const submit = (value) => page.locator(`button[name="method"][value="${value}"]`).first().click();

async function register(email = freshEmail(), from = '/registration') {
  await page.goto(ORIGIN + from);
  await page.locator('input[name="traits.email"]').fill(email);
  await page.locator('input[name="traits.name"]').fill('Ann of the Tests');
  // Kratos asks for the profile first and for the password on the next page.
  if (!(await page.locator('input[name="password"]').isVisible())) await submit('profile');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await submit('password');
  await page.waitForURL(`${ORIGIN}/dashboard`);
  return email;
}

async function login(email, password = PASSWORD) {
  await page.locator('input[name="identifier"]').fill(email);
  await page.locator('input[name="password"]').fill(password);
  await submit('password');
}

test('register → dashboard → sign out → deep link → sign in → the deep link → a changed cookie → sign in', async () => {
  const email = await register();
  assert.match(await page.locator('h1').innerText(), /Hello, Ann of the Tests/);
  const jar = await cookies();
  for (const name of [COPY, KRATOS_SESSION]) assert.ok(jar[name].httpOnly && jar[name].sameSite === 'Lax' && jar[name].path === '/' && jar[name].domain === 'localhost', name);
  assert.ok(jar[COPY].secure);

  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL(`${ORIGIN}/login**`);
  assert.equal((await cookies())[COPY], undefined);
  assert.equal((await cookies())[KRATOS_SESSION], undefined);

  await page.goto(ORIGIN + DEEP_LINK);
  await page.waitForURL(`${ORIGIN}/login?flow=**`);
  await login(email);
  await page.waitForURL(ORIGIN + DEEP_LINK);
  assert.equal(await page.locator('#query').innerText(), '?tab=2');

  // Both, because the copy alone is nothing: the identity server's cookie would make a new one.
  const changed = ({ value }) => `${value.slice(0, 40)}${value[40] === 'A' ? 'B' : 'A'}${value.slice(41)}`;
  const signedIn = await cookies();
  await context.addCookies([COPY, KRATOS_SESSION].map((name) => ({ ...signedIn[name], value: changed(signedIn[name]) })));
  await page.goto(ORIGIN + DEEP_LINK);
  await page.waitForURL(`${ORIGIN}/login?flow=**`);
  await login(email);
  await page.waitForURL(ORIGIN + DEEP_LINK);
});

test('a changed copy alone costs one question and nobody is signed out', async () => {
  await register();
  const { [COPY]: copy } = await cookies();
  await context.addCookies([{ ...copy, value: `${copy.value.slice(0, -3)}AAA` }]);
  await page.goto(ORIGIN + DEEP_LINK);
  assert.equal(here(), DEEP_LINK);
  assert.notEqual((await cookies())[COPY].value, `${copy.value.slice(0, -3)}AAA`, 'a new copy took its place');
});

test('a session that the identity server never made opens nothing', async () => {
  await context.addCookies([COPY, KRATOS_SESSION].map((name) => ({ name, value: 'M'.repeat(200), domain: 'localhost', path: '/', secure: name === COPY, httpOnly: true, sameSite: 'Lax' })));
  await page.goto(`${ORIGIN}/dashboard`);
  await page.waitForURL(`${ORIGIN}/login?flow=**`);
});

test('a wrong password is told, the address stays in its field, and the right one then works', async () => {
  const email = freshEmail();
  await new Visitor().register(email);
  await page.goto(ORIGIN + DEEP_LINK);
  await login(email, 'not the password');
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /credentials are invalid/i);
  assert.equal(await page.locator('input[name="identifier"]').inputValue(), email);
  await login(email);
  await page.waitForURL(ORIGIN + DEEP_LINK);
});

test('an error of a field stands at its field', async () => {
  await page.goto(`${ORIGIN}/registration`);
  const email = freshEmail();
  await page.locator('input[name="traits.email"]').fill(email);
  await page.locator('input[name="traits.name"]').fill('Ann');
  if (!(await page.locator('input[name="password"]').isVisible())) await submit('profile');
  await page.locator('input[name="password"]').fill(email);
  await submit('password');
  const field = page.locator('input[name="password"][aria-invalid="true"]');
  await field.waitFor();
  const note = await field.getAttribute('aria-describedby');
  assert.match(await page.locator(`[id="${note.split(' ')[0]}"]`).innerText(), /password/i);
});

test('the page for administrators: refused for an account, open for one with the role', async () => {
  await register();
  const refused = await page.goto(`${ORIGIN}/admin`);
  assert.equal(refused.status(), 403);
  assert.match(await page.locator('h1').innerText(), /You may not open this page/);
  const styled = await page.locator('main').evaluate((element) => getComputedStyle(element).borderRadius);
  assert.notEqual(styled, '0px', "the policy of the gate's page lets its style in");

  const email = freshEmail('admin');
  await makeAdmin(email, PASSWORD);
  await context.clearCookies();
  await page.goto(`${ORIGIN}/admin`);
  await login(email);
  await page.waitForURL(`${ORIGIN}/admin`);
  assert.match(await page.locator('h1').innerText(), /Administration/);
});

test('who is signed in does not see the sign-in again', async () => {
  await register();
  for (const path of ['/login', '/registration']) {
    await page.goto(ORIGIN + path);
    await page.waitForURL(`${ORIGIN}/dashboard`);
  }
});

test('two tabs: signing out in one signs out in the other', async () => {
  await register();
  const other = await watched();
  await other.goto(`${ORIGIN}/dashboard`);
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL(`${ORIGIN}/login**`);
  await other.goto(ORIGIN + DEEP_LINK);
  await other.waitForURL(`${ORIGIN}/login?flow=**`);
});

test('the way back with the browser shows no page of the session that ended', async () => {
  await register();
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL(`${ORIGIN}/login**`);
  await page.goBack();
  await page.waitForLoadState();
  assert.ok(!(await page.content()).includes('Hello, Ann'), 'no cache kept it');
});

test('a script of the app cannot read the session', async () => {
  await register();
  assert.equal(await page.evaluate('document.cookie'), '');
});

for (const width of [320, 390, 1280]) {
  test(`every page fits ${width} pixels`, async () => {
    await page.setViewportSize({ width, height: 800 });
    const fits = async (path) => {
      await page.goto(ORIGIN + path);
      const wide = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
      assert.ok(wide[0] <= wide[1], `${here()} is ${wide[0]} wide`);
    };
    for (const path of ['/', '/login', '/registration', '/recovery', '/verification', '/error', '/dashboard/%00']) await fits(path);
    await register();
    for (const path of ['/', '/dashboard', '/dashboard/reports?tab=2', '/settings', '/admin', '/nothing-here', '/verification', '/error?id=none']) await fits(path);
  });
}
