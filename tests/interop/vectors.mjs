// Writes tests/vectors/interop/<library>-<version>/<format>.json with the real libraries. Every case is put to the library as well: what the
// gate opens the library opens too, and where the gate refuses what the library takes, the case says why. Run by `cargo xtask vectors`.
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { T, at } from './make/base.mjs'

const only = process.argv.slice(2)
const formats = (await readdir(new URL('make/', import.meta.url))).filter((name) => name.endsWith('.mjs') && name !== 'base.mjs')
const out = new URL('../vectors/interop/', import.meta.url)
const wanted = formats.filter((name) => only.length === 0 || only.includes(name.replace('.mjs', '')))
const faults = []
// What libraries say about broken cookies is asked for here and shown by nobody.
for (const level of ['error', 'warn', 'debug', 'info']) console[level] = () => {}
const papers = new Map()

for (const file of wanted) {
  const module = await import(new URL(`make/${file}`, import.meta.url))
  for (const library of module.libraries) {
    const folder = `${library.library.replace('@', '').replace('/', '-')}-${library.version}`
    const rows = await at(T, () => module.make(library))
    const seen = new Set()
    const cases = []
    for (const row of rows) {
      const where = `${folder}/${module.format}: ${row.name}`
      if (seen.has(row.name)) faults.push(`${where}: twice`)
      seen.add(row.name)
      const pieces = row.cookies.filter(({ name }) => /(\.|__)\d+$/.test(name)).length
      if (row.chunks && pieces !== row.chunks) faults.push(`${where}: the library wrote ${pieces} chunks`)
      const now = row.now ?? T + 60
      const subject = await at(now, () => module.check(row, library))
      judge(where, row, subject)
      const { name, headers, expect, stricter, laxer, chunks, cookies } = row
      const session = { ...module.base.session, ...row.session }
      cases.push({ name, chunks, now, session, cookies, headers, expect, library: subject === undefined ? 'refuses' : 'opens', stricter, laxer })
    }
    const path = new URL(`${folder}/`, out)
    await mkdir(path, { recursive: true })
    const { secrets, keys, jwks } = module.base
    const made = { format: module.format, made_by: `${library.library} ${library.version}`, secrets, keys, jwks, cases }
    await writeFile(new URL(`${module.format}.json`, path), `${JSON.stringify(made, null, 1)}\n`)
    papers.set(folder, library)
    const count = (what) => cases.filter(({ expect }) => what in expect).length
    console.log(`${folder}/${module.format}: ${count('session')} open, ${count('none')} do not`)
  }
}
for (const [folder, library] of papers) await provenance(folder, library)
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`)
  process.exitCode = 1
}
process.exit()

/** The library must agree, or the case must say why it does not. */
function judge(where, { expect, stricter, laxer, unchecked }, subject) {
  if (unchecked) return
  if (expect.session) {
    if (laxer ? subject !== undefined : subject !== expect.session.sub) {
      faults.push(`${where}: the library says ${subject}, the case ${expect.session.sub}${laxer ? ', and that it is laxer' : ''}`)
    }
  } else if ((subject === undefined) === (stricter !== undefined)) {
    faults.push(`${where}: the library ${subject === undefined ? 'refuses it' : `opens it for ${subject}`}, the case is ${stricter ? '' : 'not '}stricter`)
  }
}

async function provenance(folder, { library, version, licence }) {
  const path = new URL(`${folder}/`, out)
  const sums = []
  for (const name of (await readdir(path)).filter((name) => name.endsWith('.json')).sort()) {
    sums.push(`${createHash('sha256').update(await readFile(new URL(name, path))).digest('hex')}  ${name}`)
  }
  const text = `# Made by ${library} ${version}

- Source: the npm package ${library} ${version}, pinned in \`tests/interop/package.json\` and its lock file
- Licence of the package: ${licence}; the vectors are its output
- Made on ${new Date(globalThis.performance.timeOrigin).toISOString().slice(0, 10)} with \`cargo xtask vectors\` (\`npm ci && node vectors.mjs\` in \`tests/interop\`), under a clock that stands
  still at 2027-01-15T08:00:00Z; keys and secrets are those of \`make/\`, salts and initialization vectors are new in every run
- \`expect\` is what the gate says; \`library\` is what the library itself said about the case; \`stricter\` and \`laxer\` give the reason where they differ

\`\`\`text
${sums.join('\n')}
\`\`\`
`
  await writeFile(new URL('PROVENANCE.md', path), text)
}
