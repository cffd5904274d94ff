// nextjs-auth0 4 and 3: the real session stores write and read, chunks included.
import { createRequire } from 'node:module'
import * as jose from 'jose'
import hkdf from '@panva/hkdf'
import { DAY, HOUR, T, at, cookie, filler, none, opens, partTampered, swapped, toObject } from './base.mjs'

const v4 = import.meta.resolve('@auth0/nextjs-auth0/testing').replace(/testing\/index\.js$/, '')
const { StatelessSessionStore } = await import(`${v4}server/session/stateless-session-store.js`)
const { RequestCookies, ResponseCookies } = await import(`${v4}server/cookies.js`)
const require = createRequire(import.meta.url)
const { StatelessSession } = require(require.resolve('@auth0/nextjs-auth0-3/testing').replace('helpers/testing.js', 'auth0-session/session/stateless-session.js'))

export const format = 'auth0'
export const libraries = [
  { library: '@auth0/nextjs-auth0', version: '4.30.0', licence: 'MIT', major: 4 },
  { library: '@auth0/nextjs-auth0', version: '3.8.0', licence: 'MIT', major: 3, format: 'auth0-v3' },
]

const SECRET = 'f'.repeat(64)
const OTHER = 'e'.repeat(64)
const user = { sub: 'auth0|42', sid: 'sid-42', name: 'Ann', email: 'ann@example.com', email_verified: true, roles: ['editor'] }
const told = { sub: 'auth0|42', sid: 'sid-42', email: 'ann@example.com', email_verified: true, roles: ['editor'] }

export const base = { session: { format, secrets: [{ env: 'SECRET' }], roles: '/user/roles' }, secrets: { SECRET, OTHER } }
const rotated = { secrets: [{ env: 'OTHER' }, { env: 'SECRET' }] }

const key = (secret = SECRET) => hkdf('sha256', secret, '', 'JWE CEK', 32)
const forged = async (claims, header = {}, secret = SECRET) =>
  new jose.EncryptJWT(claims).setProtectedHeader({ enc: 'A256GCM', alg: 'dir', ...header }).encrypt(await key(secret))

const store4 = (secret) => new StatelessSessionStore({ secret, rolling: true, cookieOptions: { secure: true } })
async function write4(session, secret = SECRET) {
  const out = new ResponseCookies(new Headers())
  await store4(secret).set(new RequestCookies(new Headers()), out, session)
  return out.getAll().filter(({ value }) => value !== '').map(({ name, value }) => cookie(name, value))
}
const config3 = (secret, more = {}) => ({
  secret,
  session: { name: 'appSession', rolling: true, rollingDuration: DAY, absoluteDuration: 7 * DAY, cookie: { httpOnly: true, secure: true, sameSite: 'lax', path: '/' }, ...more },
})
async function write3(session, { secret = SECRET, createdAt, ...more } = {}) {
  const made = []
  const res = { setCookie: (name, value) => made.push(cookie(name, value)), clearCookie() {} }
  await new StatelessSession(config3(secret, more)).save({ getCookies: () => ({}) }, res, session, createdAt)
  return made
}

export async function make({ major }) {
  return major === 4 ? [...(await rows4()), ...(await legacy())] : rows3()
}

async function rows4() {
  const session = (extra = {}) => ({
    user: { ...user, ...extra },
    tokenSet: { accessToken: 'opaque', idToken: 'a.b.c', scope: 'openid profile', expiresAt: T + HOUR },
    internal: { sid: 'sid-42', createdAt: T },
  })
  const whole = await write4(session())
  const value = whole[0].value
  const one = (text) => [cookie('__session', text)]
  const [two, five] = [await write4(session({ filler: filler(3000) })), await write4(session({ filler: filler(11_500) }))]
  const eve = await write4(session({ sub: 'auth0|666', filler: filler(3000) }))
  const claims = { ...session(), exp: T + DAY }
  return [
    { name: 'a session', cookies: whole, expect: opens(told) },
    { name: 'an access token that has ended', cookies: whole, now: T + 2 * HOUR, expect: opens(told) },
    { name: 'not ASCII', cookies: await write4(session({ sub: 'Zoë 𝄞' })), expect: opens({ sub: 'Zoë 𝄞' }) },
    { name: '2 chunks', chunks: 2, cookies: two, expect: opens(told) },
    { name: '5 chunks', chunks: 5, cookies: five, expect: opens(told) },
    { name: 'chunks sent in another order', cookies: [...five].reverse(), expect: opens(told) },
    { name: 'a whole value beside chunks of an older one', cookies: [...two, ...one(value)], expect: opens(told) },
    { name: 'one second before its end', cookies: whole, now: T + DAY - 1, expect: opens(told) },
    { name: 'within the tolerance', cookies: whole, now: T + DAY + 14, expect: opens(told) },
    { name: 'past the tolerance', cookies: whole, now: T + DAY + 15, expect: none('expired') },
    { name: 'expired long ago', cookies: whole, now: T + 400 * DAY, expect: none('expired') },
    { name: 'the end of the absolute duration', cookies: await at(T + 60, () => write4({ ...session(), internal: { sid: 'sid-42', createdAt: T - 3 * DAY + HOUR } })), now: T + 2 * HOUR, expect: none('expired') },
    { name: 'the older secret of two', session: rotated, cookies: whole, expect: opens(told), laxer: 'the library has one secret' },
    { name: 'another secret', cookies: await write4(session(), OTHER), expect: none('unopened') },
    { name: 'another name', cookies: [cookie('__session2', value)], expect: none('absent') },
    { name: 'a session of a store', cookies: one(await forged({ id: '0123456789abcdef0123456789abcdef', exp: T + DAY })), expect: none('malformed') },
    { name: 'a login under way', cookies: one(await forged({ nonce: 'n', state: 's', codeVerifier: 'v', returnTo: '/', exp: T + HOUR })), expect: none('malformed') },
    { name: 'without user', cookies: one(await forged({ ...claims, user: undefined })), expect: none('malformed') },
    { name: 'without subject', cookies: one(await forged({ ...claims, user: { name: 'Ann' } })), expect: none('malformed') },
    { name: 'without exp', cookies: one(await forged({ ...claims, exp: undefined })), expect: none('malformed'), stricter: 'the library takes a token without exp' },
    { name: 'from the future', cookies: one(await forged({ ...claims, internal: { sid: 'sid-42', createdAt: T + 2 * HOUR } })), expect: none('malformed'), stricter: 'the library does not look at createdAt' },
    { name: 'another enc with the same key', cookies: one(await forged(claims, { enc: 'A128CBC-HS256' })), expect: none('unopened'), stricter: 'the library has no list of algorithms' },
    { name: 'text', cookies: one('hello'), expect: none('malformed') },
    { name: 'unsecured', cookies: one(new jose.UnsecuredJWT(claims).encode()), expect: none('malformed') },
    ...['header', '', 'iv', 'ciphertext', 'tag'].flatMap((part, n) =>
      part === '' ? [] : [{ name: `tampered ${part}`, cookies: one(partTampered(value, n)), expect: none(n === 0 ? 'malformed' : 'unopened') }],
    ),
    { name: 'the first chunk is missing', cookies: five.slice(1), expect: none('malformed') },
    { name: 'the last chunk is missing', cookies: two.slice(0, 1), expect: none('malformed') },
    { name: 'a chunk in the middle is missing', cookies: [...five.slice(0, 2), ...five.slice(3)], expect: none('malformed') },
    { name: 'swapped chunks', cookies: swapped(two), expect: none('malformed') },
    { name: 'chunks of two sessions', cookies: [two[0], eve[1]], expect: none('unopened') },
    { name: 'nine chunks', cookies: await write4(session({ filler: filler(23_000) })), expect: none('malformed'), stricter: 'no browser keeps so many' },
    { name: 'larger than any cookie header', cookies: one(filler(70_000)), expect: none('request.cookies') },
  ]
}

const session3 = (extra = {}) => ({ user: { ...user, ...extra }, idToken: 'a.b.c', accessToken: 'opaque', accessTokenScope: 'openid', accessTokenExpiresAt: T + HOUR })

/** Version 4 reads what version 3 left behind. */
async function legacy() {
  const whole = await write3(session3())
  const stricter = 'the format `auth0-v3` reads these, with the times that version 4 of the library ignores'
  return [
    { name: 'a cookie of version 3', cookies: whole, expect: none('absent'), stricter },
    { name: 'an expired cookie of version 3', cookies: whole, now: T + 2 * DAY, expect: none('absent'), stricter },
    { name: 'a cookie of version 3 under the name of version 4', cookies: [cookie('__session', whole[0].value)], expect: none('malformed'), stricter },
  ]
}

async function rows3() {
  const whole = await write3(session3())
  const value = whole[0].value
  const one = (text) => [cookie('appSession', text)]
  const [two, five] = [await write3(session3({ filler: filler(4000) })), await write3(session3({ filler: filler(13_500) }))]
  const times = { uat: T, iat: T, exp: T + DAY }
  return [
    { name: 'a session', cookies: whole, expect: opens(told) },
    { name: '2 chunks', chunks: 2, cookies: two, expect: opens(told) },
    { name: '5 chunks', chunks: 5, cookies: five, expect: opens(told) },
    { name: 'one second before its end', cookies: whole, now: T + DAY - 1, expect: opens(told) },
    { name: 'at its end', cookies: whole, now: T + DAY, expect: none('expired') },
    { name: 'expired long ago', cookies: whole, now: T + 400 * DAY, expect: none('expired') },
    { name: 'an old login that was rolled', cookies: await write3(session3(), { createdAt: T - 6 * DAY - 23 * HOUR }), now: T + 2 * HOUR, expect: none('expired') },
    { name: 'the older secret of two', session: rotated, cookies: whole, expect: opens(told) },
    { name: 'another secret', cookies: await write3(session3(), { secret: OTHER }), expect: none('unopened') },
    { name: 'without times in its header', cookies: one(await forged(session3())), expect: none('malformed') },
    { name: 'times as text', cookies: one(await forged(session3(), { ...times, exp: `${T + DAY}` })), expect: none('malformed'), stricter: 'the library compares whatever is there' },
    { name: 'from the future', cookies: one(await forged(session3(), { uat: T + 2 * HOUR, iat: T + 2 * HOUR, exp: T + DAY })), expect: none('malformed'), stricter: 'the library does not compare iat with now' },
    { name: 'without user', cookies: one(await forged({ idToken: 'a.b.c' }, times)), expect: none('malformed') },
    ...['header', '', 'iv', 'ciphertext', 'tag'].flatMap((part, n) =>
      part === '' ? [] : [{ name: `tampered ${part}`, cookies: one(partTampered(value, n)), expect: none(n === 0 ? 'malformed' : 'unopened') }],
    ),
    { name: 'the first chunk is missing', cookies: two.slice(1), expect: none('absent') },
    { name: 'the last chunk is missing', cookies: two.slice(0, 1), expect: none('malformed') },
    { name: 'a chunk in the middle is missing', cookies: [...five.slice(0, 2), ...five.slice(3)], expect: none('unopened') },
    { name: 'swapped chunks', cookies: swapped(two), expect: none('malformed') },
    { name: 'larger than any cookie header', cookies: one(filler(70_000)), expect: none('request.cookies') },
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row, { major }) {
  try {
    if (major === 4) {
      const req = new RequestCookies(new Headers({ cookie: row.cookies.map(({ name, value }) => `${name}=${value}`).join('; ') }))
      return (await store4(row.session === rotated ? OTHER : SECRET).get(req))?.user?.sub
    }
    const [data] = await new StatelessSession(config3(row.session === rotated ? [OTHER, SECRET] : SECRET)).read({ getCookies: () => toObject(row.cookies) })
    return data?.user?.sub
  } catch {
    return undefined
  }
}
