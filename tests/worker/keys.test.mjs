// Signatures through the platform's WebCrypto, with keys that stay imported.

import assert from 'node:assert/strict';
import { sign, generateKeyPairSync, verify, createPublicKey, constants } from 'node:crypto';
import { after, before, test } from 'node:test';

import { build, workerd } from './support/workerd.mjs';

let worker;

before(async () => {
  worker = await workerd(build('WORKER_TEST_DIR'), { TEST_ORIGIN: 'http://127.0.0.1:1', TEST_IDENTITY: 'http://127.0.0.1:1' });
});
after(() => worker?.stop());

const INPUT = 'aGVhZGVy.cGF5bG9hZA';

/** alg → how Node makes the pair and signs */
const algorithms = {
  RS256: { pair: () => generateKeyPairSync('rsa', { modulusLength: 2048 }), sign: (key) => sign('sha256', Buffer.from(INPUT), key) },
  PS256: {
    pair: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    sign: (key) => sign('sha256', Buffer.from(INPUT), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  },
  ES256: {
    pair: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    sign: (key) => sign('sha256', Buffer.from(INPUT), { key, dsaEncoding: 'ieee-p1363' }),
  },
  ES384: {
    pair: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    sign: (key) => sign('sha384', Buffer.from(INPUT), { key, dsaEncoding: 'ieee-p1363' }),
  },
  EdDSA: { pair: () => generateKeyPairSync('ed25519'), sign: (key) => sign(null, Buffer.from(INPUT), key) },
};

const encoded = (jwk) => Buffer.from(JSON.stringify(jwk)).toString('base64url');
const check = async (alg, jwk, input, signature) =>
  (await fetch(`${worker.url}/verify/${alg}/${encoded(jwk)}/${input}/${Buffer.from(signature).toString('base64url')}`)).status;

for (const [alg, { pair, sign }] of Object.entries(algorithms)) {
  test(`${alg}: the right signature and no other`, async () => {
    const { publicKey, privateKey } = pair();
    const [jwk, signature] = [publicKey.export({ format: 'jwk' }), sign(privateKey)];
    const tampered = Buffer.from(signature);
    tampered[10] ^= 1;
    const rows = [
      ['as signed', jwk, INPUT, signature, 200],
      ['again, with the kept key', jwk, INPUT, signature, 200],
      ['another input', jwk, `${INPUT}x`, signature, 401],
      ['another signature', jwk, INPUT, tampered, 401],
      ['no signature', jwk, INPUT, Buffer.alloc(0), 401],
      ['half of it', jwk, INPUT, signature.subarray(0, signature.length / 2), 401],
      ['another key', pair().publicKey.export({ format: 'jwk' }), INPUT, signature, 401],
      ['no key', {}, INPUT, signature, 401],
    ];
    for (const [row, ...question] of rows) assert.equal(await check(alg, ...question.slice(0, 3)), question[3], row);
  });
}

test('a key of another kind, an algorithm that nobody configures, a DER signature', async () => {
  const { publicKey, privateKey } = algorithms.ES256.pair();
  const jwk = publicKey.export({ format: 'jwk' });
  const signature = algorithms.ES256.sign(privateKey);
  assert.equal(await check('RS256', jwk, INPUT, signature), 401);
  assert.equal(await check('none', jwk, INPUT, signature), 401);
  assert.equal(await check('HS256', jwk, INPUT, signature), 401);
  assert.equal(await check('ES256', jwk, INPUT, sign('sha256', Buffer.from(INPUT), privateKey)), 401);
});

test('ES256: what is signed verifies', async () => {
  const { privateKey } = algorithms.ES256.pair();
  const jwk = privateKey.export({ format: 'jwk' });
  const response = await fetch(`${worker.url}/sign/ES256/${encoded(jwk)}/${INPUT}`);
  const signature = Buffer.from(await response.text(), 'base64url');
  assert.equal(signature.length, 64);
  assert.ok(verify('sha256', Buffer.from(INPUT), { key: createPublicKey(privateKey), dsaEncoding: 'ieee-p1363' }, signature));
  const { d: _, ...half } = jwk;
  assert.equal((await fetch(`${worker.url}/sign/ES256/${encoded(half)}/${INPUT}`)).status, 503);
});

test('more keys than are kept', async () => {
  for (let left = 70; left > 0; left -= 1) {
    const { publicKey, privateKey } = algorithms.EdDSA.pair();
    assert.equal(await check('EdDSA', publicKey.export({ format: 'jwk' }), INPUT, algorithms.EdDSA.sign(privateKey)), 200);
  }
});
