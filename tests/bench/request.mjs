// Whole requests through workerd: the gate beside an empty Worker and beside the same decision written with a library.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { FORMATS, environment, headers } from './formats/index.mjs';
import { bundle } from './lib/bundle.mjs';
import { load, view } from './lib/load.mjs';
import { packaged, wasm } from './lib/package.mjs';
import { say } from './lib/say.mjs';
import { alternate, quantile, round, spread } from './lib/stats.mjs';
import { cpu, workerd } from './lib/workerd.mjs';

const here = (name) => path.join(import.meta.dirname, 'workers', name);
const VALUES = 3_000;
const BYTES = 500;
const VISITED = 'http://localhost';
const [HS, OWN, GCM, IRON] = ['jwt HS256', 'edgeward, its own', 'jwe A256GCM', 'iron-session'];

/** @returns rows: what was sent, through what; requests a second, latency, CPU per request, and both against the floor */
export async function request({ rounds = 3, ms = 2_000 } = {}) {
  const workers = await started();
  try {
    const things = await rowsOf(workers);
    const found = await alternate(things, rounds, async ([worker, next, expected]) => {
      const before = await cpu(worker.pid);
      const { requests, seconds, latencies } = await load(worker.port, next, { ms, expected });
      const us = ((await cpu(worker.pid)) - before) / requests / 1_000;
      return { rate: requests / seconds, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), cpu: us };
    });
    return against(things, found);
  } finally {
    for (const worker of Object.values(workers)) await worker.stop();
  }
}

async function started() {
  const app = { services: { 'app.service.js': await readFile(here('app.mjs')) } };
  const bindings = (format) => ({ bindings: environment(FORMATS[format]) });
  const module = await readFile(process.env.WASM);
  const entry = { 'entry.js': await packaged('everything', { worker: here('entry.mjs') }), 'edgeward.wasm': await wasm('everything') };
  const decide = { 'decide.js': await bundle(here('decide.mjs')), 'edgeward.wasm': module };
  const built = { 'index.js': await readFile(path.join(process.env.WORKER_DIR, 'index.js')), 'edgeward.wasm': module };
  const library = async (format) => {
    const { opener, secrets, library } = FORMATS[format];
    const source = await bundle(here('guarded.mjs'), { alias: { opener: here(`openers/${opener}.mjs`) } });
    return workerd({ 'guarded.js': source }, { bindings: { ...secrets, ...library } });
  };
  return {
    floor: await workerd({ 'empty.js': await readFile(here('empty.mjs')) }),
    through: await workerd({ 'through.js': await readFile(here('through.mjs')) }, app),
    entry: await workerd(entry, bindings(HS)),
    entryOwn: await workerd(entry, bindings(OWN)),
    entryIron: await workerd(entry, bindings(IRON)),
    decide: await workerd(decide, bindings(HS)),
    deployed: await workerd(built, { ...bindings(HS), ...app }),
    deployedOwn: await workerd(built, { ...bindings(OWN), ...app }),
    jose: await library(HS),
    joseGcm: await library(GCM),
    iron: await library(IRON),
  };
}

/** Name → Worker, next request, expected status, floor. */
async function rowsOf(workers) {
  const [hs, own, gcm, iron] = await Promise.all([HS, OWN, GCM, IRON].map((format) => headers(FORMATS[format], BYTES, VALUES, VISITED)));
  const public_ = constant(view('/public/a'));
  const nobody = constant(view('/app/reports'));
  const fresh = (cookies) => turning(cookies.map(signedIn));
  const repeated = (cookies) => constant(signedIn(cookies[0]));
  return {
    'empty Worker': [workers.floor, nobody, 200, 'floor'],
    'JS entry, public route': [workers.entry, public_, 200, 'floor'],
    'JS entry, redirect without a cookie': [workers.entry, nobody, 302, 'floor'],
    'JS entry, HS256, fresh': [workers.entry, fresh(hs), 200, 'floor'],
    'JS entry, HS256, repeated': [workers.entry, repeated(hs), 200, 'floor'],
    'JS entry, own format, fresh': [workers.entryOwn, fresh(own), 200, 'floor'],
    'JS entry, own format, repeated': [workers.entryOwn, repeated(own), 200, 'floor'],
    'JS entry, iron, fresh': [workers.entryIron, fresh(iron), 200, 'floor'],
    'decision without the run loop, HS256, fresh': [workers.decide, fresh(hs), 200, 'floor'],
    'decision without the run loop, redirect': [workers.decide, nobody, 302, 'floor'],
    'jose, redirect without a cookie': [workers.jose, nobody, 302, 'floor'],
    'jose, HS256': [workers.jose, fresh(hs), 200, 'floor'],
    'jose, A256GCM': [workers.joseGcm, fresh(gcm), 200, 'floor'],
    'iron-session': [workers.iron, fresh(iron), 200, 'floor'],
    'pass to the app': [workers.through, nobody, 200, 'through'],
    'wrangler Worker, redirect without a cookie': [workers.deployed, nobody, 302, 'floor'],
    'wrangler Worker, public, to the app': [workers.deployed, public_, 200, 'through'],
    'wrangler Worker, HS256, fresh, to the app': [workers.deployed, fresh(hs), 200, 'through'],
    'wrangler Worker, HS256, repeated, to the app': [workers.deployed, repeated(hs), 200, 'through'],
    'wrangler Worker, own format, fresh, to the app': [workers.deployedOwn, fresh(own), 200, 'through'],
  };
}

function against(things, found) {
  const rows = Object.entries(found).map(([name, runs]) => {
    const of = (member) => spread(runs.map((run) => run[member]));
    return { name, floor: things[name][3], rate: of('rate'), p50: of('p50'), p99: of('p99'), cpu: of('cpu') };
  });
  const floors = { floor: rows.find(({ name }) => name === 'empty Worker'), through: rows.find(({ name }) => name === 'pass to the app') };
  for (const row of rows) {
    row.throughput = round(row.rate.median / floors[row.floor].rate.median, 2);
    row.over = round(row.cpu.median - floors[row.floor].cpu.median);
    say(`  ${row.name.padEnd(48)} ${round(row.rate.median, 0)} req/s  ${row.throughput}  cpu ${round(row.cpu.median)} µs (+${row.over})  p50 ${round(row.p50.median, 0)} p99 ${round(row.p99.median, 0)} µs`);
  }
  return rows;
}

const signedIn = (cookie) => view('/app/reports', [['Cookie', cookie]]);
const constant = (bytes) => () => bytes;

function turning(all) {
  let at = 0;
  return () => all[(at += 1) % all.length];
}
