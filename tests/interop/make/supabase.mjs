// Supabase: `setSession` of the real server client writes the cookies, `getClaims` of another one reads them.
import { createServerClient, createChunks, stringToBase64URL } from '@supabase/ssr'
import * as jose from 'jose'
import { HOUR, T, b64u, cookie, filler, key, network, none, opens, revise, sign, swapped, toObject, tokenRows, unlessThrown, utf8 } from './base.mjs'

export const format = 'supabase'
export const libraries = [{ library: '@supabase/ssr', version: '0.12.7', licence: 'MIT' }]

// The client insists on a WebSocket class, which Node 20 does not have; nothing here opens one.
globalThis.WebSocket ??= class {}

const URL_ = 'https://abcdefghij.supabase.co'
const ISSUER = `${URL_}/auth/v1`
const JWKS = `${ISSUER}/.well-known/jwks.json`
const NAME = 'sb-abcdefghij-auth-token'
const SECRET = 'the legacy JWT secret of a project, as text'
const OTHER = 'the legacy JWT secret of another project'

export const base = {
  session: { format, url: URL_, roles: '/app_metadata/roles' },
  secrets: { SECRET, OTHER },
  jwks: { [JWKS]: { keys: [key('es256').publicJwk, key('rs256').publicJwk] } },
}
const legacy = { secrets: [{ env: 'SECRET' }], algorithm: 'HS256' }

const claims = {
  iss: ISSUER, sub: '3f1c1f0e-7f0b-4f0e-9a60-0a6a5f6f7a11', aud: 'authenticated', exp: T + HOUR, iat: T, email: 'ann@example.com', phone: '',
  app_metadata: { provider: 'email', roles: ['editor'] }, user_metadata: { roles: ['admin'] }, role: 'authenticated', aal: 'aal1',
  amr: [{ method: 'password', timestamp: T }], session_id: '0d7c4c3e-6d5f-4c5e-8a31-3d6f6b9b8a55', is_anonymous: false,
}
const told = { sub: claims.sub, sid: claims.session_id, email: 'ann@example.com', aal: 'aal1', roles: ['editor'] }

/** The client asks the server about a legacy token; so does this one, by its secret. */
async function userOf(token) {
  const verified = await unlessThrown(() => jose.jwtVerify(token, utf8(SECRET), { algorithms: ['HS256'] }))
  const read = verified ?? (await unlessThrown(() => jose.jwtVerify(token, jose.createLocalJWKSet(base.jwks[JWKS]))))
  return read ? { id: read.payload.sub, aud: 'authenticated', email: read.payload.email, app_metadata: {}, user_metadata: {} } : null
}
function client(cookies, store, raw) {
  network({ [JWKS]: base.jwks[JWKS] })
  const issuer = globalThis.fetch
  const fetch = async (input, init) => {
    if (input !== `${ISSUER}/user`) return issuer(input)
    const user = await userOf(new Headers(init.headers).get('authorization').slice(7))
    return Response.json(user ?? { code: 401, msg: 'no' }, { status: user ? 200 : 401 })
  }
  return createServerClient(URL_, 'sb_publishable_x', {
    cookies: { getAll: () => Object.entries(toObject(cookies)).map(([name, value]) => ({ name, value })), setAll: store },
    global: { fetch },
    ...(raw ? { cookieEncoding: 'raw' } : {}),
  })
}
async function write(access_token, { raw = false } = {}) {
  const made = []
  const supabase = client([], (lines) => made.push(...lines), raw)
  const { error } = await supabase.auth.setSession({ access_token, refresh_token: 'r3fr3sh' })
  if (error) throw error
  await new Promise((done) => setTimeout(done, 0))
  return made.filter(({ value }) => value !== '').map(({ name, value }) => cookie(name, encodeURIComponent(value)))
}
/** The library's own encoding and chunks around a token that it would not have written. */
const put = (access_token, extra = {}) =>
  createChunks(NAME, `base64-${stringToBase64URL(JSON.stringify({ access_token, refresh_token: 'r3fr3sh', expires_at: T + HOUR, expires_in: 3600, token_type: 'bearer', user: { id: claims.sub }, ...extra }))}`).map(
    ({ name, value }) => cookie(name, encodeURIComponent(value)),
  )

export async function make() {
  const es256 = (extra = {}, header = {}) => sign('es256', { ...claims, ...extra }, header)
  const hs256 = (extra = {}, secret = SECRET) => new jose.SignJWT({ ...claims, ...extra }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(utf8(secret))
  const good = await es256()
  const big = async (size) => put(await es256({ filler: filler(size) }))
  const [two, five] = [put(good, { user: { id: claims.sub, filler: filler(2500) } }), await big(6500)]
  const eve = put(await es256({ sub: 'eve' }), { user: { id: 'eve', filler: filler(2500) } })
  const rows = revise(await tokenRows({ name: 'es256', claims, wrap: put, told }), {
    'an unknown kid': { unchecked: true },
    'not yet valid': { stricter: 'the library does not look at nbf' },
  })
  return [
    { name: 'a session', cookies: await write(good), expect: opens(told) },
    { name: 'RS256', session: { algorithm: 'RS256' }, cookies: await write(await sign('rs256', claims)), expect: opens(told) },
    { name: 'the legacy secret', session: legacy, cookies: await write(await hs256()), expect: opens(told) },
    { name: 'the older legacy secret of two', session: { ...legacy, secrets: [{ env: 'OTHER' }, { env: 'SECRET' }] }, cookies: put(await hs256()), expect: opens(told) },
    { name: 'plain JSON, as older versions wrote', cookies: await write(good, { raw: true }), expect: opens(told) },
    { name: 'a phone user without e-mail', cookies: put(await es256({ email: '' })), expect: opens({ sub: claims.sub, email: null }) },
    { name: 'a second factor', cookies: put(await es256({ aal: 'aal2' })), expect: opens({ sub: claims.sub, aal: 'aal2' }) },
    { name: '2 chunks', chunks: 2, cookies: two, expect: opens(told) },
    { name: '5 chunks', chunks: 5, cookies: five, expect: opens(told) },
    { name: 'a whole value beside chunks of an older one', cookies: [...two, ...put(good)], expect: opens(told) },
    ...rows,
    { name: 'the first chunk is missing', cookies: two.slice(1), expect: none('absent') },
    { name: 'the last chunk is missing', cookies: two.slice(0, 1), expect: none('malformed') },
    { name: 'a chunk in the middle is missing', cookies: [...five.slice(0, 2), ...five.slice(3)], expect: none('malformed') },
    { name: 'swapped chunks', cookies: swapped(two), expect: none('malformed') },
    { name: 'chunks of two sessions', cookies: [two[0], eve[1]], expect: opens(told), note: 'the outer JSON is not signed; the token in the first chunk is' },
    { name: 'another project', cookies: put(await es256({ iss: 'https://other.supabase.co/auth/v1' })), expect: none('audience'), stricter: 'the library does not look at iss' },
    { name: 'another audience', cookies: put(await es256({ aud: 'anon' })), expect: none('audience'), stricter: 'the library does not look at aud' },
    { name: 'another name', cookies: put(good).map(({ value }) => cookie('sb-other-auth-token', value)), expect: none('absent') },
    { name: 'another legacy secret', session: legacy, cookies: put(await hs256({}, OTHER)), expect: none('unopened') },
    { name: 'a legacy token for a config with keys', cookies: put(await hs256()), expect: none('unopened'), stricter: 'the library asks the server, which still knows the legacy secret' },
    { name: 'a service key', cookies: put(await es256({ role: 'service_role', sub: undefined, aud: undefined, session_id: undefined })), expect: none('malformed'), stricter: 'the library checks signature and exp only', unchecked: true },
    { name: 'without exp', cookies: put(await es256({ exp: undefined })), expect: none('malformed') },
    { name: 'JSON that is none', cookies: [cookie(NAME, `base64-${b64u('{"access_token":')}`)], expect: none('malformed') },
    { name: 'no base64', cookies: [cookie(NAME, 'base64-!!!')], expect: none('malformed') },
    { name: 'a list', cookies: [cookie(NAME, `base64-${b64u('[]')}`)], expect: none('malformed') },
    { name: 'the token alone', cookies: [cookie(NAME, good)], expect: none('malformed') },
  ]
}

/** Whom the library takes the visitor for. */
export async function check(row) {
  return unlessThrown(async () => (await client(row.cookies, () => {}).auth.getClaims()).data?.claims?.sub)
}
