// A visitor who moves: NextAuth.js 4 → Edgeward → Auth.js 5, and is never signed out (semantics 5.3).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encode } from 'next-auth/jwt'
import { decode } from '@auth/core/jwt'
import { DAY, T, at, cookie, fromLines, toHeader } from './make/base.mjs'
import * as nextauth from './make/nextauth-v4.mjs'
import * as authjs from './make/authjs.mjs'
import { gate } from './gate.mjs'

const secrets = { NEXTAUTH_SECRET: 'the secret of NextAuth, as it is', EDGEWARD: 'a session secret of at least 32 characters', AUTH_SECRET: 'the secret of Auth.js, as it will be' }
const UNTIL = '2027-03-01'
const ann = { name: 'Ann', email: 'ann@example.com', sub: '42', roles: ['editor'] }
const AGE = 30 * DAY

const first = {
  format: 'edgeward',
  secrets: [{ env: 'EDGEWARD' }],
  roles: '/roles',
  idle: '30d',
  absolute: '90d',
  accept: [{ format: 'nextauth-v4', secrets: [{ env: 'NEXTAUTH_SECRET' }], until: UNTIL }],
}
const second = {
  format: 'authjs',
  secrets: [{ env: 'AUTH_SECRET' }],
  roles: '/roles',
  write: true,
  idle: '30d',
  absolute: '90d',
  accept: [{ format: 'edgeward', secrets: [{ env: 'EDGEWARD' }], until: UNTIL }],
}
const old = (token = ann, options = {}) => at(T, async () => nextauth.cookies(await encode({ token, secret: secrets.NEXTAUTH_SECRET, maxAge: AGE, ...options })))

/** One page with these cookies; what came of it, and the cookies that the browser has then. */
async function visit(session, cookies, now) {
  const [outcome] = await gate([{ session, secrets, now, cookie: toHeader(cookies) }])
  const store = new Map(cookies.map(({ name, value }) => [name, value]))
  for (const line of outcome.set_cookie ?? []) {
    const [{ name, value }] = fromLines([line])
    if (/; *max-age=(0|-\d+)(;|$)/i.test(line)) store.delete(name)
    else store.set(name, value)
  }
  return { ...outcome, cookies: [...store].map(([name, value]) => cookie(name, value)) }
}
const names = ({ cookies }) => cookies.map(({ name }) => name)
const whom = ({ told }) => told && { sub: told.sub, email: told.email, roles: told.roles }
const same = { sub: '42', email: 'ann@example.com', roles: ['editor'] }

test('NextAuth.js → Edgeward → Auth.js: the same visitor, and no later end', async () => {
  const one = await visit(first, await old(), T + DAY)
  assert.deepEqual(whom(one), same)
  assert.deepEqual(names(one), ['__Host-edgeward'], 'the old cookie is gone')
  const again = await visit(first, one.cookies, T + 2 * DAY)
  assert.deepEqual(whom(again), same, 'Edgeward alone')

  const two = await visit(second, again.cookies, T + 3 * DAY)
  assert.deepEqual(whom(two), same)
  assert.deepEqual(names(two), ['__Secure-authjs.session-token'])
  const third = await visit(second, two.cookies, T + 4 * DAY)
  assert.deepEqual(whom(third), same, 'Auth.js alone')

  const row = { ...two, cookies: two.cookies }
  const token = await at(T + 4 * DAY, () => decode({ token: row.cookies[0].value, secret: secrets.AUTH_SECRET, salt: '__Secure-authjs.session-token' }))
  assert.equal(token.sub, '42')
  assert.equal(token.email, 'ann@example.com')
  assert.deepEqual(token.roles, ['editor'])
  // NextAuth.js itself opens a session for 15 seconds after its `exp`.
  assert.ok(token.exp <= T + AGE + 15, `the move renews nothing: ${token.exp - T - AGE}`)
  const late = await visit(second, two.cookies, T + AGE + 16)
  assert.equal(late.told, null, 'and the old end still holds')
})

test('several chunks move as well', async () => {
  const cookies = await old({ ...ann, filler: 'x'.repeat(2000), more: 'y'.repeat(1500) })
  assert.equal(cookies.length, 2)
  const direct = { ...second, accept: [{ format: 'nextauth-v4', secrets: [{ env: 'NEXTAUTH_SECRET' }], until: UNTIL }] }
  const moved = await visit(direct, cookies, T + DAY)
  assert.deepEqual(whom(moved), same)
  assert.deepEqual(names(moved), ['__Secure-authjs.session-token.0', '__Secure-authjs.session-token.1'])
  assert.deepEqual(whom(await visit(second, moved.cookies, T + 2 * DAY)), same)
})

test('what does not move', async () => {
  const own = (await visit(first, await old(), T + DAY)).cookies
  const eve = await old({ ...ann, sub: '666' })
  const [{ name, value }] = await old()
  const rows = [
    ['after `until`', await old(ann, { maxAge: 400 * DAY }), T + 60 * DAY, 'session.absent'],
    ['a session that ended', await old(ann, { maxAge: 60 }), T + DAY, 'session.expired'],
    ['another secret', await old(ann, { secret: 'another' }), T + DAY, 'session.unopened'],
    ['a changed one', [cookie(name, `${value.slice(0, -4)}AAAA`)], T + DAY, 'session.unopened'],
    ['another subject beside one that has moved', [...own, ...eve], T + DAY, 'session.ambiguous'],
    ['without subject', await old({ ...ann, sub: undefined }), T + DAY, 'session.malformed'],
  ]
  for (const [what, cookies, now, code] of rows) {
    const outcome = await visit(first, cookies, now)
    assert.equal(outcome.told, null, what)
    assert.equal(outcome.session, code, what)
  }
})
