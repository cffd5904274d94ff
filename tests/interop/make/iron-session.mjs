// iron-session: seals made through `getIronSession().save()`, so that names, chunks and the end are the library's own.
import * as v8 from 'iron-session-8'
import * as v9 from 'iron-session'
import { DAY, T, cookie, digitTampered, filler, none, opens, partTampered, swapped, toObject } from './base.mjs'

export const format = 'iron-session'
export const libraries = [
  { library: 'iron-session', version: '9.0.1', licence: 'MIT', api: v9, chunk: true },
  { library: 'iron-session', version: '8.0.4', licence: 'MIT', api: v8, chunk: false },
]

const FIRST = 'the first password, of 32 or more characters'
const SECOND = 'the second password, of 32 or more characters'
const NAME = 'app_session'
const TTL = 14 * DAY
const ann = { userId: 'ann', email: 'ann@example.com', roles: ['editor'] }
const told = { sub: 'ann', email: 'ann@example.com', roles: ['editor'] }

export const base = {
  session: { format, cookie: NAME, secrets: [{ env: 'FIRST' }], subject: 'userId', email: 'email', roles: '/roles' },
  secrets: { FIRST, SECOND },
}
const rotated = { secrets: [{ env: 'SECOND' }, { env: 'FIRST' }] }

export async function make({ api, chunk }) {
  const save = async (data, { password = FIRST, ttl = TTL, cookieName = NAME } = {}) => {
    const lines = []
    const jar = { get: () => undefined, getAll: () => [], set: (name, value) => lines.push(cookie(name, value)) }
    const session = await api.getIronSession(jar, { cookieName, password, ttl, ...(chunk ? { chunk } : {}) })
    await Object.assign(session, data).save()
    return lines
  }
  const seal = (await save(ann))[0].value
  const one = (value) => [cookie(NAME, value)]
  const rows = [
    { name: 'a session', cookies: await save(ann), expect: opens(told) },
    { name: 'not ASCII', cookies: await save({ ...ann, userId: 'Zoë 𝄞' }), expect: opens({ sub: 'Zoë 𝄞' }) },
    { name: 'without end', cookies: await save(ann, { ttl: 0 }), expect: opens(told) },
    { name: 'without end, ten years later', cookies: await save(ann, { ttl: 0 }), now: T + 3650 * DAY, expect: opens(told) },
    { name: 'one second before its end', cookies: one(seal), now: T + TTL - 1, expect: opens(told) },
    { name: 'within the skew of a minute', cookies: one(seal), now: T + TTL + 59, expect: opens(told) },
    { name: 'past the skew', cookies: one(seal), now: T + TTL + 60, expect: none('expired') },
    { name: 'expired long ago', cookies: one(seal), now: T + 400 * DAY, expect: none('expired') },
    { name: 'the older password of two', session: rotated, cookies: one(seal), expect: opens(told) },
    {
      name: 'the newer password of two',
      session: rotated,
      cookies: await save(ann, { password: { 1: FIRST, 2: SECOND } }),
      expect: opens(told),
    },
    { name: 'a password that left', cookies: await save(ann, { password: { 1: FIRST, 2: SECOND } }), expect: none('unopened') },
    { name: 'another password', cookies: await save(ann, { password: SECOND }), expect: none('unopened') },
    { name: 'another name', cookies: await save(ann, { cookieName: 'other_session' }), expect: none('absent') },
    { name: 'nobody signed in', cookies: await save({ visits: 3 }), expect: none('malformed') },
    { name: 'a subject of the wrong type', cookies: await save({ ...ann, userId: { id: 'ann' } }), expect: none('malformed') },
    { name: 'an empty value', cookies: one(''), expect: none('absent') },
    { name: 'text', cookies: one('hello'), expect: none('malformed') },
    { name: 'seven fields', cookies: one(seal.split('*').slice(0, 7).join('*')), expect: none('malformed') },
    { name: 'a later end', cookies: one(seal.replace(/\*(\d{13})\*/, '*9999999999999*')), expect: none('unopened') },
    { name: 'the end removed', cookies: one(seal.replace(/\*\d{13}\*/, '**')), expect: none('unopened') },
    ...['prefix', 'password id', 'salt', 'iv', 'ciphertext', 'end', 'MAC salt', 'MAC'].flatMap((part, n) =>
      n === 0 || n === 1 ? [] : [{ name: `tampered ${part}`, cookies: one(/salt/.test(part) ? digitTampered(seal, n, '*') : partTampered(seal, n, '*')), expect: none(n === 5 ? 'malformed' : 'unopened') }],
    ),
    { name: 'another prefix', cookies: one(seal.replace('Fe26.2', 'Fe26.1')), expect: none('malformed') },
    { name: 'an unknown password id', cookies: one(seal.replace('*1*', '*9*')), expect: none('unopened') },
    { name: 'the end of one seal on another', cookies: one(splice(seal, (await save({ userId: 'eve' }))[0].value)), expect: none('unopened') },
    { name: 'larger than any cookie header', cookies: one(filler(70_000)), expect: none('request.cookies') },
  ]
  if (!chunk) return rows
  const large = (size) => save({ ...ann, filler: filler(size) })
  const [two, three, four] = [await large(3500), await large(7500), await large(10_500)]
  rows.push(
    { name: '2 chunks', chunks: 2, cookies: two, expect: opens(told) },
    { name: '3 chunks', chunks: 3, cookies: three, expect: opens(told) },
    { name: '4 chunks, the most it makes', chunks: 4, cookies: four, expect: opens(told) },
    { name: 'chunks sent in another order', cookies: [...four].reverse(), expect: opens(told) },
    { name: 'a whole value beside chunks of an older one', cookies: [...two, ...one(seal)], expect: opens(told) },
    { name: 'the first chunk is missing', cookies: two.slice(1), expect: none('absent') },
    { name: 'the last chunk is missing', cookies: two.slice(0, 1), expect: none('malformed') },
    { name: 'a chunk in the middle is missing', cookies: [four[0], four[2], four[3]], expect: none('malformed') },
    { name: 'swapped chunks', cookies: swapped(two), expect: none('malformed') },
    { name: 'chunks of two sessions', cookies: [two[0], (await save({ userId: 'eve', filler: filler(3500) }))[1]], expect: none('unopened') },
  )
  return rows
}

/** Fields 1-5 of one seal with the rest of another. */
function splice(a, b) {
  return [...a.split('*').slice(0, 5), ...b.split('*').slice(5)].join('*')
}

/** Whom the library takes the visitor for. */
export async function check(row, { api }) {
  const map = { 1: FIRST, 2: SECOND }
  const password = row.session === rotated ? map : { 1: FIRST }
  const values = toObject(row.cookies)
  const jar = { get: (name) => (name in values ? { value: values[name] } : undefined), getAll: () => row.cookies, set() {} }
  try {
    const { userId } = await api.getIronSession(jar, { cookieName: NAME, password })
    return typeof userId === 'string' ? userId : undefined
  } catch {
    return undefined
  }
}
