import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deriveKey } from './assertion.mjs';
import { createOrigin } from './server.mjs';

const LOCK = 'test-origin-lock-of-at-least-32-bytes';
const SECRET = 'test-assertion-secret-of-32-bytes!';
const START = { lock: LOCK, secret: SECRET, audience: 'demo', mailUrl: 'http://127.0.0.1:9/mails' };

// A stand-in for the identity server, for the answers that the real one gives seldom.
const FLOW = { id: 'ok', ui: { action: 'http://app.example/self-service/login?flow=ok', method: 'POST', nodes: [{ type: 'input', group: 'default', messages: [], meta: {}, attributes: { name: 'identifier', type: 'text' } }] } };
const ANSWERS = {
  ok: [200, FLOW],
  aal2: [200, { ...FLOW, requested_aal: 'aal2' }],
  gone: [410, { error: { id: 'self_service_flow_expired', details: { redirect_to: 'http://app.example/self-service/login/browser?return_to=x' } } }],
  bare: [410, { error: { id: 'self_service_flow_expired' } }],
  lost: [404, { error: { code: 404 } }],
  aal: [403, { error: { id: 'session_aal2_required' }, redirect_browser_to: 'http://app.example/self-service/login/browser?aal=aal2' }],
  away: [403, { redirect_browser_to: 'https://evil.example//evil.example/x' }],
  csrf: [403, { error: { id: 'security_csrf_violation' } }],
  anonymous: [401, { error: { code: 401 } }],
  broken: [500, { error: { code: 500 } }],
  odd: [418, {}],
  empty: [200, ''],
  html: [200, '<html>'],
};
const asked = [];
const kratos = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://kratos');
  asked.push({ url: request.url, cookie: request.headers.cookie });
  let [status, body] = ANSWERS[url.searchParams.get('id')] ?? [404, {}];
  if (url.pathname === '/self-service/logout/browser') [status, body] = [200, { logout_url: 'http://app.example/self-service/logout?token=t' }];
  if (url.pathname === '/self-service/errors') [status, body] = [200, { error: { code: 500, reason: '<b>bad</b>' } }];
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
});

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
const servers = [];
let port;
let plainPort; // without test endpoints, and its identity server is down
before(async () => {
  const kratosUrl = `http://127.0.0.1:${await listen(kratos)}/`;
  const origin = createOrigin({ ...START, kratosUrl, testEndpoints: true });
  const plain = createOrigin({ ...START, kratosUrl: 'http://127.0.0.1:1' });
  port = await listen(origin);
  plainPort = await listen(plain);
  servers.push(kratos, origin, plain);
});
after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

const b64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function assertion(claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const signed = `${b64({ alg: 'HS256', typ: 'edgeward-assertion+jwt' })}.${b64({ iss: 'edgeward', aud: 'demo', sub: 'id-1', sid: 's', iat: now, exp: now + 30, email: 'ann@example.com', ...claims })}`;
  return `${signed}.${createHmac('sha256', deriveKey(SECRET)).update(signed).digest('base64url')}`;
}

/** One request as it stands, no normalisation by a client. */
function ask(path, { method = 'GET', headers = {}, lock = LOCK, body, to = 'app' } = {}) {
  return new Promise((resolve, reject) => {
    const all = lock === null ? headers : { 'x-edgeward-origin-lock': lock, ...headers };
    const request = http.request({ host: '127.0.0.1', port: { app: port, plain: plainPort }[to] ?? to, method, path, headers: all }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject);
    request.end(body);
  });
}
const vouched = (claims, more) => ({ headers: { 'x-edgeward-assertion': assertion(claims), ...more } });

const STATUSES = [
  ['health is open', '/health', { lock: null }, 200, '"ok"'],
  ['no lock', '/', { lock: null }, 403, 'only reachable through the gate'],
  ['empty lock', '/', { lock: '' }, 403],
  ['wrong lock', '/', { lock: `${LOCK}x` }, 403],
  ['a prefix of the lock', '/', { lock: LOCK.slice(0, -1) }, 403],
  ['the lock twice', '/', { lock: [LOCK, LOCK] }, 403],
  ['an assertion is no lock', '/dashboard', { lock: null, ...vouched() }, 403, 'only reachable'],
  ['no lock, no test endpoint', '/test/echo', { lock: null }, 403],
  ['no lock, no style', '/assets/style.css', { lock: null }, 403],
  ['health below', '/health/', { lock: null }, 403],
  ['health with a query', '/health?x', { lock: null }, 200],
  ['home', '/', {}, 200, 'Create an account'],
  ['style', '/assets/style.css', {}, 200, 'color-scheme'],
  ['icon', '/favicon.ico', {}, 200, '<svg'],
  ['dashboard', '/dashboard', vouched(), 200, 'ann@example.com'],
  ['dashboard, nobody vouches', '/dashboard', {}, 403, 'did not vouch'],
  ['dashboard, forged', '/dashboard', { headers: { 'x-edgeward-assertion': `${assertion()}x` } }, 403, 'did not vouch'],
  ['dashboard, expired', '/dashboard', vouched({ iat: 1, exp: 31 }), 403, 'did not vouch'],
  ['dashboard, twice', '/dashboard', { headers: { 'x-edgeward-assertion': [assertion(), assertion()] } }, 403],
  ['dashboard, other headers', '/dashboard', { headers: { 'x-edgeward-sub': 'id-1', 'x-edgeward-email': 'a@b', cookie: 'session=1' } }, 403],
  ['another case is another page', '/Dashboard', vouched(), 404],
  ['a path that would resolve', '/assets/../dashboard', vouched(), 404],
  ['two slashes', '//dashboard', vouched(), 404],
  ['a name of Object', '/constructor', vouched(), 404],
  ['a name of Object among tests', '/test/constructor', vouched(), 404],
  ['another method', '/dashboard', { method: 'POST', ...vouched() }, 405],
  ['a broken escape', '/%', {}, 404],
  ['name in the page is escaped', '/dashboard', vouched({ claims: { traits: { name: '<script>x' } } }), 200, '&lt;script&gt;x'],
  ['query in the page is escaped', '/dashboard/reports?tab=2&x=%3Cscript%3E', vouched(), 200, '?tab=2&amp;x=%3Cscript%3E'],
  ['admin', '/admin', vouched({ roles: ['admin'] }), 200, 'Administration'],
  ['admin without the role', '/admin', vouched({ roles: ['Admin', 'user'] }), 403, 'administrators'],
  ['admin without roles', '/admin', vouched(), 403, 'administrators'],
  ['api', '/api/me', vouched(), 200, '"sub": "id-1"'],
  ['api, nobody vouches', '/api/me', {}, 403, 'did not vouch'],
  ['settings, nobody vouches', '/settings?flow=ok', {}, 403, 'did not vouch'],
  ['settings', '/settings?flow=ok', vouched(), 200, 'Settings'],
  ['login', '/login?flow=ok', {}, 200, 'Sign in'],
  ['second factor, with a way out', '/login?flow=aal2', {}, 200, 'href="/self-service/logout?token=t"'],
  ['csrf is not tried again', '/login?flow=csrf', {}, 403, 'kept no cookie'],
  ['identity server broken', '/login?flow=broken', {}, 503, 'try again'],
  ['identity server odd', '/login?flow=odd', {}, 503],
  ['identity server sends nothing', '/login?flow=empty', {}, 503],
  ['identity server sends HTML', '/login?flow=html', {}, 503],
  ['identity server down', '/login?flow=ok', { to: 'plain' }, 503],
  ['dashboard without it', '/dashboard', { to: 'plain', ...vouched() }, 200, 'Sign-out is not available'],
  ['error', '/error?id=x', {}, 200, '&lt;b&gt;bad'],
  ['error without id', '/error', {}, 200, 'That did not work'],
  ['error without it', '/error?id=x', { to: 'plain' }, 200, 'That did not work'],
  ['no test endpoints unless asked for', '/test/echo', { to: 'plain' }, 404],
];
for (const [name, path, options, status, part] of STATUSES) {
  test(`${name}: ${status}`, async () => {
    const answer = await ask(path, options);
    assert.equal(answer.status, status, answer.body);
    if (part) assert.ok(answer.body.includes(part), answer.body);
    assert.ok(!answer.body.includes('<script'));
  });
}

const REDIRECTS = [
  ['/login', '/self-service/login/browser'],
  ['/login?flow=&return_to=/a', '/self-service/login/browser?return_to=%2Fa'],
  ['/login?aal=aal2&x=1', '/self-service/login/browser?aal=aal2'],
  ['/login?flow=gone', '/self-service/login/browser?return_to=x'],
  ['/login?flow=bare&return_to=/a', '/self-service/login/browser?return_to=%2Fa'],
  ['/login?flow=lost', '/self-service/login/browser'],
  ['/login?flow=no%26such%3D', '/self-service/login/browser'],
  ['/login?flow=aal', '/self-service/login/browser?aal=aal2'],
  ['/login?flow=away', '/self-service/login/browser'],
  ['/settings?flow=anonymous', '/self-service/login/browser?return_to=%2Fsettings'],
];
for (const [path, location] of REDIRECTS) {
  test(`${path} → ${location}`, async () => {
    const answer = await ask(path, vouched());
    assert.deepEqual([answer.status, answer.headers.location, answer.headers['cache-control']], [303, location, 'no-store']);
  });
}

test('the identity server gets its own cookies and nothing else', async () => {
  asked.length = 0;
  await ask('/login?flow=a%26b', { headers: { cookie: '__Host-edgeward=secret; csrf_token_1=a; theme=dark; ory_kratos_session=b' } });
  assert.deepEqual(asked, [{ url: '/self-service/login/flows?id=a%26b', cookie: 'csrf_token_1=a; ory_kratos_session=b' }]);
});

test('cache rules: home is for everybody, the dashboard is careless on purpose, flows are for one', async () => {
  const rule = async (path, options) => (await ask(path, options)).headers['cache-control'];
  assert.equal(await rule('/'), 'public, max-age=60');
  assert.equal(await rule('/dashboard', vouched()), 'public, s-maxage=600');
  assert.equal(await rule('/login?flow=ok'), 'no-store');
  assert.equal(await rule('/dashboard'), 'no-store');
});

test('home is the same for everybody', async () => {
  assert.equal((await ask('/', vouched())).body, (await ask('/')).body);
});

test('test endpoints', async () => {
  const echo = JSON.parse((await ask('/test/echo?a=%2F', { method: 'POST', body: 'abc', headers: { 'X-Odd': 'é' } })).body);
  assert.deepEqual([echo.method, echo.url, echo.body], ['POST', '/test/echo?a=%2F', 3]);
  assert.ok(echo.headers.some(([name, value]) => name === 'x-edgeward-origin-lock' && value === '(the lock)'));
  assert.ok(!JSON.stringify(echo).includes(LOCK));
  const cookies = (await ask('/test/cookies')).headers['set-cookie'];
  assert.equal(cookies.length, 3);
  assert.match(cookies[1], /Expires=Wed, 01 Jan 2031/);
  assert.equal((await ask('/test/redirect')).headers.location, `http://127.0.0.1:${port}/test/echo?from=redirect`);
  assert.equal((await ask('/test/redirect?status=307')).status, 307);
  assert.equal((await ask('/test/redirect?status=200')).status, 302);
  const stream = await ask('/test/stream?bytes=200001');
  assert.deepEqual([stream.body.length, stream.headers['transfer-encoding']], [200_001, 'chunked']);
  assert.equal((await ask('/test/stream?bytes=-1')).body.length, 0);
  assert.deepEqual(JSON.parse((await ask('/test/sink', { method: 'POST', body: Buffer.alloc(3_000_000) })).body), { method: 'POST', bytes: 3_000_000 });
  const started = Date.now();
  assert.deepEqual(JSON.parse((await ask('/test/slow?ms=60')).body), { waited: 60 });
  assert.ok(Date.now() - started >= 59);
});

const ENV = {
  PORT: '0', EDGEWARD_ORIGIN_LOCK: LOCK, EDGEWARD_ASSERTION_SECRET: SECRET, EDGEWARD_ASSERTION_AUDIENCE: 'demo', KRATOS_PUBLIC_URL: 'http://127.0.0.1:1',
};
function start(env) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.mjs', import.meta.url))], { env });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => (out[name] += chunk));
  return { child, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, ...out }))) };
}

test('the program says when it is ready, and ends on SIGTERM', async (context) => {
  const { child, ended } = start(ENV);
  context.after(() => child.kill('SIGKILL'));
  const line = JSON.parse(await new Promise((resolve) => child.stdout.once('data', resolve)));
  assert.equal(line.ready, true);
  assert.equal((await ask('/health', { to: line.port, lock: null })).status, 200);
  child.kill('SIGTERM');
  assert.equal((await ended).code, 0);
});

const BAD_STARTS = [
  ...Object.keys(ENV).map((name) => [`${name} missing`, { [name]: undefined }, `${name} is not set`]),
  ['a short lock', { EDGEWARD_ORIGIN_LOCK: 'short' }, 'EDGEWARD_ORIGIN_LOCK needs 32 bytes'],
  ['a short secret', { EDGEWARD_ASSERTION_SECRET: 'short' }, 'EDGEWARD_ASSERTION_SECRET needs 32 bytes'],
  ['an odd port', { PORT: '80a' }, 'PORT must be'],
  ['an odd URL', { KRATOS_PUBLIC_URL: 'javascript:1' }, 'KRATOS_PUBLIC_URL must be'],
];
for (const [name, env, text] of BAD_STARTS) {
  test(`does not start with ${name}`, async () => {
    const { code, stdout, stderr } = await start(JSON.parse(JSON.stringify({ ...ENV, ...env }))).ended;
    assert.deepEqual([code, stdout, stderr.split('\n').length], [1, '', 2]);
    assert.ok(stderr.startsWith(`origin: ${text}`), stderr);
    assert.ok(!stderr.includes('short'), 'no secret in the message');
  });
}

test('a taken port is one line with the remedy', async () => {
  const { code, stderr } = await start({ ...ENV, PORT: String(port) }).ended;
  assert.equal(code, 1);
  assert.match(stderr, /^origin: port \d+ on 127\.0\.0\.1 is taken; .* PORT\n$/);
});
