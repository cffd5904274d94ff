// What the way through the gate costs: the same request to the real Kratos directly and through the tunnel, in turn, on connections that
// stay open. `cargo xtask bench tunnel` starts a world for it; BENCH_REQUESTS sets how many of each kind.

import assert from 'node:assert/strict';
import http from 'node:http';

import { Visitor } from '../world/visitor.mjs';
import { HOST, KRATOS_URL, PORT } from '../world/world.mjs';

const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 2_000);
const WARM = 200;

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const direct = { port: new URL(KRATOS_URL).port, host: new URL(KRATOS_URL).host };
const tunnelled = { port: PORT, host: HOST };

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

const ann = await new Visitor().register();
const bare = new Visitor();
const login = await bare.flow('login');
/** name → path and cookies */
const rows = {
  'whoami (JSON, read and rewritten)': ['/sessions/whoami', ann.cookie()],
  'a login flow (JSON, read and rewritten)': [`/self-service/login/flows?id=${login.id}`, bare.cookie()],
  'a script (streamed)': ['/.well-known/ory/webauthn.js', ''],
};
for (const [name, [path, cookie]] of Object.entries(rows)) {
  const times = { direct: [], tunnelled: [] };
  for (let turn = -WARM; turn < REQUESTS; turn += 1) {
    for (const [way, place] of [['direct', direct], ['tunnelled', tunnelled]]) {
      const ms = await timed(place, path, cookie);
      if (turn >= 0) times[way].push(ms);
    }
  }
  const ratio = at(times.tunnelled, 0.5) / at(times.direct, 0.5);
  console.log(`${name}, ${REQUESTS} of each in turn\n  direct     ${shown(times.direct)}\n  tunnelled  ${shown(times.tunnelled)}\n  ratio of the medians ${ratio.toFixed(2)}`);
}
agent.destroy();
