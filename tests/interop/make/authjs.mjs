// Auth.js 5 (`@auth/core`) with the JWT strategy: `encode` and the library's own chunking store; `getToken` is the check.
import * as jose from 'jose'
import hkdf from '@panva/hkdf'
import { encode, getToken } from '@auth/core/jwt'
import { DAY, T, b64u, cookie, filler, none, opens, partTampered, swapped, toHeader } from './base.mjs'

const { SessionStore } = await import(import.meta.resolve('@auth/core/jwt').replace('jwt.js', 'lib/utils/cookie.js'))

export const format = 'authjs'
export const libraries = [{ library: '@auth/core', version: '0.41.3', licence: 'ISC' }]

const SECRET = 'a secret of an app, not long'
const OLD = 'the secret of last year, not long'
const OTHER = 'another secret of another app'
const NAME = '__Secure-authjs.session-token'
const DEV = 'authjs.session-token'
const AGE = 30 * DAY
const ann = { name: 'Ann', email: 'ann@example.com', picture: null, sub: '42', roles: ['editor'] }
const told = { sub: '42', email: 'ann@example.com', roles: ['editor'] }

export const base = { session: { format, secrets: [{ env: 'SECRET' }], roles: '/roles' }, secrets: { SECRET, OLD, OTHER } }
const rotated = { secrets: [{ env: 'SECRET' }, { env: 'OLD' }] }

export const cookies = (value, name = NAME) =>
  new SessionStore({ name, options: {} }, {}, { debug() {} }).chunk(value, {}).map((made) => cookie(made.name, made.value))
const key = (secret, salt, length) => hkdf('sha256', secret, salt, `Auth.js Generated Encryption Key (${salt})`, length)
async function forged(claims, { enc = 'A256CBC-HS512', secret = SECRET, salt = NAME, kid = true, zip } = {}) {
  const bytes = await key(secret, salt, enc === 'A256CBC-HS512' ? 64 : 32)
  const thumbprint = await jose.calculateJwkThumbprint({ kty: 'oct', k: b64u(bytes) }, enc === 'A256CBC-HS512' ? 'sha512' : 'sha256')
  const header = { alg: 'dir', enc, ...(kid ? { kid: kid === true ? thumbprint : kid } : {}), ...(zip ? { zip } : {}) }
  return new jose.CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims))).setProtectedHeader(header).encrypt(bytes)
}

export async function make() {
  const token = (extra = {}, options = {}) => encode({ token: { ...ann, ...extra }, secret: SECRET, salt: NAME, maxAge: AGE, ...options })
  const value = await token()
  const one = (text) => [cookie(NAME, text)]
  const [two, five] = [cookies(await token({ filler: filler(4000) })), cookies(await token({ filler: filler(13_500) }))]
  const eve = cookies(await token({ sub: '666', filler: filler(4000) }))
  const claims = { ...ann, iat: T, exp: T + AGE, jti: '1' }
  return [
    { name: 'a session', cookies: cookies(value), expect: opens(told) },
    { name: 'the name without prefix', cookies: cookies(await token({}, { salt: DEV }), DEV), insecure: true, expect: opens(told) },
    { name: 'not ASCII', cookies: one(await token({ sub: 'Zoë 𝄞' })), expect: opens({ sub: 'Zoë 𝄞' }) },
    { name: '2 chunks', chunks: 2, cookies: two, expect: opens(told) },
    { name: '5 chunks', chunks: 5, cookies: five, expect: opens(told) },
    { name: 'chunks sent in another order', cookies: [...five].reverse(), expect: opens(told) },
    { name: 'one second before its end', cookies: one(value), now: T + AGE - 1, expect: opens(told) },
    { name: 'within the tolerance', cookies: one(value), now: T + AGE + 14, expect: opens(told) },
    { name: 'past the tolerance', cookies: one(value), now: T + AGE + 15, expect: none('expired') },
    { name: 'expired long ago', cookies: one(value), now: T + 400 * DAY, expect: none('expired') },
    { name: 'the older secret of two', session: rotated, cookies: one(await token({}, { secret: OLD })), expect: opens(told) },
    { name: 'the newer secret of two', session: rotated, cookies: one(value), expect: opens(told) },
    { name: 'A256GCM, which it reads', cookies: one(await forged(claims, { enc: 'A256GCM' })), expect: opens(told) },
    { name: 'without kid, the first secret', session: rotated, cookies: one(await forged(claims, { kid: false })), expect: opens(told) },
    {
      name: 'without kid, the second secret',
      session: rotated,
      cookies: one(await forged(claims, { kid: false, secret: OLD })),
      expect: opens(told),
      laxer: 'without kid the library tries the first secret only; any secret opens here',
    },
    { name: 'the kid of another key', cookies: one(await forged(claims, { kid: 'another' })), expect: none('unopened') },
    { name: 'another secret', cookies: one(await token({}, { secret: OTHER })), expect: none('unopened') },
    { name: 'the salt of the other name', cookies: one(await token({}, { salt: DEV })), expect: none('unopened') },
    { name: 'a token for another purpose', cookies: one(await token({}, { salt: 'authjs.state' })), expect: none('unopened') },
    { name: 'another name', cookies: [cookie('authjs.callback-url', value)], expect: none('absent') },
    { name: 'a name that begins alike', cookies: [cookie(`${NAME}-old`, value)], expect: none('absent'), stricter: 'the library joins every cookie whose name begins alike' },
    { name: 'an empty value', cookies: one(''), expect: none('absent') },
    { name: 'text', cookies: one('hello'), expect: none('malformed') },
    ...['header', 'encrypted key', 'iv', 'ciphertext', 'tag'].flatMap((part, n) =>
      part === 'encrypted key' ? [] : [{ name: `tampered ${part}`, cookies: one(partTampered(value, n)), expect: none(n === 0 ? 'malformed' : 'unopened') }],
    ),
    { name: 'without exp', cookies: one(await forged({ ...claims, exp: undefined })), expect: none('malformed'), stricter: 'the library takes a token without exp' },
    { name: 'from the future', cookies: one(await forged({ ...claims, iat: T + 7200 })), expect: none('malformed'), stricter: 'the library does not look at iat' },
    { name: 'not yet valid', cookies: one(await forged({ ...claims, nbf: T + 7200 })), expect: none('malformed') },
    { name: 'without subject', cookies: one(await forged({ ...claims, sub: undefined })), expect: none('malformed') },
    { name: 'compressed', cookies: one(await forged(claims, { zip: 'DEF' })), expect: none('malformed'), stricter: 'the library inflates' },
    { name: 'an enc that it does not read', cookies: one(await forged(claims, { enc: 'A128CBC-HS256' })), expect: none('unopened') },
    { name: 'unsecured', cookies: one(new jose.UnsecuredJWT(claims).encode()), expect: none('malformed') },
    { name: 'the first chunk is missing', cookies: two.slice(1), expect: none('malformed') },
    { name: 'the last chunk is missing', cookies: two.slice(0, 1), expect: none('malformed') },
    { name: 'a chunk in the middle is missing', cookies: [...five.slice(0, 2), ...five.slice(3)], expect: none('unopened') },
    { name: 'swapped chunks', cookies: swapped(two), expect: none('malformed') },
    { name: 'chunks of two sessions', cookies: [two[0], eve[1]], expect: none('unopened') },
    { name: 'nine chunks', cookies: cookies(await token({ filler: filler(25_000) })), expect: none('malformed'), stricter: 'no browser keeps so many' },
    { name: 'larger than any cookie header', cookies: one(filler(70_000)), expect: none('request.cookies') },
    {
      name: 'two subjects under two names',
      cookies: [cookie(NAME, value), cookie(DEV, await token({ sub: '666' }, { salt: DEV }))],
      expect: none('ambiguous'),
      stricter: 'the library looks at one name',
    },
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  const req = { headers: new Headers({ cookie: toHeader(row.cookies), ...row.headers }) }
  const secret = row.session === rotated ? [SECRET, OLD] : SECRET
  try {
    const name = row.insecure ? DEV : NAME
    return (await getToken({ req, secret, secureCookie: !row.insecure, salt: name, cookieName: name, logger: { debug() {} } }))?.sub
  } catch {
    return undefined
  }
}
