// Better Auth: a real instance signs a visitor up and writes the cookies; an instance with an empty store reads them.
import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { getCookieCache } from 'better-auth/cookies'
import { makeSignature } from 'better-auth/crypto'
import { DAY, T, b64u, cookie, filler, fromLines, none, opens, partTampered, swapped, tagTampered, tampered, toHeader } from './base.mjs'

export const format = 'better-auth'
export const libraries = [{ library: 'better-auth', version: '1.7.7', licence: 'MIT' }]

const SECRET = 'a better secret of at least thirty-two characters'
const OTHER = 'another secret of at least thirty-two characters'
const ORIGIN = 'https://app.example.com'
const DATA = '__Secure-better-auth.session_data'
const TOKEN = '__Secure-better-auth.session_token'
const MAX_AGE = 300

export const base = { session: { format, secrets: [{ env: 'SECRET' }], strategy: 'compact', roles: '/user/role' }, secrets: { SECRET, OTHER } }

function auth(strategy, { secret = SECRET, store = { user: [], session: [], account: [], verification: [] } } = {}) {
  let id = 0
  return betterAuth({
    secret,
    baseURL: ORIGIN,
    database: memoryAdapter(store),
    emailAndPassword: { enabled: true, password: { hash: async () => 'x', verify: async () => true } },
    user: { additionalFields: { role: { type: 'string', input: true }, filler: { type: 'string', required: false, input: true } } },
    session: { cookieCache: { enabled: true, maxAge: MAX_AGE, strategy } },
    advanced: { database: { generateId: ({ model }) => `${model}-${++id}` } },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
}
/** A session token as the library signs one. */
const signedToken = async (token) => encodeURIComponent(`${token}.${await makeSignature(token, SECRET)}`)
/** Signs a visitor up and keeps what the browser would. */
async function signUp(strategy, { email = 'ann@example.com', filler: text, ...options } = {}) {
  const response = await auth(strategy, options).api.signUpEmail({ body: { name: 'Ann', email, password: 'password', role: 'editor', ...(text ? { filler: text } : {}) }, asResponse: true })
  return fromLines(response.headers.getSetCookie()).filter(({ value }) => value !== '')
}
const dataOf = (cookies) => cookies.filter(({ name }) => name.startsWith(DATA))
const tokenOf = (cookies) => cookies.filter(({ name }) => name === TOKEN)
const replaced = (cookies, value) => [...tokenOf(cookies), cookie(DATA, value)]

/** A compact value with something changed in its JSON. */
const rewritten = (value, what, by) => b64u(Buffer.from(value, 'base64url').toString().replace(what, by))

export async function make() {
  const rows = []
  for (const strategy of ['compact', 'jwt', 'jwe']) {
    const session = { strategy }
    const whole = await signUp(strategy)
    const value = dataOf(whole)[0].value
    const add = (name, cookies, expect, more = {}) => rows.push({ name: `${strategy}: ${name}`, cookies, expect, ...more, session: { ...session, ...more.session } })
    const told = { sub: 'user-1', email: 'ann@example.com', email_verified: false, roles: ['editor'] }
    const sizes = strategy === 'jwe' ? [3000, 13_000] : [2500, 12_500]
    const [two, five] = [await signUp(strategy, { filler: filler(sizes[0]) }), await signUp(strategy, { filler: filler(sizes[1]) })]
    const eve = await signUp(strategy, { email: 'eve@example.com', filler: filler(sizes[0]) })
    const tolerance = strategy === 'jwe' ? 15 : 0
    add('a session', whole, opens(told))
    add('2 chunks', two, opens(told), { chunks: 2 })
    add('5 chunks', five, opens(told), { chunks: 5 })
    add('chunks sent in another order', [...five].reverse(), opens(told))
    add('a whole value beside chunks of an older one', [...whole, ...dataOf(two)], opens(told))
    add('one second before its end', whole, opens(told), { now: T + MAX_AGE - 1 })
    if (tolerance > 0) add('within the tolerance', whole, opens(told), { now: T + MAX_AGE + tolerance - 1, cache: true })
    add('past its end', whole, none('lapsed'), { now: T + MAX_AGE + tolerance + 1 })
    add('expired long ago', whole, none('lapsed'), { now: T + 400 * DAY })
    add('another secret', await signUp(strategy, { secret: OTHER }), none('unopened'))
    add('without session_token', dataOf(whole), none('malformed'))
    add('session_token alone', tokenOf(whole), none('absent'))
    add('the session_token of another session', [cookie(TOKEN, await signedToken('another session token')), ...dataOf(whole)], none('malformed'))
    add('a session_token that is not signed with the secret', [cookie(TOKEN, tampered(tokenOf(whole)[0].value, tokenOf(whole)[0].value.indexOf('.') + 1)), ...dataOf(whole)], none('unopened'))
    add('another name', whole.map(({ name, value }) => cookie(name.replace('session_data', 'account_data'), value)), none('absent'))
    const compact = strategy === 'compact'
    add('tampered tag', replaced(whole, compact ? rewritten(value, /("signature":")(.)/, (_, before, c) => before + (c === 'A' ? 'B' : 'A')) : tagTampered(value)), none('unopened'))
    add('tampered content', replaced(whole, compact ? rewritten(value, /ann@example/, 'eve@example') : partTampered(value, strategy === 'jwt' ? 1 : 3)), none('unopened'))
    if (compact) add('a later end', replaced(whole, rewritten(value, /("expiresAt":)(\d)(\d{12},"signature")/, (_, a, __, b) => `${a}9${b}`)), none('unopened'))
    add('text', replaced(whole, 'hello'), none('malformed'))
    add('the first chunk is missing', five.filter(({ name }) => name !== `${DATA}.0`), none('malformed'))
    add('the last chunk is missing', two.filter(({ name }) => name !== `${DATA}.1`), none('malformed'))
    add('a chunk in the middle is missing', five.filter(({ name }) => name !== `${DATA}.2`), none('unopened'))
    add('swapped chunks', [...tokenOf(two), ...swapped(dataOf(two))], none('malformed'))
    add('chunks of two sessions', [...tokenOf(two), dataOf(two)[0], dataOf(eve)[1]], none('unopened'))
    add('larger than any cookie header', replaced(whole, filler(70_000)), none('request.cookies'))
    for (const other of ['compact', 'jwt', 'jwe'].filter((one) => one !== strategy)) {
      add(`a value of strategy ${other}`, await signUp(other), none('malformed'))
    }
  }
  return rows
}

/** Whom the library takes the visitor for, without a database to ask. */
export async function check(row) {
  const { strategy } = { ...base.session, ...row.session }
  try {
    // `getSession` looks at the end itself, without the tolerance that the helper for middleware has.
    if (row.cache) return (await getCookieCache(new Headers({ cookie: toHeader(row.cookies) }), { secret: SECRET, strategy, isSecure: true }))?.user?.id
    return (await auth(strategy).api.getSession({ headers: new Headers({ cookie: toHeader(row.cookies) }) }))?.user?.id
  } catch {
    return undefined
  }
}
