// A person with a real Chromium in front of a stack: every request is watched, and so is the console.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

import { freshEmail } from '../../live/world/visitor.mjs';
import { COPY, KRATOS_SESSION, given } from '../../live/world/world.mjs';

const { chromium } = createRequire(given('TOOLCHAIN'))('playwright-core');

export const PASSWORD = 'seven green Owls over the hill';
const TIMEOUT_MS = 20_000;
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-features=Translate,OptimizationHints,MediaRouter'];

export const launch = () => chromium.launch({ executablePath: given('CHROMIUM'), args: ARGUMENTS });

/** One person: a browser context with an empty cookie store. `close` is where a stray request becomes a failure. */
export class Person {
  #strayed = [];
  #complaints = [];

  /** @param {{ origin: string, never: string[] }} stack @param {string[]} also other hosts that the browser may visit, an OpenID Provider's */
  static async arrive(browser, stack, also = []) {
    const person = new Person();
    Object.assign(person, { stack, origin: stack.origin, context: await browser.newContext() });
    person.context.setDefaultTimeout(TIMEOUT_MS);
    const welcome = [new URL(stack.origin).host, ...also];
    person.context.on('request', (request) => {
      const { host, protocol } = new URL(request.url());
      if (protocol !== 'data:' && (stack.never.includes(host) || !welcome.includes(host))) person.#strayed.push(`${request.method()} ${host}`);
    });
    person.context.on('weberror', (error) => person.#complaints.push(String(error.error())));
    person.page = await person.tab();
    return person;
  }

  /** Another tab of the same browser. */
  async tab() {
    const page = await this.context.newPage();
    page.on('console', (message) => {
      // Chromium reports each status of 400 and above as an error of the console; the tests look at statuses themselves.
      if (['error', 'warning'].includes(message.type()) && !/Failed to load resource: the server responded with a status of/.test(message.text())) this.#complaints.push(message.text());
    });
    return page;
  }

  /** What is still under way ends first: a request that is cut off may leave Kratos' store locked for a while. */
  async close() {
    for (const page of this.context.pages()) await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => {});
    await this.context.close();
    assert.deepEqual(this.#strayed, [], 'the browser went somewhere else than the gate');
    assert.deepEqual(this.#complaints, []);
  }

  get here() {
    return this.page.url().slice(this.origin.length);
  }

  go(path) {
    return this.#told(this.page.goto(this.origin + path));
  }

  /** Waits until the browser is at a path; `**` stands for anything. */
  at(path) {
    return this.#told(this.page.waitForURL(this.origin + path));
  }

  /** Waits for a message that the page marks as one. */
  async warned() {
    await this.#told(this.page.getByRole('alert').first().waitFor());
  }

  /** The same, and a failure says where the person stood, what was there to read, and what gate and Kratos said last. */
  async #told(promise) {
    try {
      return await promise;
    } catch (error) {
      const page = await this.page.locator('body').innerText({ timeout: 1_000 }).catch(String);
      const { worker, kratos } = this.stack;
      const gate = worker?.log.events().slice(-6).map((event) => JSON.stringify(event)) ?? [];
      const identity = kratos?.log().trimEnd().split('\n').slice(-3) ?? [];
      const said = ['', `at ${this.here}`, ...page.split(/\n+/).slice(0, 20), ...gate, ...identity].join('\n  | ');
      // What a runner prints is the stack, made when the message was another.
      error.stack += said;
      throw error;
    }
  }

  field(name) {
    return this.page.locator(`input[name="${name}"]:not([type="hidden"])`).first();
  }

  fill(name, value) {
    return this.#told(this.field(name).fill(value));
  }

  /** Presses the button of a form by its name and value, and waits for the whole of the page that it leads to. */
  async press(value, name = 'method') {
    const { page } = this;
    const led = page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame());
    await this.#told(Promise.all([led, page.locator(`button[name="${name}"][value="${value}"]`).first().click()]));
    await this.#told(page.waitForLoadState());
  }

  says(text) {
    return this.#told(this.page.getByText(text).first().waitFor());
  }

  async cookies() {
    return Object.fromEntries((await this.context.cookies()).map((cookie) => [cookie.name, cookie]));
  }

  /** Fails unless both cookies are there, as they must be. */
  async isSignedIn() {
    const jar = await this.cookies();
    for (const name of [COPY, KRATOS_SESSION]) assert.ok(jar[name]?.httpOnly && jar[name].sameSite === 'Lax' && jar[name].domain === 'localhost', `${name} after ${this.here}`);
  }

  /** What the gate tells the app about this person. */
  async me() {
    const response = await this.context.request.get(`${this.origin}/api/me`, { headers: { accept: 'application/json' } });
    assert.equal(response.status(), 200);
    return response.json();
  }

  async register(email = freshEmail(), from = '/registration') {
    await this.go(from);
    await this.profile(email);
    await this.fill('password', PASSWORD);
    await this.press('password');
    await this.#told(this.page.waitForURL((url) => !url.pathname.startsWith('/registration') && !url.pathname.startsWith('/self-service')));
    this.email = email;
    return email;
  }

  /** The first step of a registration. */
  async profile(email) {
    await this.fill('traits.email', email);
    await this.fill('traits.name', 'Ann of the Tests');
    if (!(await this.field('password').isVisible())) await this.press('profile');
  }

  async login(email = this.email, password = PASSWORD) {
    await this.fill('identifier', email);
    await this.fill('password', password);
    await this.press('password');
  }

  async signOut() {
    await this.#told(this.page.getByRole('link', { name: 'Sign out' }).click());
    await this.at('/login**');
    const jar = await this.cookies();
    assert.deepEqual([jar[COPY], jar[KRATOS_SESSION]], [undefined, undefined]);
  }

  /** The code of the mail of that number among those about something. */
  async code(subject, count = 1) {
    const { text } = await this.stack.kratos.mailTo(this.email, subject, count);
    return /^\d{6}$/m.exec(text)[0];
  }

  /** The link of such a mail, as a path of the app's origin: a mail names no other. */
  async link(subject, count = 1) {
    const { text } = await this.stack.kratos.mailTo(this.email, subject, count);
    const [url] = /http\S+/.exec(text);
    assert.ok(url.startsWith(`${this.origin}/self-service/`), url);
    return url.slice(this.origin.length);
  }
}
