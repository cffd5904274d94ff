// Times match and decide in wasm: `node policy.mjs <wasm>`. The median of 31 rounds, in nanoseconds a decision.

import { readFileSync } from 'node:fs';

const TIMES = 20_000;
const ROUNDS = 31;
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
const { load, run } = instance.exports;

function measured(rules) {
  load(rules);
  if (run(TIMES) !== TIMES) throw new Error(`${rules} rules: not everybody came in`);
  const rounds = Array.from({ length: ROUNDS }, () => {
    const begun = process.hrtime.bigint();
    run(TIMES);
    return Number(process.hrtime.bigint() - begun) / TIMES;
  });
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1];
}

const figures = [10, 100, 1_000, 10_000].map((rules) => [rules, measured(rules)]);
for (const [rules, ns] of figures) console.log(`${String(rules).padStart(6)} rules  ${ns.toFixed(0)} ns`);
console.log(`10 to 10,000: ${(figures.at(-1)[1] / figures[0][1]).toFixed(2)} times`);
