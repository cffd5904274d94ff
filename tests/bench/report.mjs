// `node report.mjs <report.json> <docs folder>`: the tables of docs/performance.md and its plots, from what was measured.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { bars } from './lib/plot.mjs';

const [from, docs] = process.argv.slice(2);
const report = JSON.parse(await readFile(from, 'utf8'));
const one = (number) => (number < 10 ? number.toFixed(1) : Math.round(number).toLocaleString('en'));
const range = ({ min, median, max }) => `${one(median)} (${one(min)} to ${one(max)})`;
const precise = ({ min, median, max }) => `${median} (${min} to ${max})`;
const table = (head, rows) => [`| ${head.join(' | ')} |`, `| ${head.map((_, n) => (n === 0 ? '---' : '---:')).join(' | ')} |`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');

const SECTIONS = {
  open: ({ rows, boundary, call }) => `${table(
    ['format', 'bytes', 'gate, fresh', 'library', 'ratio', 'gate, repeated', 'ratio', 'library'],
    rows.map((row) => [row.format, row.bytes, range(row.ours), range(row.library), `${row.fresh} ×`, range(row.again), `${row.repeated} ×`, row.peer]),
  )}

The same without any session, on a public route: ${range(boundary)} µs; a call into wasm that finds nothing to do: ${range(call)} µs.`,
  request: (rows) => table(
    ['request', 'requests/s', 'against its floor', 'CPU µs', 'over the floor', 'p50 µs', 'p99 µs'],
    rows.map((row) => [row.name, range(row.rate), row.throughput, range(row.cpu), row.over, one(row.p50.median), one(row.p99.median)]),
  ),
  start: (rows) => table(['Worker', 'ms', 'over the empty one'], rows.map((row) => [row.name, range(row.time), row.over])),
  next: ({ machine, node, version, rounds, requests, load, rows }) => `${table(
    ['Next.js, `next start`', 'ms', 'over the empty one', 'CPU µs', 'over the empty one'],
    rows.map((row) => [`${row.shell === 'proxy' ? '`proxy.ts`' : '`middleware.ts`'}, ${row.bundler}: ${row.name}`, precise(row.ms), row.over, range(row.cpu), row.overCpu]),
  )}

${machine}; Node ${node}; Next.js ${version}; ${rounds} rounds of ${requests} requests in turn; load average ${load}.`,
  size: (rows) => table(['bundle', 'raw', 'gzip', 'brotli'], rows.map((row) => [row.name, ...[row.raw, row.gzip, row.brotli].map((bytes) => bytes.toLocaleString('en'))])),
};

const PLOTS = {
  open: ({ rows }) => bars('CPU per check of a 0.5 KB cookie, µs', rows.filter(({ size }) => size === 500).map((row) => [row.format, { 'gate, fresh': row.ours.median, 'gate, repeated': row.again.median, library: row.library.median }])),
  request: (rows) => bars('CPU per request in workerd, µs', rows.map((row) => [row.name, { 'CPU µs': row.cpu.median }])),
  start: (rows) => bars('From spawn to the first answer, ms', rows.map((row) => [row.name, { ms: row.time.median }])),
};

const file = path.join(docs, 'performance.md');
let text = await readFile(file, 'utf8');
const put = (name, made) => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [head, rest] = text.split(begin);
  const tail = rest?.split(end)[1];
  if (tail === undefined) throw new Error(`docs/performance.md has no place for ${name}`);
  text = `${head}${begin}\n${made}\n${end}${tail}`;
};
if (report.machine) put('machine', `${report.machine}; workerd ${report.workerd}; Node ${report.node}${report.quick ? '; a quick run' : ''}.`);
for (const [name, made] of Object.entries(SECTIONS)) if (report[name]) put(name, made(report[name]));
await writeFile(file, text);
await mkdir(path.join(docs, 'performance'), { recursive: true });
for (const [name, made] of Object.entries(PLOTS)) if (report[name]) await writeFile(path.join(docs, 'performance', `${name}.svg`), made(report[name]));
