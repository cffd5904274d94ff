// Logto: the default session wrapper, sealed and opened by `wrapSession` and `unwrapSession`.
import { unwrapSession, wrapSession } from '@logto/node'
import * as jose from 'jose'
import { DAY, HOUR, T, cookie, filler, none, opens, sign, tampered, unlessThrown } from './base.mjs'

export const format = 'logto'
export const libraries = [{ library: '@logto/node', version: '3.1.11', licence: 'MIT' }]

const APP = 'app42'
const SECRET = 'a cookie secret of the app, not short'
const OTHER = 'another cookie secret of the app'
const ISSUER = 'https://logto.example.com/oidc'

export const base = {
  session: { format, app_id: APP, issuer: ISSUER, secrets: [{ env: 'SECRET' }], roles: '/roles' },
  secrets: { SECRET, OTHER },
}
const claims = { iss: ISSUER, sub: 'u42', aud: APP, exp: T + HOUR, iat: T, email: 'ann@example.com', email_verified: true, roles: ['editor'] }
const told = { sub: 'u42', email: 'ann@example.com', email_verified: true, roles: ['editor'] }
const one = (value) => [cookie(`logto_${APP}`, encodeURIComponent(value))]

export async function make() {
  const idToken = (extra = {}) => sign('es384', { ...claims, ...extra })
  const wrap = async (session, secret = SECRET) => wrapSession(session, secret)
  const session = async (extra = {}) => ({ idToken: await idToken(extra), refreshToken: 'r3fr3sh', accessToken: '{}' })
  const value = await wrap(await session())
  const [ciphertext, iv] = value.split('.')
  const ended = 'the library looks at the id token once, at the login'
  return [
    { name: 'a session', cookies: one(value), expect: opens(told) },
    { name: 'one second before its end', cookies: one(value), now: T + HOUR - 1, expect: opens(told) },
    { name: 'an id token that has ended', cookies: one(value), now: T + 2 * DAY, expect: none('lapsed'), stricter: ended },
    { name: 'the older secret of two', session: { secrets: [{ env: 'OTHER' }, { env: 'SECRET' }] }, cookies: one(value), expect: opens(told), laxer: 'the library has one secret' },
    { name: 'another secret', cookies: one(await wrap(await session(), OTHER)), expect: none('unopened') },
    { name: 'another app', cookies: one(await wrap(await session({ aud: 'other' }))), expect: none('audience'), stricter: ended },
    { name: 'another issuer', cookies: one(await wrap(await session({ iss: 'https://evil.example/oidc' }))), expect: none('audience'), stricter: ended },
    { name: 'from the future', cookies: one(await wrap(await session({ iat: T + 2 * HOUR }))), expect: none('malformed'), stricter: ended },
    { name: 'without exp', cookies: one(await wrap(await session({ exp: undefined }))), expect: none('malformed'), stricter: ended },
    { name: 'without subject', cookies: one(await wrap(await session({ sub: undefined }))), expect: none('malformed') },
    { name: 'a login under way', cookies: one(await wrap({ signInSession: '{"state":"s"}' })), expect: none('malformed') },
    { name: 'an id token that is none', cookies: one(await wrap({ idToken: 'hello' })), expect: none('malformed') },
    { name: 'another name', cookies: [cookie('logto_other', encodeURIComponent(value))], expect: none('absent') },
    { name: 'not percent-encoded', cookies: [cookie(`logto_${APP}`, value)], expect: opens(told) },
    { name: 'tampered ciphertext', cookies: one(tampered(value, 8)), expect: none('unopened') },
    { name: 'tampered tag', cookies: one(tampered(value, ciphertext.length - 5)), expect: none('unopened') },
    { name: 'tampered iv', cookies: one(tampered(value, ciphertext.length + 3)), expect: none('unopened') },
    { name: 'the iv of another session', cookies: one(`${ciphertext}.${(await wrap(await session())).split('.')[1]}`), expect: none('unopened') },
    { name: 'without iv', cookies: one(ciphertext), expect: none('malformed') },
    { name: 'an iv of sixteen bytes', cookies: one(`${ciphertext}.${btoa('0123456789abcdef')}`), expect: none('malformed') },
    { name: 'text', cookies: one('hello'), expect: none('malformed') },
    { name: 'a key of a store', cookies: one('3f1c1f0e-7f0b-4f0e-9a60-0a6a5f6f7a11'), expect: none('malformed') },
    { name: 'larger than any cookie header', cookies: one(filler(70_000)), expect: none('request.cookies') },
  ]
}

/** Whom the library takes the visitor for: signed in is who has an id token. */
export async function check(row) {
  const value = row.cookies.find(({ name }) => name === `logto_${APP}`)?.value
  const secret = row.session?.secrets ? OTHER : SECRET
  return unlessThrown(async () => jose.decodeJwt((await unwrapSession(decodeURIComponent(value), secret)).idToken).sub)
}
