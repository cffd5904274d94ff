// Place in docs/performance.md → the text for it, from what was measured.

import { beside, fresh, repeated } from './open.mjs';
import { one, range, table, times, two, whole } from './words.mjs';

const KB = ['at 0.5 KB', 'at 3.5 KB'];

function crossing({ crossing, sums }) {
  const share = (us, at) => `${Math.round((us / sums.sum[at]) * 100)} %`;
  const line = (name, us) => [name, ...us.flatMap((one, at) => [two(one), share(one, at)])];
  const head = ['piece', ...KB.flatMap((size) => [`µs ${size}`, 'share'])];
  return table(head, [...crossing.map(({ name, us }) => line(name, us)), line('**sum**', sums.sum), line('the whole, measured on its own', sums.whole)]);
}

const floor = ({ floor }) => table(['WebCrypto in workerd, key kept', ...KB.map((size) => `µs ${size}`)], floor.map(({ name, us }) => [name, ...us.map(two)]));

const request = (rows) => table(
  ['request', 'requests/s', 'against its floor', 'CPU µs', 'over the floor', 'p50 µs', 'p99 µs'],
  rows.map((row) => [row.name, range(row.rate), row.throughput, range(row.cpu), row.over, one(row.p50.median), one(row.p99.median)]),
);

const start = (rows) => table(
  ['Worker', 'ms to the first answer', 'over the empty one', 'first request, ms', 'second request, ms'],
  rows.map((row) => [row.name, range(row.time), row.over, range(row.first), two(row.second.median)]),
);

function size(rows) {
  const frameworks = [...new Set(rows.map(({ beside }) => beside).filter(Boolean))];
  return `${table(
    ['bundle', 'raw', 'gzip', 'brotli', 'of which JavaScript, gzip'],
    rows.map(({ name, js, sum }) => [name, ...[sum.raw, sum.gzip, sum.brotli, js.gzip].map(whole)]),
  )}

The rivals' parts are those of ${frameworks.join(', ')}.`;
}

function features(rows) {
  const none = rows.find(({ name }) => name === 'none');
  const more = (row, form) => (row === none ? '' : whole(row[form] - none[form]));
  return table(
    ['Cargo features', 'raw', 'gzip', 'brotli', 'over none, raw', 'over none, gzip'],
    rows.map((row) => [row.name, ...[row.raw, row.gzip, row.brotli].map(whole), more(row, 'raw'), more(row, 'gzip')]),
  );
}

const policy = ({ rows, ratio }) => table(
  ['rules', 'native, µs', 'wasm, µs'],
  [...rows.map(({ rules, native, wasm }) => [whole(rules), two(native), two(wasm)]), ['10,000 to 10', times(ratio.native), times(ratio.wasm)]],
);

const tunnel = ({ requests, rows, memory: { down, up } }) => `${table(
  ['request', 'Kratos itself, ms', 'a Worker that only hands on', 'the gate', 'gate, p99', 'added to Kratos', 'added to the hop'],
  rows.map(({ name, direct, bare, gate }) => [name, two(direct.median), two(bare.median), two(gate.median), two(gate.p99), two(gate.median - direct.median), two(gate.median - bare.median)]),
)}

${whole(requests)} of each in turn, on one connection that stays open. 100 MB through the tunnel, of a stand-in that sends and swallows bytes: the Worker's memory went
from ${whole(down.before)} to at most ${whole(down.peak)} MB on the way down (${one(down.seconds)} s), from ${whole(up.before)} to at most ${whole(up.peak)} MB on the way up (${one(up.seconds)} s).`;

const precise = ({ min, median, max }) => `${median} (${min} to ${max})`;
const next = ({ machine, node, version, rounds, requests, load, rows }) => `${table(
  ['Next.js, `next start`', 'ms', 'over the empty one', 'CPU µs', 'over the empty one'],
  rows.map((row) => [`\`${row.shell}.ts\`, ${row.bundler}: ${row.name}`, precise(row.ms), row.over, range(row.cpu), row.overCpu]),
)}

${machine}; Node ${node}; Next.js ${version}; ${rounds} rounds of ${requests} requests in turn; load average ${load}.`;

/** Name of the report's part → name of the place → its text. */
export const PLACES = {
  open: { fresh, repeated, beside },
  boundary: { crossing, floor },
  request: { request },
  next: { next },
  start: { start },
  size: { size },
  features: { features },
  policy: { policy },
  tunnel: { tunnel },
};
