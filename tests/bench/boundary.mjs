// What one request's crossing into wasm costs and what it is made of; and what the runtime's own cryptography takes.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { FORMATS, environment } from './formats/index.mjs';
import { bundle } from './lib/bundle.mjs';
import { once, view } from './lib/load.mjs';
import { say } from './lib/say.mjs';
import { alternate, round, spread } from './lib/stats.mjs';
import { cpu, workerd } from './lib/workerd.mjs';

const SIZES = [500, 3_500];
const PIECES = ['nothing', 'clock', 'line', 'walk', 'text', 'random', 'encoded', 'call', 'begun', 'decoded', 'split', 'frame', 'whole'];
const FLOORS = ['await', 'importKey, HMAC', 'HMAC-SHA256 verify', 'AES-256-GCM decrypt', 'AES-256-CBC decrypt', 'HKDF-SHA256', 'RS256 verify', 'ES256 verify'];

/** What a browser sends with a page view, beside what `view` has. */
const BROWSER = [
  ['Accept-Encoding', 'gzip, deflate, br'],
  ['Cache-Control', 'max-age=0'],
  ['Referer', 'http://localhost/app/reports'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-User', '?1'],
  ['Upgrade-Insecure-Requests', '1'],
];

/** @returns `{ crossing, floor }`: rows of microseconds, one for each size */
export async function boundary({ rounds = 5, times = 10_000, calls = 2_000 } = {}) {
  const { crossing, sums } = await crossed(rounds, times);
  return { crossing, sums, floor: await floors(rounds, calls) };
}

async function crossed(rounds, times) {
  const modules = { 'boundary.js': await bundle(here('boundary.mjs')), 'edgeward.wasm': await readFile(process.env.WASM) };
  const worker = await workerd(modules, { bindings: environment(FORMATS['jwt HS256']) });
  try {
    const found = [];
    for (const size of SIZES) {
      const headers = [...BROWSER, ['Cookie', `other=${'x'.repeat(size)}`]];
      const pieces = Object.fromEntries(PIECES.map((piece) => [piece, view(`/public/a?piece=${piece}&times=${times}`, headers)]));
      const runs = await alternate(pieces, rounds, (bytes) => timed(worker, bytes, times));
      found.push(Object.fromEntries(PIECES.map((piece) => [piece, spread(runs[piece]).median])));
    }
    return told(found);
  } finally {
    await worker.stop();
  }
}

/** What each part adds to the one that it stands on. */
const PARTS = [
  ['method and URL, read from the request', ({ line, nothing }) => line - nothing],
  ['the walk over the header fields', ({ walk, nothing }) => walk - nothing],
  ['joining them to one text', ({ text, line, walk, nothing }) => text - line - walk + nothing],
  ['`encodeInto` wasm memory', ({ encoded, text }) => encoded - text],
  ['random bytes from the pool', ({ random, nothing }) => random - nothing],
  ['the clock', ({ clock, nothing }) => clock - nothing],
  ['two calls that find nothing to do', ({ call, nothing }) => 2 * (call - nothing)],
  ['inside: reading the head, path, rule, frame', ({ begun, random, clock, call, nothing }) => begun - random - clock - 2 * call + 3 * nothing],
  ['`TextDecoder` over the frame', ({ decoded, nothing }) => decoded - nothing],
  ['its split into fields', ({ split, nothing }) => split - nothing],
  ['the rest of the frame', ({ frame, decoded, split, nothing }) => frame - decoded - split + nothing],
];

function told(found) {
  const crossing = PARTS.map(([name, part]) => ({ name, us: found.map(part) }));
  const sum = found.map((_, at) => crossing.reduce((total, { us }) => total + us[at], 0));
  const whole = found.map(({ whole, nothing }) => whole - nothing);
  for (const { name, us } of crossing) say(`  ${name.padEnd(46)} ${us.map((one) => round(one, 2)).join('  ')} µs`);
  say(`  ${'sum'.padEnd(46)} ${sum.map((one) => round(one, 2)).join('  ')}; measured whole ${whole.map((one) => round(one, 2)).join('  ')} µs`);
  return { crossing, sums: { sum, whole } };
}

async function floors(rounds, calls) {
  const worker = await workerd({ 'floor.js': await readFile(here('floor.mjs')) });
  try {
    const rows = [];
    for (const name of FLOORS) {
      const sizes = Object.fromEntries(SIZES.map((bytes) => [bytes, view(`/?piece=${encodeURIComponent(name)}&bytes=${bytes}&times=${calls}`)]));
      const runs = await alternate(sizes, rounds, (bytes) => timed(worker, bytes, calls));
      const us = SIZES.map((bytes) => spread(runs[bytes]).median);
      rows.push({ name, us });
      say(`  ${name.padEnd(46)} ${us.map((one) => round(one, 2)).join('  ')} µs`);
    }
    return rows;
  } finally {
    await worker.stop();
  }
}

/** Microseconds of CPU for each of `times`. */
async function timed(worker, bytes, times) {
  const before = await cpu(worker.pid);
  await once(worker.port, bytes, 200);
  return ((await cpu(worker.pid)) - before) / times / 1_000;
}

const here = (name) => path.join(import.meta.dirname, 'workers', name);
