// Times match and decide: `node policy.mjs <wasm> [<native binary>]`. Nanoseconds a decision: the least of many short rounds, and their
// median. The sizes take turns, so that whatever else the machine does meets all of them. With BENCH_OUT both go into the report.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TIMES = 1_024;
const ROUNDS = 400;
const SIZES = [10, 100, 1_000, 10_000];
const module = await WebAssembly.compile(readFileSync(process.argv[2]));

const sizes = await Promise.all(
  SIZES.map(async (rules) => {
    const { load, run } = (await WebAssembly.instantiate(module)).exports;
    load(rules);
    return { rules, run, rounds: [] };
  }),
);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const { rules, run, rounds } of sizes) {
    const begun = process.hrtime.bigint();
    if (run(TIMES) !== TIMES) throw new Error(`${rules} rules: not everybody came in`);
    rounds.push(Number(process.hrtime.bigint() - begun) / TIMES);
  }
}
for (const { rules, rounds } of sizes) {
  rounds.sort((a, b) => a - b);
  console.error(`${String(rules).padStart(6)} rules  least ${rounds[0].toFixed(0)} ns, median ${rounds[ROUNDS >> 1].toFixed(0)} ns`);
}
console.error(`10 to 10,000: ${(sizes.at(-1).rounds[0] / sizes[0].rounds[0]).toFixed(2)} times`);

const [native, out] = [process.argv[3], process.env.BENCH_OUT];
if (native && out) {
  const { keep } = await import('../../tests/bench/lib/keep.mjs');
  const lines = execFileSync(native, { encoding: 'utf8' }).trim().split('\n');
  const least = new Map(lines.map((line) => line.split(' ').map(Number)));
  const rows = sizes.map(({ rules, rounds }) => ({ rules, native: least.get(rules) / 1_000, wasm: rounds[0] / 1_000 }));
  const ratio = (of) => rows.at(-1)[of] / rows[0][of];
  for (const { rules, native } of rows) console.error(`${String(rules).padStart(6)} rules  natively ${(native * 1_000).toFixed(0)} ns`);
  await keep(out, { policy: { rows, ratio: { native: ratio('native'), wasm: ratio('wasm') } } });
}
