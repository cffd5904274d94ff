// What needs a mail, in Chromium: verification, registration and login by code, recovery; each with a deep link to come back to.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { startStack } from '../live/world/stack.mjs';
import { freshEmail } from '../live/world/visitor.mjs';
import { PASSWORD, Person, launch } from './support/person.mjs';

const DEEP_LINK = '/dashboard/reports?tab=2';
const VERIFY = /verify/i;
const RECOVER = /recover/i;
const NEW_PASSWORD = 'nine blue Herons by the lake';

let browser;
let byCode;
let byLink;
let person;

before(async () => {
  [browser, byCode, byLink] = await Promise.all([
    launch(),
    startStack({ kratos: { CODE_PASSWORDLESS: 'true' } }),
    startStack({ kratos: { MAIL_METHOD: 'link' } }),
  ]);
});
after(() => Promise.all([browser?.close(), byCode?.stop(), byLink?.stop()]));
afterEach(() => person?.close());

test('an address is confirmed by the code of its mail, and the session goes on', async () => {
  person = await Person.arrive(browser, byCode);
  await person.register();
  // The first mail is the registration's own; its code belongs to a flow of its own.
  await person.code(VERIFY);
  await person.go(`/self-service/verification/browser?return_to=${encodeURIComponent(person.origin + DEEP_LINK)}`);
  await person.fill('email', person.email);
  await person.press('code');
  await person.field('code').waitFor();
  await person.fill('code', '000000');
  await person.press('code');
  await person.warned();
  await person.fill('code', await person.code(VERIFY, 2));
  await person.press('code');
  await person.says('Address confirmed');
  await person.page.getByRole('link', { name: /continue/i }).click();
  await person.at(DEEP_LINK);
  await person.isSignedIn();
  const [identity] = await byCode.kratos.admin('GET', `/admin/identities?credentials_identifier=${person.email}`);
  assert.equal(identity.verifiable_addresses[0].verified, true);
});

test('the link in the mail leads through the gate to the same end', async () => {
  person = await Person.arrive(browser, byCode);
  await person.register();
  await person.go(await person.link(VERIFY));
  await person.field('code').waitFor();
  assert.match(await person.field('code').inputValue(), /^\d{6}$/, 'the link brings the code');
  await person.press('code');
  await person.says('Address confirmed');
});

test('verification by link', async () => {
  person = await Person.arrive(browser, byLink);
  await person.register();
  await person.go(await person.link(VERIFY));
  await person.says('Address confirmed');
  const [identity] = await byLink.kratos.admin('GET', `/admin/identities?credentials_identifier=${person.email}`);
  assert.equal(identity.verifiable_addresses[0].verified, true);
});

test('registration by code ends at the deep link, with a copy; login by code does, too', async () => {
  person = await Person.arrive(browser, byCode);
  person.email = freshEmail();
  await person.go(`/registration?return_to=${encodeURIComponent(person.origin + DEEP_LINK)}`);
  await person.profile(person.email);
  await person.press('code');
  await person.field('code').waitFor();
  await person.fill('code', await person.code(/register|sign ?up|registration/i));
  await person.press('code');
  await person.at(DEEP_LINK);
  await person.isSignedIn();
  await person.signOut();

  await person.go(DEEP_LINK);
  await person.at('/login?flow=**');
  await person.fill('identifier', person.email);
  await person.press('code');
  await person.field('code').waitFor();
  await person.fill('code', '000000');
  await person.press('code');
  await person.warned();
  await person.fill('code', await person.code(/log ?in|sign ?in/i));
  await person.press('code');
  await person.at(DEEP_LINK);
  await person.isSignedIn();
});

test('recovery by code: signed in, a new password, and the old one opens nothing', async () => {
  person = await Person.arrive(browser, byCode);
  await person.register();
  await person.signOut();
  await person.go(`/recovery?return_to=${encodeURIComponent(person.origin + DEEP_LINK)}`);
  await person.fill('email', person.email);
  await person.press('code');
  await person.field('code').waitFor();
  await person.fill('code', await person.code(RECOVER));
  await person.press('code');
  await person.at('/settings?flow=**');
  await person.isSignedIn();
  await person.fill('password', NEW_PASSWORD);
  await person.press('password');
  await person.at(DEEP_LINK);
  await person.signOut();
  await person.login(person.email, PASSWORD);
  await person.warned();
  await person.login(person.email, NEW_PASSWORD);
  await person.at('/dashboard');
});

test('recovery by link', async () => {
  person = await Person.arrive(browser, byLink);
  await person.register();
  await person.signOut();
  await person.go('/recovery');
  await person.fill('email', person.email);
  await person.press('link');
  await person.says(/email containing a recovery link/i);
  const link = await person.link(RECOVER);
  // A mail program that looks at links must not use them up.
  const peek = await fetch(person.origin + link, { headers: { 'sec-purpose': 'prefetch' }, redirect: 'manual' });
  assert.equal(peek.status, 204);
  await person.go(link);
  await person.at('/settings?flow=**');
  await person.isSignedIn();
  await person.fill('password', NEW_PASSWORD);
  await person.press('password');
  await person.says(/changes have been saved/i);
  await person.go(link);
  await person.page.waitForLoadState();
  assert.ok(!person.here.startsWith('/dashboard'), 'a link is good once');
});
