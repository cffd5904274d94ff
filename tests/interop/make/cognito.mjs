// Cognito behind the Amplify adapter: its cookie names, and each token judged by aws-jwt-verify.
import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { DAY, HOUR, T, cookie, key, none, opens, revise, sign, toObject, tokenRows } from './base.mjs'

export const format = 'cognito'
export const libraries = [{ library: 'aws-jwt-verify', version: '5.2.1', licence: 'Apache-2.0' }]

const POOL = 'eu-central-1_AbCdEfGhI'
const CLIENT = '4qk2l1v7n8p9r0s1t2u3v4w5x6'
const ISSUER = `https://cognito-idp.eu-central-1.amazonaws.com/${POOL}`
const JWKS = `${ISSUER}/.well-known/jwks.json`
const PREFIX = `CognitoIdentityServiceProvider.${CLIENT}`

export const base = {
  session: { format, user_pool_id: POOL, client_id: CLIENT, roles: '/cognito:groups' },
  jwks: { [JWKS]: { keys: [key('rs256').publicJwk] } },
}
const access = { sub: 'a1b2c3d4-0000-4000-8000-000000000042', iss: ISSUER, client_id: CLIENT, origin_jti: 'oj', event_id: 'ev', token_use: 'access', scope: 'openid', auth_time: T, exp: T + HOUR, iat: T, jti: 'ja', username: 'ann@example.com', 'cognito:groups': ['editor'] }
const id = { sub: access.sub, iss: ISSUER, aud: CLIENT, origin_jti: 'oj', event_id: 'ev', token_use: 'id', auth_time: T, exp: T + HOUR, iat: T, jti: 'ji', email: 'ann@example.com', email_verified: true, 'cognito:username': 'ann@example.com', 'cognito:groups': ['editor'] }
const told = { sub: access.sub, email: 'ann@example.com', email_verified: true, roles: ['editor'] }
const user = 'ann@example.com'

/** Names as the adapter writes them: `encodeURIComponent`, with js-cookie's exceptions. */
const named = (part) => encodeURIComponent(`${PREFIX}.${part}`).replace(/%(23|24|26|2B|5E|60|7C)/g, decodeURIComponent)
const around = (tokens, name = user, last = name) => [
  ...(last === null ? [] : [cookie(named('LastAuthUser'), encodeURIComponent(last))]),
  ...Object.entries(tokens).filter(([, token]) => token).map(([kind, token]) => cookie(named(`${name}.${kind}`), token)),
  cookie(named(`${name}.refreshToken`), 'r3fr3sh'),
  cookie(named(`${name}.clockDrift`), '0'),
]

export async function make() {
  const both = async (extra = {}, idExtra = extra) => ({ accessToken: await sign('rs256', { ...access, ...extra }), idToken: await sign('rs256', { ...id, ...idExtra }) })
  const good = await both()
  const rows = await tokenRows({ name: 'rs256', claims: access, told, wrap: (accessToken) => around({ accessToken, idToken: good.idToken }) })
  return [
    { name: 'a session', cookies: around(good), expect: opens(told) },
    { name: 'the access token alone', cookies: around({ accessToken: good.accessToken }), expect: opens({ sub: access.sub }) },
    { name: 'a user name with a space and a plus', cookies: around(good, 'ann b+c@example.com'), expect: opens(told) },
    { name: 'a user name with dots', cookies: around(good, 'ann.b.c'), expect: opens(told) },
    { name: 'without LastAuthUser', cookies: around(good, 'username', null), expect: opens(told) },
    {
      name: 'the global issuer',
      cookies: around(await both({ iss: ISSUER.replace('cognito-idp', 'issuer-cognito-idp') })),
      expect: opens(told),
    },
    ...revise(rows, { 'at its end': { now: T + HOUR + 1 } }),
    { name: 'a client clock far behind', cookies: around(good).map(({ name, value }) => cookie(name, name.endsWith('clockDrift') ? '-99999999999' : value)), now: T + 400 * DAY, expect: none('lapsed') },
    { name: 'the id token for the access token', cookies: around({ accessToken: good.idToken, idToken: good.idToken }), expect: none('malformed') },
    { name: 'the access token for the id token', cookies: around({ accessToken: good.accessToken, idToken: good.accessToken }), expect: none('malformed') },
    { name: 'another client in the access token', cookies: around({ ...good, accessToken: (await both({ client_id: 'other' })).accessToken }), expect: none('audience') },
    { name: 'another client in the id token', cookies: around({ ...good, idToken: (await both({ aud: 'other' })).idToken }), expect: none('audience') },
    { name: 'a list as audience of the id token', cookies: around({ ...good, idToken: (await both({ aud: [CLIENT] })).idToken }), expect: none('audience') },
    { name: 'another pool', cookies: around(await both({ iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_ZzZzZzZzZ' })), expect: none('audience') },
    { name: 'tokens of two users', cookies: around({ ...good, idToken: (await both({}, { sub: 'eve' })).idToken }), expect: none('malformed'), stricter: 'each token is judged alone there' },
    { name: 'without exp', cookies: around(await both({ exp: undefined })), expect: none('malformed'), stricter: 'the library takes a token without exp' },
    { name: 'the id token alone', cookies: around({ idToken: good.idToken }), expect: none('absent') },
    { name: 'cookies of another client', cookies: around(good).map(({ name, value }) => cookie(name.replace(CLIENT, 'other'), value)), expect: none('absent') },
  ]
}

/** Whom the library takes the visitor for: the adapter needs the access token, and the id token must be good if it is there. */
export async function check(row) {
  const values = toObject(row.cookies)
  const last = values[named('LastAuthUser')] ?? 'username'
  const verified = async (tokenUse, token) => {
    const verifier = CognitoJwtVerifier.create({ userPoolId: POOL, tokenUse, clientId: CLIENT })
    verifier.cacheJwks({ keys: base.jwks[JWKS].keys })
    return (await verifier.verify(token)).sub
  }
  try {
    const idToken = values[named(`${last}.idToken`)]
    if (idToken) await verified('id', idToken)
    return await verified('access', values[named(`${last}.accessToken`)])
  } catch {
    return undefined
  }
}
