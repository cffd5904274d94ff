// Stytch: session JWTs, judged by `authenticateJwtLocal` of the consumer client.
import * as jose from 'jose'
import stytch from 'stytch'
import { DAY, HOUR, T, cookie, key, none, opens, sign, tokenRows, unlessThrown } from './base.mjs'

export const format = 'stytch'
export const libraries = [{ library: 'stytch', version: '14.2.0', licence: 'MIT' }]

const PROJECT = 'project-live-11111111-1111-4111-8111-111111111111'
const JWKS = `https://api.stytch.com/v1/sessions/jwks/${PROJECT}`
const CLAIM = 'https://stytch.com/session'

export const base = {
  session: { format, project_id: PROJECT, roles: `/${CLAIM.replaceAll('/', '~1')}/roles` },
  jwks: { [JWKS]: { keys: [key('rs256').publicJwk] } },
}
const rfc3339 = (secs) => new Date(secs * 1000).toISOString().replace('.000', '')
const inner = {
  id: 'session-live-42', started_at: rfc3339(T - HOUR), last_accessed_at: rfc3339(T), expires_at: rfc3339(T + DAY), attributes: { ip_address: '192.0.2.1', user_agent: 'x' },
  authentication_factors: [{ type: 'password', delivery_method: 'knowledge', last_authenticated_at: rfc3339(T - HOUR) }], roles: ['editor'],
}
const claims = { aud: [PROJECT], exp: T + 300, iat: T, iss: `stytch.com/${PROJECT}`, nbf: T, sub: 'user-live-42', [CLAIM]: inner }
const told = { sub: 'user-live-42', sid: 'session-live-42', roles: ['editor'] }
const wrap = (token) => [cookie('stytch_session_jwt', token), cookie('stytch_session', 'opaque')]

export async function make() {
  const token = (extra = {}, header = {}) => sign('rs256', { ...claims, ...extra }, header)
  const good = await token()
  return [
    { name: 'a session', cookies: wrap(good), expect: opens(told) },
    { name: 'the base URL as issuer', cookies: wrap(await token({ iss: 'https://api.stytch.com' })), expect: opens(told) },
    { name: 'custom claims', cookies: wrap(await token({ tier: 'gold' })), expect: opens(told) },
    ...(await tokenRows({ name: 'rs256', claims, told, wrap })),
    { name: 'a session that ended before its token', cookies: wrap(await token({ [CLAIM]: { ...inner, expires_at: rfc3339(T + 30) } })), expect: none('lapsed'), stricter: 'the library does not compare expires_at with now' },
    { name: 'another project', cookies: wrap(await token({ aud: ['project-live-22222222-2222-4222-8222-222222222222'] })), expect: none('audience') },
    { name: 'another issuer', cookies: wrap(await token({ iss: 'stytch.com/project-live-22222222-2222-4222-8222-222222222222' })), expect: none('audience') },
    { name: 'without typ', cookies: wrap(await token({}, { typ: undefined })), expect: none('malformed') },
    { name: 'another typ', cookies: wrap(await token({}, { typ: 'at+jwt' })), expect: none('malformed') },
    { name: 'without the session claim', cookies: wrap(await token({ [CLAIM]: undefined, scope: 'read' })), expect: none('malformed') },
    { name: 'without exp', cookies: wrap(await token({ exp: undefined })), expect: none('malformed'), stricter: 'the library takes a token without exp' },
    { name: 'from the future', cookies: wrap(await token({ iat: T + 2 * HOUR, nbf: undefined })), expect: none('malformed'), stricter: 'the library does not compare iat with now' },
    { name: 'the opaque token alone', cookies: [cookie('stytch_session', 'opaque')], expect: none('absent') },
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  const client = new stytch.Client({ project_id: PROJECT, secret: 'secret-live-x' })
  client.sessions.jwksClient = jose.createLocalJWKSet(base.jwks[JWKS])
  const jwt = row.cookies.find(({ name }) => name === 'stytch_session_jwt')?.value
  return unlessThrown(async () => {
    await client.sessions.authenticateJwtLocal({ session_jwt: jwt })
    return jose.decodeJwt(jwt).sub
  })
}
