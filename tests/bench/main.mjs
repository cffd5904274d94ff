// `node main.mjs <size|start|open|boundary|request …>`: measures what is named, into the report. `cargo xtask bench` sets the environment:
// BENCH_OUT, BENCH_QUICK, WORKERD, TOOLCHAIN, and of each build the wasm and the glue.

import { boundary } from './boundary.mjs';
import { keep } from './lib/keep.mjs';
import { say } from './lib/say.mjs';
import { open } from './open.mjs';
import { request } from './request.mjs';
import { size } from './size.mjs';
import { start } from './start.mjs';

const WHAT = {
  size: ['bytes: raw, gzip, brotli', size],
  start: ['from the spawn of workerd to the first answer', start],
  open: ['CPU per decision in workerd, and per check of the library', open],
  boundary: ['one crossing into wasm and out again', boundary],
  request: ['whole requests over keep-alive connections', request],
};

const QUICK = { open: { rounds: 1, count: 50 }, boundary: { rounds: 1, times: 1_000, calls: 200 }, request: { rounds: 1, ms: 200 }, start: { rounds: 1 }, size: {} };

const out = process.env.BENCH_OUT;
const quick = process.env.BENCH_QUICK !== undefined;
const wanted = process.argv.slice(2);

for (const [name, [about, run]] of Object.entries(WHAT)) {
  if (!wanted.includes(name)) continue;
  const begun = performance.now();
  say(`${name}: ${about}`);
  await keep(out, { [name]: await run(quick ? QUICK[name] : {}) });
  say(`  ${Math.round((performance.now() - begun) / 1_000)} s`);
}
