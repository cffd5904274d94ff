// From the spawn of workerd to the first answer, over the same for an empty Worker; and the first request alone, beside the second.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { FORMATS, environment } from './formats/index.mjs';
import { bundle } from './lib/bundle.mjs';
import { packaged, wasm } from './lib/package.mjs';
import { MODULES, RIVALS } from './lib/rivals.mjs';
import { say } from './lib/say.mjs';
import { alternate, round, spread } from './lib/stats.mjs';
import { workerd } from './lib/workerd.mjs';

const here = (name) => path.join(import.meta.dirname, 'workers', name);
const EMPTY = 'empty Worker';

/** @returns rows: milliseconds to the first answer, of the first request and of the second */
export async function start({ rounds = 15 } = {}) {
  const things = await workers();
  const found = await alternate(things, rounds, async ([modules, options]) => {
    const worker = await workerd(modules, options);
    const second = await worker.asked();
    await worker.stop();
    return { whole: worker.started, first: worker.first, second };
  });
  const of = (name, member) => spread(found[name].map((run) => run[member]));
  return Object.keys(things).map((name) => {
    const row = { name, time: of(name, 'whole'), first: of(name, 'first'), second: of(name, 'second') };
    row.over = round(row.time.median - of(EMPTY, 'whole').median);
    say(`  ${name.padEnd(36)} ${round(row.time.median)} ms (+${row.over}), ${round(row.time.min)} to ${round(row.time.max)}; first request ${round(row.first.median)} ms, second ${round(row.second.median)} ms`);
    return row;
  });
}

/** Name → modules and options of a Worker. The gate's answer their first request; the rivals' are loaded, and answer it with nothing. */
async function workers() {
  const bindings = environment(FORMATS['jwt HS256']);
  const entry = async (build) => [{ 'entry.js': await packaged(build, { worker: here('entry.mjs') }), 'edgeward.wasm': await wasm(build) }, { bindings }];
  const built = { 'index.js': await readFile(path.join(process.env.WORKER_DIR, 'index.js')), 'edgeward.wasm': await readFile(process.env.WASM) };
  const empty = { 'empty.js': await readFile(here('empty.mjs')) };
  const things = {
    [EMPTY]: [empty, {}],
    'JS entry, one format': await entry('one'),
    'JS entry, everything': await entry('everything'),
    'wrangler Worker, everything': [built, { bindings }],
  };
  for (const { title, text } of Object.values(RIVALS)) things[title] = [{ 'a.js': await loaded(text, MODULES) }, {}];
  things['better-auth, getCookieCache'] = [{ 'a.js': await loaded("import { getCookieCache } from 'better-auth/cookies'; export default getCookieCache;") }, {}];
  return things;
}

/** A Worker around a middleware: it holds on to it and does nothing. */
function loaded(text, modules) {
  const held = text.replace('export default', 'const used =');
  return bundle(`${held}\nexport default { fetch: () => new Response(typeof used) };`, { text: true, modules });
}
