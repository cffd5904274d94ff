// An encrypted JWT of the app's own: jose's `EncryptJWT` with `dir` and each of its six content encryptions.
import * as jose from 'jose'
import { DAY, HOUR, T, b64u, cookie, filler, none, opens, partTampered, unlessThrown } from './base.mjs'

export const format = 'jwe'
export const libraries = [{ library: 'jose', version: '6.2.17', licence: 'MIT' }]

const lengths = { A128GCM: 16, A192GCM: 24, A256GCM: 32, 'A128CBC-HS256': 32, 'A192CBC-HS384': 48, 'A256CBC-HS512': 64 }
const bytes = (length, from) => Uint8Array.from({ length }, (_, n) => (n * 7 + from) & 0xff)
const secrets = Object.fromEntries(Object.entries(lengths).map(([enc, length]) => [enc.replaceAll('-', '_'), b64u(bytes(length, 1))]))
secrets.OTHER = b64u(bytes(32, 99))

export const base = {
  session: { format, secrets: [{ env: 'A256GCM' }], secret_encoding: 'base64url', enc: 'A256GCM', subject: 'sub', email: 'email', roles: '/roles', exclusive_secret: true },
  secrets,
}
const ann = { sub: 'u1', email: 'ann@example.com', roles: ['editor'] }
const told = { sub: 'u1', email: 'ann@example.com', roles: ['editor'] }
const wrap = (token) => [cookie('session', token)]
const secretOf = (name) => Buffer.from(secrets[name], 'base64url')

export async function make() {
  const token = (claims = {}, { enc = 'A256GCM', secret = enc.replaceAll('-', '_'), header = {} } = {}) =>
    new jose.EncryptJWT({ ...ann, iat: T, exp: T + DAY, ...claims }).setProtectedHeader({ alg: 'dir', enc, ...header }).encrypt(secretOf(secret))
  const good = await token()
  const rows = []
  for (const enc of Object.keys(lengths)) {
    const session = { enc, secrets: [{ env: enc.replaceAll('-', '_') }] }
    const made = await token({}, { enc })
    rows.push({ name: `${enc}`, session, cookies: wrap(made), expect: opens(told) })
    rows.push({ name: `${enc}, at its end`, session, cookies: wrap(made), now: T + DAY, expect: none('expired') })
    for (const [part, n] of [['iv', 2], ['ciphertext', 3], ['tag', 4]]) {
      rows.push({ name: `${enc}, tampered ${part}`, session, cookies: wrap(partTampered(made, n)), expect: none('unopened') })
    }
  }
  return [
    ...rows,
    { name: 'one second before its end', cookies: wrap(good), now: T + DAY - 1, expect: opens(told) },
    { name: 'expired long ago', cookies: wrap(good), now: T + 400 * DAY, expect: none('expired') },
    { name: 'the older key of two', session: { secrets: [{ env: 'OTHER' }, { env: 'A256GCM' }] }, cookies: wrap(good), expect: opens(told), laxer: 'an app has one key' },
    { name: 'the expected issuer, audience and typ', session: { issuer: 'app', jwt_audience: 'web', typ: 'session+jwt' }, cookies: wrap(await token({ iss: 'app', aud: 'web' }, { header: { typ: 'session+jwt' } })), expect: opens(told) },
    { name: 'another issuer', session: { issuer: 'app' }, cookies: wrap(await token({ iss: 'other' })), expect: none('audience') },
    { name: 'another audience', session: { jwt_audience: 'web' }, cookies: wrap(await token({ aud: 'mail' })), expect: none('audience') },
    { name: 'another typ', session: { typ: 'session+jwt' }, cookies: wrap(await token({}, { header: { typ: 'reset+jwt' } })), expect: none('malformed') },
    { name: 'another key', cookies: wrap(await token({}, { secret: 'OTHER' })), expect: none('unopened') },
    { name: 'another enc with the same key', cookies: wrap(await token({}, { enc: 'A128CBC-HS256', secret: 'A256GCM' })), expect: none('unopened'), stricter: 'jose takes every enc that the length of the key allows' },
    { name: 'another name', cookies: [cookie('session2', good)], expect: none('absent') },
    { name: 'without exp', cookies: wrap(await token({ exp: undefined })), expect: none('malformed'), stricter: 'jose takes a token without exp' },
    { name: 'from the future', cookies: wrap(await token({ iat: T + 2 * HOUR })), expect: none('malformed'), stricter: 'jose does not compare iat with now' },
    { name: 'not yet valid', cookies: wrap(await token({ nbf: T + HOUR })), expect: none('malformed') },
    { name: 'without subject', cookies: wrap(await token({ sub: undefined })), expect: none('malformed') },
    { name: 'compressed', cookies: wrap(await new jose.CompactEncrypt(new TextEncoder().encode(JSON.stringify({ ...ann, exp: T + DAY }))).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }).encrypt(secretOf('A256GCM'))), expect: none('malformed'), stricter: 'jose inflates' },
    { name: 'a wrapped key', cookies: wrap(await new jose.EncryptJWT({ ...ann, exp: T + DAY }).setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM' }).encrypt(secretOf('A256GCM'))), expect: none('malformed'), stricter: 'jose takes every key management that fits the key' },
    { name: 'a key from a password', cookies: wrap(await new jose.EncryptJWT({ ...ann, exp: T + DAY }).setProtectedHeader({ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM' }).encrypt(secretOf('A256GCM'))), expect: none('malformed') },
    { name: 'signed, not encrypted', cookies: wrap(await new jose.SignJWT({ ...ann, exp: T + DAY }).setProtectedHeader({ alg: 'HS256' }).sign(secretOf('A256GCM'))), expect: none('malformed') },
    { name: 'alg none', cookies: wrap(new jose.UnsecuredJWT({ ...ann, exp: T + DAY }).encode()), expect: none('malformed') },
    { name: 'tampered header', cookies: wrap(partTampered(good, 0)), expect: none('malformed') },
    { name: 'text', cookies: wrap('hello'), expect: none('malformed') },
    { name: 'larger than any cookie header', cookies: wrap(filler(70_000)), expect: none('request.cookies') },
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  const config = { ...base.session, ...row.session }
  const token = row.cookies.findLast(({ name }) => name === 'session')?.value
  return unlessThrown(async () => {
    const options = { issuer: config.issuer, audience: config.jwt_audience, typ: config.typ }
    const { payload } = await jose.jwtDecrypt(token, secretOf(config.secrets[0].env), JSON.parse(JSON.stringify(options)))
    return payload.sub
  })
}
