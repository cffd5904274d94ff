// The origins, started for real: every kind in which the vectors were measured.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from '../live/world/http.mjs';
import { SECRETS } from './gate.mjs';
import { bytes, send } from './wire.mjs';

const START_MS = 30_000;
const home = import.meta.dirname;

/** name → the locales of the app, and values of `router` by which its operator may call it; the native matrix has all of them */
export const ORIGINS = {
  express: { routers: ['any'] },
  'express-catch': { routers: ['any'] },
  hono: { routers: ['any'] },
  'hono-catch': { routers: ['any', 'case-sensitive'] },
  'next-app': { routers: ['any'] },
  'next-app-catch': { routers: ['any', 'case-sensitive'] },
  'next-pages': { routers: ['any'], locales: ['en', 'de'] },
  'next-pages-catch': { routers: ['any', 'case-sensitive'], locales: ['en', 'de'] },
  // With the gate inside, each router in Node and in the edge runtime.
  'next-app-catch-proxy': { routers: ['case-sensitive, inside'] },
  'next-app-catch-middleware': { routers: ['case-sensitive, inside'], normalised: true },
  'next-pages-catch-proxy': { routers: ['case-sensitive, inside'], locales: ['en', 'de'], normalised: true },
  'next-pages-catch-middleware': { routers: ['case-sensitive, inside'], locales: ['en', 'de'] },
};

/**
 * Starts one of them on a free port.
 *
 * @returns its `port`, `buildId` (Next.js), its `locales`, whether the gate is `inside` and sees paths as Next.js `normalised` them, `recorded` (target → the page it was measured to serve) and `stop`
 */
export async function start(name) {
  const port = await freePort();
  const [kind, ...rest] = name.split('-');
  const folder = path.join(home, 'target', name);
  const next = kind === 'next';
  const command = next
    ? [path.join(home, 'node_modules/next/dist/bin/next'), 'start', folder, '-p', String(port), '-H', '127.0.0.1']
    : [path.join(home, 'origin.mjs'), kind, String(port), ...rest];
  const child = spawn(process.execPath, command, { cwd: home, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', ...SECRETS } });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2_000)));
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  for (const end = Date.now() + START_MS; !(await send(port, bytes('GET', '/about', ['Host: localhost']))).startsWith('HTTP/1.1 '); await sleep(100)) {
    if (Date.now() > end || child.exitCode !== null) {
      await stop();
      throw new Error(`${name} does not start: ${said}`);
    }
  }
  const rows = readFileSync(path.join(home, `../vectors/routers/${name.replace(/-(proxy|middleware)$/, '')}.tsv`), 'latin1').split('\n').filter(Boolean);
  return {
    port,
    buildId: next ? readFileSync(path.join(folder, '.next/BUILD_ID'), 'utf8').trim() : 'BUILD',
    locales: ORIGINS[name].locales,
    normalised: ORIGINS[name].normalised,
    inside: /-(proxy|middleware)$/.test(name),
    recorded: new Map(rows.map((row) => row.split('\t'))),
    stop,
  };
}
