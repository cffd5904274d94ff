// 100 MB down and up with the real gate, to the app and through the tunnel, and memory stays flat. Kratos has no endpoint of that size: the
// identity server is a STAND-IN that sends and swallows bytes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';

import { open } from '../live/world/http.mjs';
import { count, startOrigin } from '../live/world/origin.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { HOST, NAVIGATION, ORIGIN } from '../live/world/world.mjs';

const MB = 1024 * 1024;
const BIG = 100 * MB;
/** What V8 and the sockets may hold on to; the body is more than twice as much. */
const FLAT_MB = 48;

let ann;
let app;
let standIn;
let worker;

async function bytes(request, response) {
  if (request.method === 'POST') return response.end(String(await count(request)));
  const chunk = Buffer.alloc(MB, 'edgeward ');
  response.setMaxListeners(0);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': BIG });
  for (let left = BIG; left > 0 && !response.destroyed; left -= MB) if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  return response.end();
}

before(async () => {
  ann = await new Visitor().register();
  [app, standIn] = await Promise.all([startOrigin(bytes), startOrigin(bytes)]);
  worker = await startWorker((config) => {
    config.origin.url = app.url;
    config.kratos.url = standIn.url;
  });
});
after(async () => {
  await worker?.stop();
  app?.stop();
  standIn?.stop();
});

const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'))[1]) / 1024;

/** The most memory that the Worker has while something happens, and what it had before. */
async function watched(act) {
  const before = rss();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, rss())), 20);
  try {
    await act();
  } finally {
    clearInterval(timer);
  }
  return { before, peak };
}

const request = (target, options = {}) =>
  open({ port: worker.port, target, ...options, headers: [['Host', HOST], ['Cookie', ann.cookie()], ...NAVIGATION, ...(options.headers ?? [])] });

/** name → the target of it */
const WAYS = { 'the app': '/pages/big', 'the tunnel': '/self-service/login' };

for (const [name, target] of Object.entries(WAYS)) {
  test(`100 MB down and 100 MB up: ${name}`, { timeout: 120_000 }, async (t) => {
    // The first request of an isolate builds the gate.
    await (await request('/assets/x', { method: 'HEAD' })).resume();
    const down = await watched(async () => {
      const response = await request(target);
      assert.equal(response.statusCode, 200);
      assert.equal(await count(response), BIG);
    });
    const up = await watched(async () => {
      const chunk = Buffer.alloc(MB, 'edgeward ');
      const body = Readable.from((function* () {
        for (let left = BIG; left > 0; left -= MB) yield chunk;
      })());
      const response = await request(target, { method: 'POST', body, headers: [['Origin', ORIGIN], ['Content-Length', String(BIG)], ['Content-Type', 'application/octet-stream']] });
      assert.equal(response.statusCode, 200);
      let text = '';
      for await (const part of response) text += part;
      assert.equal(text, String(BIG));
    });
    const told = Object.entries({ down, up }).map(([way, { before, peak }]) => `${way} from ${before.toFixed(0)} to at most ${peak.toFixed(0)} MB`);
    t.diagnostic(`${name}: ${told.join(', ')}`);
    for (const { before, peak } of [down, up]) assert.ok(peak - before < FLAT_MB, told.join(', '));
  });
}
