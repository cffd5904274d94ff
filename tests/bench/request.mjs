// Whole requests through workerd: the gate beside an empty Worker and beside the same decision written with a library.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { bundle } from './lib/bundle.mjs';
import { load, view } from './lib/load.mjs';
import { alternate, quantile, round, spread } from './lib/stats.mjs';
import { cpu, workerd } from './lib/workerd.mjs';
import { FORMATS, cookies, document } from './values.mjs';

const here = (name) => path.join(import.meta.dirname, 'workers', name);
const VALUES = 3_000;

/** @returns rows: what was sent, through what; requests a second, latency, CPU per request, and both against the floor */
export async function request({ rounds = 3, ms = 2_000 } = {}) {
  const wasm = await readFile(process.env.WASM);
  const source = await bundle(here('guarded.mjs'));
  const decide = { 'decide.js': await bundle(here('decide.mjs')), 'edgeward.wasm': wasm };
  const built = { 'index.js': await readFile(path.join(process.env.WORKER_DIR, 'index.js')), 'edgeward.wasm': wasm };
  const env = (format) => ({ EDGEWARD: document(FORMATS[format].session), ...FORMATS[format].secrets });
  const app = { services: { 'app.service.js': await readFile(here('app.mjs')) } };
  const hs = await cookies('jwt HS256', 500, VALUES);
  const iron = await cookies('iron-session', 500, VALUES);

  const workers = {
    floor: await workerd({ 'empty.js': await readFile(here('empty.mjs')) }),
    through: await workerd({ 'through.js': await readFile(here('through.mjs')) }, app),
    gate: await workerd(decide, { bindings: env('jwt HS256') }),
    gateIron: await workerd(decide, { bindings: env('iron-session') }),
    deployed: await workerd(built, { bindings: env('jwt HS256'), ...app }),
    jose: await workerd({ 'guarded.js': source }, { bindings: { FORMAT: 'jwt HS256', ...FORMATS['jwt HS256'].secrets } }),
    iron: await workerd({ 'guarded.js': source }, { bindings: { FORMAT: 'iron-session', ...FORMATS['iron-session'].secrets } }),
  };
  const public_ = constant(view('/public/a'));
  const nobody = constant(view('/app/reports'));
  const fresh = (values) => turning(values.map((cookie) => view('/app/reports', [['Cookie', cookie]])));
  const repeated = (values) => constant(view('/app/reports', [['Cookie', values[0]]]));
  const things = {
    'empty Worker': [workers.floor, nobody, 200, 'floor'],
    'gate, public route': [workers.gate, public_, 200, 'floor'],
    'gate, redirect without a cookie': [workers.gate, nobody, 302, 'floor'],
    'gate, signed in, HS256, fresh': [workers.gate, fresh(hs), 200, 'floor'],
    'gate, signed in, HS256, repeated': [workers.gate, repeated(hs), 200, 'floor'],
    'gate, signed in, iron, fresh': [workers.gateIron, fresh(iron), 200, 'floor'],
    'jose, signed in, HS256': [workers.jose, fresh(hs), 200, 'floor'],
    'jose, redirect without a cookie': [workers.jose, nobody, 302, 'floor'],
    'iron-session, signed in': [workers.iron, fresh(iron), 200, 'floor'],
    'pass to the app': [workers.through, nobody, 200, 'through'],
    'wrangler Worker, redirect': [workers.deployed, nobody, 302, 'floor'],
    'wrangler Worker, public, to the app': [workers.deployed, public_, 200, 'through'],
    'wrangler Worker, signed in, to the app': [workers.deployed, fresh(hs), 200, 'through'],
  };
  try {
    const found = await alternate(things, rounds, async ([worker, next, expected]) => {
      const before = await cpu(worker.pid);
      const { requests, seconds, latencies } = await load(worker.port, next, { ms, expected });
      return { rate: requests / seconds, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), cpu: ((await cpu(worker.pid)) - before) / requests / 1000 };
    });
    const rows = Object.entries(found).map(([name, runs]) => {
      const of = (member) => spread(runs.map((run) => run[member]));
      return { name, floor: things[name][3], rate: of('rate'), p50: of('p50'), p99: of('p99'), cpu: of('cpu') };
    });
    const floors = { floor: rows.find(({ name }) => name === 'empty Worker'), through: rows.find(({ name }) => name === 'pass to the app') };
    for (const row of rows) {
      row.throughput = round(row.rate.median / floors[row.floor].rate.median, 2);
      row.over = round(row.cpu.median - floors[row.floor].cpu.median);
      console.log(`  ${row.name.padEnd(40)} ${round(row.rate.median, 0)} req/s  ${row.throughput}  cpu ${round(row.cpu.median)} µs (+${row.over})  p50 ${round(row.p50.median, 0)} p99 ${round(row.p99.median, 0)} µs`);
    }
    return rows;
  } finally {
    for (const worker of Object.values(workers)) await worker.stop();
  }
}

const constant = (bytes) => () => bytes;

function turning(all) {
  let at = 0;
  return () => all[(at += 1) % all.length];
}
