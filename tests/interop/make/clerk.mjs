// Clerk: tokens by its own `signJwt`, judged by `authenticateRequest` with a PEM.
import { createClerkClient } from '@clerk/backend'
import { signJwt } from '@clerk/backend/jwt'
import { createHash } from 'node:crypto'
import { DAY, T, at, cookie, key, none, opens, pem, revise, sign, toHeader, tokenRows } from './base.mjs'

export const format = 'clerk'
export const libraries = [{ library: '@clerk/backend', version: '3.20.1', licence: 'MIT' }]

const PUBLISHABLE = `pk_live_${btoa('clerk.example.com$').replaceAll('=', '')}`
const SUFFIX = createHash('sha1').update(PUBLISHABLE).digest('base64').replaceAll('+', '-').replaceAll('/', '_').slice(0, 8)
const ISSUER = 'https://clerk.example.com'
const PEM = await pem('rs256')
const ORIGIN = 'https://app.example.com'

export const base = {
  session: { format, publishable_key: PUBLISHABLE, authorized_parties: [ORIGIN], keys: [{ env: 'PEM' }], roles: '/o/rol' },
  secrets: { PEM },
}
const claims = { azp: ORIGIN, exp: T + 60, iat: T, nbf: T - 10, iss: ISSUER, sid: 'sess_42', sub: 'user_42', v: 2, fva: [3, -1], sts: 'active', o: { id: 'org_1', rol: 'editor', slg: 'acme' } }
const told = { sub: 'user_42', sid: 'sess_42', roles: ['editor'] }
const header = { cat: 'cl_B7d4PD111AAA' }
const around = (token, uat = `${T - 100}`) => [cookie('__session', token), cookie('__client_uat', uat)]
const suffixed = (token, uat = `${T - 100}`) => [cookie(`__session_${SUFFIX}`, token), cookie(`__client_uat_${SUFFIX}`, uat)]

export async function make() {
  const token = (extra = {}, more = {}) => sign('rs256', { ...claims, ...extra }, { ...header, ...more })
  const { data: own } = { data: await signJwt({ ...claims }, key('rs256').privateJwk, { algorithm: 'RS256', header: { typ: 'JWT', kid: 'ins_1', ...header } }) }
  const good = await token()
  const eve = await token({ sub: 'user_666', sid: 'sess_666' })
  const rows = revise(await tokenRows({ name: 'rs256', claims, wrap: around, told, tolerance: 5, header }), {
    'an unknown kid': { expect: none('unopened') },
    'expired long ago': { now: T + 400 * DAY },
  })
  return [
    { name: 'a session', cookies: around(own), now: T + 30, expect: opens(told) },
    { name: 'suffixed cookies', cookies: suffixed(good), now: T + 30, expect: opens(told) },
    { name: 'both, of one session', cookies: [...around(good), ...suffixed(good)], now: T + 30, expect: opens(told) },
    { name: 'version 1 claims', session: { roles: '/org_role' }, cookies: around(await token({ v: undefined, o: undefined, org_id: 'org_1', org_role: 'editor' })), now: T + 30, expect: opens(told) },
    { name: 'the other category of sessions', cookies: around(await token({}, { cat: 'cl_I7d4PD111III' })), now: T + 30, expect: opens({ sub: 'user_42' }), unchecked: true },
    { name: 'without category', cookies: around(await token({}, { cat: undefined })), now: T + 30, expect: opens(told) },
    { name: 'without typ', cookies: around(await token({}, { typ: undefined })), now: T + 30, expect: opens(told) },
    ...rows.map((row) => ({ now: T + 30, ...row })),
    { name: 'without __client_uat', cookies: [cookie('__session', good)], now: T + 30, expect: none('malformed') },
    { name: '__client_uat says signed out', cookies: around(good, '0'), now: T + 30, expect: none('lapsed') },
    { name: 'older than __client_uat', cookies: around(good, `${T + 20}`), now: T + 30, expect: none('lapsed') },
    { name: '__client_uat alone', cookies: [cookie('__client_uat', `${T}`)], now: T + 30, expect: none('absent') },
    { name: 'a token of a template', cookies: around(await token({}, { cat: 'cl_B7d4PD222AAA' })), now: T + 30, expect: none('malformed') },
    { name: 'a token of a machine', cookies: around(await token({}, { cat: 'cl_B7d4PD333AAA' })), now: T + 30, expect: none('malformed') },
    { name: 'another authorized party', cookies: around(await token({ azp: 'https://evil.example' })), now: T + 30, expect: none('audience') },
    { name: 'without authorized party', cookies: around(await token({ azp: undefined })), now: T + 30, expect: none('audience') },
    { name: 'another issuer', cookies: around(await token({ iss: 'https://clerk.evil.example' })), now: T + 30, expect: none('audience') },
    { name: 'another issuer, suffixed', cookies: suffixed(await token({ iss: 'https://clerk.evil.example' })), now: T + 30, expect: none('audience'), stricter: 'the library does not look at iss' },
    { name: 'from the future', cookies: around(await token({ iat: T + 60 })), now: T + 30, expect: none('malformed') },
    { name: 'a pending session', cookies: around(await token({ sts: 'pending' })), now: T + 30, expect: none('malformed'), unchecked: true },
    { name: 'another typ', cookies: around(await token({}, { typ: 'at+jwt' })), now: T + 30, expect: none('malformed') },
    { name: 'without subject', cookies: around(await token({ sub: undefined })), now: T + 30, expect: none('malformed') },
    { name: 'without exp', cookies: around(await token({ exp: undefined })), now: T + 30, expect: none('malformed') },
    { name: 'the suffix of another instance', cookies: [cookie('__session_AAAAAAAA', good), cookie('__client_uat_AAAAAAAA', `${T}`)], now: T + 30, expect: none('absent') },
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  const clerk = createClerkClient({ secretKey: 'sk_live_x', publishableKey: PUBLISHABLE })
  const request = new Request(`${ORIGIN}/page`, { headers: { cookie: toHeader(row.cookies), accept: 'text/html', 'sec-fetch-dest': 'document', ...row.headers } })
  try {
    const state = await clerk.authenticateRequest(request, { jwtKey: PEM, authorizedParties: [ORIGIN] })
    return state.status === 'signed-in' ? state.toAuth().userId : undefined
  } catch {
    return undefined
  }
}
