// The worked examples of examples/assertions behind the Worker, with either kind of key, and around it (semantics 4.3-4.4).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync, hkdfSync, randomBytes, sign as signWith } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';

import { startWorker } from './gate.mjs';
import { bytes, send } from './wire.mjs';

const examples = path.resolve(import.meta.dirname, '../../examples/assertions');
const AUDIENCE = 'orders.example.com';
const SECRET = randomBytes(32).toString('base64url');
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const kid = 'gate-1';
const JWKS = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] });
const NODE = [process.execPath, [path.join(examples, 'node/server.mjs')]];
const GO = [process.env.ASSERTIONS_GO, []];

/** key → what the gate and the origin are given */
const KEYS = {
  ES256: { secrets: { ASSERTION: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }) }, assertion: { key: { env: 'ASSERTION' } }, env: { EDGEWARD_JWKS: JWKS } },
  HS256: { secrets: { ASSERTION: SECRET }, assertion: { secret: { env: 'ASSERTION' } }, env: { EDGEWARD_ASSERTION_SECRET: SECRET } },
};

async function start([command, args], env) {
  const child = spawn(command, args, { env: { ...process.env, ...env, PORT: '0', EDGEWARD_AUDIENCE: AUDIENCE }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  return { port: JSON.parse(line).port, stop: () => child.kill('SIGKILL') };
}

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const input = (header, claims) => `${part(header)}.${part(claims)}`;
const es256 = (text, key = privateKey) => signWith('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
const hs256 = (text, key = hkdfSync('sha256', SECRET, '', 'edgeward assertion v1', 32)) => createHmac('sha256', Buffer.from(key)).update(text).digest('base64url');

/** What somebody around the gate might send; `good` is the one that shows that the others fail for their defect. */
function forgeries(alg) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'edgeward', aud: AUDIENCE, sub: 'root', sid: 'x', iat: now, exp: now + 60, roles: ['admin'] };
  const header = { alg, typ: 'edgeward-assertion+jwt', kid };
  const mine = alg === 'ES256' ? es256 : hs256;
  const signed = (changes, head = {}, by = mine) => {
    const text = input({ ...header, ...head }, { ...claims, ...changes });
    return `${text}.${by(text)}`;
  };
  const whole = signed({});
  const [head, body, signature] = whole.split('.');
  return {
    good: whole,
    'no signature': input({ ...header, alg: 'none' }, claims) + '.',
    'no algorithm, signed': signed({}, { alg: 'none' }),
    'another key': signed({}, {}, (text) => (alg === 'ES256' ? es256(text, stranger.privateKey) : hs256(text, SECRET))),
    'the public key as a secret': signed({}, { alg: 'HS256' }, (text) => hs256(text, Buffer.from(JWKS))),
    'the other algorithm': signed({}, { alg: alg === 'ES256' ? 'HS256' : 'ES256' }),
    'its own key in the header': signed({}, { jwk: stranger.publicKey.export({ format: 'jwk' }) }, (text) => es256(text, stranger.privateKey)),
    'another type': signed({}, { typ: 'JWT' }),
    'no type': signed({}, { typ: undefined }),
    'a session': signed({}, { typ: 'edgeward-session+jwt' }),
    'an extension that must be understood': signed({}, { crit: ['exp'] }),
    'another origin': signed({ aud: 'billing.example.com' }),
    'no audience': signed({ aud: undefined }),
    'another issuer': signed({ iss: 'edgewar' }),
    expired: signed({ iat: now - 120, exp: now - 60 }),
    'from the future': signed({ iat: now + 600, exp: now + 660 }),
    'for a day': signed({ iat: now - 3_600, exp: now + 86_400 }),
    'without an end': signed({ exp: undefined }),
    'without a subject': signed({ sub: undefined }),
    'times as text': signed({ iat: String(now), exp: String(now + 60) }),
    'other claims under the same signature': `${head}.${part({ ...claims, sub: 'other' })}.${signature}`,
    'a signature too short': `${head}.${body}.${signature.slice(0, -4)}`,
    'a signature of zeros': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
    'four parts': `${whole}.`,
    'two of them': `${whole}\r\nX-Edgeward-Assertion: ${whole}`,
    nothing: '',
    dots: '.'.repeat(8_000),
  };
}

for (const [alg, { secrets, assertion, env }] of Object.entries(KEYS)) {
  for (const [language, command] of Object.entries({ node: NODE, go: GO })) {
    test(`${alg}, ${language}`, async (context) => {
      let origin;
      let worker;
      context.before(async () => {
        origin = await start(command, env);
        worker = await startWorker(['localhost'], {
          origin: { url: `http://127.0.0.1:${origin.port}` },
          default: 'session',
          sign_in: '/sign-in',
          session: {},
          assertion: { ...assertion, audience: AUDIENCE },
          routes: [{ path: '/open', require: 'public' }],
          secrets,
        });
      });
      context.after(async () => {
        await worker?.stop();
        origin?.stop();
      });
      await context.test('through the gate the origin knows who it is', async () => {
        for (let round = 0; round < 3; round += 1) {
          const got = await worker.visitor('localhost', ['editor'])('/orders');
          assert.equal(got.status, 200, got.answer);
          assert.match(got.answer, /\{"(sub":"ann","roles":\["editor"\]|roles":\["editor"\],"sub":"ann")\}/);
        }
      });
      await context.test('through the gate a client says nothing of itself', async () => {
        const { good } = forgeries(alg);
        const somebody = await worker.visitor('localhost', [])('/orders', { headers: [`X-Edgeward-Assertion: ${good}`, `x_edgeward_assertion: ${good}`] });
        assert.match(somebody.answer, /"sub":"ann"/);
        const nobody = await worker.visitor('localhost')('/open', { headers: [`X-Edgeward-Assertion: ${good}`] });
        assert.equal(nobody.status, 401);
      });
      for (const [name, forged] of Object.entries(forgeries(alg))) {
        await context.test(`around the gate: ${name}`, async () => {
          const answer = await send(origin.port, bytes('GET', '/orders', ['Host: orders.example.com', `X-Edgeward-Assertion: ${forged}`]));
          assert.equal(Number(answer.split(' ')[1]), name === 'good' ? 200 : 401, answer);
        });
      }
      await context.test('around the gate with no assertion at all', async () => {
        const answer = await send(origin.port, bytes('GET', '/orders', ['Host: orders.example.com']));
        assert.equal(Number(answer.split(' ')[1]), 401);
      });
    });
  }
}
