// `node main.mjs <report.json> <folder with README.md and docs>`: tables, plots and sentences, from what was measured.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { budgets } from './budgets.mjs';
import { parts } from './open.mjs';
import { bars } from './plot.mjs';
import { PLACES } from './tables.mjs';
import { one, whole } from './words.mjs';

const [from, root] = process.argv.slice(2);
const report = JSON.parse(await readFile(from, 'utf8'));

const small = (rows) => rows.filter(({ size }) => size === 500);

/** What the README shows: formats that many apps have. */
const KNOWN = ['jwt HS256', 'jwe A256GCM', 'iron-session', 'nextauth-v4', 'authjs', 'auth0', 'better-auth jwe', 'clerk', 'supabase'];

const checks = (rows) => bars('CPU per check of a small cookie, µs', rows.map((row) => [row.format, {
  'opening alone, fresh': Math.max(0, row.opening.fresh), 'whole decision, fresh': row.us.fresh.median, 'whole decision, repeated': row.us.repeated.median, 'its library': row.us.library.median,
}]));

const PLOTS = {
  open: ({ rows }) => checks(small(rows)),
  overview: ({ rows }) => checks(small(rows).filter(({ format }) => KNOWN.includes(format))),
  boundary: ({ crossing }) => bars('One crossing of a head with a 0.5 KB cookie, µs', crossing.map(({ name, us }) => [name.replaceAll('`', ''), { µs: Math.max(0, us[0]) }])),
  request: (rows) => bars('CPU per request in workerd, µs', rows.map((row) => [row.name, { 'CPU µs': row.cpu.median }])),
  start: (rows) => bars('From spawn to the first answer, ms', rows.map((row) => [row.name, { ms: row.time.median }])),
  size: (rows) => bars('Bundles, KB gzipped', rows.map((row) => [row.name, { KB: row.sum.gzip / 1_000 }])),
};

/** What the README says of it. */
function cost({ open: { rows }, size }) {
  const three = ['jwt HS256', 'iron-session', 'authjs'].map((format) => small(rows).find((row) => row.format === format));
  const beside = three.map(({ format, opening, us }) => `${format} ${one(opening.fresh)} and ${one(us.library.median)}`).join(', ');
  const all = (of) => three.map((row) => one(row.us[of].median)).join(', ');
  const worker = size.find(({ name }) => name === 'Worker, everything');
  return `Microseconds of CPU in workerd to open a fresh half-kilobyte cookie, and for its library's check: ${beside}. The gate's whole decision about them
takes ${all('fresh')}; about a value seen before ${all('repeated')}. The Worker with every format is ${whole(worker.sum.gzip / 1_000)} KB gzipped.
[docs/performance.md](docs/performance.md) has every format, whole requests, start-up, sizes, and which budgets are met.`;
}

/** A document whose places between `<!-- name -->` and `<!-- /name -->` are written. */
async function document(file, texts) {
  let text = await readFile(file, 'utf8');
  for (const [name, made] of Object.entries(texts)) {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [head, rest] = text.split(begin);
    const tail = rest?.split(end)[1];
    if (tail === undefined) throw new Error(`${file} has no place for ${name}`);
    text = `${head}${begin}\n${made}\n${end}${tail}`;
  }
  await writeFile(file, text);
}

const machine = `${report.machine}; workerd ${report.workerd}; Node ${report.node}; ${report.date}; load average of a quarter of an hour at the end ${report.load}${report.quick ? '; a quick run, whose figures mean nothing' : ''}.`;
const texts = { machine, budgets: budgets(report) };
for (const [part, places] of Object.entries(PLACES)) {
  if (report[part]) for (const [place, text] of Object.entries(places)) texts[place] = text(report[part]);
}
if (report.open && report.boundary) texts.parts = parts(report.open, report.boundary);
await document(path.join(root, 'docs/performance.md'), texts);
if (report.open && report.size) await document(path.join(root, 'README.md'), { cost: cost(report) });
const plots = path.join(root, 'docs/performance');
await mkdir(plots, { recursive: true });
for (const [name, made] of Object.entries(PLOTS)) {
  const part = report[name === 'overview' ? 'open' : name];
  if (part) await writeFile(path.join(plots, `${name}.svg`), made(part));
}
