// The signatures whose mathematics the core leaves to the host: core and WebCrypto together against every published case.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { core } from './core.mjs'
import { verify } from './webcrypto.mjs'

const vectors = new URL('../vectors/', import.meta.url)
const exceptionsText = await readFile(new URL('wycheproof/exceptions.toml', vectors), 'utf8')

function exceptions(set) {
  const cases = []
  for (const entry of exceptionsText.split('[[exception]]').slice(1)) {
    if (/^set = "(.*)"$/m.exec(entry)[1] === set) cases.push(...JSON.parse(/^cases = (.*)$/m.exec(entry)[1]))
  }
  return cases
}

for (const set of ['json_web_signature', 'json_web_crypto', 'json_web_key']) {
  test(set, async () => {
    const file = JSON.parse(await readFile(new URL(`wycheproof/${set}_test.json`, vectors), 'utf8'))
    const cases = file.testGroups.flatMap((group) =>
      group.tests
        .filter((one) => one.jws !== undefined)
        .map((one) => ({ ...one, keys: group.public ?? group.private })),
    )
    const outcomes = core(
      cases.map(({ jws, keys }) => ({
        op: 'jws.judge',
        token: typeof jws === 'string' ? jws : JSON.stringify(jws),
        keys,
      })),
    )
    const differing = []
    for (const [n, outcome] of outcomes.entries()) {
      const asked = outcome.ok?.signature
      const accepted = asked ? await verify(outcome.ok) : outcome.ok !== undefined
      if (accepted !== (cases[n].result === 'valid')) differing.push(cases[n].tcId)
    }
    const known = [...exceptions(set), ...exceptions(`${set} with the host`)].filter((id) =>
      cases.some((one) => one.tcId === id),
    )
    assert.deepEqual(differing, known.sort((a, b) => a - b))
  })
}

test('appendices of RFC 7515 and the signatures of RFC 7520', async () => {
  const rows = JSON.parse(await readFile(new URL('rfc/rfc7515.json', vectors), 'utf8'))
    .filter((row) => !row.refused)
    .map(({ compact, jwk }) => ({ token: compact, keys: jwk }))
  for (const name of ['jws/4_1.rsa_v15_signature', 'jws/4_2.rsa-pss_signature', 'jws/4_3.ecdsa_signature', 'curve25519/jws']) {
    const { input, output } = JSON.parse(await readFile(new URL(`rfc7520/${name}.json`, vectors), 'utf8'))
    const { kty, kid, use, alg, crv, x, y, n, e } = input.key
    rows.push({ token: output.compact, keys: { kty, kid, use, alg, crv, x, y, n, e } })
  }
  const outcomes = core(rows.map((row) => ({ op: 'jws.judge', ...row })))
  for (const [n, outcome] of outcomes.entries()) {
    assert.ok(outcome.ok, `${rows[n].token} ${JSON.stringify(outcome)}`)
    if (outcome.ok.payload === undefined) assert.equal(await verify(outcome.ok), true, rows[n].token)
  }
})
