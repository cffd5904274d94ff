// Social sign-in in Chromium, with a real OpenID Provider: the browser goes there and comes back to the app's own origin, whose
// callback the gate tunnels.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { kratosProvider, startProvider } from '../live/op/provider.mjs';
import { freePort } from '../live/world/http.mjs';
import { startStack } from '../live/world/stack.mjs';
import { freshEmail } from '../live/world/visitor.mjs';
import { COPY } from '../live/world/world.mjs';
import { Person, launch } from './support/person.mjs';

const DEEP_LINK = '/dashboard/reports?tab=2';
const CALLBACK = '/self-service/methods/oidc/callback/loopback';

let browser;
let provider;
let stack;
let person;

before(async () => {
  const port = await freePort();
  provider = await startProvider(() => [`http://localhost:${port}${CALLBACK}`]);
  [browser, stack] = await Promise.all([
    launch(),
    startStack({
      port,
      kratos: { OIDC_ENABLED: 'true', OIDC_PROVIDERS: JSON.stringify([kratosProvider(provider)]) },
      // Chromium holds `form-action` against the redirects of a form, too.
      origin: { formTargets: [provider.issuer] },
    }),
  ]);
});
after(async () => {
  await Promise.all([browser?.close(), stack?.stop()]);
  provider?.stop();
});
afterEach(() => person?.close());

/** Signs in at the provider, whose pages the browser is at. */
async function atProvider(name) {
  const { page } = person;
  await page.waitForURL(`${provider.issuer}/**`);
  await page.locator('input[name="login"]').fill(name);
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('an account by way of a provider, back at the deep link; then a sign-in the same way', async () => {
  person = await Person.arrive(browser, stack, [provider.host]);
  const email = freshEmail('olga');
  await person.go(DEEP_LINK);
  await person.at('/login?flow=**');
  await person.press('loopback', 'provider');
  await atProvider(email);
  await person.at(DEEP_LINK);
  await person.isSignedIn();
  const { email: told, claims } = await person.me();
  assert.deepEqual([told, claims.traits.name], [email, 'Olga of the Provider']);
  await person.signOut();

  await person.go(DEEP_LINK);
  await person.press('loopback', 'provider');
  // The provider knows its person; no form.
  await person.at(DEEP_LINK);
  await person.isSignedIn();
});

test('from the registration page', async () => {
  person = await Person.arrive(browser, stack, [provider.host]);
  await person.go('/registration');
  await person.press('loopback', 'provider');
  await atProvider(freshEmail('olga'));
  await person.at('/dashboard');
  await person.isSignedIn();
});

test('who gives up at the provider is at the form again, and nobody is signed in', async () => {
  person = await Person.arrive(browser, stack, [provider.host]);
  await person.go('/login');
  await person.press('loopback', 'provider');
  await person.page.waitForURL(`${provider.issuer}/**`);
  await person.page.getByRole('button', { name: 'Cancel' }).click();
  await person.page.waitForURL(`${person.origin}/**`);
  await person.warned();
  assert.equal((await person.cookies())[COPY], undefined);
});

test('a callback that nobody began signs nobody in, and a prefetch of one is not sent on', async () => {
  person = await Person.arrive(browser, stack, [provider.host]);
  const response = await person.go(`${CALLBACK}?code=stolen&state=forged`);
  assert.ok(response.status() < 500);
  assert.equal((await person.cookies())[COPY], undefined);
  const before = provider.seen.length;
  const peek = await fetch(`${person.origin}${CALLBACK}?code=x&state=y`, { headers: { purpose: 'prefetch' }, redirect: 'manual' });
  assert.equal(peek.status, 204);
  assert.equal(provider.seen.length, before);
});
