// Every format, live and in both directions: the library makes and the gate opens; the gate seals anew and the library opens.
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { T, at, cookie, fromLines, toHeader } from './make/base.mjs'
import { gate, reseal } from './gate.mjs'

for (const level of ['error', 'warn', 'debug', 'info']) console[level] = () => {}
const files = (await readdir(new URL('make/', import.meta.url))).filter((name) => name.endsWith('.mjs') && name !== 'base.mjs')
const modules = await Promise.all(files.map(async (file) => import(new URL(`make/${file}`, import.meta.url))))
const formats = modules.flatMap((module) => module.libraries.map((library) => ({ module, library, format: library.format ?? module.format })))

/** Formats that the gate writes, and the `idle` that it is given. */
const ROLLED = { 'iron-session': 14, 'nextauth-v4': 1, authjs: 1, auth0: 1, jwt: 1, jwe: 1 }
/** Formats that it can seal and leaves to their libraries to renew. */
const SEALED = ['workos', 'better-auth', 'logto']
const DAY = 86_400

const request = ({ module, format }, row, more = {}) => ({
  session: { ...module.base.session, format, ...row.session, ...more },
  secrets: module.base.secrets,
  jwks: module.base.jwks,
  now: row.now ?? T + 60,
  cookie: toHeader(row.cookies),
  headers: row.headers,
})
/** The browser's cookies after the gate's `Set-Cookie` lines. */
function after(cookies, lines) {
  const store = new Map(cookies.map(({ name, value }) => [name, value]))
  for (const line of lines) {
    const [{ name, value }] = fromLines([line])
    if (/; *max-age=(0|-\d+)(;|$)/i.test(line)) store.delete(name)
    else store.set(name, value)
  }
  return [...store].map(([name, value]) => cookie(name, value))
}

for (const one of formats) {
  const { module, library, format } = one
  const title = `${library.library} ${library.version}`

  test(`${title} makes, the gate opens: ${format}`, async () => {
    const rows = (await at(T, () => module.make(library))).filter(({ expect }) => expect.session)
    const outcomes = await gate(rows.map((row) => request(one, row)))
    for (const [n, { expect, name }] of rows.entries()) {
      for (const [claim, value] of Object.entries(expect.session)) {
        assert.deepEqual(outcomes[n].told?.[claim] ?? null, value, `${name}: ${claim}: ${JSON.stringify(outcomes[n])}`)
      }
    }
  })

  if (format in ROLLED) {
    test(`the gate seals anew, ${title} opens: ${format}`, async () => {
      const idle = ROLLED[format] * DAY
      const rows = (await at(T, () => module.make(library))).filter(sealable)
      assert.ok(rows.length > 0)
      // Half of `idle` later, so that there is something to roll.
      const rolled = rows.map((row) => ({ ...row, now: T + idle / 2 }))
      const outcomes = await gate(rolled.map((row) => request(one, row, { write: true, idle: `${ROLLED[format]}d`, absolute: '60d' })))
      for (const [n, row] of rolled.entries()) {
        assert.ok(outcomes[n].set_cookie?.length > 0, `${row.name}: nothing was sealed: ${JSON.stringify(outcomes[n]).slice(0, 300)}`)
        await holds(one, row, after(row.cookies, outcomes[n].set_cookie), T + idle / 2 + 60, T + 2 * idle)
      }
    })
  }

  if (SEALED.includes(format)) {
    test(`the recipe seals anew, ${title} opens: ${format}`, async () => {
      const rows = (await at(T, () => module.make(library))).filter(sealable)
      assert.ok(rows.length > 0)
      const now = T + 30
      const sealed = reseal(rows.map((row) => ({ ...request(one, row), now, expires_at: now + 300 })))
      for (const [n, row] of rows.entries()) {
        assert.ok(sealed[n].pairs, `${row.name}: ${JSON.stringify(sealed[n])}`)
        const others = row.cookies.filter(({ name }) => name !== sealed[n].name && !name.startsWith(`${sealed[n].name}.`))
        const cookies = [...others, ...sealed[n].pairs.map(([name, value]) => cookie(name, value))]
        assert.notDeepEqual(new Set(cookies.map(({ value }) => value)), new Set(row.cookies.map(({ value }) => value)), `${row.name}: the same value`)
        await holds(one, row, cookies, now + 60, format === 'logto' ? null : now + 400)
      }
    })
  }
}

/** The library opens the cookies for the same visitor, in as many chunks, and not after the end. */
async function holds({ module, library }, row, cookies, now, end) {
  assert.equal(await at(now, () => module.check({ ...row, cookies }, library)), row.expect.session.sub, `${row.name}: ${toHeader(cookies).slice(0, 200)}`)
  const pieces = cookies.filter(({ name }) => /(\.|__)\d+$/.test(name)).length
  if (row.chunks) assert.ok(Math.abs(pieces - row.chunks) <= 1 && pieces > 1, `${row.name}: ${pieces} chunks`)
  if (end !== null) assert.equal(await at(end, () => module.check({ ...row, cookies }, library)), undefined, `${row.name}: still open`)
}

/** A session of the library's own making with one value, that is still alive when it is sealed anew. */
function sealable({ expect, now, laxer, headers, name, session }) {
  return expect.session && !now && !laxer && !headers && !session?.jwks && !session?.keys && !/without end|twice|beside|another order/.test(name)
}
