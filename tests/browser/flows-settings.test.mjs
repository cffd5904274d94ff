// The settings in Chromium: e-mail and password, and the fresh sign-in that a change asks for when the last one is long ago.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { startStack } from '../live/world/stack.mjs';
import { freshEmail } from '../live/world/visitor.mjs';
import { COPY } from '../live/world/world.mjs';
import { PASSWORD, Person, launch } from './support/person.mjs';

const NEW_PASSWORD = 'nine blue Herons by the lake';
const PRIVILEGED_MS = 4_000;

let browser;
let stack;
let person;

before(async () => {
  [browser, stack] = await Promise.all([launch(), startStack({ kratos: { PRIVILEGED_SESSION_MAX_AGE: `${PRIVILEGED_MS / 1000}s` } })]);
});
after(() => Promise.all([browser?.close(), stack?.stop()]));
afterEach(() => person?.close());

test('a new name and a new address show at once: the copy is made anew in the same answer', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  const before = (await person.cookies())[COPY].value;
  await person.go('/settings');
  const email = freshEmail('bea');
  await person.fill('traits.email', email);
  await person.fill('traits.name', 'Bea');
  await person.press('profile');
  await person.says(/changes have been saved/i);
  const { email: told, claims } = await person.me();
  assert.deepEqual([told, claims.traits.name], [email, 'Bea']);
  assert.notEqual((await person.cookies())[COPY].value, before);
  await person.go('/dashboard');
  await person.says('Hello, Bea');
});

test('a sign-in long ago: the change leads to a fresh one and back to the settings, where it is made', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  await person.go('/settings');
  await sleep(PRIVILEGED_MS + 1_000);
  await person.fill('password', NEW_PASSWORD);
  await person.press('password');
  await person.at('/login?flow=**');
  assert.match(await person.page.locator('h1').innerText(), /Confirm it's you/);
  await person.fill('password', 'not the password');
  await person.press('password');
  await person.warned();
  await person.fill('password', PASSWORD);
  await person.press('password');
  await person.at('/settings?flow=**');
  // Kratos kept what was to be changed, in its continuity cookie, and the way back submits it by a GET.
  await person.says(/changes have been saved/i);
  await person.isSignedIn();
  await person.signOut();
  await person.login(person.email, NEW_PASSWORD);
  await person.at('/dashboard');
});

test('an address long after the sign-in, by way of a deep link', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  await person.go(`/settings?return_to=${encodeURIComponent(`${person.origin}/dashboard/reports?tab=3`)}`);
  await sleep(PRIVILEGED_MS + 1_000);
  const email = freshEmail('cleo');
  await person.fill('traits.email', email);
  await person.press('profile');
  await person.at('/login?flow=**');
  await person.fill('password', PASSWORD);
  await person.press('password');
  await person.at('/dashboard/reports?tab=3');
  assert.equal((await person.me()).email, email);
});
