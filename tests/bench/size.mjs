// What a bundle grows by: the Worker, every entry of the npm package, and the rivals' session checks, by the same call of esbuild.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { bundle } from './lib/bundle.mjs';
import { ENTRIES, packaged, wasm } from './lib/package.mjs';
import { FRAMEWORK, MODULES, RIVALS } from './lib/rivals.mjs';
import { say } from './lib/say.mjs';

/** @returns rows of bytes, each `{ name, js, wasm, sum }` with `{ raw, gzip, brotli }`; `beside`, whose parts a rival brings */
export async function size() {
  const rows = [];
  const [everything, one] = [await wasm('everything'), await wasm('one')];
  const add = (name, script, { module, beside } = {}) => {
    const row = { name, beside, js: weigh(script), wasm: module && weigh(module) };
    row.sum = module ? added(row.js, row.wasm) : row.js;
    rows.push(row);
    say(`  ${name.padEnd(44)} ${Object.values(row.sum).map((bytes) => String(bytes).padStart(9)).join('')}`);
  };
  add('Worker, everything', await readFile(path.join(process.env.WORKER_DIR, 'index.js')), { module: await readFile(process.env.WASM) });
  for (const [entry, brings] of Object.entries(ENTRIES)) {
    add(`edgeward/${entry.replace('-', '/')}`, await packaged('everything', { entry }), brings ? { module: everything } : {});
  }
  for (const entry of ['next', 'fetch']) add(`edgeward/${entry}, one format`, await packaged('one', { entry }), { module: one });
  for (const { title, text } of Object.values(RIVALS)) add(title, await bundle(text, { text: true, modules: MODULES }), { beside: FRAMEWORK });
  return rows;
}

/** Bytes of one file in three forms. */
const measure = (part) => ({ raw: part.length, gzip: gzipSync(part, { level: 9 }).length, brotli: brotliCompressSync(part).length });
const added = (a, b) => Object.fromEntries(Object.keys(a).map((form) => [form, a[form] + b[form]]));

const known = new WeakMap();

/** The same, once for each file: a wasm stands in many rows. */
export function weigh(part) {
  if (!known.has(part)) known.set(part, measure(part));
  return known.get(part);
}
