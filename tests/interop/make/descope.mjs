// Descope: `DS`, judged by `validateSession` of the node SDK with a given key.
import descope from '@descope/node-sdk'
import { HOUR, T, cookie, key, none, opens, sign, tokenRows, unlessThrown } from './base.mjs'

export const format = 'descope'
export const libraries = [{ library: '@descope/node-sdk', version: '2.13.0', licence: 'MIT' }]

const PROJECT = 'P2abcdefghijklmnopqrstuvwxyz'
const JWKS = `https://api.descope.com/v2/keys/${PROJECT}`

export const base = {
  session: { format, project_id: PROJECT, roles: '/roles' },
  jwks: { [JWKS]: { keys: [key('rs256').publicJwk] } },
}
const claims = { amr: ['email'], drn: 'DS', exp: T + 600, iat: T, iss: PROJECT, rexp: '2027-02-12T08:00:00Z', sub: 'U42', roles: ['editor'], email: 'ann@example.com' }
const told = { sub: 'U42', roles: ['editor'] }
const wrap = (token) => [cookie('DS', token)]

export async function make() {
  const token = (extra = {}, header = {}) => sign('rs256', { ...claims, ...extra }, header)
  const good = await token()
  return [
    { name: 'a session', cookies: wrap(good), expect: opens(told) },
    { name: 'beside its refresh token', cookies: [...wrap(good), cookie('DSR', await token({ drn: 'DSR' }))], expect: opens(told) },
    { name: 'a URL as issuer', cookies: wrap(await token({ iss: `https://api.descope.com/${PROJECT}` })), expect: opens(told) },
    { name: 'a URL with the project before the last part', cookies: wrap(await token({ iss: `https://api.descope.com/v1/apps/${PROJECT}/x` })), expect: opens(told) },
    ...(await tokenRows({ name: 'rs256', claims, told, wrap, tolerance: 5 })),
    { name: 'a refresh token in the place of the session', cookies: wrap(await token({ drn: 'DSR' })), expect: none('malformed'), stricter: 'the library does not look at drn' },
    { name: 'a refresh token alone', cookies: [cookie('DSR', await token({ drn: 'DSR' }))], expect: none('absent') },
    { name: 'another project', cookies: wrap(await token({ iss: 'P2zzzzzzzzzzzzzzzzzzzzzzzzzz' })), expect: none('audience') },
    { name: 'the project inside another name', cookies: wrap(await token({ iss: `https://evil.example/${PROJECT}x` })), expect: none('audience') },
    { name: 'without issuer', cookies: wrap(await token({ iss: undefined })), expect: none('malformed') },
    { name: 'without exp', cookies: wrap(await token({ exp: undefined })), expect: none('malformed'), stricter: 'the library takes a token without exp' },
    { name: 'from the future', cookies: wrap(await token({ iat: T + 2 * HOUR })), expect: none('malformed'), stricter: 'the library does not compare iat with now' },
    { name: 'without subject', cookies: wrap(await token({ sub: undefined })), expect: none('malformed') },
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  const sdk = descope({ projectId: PROJECT, publicKey: JSON.stringify(key('rs256').publicJwk), logger: { log() {}, error() {}, warn() {}, debug() {} } })
  return unlessThrown(async () => (await sdk.validateSession(row.cookies.find(({ name }) => name === 'DS')?.value)).token.sub)
}
