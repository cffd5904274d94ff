// 100 MB down and up through the tunnel: how much more memory the Worker has meanwhile, and how fast it goes. Kratos has no endpoint of
// that size, so a stand-in sends and swallows bytes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';

import { open } from '../world/http.mjs';
import { count, startOrigin } from '../world/origin.mjs';
import { startWorker } from '../world/workers.mjs';
import { HOST, NAVIGATION, ORIGIN } from '../world/world.mjs';

const MB = 1024 * 1024;
const BIG = 100 * MB;
const TARGET = '/self-service/login';

function* chunks() {
  const chunk = Buffer.alloc(MB, 'edgeward ');
  for (let left = BIG; left > 0; left -= MB) yield chunk;
}

async function bytes(request, response) {
  if (request.method === 'POST') return response.end(String(await count(request)));
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': BIG });
  return Readable.from(chunks()).pipe(response);
}

/** @returns `{ down, up }`, each `{ before, peak, seconds }`, memory in MB */
export async function memory() {
  const standIn = await startOrigin(bytes);
  const worker = await startWorker((config) => {
    config.kratos.url = standIn.url;
  });
  const request = (options = {}) => open({ port: worker.port, target: TARGET, ...options, headers: [['Host', HOST], ...NAVIGATION, ...(options.headers ?? [])] });
  const upload = [['Origin', ORIGIN], ['Content-Length', String(BIG)], ['Content-Type', 'application/octet-stream']];
  try {
    // The first request of an isolate builds the gate.
    await count(await request());
    return {
      down: await watched(worker.pid, async () => assert.equal(await count(await request()), BIG)),
      up: await watched(worker.pid, async () => assert.equal((await request({ method: 'POST', body: Readable.from(chunks()), headers: upload })).statusCode, 200)),
    };
  } finally {
    await worker.stop();
    standIn.stop();
  }
}

async function watched(pid, act) {
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  const [before, begun] = [rss(), performance.now()];
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, rss())), 20);
  try {
    await act();
  } finally {
    clearInterval(timer);
  }
  return { before, peak, seconds: (performance.now() - begun) / 1_000 };
}
