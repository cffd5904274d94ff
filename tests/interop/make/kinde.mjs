// Kinde: raw tokens in cookies of 3,000 characters, each judged by @kinde/jwt-validator.
import { validateToken } from '@kinde/jwt-validator'
import { DAY, T, b64u, cookie, filler, key, network, none, opens, revise, sign, toObject, tokenRows } from './base.mjs'

export const format = 'kinde'
export const libraries = [{ library: '@kinde/jwt-validator', version: '0.4.5', licence: 'MIT' }]

const ISSUER = 'https://ann.kinde.com'
const JWKS = `${ISSUER}/.well-known/jwks.json`

export const base = {
  session: { format, issuer: ISSUER, client_id: 'client_42', roles: '/permissions' },
  jwks: { [JWKS]: { keys: [key('rs256').publicJwk] } },
}
const access = { aud: [], azp: 'client_42', exp: T + DAY, iat: T, iss: ISSUER, jti: 'ja', org_code: 'org_1', permissions: ['editor'], scp: ['openid'], sub: 'kp_42' }
const id = { aud: ['client_42'], auth_time: T, azp: 'client_42', email: 'ann@example.com', email_verified: true, exp: T + DAY, iat: T, iss: ISSUER, jti: 'ji', name: 'Ann', sub: 'kp_42', org_codes: ['org_1'] }
const told = { sub: 'kp_42', email: 'ann@example.com', roles: ['editor'] }

const PIECE = 3000
const split = (name, token) => Array.from({ length: Math.ceil(token.length / PIECE) }, (_, n) => cookie(n === 0 ? name : `${name}${n}`, token.slice(n * PIECE, (n + 1) * PIECE)))
const around = ({ accessToken, idToken }) => [...(accessToken ? split('access_token', accessToken) : []), ...(idToken ? split('id_token', idToken) : []), cookie('refresh_token', 'r3fr3sh')]

/** A good signature under a header that says `none`. */
async function misnamed(claims) {
  const input = `${b64u(JSON.stringify({ alg: 'none', kid: key('rs256').kid, typ: 'JWT' }))}.${b64u(JSON.stringify(claims))}`
  return `${input}.${b64u(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', await key('rs256').load(), Buffer.from(input)))}`
}

export async function make() {
  const both = async (extra = {}, idExtra = {}) => ({ accessToken: await sign('rs256', { ...access, ...extra }), idToken: await sign('rs256', { ...id, ...idExtra }) })
  const good = await both()
  const two = await both({ filler: filler(2800) })
  const five = await both({ filler: filler(9600) })
  const rows = await tokenRows({ name: 'rs256', claims: access, told, wrap: (accessToken) => around({ accessToken, idToken: good.idToken }) })
  return [
    { name: 'a session', cookies: around(good), expect: opens(told) },
    { name: 'an access token in 2 cookies', cookies: around(two), expect: opens(told) },
    { name: 'an access token in 5 cookies', cookies: around(five), expect: opens(told) },
    { name: 'an id token in 2 cookies', cookies: around(await both({}, { filler: filler(2800) })), expect: opens(told) },
    ...revise(rows, {
      'at its end': { stricter: 'the validator does not look at exp' },
      'expired long ago': { stricter: 'the validator does not look at exp' },
      'not yet valid': { stricter: 'the validator does not look at nbf' },
    }),
    { name: 'an id token that has ended', cookies: around(await both({}, { exp: T + 30 })), expect: opens(told), note: 'the id token is proof of a login that was; its end is not the end of the session', unchecked: true },
    { name: 'alg none over a good signature', cookies: around({ ...good, accessToken: await misnamed(access) }), expect: none('unopened'), stricter: 'the validator does not look at alg' },
    { name: 'another issuer', cookies: around(await both({ iss: 'https://eve.kinde.com' })), expect: none('audience'), stricter: 'the validator does not look at iss; the SDK around it does' },
    { name: 'another client', cookies: around(await both({ azp: 'client_666' })), expect: none('audience'), stricter: 'the validator does not look at azp' },
    { name: 'without id token', cookies: around({ accessToken: good.accessToken }), expect: none('malformed') },
    { name: 'without access token', cookies: around({ idToken: good.idToken }), expect: none('absent') },
    { name: 'an id token under another key', cookies: around({ ...good, idToken: await sign('rs256-other', id, { kid: key('rs256').kid }) }), expect: none('unopened') },
    { name: 'tokens of two users', cookies: around({ ...good, idToken: await sign('rs256', { ...id, sub: 'kp_666' }) }), expect: none('malformed'), stricter: 'each token is judged alone there' },
    { name: 'the last cookie of a token is missing', cookies: around(two).filter(({ name }) => name !== 'access_token1'), expect: none('malformed') },
    { name: 'the second cookie of five is missing', cookies: around(five).filter(({ name }) => name !== 'access_token1'), expect: none('malformed') },
    { name: 'swapped cookies', cookies: around(two).map(({ name, value }, n, all) => (n < 2 ? cookie(name, all[1 - n].value) : cookie(name, value))), expect: none('malformed') },
    { name: 'without exp', cookies: around(await both({ exp: undefined })), expect: none('malformed'), stricter: 'the validator does not look at exp' },
  ]
}

/** Whom the library takes the visitor for: both tokens must be good. */
export async function check(row) {
  network(base.jwks)
  const values = toObject(row.cookies)
  const join = (name) => {
    let token = values[name] ?? ''
    for (let n = 1; values[`${name}${n}`]; n += 1) token += values[`${name}${n}`]
    return token
  }
  try {
    for (const name of ['access_token', 'id_token']) {
      if (!(await validateToken({ token: join(name), domain: ISSUER })).valid) return undefined
    }
    return JSON.parse(Buffer.from(join('access_token').split('.')[1], 'base64url')).sub
  } catch {
    return undefined
  }
}
