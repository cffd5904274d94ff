// What the makers share: one clock that every library reads, keys that never change, the ways to spoil a value.
import { readFileSync } from 'node:fs'
import * as jose from 'jose'

/** When every library believes to make its values: 2027-01-15T08:00:00Z. */
export const T = 1_800_000_000
export const HOUR = 3600
export const DAY = 86_400

const RealDate = Date
let nowMs = T * 1000
/** The libraries read the time from here and nowhere else. */
class Clock extends RealDate {
  constructor(...args) {
    super(...(args.length > 0 ? args : [nowMs]))
  }
  static now() {
    return nowMs
  }
}
globalThis.Date = Clock
export const setClock = (secs) => {
  nowMs = Math.round(secs * 1000)
}
/** Runs `work` with the clock at `secs`. */
export async function at(secs, work) {
  const before = nowMs
  setClock(secs)
  try {
    return await work()
  } finally {
    nowMs = before
  }
}

/** Key pairs as JWKs. They open nothing but these vectors. */
const pairs = JSON.parse(readFileSync(new URL('keys.json', import.meta.url), 'utf8'))
export const key = (name) => {
  const { kty, crv, n, e, x, y, kid, alg, use } = pairs[name]
  const publicJwk = JSON.parse(JSON.stringify({ kty, crv, n, e, x, y, kid, alg, use }))
  return { kid, alg, publicJwk, privateJwk: pairs[name], load: () => jose.importJWK(pairs[name], alg) }
}
export const pem = async (name) => jose.exportSPKI(await jose.importJWK(key(name).publicJwk, key(name).alg, { extractable: true }))
export const utf8 = (text) => new TextEncoder().encode(text)
export const b64u = (bytes) => Buffer.from(bytes).toString('base64url')

/** Signs claims with the named key; `header` adds to or replaces what the key says. */
export async function sign(name, claims, header = {}) {
  const { kid, alg, load } = key(name)
  return new jose.SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(await load())
}

/** A token without signature, which libraries have been known to accept. */
export const unsigned = (claims, alg = 'none') => `${b64u(JSON.stringify({ alg, typ: 'JWT' }))}.${b64u(JSON.stringify(claims))}.`
/** A MAC with the public key's text as the secret: algorithm confusion. */
export async function confused(name, claims, header = {}) {
  return new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: key(name).kid, typ: 'JWT', ...header }).sign(utf8(await pem(name)))
}

/** The text with one character of the middle changed. */
export const tampered = (text, where = Math.floor(text.length / 2)) =>
  text.slice(0, where) + (text[where] === 'A' ? 'B' : 'A') + text.slice(where + 1)
/** The text with the first character of its last part changed: tag, MAC or signature. */
export const tagTampered = (text, separator = '.') => tampered(text, text.lastIndexOf(separator) + 1)
/** The same for parts in hexadecimal digits: another digit. */
export function digitTampered(text, n, separator) {
  const parts = text.split(separator)
  parts[n] = (parts[n][0] === '0' ? '1' : '0') + parts[n].slice(1)
  return parts.join(separator)
}
/** The text with the first character of its `n`-th part changed. */
export function partTampered(text, n, separator = '.') {
  const parts = text.split(separator)
  parts[n] = tampered(parts[n], 0)
  return parts.join(separator)
}

export const cookie = (name, value) => ({ name, value })
/** `Set-Cookie` lines as the browser would send them back. */
export const fromLines = (lines) =>
  lines.map((line) => {
    const pair = line.slice(0, line.indexOf(';') < 0 ? undefined : line.indexOf(';'))
    return cookie(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  })
export const toHeader = (cookies) => cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
/** Names and decoded values, as an app's cookie parser has them. */
export const toObject = (cookies) => Object.fromEntries(cookies.map(({ name, value }) => [name, decode(value)]))
function decode(value) {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
/** The chunks in another order, under the same names. */
export const swapped = (cookies) => cookies.map(({ name }, n) => cookie(name, cookies[cookies.length - 1 - n].value))

export const opens = (session) => ({ session })
export const none = (outcome) => ({ none: outcome })
/** Text that does not compress and says nothing. */
export const filler = (length) => 'edgeward '.repeat(Math.ceil(length / 9)).slice(0, length)

/** Answers what the libraries ask of the network: JWK Sets by address, and nothing else. */
export function network(answers) {
  globalThis.fetch = async (input) => {
    const url = typeof input === 'string' ? input : (input.url ?? input.href)
    const answer = answers[url.split('?')[0]]
    return Response.json(answer ?? { message: 'no' }, { status: answer ? 200 : 401 })
  }
}
/** The verdict of a check that throws when it refuses. */
export async function unlessThrown(work) {
  try {
    return await work()
  } catch {
    return undefined
  }
}
/** Rows that every format with a signed token has: `wrap` puts a token into cookies, `claims` are good ones made at T. */
export async function tokenRows({ name, claims, wrap, told, tolerance = 0, header = {} }) {
  const other = `${name}-other`
  const good = await sign(name, claims, header)
  const parts = good.split('.')
  const rows = [
    { name: 'one second before its end', cookies: wrap(good), now: claims.exp - 1, expect: opens(told) },
    ...(tolerance > 0 ? [{ name: 'within the tolerance', cookies: wrap(good), now: claims.exp + tolerance - 1, expect: opens(told) }] : []),
    { name: 'at its end', cookies: wrap(good), now: claims.exp + tolerance, expect: none('lapsed') },
    { name: 'expired long ago', cookies: wrap(good), now: claims.exp + 400 * DAY, expect: none('lapsed') },
    { name: 'not yet valid', cookies: wrap(await sign(name, { ...claims, nbf: T + 7200 }, header)), expect: none('malformed') },
    { name: 'another key under the same kid', cookies: wrap(await sign(other, claims, { ...header, kid: key(name).kid })), expect: none('unopened') },
    { name: 'an unknown kid', cookies: wrap(await sign(other, claims, header)), expect: none('unknown_key') },
    { name: 'tampered signature', cookies: wrap(partTampered(good, 2)), expect: none('unopened') },
    { name: 'another subject under the same signature', cookies: wrap([parts[0], b64u(JSON.stringify({ ...claims, sub: 'eve' })), parts[2]].join('.')), expect: none('unopened') },
    { name: 'without signature', cookies: wrap(`${parts[0]}.${parts[1]}.`), expect: none('malformed') },
    { name: 'alg none', cookies: wrap(unsigned(claims)), expect: none('malformed') },
    { name: 'a MAC with the public key', cookies: wrap(await confused(name, claims, header)), expect: none('unopened') },
    { name: 'text', cookies: wrap('hello'), expect: none('malformed') },
    { name: 'larger than any cookie header', cookies: [cookie('other', filler(70_000)), ...wrap(good)], expect: none('request.cookies'), stricter: 'no browser sends so much' },
  ]
  return rows
}
/** The row of that name with something changed. */
export const revise = (rows, changes) =>
  rows.flatMap((row) => (row.name in changes ? (changes[row.name] === null ? [] : [{ ...row, ...changes[row.name] }]) : [row]))
