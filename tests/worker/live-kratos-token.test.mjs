// A session that the real Kratos tokenised, shown as a bearer token to a Worker that knows the public key and nothing else of Kratos
// (the format `ory-jwt`).

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, test } from 'node:test';

import { startKratos } from '../live/kratos/start.mjs';
import { claimsOf, flip } from '../live/world/token.mjs';
import { given } from '../live/world/world.mjs';
import { upstream } from './support/upstream.mjs';
import { build, workerd } from './support/workerd.mjs';

const ISSUER = 'http://localhost:4455/';
const TTL_SECS = 2;

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const named = (key) => ({ ...key.export({ format: 'jwk' }), kid: 'edgeward', alg: 'ES256', use: 'sig' });
  return { secret: named(privateKey), open: named(publicKey) };
};
const base64 = (value) => `base64://${Buffer.from(value).toString('base64')}`;
const MAPPER = "local session = std.extVar('session'); { claims: { email: session.identity.traits.email, roles: ['admin'] } }";

const { secret, open } = pair();
let kratos;
let app;
let worker;
let person;

before(async () => {
  const template = (name, mapper) => `        ${name}:\n          ttl: ${name === 'short' ? TTL_SECS : 60}s\n          jwks_url: ${base64(JSON.stringify({ keys: [secret] }))}\n${mapper ? `          claims_mapper_url: ${base64(mapper)}\n` : ''}`;
  const tokenizer = `    tokenizer:\n      templates:\n${template('plain')}${template('short')}${template('mapped', MAPPER)}`;
  app = await upstream((request, response) => response.end(JSON.stringify(request.headers)));
  kratos = await startKratos(given('KRATOS_BINARY'), ISSUER.slice(0, -1), {}, (text) => {
    const edited = text.replace(/^ {2}whoami:\n/m, (line) => `${line}${tokenizer}`);
    assert.notEqual(edited, text);
    return edited;
  });
  worker = await workerd(build('WORKER_DIR'), (url) => ({
    EDGEWARD: {
      public_origins: [url],
      origin: { url: app.url, lock: { env: 'LOCK' } },
      default: 'session',
      session: { format: 'ory-jwt', from: ['bearer'], issuer: [ISSUER], keys: [{ jwk: open }], roles: '/roles', email: '/email' },
      identity: { headers: { 'x-edgeward-email': '/email' } },
      routes: [{ path: '/admin/:path*', require: { any: [{ role: 'admin' }] } }],
    },
    LOCK: 'what only the app and its gate know, here',
  }));
  person = await register();
});
after(async () => {
  await worker?.stop();
  await app?.stop();
  await kratos?.stop();
});

/** A person and a session without a browser. */
async function register() {
  const flow = await (await fetch(`${kratos.url}/self-service/registration/api`)).json();
  const body = { method: 'password', password: 'a long pass phrase of this test', traits: { email: 'ann@example.com' } };
  const answer = await fetch(`${kratos.url}/self-service/registration?flow=${flow.id}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return answer.json();
}

async function tokenised(template) {
  const answer = await fetch(`${kratos.url}/sessions/whoami?tokenize_as=${template}`, { headers: { 'x-session-token': person.session_token } });
  const session = await answer.json();
  assert.ok(session.tokenized, JSON.stringify(session));
  return session.tokenized;
}

const ask = (path, token) => fetch(worker.url + path, { headers: { authorization: `Bearer ${token}` } });

test('the claims are those that the format stands on', async () => {
  const claims = claimsOf(await tokenised('plain'));
  assert.equal(claims.iss, ISSUER);
  assert.equal(claims.sub, person.identity.id);
  assert.equal(claims.sid, person.session.id);
  assert.equal(claims.exp - claims.iat, 60);
});

test('a token of Kratos is a session, with what its claims mapper adds', async () => {
  assert.equal((await ask('/hello', await tokenised('plain'))).status, 200, worker.log.join('\n'));
  const mapped = await ask('/admin/x', await tokenised('mapped'));
  assert.equal(mapped.status, 200);
  assert.equal((await mapped.json())['x-edgeward-email'], 'ann@example.com');
  assert.equal((await ask('/admin/x', await tokenised('plain'))).status, 403, 'no role, no admin');
});

const renamed = (token, change) => {
  const [header, ...rest] = token.split('.');
  const changed = { ...JSON.parse(Buffer.from(header, 'base64url')), ...change };
  return [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
};

/** what is done to a good token → never a session */
const DEFECTS = {
  'another payload': (token) => flip(token, 1),
  'another signature': (token) => flip(token, 2),
  'no signature': (token) => `${token.split('.').slice(0, 2).join('.')}.`,
  'alg none': (token) => renamed(token, { alg: 'none' }),
  'a MAC of the public key': (token) => renamed(token, { alg: 'HS256' }),
  'the session token itself': () => person.session_token,
};

for (const [name, spoil] of Object.entries(DEFECTS)) {
  test(`refused: ${name}`, async () => {
    const answer = await ask('/hello', spoil(await tokenised('mapped')));
    assert.equal(answer.status, 401);
    assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
  });
}

test('refused: a token after its end', async () => {
  const token = await tokenised('short');
  assert.equal((await ask('/hello', token)).status, 200);
  // At its end, to the second: there is no leeway.
  await new Promise((resolve) => setTimeout(resolve, claimsOf(token).exp * 1000 - Date.now() + 50));
  assert.equal((await ask('/hello', token)).status, 401);
});
