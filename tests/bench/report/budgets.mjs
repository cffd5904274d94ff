// Each budget beside what was measured.

import { one, table, times, two, whole } from './words.mjs';

const find = (rows, name) => rows.find((row) => row.name === name);
const least = (rows, of) => rows.reduce((a, b) => (of(b) < of(a) ? b : a));

/** Of rows of `open`: the one that is nearest to its library, whole and opening alone. */
function ratios(what, budget, rows, mode) {
  if (rows.length === 0) return [];
  const alone = least(rows, (row) => row.alone[mode]);
  const all = least(rows, (row) => row.whole[mode]);
  const named = (row) => (rows.length === 1 ? '' : ` (${row.format}, ${row.bytes} B)`);
  return [{ what, budget: `≥ ${times(budget)}`, measured: `${alone.opening[mode] < alone.least ? '≥ ' : ''}${times(alone.alone[mode])}${named(alone)}`, share: alone.alone[mode] / budget, whole: `${times(all.whole[mode])}${named(all)}, ${verdict(all.whole[mode] / budget)}` }];
}

function opened({ rows }) {
  const at = (size, ...formats) => rows.filter((row) => row.size === size && (formats.length === 0 || formats.includes(row.format)));
  return [
    ...ratios('HS256, 0.5 KB, fresh, beside jose', 5, at(500, 'jwt HS256'), 'fresh'),
    ...ratios('A256GCM, 0.5 KB, fresh, beside jose', 2.5, at(500, 'jwe A256GCM'), 'fresh'),
    ...ratios('iron and A256CBC-HS512 formats, 0.5 KB, fresh; the least', 4, at(500, 'iron-session', 'jwe A256CBC-HS512', 'authjs', 'better-auth jwe'), 'fresh'),
    ...ratios('every format at 3.5 KB, fresh; the least', 1.5, at(3_500), 'fresh'),
    ...ratios('every format, repeated; the least', 10, rows, 'repeated'),
  ];
}

function requested(rows) {
  const throughput = (name, budget) => {
    const row = find(rows, name);
    return row ? [{ what: `throughput, ${name}`, budget: `≥ ${two(budget)} of its floor`, measured: two(row.throughput), share: row.throughput / budget }] : [];
  };
  return [
    ...throughput('JS entry, HS256, fresh', 0.75),
    ...throughput('JS entry, own format, fresh', 0.7),
    ...throughput('JS entry, HS256, repeated', 0.8),
    ...throughput('JS entry, redirect without a cookie', 0.85),
    ...throughput('wrangler Worker, HS256, fresh, to the app', 0.75),
    ...throughput('wrangler Worker, own format, fresh, to the app', 0.7),
    ...throughput('wrangler Worker, HS256, repeated, to the app', 0.8),
    ...throughput('wrangler Worker, redirect without a cookie', 0.85),
  ];
}

const most = (what, budget, measured, shown) => ({ what, budget: `≤ ${shown(budget)}`, measured: shown(measured), share: budget / Math.max(measured, 1e-9) });
const ms = (number) => `${one(number)} ms`;
const gzipped = (bytes) => `${whole(bytes)} bytes gzipped`;

const started = (rows) => [['JS entry, one format', 3], ['JS entry, everything', 5], ['wrangler Worker, everything', 7]]
  .filter(([name]) => find(rows, name))
  .map(([name, budget]) => most(`start over the empty Worker, ${name}`, budget, find(rows, name).over, ms));

/** What the figure is, the weight that it is for, and the figure: ARCHITECTURE.md says why the Worker has two. */
const WEIGHTS = [
  ['Worker, everything', 'Worker, everything', 300_000],
  ["Worker, everything, the design's first figure", 'Worker, everything', 130_000],
  ['edgeward/next', 'edgeward/next', 92_000],
  ['edgeward/next, one format', 'edgeward/next, one format', 50_000],
];

const weighed = (rows) => WEIGHTS
  .filter(([, name]) => find(rows, name))
  .map(([what, name, budget]) => most(what, budget, find(rows, name).sum.gzip, gzipped));

const matched = ({ ratio }) => [most('matching, 10,000 rules to 10, wasm', 1.5, ratio.wasm, times)];

function tunnelled({ rows }) {
  const added = Math.max(...rows.map(({ gate, direct }) => gate.median - direct.median));
  return [most('tunnel over Kratos itself, median; the most', 1, added, (number) => `${two(number)} ms`)];
}

const JUDGES = { open: opened, request: requested, start: started, size: weighed, policy: matched, tunnel: tunnelled };

/** How far a measured share of a budget is from it. */
function verdict(share) {
  if (share >= 1) return 'met';
  if (share < 0.5) return `**missed** by a factor of ${one(1 / share)}`;
  const percent = Math.round((1 - share) * 100);
  return `**missed** by ${percent === 0 ? 'less than 1' : percent} %`;
}

/** Every budget that the report has a measurement for: `{ what, budget, measured, share, whole? }`. */
export const judged = (report) => Object.entries(JUDGES).flatMap(([name, judge]) => (report[name] ? judge(report[name]) : []));

export function budgets(report) {
  const rows = judged(report);
  const met = rows.filter(({ share }) => share >= 1).length;
  return `${met} of ${rows.length} budgets are met.

${table(['budget', 'at least, or at most', 'measured', '', 'the whole decision instead of the opening'], rows.map((row) => [row.what, row.budget, row.measured, verdict(row.share), row.whole ?? '']), 5)}`;
}
