// A small Next.js app around the packed tarball, built for production and served: one combination of version, bundler
// and shell at a time.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { env } from './config.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));

/** A port that is free now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Builds and starts.
 *
 * @param modules the folder with `node_modules` of that version
 * @param dir where the app is put
 * @param wish `{ shell: 'proxy' | 'middleware', bundler: 'turbopack' | 'webpack', source, files, beside, next }`: the middleware's text, other
 *   files by name and text, or by name and where they are copied from, and what `next.config.mjs` says
 */
export async function started(modules, dir, { shell, bundler, source, next = {}, files = {}, beside = {}, app = 'next-app', more = {}, script, origin: named = 'ORIGIN', port: wished }) {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  cpSync(join(HERE, '..', app), dir, { recursive: true });
  symlinkSync(join(modules, 'node_modules'), join(dir, 'node_modules'));
  const port = wished ?? (await freePort());
  const origin = `http://localhost:${port}`;
  writeFileSync(join(dir, 'next.config.mjs'), `export default ${JSON.stringify({ outputFileTracingRoot: modules, ...(bundler === 'turbopack' ? { turbopack: { root: modules } } : {}), ...next })};\n`);
  if (!existsSync(join(dir, 'package.json'))) writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  if (source) writeFileSync(join(dir, `${shell}.ts`), source);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  for (const [name, from] of Object.entries(beside)) cpSync(from, join(dir, name));
  const environment = { ...process.env, ...env, [named]: origin, NEXT_PUBLIC_ORIGIN: origin, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', PORT: String(port), ...more };
  const bin = join(modules, 'node_modules/next/dist/bin/next');
  const flags = bundler === 'webpack' && isSixteen(modules) ? ['--webpack'] : bundler === 'turbopack' && !isSixteen(modules) ? ['--turbopack'] : [];
  try {
    execFileSync(process.execPath, [bin, 'build', ...flags], { cwd: dir, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new Error(`next build failed:\n${error.stdout}\n${error.stderr}`);
  }
  const serve = script?.(port) ?? [bin, 'start', '-p', String(port), '-H', '127.0.0.1'];
  const child = spawn(process.execPath, serve, { cwd: dir, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => (output += data));
  process.on('exit', () => child.kill('SIGKILL'));
  for (let tries = 0; ; tries += 1) {
    const up = await fetch(`http://127.0.0.1:${port}/robots.txt`).then(() => true, () => false);
    if (up) break;
    if (tries > 150 || child.exitCode !== null) throw new Error(`next start did not come up:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    dir,
    origin,
    port,
    pid: child.pid,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit').catch(() => {});
    },
  };
}

const isSixteen = (modules) => existsSync(join(modules, 'node_modules/next/dist/lib/constants.js')) && JSON.parse(execFileSync('cat', [join(modules, 'node_modules/next/package.json')], { encoding: 'utf8' })).version.startsWith('16.');
