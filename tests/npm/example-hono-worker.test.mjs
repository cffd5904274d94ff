// examples/hono-worker in workerd and Chromium, from the packed tarball.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test from 'node:test';

import { browser, watched } from './support/chromium.mjs';
import { SECRET } from './support/config.mjs';
import { send } from './support/http.mjs';
import { modulesFor, toolchain } from './support/install.mjs';
import { freePort } from './support/next.mjs';

test('sign in, see, be refused, sign out', async (t) => {
  const modules = modulesFor('next-16');
  const dir = join(modules, 'example-hono-worker');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  cpSync(fileURLToPath(new URL('../../examples/hono-worker', import.meta.url)), dir, { recursive: true });
  symlinkSync(join(modules, 'node_modules'), join(dir, 'node_modules'));
  const { build } = await import(pathToFileURL(toolchain.resolve('esbuild')));
  const wasm = { name: 'wasm', setup: (plugin) => plugin.onResolve({ filter: /\.wasm$/ }, () => ({ path: './edgeward.wasm', external: true })) };
  await build({ entryPoints: [join(dir, 'src/index.js')], outfile: join(dir, 'worker.mjs'), bundle: true, format: 'esm', conditions: ['workerd', 'worker', 'browser'], plugins: [wasm], logLevel: 'silent' });
  copyFileSync(join(modules, 'node_modules/edgeward/dist/wasm/edgeward.wasm'), join(dir, 'edgeward.wasm'));
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  writeFileSync(join(dir, 'config.capnp'), `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "app", worker = .app)], sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "app")]);
const app :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs"), (name = "edgeward.wasm", wasm = embed "edgeward.wasm")],
  compatibilityDate = "2026-11-01", bindings = [(name = "SESSION_SECRET", text = "${SECRET}"), (name = "APP_ORIGIN", text = "${origin}")],
);
`);
  const child = spawn(process.env.WORKERD, ['serve', 'config.capnp'], { cwd: dir, stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  for (let tries = 0; tries < 100 && !(await send(origin).then(() => true, () => false)); tries += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await send(`${origin}/api/me`)).status, 401);
  const chromium = await browser();
  t.after(() => chromium.close());
  await watched(chromium, origin, async (context) => {
    const page = await context.newPage();
    await page.goto(`${origin}/notes?tab=2`);
    await page.getByPlaceholder('Name').fill('ann');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Notes of ann' }).waitFor();
    assert.equal(page.url(), `${origin}/notes?tab=2`);
    assert.equal((await page.goto(`${origin}/admin`)).status(), 403);
    const before = (await context.cookies()).filter(({ name }) => name !== '__Host-edgeward-hops');
    assert.deepEqual(before.map(({ name, httpOnly, secure, sameSite }) => [name, httpOnly, secure, sameSite]), [['__Host-edgeward', true, true, 'Lax']]);
    await page.goto(`${origin}/notes`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Home' }).waitFor();
    await context.addCookies(before);
    await page.goto(`${origin}/notes`);
    assert.equal(page.url(), `${origin}/login?return_to=%2Fnotes`, 'a late response brings nobody back');
  });
});
