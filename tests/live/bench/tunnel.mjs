// What the way through the gate costs: the same request to the real Kratos directly, through a Worker that only hands on, and through the
// tunnel, in turn, on connections that stay open. `cargo xtask bench tunnel` starts a world for it; BENCH_REQUESTS sets how many of each kind.
// With BENCH_OUT the figures go into the report.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { keep } from '../../bench/lib/keep.mjs';
import { freePort } from '../world/http.mjs';
import { Visitor } from '../world/visitor.mjs';
import { HOST, KRATOS_URL, PORT, given } from '../world/world.mjs';
import { memory } from './memory.mjs';

const QUICK = process.env.BENCH_QUICK !== undefined;
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? (QUICK ? 50 : 2_000));
const WARM = QUICK ? 10 : 200;

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const direct = { port: new URL(KRATOS_URL).port, host: new URL(KRATOS_URL).host };
const tunnelled = { port: PORT, host: HOST };

/** A Worker without a gate in it: the price of the hop itself. */
async function startBare() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-bare-'));
  const port = await freePort();
  writeFileSync(join(folder, 'index.js'), `export default { fetch(request) {
    const { pathname, search } = new URL(request.url);
    return fetch('${KRATOS_URL}' + pathname + search, { headers: request.headers, redirect: 'manual', cache: 'no-store' });
  } };`);
  writeFileSync(join(folder, 'worker.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (modules = [(name = "index.js", esModule = embed "index.js")], compatibilityDate = "2026-11-01")),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);`);
  const child = spawn(given('WORKERD'), ['serve', 'worker.capnp'], { cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await sleep(1_500);
  return {
    port,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Milliseconds to the last byte. */
function timed({ port, host }, path, cookie) {
  const begun = process.hrtime.bigint();
  return new Promise((resolve, reject) => {
    const headers = { host, cookie, accept: 'application/json' };
    const request = http.get({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        assert.equal(response.statusCode, 200);
        resolve(Number(process.hrtime.bigint() - begun) / 1e6);
      });
    });
    request.on('error', reject);
  });
}

const at = (times, share) => times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))];
const shown = (times) => `median ${at(times, 0.5).toFixed(2)} ms, p99 ${at(times, 0.99).toFixed(2)} ms`;

const bareWorker = await startBare();
const ways = { direct, 'bare Worker': { port: bareWorker.port, host: direct.host }, tunnelled };
const ann = await new Visitor().register();
const bare = new Visitor();
const login = await bare.flow('login');
/** name → path and cookies */
const rows = {
  'whoami (JSON, read and rewritten)': ['/sessions/whoami', ann.cookie()],
  'a login flow (JSON, read and rewritten)': [`/self-service/login/flows?id=${login.id}`, bare.cookie()],
  'a script (streamed)': ['/.well-known/ory/webauthn.js', ''],
};
const found = [];
for (const [name, [path, cookie]] of Object.entries(rows)) {
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let turn = -WARM; turn < REQUESTS; turn += 1) {
    for (const [way, place] of Object.entries(ways)) {
      const ms = await timed(place, path, cookie);
      if (turn >= 0) times[way].push(ms);
    }
  }
  const figures = (way) => ({ median: at(times[way], 0.5), p99: at(times[way], 0.99) });
  found.push({ name, direct: figures('direct'), bare: figures('bare Worker'), gate: figures('tunnelled') });
  console.error(`${name}, ${REQUESTS} of each in turn`);
  for (const way of Object.keys(ways)) console.error(`  ${way.padEnd(12)} ${shown(times[way])}, ${(at(times[way], 0.5) / at(times.direct, 0.5)).toFixed(2)} of the direct median`);
}
await bareWorker.stop();
agent.destroy();
const streamed = await memory();
for (const [way, { before, peak, seconds }] of Object.entries(streamed)) console.error(`100 MB ${way}: memory from ${before.toFixed(0)} to at most ${peak.toFixed(0)} MB, ${seconds.toFixed(2)} s`);
if (process.env.BENCH_OUT) await keep(process.env.BENCH_OUT, { tunnel: { requests: REQUESTS, rows: found, memory: streamed } });
