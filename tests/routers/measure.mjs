// Sends every target of the vectors by raw socket and writes which page was served: `node measure.mjs <name of an origin>`.
import { readFileSync, writeFileSync } from 'node:fs';

import { start } from './origins.mjs';
import { each, page } from './wire.mjs';

const [name] = process.argv.slice(2);
const vectors = new URL('../vectors/routers/', import.meta.url);
const targets = readFileSync(new URL('targets.txt', vectors), 'latin1').split('\n').filter(Boolean);
const origin = await start(name);
const pages = await each(targets, (target) => page(origin.port, target.replace('BUILD', origin.buildId)));
await origin.stop();
const rows = targets.flatMap((target, at) => (pages[at] ? [`${target}\t${pages[at]}\n`] : []));
writeFileSync(new URL(`${name}.tsv`, vectors), rows.join(''));
console.log(`${name}: ${rows.length} of ${targets.length} targets served a page`);
