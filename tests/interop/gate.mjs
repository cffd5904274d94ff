// A gate at the other end of a pipe: requests in, outcomes out; signatures are verified here, by WebCrypto.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { b64u, bytes } from './core.mjs'
import { verify } from './webcrypto.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const ORIGIN = 'https://app.example.com'

function ask(requests) {
  const binary = process.env.EDGEWARD_INTEROP_GATE
  const [command, args] = binary ? [binary, []] : ['cargo', ['run', '--quiet', '--package', 'edgeward', '--example', 'interop_gate']]
  const run = spawnSync(command, args, { cwd: root, input: JSON.stringify(requests), encoding: 'utf8', maxBuffer: 1 << 28 })
  if (run.error) throw run.error
  if (run.status !== 0) throw new Error(`${command} ended with ${run.status}: ${run.stderr}`)
  return JSON.parse(run.stdout)
}

/** The document of a `[session]` table. */
export const document = (session) => ({
  public_origins: [ORIGIN],
  origin: { binding: 'APP' },
  default: 'session',
  sign_in: '/login',
  session,
  assertion: { secret: { env: 'ASSERTION' }, audience: 'origin' },
})

/** What the gate's recipe makes of the cookies' content, sealed anew until `expires_at`: the name, and the pairs. */
export const reseal = (requests) =>
  ask(requests.map(({ session, secrets, now, cookie, expires_at }) => ({ seal: session, secrets, now_ms: now * 1000, url: `${ORIGIN}/page`, cookie, expires_at, seed: b64u(bytes(32)) })))

/** What comes of each request: `{session, secrets, jwks, now, cookie, headers}`. */
export async function gate(requests) {
  const open = requests.map(({ session, secrets, jwks, now, cookie, headers }) => ({
    document: document(JSON.parse(JSON.stringify(session))),
    secrets: { ASSERTION: 'an assertion secret of at least 32 bytes', ...secrets },
    jwks: jwks ?? {},
    now_ms: now * 1000,
    url: `${ORIGIN}/page`,
    cookie,
    headers,
    seed: b64u(bytes(32)),
    verified: {},
  }))
  const outcomes = Array(open.length)
  let waiting = open.map((_, n) => n)
  for (let round = 0; waiting.length > 0 && round < 20; round += 1) {
    const answers = ask(waiting.map((n) => open[n]))
    const again = []
    for (const [at, n] of waiting.entries()) {
      const { verify: question } = answers[at]
      if (!question) outcomes[n] = answers[at]
      else {
        open[n].verified[question.id] = await verify(question)
        again.push(n)
      }
    }
    waiting = again
  }
  return outcomes
}
