// A budget is met, or missed by so much: rows of measurements and what is said of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { budgets, judged } from './budgets.mjs';
import { fresh } from './open.mjs';

const opened = (format, size, times) => ({
  format, size, bytes: size, peer: 'x', least: 0.5, wall: {}, opening: { fresh: 1, repeated: 1 },
  us: Object.fromEntries(['fresh', 'repeated', 'around', 'library', 'libraryRepeated'].map((name) => [name, { min: 1, median: 1, max: 1 }])),
  whole: { fresh: times / 2, repeated: times / 2 }, alone: { fresh: times, repeated: times },
});
const throughput = (name, share) => ({ name, throughput: share });
const weight = (name, gzip) => ({ name, sum: { gzip } });

/** report → the budget's name, and what its line has to say */
const ROWS = [
  [{ open: { rows: [opened('jwt HS256', 500, 5)] } }, 'HS256, 0.5 KB', /5\.00 × \| met \| 2\.50 ×, \*\*missed\*\* by 50 % \|$/],
  [{ open: { rows: [opened('jwt HS256', 500, 4.9)] } }, 'HS256, 0.5 KB', /\| \*\*missed\*\* by 2 % \|/],
  [{ open: { rows: [opened('jwt HS256', 500, 0.5)] } }, 'HS256, 0.5 KB', /\| \*\*missed\*\* by a factor of 10 \|/],
  [{ open: { rows: [opened('authjs', 500, 9), opened('iron-session', 500, 3)] } }, 'iron and A256CBC-HS512', /3\.00 × \(iron-session, 500 B\) \| \*\*missed\*\* by 25 %/],
  [{ open: { rows: [opened('a', 3_500, 2), opened('b', 3_500, 1.6), opened('c', 500, 0.1)] } }, 'every format at 3.5 KB', /1\.60 × \(b, 3500 B\) \| met/],
  [{ open: { rows: [opened('a', 3_500, 20), opened('b', 500, 9)] } }, 'every format, repeated', /9\.00 × \(b, 500 B\) \| \*\*missed\*\* by 10 %/],
  [{ request: [throughput('JS entry, HS256, fresh', 0.75)] }, 'throughput, JS entry, HS256, fresh', /0\.75 \| met/],
  [{ request: [throughput('JS entry, redirect without a cookie', 0.34)] }, 'throughput, JS entry, redirect', /\| \*\*missed\*\* by a factor of 2\.5/],
  [{ start: [{ name: 'JS entry, everything', over: 5 }] }, 'start over the empty Worker', /5\.0 ms \| met/],
  [{ start: [{ name: 'JS entry, everything', over: -0.3 }] }, 'start over the empty Worker', /-0\.3 ms \| met/],
  [{ start: [{ name: 'JS entry, everything', over: 6.25 }] }, 'start over the empty Worker', /\| \*\*missed\*\* by 20 %/],
  [{ size: [weight('Worker, everything', 300_000)] }, 'Worker, everything |', /300,000 bytes gzipped \| met/],
  [{ size: [weight('Worker, everything', 299_000)] }, 'Worker, everything, the design', /299,000 bytes gzipped \| \*\*missed\*\* by a factor of 2\.3/],
  [{ size: [weight('Worker, everything', 130_000), weight('edgeward/next', 92_001)] }, 'edgeward/next', /92,001 bytes gzipped \| \*\*missed\*\* by less than 1 %/],
  [{ policy: { ratio: { wasm: 1.5, native: 9 } } }, 'matching', /1\.50 × \| met/],
  [{ tunnel: { rows: [{ direct: { median: 1 }, gate: { median: 1.4 } }, { direct: { median: 1 }, gate: { median: 3 } }] } }, 'tunnel', /2\.00 ms \| \*\*missed\*\* by 50 %/],
];

test('what is said of a budget', () => {
  for (const [report, name, said] of ROWS) {
    const line = budgets(report).split('\n').find((line) => line.startsWith(`| ${name}`));
    assert.match(line ?? '', said, name);
  }
});

test('nothing is said of what was not measured', () => {
  assert.deepEqual(judged({}), []);
  assert.match(budgets({}), /^0 of 0 budgets are met\./);
  assert.deepEqual(judged({ open: { rows: [] }, request: [], start: [], size: [] }), []);
});

test('a budget over a difference within the noise says so', () => {
  const row = { ...opened('jwt HS256', 500, 6), opening: { fresh: 0.1, repeated: 0.1 } };
  assert.match(budgets({ open: { rows: [row] } }), /\| ≥ 6\.00 × \| met/);
});

test('a ratio over a difference within the noise says "at least"', () => {
  const row = { ...opened('a', 500, 40), opening: { fresh: 0.2, repeated: 0.2 } };
  assert.match(fresh({ rows: [row] }), /\| 0\.2 \|.*≥ 40 × \|$/m);
  assert.doesNotMatch(fresh({ rows: [opened('a', 500, 40)] }), /≥/);
});
