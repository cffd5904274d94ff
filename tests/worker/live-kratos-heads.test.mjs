// What of a request reaches the real Kratos, and what of its answer the visitor (semantics 7.2, 7.4, 7.6; field S 30, 31, 52): seen from a
// relay between the two, and in what Kratos made of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startKratos } from '../live/kratos/start.mjs';
import { freePort } from '../live/world/http.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { startRelay } from '../live/world/relay.mjs';
import { PASSWORD, Visitor, freshEmail } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { COPY, KRATOS_SESSION, given } from '../live/world/world.mjs';

const ADDRESS = '198.51.100.77';

let app;
let kratos;
let origin;
let relay;
let worker;

before(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  app = await startOrigin();
  kratos = await startKratos(given('KRATOS_BINARY'), origin);
  relay = await startRelay(kratos.url);
  worker = await startWorker((config) => {
    config.public_origins = [origin];
    config.kratos.url = relay.url;
    config.origin.url = app.url;
  }, { at: port });
});
after(async () => {
  await worker?.stop();
  relay?.stop();
  app?.stop();
  await kratos?.stop();
});

const somebody = () => new Visitor(worker.port, origin);

/** A token that a native app got from Kratos itself. */
async function tokenOf(email) {
  const flow = await (await fetch(`${kratos.url}/self-service/login/api`)).json();
  const done = await fetch(`${kratos.url}/self-service/login?flow=${flow.id}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ method: 'password', identifier: email, password: PASSWORD }) });
  const { session_token } = await done.json();
  assert.ok(session_token);
  return session_token;
}

test('of all cookies Kratos gets its own, each once, and nothing of ours or of the app', async () => {
  const ann = await somebody().register();
  for (const [name, value] of [['other', '1'], ['next-auth.session-token', 'x'], ['xcsrf_token_1', 'x'], ['__Host-edgeward-hops', 'x']]) ann.cookies.set(name, value);
  relay.seen.length = 0;
  await ann.page('/self-service/settings/browser');
  await ann.page('/dashboard', { cookie: ann.cookie().replace(/__Host-edgeward=[^;]*/, 'x=y') });
  await ann.logout();
  assert.ok(relay.seen.length >= 3);
  for (const { path, headers } of relay.seen) {
    const names = (headers.cookie ?? '').split('; ').map((pair) => pair.split('=')[0]).filter(Boolean);
    assert.equal(new Set(names).size, names.length, `${path}: ${names}`);
    for (const name of names) assert.match(name, /^(csrf_token_[0-9a-f]+|ory_kratos_session|ory_kratos_continuity)$/, path);
    if (path === '/sessions/whoami') assert.deepEqual(names, [KRATOS_SESSION], 'a question of the gate has one');
    for (const name of ['authorization', 'x-session-token', 'x-edgeward-assertion']) assert.equal(headers[name], undefined);
  }
});

test('cookies come down apart and host-only, CSRF values byte for byte', async () => {
  relay.seen.length = 0;
  const got = await somebody().page('/self-service/login/browser');
  const [sent] = relay.seen.at(-1).cookies;
  assert.match(sent, /^csrf_token_[0-9a-f]+=[^;]+; .*Max-Age=/);
  const through = got.cookies.find((line) => line.startsWith('csrf_token_'));
  assert.equal(through, sent.replace(/; Domain=[^;]*/i, ''), 'byte for byte but for the domain');
  assert.ok(got.cookies.every((line) => !/domain=/i.test(line)));
  const ann = await somebody().register();
  const out = await ann.logout();
  assert.ok(relay.seen.some(({ path, cookies }) => path === '/self-service/logout' && cookies.some((line) => /Expires=\w{3}, /.test(line))), 'with a comma in its date');
  assert.ok(out.cookies.filter((line) => /expires=\w{3}, /i.test(line) || /max-age=0/i.test(line)).length >= 2, out.cookies.join('\n'));
});

test('a forged forwarded host or scheme changes no cookie and no address', async () => {
  const forged = [['X-Forwarded-Host', 'evil.example'], ['X-Forwarded-Proto', 'https'], ['Forwarded', 'host=evil.example;proto=https'], ['X-Original-URL', '/admin'], ['Ory-Base-URL-Rewrite', 'https://evil.example']];
  const got = await somebody().page('/self-service/login/browser', { headers: forged });
  assert.ok(got.headers.location.startsWith(`${origin}/login?flow=`));
  assert.ok(!JSON.stringify([got.headers, got.cookies]).includes('evil.example'));
  const json = await somebody().api('/self-service/login/browser', { headers: forged });
  assert.ok(!json.text.includes('evil.example'), json.text.slice(0, 300));
});

test('a session token beside the session cookie changes nothing about who is signed in', async () => {
  const [ann, bob] = [await somebody().register(), await somebody().register(freshEmail('bob'))];
  const token = await tokenOf(bob.email);
  for (const header of [['X-Session-Token', token], ['Authorization', `Bearer ${token}`]]) {
    const got = await ann.api('/sessions/whoami', { headers: [header] });
    assert.equal(got.json.identity.id, ann.identity, header[0]);
  }
  assert.equal((await somebody().api('/sessions/whoami', { headers: [['X-Session-Token', token]] })).status, 401, 'and alone it is nobody: native is off');
});

test('a sign-out with Authorization in it ends the session of the cookie, and no other', async () => {
  const [ann, bob] = [await somebody().register(), await somebody().register(freshEmail('bob'))];
  const token = await tokenOf(bob.email);
  const headers = [['Authorization', `Bearer ${token}`]];
  const { logout_url } = (await ann.api('/self-service/logout/browser', { headers })).json;
  const { pathname, search } = new URL(logout_url);
  assert.equal((await ann.page(pathname + search, { headers })).status, 303);
  assert.ok(!ann.cookies.has(KRATOS_SESSION) && !ann.cookies.has(COPY));
  const active = async ({ identity }) => (await kratos.admin('GET', `/admin/identities/${identity}/sessions?active=true`) ?? []).length;
  assert.equal(await active(ann), 0);
  assert.ok(await active(bob) >= 2);
});

test('Kratos is told the address that the platform vouches for, whatever the visitor says', async () => {
  const ann = await somebody().register();
  await ann.logout();
  const flow = await ann.flow('login');
  const csrf_token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
  const { pathname, search } = new URL(flow.ui.action);
  const forged = [['X-Forwarded-For', '203.0.113.1'], ['True-Client-IP', '203.0.113.2'], ['X-Real-IP', '203.0.113.3'], ['Forwarded', 'for=203.0.113.4']];
  const done = await ann.api(pathname + search, {
    method: 'POST',
    // The header by which Cloudflare tells a Worker; nobody outside can set it there.
    headers: [['CF-Connecting-IP', ADDRESS], ...forged, ['Content-Type', 'application/json'], ['Origin', origin]],
    body: JSON.stringify({ csrf_token, method: 'password', identifier: ann.email, password: PASSWORD }),
  });
  assert.equal(done.status, 200, done.text);
  const sessions = await kratos.admin('GET', `/admin/identities/${ann.identity}/sessions?active=true&expand=devices`);
  const { devices } = await kratos.admin('GET', `/admin/sessions/${sessions[0].id}?expand=devices`);
  assert.ok(devices.some(({ ip_address }) => ip_address.startsWith(ADDRESS)), JSON.stringify(devices));
  assert.ok(!JSON.stringify(devices).includes('203.0.113'));
});

test('the whole way under /api/.ory: sign-up, deep link, sign-out', async () => {
  const port = await freePort();
  const home = `http://localhost:${port}`;
  const mounted = await startKratos(given('KRATOS_BINARY'), home, {}, (text) => text.replace(`base_url: ${home}/`, `base_url: ${home}/api/.ory/`));
  const other = await startWorker((config) => {
    config.public_origins = [home];
    config.kratos.url = mounted.url;
    config.kratos.mounts = ['/api/.ory'];
    config.origin.url = app.url;
  }, { at: port });
  try {
    const ann = new Visitor(port, home);
    const away = await ann.page('/dashboard/reports?tab=2');
    assert.match(away.headers.location, /^\/api\/\.ory\/self-service\/login\/browser\?return_to=/);
    assert.ok((await ann.page(away.headers.location)).headers.location.startsWith(`${home}/login?flow=`));
    const begun = (await ann.api('/api/.ory/self-service/registration/browser')).json;
    assert.ok(begun.ui.action.startsWith(`${home}/api/.ory/self-service/registration?flow=`), begun.ui.action);
    const email = freshEmail();
    const done = await ann.submit(begun, { method: 'password', password: PASSWORD, traits: { email, name: 'Ann' } });
    assert.equal(done.status, 200, done.text);
    assert.equal((await ann.page('/dashboard/reports?tab=2')).status, 200);
    assert.match((await mounted.mailTo(email)).text, new RegExp(`${home}/api/\\.ory/self-service/verification`));
    const { logout_url } = (await ann.api('/api/.ory/self-service/logout/browser')).json;
    assert.ok(logout_url.startsWith(`${home}/api/.ory/self-service/logout?token=`));
    await ann.page(logout_url.slice(home.length));
    assert.equal((await ann.page('/dashboard')).status, 302);
    // Without the mount the path is the app's.
    assert.ok(!(await ann.page('/self-service/login/browser')).headers.location?.startsWith(`${home}/login?flow=`));
  } finally {
    await other.stop();
    await mounted.stop();
  }
});
