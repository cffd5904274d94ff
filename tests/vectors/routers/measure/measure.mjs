// Sends every target of ../targets.txt by raw socket and writes which page was served:
// `node measure.mjs <port> <build id or -> <out.tsv>`.
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'

const [port, build, out] = process.argv.slice(2)
const targets = readFileSync(new URL('../targets.txt', import.meta.url), 'latin1').split('\n').filter(Boolean)

const ask = (target) =>
  new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    const parts = []
    socket.setTimeout(20_000, () => socket.destroy())
    socket.on('data', (part) => parts.push(part))
    socket.on('error', () => {})
    socket.on('close', () => {
      const page = Buffer.concat(parts).toString('latin1').match(/PAGE (\S+) /)?.[1]
      resolve(page && `${target}\t${page}`)
    })
    const line = `GET ${target.replace('BUILD', build)} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`
    socket.on('connect', () => socket.write(Buffer.from(line, 'latin1')))
  })

const rows = []
let next = 0
const worker = async () => {
  while (next < targets.length) {
    const at = next++
    rows[at] = await ask(targets[at])
  }
}
await Promise.all(Array.from({ length: 8 }, worker))
writeFileSync(out, rows.filter(Boolean).join('\n') + '\n')
console.log(`${out}: ${rows.filter(Boolean).length} of ${targets.length} targets served a page`)
