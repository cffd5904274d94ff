// WorkOS: a sealed session as AuthKit writes it (iron-session 8 around the tokens), judged by `loadSealedSession().authenticate()`.
import { WorkOS } from '@workos-inc/node'
import { sealData } from 'iron-session-8'
import { T, cookie, digitTampered, key, network, none, opens, partTampered, sign, tokenRows } from './base.mjs'

export const format = 'workos'
export const libraries = [{ library: '@workos-inc/node', version: '11.0.0', licence: 'MIT' }]

const PASSWORD = 'a cookie password of thirty-two or more characters'
const OTHER = 'another password of thirty-two or more characters'
const CLIENT = 'client_01'
const JWKS = `https://api.workos.com/sso/jwks/${CLIENT}`

export const base = {
  session: { format, client_id: CLIENT, secrets: [{ env: 'PASSWORD' }], roles: '/roles' },
  secrets: { PASSWORD, OTHER },
  jwks: { [JWKS]: { keys: [key('rs256').publicJwk] } },
}
const claims = { iss: 'https://api.workos.com', sub: 'user_01', sid: 'session_01', jti: '01', org_id: 'org_01', role: 'editor', roles: ['editor'], permissions: ['read'], exp: T + 300, iat: T }
const user = { object: 'user', id: 'user_01', email: 'ann@example.com', emailVerified: true, firstName: 'Ann', lastName: null }
const told = { sub: 'user_01', sid: 'session_01', email: 'ann@example.com', email_verified: true, roles: ['editor'] }
const seal = (data, password = PASSWORD, ttl = 0) => sealData(data, { password, ttl })
const data = (accessToken, extra = {}) => ({ accessToken, refreshToken: 'r3fr3sh', user, ...extra })
const one = (value) => [cookie('wos-session', value)]

export async function make() {
  const good = await sign('rs256', claims)
  const sealed = async (token, extra) => one(await seal(data(token, extra)))
  const value = await seal(data(good))
  const rows = await tokenRows({ name: 'rs256', claims, told, wrap: one })
  for (const row of rows) {
    for (const pair of row.cookies) if (pair.name === 'wos-session') pair.value = await seal(data(pair.value))
  }
  return [
    { name: 'a session', cookies: one(value), expect: opens(told) },
    { name: 'as the node SDK seals it', cookies: await sealed(good, { organizationId: 'org_01' }), expect: opens(told) },
    { name: 'somebody else is signed in as the user', cookies: await sealed(good, { impersonator: { email: 'admin@example.com', reason: null } }), expect: opens(told) },
    ...rows,
    { name: 'another password', cookies: one(await seal(data(good), OTHER)), expect: none('unopened') },
    { name: 'the older password of two', session: { secrets: [{ env: 'OTHER' }, { env: 'PASSWORD' }] }, cookies: one(value), expect: opens(told), laxer: 'the library has one password' },
    { name: 'another name', cookies: [cookie('wos-session-2', value)], expect: none('absent') },
    { name: 'a login under way', cookies: one(await seal({ nonce: 'n', codeVerifier: 'v', returnPathname: '/' }, PASSWORD, 600)), expect: none('malformed') },
    { name: 'a seal that has ended', cookies: one(await seal(data(good), PASSWORD, 1)), now: T + 200, expect: none('lapsed') },
    { name: 'the user of another session', cookies: await sealed(good, { user: { ...user, id: 'user_02' } }), expect: none('malformed'), stricter: 'the node SDK does not compare; AuthKit does' },
    { name: 'without user', cookies: await sealed(good, { user: undefined }), expect: none('malformed') },
    { name: 'without access token', cookies: one(await seal({ refreshToken: 'r3fr3sh', user })), expect: none('malformed') },
    { name: 'another issuer', session: { issuer: 'https://api.workos.com' }, cookies: await sealed(await sign('rs256', { ...claims, iss: 'https://evil.example' })), expect: none('audience') },
    { name: 'the access token alone', cookies: one(good), expect: none('malformed') },
    ...['', '', 'salt', 'iv', 'ciphertext', '', 'MAC salt', 'MAC'].flatMap((part, n) => (part === '' ? [] : [{ name: `tampered ${part}`, cookies: one(/salt/i.test(part) ? digitTampered(value, n, '*') : partTampered(value, n, '*')), expect: none('unopened') }])),
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  network(base.jwks)
  const workos = new WorkOS('sk_x', { clientId: CLIENT, ...(row.session?.issuer ? { issuer: row.session.issuer } : {}) })
  const sealed = row.cookies.find(({ name }) => name === 'wos-session')?.value
  const cookiePassword = row.session?.secrets ? OTHER : PASSWORD
  try {
    const session = workos.userManagement.loadSealedSession({ sessionData: sealed ?? '', cookiePassword })
    const result = await session.authenticate()
    return result.authenticated ? result.user.id : undefined
  } catch {
    return undefined
  }
}
