// iron-session 9.0.1 and 8.0.4 and the core, live and in both directions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v9 from 'iron-session'
import * as v8 from 'iron-session-8'
import { b64u, bytes, core } from './core.mjs'

const sessions = [
  {},
  { user: 'ann' },
  { user: { id: 'u1', name: 'Zoë 𝄞' }, roles: ['editor', 'admin'] },
  ...[0, 1, 7, 8, 9, 15, 16, 17, 3000].map((size) => ({ a: 'x'.repeat(size) })),
]
const password = () => b64u(bytes(32))
const unseal = (seal, passwords, now_ms = Date.now()) => ({ op: 'iron.unseal', seal, passwords, now_ms })

for (const [name, { sealData, unsealData }] of [['9.0.1', v9], ['8.0.4', v8]]) {
  test(`iron-session ${name} seals, the core opens`, async () => {
    const secret = password()
    for (const ttl of [0, 3600]) {
      const seals = await Promise.all(sessions.map((session) => sealData(session, { password: secret, ttl })))
      const opened = core(seals.map((seal) => unseal(seal, [['1', secret]])))
      for (const [n, outcome] of opened.entries()) {
        assert.deepEqual(JSON.parse(outcome.ok.payload), sessions[n])
        assert.equal(outcome.ok.expires_at_ms === null, ttl === 0)
      }
      const refused = core(seals.map((seal) => unseal(seal, [['1', password()]])))
      for (const outcome of refused) assert.deepEqual(outcome, { error: 'iron.digest_mismatch' })
    }
  })

  test(`the core seals, iron-session ${name} opens`, async () => {
    const secret = password()
    for (const expires_at_ms of [null, Date.now() + 3_600_000]) {
      const sealed = core(
        sessions.map((session) => ({
          op: 'iron.seal',
          payload: JSON.stringify(session),
          passwords: [['1', secret]],
          expires_at_ms,
          seed: b64u(bytes(32)),
        })),
      )
      for (const [n, { ok: seal }] of sealed.entries()) {
        assert.deepEqual(await unsealData(seal, { password: secret }), sessions[n])
        assert.deepEqual(await unsealData(seal, { password: password() }), {})
      }
    }
  })

  test(`passwords by id with iron-session ${name}`, async () => {
    const [one, two] = [password(), password()]
    const listed = [['2', two], ['1', one]]
    const byTwo = await sealData({ n: 2 }, { password: { 1: one, 2: two } })
    const byOne = await sealData({ n: 1 }, { password: { 1: one } })
    const outcomes = core([unseal(byTwo, listed), unseal(byOne, listed), unseal(byOne, [['2', two]])])
    assert.deepEqual(outcomes.map(({ ok, error }) => (ok ? JSON.parse(ok.payload) : error)), [
      { n: 2 },
      { n: 1 },
      'iron.unknown_password',
    ])
    const [{ ok: ours }] = core([{ op: 'iron.seal', payload: '{"n":3}', passwords: listed, seed: b64u(bytes(32)) }])
    assert.deepEqual(await unsealData(ours, { password: { 1: one, 2: two } }), { n: 3 })
    assert.deepEqual(await unsealData(ours, { password: { 1: one } }), {})
  })

  test(`the end of a seal with iron-session ${name}`, async () => {
    const secret = password()
    const now = Date.now()
    for (const [past, opens] of [[55_000, true], [65_000, false]]) {
      const [{ ok: seal }] = core([
        { op: 'iron.seal', payload: '{"n":1}', passwords: [['1', secret]], expires_at_ms: now - past, seed: b64u(bytes(32)) },
      ])
      assert.deepEqual(await unsealData(seal, { password: secret }), opens ? { n: 1 } : {})
      const [outcome] = core([unseal(seal, [['1', secret]], now)])
      assert.equal(outcome.ok !== undefined, opens)
    }
  })
}

test('no changed character opens, there or here', async () => {
  const secret = password()
  const seal = await v9.sealData({ user: 'ann' }, { password: secret, ttl: 3600 })
  const changed = []
  for (let at = 0; at < seal.length; at += 3) {
    const other = seal[at] === 'A' ? 'B' : 'A'
    changed.push(seal.slice(0, at) + other + seal.slice(at + 1))
  }
  const outcomes = core(changed.map((one) => unseal(one, [['1', secret]])))
  for (const [n, outcome] of outcomes.entries()) assert.ok(outcome.error, changed[n])
})
