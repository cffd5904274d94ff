// Opening a session in workerd: the gate's whole decision, the same without the session, and the library's own check.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { FORMATS, environment, headers } from './formats/index.mjs';
import { bundle } from './lib/bundle.mjs';
import { say } from './lib/say.mjs';
import { alternate, round, spread } from './lib/stats.mjs';
import { cpu, workerd } from './lib/workerd.mjs';

const SIZES = [500, 3_500];
/** What no run tells from nothing, in microseconds; a restless one tells less. */
const LEAST = 0.5;

const RUNS = {
  fresh: ['gate', 'fresh'],
  repeated: ['gate', 'repeated'],
  around: ['around', 'fresh'],
  library: ['library', 'fresh'],
  libraryRepeated: ['library', 'repeated'],
};

/** @returns `{ rows }`: a format at a size, with µs of CPU and of wall time a check, and how many times the library's it is */
export async function open({ rounds = 7, count = 400, formats = Object.keys(FORMATS) } = {}) {
  const rows = [];
  for (const format of formats) {
    const opener = path.join(import.meta.dirname, 'workers/openers', `${FORMATS[format].opener}.mjs`);
    const worker = await workerd({
      'open.js': await bundle(path.join(import.meta.dirname, 'workers/open.mjs'), { alias: { opener } }),
      'edgeward.wasm': await readFile(process.env.WASM),
    });
    try {
      for (const size of SIZES) rows.push(await row(worker, format, size, { rounds, count }));
    } finally {
      await worker.stop();
    }
  }
  return { rows };
}

async function row(worker, format, size, { rounds, count }) {
  const made = FORMATS[format];
  const values = await headers(made, size, count);
  const env = { ...environment(made), ...made.library };
  await ask(worker, '/load', JSON.stringify({ values, env, field: made.bearer ? 'authorization' : 'cookie' }));
  const found = await alternate(RUNS, rounds, async ([who, mode]) => {
    if (who !== 'library') await ask(worker, '/fresh');
    return timed(worker, `/run?who=${who}&mode=${mode}`, count);
  });
  const us = Object.fromEntries(Object.keys(RUNS).map((name) => [name, spread(found[name].map((run) => run.cpu))]));
  const wall = Object.fromEntries(Object.keys(RUNS).map((name) => [name, round(spread(found[name].map((run) => run.wall)).median)]));
  const whole = { fresh: us.library.median / us.fresh.median, repeated: us.libraryRepeated.median / us.repeated.median };
  const opening = { fresh: us.fresh.median - us.around.median, repeated: us.repeated.median - us.around.median };
  const least = Math.max(LEAST, us.around.median - us.around.min);
  const alone = { fresh: us.library.median / Math.max(least, opening.fresh), repeated: us.libraryRepeated.median / Math.max(least, opening.repeated) };
  say(`  ${format.padEnd(20)} ${String(values[0].length).padStart(5)} B  fresh ${round(us.fresh.median)} µs, opening ${round(opening.fresh)}, library ${round(us.library.median)}: ${round(whole.fresh, 2)} ×, ${round(alone.fresh, 2)} ×; repeated ${round(us.repeated.median)}, ${round(opening.repeated)}, ${round(us.libraryRepeated.median)}: ${round(whole.repeated, 2)} ×, ${round(alone.repeated, 2)} ×`);
  return { format, peer: made.peer, size, bytes: values[0].length, us, wall, opening, whole, alone, least };
}

async function ask(worker, target, body) {
  const answer = await fetch(`http://127.0.0.1:${worker.port}${target}`, body ? { method: 'POST', body } : {});
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${await answer.text()}`);
}

/** Microseconds of CPU and of wall time, for each of `count`. */
async function timed(worker, target, count) {
  const [before, begun] = [await cpu(worker.pid), performance.now()];
  await ask(worker, target);
  const wall = performance.now() - begun;
  return { cpu: ((await cpu(worker.pid)) - before) / count / 1_000, wall: (wall * 1_000) / count };
}
