// `node main.mjs [open|request|start|size …] [--quick] [--out <file>]`: runs what is named, all by default; writes JSON.
// `cargo xtask bench` sets the environment: WASM, GLUE, WORKER_DIR, WORKERD, TOOLCHAIN.

import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { open } from './open.mjs';
import { request } from './request.mjs';
import { size } from './size.mjs';
import { start } from './start.mjs';

const WHAT = {
  size: ['bytes: raw, gzip, brotli', size],
  start: ['from the spawn of workerd to the first answer', start],
  open: ['CPU per decision in workerd, and per check of the library', open],
  request: ['whole requests over keep-alive connections', request],
};

const QUICK = { open: { rounds: 2, count: 200 }, request: { rounds: 1, ms: 500 }, start: { rounds: 3 }, size: {} };

const given = process.argv.slice(2);
const at = given.indexOf('--out');
const out = at < 0 ? undefined : given.splice(at, 2)[1];
const quick = given.includes('--quick');
const wanted = given.filter((word) => word !== '--quick');
const unknown = wanted.filter((word) => !(word in WHAT));
if (unknown.length > 0) {
  console.error(`no such thing to measure: ${unknown.join(', ')}; there are ${Object.keys(WHAT).join(', ')}`);
  process.exit(2);
}

const versions = JSON.parse(await readFile(path.resolve(import.meta.dirname, '../toolchain/package.json'), 'utf8')).devDependencies;
const report = {
  machine: `${os.cpus()[0].model.trim()}, ${os.cpus().length} cores`,
  workerd: versions.workerd,
  node: process.version,
  quick,
};
for (const [name, [about, run]] of Object.entries(WHAT)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`${name}: ${about}`);
  report[name] = await run(quick ? QUICK[name] : {});
}
if (out) {
  // What is not measured this time stands as it was.
  const before = await readFile(out, 'utf8').then(JSON.parse, () => ({}));
  await writeFile(out, `${JSON.stringify({ ...before, ...report }, null, 1)}\n`);
}
