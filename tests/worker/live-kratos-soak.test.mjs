// One isolate, two hundred visitors, everything at once: pages, programs, the tunnel, sign-ins and sign-outs, visitors who hang up, upstreams
// that stall, traps, and copies of an older secret. Each answer carries its own visitor's marker and no other's,
// none takes longer than the deadline, and memory comes back to its level.
//
// SOAK_REQUESTS sets the length; the ordinary run is short, `cargo xtask soak` is the long one. The identity server is a FAKE of this file: the
// real one cannot be made to stall, and two hundred sign-ins a second are not its trade.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { bindingOf, keyOf, open, seal } from '../live/world/seals.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { COPY, HOST, KRATOS_SESSION, NAVIGATION, ORIGIN, given } from '../live/world/world.mjs';

const REQUESTS = Number(process.env.SOAK_REQUESTS ?? 3_000);
const USERS = 200;
const AT_ONCE = 48;
/** The gate's own clock for whoami is 5 s, for a head 30 s; a stalled app answers after 2 s here. */
const DEADLINE_MS = 12_000;
/** The word that makes a test build trap. */
const TRAP = 'edgeward-test-trap';
const OLD_SECRET = 'the secret of last year, of 32 bytes and more';

let calm = false;
const chance = (share) => !calm && Math.random() < share;
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const markOf = (user) => `mark-${String(user).padStart(3, '0')}`;
const idOf = (user) => `00000000-0000-4000-8000-${String(user).padStart(12, '0')}`;

let logins = 0;
const cookieFor = (user) => Buffer.from(`1800000000|${markOf(user)}|${(logins += 1)}|${'-'.repeat(40)}`).toString('base64url');
const ended = new Set();
const markIn = (value = '') => /mark-\d{3}/.exec(Buffer.from(value, 'base64url').toString('latin1'))?.[0];

/** FAKE identity server: who a cookie is of stands in the cookie. */
function identity(request, response) {
  const value = new RegExp(`${KRATOS_SESSION}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1];
  const mark = ended.has(value) ? undefined : markIn(value);
  const say = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  request.resume();
  if (request.url.startsWith('/sessions/whoami')) {
    if (chance(0.002)) return undefined;
    if (chance(0.002)) return say(500, {});
    if (!mark) return say(401, { error: { code: 401 } });
    const at = new Date(Date.now() - 60_000).toISOString();
    return setTimeout(() => say(200, {
      id: idOf(Number(mark.slice(5)) + 1000), active: true, expires_at: new Date(Date.now() + 86_400_000).toISOString(), authenticated_at: at, issued_at: at,
      authenticator_assurance_level: 'aal1', authentication_methods: [{ method: 'password', aal: 'aal1' }],
      identity: { id: idOf(Number(mark.slice(5))), state: 'active', traits: { email: `${mark}@example.com` }, metadata_public: { roles: [] } },
    }), Math.random() * 20);
  }
  if (request.url.startsWith('/self-service/logout')) {
    ended.add(value);
    return response.writeHead(303, { location: `${ORIGIN}/login`, 'set-cookie': `${KRATOS_SESSION}=; Path=/; Max-Age=0` }).end();
  }
  const user = Number(/user=(\d+)/.exec(request.url)?.[1]);
  return say(200, { ui: { action: `${ORIGIN}/self-service/login`, nodes: [] }, mark: markOf(user) }, { 'set-cookie': `${KRATOS_SESSION}=${cookieFor(user)}; Path=/; HttpOnly; SameSite=Lax` });
}

/** The app: says whom the gate vouched for, now and then late. */
async function app(request, response) {
  for await (const _ of request);
  await sleep(chance(0.002) ? 2_000 : Math.random() * 15);
  const [, claims] = (request.headers['x-edgeward-assertion'] ?? '').split('.');
  const { sub, email } = claims ? JSON.parse(Buffer.from(claims, 'base64url')) : {};
  response.writeHead(200, { 'content-type': 'text/plain', 'set-cookie': `seen=${request.headers['x-mark']}; Path=/` });
  response.end(JSON.stringify({ sub, email, mark: request.headers['x-mark'] }));
}

let servers;
let worker;
const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
const visitors = [];

before(async () => {
  servers = [http.createServer(identity), http.createServer(app)];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    server.on('clientError', () => {});
  }
  const [identityUrl, appUrl] = servers.map((server) => `http://127.0.0.1:${server.address().port}`);
  worker = await startWorker((config, secrets) => {
    config.kratos.url = identityUrl;
    config.kratos.fresh_within = '1s';
    config.origin.url = appUrl;
    // Rotation, the second deployment: the new secret seals, the old one opens.
    config.session.secrets = [{ env: 'SESSION_SECRET' }, { env: 'SESSION_SECRET_OLD' }];
    secrets.SESSION_SECRET_OLD = OLD_SECRET;
    config.routes.unshift({ path: '/ask/:path*', require: { fresh_within: '0s' } }, { path: '/greet/:path*', require: 'optional' });
  }, { build: given('WORKER_TEST_DIR') });
  const now = Math.floor(Date.now() / 1000);
  for (let user = 0; user < USERS; user += 1) {
    const upstream = cookieFor(user);
    // Sealed by the older secret long enough ago to be rolled when it is seen.
    const copy = await seal(
      { aud: ORIGIN, sub: idOf(user), sid: `sid-${user}`, src: 'kratos', born: now - 20_000, iat: now - 20_000, exp: now + 40_000, ver: now, bnd: bindingOf(upstream), auth_time: now - 20_000, aal: 'aal1', email: `${markOf(user)}@example.com` },
      { secret: OLD_SECRET },
    );
    visitors.push({ user, jar: new Map([[KRATOS_SESSION, upstream], [COPY, copy]]) });
  }
});
after(async () => {
  agent.destroy();
  await worker?.stop();
  for (const server of servers ?? []) {
    server.closeAllConnections();
    server.close();
  }
});

/** One request of a visitor; `undefined` when they hung up. */
function send({ user, jar }, { method = 'GET', target, headers = [], hangUp }) {
  const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
  const begun = Date.now();
  return new Promise((resolve, reject) => {
    const fields = [['Host', HOST], ['X-Mark', markOf(user)], ...(cookie ? [['Cookie', cookie]] : []), ...headers];
    const request = http.request({ host: '127.0.0.1', port: worker.port, agent, method, path: target, headers: fields.flat() }, async (response) => {
      let text = '';
      try {
        for await (const chunk of response) text += chunk;
      } catch {
        return resolve(undefined);
      }
      return resolve({ status: response.statusCode, headers: response.headers, text, ms: Date.now() - begun });
    });
    request.on('error', (error) => (hangUp === undefined ? reject(error) : resolve(undefined)));
    request.setTimeout(2 * DEADLINE_MS, () => request.destroy(new Error(`${method} ${target}: no answer`)));
    request.end(method === 'POST' ? 'a=b' : undefined);
    if (hangUp !== undefined) setTimeout(() => request.destroy(), hangUp);
  });
}

const JSON_FIELDS = [['Accept', 'application/json']];
const OWN = [['Origin', ORIGIN]];
/** name → [how often, the request, what statuses there may be] */
const WAYS = [
  [40, () => ({ target: `/pages/${pick([1, 2, 3])}`, headers: NAVIGATION }), [200, 302]],
  [15, () => ({ target: '/pages/rsc', headers: [['RSC', '1'], ['Sec-Fetch-Mode', 'cors']] }), [200, 401]],
  [10, () => ({ target: '/api/me', headers: JSON_FIELDS }), [200, 401]],
  [10, () => ({ target: '/ask/now', headers: NAVIGATION }), [200, 302]],
  [8, () => ({ target: '/greet/x', headers: NAVIGATION }), [200]],
  [5, () => ({ target: '/pages/form', method: 'POST', headers: [...NAVIGATION, ...OWN] }), [200, 303]],
  [5, () => ({ target: '/sessions/whoami', headers: JSON_FIELDS }), [200, 401, 500]],
  [3, () => ({ target: '/self-service/logout?token=x', headers: NAVIGATION }), [303]],
  [4, () => ({ target: '/assets/x', headers: [] }), [200]],
];
const DECK = WAYS.flatMap(([times, make, statuses]) => Array(times).fill([make, statuses]));

const counted = { served: 0, hungUp: 0, trapped: 0, refused: 0, slowest: 0, signedIn: 0 };

async function act() {
  const visitor = pick(visitors);
  const { user, jar } = visitor;
  let [make, statuses] = pick(DECK);
  if (!jar.has(KRATOS_SESSION)) [make, statuses] = [() => ({ target: `/self-service/login?user=${user}`, method: 'POST', headers: [...JSON_FIELDS, ...OWN] }), [200]];
  const request = make();
  if (chance(0.02)) request.hangUp = Math.random() * 30;
  const isTrap = chance(0.01);
  if (isTrap) request.headers = [...request.headers, ['X-Trap', TRAP]];
  const answer = await send(visitor, request);
  if (!answer) {
    counted.hungUp += 1;
    return;
  }
  const { status, headers, text, ms } = answer;
  const what = `${request.method ?? 'GET'} ${request.target} of ${markOf(user)}: ${status} after ${ms} ms: ${text.slice(0, 200)}`;
  counted.slowest = Math.max(counted.slowest, ms);
  assert.ok(ms < DEADLINE_MS, what);
  if (status === 503) counted[isTrap ? 'trapped' : 'refused'] += 1;
  else assert.ok(!isTrap && statuses.includes(status), what);
  for (const mark of (JSON.stringify(headers) + text).match(/mark-\d{3}/g) ?? []) assert.equal(mark, markOf(user), what);
  const told = status === 200 && text.startsWith('{"sub"') ? JSON.parse(text).sub : undefined;
  if (told !== undefined) {
    counted.signedIn += 1;
    assert.equal(told, idOf(user), what);
  }
  counted.served += 1;
  for (const line of headers['set-cookie'] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    if (name === KRATOS_SESSION && value) assert.equal(markIn(value), markOf(user), what);
    if (name === COPY && value && chance(0.02)) assert.equal((await open(value)).sub, idOf(user), what);
    if (/max-age=0/i.test(line)) jar.delete(name);
    else if (!name.endsWith('-out')) jar.set(name, value);
  }
}

const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))[1]) / 1024;

test(`${REQUESTS} requests of ${USERS} visitors in one isolate`, { timeout: 3_600_000 }, async (t) => {
  let left = REQUESTS;
  let peak = 0;
  let warm;
  const begun = Date.now();
  const busy = async () => {
    while (left > 0) {
      left -= 1;
      try {
        await act();
      } catch (error) {
        left = 0;
        throw error;
      }
      if (left % 500 === 0) peak = Math.max(peak, rss());
      if (left === Math.floor(REQUESTS * 0.8)) warm = rss();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, busy));
  const seconds = (Date.now() - begun) / 1000;
  await sleep(2_000);
  const level = rss();
  t.diagnostic(`${JSON.stringify(counted)} in ${seconds.toFixed(0)} s; memory ${warm?.toFixed(0)} MB after a fifth, at most ${peak.toFixed(0)}, ${level.toFixed(0)} at the end`);
  assert.ok(counted.trapped > REQUESTS * 0.003, 'traps were sprung');
  assert.ok(counted.signedIn > REQUESTS * 0.3, 'visitors were served');
  assert.ok(counted.refused < REQUESTS * 0.05, 'nobody else pays for a stall or a trap');
  assert.ok(level < warm + 64, `memory grew from ${warm} to ${level} MB`);
  // Rotation: what is left of the old secret are visitors who were hardly there.
  const old = (await Promise.all(visitors.map(({ jar }) => jar.get(COPY)).filter(Boolean).map((copy) => open(copy).then(() => 0, () => 1)))).reduce((sum, one) => sum + one, 0);
  assert.ok(old < USERS * (REQUESTS < 10_000 ? 0.2 : 0.02), `${old} copies are still of the old secret`);
});

test('and the next hundred requests work', async () => {
  calm = true;
  for (let at = 0; at < 100; at += 1) {
    const answer = await send({ user: 0, jar: new Map([[KRATOS_SESSION, cookieFor(0)]]) }, { target: '/greet/x', headers: NAVIGATION });
    assert.equal(answer.status, 200);
  }
});
