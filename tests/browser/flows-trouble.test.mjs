// Flows that do not go straight, in Chromium: the error page, an expired flow, a flow of another browser, two tabs, and a page that
// drives a flow by script (JSON in, JSON out, and the one answer that says where the browser has to go).

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { kratosProvider, startProvider } from '../live/op/provider.mjs';
import { startStack } from '../live/world/stack.mjs';
import { Visitor, freshEmail } from '../live/world/visitor.mjs';
import { COPY, KRATOS_SESSION } from '../live/world/world.mjs';
import { PASSWORD, Person, launch } from './support/person.mjs';

const DEEP_LINK = '/dashboard/reports?tab=2';
const LIFESPAN_MS = 6_000;

let browser;
let provider;
let stack;
let brief;
let person;

before(async () => {
  provider = await startProvider(() => ['http://localhost/cb']);
  [browser, stack, brief] = await Promise.all([
    launch(),
    startStack({
      kratos: { OIDC_ENABLED: 'true', OIDC_PROVIDERS: JSON.stringify([kratosProvider(provider)]) },
      // A page without the policy that keeps scripts from asking.
      edit: (config) => config.routes.unshift({ path: '/test/:path*', require: 'public' }),
    }),
    startStack({ kratos: { FLOW_LIFESPAN: `${LIFESPAN_MS / 1000}s` } }),
  ]);
});
after(async () => {
  await Promise.all([browser?.close(), stack?.stop(), brief?.stop()]);
  provider?.stop();
});
afterEach(() => person?.close());

test('a return_to to another site ends at the error page, and nothing begins', async () => {
  person = await Person.arrive(browser, stack);
  const response = await person.go('/self-service/login/browser?return_to=https%3A%2F%2Fevil.example%2F');
  assert.ok(person.here.startsWith('/error?id='), person.here);
  assert.equal(response.status(), 200);
  await person.says('That did not work');
  assert.match(await person.page.getByRole('alert').innerText(), /not allowed/i);
});

test('an error that nobody remembers has a page, too', async () => {
  person = await Person.arrive(browser, stack);
  await person.go('/error?id=00000000-0000-4000-8000-000000000000');
  await person.says('no longer remembers');
});

test('a flow that expired begins again, keeps the way back, and then works', async () => {
  person = await Person.arrive(browser, brief);
  const email = freshEmail();
  await new Visitor(brief.port, brief.origin).register(email);
  await person.go(DEEP_LINK);
  await person.at('/login?flow=**');
  const first = person.here;
  await sleep(LIFESPAN_MS + 500);
  await person.login(email);
  // Kratos makes a new flow and says why; the page is drawn from that one.
  await person.page.waitForURL((url) => url.pathname === '/login' && url.href.slice(person.origin.length) !== first);
  assert.match(await person.page.getByRole('alert').or(person.page.getByRole('status')).first().innerText(), /expired/i);
  await person.login(email);
  await person.at(DEEP_LINK);
  await person.isSignedIn();
});

test('an address of an expired flow, opened again', async () => {
  person = await Person.arrive(browser, brief);
  await person.go('/login');
  await person.at('/login?flow=**');
  const old = person.here;
  await sleep(LIFESPAN_MS + 500);
  await person.go(old);
  await person.at('/login?flow=**');
  assert.notEqual(person.here, old, 'a new flow');
  await person.field('password').waitFor();
});

test('a flow of another browser is no form for this one, and is not begun in circles', async () => {
  const other = await Person.arrive(browser, stack);
  await other.go('/login');
  const theirs = other.here;
  await other.close();
  person = await Person.arrive(browser, stack);
  const response = await person.go(theirs);
  assert.equal(response.status(), 403);
  await person.says('Your browser kept no cookie');
});

test('two tabs at once: two flows, one CSRF cookie; the second form finds somebody signed in', async () => {
  person = await Person.arrive(browser, stack);
  await person.register();
  const { email } = person;
  await person.signOut();
  const first = person.page;
  const second = await person.tab();
  await first.goto(person.origin + DEEP_LINK);
  await second.goto(`${person.origin}/dashboard/reports?tab=3`);
  assert.notEqual(first.url(), second.url());
  await person.login(email);
  await person.at(DEEP_LINK);
  // The other tab still shows its form. Kratos answers a sign-in of who is signed in with its `default_browser_return_url`.
  person.page = second;
  await person.login(email);
  await person.at('/dashboard');
  await person.isSignedIn();
  await first.reload();
  assert.equal(first.url(), person.origin + DEEP_LINK);
});

/** What a single-page app does, in the page itself: `fetch` with JSON, never a navigation. */
const spa = (steps, value) => person.page.evaluate(`(async () => { const ask = async (path, init) => {
  const response = await fetch(path, { credentials: 'same-origin', ...init, headers: { accept: 'application/json', ...(init?.body ? { 'content-type': 'application/json' } : {}) } });
  return { status: response.status, redirected: response.redirected, type: response.headers.get('content-type'), json: response.status === 204 ? null : await response.json() };
}; const value = ${JSON.stringify(value)}; ${steps} })()`);

test('a form driven by script: JSON both ways, field errors, a session, sign-out by 204', async () => {
  person = await Person.arrive(browser, stack);
  await person.go('/test/echo');
  const email = freshEmail('spa');
  const registered = await spa(`
    const { json: flow } = await ask('/self-service/registration/browser');
    const csrf_token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
    const wrong = await ask(new URL(flow.ui.action).pathname + new URL(flow.ui.action).search, { method: 'POST', body: JSON.stringify({ csrf_token, method: 'password', password: 'x', traits: { email: value } }) });
    const right = await ask(new URL(flow.ui.action).pathname + new URL(flow.ui.action).search, { method: 'POST', body: JSON.stringify({ csrf_token, method: 'password', password: ${JSON.stringify(PASSWORD)}, traits: { email: value, name: 'Spa' } }) });
    return { action: flow.ui.action, wrong, right };`, email);
  assert.ok(registered.action.startsWith(person.origin));
  assert.equal(registered.wrong.status, 400);
  assert.ok(registered.wrong.json.ui.nodes.some(({ messages }) => messages.some(({ type }) => type === 'error')));
  assert.equal(registered.right.status, 200);
  await person.isSignedIn();
  assert.equal((await person.me()).email, email);

  const signedOut = await spa(`
    const { json } = await ask('/self-service/logout/browser');
    const { pathname, search } = new URL(json.logout_url);
    return ask(pathname + search);`);
  assert.deepEqual([signedOut.status, signedOut.json], [204, null], 'a 204 passes as one');
  const jar = await person.cookies();
  assert.deepEqual([jar[COPY], jar[KRATOS_SESSION]], [undefined, undefined]);
});

test('the answer that the browser has to go somewhere: 422 browser_location_change_required, with an address to go to', async () => {
  person = await Person.arrive(browser, stack);
  await person.go('/test/echo');
  const moved = await spa(`
    const { json: flow } = await ask('/self-service/login/browser');
    const csrf_token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
    return ask(new URL(flow.ui.action).pathname + new URL(flow.ui.action).search, { method: 'POST', body: JSON.stringify({ csrf_token, method: 'oidc', provider: 'loopback' }) });`);
  assert.equal(moved.status, 422);
  assert.equal(moved.json.error.id, 'browser_location_change_required');
  const to = new URL(moved.json.redirect_browser_to);
  assert.equal(to.origin, provider.issuer, 'a foreign address stays as it is');
  assert.equal(to.searchParams.get('redirect_uri'), `${person.origin}/self-service/methods/oidc/callback/loopback`);
});
