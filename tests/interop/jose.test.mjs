// jose 6.2.17 and the core, live and in both directions, with keys that nobody has seen before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as jose from 'jose'
import { b64u, bytes, core } from './core.mjs'
import { verify } from './webcrypto.mjs'

const encs = { A128GCM: 16, A192GCM: 24, A256GCM: 32, 'A128CBC-HS256': 32, 'A192CBC-HS384': 48, 'A256CBC-HS512': 64 }
const sizes = [0, 1, 15, 16, 17, 63, 64, 65, 500, 3500]
const text = new TextDecoder()
const encode = (value) => new TextEncoder().encode(value)
const plaintexts = sizes.map((size) => 'ä'.repeat(size >> 1) + 'a'.repeat(size & 1))

for (const [enc, length] of Object.entries(encs)) {
  test(`JWE ${enc}: jose seals, the core opens`, async () => {
    const key = bytes(length)
    const tokens = await Promise.all(
      plaintexts.map((plaintext) =>
        new jose.CompactEncrypt(encode(plaintext)).setProtectedHeader({ alg: 'dir', enc, kid: 'k1' }).encrypt(key),
      ),
    )
    const opened = core(tokens.map((token) => ({ op: 'jwe.open', enc, key: b64u(key), token })))
    for (const [n, outcome] of opened.entries()) {
      assert.deepEqual(outcome, { ok: { header: { alg: 'dir', enc, kid: 'k1' }, plaintext: plaintexts[n] } })
    }
    const refused = core(tokens.map((token) => ({ op: 'jwe.open', enc, key: b64u(bytes(length)), token })))
    for (const outcome of refused) assert.deepEqual(outcome, { error: 'jwe.tag_mismatch' })
  })

  test(`JWE ${enc}: the core seals, jose opens`, async () => {
    const key = bytes(length)
    const header = { alg: 'dir', enc, typ: 'edgeward-session+jwt', kid: 'k1' }
    const sealed = core(
      plaintexts.map((plaintext) => ({
        op: 'jwe.seal',
        enc,
        key: b64u(key),
        header: Object.entries(header),
        plaintext,
        seed: b64u(bytes(32)),
      })),
    )
    for (const [n, { ok: token }] of sealed.entries()) {
      const opened = await jose.compactDecrypt(token, key, { contentEncryptionAlgorithms: [enc] })
      assert.equal(text.decode(opened.plaintext), plaintexts[n])
      assert.deepEqual(opened.protectedHeader, header)
      await assert.rejects(jose.compactDecrypt(token, bytes(length)), { code: 'ERR_JWE_DECRYPTION_FAILED' })
    }
  })
}

test('JWT: claims, times and audience as jose checks them', async () => {
  const key = bytes(32)
  const now = Math.floor(Date.now() / 1000)
  const claims = { sub: 'ann', iat: now, exp: now + 3600, aud: 'app' }
  const [{ ok: token }] = core([
    {
      op: 'jwe.seal',
      enc: 'A256GCM',
      key: b64u(key),
      header: [['alg', 'dir'], ['enc', 'A256GCM']],
      plaintext: JSON.stringify(claims),
      seed: b64u(bytes(32)),
    },
  ])
  const { payload } = await jose.jwtDecrypt(token, key, { audience: 'app', requiredClaims: ['sub', 'exp'] })
  assert.deepEqual(payload, claims)

  // The edges of the tolerance, side by side.
  const rows = []
  for (const tolerance of [0, 15, 60]) {
    for (const claim of ['exp', 'nbf']) {
      for (const offset of [-61, -60, -59, -16, -15, -14, -1, 0, 1, 14, 15, 16, 59, 60, 61]) {
        rows.push({ tolerance, claims: { exp: now + 3600, [claim]: now + offset } })
      }
    }
  }
  const ours = core(
    rows.map(({ tolerance, claims }) => ({ op: 'jwt.validate', claims: JSON.stringify(claims), now, tolerance })),
  )
  for (const [n, { tolerance, claims }] of rows.entries()) {
    const signed = await new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(key)
    const theirs = await jose
      .jwtVerify(signed, key, { clockTolerance: tolerance, currentDate: new Date(now * 1000) })
      .then(() => true, () => false)
    assert.equal(ours[n].ok === true, theirs, JSON.stringify(rows[n]))
  }
})

for (const alg of ['HS256', 'HS384', 'HS512']) {
  test(`JWS ${alg}, both directions`, async () => {
    for (const length of [1, 31, 32, 64, 128, 129, 300]) {
      const key = bytes(length)
      const payload = JSON.stringify({ userId: 'u1', name: 'Zoë' })
      const theirs = await new jose.CompactSign(encode(payload)).setProtectedHeader({ alg }).sign(key)
      const [verified, refused, { ok: ours }] = core([
        { op: 'jws.judge', alg, key: b64u(key), token: theirs },
        { op: 'jws.judge', alg, key: b64u(bytes(length + 1)), token: theirs },
        { op: 'jws.sign', alg, key: b64u(key), header: [['alg', alg], ['typ', 'JWT']], payload },
      ])
      assert.deepEqual(verified, { ok: { payload } })
      assert.deepEqual(refused, { error: 'jws.signature_mismatch' })
      const opened = await jose.compactVerify(ours, key, { algorithms: [alg] })
      assert.equal(text.decode(opened.payload), payload)
      assert.deepEqual(opened.protectedHeader, { alg, typ: 'JWT' })
    }
  })
}

for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']) {
  test(`JWS ${alg}: jose signs, the core prepares, WebCrypto verifies`, async () => {
    const [signer, stranger] = await Promise.all([jose.generateKeyPair(alg), jose.generateKeyPair(alg)])
    const kid = 'k1'
    const jwk = { ...(await jose.exportJWK(signer.publicKey)), kid, alg, use: 'sig' }
    const other = { ...(await jose.exportJWK(stranger.publicKey)), kid: 'k2', alg, use: 'sig' }
    const sign = (key) => new jose.SignJWT({ sub: 'ann' }).setProtectedHeader({ alg, kid }).setExpirationTime('1h').sign(key)
    const token = await sign(signer.privateKey)
    const set = { keys: [jwk, other] }
    const [prepared, thumbprint, forged] = core([
      { op: 'jws.judge', token, keys: set },
      { op: 'thumbprint', jwk },
      { op: 'jws.judge', token: await sign(stranger.privateKey), keys: set },
    ])
    assert.equal(await verify(prepared.ok), true)
    assert.equal(thumbprint.ok.sha256, await jose.calculateJwkThumbprint(jwk))
    assert.equal(await verify(forged.ok), false)
    assert.equal(await verify({ ...prepared.ok, signing_input: `${prepared.ok.signing_input}A` }), false)
  })
}

test('thumbprints of symmetric keys, and HKDF against WebCrypto', async () => {
  for (const length of [16, 32, 64]) {
    const key = bytes(length)
    const jwk = { kty: 'oct', k: b64u(key) }
    const [{ ok }] = core([{ op: 'thumbprint', key: b64u(key) }])
    assert.equal(ok.sha256, await jose.calculateJwkThumbprint(jwk))
    assert.equal(ok.sha512, await jose.calculateJwkThumbprint(jwk, 'sha512'))
  }
  for (const [secret, salt, info] of [
    ['a secret', '', 'NextAuth.js Generated Encryption Key'],
    ['s', 'authjs.session-token', 'Auth.js Generated Encryption Key (authjs.session-token)'],
    ['Zoë', 'sält', ''],
  ]) {
    const imported = await crypto.subtle.importKey('raw', encode(secret), 'HKDF', false, ['deriveBits'])
    const derived = await crypto.subtle.deriveBits(
      { name: 'HKDF', hash: 'SHA-256', salt: encode(salt), info: encode(info) },
      imported,
      512,
    )
    const [{ ok }] = core([{ op: 'hkdf', secret, salt, info }])
    assert.equal(ok, b64u(derived))
  }
})
