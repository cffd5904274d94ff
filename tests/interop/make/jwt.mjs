// A signed JWT of the app's own, as the Next.js guide makes it and in every algorithm of jose.
import * as jose from 'jose'
import { DAY, HOUR, T, cookie, filler, key, none, opens, partTampered, pem, revise, sign, tokenRows, unlessThrown, utf8 } from './base.mjs'

export const format = 'jwt'
export const libraries = [{ library: 'jose', version: '6.2.17', licence: 'MIT' }]

const SECRET = '7Vt0vQ1m3xg0m1m4mHk0mJk1Xn5y4iX0b2w4jJ9nq0E='
const OTHER = 'another secret of another app'
const JWKS = 'https://id.example.com/.well-known/jwks.json'
const names = ['rs256', 'ps256', 'es256', 'es384', 'es512', 'eddsa']

export const base = {
  session: { format, secrets: [{ env: 'SECRET' }], subject: 'userId', email: 'email', roles: '/roles', exclusive_secret: true },
  secrets: { SECRET, OTHER, PEM_RS256: await pem('rs256'), PEM_ES256: await pem('es256'), PEM_EDDSA: await pem('eddsa') },
  jwks: { [JWKS]: { keys: names.map((name) => key(name).publicJwk) } },
}
const mapping = { subject: 'userId', email: 'email', roles: '/roles' }
const rotated = { secrets: [{ env: 'OTHER' }, { env: 'SECRET' }] }
const remote = (algorithm) => ({ secrets: undefined, jwks: JWKS, algorithm, subject: 'sub', exclusive_secret: undefined, issuer: 'https://id.example.com', jwt_audience: 'app' })

const ann = { userId: 'u1', email: 'ann@example.com', roles: ['editor'] }
const told = { sub: 'u1', email: 'ann@example.com', roles: ['editor'] }
const wrap = (token) => [cookie('session', token)]

export async function make() {
  const token = (claims = {}, { alg = 'HS256', secret = SECRET, header = {} } = {}) =>
    new jose.SignJWT({ ...ann, ...claims }).setProtectedHeader({ alg, ...header }).setIssuedAt().setExpirationTime('7d').sign(utf8(secret))
  const plain = (claims, secret = SECRET) => new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(utf8(secret))
  const good = await token()
  const oidc = { sub: 'u1', email: 'ann@example.com', roles: ['editor'], iss: 'https://id.example.com', aud: 'app', iat: T, exp: T + DAY }
  const rows = [
    { name: 'the session of the Next.js guide', cookies: wrap(await token({ expiresAt: new Date(Date.now() + 7 * DAY * 1000) })), expect: opens(told) },
    { name: 'a whole number as subject', cookies: wrap(await token({ userId: 42 })), expect: opens({ sub: '42' }) },
    { name: 'HS384', session: { algorithm: 'HS384' }, cookies: wrap(await token({}, { alg: 'HS384' })), expect: opens(told) },
    { name: 'HS512', session: { algorithm: 'HS512' }, cookies: wrap(await token({}, { alg: 'HS512' })), expect: opens(told) },
    { name: 'one second before its end', cookies: wrap(good), now: T + 7 * DAY - 1, expect: opens(told) },
    { name: 'at its end', cookies: wrap(good), now: T + 7 * DAY, expect: none('expired') },
    { name: 'expired long ago', cookies: wrap(good), now: T + 400 * DAY, expect: none('expired') },
    { name: 'the older secret of two', session: rotated, cookies: wrap(good), expect: opens(told), laxer: 'the guide has one secret' },
    { name: 'the expected issuer, audience and typ', session: { issuer: 'app', jwt_audience: 'web', typ: 'session+jwt' }, cookies: wrap(await token({ iss: 'app', aud: ['x', 'web'] }, { header: { typ: 'session+jwt' } })), expect: opens(told) },
    { name: 'another issuer', session: { issuer: 'app' }, cookies: wrap(await token({ iss: 'other' })), expect: none('audience') },
    { name: 'another audience', session: { jwt_audience: 'web' }, cookies: wrap(await token({ aud: 'mail' })), expect: none('audience') },
    { name: 'without audience', session: { jwt_audience: 'web' }, cookies: wrap(good), expect: none('malformed') },
    { name: 'another typ', session: { typ: 'session+jwt' }, cookies: wrap(await token({}, { header: { typ: 'reset+jwt' } })), expect: none('malformed') },
    { name: 'without typ', session: { typ: 'session+jwt' }, cookies: wrap(good), expect: none('malformed') },
    { name: 'another secret', cookies: wrap(await token({}, { secret: OTHER })), expect: none('unopened') },
    { name: 'the secret decoded from base64', cookies: wrap(await new jose.SignJWT(ann).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('7d').sign(Buffer.from(SECRET, 'base64'))), expect: none('unopened') },
    { name: 'another HMAC with the same secret', cookies: wrap(await token({}, { alg: 'HS512' })), expect: none('unopened') },
    { name: 'another name', cookies: [cookie('session2', good)], expect: none('absent') },
    { name: 'without exp', cookies: wrap(await plain({ ...ann, iat: T })), expect: none('malformed'), stricter: 'jose takes a token without exp' },
    { name: 'from the future', cookies: wrap(await plain({ ...ann, iat: T + 2 * HOUR, exp: T + DAY })), expect: none('malformed'), stricter: 'jose does not compare iat with now' },
    { name: 'not yet valid', cookies: wrap(await plain({ ...ann, iat: T, nbf: T + HOUR, exp: T + DAY })), expect: none('malformed') },
    { name: 'exp as text', cookies: wrap(await plain({ ...ann, exp: `${T + DAY}` })), expect: none('malformed') },
    { name: 'without subject', cookies: wrap(await token({ userId: undefined })), expect: none('malformed') },
    { name: 'an empty subject', cookies: wrap(await token({ userId: '' })), expect: none('malformed') },
    { name: 'tampered header', cookies: wrap(partTampered(good, 0)), expect: none('malformed') },
    { name: 'tampered signature', cookies: wrap(partTampered(good, 2)), expect: none('unopened') },
    { name: 'alg none', cookies: wrap(new jose.UnsecuredJWT({ ...ann, exp: T + DAY }).encode()), expect: none('malformed') },
    { name: 'carries its own key', cookies: wrap(await token({}, { header: { jwk: { kty: 'oct', k: 'AA' } } })), expect: none('malformed'), stricter: 'jose ignores a key in the header' },
    { name: 'larger than any cookie header', cookies: wrap(filler(70_000)), expect: none('request.cookies') },
    { name: 'two subjects under one name', cookies: [...wrap(good), ...wrap(await token({ userId: 'eve' }))], expect: none('ambiguous'), stricter: 'an app reads one of them' },
    { name: 'the same session twice', cookies: [...wrap(good), ...wrap(good)], expect: opens(told) },
  ]
  for (const name of names) {
    const { alg } = key(name)
    rows.push({ name: `${alg}, a JWK Set by address`, session: remote(alg), cookies: wrap(await sign(name, oidc)), expect: opens(told) })
    rows.push({ name: `${alg}, a JWK`, session: { ...remote(alg), jwks: undefined, keys: [{ jwk: key(name).publicJwk }] }, cookies: wrap(await sign(name, oidc)), expect: opens(told) })
  }
  for (const name of ['rs256', 'es256', 'eddsa']) {
    const { alg } = key(name)
    rows.push({ name: `${alg}, a PEM`, session: { ...remote(alg), jwks: undefined, keys: [{ env: `PEM_${name.toUpperCase()}` }] }, cookies: wrap(await sign(name, oidc)), expect: opens(told) })
  }
  rows.push({ name: 'RS256 for a config that says ES256', session: remote('ES256'), cookies: wrap(await sign('rs256', oidc)), expect: none('unopened') })
  rows.push({ name: 'RS256, as bearer', session: { ...remote('RS256'), from: ['cookie', 'bearer'] }, cookies: [], headers: { authorization: `Bearer ${await sign('rs256', oidc)}` }, expect: opens(told) })
  for (const name of ['rs256', 'es256']) {
    const { alg } = key(name)
    const made = await tokenRows({ name, claims: oidc, wrap, told })
    rows.push(...revise(made, { 'larger than any cookie header': null }).map((row) => ({ ...row, name: `${alg}: ${row.name}`, session: remote(alg) })))
    rows.push({ name: `${alg}: another issuer`, session: remote(alg), cookies: wrap(await sign(name, { ...oidc, iss: 'https://evil.example' })), expect: none('audience') })
    rows.push({ name: `${alg}: another audience`, session: remote(alg), cookies: wrap(await sign(name, { ...oidc, aud: 'mail' })), expect: none('audience') })
    rows.push({ name: `${alg}: carries its own key`, session: remote(alg), cookies: wrap(await sign(`${name}-other`, oidc, { jwk: key(`${name}-other`).publicJwk, kid: key(name).kid })), expect: none('malformed') })
  }
  return rows
}

/** Whom the library takes the visitor for, asked as its documentation asks. */
export async function check(row) {
  const config = { ...base.session, ...row.session }
  const bearer = row.headers?.authorization?.slice(7)
  const token = bearer ?? row.cookies.findLast(({ name }) => name === 'session')?.value
  return unlessThrown(async () => {
    const algorithms = [config.algorithm ?? 'HS256']
    const given = config.keys?.[0]
    const keys = given?.env
      ? await jose.importSPKI(base.secrets[given.env], algorithms[0])
      : given || config.jwks
        ? jose.createLocalJWKSet(given ? { keys: [given.jwk] } : base.jwks[config.jwks])
        : utf8(base.secrets[config.secrets[0].env])
    const options = { algorithms, issuer: config.issuer, audience: config.jwt_audience, typ: config.typ }
    const { payload } = await jose.jwtVerify(token, keys, JSON.parse(JSON.stringify(options)))
    const subject = payload[config.subject]
    return typeof subject === 'number' ? `${subject}` : subject || undefined
  })
}
