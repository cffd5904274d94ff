// `node features.mjs <builds.json>`: what the builds of `cargo xtask bench features` weigh, each `{ name, wasm }`, into the report.

import { readFile } from 'node:fs/promises';

import { keep } from './lib/keep.mjs';
import { say } from './lib/say.mjs';
import { weigh } from './size.mjs';

const rows = [];
for (const { name, wasm } of JSON.parse(await readFile(process.argv[2], 'utf8'))) {
  const row = { name, ...weigh(await readFile(wasm)) };
  rows.push(row);
  say(`  ${name.padEnd(34)} ${[row.raw, row.gzip, row.brotli].map((bytes) => String(bytes).padStart(8)).join('')}`);
}
await keep(process.env.BENCH_OUT, { features: rows });
