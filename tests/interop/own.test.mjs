// The own session format by the recipe of docs/contract.md, with jose and nothing of ours, in both directions.
import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { test } from 'node:test'
import { EncryptJWT, jwtDecrypt } from 'jose'
import { b64u, bytes, core } from './core.mjs'

const secret = 'a session secret of at least 32 characters'
const cookie = '__Host-edgeward'
const aud = 'https://app.example.com'
const typ = 'edgeward-session+jwt'
const derive = (info, length) => new Uint8Array(hkdfSync('sha256', secret, '', info, length))
const key = derive(`edgeward session v1|${cookie}`, 32)
const kid = b64u(derive('edgeward kid v1', 8))
const now = Math.floor(Date.now() / 1000)
const own = { secret, cookie, aud, now }

test('the gate seals, jose opens', async () => {
  const [sealed] = core([{ op: 'own.seal', ...own, sub: 'ann', seed: b64u(bytes(32)) }])
  const { payload, protectedHeader } = await jwtDecrypt(sealed.ok, key, { audience: aud, typ })
  assert.deepEqual(protectedHeader, { alg: 'dir', enc: 'A256GCM', typ, kid })
  assert.equal(payload.sub, 'ann')
  assert.equal(payload.exp - payload.iat, 3600)
  assert.deepEqual(payload.roles, ['admin'])
})

const claims = { aud, sub: 'ann', sid: 's1', src: 'own', born: now, iat: now, exp: now + 600, roles: ['editor'] }
const header = { alg: 'dir', enc: 'A256GCM', typ, kid }
const seal = (change = {}, head = {}, by = key) =>
  new EncryptJWT({ ...claims, ...change }).setProtectedHeader({ ...header, ...head }).encrypt(by)

test('jose seals, the gate opens', async () => {
  const [opened] = core([{ op: 'own.open', ...own, token: await seal() }])
  assert.deepEqual(opened, { ok: { sub: 'ann', roles: ['editor'] } })
})

test('what jose seals otherwise, the gate refuses', async () => {
  const rows = [
    seal({ exp: now }),
    seal({ exp: undefined }),
    seal({ sub: '' }),
    seal({ src: 'kratos' }),
    seal({ bnd: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    seal({ aud: 'https://other.example.com' }),
    seal({ aud: [aud] }),
    seal({ iat: now + 3600 }),
    seal({}, { typ: 'JWT' }),
    seal({}, { kid: 'another' }),
    seal({}, { zip: 'DEF' }),
    seal({}, {}, derive('edgeward session v1|edgeward-dev', 32)),
    seal({}, { enc: 'A128CBC-HS256' }),
  ]
  const tokens = await Promise.all(rows)
  const outcomes = core(tokens.map((token) => ({ op: 'own.open', ...own, token })))
  for (const [n, outcome] of outcomes.entries()) assert.deepEqual(outcome, { error: 'own.refused' }, `row ${n}`)
})
