// Two users and a cache: in front of the Worker, below it, and the Workers runtime's own `caches.default` (semantics 8; field.md S 25,
// 26). No visitor is ever given what another was answered, whatever the app says of its answers.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { startOrigin } from '../live/world/origin.mjs';
import { startCache } from './cache.mjs';
import { bindings, seal, startWorker } from './gate.mjs';
import { bytes, send } from './wire.mjs';

const HOST = 'shop.localhost';
const ORIGIN = `http://${HOST}`;

/** What a careless app says of an answer that is for one visitor. */
const SAYS = {
  'keep it for a year': { 'cache-control': 'public, max-age=31536000, s-maxage=31536000, immutable' },
  'keep it, CDN': { 'cdn-cache-control': 'public, max-age=600' },
  'keep it, this CDN': { 'cloudflare-cdn-cache-control': 'max-age=600', 'vercel-cdn-cache-control': 'max-age=600', 'cdn-cache-control': 'max-age=600', 'cache-control': 'no-cache' },
  'keep it, surrogate': { 'surrogate-control': 'max-age=600', 'surrogate-key': 'all', 'cache-tag': 'all' },
  'keep it until then': { expires: 'Fri, 01 Jan 2038 00:00:00 GMT', date: 'Sat, 21 Nov 2026 00:00:00 GMT' },
  nothing: { etag: '"one"', 'last-modified': 'Sat, 01 Jan 2000 00:00:00 GMT' },
  'twice, and odd': { 'cache-control': ['S-MaxAge=600', ' pUbLiC', 'max-age="600"'] },
  'keep it, with a cookie': { 'cache-control': 'public, s-maxage=600', 'set-cookie': 'theme=dark; Path=/' },
  'vary by something else': { 'cache-control': 'public, s-maxage=600', vary: 'Accept-Encoding' },
};

/** How a page is asked for. */
const FIELDS = {
  page: ['Accept: text/html', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'],
  api: ['Accept: application/json'],
  data: ['RSC: 1'],
  prefetch: ['RSC: 1', 'Next-Router-Prefetch: 1'],
  asset: ['Accept: image/png', 'Sec-Fetch-Dest: image', 'Sec-Fetch-Mode: no-cors'],
  'with words for the cache': ['Cache-Control: max-stale=1000, max-age=1000', 'Pragma: x'],
  'only if it is kept': ['Cache-Control: only-if-cached'],
};

const cookies = Object.fromEntries(['ann', 'bob'].map((sub) => [sub, `Cookie: __Host-edgeward=${seal(ORIGIN, ['user'], sub)}`]));
let says = {};
let app;

before(async () => {
  app = await startOrigin((request, response) => {
    const assertion = request.headers['x-edgeward-assertion'];
    const sub = assertion && JSON.parse(Buffer.from(assertion.split('.')[1], 'base64url')).sub;
    response.writeHead(request.url.startsWith('/missing') ? 404 : 200, { 'content-type': 'text/plain', ...says });
    response.end(`made for ${sub ?? 'everybody'}.`);
  });
});
after(() => app?.stop());

/** The gate's config in front of a port. */
const config = (port) => ({
  origin: { url: `http://127.0.0.1:${port}` },
  default: 'session',
  sign_in: '/sign-in',
  session: {},
  secrets: { ASSERTION: 'an assertion secret of the tests, of 32 bytes and more' },
  assertion: { secret: { env: 'ASSERTION' }, audience: 'shop' },
  routes: [
    { path: '/open/:path*', require: 'public' },
    { path: '/hello/:path*', require: 'optional' },
  ],
});

/** `ask(target, fields)` → the whole answer as text. */
const by = (port) => (target, fields = []) => send(port(), bytes('GET', target, [`Host: ${HOST}`, ...fields]));

/** Every word of the app × every way to ask × every page, by two users and nobody, in two rounds. */
async function twoUsers(ask, clear) {
  let asked = 0;
  const pages = { ann: 0, bob: 0, everybody: 0 };
  for (const [name, words] of Object.entries(SAYS)) {
    says = words;
    for (const [how, fields] of Object.entries(FIELDS)) {
      for (const path of ['/orders', '/hello/x', '/missing']) {
        clear();
        const target = `${path}?${new URLSearchParams({ name, how })}`;
        for (const who of ['ann', 'bob', 'nobody', 'bob', 'ann', 'nobody']) {
          const answer = await ask(target, [...fields, ...(who === 'nobody' ? [] : [cookies[who]])]);
          asked += 1;
          const made = /made for (\w+)\./.exec(answer)?.[1];
          if (made !== undefined) pages[made] += 1;
          assert.ok(made === undefined || made === who || (who === 'nobody' && made === 'everybody'), `${who} at ${path}, ${name}, ${how}: made for ${made}\n${answer}`);
          assert.ok(!/^x-edgeward-assertion|__Host-edgeward=ey/im.test(answer), answer);
          if (made !== undefined && made === who && how === 'page') assert.match(answer, /^cache-control: private, no-store\r$/im);
        }
      }
    }
  }
  // Else a gate that refuses everybody would pass.
  assert.ok(Object.values(pages).every((made) => made > asked / 50), JSON.stringify(pages));
  return asked;
}

/** What is public is kept and served to everybody, so that the cache is one. */
async function shares(ask, clear, hits) {
  says = SAYS['keep it for a year'];
  clear();
  const first = hits();
  for (const field of [cookies.ann, cookies.bob, 'Accept: text/plain']) assert.match(await ask('/open/page', [field]), /made for everybody\./);
  assert.ok(hits() >= first + 2, 'the second and third were hits');
}

test('without the gate the cache gives ann to bob', async () => {
  const cache = await startCache(() => app.server.address().port, { targeted: true });
  const ask = by(() => cache.port);
  says = SAYS['keep it for a year'];
  const token = (sub) => `X-Edgeward-Assertion: x.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.x`;
  await ask('/orders', [token('ann')]);
  assert.match(await ask('/orders', [token('bob')]), /made for ann\./);
  cache.stop();
});

test('a CDN in front that goes by targeted fields first', async () => {
  const worker = await startWorker([ORIGIN], config(app.server.address().port));
  const cache = await startCache(() => worker.port, { targeted: true });
  try {
    const ask = by(() => cache.port);
    await shares(ask, cache.clear, () => cache.hits);
    const before = cache.hits;
    console.log(`${await twoUsers(ask, cache.clear)} requests through the cache in front`);
    assert.equal(cache.hits, before, 'nothing else was kept');
  } finally {
    cache.stop();
    await worker.stop();
  }
});

test('a cache between the Worker and the app', async () => {
  const cache = await startCache(() => app.server.address().port);
  const worker = await startWorker([ORIGIN], config(cache.port));
  try {
    const ask = by(() => worker.port);
    await shares(ask, cache.clear, () => cache.hits);
    const before = cache.hits;
    console.log(`${await twoUsers(ask, cache.clear)} requests through the cache below`);
    assert.equal(cache.hits, before, 'nothing else was kept');
  } finally {
    await worker.stop();
    cache.stop();
  }
});

const FRONT = `export default {
  async fetch(request, env) {
    const hit = await caches.default.match(request);
    if (hit) return new Response(hit.body, { status: hit.status, headers: [...hit.headers, ['x-hit', '1']] });
    const response = await env.GATE.fetch(request);
    // Refuses what it may not keep, by an error for some of it.
    await caches.default.put(request, response.clone()).catch(() => {});
    return response;
  },
};`;

test("a Worker in front that keeps answers in the runtime's own caches.default", async () => {
  const { Miniflare, convertV4MiniflareOptions } = await import(pathToFileURL(createRequire(process.env.TOOLCHAIN).resolve('miniflare')));
  const { EDGEWARD, ...secrets } = bindings([ORIGIN], config(app.server.address().port));
  const wrangler = { compatibilityDate: '2026-11-01', compatibilityFlags: ['enable_request_signal'] };
  const folder = process.env.WORKER_DIR;
  const options = convertV4MiniflareOptions({
    host: '127.0.0.1',
    workers: [
      { name: 'front', modules: true, script: FRONT, serviceBindings: { GATE: 'gate' }, ...wrangler },
      {
        name: 'gate',
        modulesRoot: folder,
        modules: [
          { type: 'ESModule', path: `${folder}/index.js` },
          { type: 'CompiledWasm', path: `${folder}/edgeward.wasm` },
        ],
        bindings: { ...secrets, EDGEWARD },
        ...wrangler,
      },
    ],
  });
  const runtime = new Miniflare({ ...options, handleStructuredLogs: () => {} });
  try {
    const { port } = await runtime.ready;
    let hits = 0;
    let round = 0;
    const ask = async (target, fields) => {
      const answer = await by(() => port)(`${target}${target.includes('?') ? '&' : '?'}round=${round}`, fields);
      if (/^x-hit: 1\r$/im.test(answer)) hits += 1;
      return answer;
    };
    const clear = () => (round += 1);
    await shares(ask, clear, () => hits);
    const before = hits;
    console.log(`${await twoUsers(ask, clear)} requests through caches.default`);
    assert.equal(hits, before, 'nothing else was kept');
  } finally {
    await runtime.dispose();
  }
});
