// Every format, live and in both directions: the library makes and the gate opens; the gate seals anew and the library opens.
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { T, at, cookie, fromLines, toHeader } from './make/base.mjs'
import { gate } from './gate.mjs'

for (const level of ['error', 'warn', 'debug', 'info']) console[level] = () => {}
const files = (await readdir(new URL('make/', import.meta.url))).filter((name) => name.endsWith('.mjs') && name !== 'base.mjs')
const modules = await Promise.all(files.map(async (file) => import(new URL(`make/${file}`, import.meta.url))))
const formats = modules.flatMap((module) => module.libraries.map((library) => ({ module, library, format: library.format ?? module.format })))

/** Formats that the gate writes, and for how long: the rest are read-only. */
const SEALED = ['iron-session', 'nextauth-v4', 'authjs', 'auth0', 'jwt', 'jwe', 'workos', 'better-auth', 'logto']
const IDLE = 86_400

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

  if (!SEALED.includes(format)) continue

  test(`the gate seals anew, ${title} opens: ${format}`, async () => {
    const rows = (await at(T, () => module.make(library))).filter(sealable)
    assert.ok(rows.length > 0)
    // Half of `idle` later, so that there is something to roll.
    const rolled = rows.map((row) => ({ ...row, now: T + IDLE / 2 }))
    const outcomes = await gate(rolled.map((row) => request(one, row, { write: true, idle: '1d', absolute: '7d' })))
    for (const [n, row] of rolled.entries()) {
      const outcome = outcomes[n]
      assert.ok(outcome.set_cookie?.length > 0, `${row.name}: nothing was sealed: ${JSON.stringify(outcome).slice(0, 300)}`)
      const cookies = after(row.cookies, outcome.set_cookie)
      const now = T + IDLE / 2 + 60
      assert.equal(await at(now, () => module.check({ ...row, cookies }, library)), row.expect.session.sub, `${row.name}: ${toHeader(cookies).slice(0, 200)}`)
      const pieces = cookies.filter(({ name }) => /(\.|__)\d+$/.test(name)).length
      if (row.chunks) assert.ok(Math.abs(pieces - row.chunks) <= 1 && pieces > 1, `${row.name}: ${pieces} chunks`)
      // The new end is the gate's, and the library keeps it.
      const ended = await at(T + 40 * IDLE, () => module.check({ ...row, cookies }, library))
      assert.equal(ended, undefined, `${row.name}: still open after forty days`)
    }
  })
}

/** A session of the library's own making with one value, that is still alive half a day later. */
function sealable({ expect, now, laxer, headers, name, session }) {
  return expect.session && !now && !laxer && !headers && !session?.jwks && !session?.keys && !/without end|twice|beside|another order/.test(name)
}
