// next-auth 4 with the JWT strategy: `encode` and the library's own chunking store; `getToken` is the check.
import * as jose from 'jose'
import { createRequire } from 'node:module'
import { encode, getToken } from 'next-auth/jwt'
import hkdf from '@panva/hkdf'
import { DAY, T, cookie, filler, none, opens, partTampered, swapped, toObject } from './base.mjs'

const require = createRequire(import.meta.url)
const { SessionStore } = require(require.resolve('next-auth/jwt').replace('jwt/index.js', 'core/lib/cookie.js'))

export const format = 'nextauth-v4'
export const libraries = [{ library: 'next-auth', version: '4.24.15', licence: 'ISC' }]

const SECRET = 'a secret of an app, not long'
const OTHER = 'another secret of another app'
const NAME = '__Secure-next-auth.session-token'
const DEV = 'next-auth.session-token'
const AGE = 30 * DAY
const ann = { name: 'Ann', email: 'ann@example.com', picture: 'https://example.com/a.png', sub: '42', roles: ['editor'] }
const told = { sub: '42', email: 'ann@example.com', roles: ['editor'] }

export const base = { session: { format, secrets: [{ env: 'SECRET' }], roles: '/roles' }, secrets: { SECRET, OTHER } }

const rotated = { secrets: [{ env: 'OTHER' }, { env: 'SECRET' }] }

const store = (name) => new SessionStore({ name, options: {} }, { cookies: {}, headers: {} }, { debug() {} })
export const cookies = (value, name = NAME) => store(name).chunk(value, {}).map((made) => cookie(made.name, made.value))
const key = (secret, salt = '') => hkdf('sha256', secret, salt, `NextAuth.js Generated Encryption Key${salt && ` (${salt})`}`, 32)
/** What the library would never write, with its key. */
const forged = async (claims, header = {}, secret = SECRET) =>
  new jose.EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header }).encrypt(await key(secret))

export async function make() {
  const token = (extra = {}, options = {}) => encode({ token: { ...ann, ...extra }, secret: SECRET, maxAge: AGE, ...options })
  const value = await token()
  const one = (text) => [cookie(NAME, text)]
  const [two, five] = [cookies(await token({ filler: filler(4000) })), cookies(await token({ filler: filler(13_500) }))]
  const eve = cookies(await token({ sub: '666', filler: filler(4000) }))
  const claims = { ...ann, iat: T, exp: T + AGE, jti: '1' }
  return [
    { name: 'a session', cookies: cookies(value), expect: opens(told) },
    { name: 'the name without prefix', cookies: cookies(value, DEV), insecure: true, expect: opens(told) },
    { name: 'not ASCII', cookies: one(await token({ sub: 'Zoë 𝄞' })), expect: opens({ sub: 'Zoë 𝄞' }) },
    { name: 'without e-mail', cookies: one(await token({ email: null })), expect: opens({ sub: '42', email: null }) },
    { name: '2 chunks', chunks: 2, cookies: two, expect: opens(told) },
    { name: '5 chunks', chunks: 5, cookies: five, expect: opens(told) },
    { name: 'chunks sent in another order', cookies: [...five].reverse(), expect: opens(told) },
    { name: 'one second before its end', cookies: one(value), now: T + AGE - 1, expect: opens(told) },
    { name: 'within the tolerance', cookies: one(value), now: T + AGE + 14, expect: opens(told) },
    { name: 'past the tolerance', cookies: one(value), now: T + AGE + 15, expect: none('expired') },
    { name: 'expired long ago', cookies: one(value), now: T + 400 * DAY, expect: none('expired') },
    {
      name: 'the older secret of two',
      session: rotated,
      cookies: one(value),
      expect: opens(told),
      laxer: 'the library has one secret',
    },
    { name: 'another secret', cookies: one(await token({}, { secret: OTHER })), expect: none('unopened') },
    { name: 'a token for another purpose', cookies: one(await token({}, { salt: 'next-auth.state' })), expect: none('unopened') },
    { name: 'another name', cookies: [cookie('next-auth.csrf-token', value)], expect: none('absent') },
    { name: 'a name that begins alike', cookies: [cookie(`${NAME}-old`, value)], expect: none('absent'), stricter: 'the library joins every cookie whose name begins alike' },
    { name: 'an empty value', cookies: one(''), expect: none('absent') },
    { name: 'text', cookies: one('hello'), expect: none('malformed') },
    { name: 'a session of the database', cookies: one('3f1c1f0e-7f0b-4f0e-9a60-0a6a5f6f7a11'), expect: none('malformed') },
    ...['header', 'encrypted key', 'iv', 'ciphertext', 'tag'].flatMap((part, n) =>
      part === 'encrypted key' ? [] : [{ name: `tampered ${part}`, cookies: one(partTampered(value, n)), expect: none(n === 0 ? 'malformed' : 'unopened') }],
    ),
    { name: 'without its tag', cookies: one(value.slice(0, value.lastIndexOf('.') + 1)), expect: none('malformed') },
    { name: 'without exp', cookies: one(await forged({ ...ann, iat: T })), expect: none('malformed'), stricter: 'the library takes a token without exp' },
    { name: 'from the future', cookies: one(await forged({ ...claims, iat: T + 7200 })), expect: none('malformed'), stricter: 'the library does not look at iat' },
    { name: 'not yet valid', cookies: one(await forged({ ...claims, nbf: T + 7200 })), expect: none('malformed') },
    { name: 'exp as text', cookies: one(await forged({ ...claims, exp: `${T + AGE}` })), expect: none('malformed') },
    { name: 'without subject', cookies: one(await forged({ ...claims, sub: undefined })), expect: none('malformed') },
    {
      name: 'another enc with the same key',
      cookies: one(await forged(claims, { enc: 'A128CBC-HS256' })),
      expect: none('unopened'),
      stricter: 'the library has no list of algorithms',
    },
    { name: 'compressed', cookies: one(await zipped(claims)), expect: none('malformed'), stricter: 'the library inflates' },
    { name: 'signed, not encrypted', cookies: one(await new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(await key(SECRET))), expect: none('malformed') },
    { name: 'unsecured', cookies: one(new jose.UnsecuredJWT(claims).encode()), expect: none('malformed') },
    { name: 'the first chunk is missing', cookies: two.slice(1), expect: none('malformed') },
    { name: 'the last chunk is missing', cookies: two.slice(0, 1), expect: none('malformed') },
    { name: 'a chunk in the middle is missing', cookies: [...five.slice(0, 2), ...five.slice(3)], expect: none('malformed') },
    { name: 'swapped chunks', cookies: swapped(two), expect: none('malformed') },
    { name: 'chunks of two sessions', cookies: [two[0], eve[1]], expect: none('unopened') },
    { name: 'a stale whole value before chunks', cookies: [cookie(NAME, 'OLD'), ...two], expect: none('malformed') },
    { name: 'nine chunks', cookies: cookies(await token({ filler: filler(25_000) })), expect: none('malformed'), stricter: 'no browser keeps so many' },
    { name: 'larger than any cookie header', cookies: one(filler(70_000)), expect: none('request.cookies') },
    { name: 'two subjects under two names', cookies: [cookie(NAME, value), cookie(DEV, await token({ sub: '666' }))], expect: none('ambiguous'), stricter: 'the library looks at one name' },
  ]
}

async function zipped(claims) {
  return new jose.CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })
    .encrypt(await key(SECRET))
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  const req = { cookies: toObject(row.cookies), headers: { ...row.headers } }
  const token = await getToken({ req, secret: row.session === rotated ? OTHER : SECRET, secureCookie: !row.insecure, logger: { debug() {} } })
  return token?.sub
}
