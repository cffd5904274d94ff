// Opening a session in workerd: the whole decision of the gate beside the library's own check, for each format and size.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { bundle } from './lib/bundle.mjs';
import { alternate, round, spread } from './lib/stats.mjs';
import { cpu, workerd } from './lib/workerd.mjs';
import { FORMATS, cookies, document } from './values.mjs';

const SIZES = [500, 3500];

export async function open({ rounds = 5, count = 600, formats = Object.keys(FORMATS) } = {}) {
  const worker = await workerd(await modules());
  const ask = async (target, body) => {
    const answer = await fetch(`http://127.0.0.1:${worker.port}${target}`, body ? { method: 'POST', body } : {});
    if (!answer.ok) throw new Error(`${target}: ${answer.status} ${await answer.text()}`);
  };
  const timed = async (target) => {
    const before = await cpu(worker.pid);
    await ask(target);
    return (await cpu(worker.pid)) - before;
  };
  const rows = [];
  try {
    for (const format of formats) {
      const { peer, session, secrets } = FORMATS[format];
      for (const size of SIZES) {
        const values = await cookies(format, size, count);
        await ask('/load', JSON.stringify({ values, format, env: { ...secrets, EDGEWARD: document(session) } }));
        const runs = {
          ours: ['ours', 'fresh'],
          library: ['library', 'fresh'],
          oursRepeated: ['ours', 'repeated'],
          libraryRepeated: ['library', 'repeated'],
        };
        const found = await alternate(runs, rounds, async ([who, mode]) => {
          if (who === 'ours') await ask('/fresh');
          return (await timed(`/run?who=${who}&mode=${mode}`)) / count / 1000;
        });
        const [ours, library, again, libraryAgain] = Object.keys(runs).map((name) => spread(found[name]));
        const row = {
          format, peer, size, bytes: values[0].length, ours, library, again, libraryAgain,
          fresh: round(library.median / ours.median, 2), repeated: round(libraryAgain.median / again.median, 2),
        };
        rows.push(row);
        console.log(`  ${format.padEnd(18)} ${String(row.bytes).padStart(5)} B  ours ${round(ours.median)} µs  library ${round(library.median)} µs  ${row.fresh} ×; repeated ${round(again.median)} µs, ${row.repeated} ×`);
      }
    }
    await ask('/fresh');
    const boundary = await alternate({ boundary: 1, nothing: 1 }, rounds, async (_, name) => (await timed(`/run?who=${name}`)) / count / 1000);
    return { rows, boundary: spread(boundary.boundary), call: spread(boundary.nothing) };
  } finally {
    await worker.stop();
  }
}

async function modules() {
  return {
    'open.js': await bundle(path.join(import.meta.dirname, 'workers/open.mjs')),
    'edgeward.wasm': await readFile(process.env.WASM),
  };
}
