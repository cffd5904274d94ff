// Stack Auth (Hexclave): the SDK verifies nothing itself; jose checks what its recipe for other servers says.
import * as jose from 'jose'
import { DAY, HOUR, T, cookie, key, none, opens, sign, toObject, tokenRows, unlessThrown } from './base.mjs'

export const format = 'stack'
export const libraries = [{ library: 'jose', version: '6.2.17', licence: 'MIT' }]

const PROJECT = '11111111-1111-4111-8111-111111111111'
const ISSUER = `https://api.stack-auth.com/api/v1/projects/${PROJECT}`
const JWKS = `${ISSUER}/.well-known/jwks.json`

export const base = {
  session: { format, project_id: PROJECT },
  jwks: { [JWKS]: { keys: [key('es256').publicJwk] } },
}
const claims = {
  sub: 'a1b2c3d4-0000-4000-8000-000000000042', iat: T, exp: T + HOUR, iss: ISSUER, aud: PROJECT, project_id: PROJECT, branch_id: 'main', refresh_token_id: 'rt-42', role: 'authenticated',
  name: 'Ann', email: 'ann@example.com', email_verified: true, selected_team_id: null, signed_up_at: T - DAY, is_anonymous: false, is_restricted: false, restricted_reason: null, requires_totp_mfa: false,
}
const told = { sub: claims.sub, email: 'ann@example.com', email_verified: true }
const refresh = (token = 'r3fr3sh', at = T) => JSON.stringify({ refresh_token: token, updated_at_millis: at * 1000 })
const NEW = `__Host-hexclave-refresh-${PROJECT}--default`
const OLD = `__Host-stack-refresh-${PROJECT}--default`
const around = (token, { access = 'hexclave-access', name = NEW, first = 'r3fr3sh', kept = refresh() } = {}) => [
  cookie(access, encodeURIComponent(JSON.stringify([first, token]))),
  ...(kept === null ? [] : [cookie(name, encodeURIComponent(kept))]),
]

export async function make() {
  const token = (extra = {}, header = {}) => sign('es256', { ...claims, ...extra }, header)
  const good = await token()
  return [
    { name: 'a session', cookies: around(good), expect: opens(told) },
    { name: 'the names of old', cookies: around(good, { access: 'stack-access', name: OLD }), expect: opens(told) },
    { name: 'the raw refresh token of old', cookies: around(good, { access: 'stack-access', name: `stack-refresh-${PROJECT}`, kept: 'r3fr3sh' }), expect: opens(told) },
    { name: 'the oldest name', cookies: around(good, { access: 'stack-access', name: 'stack-refresh', kept: 'r3fr3sh' }), expect: opens(told) },
    ...(await tokenRows({ name: 'es256', claims, told, wrap: around })),
    { name: 'of another refresh token', cookies: around(good, { first: 'other' }), expect: none('malformed') },
    { name: 'without refresh token', cookies: around(good, { kept: null }), expect: none('malformed') },
    { name: 'another project', cookies: around(await token({ iss: ISSUER.replace('1111', '2222') })), expect: none('audience') },
    { name: 'an anonymous user', cookies: around(await token({ iss: ISSUER.replace('projects', 'projects-anonymous-users'), is_anonymous: true })), expect: none('audience') },
    { name: 'another audience', cookies: around(await token({ aud: 'other' })), expect: none('audience') },
    { name: 'without exp', cookies: around(await token({ exp: undefined })), expect: none('malformed') },
    { name: 'the token without its list', cookies: [cookie('hexclave-access', good), cookie(NEW, encodeURIComponent(refresh()))], expect: none('malformed') },
    { name: 'a list of three', cookies: [cookie('hexclave-access', encodeURIComponent(JSON.stringify(['r3fr3sh', good, 1]))), cookie(NEW, encodeURIComponent(refresh()))], expect: none('malformed') },
    { name: 'a malformed escape', cookies: [cookie('hexclave-access', '%zz'), cookie(NEW, encodeURIComponent(refresh()))], expect: none('malformed') },
  ].map((row) => ({ ...row, unchecked: true }))
}

/** Nobody's verdict but jose's: signature, issuer, audience and times of the token. */
export async function check(row) {
  const values = toObject(row.cookies)
  return unlessThrown(async () => {
    const [, token] = JSON.parse(values['hexclave-access'] ?? values['stack-access'])
    const { payload } = await jose.jwtVerify(token, jose.createLocalJWKSet(base.jwks[JWKS]), { algorithms: ['ES256'], issuer: ISSUER, audience: PROJECT })
    return payload.sub
  })
}
