// Times match and decide in wasm: `node policy.mjs <wasm>`. Nanoseconds a decision: the least of many short rounds, and their median. The
// sizes take turns, so that whatever else the machine does meets all of them.

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
  console.log(`${String(rules).padStart(6)} rules  least ${rounds[0].toFixed(0)} ns, median ${rounds[ROUNDS >> 1].toFixed(0)} ns`);
}
console.log(`10 to 10,000: ${(sizes.at(-1).rounds[0] / sizes[0].rounds[0]).toFixed(2)} times`);
