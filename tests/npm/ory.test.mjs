// `edgeward/ory` from the packed tarball in front of a real Kratos: the tunnel alone, the tunnel with a sealed copy, the
// pages router's handler, and the environment of those that it replaces.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import test, { after } from 'node:test';

import { NAVIGATION, SECRET } from './support/config.mjs';
import { send } from './support/http.mjs';
import { entry, installed } from './support/install.mjs';
import { Cookies, kratos } from './support/kratos.mjs';
import { freePort } from './support/next.mjs';

const ORIGIN = 'http://localhost:4455';
const dir = installed();
const { createOryMiddleware } = await entry(dir, 'ory');
const { createApiHandler, config: apiConfig, edgeConfig } = await entry(dir, 'ory/pages');
const server = await kratos(ORIGIN);
after(() => server.stop());

const env = { ORY_KRATOS_URL: server.url, NEXT_PUBLIC_ORY_SDK_URL: 'http://localhost:9', SESSION_SECRET: SECRET };
const NEXT = { 'x-middleware-next': '1' };

/** A visitor of a middleware. */
function visitor(middleware) {
  const cookies = new Cookies();
  const visit = async (path, { headers = {}, ...init } = {}) => {
    const url = path.startsWith('http') ? path : `${ORIGIN}${path}`;
    const request = new Request(url, { ...init, headers: { host: new URL(ORIGIN).host, ...headers, cookie: `${cookies}; theme=dark` } });
    return cookies.take(await middleware(request));
  };
  return { visit, cookies };
}

async function registered({ visit }, email) {
  const begun = await visit('/self-service/registration/browser', { headers: { accept: 'application/json' } });
  const flow = await begun.json();
  assert.ok(flow.ui.action.startsWith(`${ORIGIN}/self-service/registration`), flow.ui.action);
  const csrf = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
  const traits = { email, name: 'Ann' };
  const body = JSON.stringify({ method: 'password', password: 'correct horse battery', traits, csrf_token: csrf });
  const headers = { accept: 'application/json', 'content-type': 'application/json', origin: ORIGIN, 'sec-fetch-site': 'same-origin' };
  let done = await visit(flow.ui.action, { method: 'POST', body, headers, duplex: 'half' });
  if (done.status === 400) {
    // Two steps: the profile first, then the password.
    const next = await done.json();
    done = await visit(next.ui.action, { method: 'POST', body, headers, duplex: 'half' });
  }
  assert.equal(done.status, 200, await done.clone().text());
}

test('one argument: a tunnel, every route public, nothing minted, no secret', async () => {
  const { SESSION_SECRET: _, ...without } = env;
  const middleware = createOryMiddleware({ project: { login_ui_url: '/login' } }, { env: without, log: false });
  const ann = visitor(middleware);
  for (const path of ['/', '/dashboard', '/settings', '/uikit', '/self-service-admin', '/admin/identities']) {
    const response = await ann.visit(path, { headers: NAVIGATION });
    assert.deepEqual([response.status, response.headers.get('x-middleware-next')], [200, '1'], path);
    assert.deepEqual(response.headers.getSetCookie(), []);
  }
  await registered(ann, 'ann@example.com');
  assert.ok(ann.cookies.has('ory_kratos_session'));
  assert.ok(!ann.cookies.has('__Host-edgeward'));
  const who = await ann.visit('/sessions/whoami', { headers: { accept: 'application/json' } });
  assert.equal((await who.json()).identity.traits.email, 'ann@example.com');
  const logout = await (await ann.visit('/self-service/logout/browser', { headers: { accept: 'application/json' } })).json();
  assert.ok(logout.logout_url.startsWith(`${ORIGIN}/self-service/logout?token=`));
  const out = await ann.visit(logout.logout_url, { headers: { accept: 'application/json' } });
  assert.equal(out.status, 204);
  assert.equal((await ann.visit('/sessions/whoami', { headers: { accept: 'application/json' } })).status, 401);
});

test('names that are made up drive out nobody: the ones that were there go on', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const middleware = createOryMiddleware({}, { env, log: false });
  const visit = (host, proto = 'https') => new Request('http://10.0.0.7/about', { headers: { ...NAVIGATION, host: '10.0.0.7', 'x-forwarded-host': host, 'x-forwarded-proto': proto } });
  const from = async (host, proto) => (await middleware(visit(host, proto))).status;
  for (let at = 0; at < 8; at += 1) assert.equal(await from(`a${at}.example`), 200);
  for (const [why, host, proto] of [['another one', 'a8.example'], ['and another', 'a9.example'], ['no scheme', 'a0.example', 'x'], ['a space', 'a b'], ['a path', 'a0.example/x'], ['a user', 'a@b.example']]) {
    assert.equal(await from(host, proto), 421, why);
  }
  for (let at = 0; at < 8; at += 1) assert.equal(await from(`a${at}.example`), 200, 'still there');
  const decision = await middleware.decide(visit('a0.example'));
  for (let at = 1; at < 8; at += 1) assert.equal(await from(`a${at}.example`), 200);
  t.mock.timers.tick(60_000);
  assert.equal(await from('a8.example'), 200, 'a minute later there is room for one');
  assert.equal(middleware.apply(decision).headers.get('x-middleware-next'), '1', 'what was decided before is carried out without its gate');
  assert.equal(await from('a9.example'), 421);
});

test('a name that is asked for often stays, whoever makes up others', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const middleware = createOryMiddleware({}, { env, log: false });
  const from = async (host) => (await middleware(new Request('http://10.0.0.7/about', { headers: { ...NAVIGATION, host, 'x-forwarded-proto': 'https' } }))).status;
  for (let second = 0; second < 10 * 60; second += 1) {
    assert.equal(await from('app.example.com'), 200, `second ${second}`);
    if (second % 5 === 0) for (let at = 0; at < 8; at += 1) await from(`made-up-${at}.example`);
    await from(`new-${second}.example`);
    t.mock.timers.tick(1_000);
  }
});

test("a project's token goes only where somebody named the app's origins", async (t) => {
  const sent = [];
  t.mock.method(globalThis, 'fetch', async (_, { headers }) => {
    sent.push(new Headers(headers));
    return new Response(null, { status: 204 });
  });
  const project = { ORY_SDK_URL: 'https://x.projects.oryapis.com', ORY_PROJECT_API_TOKEN: 'ory_pat_x' };
  for (const [options, token] of [[{}, null], [{ publicOrigins: [ORIGIN] }, 'ory_pat_x']]) {
    const middleware = createOryMiddleware({}, { env: project, log: false, ...options });
    await middleware(new Request(`${ORIGIN}/self-service/login/browser`, { headers: { ...NAVIGATION, host: new URL(ORIGIN).host, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } }));
    assert.equal(sent.at(-1).get('ory-base-url-rewrite-token'), token);
  }
});

test('two arguments: routes that need a session, and a sealed copy of it', async () => {
  const middleware = createOryMiddleware({}, {
    env, log: false, publicOrigins: [ORIGIN], signedIn: '/dashboard', default: 'session',
    session: { secrets: [{ env: 'SESSION_SECRET' }], roles: '/metadata_public/roles' },
    kratos: { claims: ['/traits/email'] },
    routes: [{ path: '/', require: 'public' }, { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } }],
  });
  const ben = visitor(middleware);
  const away = await ben.visit('/dashboard', { headers: NAVIGATION });
  assert.deepEqual([away.status, new URL(away.headers.get('location')).pathname], [302, '/self-service/login/browser']);
  assert.equal((await ben.visit('/login?flow=x', { headers: NAVIGATION })).headers.get('x-middleware-next'), NEXT['x-middleware-next']);
  await registered(ben, 'ben@example.com');
  assert.ok(ben.cookies.has('__Host-edgeward'), 'sealed in the response that signed the visitor in');
  const page = await ben.visit('/dashboard', { headers: NAVIGATION });
  assert.equal(page.headers.get('x-middleware-next'), '1');
  const seen = page.headers.get('x-middleware-request-cookie');
  assert.ok(seen.includes('__Host-edgeward=') && seen.includes('theme=dark'), seen);
  assert.equal((await ben.visit('/admin/x', { headers: NAVIGATION })).status, 403);
  assert.equal((await ben.visit('/login', { headers: NAVIGATION })).status, 302);
  const refused = await middleware(new Request(`${ORIGIN}/dashboard`, { headers: { cookie: 'ory_kratos_session=forged; __Host-edgeward=x', accept: 'application/json' } }));
  assert.equal(refused.status, 401);
  assert.ok(refused.headers.getSetCookie().every((line) => /max-age=0/i.test(line)), 'nothing is minted for a made-up cookie');
});

test('a copy that is no longer fresh is asked about beside the request, in `waitUntil`', async () => {
  const middleware = createOryMiddleware({}, {
    env, log: false, publicOrigins: [ORIGIN], default: 'session', session: { secrets: [{ env: 'SESSION_SECRET' }] }, kratos: { fresh_within: '1s' },
  });
  const cid = visitor(middleware);
  await registered(cid, 'cid@example.com');
  const held = [];
  const ask = () => middleware(new Request(`${ORIGIN}/dashboard`, { headers: { ...NAVIGATION, cookie: `${cid.cookies}` } }), { waitUntil: (promise) => held.push(promise) });
  assert.equal((await ask()).headers.get('x-middleware-next'), '1');
  assert.equal(held.length, 0, 'fresh: nobody is asked');
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  assert.equal((await ask()).headers.get('x-middleware-next'), '1', 'nobody waits for the answer');
  assert.ok(held.length > 0, 'the question outlives the response');
  await Promise.all(held);
  // The response had gone out by then: the answer acts on the next one, which brings the newer copy.
  const next = await ask();
  assert.ok(next.headers.getSetCookie().some((line) => line.startsWith('__Host-edgeward=ey')));
});

test('the API route of the pages router', async (t) => {
  const port = await freePort();
  const own = await kratos(`http://localhost:${port}/api/.ory`);
  t.after(() => own.stop());
  const handler = createApiHandler({ env: { ORY_KRATOS_URL: own.url }, log: false });
  assert.deepEqual([apiConfig, edgeConfig.basePath], [{ api: { bodyParser: false } }, '/api/.ory']);
  const http = createServer(handler).listen(port, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  const origin = `http://localhost:${port}`;
  const flow = await send(`${origin}/api/.ory/self-service/login/browser`, { headers: { accept: 'application/json' } });
  assert.equal(flow.status, 200);
  assert.ok(flow.json().ui.action.startsWith(`${origin}/api/.ory/self-service/login?flow=`), flow.json().ui.action);
  assert.equal((await send(`${origin}/api/.ory/admin/identities`)).status, 404);
  assert.equal((await send(`${origin}/api/.ory/health/ready`)).status, 404);
});

test("the base-URL header of a project is the app's own address, and nobody else is told", async (t) => {
  const seen = [];
  const upstream = createServer((req, res) => {
    seen.push(req.headers['ory-base-url-rewrite']);
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => upstream.close());
  const url = `http://127.0.0.1:${upstream.address().port}`;
  for (const [network, expected] of [[true, (origin) => `${origin}/api/.ory`], [false, () => undefined]]) {
    const http = createServer(createApiHandler({ env: { ORY_SDK_URL: url }, log: false, kratos: { network } })).listen(0, '127.0.0.1');
    await once(http, 'listening');
    t.after(() => http.close());
    const origin = `http://localhost:${http.address().port}`;
    const answer = await send(`${origin}/api/.ory/self-service/login/flows?id=1`, { headers: { accept: 'application/json', 'ory-base-url-rewrite': 'https://evil.example' } });
    assert.deepEqual([answer.status, seen.at(-1)?.replace(/\/$/, '')], [200, expected(origin)]);
    for (const host of ['a b', 'a/b', 'http://x', '[', '%', 'x:y']) {
      assert.equal((await send(`${origin}/api/.ory/self-service/login/flows?id=1`, { headers: { host } })).status, 421, host);
    }
  }
});

test('the environment, and what is wrong with it, in one sentence', async () => {
  assert.throws(() => createOryMiddleware({}, { env: {} }), /nothing says where Ory is; set `ORY_KRATOS_URL`/);
  assert.throws(() => createOryMiddleware({}, { env, session: { secrets: [] } }), /`session` needs `publicOrigins`/);
  assert.throws(() => createOryMiddleware({}, { env, routes: [] }), /`routes` need `session/);
  assert.throws(() => createApiHandler({ env: { ORY_KRATOS_URL: 'http://127.0.0.1:1', ORY_SDK_URL: 'http://127.0.0.1:2' } }), /both set; unset one/);
  for (const [names, expected] of [
    [['NEXT_PUBLIC_ORY_SDK_URL'], true],
    [['ORY_SDK_URL', 'dead'], true],
    [['ORY_KRATOS_URL', 'dead'], true],
  ]) {
    const own = { [names[0]]: server.url, ...(names[1] ? { NEXT_PUBLIC_ORY_SDK_URL: 'http://127.0.0.1:9' } : {}) };
    const middleware = createOryMiddleware({}, { env: own, log: false });
    const response = await middleware(new Request(`${ORIGIN}/self-service/login/browser`, { headers: { accept: 'application/json' } }));
    assert.equal(response.status === 200, expected, names.join());
  }
});
