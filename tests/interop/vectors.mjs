// Writes tests/vectors/interop/<library>-<version>/<format>/<case>.json with the real libraries, one file per case. Every case is put to the
// library as well: what the gate opens the library opens too, and where the two differ, the case says why. Run by `cargo xtask vectors`.
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { T, at, filler } from './make/base.mjs'

const only = process.argv.slice(2)
const formats = (await readdir(new URL('make/', import.meta.url))).filter((name) => name.endsWith('.mjs') && name !== 'base.mjs')
const out = new URL('../vectors/interop/', import.meta.url)
const wanted = formats.filter((name) => only.length === 0 || only.includes(name.replace('.mjs', '')))
const faults = []
// What libraries say about broken cookies is asked for here and shown by nobody.
for (const level of ['error', 'warn', 'debug', 'info']) console[level] = () => {}
const papers = new Map()
const slug = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')

for (const file of wanted) {
  const module = await import(new URL(`make/${file}`, import.meta.url))
  for (const library of module.libraries) {
    const format = library.format ?? module.format
    const folder = `${library.library.replace('@', '').replace('/', '-')}-${library.version}`
    const rows = await at(T, () => module.make(library))
    const path = new URL(`${folder}/${format}/`, out)
    await rm(path, { recursive: true, force: true })
    await mkdir(path, { recursive: true })
    const count = { session: 0, none: 0 }
    for (const row of rows) {
      const where = `${folder}/${format}: ${row.name}`
      const pieces = row.cookies.filter(({ name }) => /(\.|__)\d+$/.test(name)).length
      if (row.chunks && pieces !== row.chunks) faults.push(`${where}: the library wrote ${pieces} chunks`)
      const subject = await at(row.now ?? T + 60, () => module.check(row, library))
      judge(where, row, subject)
      const file = new URL(`${slug(row.name)}.json`, path)
      await writeFile(file, `${JSON.stringify(vector(module, library, row, subject), null, 1)}\n`, { flag: 'wx' }).catch(({ code }) => faults.push(`${where}: ${code}`))
      count['session' in row.expect ? 'session' : 'none'] += 1
    }
    papers.set(folder, library)
    console.log(`${folder}/${format}: ${count.session} open, ${count.none} do not`)
  }
}
for (const [folder, library] of papers) await provenance(folder, library)
await writeFile(new URL('PROVENANCE.md', out), index((await readdir(out, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort()))
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`)
  process.exitCode = 1
}
process.exit()

/** What the Rust test reads: the case, and of secrets and key sets what its config names. */
function vector(module, { library, version, format }, row, subject) {
  const session = JSON.parse(JSON.stringify({ ...module.base.session, ...(format ? { format } : {}), ...row.session }))
  const named = JSON.stringify(session)
  const picked = (from, test) => from && Object.fromEntries(Object.entries(from).filter(([name]) => test(name)))
  return {
    name: row.name,
    made_by: `${library} ${version}`,
    now: row.now ?? T + 60,
    session,
    secrets: picked(module.base.secrets, (name) => named.includes(`{"env":"${name}"}`)),
    jwks: session.keys || session.secrets?.length === 0 ? undefined : picked(module.base.jwks, (url) => !session.jwks || session.jwks === url),
    cookies: row.cookies.map(({ name, value }) => (value === filler(value.length) && value.length > 20_000 ? { name, filler: value.length } : { name, value })),
    headers: row.headers,
    expect: row.expect,
    library: row.unchecked ? 'not asked' : subject === undefined ? 'refuses' : 'opens',
    stricter: row.stricter,
    laxer: row.laxer,
    note: row.note,
  }
}

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

function index(folders) {
  return `# Made by the libraries that write session cookies

- Source: the npm packages pinned in \`tests/interop/package.json\` and its lock file; each folder is named for one and has its own PROVENANCE.md
- Licence: named in each folder; the vectors are the packages' output
- Made with \`cargo xtask vectors\`, but for ory-cookiex, which no registry has; one file per case, named for the case, with its outcome

${folders.map((name) => `- ${name}`).join('\n')}
`
}

async function provenance(folder, { library, version, licence }) {
  const path = new URL(`${folder}/`, out)
  const sums = []
  for (const name of (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.json')).sort()) {
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
