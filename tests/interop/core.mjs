// The core at the other end of a pipe: operations in, outcomes out. EDGEWARD_INTEROP names a built binary; without it cargo builds one.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export function core(operations) {
  const binary = process.env.EDGEWARD_INTEROP
  const [command, args] = binary
    ? [binary, []]
    : ['cargo', ['run', '--quiet', '--package', 'edgeward', '--example', 'interop']]
  const run = spawnSync(command, args, {
    cwd: root,
    input: JSON.stringify(operations),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (run.error) throw run.error
  if (run.status !== 0) throw new Error(`${command} ended with ${run.status}: ${run.stderr}`)
  return JSON.parse(run.stdout)
}

export const b64u = (bytes) => Buffer.from(bytes).toString('base64url')
export const bytes = (length) => crypto.getRandomValues(new Uint8Array(length))
