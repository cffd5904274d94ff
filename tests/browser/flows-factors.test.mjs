// The second factor in Chromium: enrolled from a page that asks for one, then asked for, by an authenticator app and by backup codes.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startStack } from '../live/world/stack.mjs';
import { totp } from '../live/world/totp.mjs';
import { PASSWORD, Person, launch } from './support/person.mjs';

const VAULT = '/vault/box?shelf=2';
const DEEP_LINK = '/dashboard/reports?tab=2';

let browser;
let stack;
let person;

before(async () => {
  [browser, stack] = await Promise.all([launch(), startStack()]);
});
after(() => Promise.all([browser?.close(), stack?.stop()]));
afterEach(() => person?.close());

/** Enrols an app on the settings page that the browser is at; gives its secret. */
async function enrol() {
  await person.field('totp_code').waitFor();
  const picture = person.page.locator('figure.qr img');
  assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 100), 'the picture is drawn');
  const secret = await person.page.locator('.secret code').first().innerText();
  await person.fill('totp_code', totp(secret));
  await person.press('totp');
  return secret;
}

test('without a factor: led to the settings, enrolled, and back at the page; then stepped up at each sign-in', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  await person.go(VAULT);
  await person.at('/settings?flow=**');
  const secret = await enrol();
  await person.at(VAULT);
  assert.match(await person.page.locator('h1').innerText(), /Vault/);
  assert.equal((await person.me()).aal, 'aal2');

  await person.signOut();
  await person.go(VAULT);
  await person.at('/login?flow=**');
  await person.login();
  await person.field('totp_code').waitFor();
  assert.match(await person.page.locator('h1').innerText(), /One more step/);
  // A code is good once: the next window's.
  await person.fill('totp_code', '000000');
  await person.press('totp');
  await person.warned();
  await person.fill('totp_code', totp(secret, 1));
  await person.press('totp');
  await person.at(VAULT);
  await person.isSignedIn();
});

test('with a factor every page asks for it, because whoami withholds the session; nobody goes round in circles', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  await person.go('/settings');
  const secret = await enrol();
  await person.says(/changes have been saved/i);
  await person.signOut();
  await person.go(DEEP_LINK);
  await person.login();
  await person.field('totp_code').waitFor();
  // Half signed in: the deep link leads here again, not to an error and not through.
  const again = await person.go(DEEP_LINK);
  assert.equal(again.status(), 200);
  await person.at('/login?flow=**');
  await person.field('totp_code').waitFor();
  await person.fill('totp_code', totp(secret, 1));
  await person.press('totp');
  await person.at(DEEP_LINK);
  assert.equal((await person.me()).aal, 'aal2');
});

test('backup codes: made, kept, used once', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  await person.go(VAULT);
  await person.at('/settings?flow=**');
  await person.press('true', 'lookup_secret_regenerate');
  const list = person.page.locator('.secrets code');
  await list.first().waitFor();
  const codes = await list.allInnerTexts();
  assert.equal(new Set(codes).size, 12);
  await person.press('true', 'lookup_secret_confirm');
  await person.at(VAULT);
  await person.signOut();

  await person.go(VAULT);
  await person.login();
  await person.fill('lookup_secret', codes[0]);
  await person.press('lookup_secret');
  await person.at(VAULT);
  await person.signOut();
  await person.go(VAULT);
  await person.login();
  await person.fill('lookup_secret', codes[0]);
  await person.press('lookup_secret');
  await person.warned();
  await person.fill('lookup_secret', codes[1]);
  await person.press('lookup_secret');
  await person.at(VAULT);
});

test('a factor taken away: the page asks for a new one', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  await person.go(VAULT);
  await enrol();
  await person.at(VAULT);
  const [{ id }] = await stack.kratos.admin('GET', `/admin/identities?credentials_identifier=${person.email}`);
  await stack.kratos.admin('DELETE', `/admin/identities/${id}/credentials/totp`);
  await person.signOut();
  await person.go(VAULT);
  await person.login(person.email, PASSWORD);
  await person.at('/settings?flow=**');
  await person.field('totp_code').waitFor();
});
