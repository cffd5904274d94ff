// A visitor's way over HTTP with the real Kratos: the deep link, signing out, what is left afterwards, and what the log says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Log } from '../live/world/log.mjs';
import { PASSWORD, Visitor, freshEmail } from '../live/world/visitor.mjs';
import { COPY, KRATOS_SESSION, NAVIGATION, ORIGIN, TOMBSTONE, given, makeAdmin } from '../live/world/world.mjs';

const DEEP_LINK = '/dashboard/reports?tab=2';
const log = new Log(given('WORKER_LOG'));
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'];

/** A form of a flow, as a browser posts it. */
async function post(visitor, flow, fields) {
  const csrf_token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
  const { pathname, search } = new URL(flow.ui.action);
  return visitor.page(pathname + search, { method: 'POST', headers: [FORM, ['Origin', ORIGIN]], body: String(new URLSearchParams({ csrf_token, ...fields })) });
}

test('a deep link survives signing in, and the copy comes in the same answer', async () => {
  const ann = await new Visitor().register();
  await ann.logout();
  const away = await ann.page(DEEP_LINK);
  assert.equal(away.status, 302);
  const begun = await ann.page(away.headers.location);
  assert.equal(begun.status, 303);
  assert.ok(begun.headers.location.startsWith(`${ORIGIN}/login?flow=`), begun.headers.location);
  const flow = (await ann.api(`/self-service/login/flows?id=${new URL(begun.headers.location).searchParams.get('flow')}`)).json;
  const done = await post(ann, flow, { method: 'password', identifier: ann.email, password: PASSWORD });
  assert.deepEqual([done.status, done.headers.location], [303, ORIGIN + DEEP_LINK]);
  for (const name of [KRATOS_SESSION, COPY]) assert.ok(done.cookies.some((line) => line.startsWith(`${name}=`)), name);
  log.mark();
  const page = await ann.page(DEEP_LINK);
  assert.equal(page.status, 200);
  assert.match(page.text, /\?tab=2/);
  const [event] = await log.wait();
  assert.deepEqual([event.code, event.effects], ['route.met', undefined], 'without asking anybody');
});

/** where somebody wants to go → where a sign-in may send them; nothing leaves the origin */
const RETURNS = {
  '/dashboard': `${ORIGIN}/dashboard`,
  '/dashboard/reports?tab=2&x=%2F%2Fevil.example': `${ORIGIN}/dashboard/reports?tab=2&x=%2F%2Fevil.example`,
  '/dashboard?return_to=//evil.example': `${ORIGIN}/dashboard?return_to=//evil.example`,
  '/dashboard/caf%C3%A9': `${ORIGIN}/dashboard/caf%C3%A9`,
  [`/dashboard?${'a'.repeat(3_000)}`]: null,
};

for (const [target, expected] of Object.entries(RETURNS)) {
  test(`a way back to ${target.slice(0, 60)}`, async () => {
    const { headers } = await new Visitor().page(target);
    const to = new URL(headers.location, ORIGIN);
    assert.equal(to.pathname, '/self-service/login/browser');
    assert.equal(to.searchParams.get('return_to'), expected);
  });
}

test('a posted form of nobody becomes a GET of the sign-in: 303, and no way back to the form', async () => {
  const { status, headers } = await new Visitor().page('/dashboard', { method: 'POST', headers: [FORM, ['Origin', ORIGIN]], body: 'a=b' });
  assert.deepEqual([status, headers.location], [303, '/self-service/login/browser']);
});

test('a program is told where to sign in, in every class that is no navigation', async () => {
  for (const headers of [[['Accept', 'application/json']], [['RSC', '1']], [['Sec-Fetch-Mode', 'cors'], ['Sec-Fetch-Dest', 'empty']], [['Next-Action', 'x'], ['Origin', ORIGIN]]]) {
    const method = headers[0][0] === 'Next-Action' ? 'POST' : 'GET';
    const got = await new Visitor().ask('/dashboard', { method, headers });
    assert.deepEqual([got.status, got.headers['content-type'], got.json.code], [401, 'application/problem+json', 'unauthenticated'], JSON.stringify(headers));
    assert.match(got.json.login_url, /^\/self-service\/login\/browser/);
    assert.equal(got.headers['cache-control'], 'private, no-store');
  }
});

test('what nobody reads is refused by its status alone', async () => {
  for (const header of [['Purpose', 'prefetch'], ['Sec-Purpose', 'prefetch'], ['Sec-Fetch-Dest', 'image']]) {
    const got = await new Visitor().ask('/dashboard', { headers: [header] });
    assert.deepEqual([got.status, got.text, got.cookies, got.headers['cache-control']], [401, '', [], 'private, no-store'], header.join(': '));
  }
});

test('a wrong password opens nothing and says so in the flow', async () => {
  const ann = await new Visitor().register();
  await ann.logout();
  const got = await ann.submit(await ann.flow('login'), { method: 'password', identifier: ann.email, password: 'not it at all' });
  assert.equal(got.status, 400);
  assert.ok(got.json.ui.messages.some(({ type }) => type === 'error'));
  assert.ok(got.json.ui.action.startsWith(ORIGIN));
  assert.ok(!ann.cookies.has(COPY));
});

test('signing out leaves a tombstone, and the cookies of before are refused beside it', async () => {
  const ann = await new Visitor().register();
  const before = new Map(ann.cookies);
  const out = await ann.logout();
  assert.equal(out.status, 303);
  assert.ok(!ann.cookies.has(COPY) && !ann.cookies.has(KRATOS_SESSION));
  const tombstone = out.cookies.find((line) => line.startsWith(`${TOMBSTONE}=`));
  assert.match(tombstone, /; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/);
  // A late response of before has put the pair back.
  for (const name of [COPY, KRATOS_SESSION]) ann.cookies.set(name, before.get(name));
  const page = await ann.page('/dashboard');
  assert.equal(page.status, 302);
  assert.ok(page.cookies.some((line) => line.startsWith(`${COPY}=;`)), 'and it is expired again');
  const api = await ann.api('/api/me', { cookie: `${COPY}=${before.get(COPY)}; ${tombstone.split(';')[0]}` });
  assert.equal(api.status, 401);
});

test('one sign-out does not end another session of the same person', async () => {
  const first = await new Visitor().register();
  const second = await new Visitor().login(first.email);
  await first.logout();
  assert.equal((await first.page('/dashboard')).status, 302);
  assert.equal((await second.page('/dashboard')).status, 200);
});

test('a prefetch of the way out signs nobody out', async () => {
  const ann = await new Visitor().register();
  const { logout_url } = (await ann.api('/self-service/logout/browser')).json;
  const { pathname, search } = new URL(logout_url, ORIGIN);
  for (const headers of [[['Purpose', 'prefetch']], [['Sec-Purpose', 'prefetch;prerender'], ...NAVIGATION], [['RSC', '1']], [['Next-Router-Prefetch', '1'], ['RSC', '1']]]) {
    const got = await ann.ask(pathname + search, { headers });
    assert.ok(got.status < 500 && !got.headers.location, `${got.status}`);
  }
  assert.equal((await ann.page('/dashboard')).status, 200);
});

test('an administrator comes in, an account does not become one by saying so', async () => {
  const email = freshEmail('admin');
  await makeAdmin(email, PASSWORD);
  const boss = await new Visitor().login(email);
  const page = await boss.page('/admin');
  assert.equal(page.status, 200);
  assert.match(page.text, /Administration/);
  const ann = await new Visitor().register();
  const got = await ann.submit(await ann.flow('settings'), { method: 'profile', traits: { email: ann.email, name: 'Ann', roles: ['admin'] }, metadata_public: { roles: ['admin'] } });
  assert.ok(got.status < 500, got.text);
  assert.equal((await ann.page('/admin')).status, 403);
});

const ONE_OF = (...values) => (value) => values.includes(value);
const CODE = /^[a-z]+(\.[a-z0-9_]+)?$/;
/** How a path may have been read: fixed words of ours. */
const READINGS = new Set([
  'as it stands', 'compared before decoding', 'escaped slash splits', 'slashes merge', '`//` names a host', 'path parameters drop',
  'ends at an escaped `?`, `#` or at `;`', 'decoded twice', 'without the locale', "as a page's payload", "as a page's data",
]);
/** Every member that a log line may have, and what it may hold. */
const EVENT = {
  request_id: (value) => /^[0-9a-f]{16}$/.test(value),
  code: (value) => CODE.test(value),
  action: ONE_OF('continue', 'redirect', 'respond', 'forward'),
  rule: (value) => ['default', 'kratos.ui'].includes(value) || value.startsWith('/'),
  class: ONE_OF('navigation', 'data', 'prefetch', 'server_action', 'api', 'preflight', 'websocket', 'asset'),
  session: (value) => CODE.test(value),
  status: Number.isInteger,
  trace: ({ readings, rules, unmet = 'session', ...rest }) =>
    Object.keys(rest).length === 0 && readings.every((reading) => READINGS.has(reading)) && rules.every((rule) => /^(routes\[\d+\]|default|kratos\.ui(\.[a-z]+)?)$/.test(rule)) && /^[a-z_]+(\.[a-z_]+)*$/.test(unmet),
  effects: (value) => value.every(({ purpose, ms, ok }) => CODE.test(purpose) && Number.isInteger(ms) && typeof ok === 'boolean'),
};

test('a log line for every decision, of codes only: no canary of any input comes out', async () => {
  const ann = await new Visitor().register(freshEmail('canary0'), 'canary1 of a name');
  log.mark();
  const cookie = (canary) => `${ann.cookie()}; canary${canary}=canary${canary}; ${COPY}=canary${canary}; ${KRATOS_SESSION}=${'canary'.repeat(20)}; ${TOMBSTONE}=canary${canary}`;
  const headers = [
    ['User-Agent', 'canary2'], ['Referer', `${ORIGIN}/canary3?canary4`], ['X-Canary5', 'canary6'], ['Authorization', 'Bearer canary7'], ['X-Session-Token', 'canary8'],
    ['X-Forwarded-For', '198.51.100.7'], ['X-Edgeward-Canary9', 'canary'], ['Accept-Language', 'canary'], ['If-None-Match', '"canary"'],
  ];
  const targets = [
    '/', '/dashboard', '/canary/page?canary=canary', '/api/canary?canary', '/admin/canary', '/assets/canary.css?canary', '/canary/../canary', '/canary%00', '//canary', '/canary%2fx;canary',
    '/login?return_to=/canary', '/login?flow=canary', '/self-service/login/browser?return_to=/canary', '/self-service/login/flows?id=canary', '/self-service/logout?token=canary', '/self-service/canary',
    '/self-service/recovery?flow=canary&token=canary', '/sessions/whoami', `/${'canary'.repeat(3_000)}`, '/vault/canary',
  ];
  let asked = 0;
  const pages = [];
  for (const target of targets) {
    for (const [method, how, jar] of [['GET', 'page', cookie('a')], ['GET', 'api', ann.cookie()], ['POST', 'page', ann.cookie()], ['GET', 'page', '']]) {
      const got = await ann[how](target, { method, headers: method === 'POST' ? [...headers, FORM, ['Origin', ORIGIN]] : headers, body: method === 'POST' ? 'canary=canary' : undefined, cookie: jar, keep: false });
      asked += 1;
      assert.ok(got.status < 500, `${method} ${target}: ${got.status} ${got.text.slice(0, 200)}`);
      // Our own refusals repeat nothing; a way to the sign-in holds the place to come back to.
      if (/sha256-/.test(got.headers['content-security-policy'] ?? '') || got.headers['content-type'] === 'application/problem+json') pages.push(got.text.replace(/"login_url":"[^"]*"/, '').replace(/href="[^"]*"/, ''));
    }
  }
  const foreign = await ann.ask('/canary', { headers: [...NAVIGATION, ['Origin', 'https://canary.example'], ['Sec-Fetch-Site', 'cross-site']], method: 'POST', keep: false });
  assert.equal(foreign.status, 403);
  asked += 1;
  const events = await log.wait(asked);
  assert.equal(events.length, asked, 'one line for each');
  for (const event of events) {
    for (const [member, value] of Object.entries(event)) assert.ok(EVENT[member]?.(value), `${member}: ${JSON.stringify(value)}`);
  }
  assert.ok(pages.length > 10);
  for (const text of [log.text(), ...pages]) {
    for (const secret of ['canary', ann.email, ann.identity, '198.51.100', ann.cookies.get(COPY), ann.cookies.get(KRATOS_SESSION), given('SESSION_SECRET'), given('ASSERTION_SECRET'), given('ORIGIN_LOCK')]) {
      assert.ok(!text.toLowerCase().includes(secret.toLowerCase()), `${secret.slice(0, 12)} in ${text.slice(0, 300)}`);
    }
  }
  assert.equal(new Set(events.map(({ request_id }) => request_id)).size, events.length);
});
