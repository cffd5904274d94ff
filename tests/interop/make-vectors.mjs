// Writes tests/vectors/<library>-<version>/ with the real libraries: fixed secrets, fresh salts and initialization vectors, times in the year
// 2100. Run by `npm run vectors`; the result is checked in, so that the Rust tests need no Node.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { sealData as sealData9 } from 'iron-session'
import { sealData as sealData8 } from 'iron-session-8'
import * as jose from 'jose'

const EXP = 4102444800 // 2100-01-01T00:00:00Z
const IAT = 1750000000
const encode = (text) => new TextEncoder().encode(text)
const b64u = (bytes) => Buffer.from(bytes).toString('base64url')
const fixed = (length) => Uint8Array.from({ length }, (_, n) => (n * 7 + length) & 0xff)

const encs = { A128GCM: 16, A192GCM: 24, A256GCM: 32, 'A128CBC-HS256': 32, 'A192CBC-HS384': 48, 'A256CBC-HS512': 64 }

async function jweRows() {
  const rows = []
  for (const [enc, length] of Object.entries(encs)) {
    const key = fixed(length)
    const row = (name, token, expected) => rows.push({ name: `${enc}, ${name}`, enc, key: b64u(key), token, ...expected })
    for (const size of [0, 1, 15, 16, 17, 500, 3500]) {
      const plaintext = 'é'.repeat(size >> 1) + 'a'.repeat(size & 1)
      const token = await new jose.CompactEncrypt(encode(plaintext)).setProtectedHeader({ alg: 'dir', enc }).encrypt(key)
      row(`${size} bytes`, token, { plaintext })
    }
    const kid = await jose.calculateJwkThumbprint({ kty: 'oct', k: b64u(key) })
    const claims = { sub: 'ann', roles: ['editor'] }
    const jwt = await new jose.EncryptJWT(claims)
      .setProtectedHeader({ alg: 'dir', enc, kid, typ: 'JWT' })
      .setIssuedAt(IAT)
      .setExpirationTime(EXP)
      .setAudience('app')
      .encrypt(key)
    row('EncryptJWT with kid', jwt, { plaintext: JSON.stringify({ ...claims, iat: IAT, exp: EXP, aud: 'app' }), kid })
    const zipped = await new jose.CompactEncrypt(encode('a'.repeat(1000)))
      .setProtectedHeader({ alg: 'dir', enc, zip: 'DEF' })
      .encrypt(key)
    row('compressed', zipped, { refused: 'header.extension' })
  }
  const key = fixed(32)
  const refuse = async (name, refused, header, secret) => {
    const token = await new jose.CompactEncrypt(encode('{}')).setProtectedHeader(header).encrypt(secret)
    rows.push({ name, enc: header.enc, key: b64u(key), token, refused })
  }
  await refuse('key wrapping', 'jwe.malformed', { alg: 'A256KW', enc: 'A256GCM' }, key)
  await refuse('key wrapping with GCM', 'jwe.malformed', { alg: 'A256GCMKW', enc: 'A256GCM' }, key)
  await refuse('a password', 'jwe.malformed', { alg: 'PBES2-HS256+A128KW', enc: 'A256GCM' }, encode('password'))
  const ec = await jose.generateKeyPair('ECDH-ES')
  await refuse('key agreement', 'jwe.algorithm_not_allowed', { alg: 'ECDH-ES', enc: 'A256GCM' }, ec.publicKey)
  const rsa = await jose.generateKeyPair('RSA-OAEP-256')
  await refuse('key encryption', 'jwe.malformed', { alg: 'RSA-OAEP-256', enc: 'A256GCM' }, rsa.publicKey)
  await refuse('another enc with the same key', 'jwe.algorithm_not_allowed', { alg: 'dir', enc: 'A128CBC-HS256' }, key)
  rows.at(-1).enc = 'A256GCM'
  return rows
}

async function jwsRows() {
  const rows = []
  const claims = { userId: 'u1', expiresAt: '2100-01-01T00:00:00.000Z' }
  const payload = JSON.stringify({ ...claims, iat: IAT, exp: EXP })
  const jwt = (header) => new jose.SignJWT(claims).setProtectedHeader(header).setIssuedAt(IAT).setExpirationTime(EXP)
  for (const alg of ['HS256', 'HS384', 'HS512']) {
    for (const secret of ['a', 'the secret of a session, in text, of any length', 's'.repeat(200)]) {
      const token = await jwt({ alg }).sign(encode(secret))
      rows.push({ name: `${alg}, ${secret.length} characters`, alg, secret, token, payload })
    }
  }
  const secret = 'the secret of a session, in text, of any length'
  const refuse = (name, refused, token, alg = 'HS256') => rows.push({ name, alg, secret, token, refused })
  refuse('another HMAC with the same secret', 'jws.algorithm_not_allowed', await jwt({ alg: 'HS512' }).sign(encode(secret)))
  refuse('another secret', 'jws.signature_mismatch', await jwt({ alg: 'HS256' }).sign(encode('another')))
  refuse('unsecured', 'jws.malformed', new jose.UnsecuredJWT(claims).encode())
  const unencoded = await new jose.FlattenedSign(encode('a payload'))
    .setProtectedHeader({ alg: 'HS256', b64: false, crit: ['b64'] })
    .sign(encode(secret))
  refuse('unencoded payload', 'header.extension', `${unencoded.protected}.a payload.${unencoded.signature}`)
  for (const member of [{ jwk: { kty: 'oct', k: 'AA' } }, { jku: 'https://keys.example' }, { x5u: 'https://keys.example' }, { x5c: [] }]) {
    const token = await jwt({ alg: 'HS256', ...member }).sign(encode(secret))
    refuse(`carries ${Object.keys(member)}`, 'header.carries_key', token)
  }
  const algs = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
  for (const alg of algs) {
    const { privateKey, publicKey } = await jose.generateKeyPair(alg)
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: `k-${alg}`, alg, use: 'sig' }
    const token = await jwt({ alg, kid: jwk.kid, typ: 'JWT' }).sign(privateKey)
    const thumbprint = await jose.calculateJwkThumbprint(jwk)
    rows.push({ name: alg, alg, jwk, token, payload, thumbprint })
  }
  // The oldest confusion: a MAC with the public key's text as the secret.
  const { publicKey } = await jose.generateKeyPair('RS256', { extractable: true })
  const token = await jwt({ alg: 'HS256' }).sign(encode(await jose.exportSPKI(publicKey)))
  rows.push({ name: 'confusion', alg: 'RS256', jwk: await jose.exportJWK(publicKey), token, refused: 'key.unknown' })
  return rows
}

async function thumbprintRows() {
  const rows = []
  for (const length of [16, 32, 64]) {
    const jwk = { kty: 'oct', k: b64u(fixed(length)) }
    const [sha256, sha512] = await Promise.all([256, 512].map((bits) => jose.calculateJwkThumbprint(jwk, `sha${bits}`)))
    rows.push({ key: jwk.k, sha256, sha512 })
  }
  return rows
}

async function pemRows() {
  const rows = []
  for (const alg of ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true })
    const jwk = await jose.exportJWK(publicKey)
    const thumbprint = await jose.calculateJwkThumbprint(jwk)
    rows.push({ name: alg, pem: await jose.exportSPKI(publicKey), thumbprint })
    if (alg === 'EdDSA') rows.push({ name: 'a private key', pem: await jose.exportPKCS8(privateKey), refused: 'jwk.private' })
  }
  const spki = (type, options) => generateKeyPairSync(type, options).publicKey.export({ type: 'spki', format: 'pem' })
  rows.push({ name: 'RSA, 1024 bits', pem: spki('rsa', { modulusLength: 1024 }), refused: 'jwk.length' })
  rows.push({ name: 'RSA, exponent 3', pem: spki('rsa', { modulusLength: 2048, publicExponent: 3 }) })
  rows.push({ name: 'RSA-PSS', pem: spki('rsa-pss', { modulusLength: 2048 }), refused: 'jwk.unsupported' })
  rows.push({ name: 'secp256k1', pem: spki('ec', { namedCurve: 'secp256k1' }), refused: 'jwk.unsupported' })
  rows.push({ name: 'explicit curve', pem: spki('ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }), refused: 'jwk.malformed' })
  rows.push({ name: 'X25519', pem: spki('x25519'), refused: 'jwk.unsupported' })
  rows.push({ name: 'Ed448', pem: spki('ed448'), refused: 'jwk.unsupported' })
  rows.push({ name: 'DSA', pem: spki('dsa', { modulusLength: 2048, divisorLength: 256 }), refused: 'jwk.unsupported' })
  const pkcs1 = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'pkcs1', format: 'pem' })
  rows.push({ name: 'PKCS#1', pem: pkcs1, refused: 'jwk.unsupported' })
  return rows
}

async function sealRows(sealData) {
  const rows = []
  const password = 'a password of at least 32 characters'
  const map = { 1: 'the first password, of 32 or more characters', 2: 'the second password, of 32 or more characters' }
  const far = Math.floor((EXP * 1000 - Date.now()) / 1000)
  for (const [name, data] of [
    ['a session', { user: { id: 'u1', name: 'Ann' }, roles: ['editor'] }],
    ['empty', {}],
    ['not ASCII', { name: 'Zoë 𝄞' }],
    ['one block less one', { a: '1234567' }],
    ['one block', { a: '12345678' }],
    ['3 KB', { a: 'x'.repeat(3000) }],
  ]) {
    rows.push({ name, passwords: { 1: password }, payload: JSON.stringify(data), seal: await sealData(data, { password, ttl: far }) })
    rows.push({ name: `${name}, without end`, passwords: { 1: password }, payload: JSON.stringify(data), seal: await sealData(data, { password, ttl: 0 }) })
  }
  const rotated = { user: 'ann' }
  rows.push({ name: 'a map of passwords', passwords: map, payload: JSON.stringify(rotated), seal: await sealData(rotated, { password: map, ttl: far }) })
  rows.push({ name: 'the older of two', passwords: map, payload: JSON.stringify(rotated), seal: await sealData(rotated, { password: { 1: map[1] }, ttl: far }) })
  rows.push({ name: 'a password that left', passwords: { 2: map[2] }, refused: 'iron.unknown_password', seal: await sealData(rotated, { password: { 1: map[1] }, ttl: far }) })
  rows.push({ name: 'another password', passwords: { 1: map[1] }, refused: 'iron.digest_mismatch', seal: await sealData(rotated, { password, ttl: far }) })
  return rows
}

async function write(folder, library, licence, files) {
  const path = new URL(`../vectors/${folder}/`, import.meta.url)
  await mkdir(path, { recursive: true })
  for (const [name, rows] of Object.entries(files)) await writeFile(new URL(name, path), `${JSON.stringify(rows, null, 1)}\n`)
  const sums = []
  for (const name of (await readdir(path)).filter((name) => name.endsWith('.json')).sort()) {
    sums.push(`${createHash('sha256').update(await readFile(new URL(name, path))).digest('hex')}  ${name}`)
  }
  const text = `# Made by ${library}

- Source: the npm package ${library}, pinned in \`tests/interop/package.json\` and its lock file
- Licence of the package: ${licence}; the vectors are its output
- Made on ${new Date().toISOString().slice(0, 10)} with \`npm ci && npm run vectors\` in \`tests/interop\`; every run draws new salts, initialization vectors
  and key pairs
- \`refused\` is the stable code with which the core must refuse the row

\`\`\`text
${sums.join('\n')}
\`\`\`
`
  await writeFile(new URL('PROVENANCE.md', path), text)
}

await write('jose-6.2.17', 'jose 6.2.17', 'MIT', {
  'jwe.json': await jweRows(),
  'jws.json': await jwsRows(),
  'thumbprints.json': await thumbprintRows(),
  'pems.json': await pemRows(),
})
await write('iron-session-9.0.1', 'iron-session 9.0.1 (iron-webcrypto 2)', 'MIT', { 'seals.json': await sealRows(sealData9) })
await write('iron-session-8.0.4', 'iron-session 8.0.4 (iron-webcrypto 1)', 'MIT', { 'seals.json': await sealRows(sealData8) })
