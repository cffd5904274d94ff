// What a middleware costs each request in Next.js: production, `next start`, in turn with an empty middleware and with next-auth's.
// `node overhead.mjs [--quick] [--out <file>]` prints rows as JSON, and puts them into the report that tests/bench writes.
// `cargo xtask bench next` sets the environment: TARBALL, NPM_CACHE, TOOLCHAIN.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

import { round, spread } from '../bench/lib/stats.mjs';
import { document, env } from './support/config.mjs';
import { entry, modulesFor } from './support/install.mjs';
import { started } from './support/next.mjs';

const given = process.argv.slice(2);
const quick = given.includes('--quick');
const [ROUNDS, REQUESTS] = quick ? [2, 100] : [16, 400];
const CONFIG = "export const config = { matcher: ['/:path*'] };\n";
const SOURCES = {
  empty: `import { NextResponse } from 'next/server';\nexport default () => NextResponse.next();\n${CONFIG}`,
  gate: `import { edgeward } from 'edgeward/next';\nimport { document } from './gate';\nexport default edgeward(document, { log: false });\n${CONFIG}`,
  'next-auth': `import { withAuth } from 'next-auth/middleware';\nexport default withAuth({ pages: { signIn: '/login' } });\n${CONFIG}`,
};
const NEVER_SEEN = 'gate, signed in, a cookie never seen';
/** Linux counts the time of processes in hundredths of a second. */
const TICK_US = 10_000;

const modules = modulesFor('next-16');
const resolve = createRequire(join(modules, 'package.json'));
const { forge } = await entry(modules, 'testing');
const { encode } = resolve('next-auth/jwt');
const next = resolve('next/package.json').version;

const rows = [];
for (const [shell, bundler] of [['proxy', 'turbopack'], ['middleware', 'webpack']]) {
  const apps = {};
  for (const [name, source] of Object.entries(SOURCES)) {
    process.stderr.write(`${shell}: next build, ${name}\n`);
    const more = { NEXTAUTH_SECRET: env.SESSION_SECRET, NEXTAUTH_URL: 'http://localhost' };
    apps[name] = { ...(await started(modules, join(modules, `overhead-${shell}-${name}`), { shell, bundler, source, more, files: { 'public/guarded.txt': 'guarded' } })), agent: new Agent({ keepAlive: true }) };
  }
  const ours = async (sub) => (await forge(document(apps.gate.origin), { sub, email: `${sub}@example.com`, roles: ['admin'] }, { env })).header;
  const ann = await ours('ann');
  const theirs = `next-auth.session-token=${await encode({ token: { sub: 'ann', name: 'Ann', email: 'ann@example.com' }, secret: env.SESSION_SECRET })}`;
  /** name → the app, the cookie of a request, the status that every answer must have; the first is what the others are held against */
  const cases = {
    'empty middleware': [apps.empty, () => ann, 200],
    'gate, signed in, the same cookie': [apps.gate, () => ann, 200],
    [NEVER_SEEN]: [apps.gate, () => undefined, 200],
    'gate, nobody: 302': [apps.gate, () => undefined, 302],
    'next-auth 4, signed in': [apps['next-auth'], () => theirs, 200],
  };
  const measured = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let by = -1; by < ROUNDS; by += 1) {
    for (const [name, [app, cookie, status]] of Object.entries(cases)) {
      const never = name === NEVER_SEEN ? await Promise.all(Array.from({ length: REQUESTS }, (_, at) => ours(`ann-${by}-${at}`))) : [];
      const [times, before] = [[], ticks(app.pid)];
      for (let at = 0; at < REQUESTS; at += 1) times.push(await get(app, never[at] ?? cookie(), status));
      const cpu = ((ticks(app.pid) - before) * TICK_US) / REQUESTS;
      // The first round is for warmth.
      if (by >= 0) measured[name].push({ ms: times.sort((a, b) => a - b)[times.length >> 1], cpu });
    }
  }
  const [floor] = Object.values(measured);
  const over = (results, what) => spread(results.map((result, at) => result[what] - floor[at][what])).median;
  for (const [name, results] of Object.entries(measured)) {
    rows.push({
      shell, bundler, name,
      ms: spread(results.map(({ ms }) => round(ms, 3))), over: round(over(results, 'ms'), 3),
      cpu: spread(results.map(({ cpu }) => Math.round(cpu))), overCpu: Math.round(over(results, 'cpu')),
    });
  }
  for (const app of Object.values(apps)) await app.stop();
}

const report = { machine: `${cpus()[0].model.trim()}, ${cpus().length} cores`, node: process.version, version: next, rounds: ROUNDS, requests: REQUESTS, load: round(loadavg()[1]), quick, rows };
console.error(JSON.stringify(report, null, 1));
const out = given.indexOf('--out');
if (out >= 0) {
  const before = (() => {
    try {
      return JSON.parse(readFileSync(given[out + 1], 'utf8'));
    } catch {
      return {};
    }
  })();
  writeFileSync(given[out + 1], `${JSON.stringify({ ...before, next: report }, null, 1)}\n`);
}
process.exit();

/** Milliseconds of one request, one after the other on one connection; a file that is not rendered, so that what is measured is the way to it. */
function get({ port, agent }, cookie, status) {
  const begun = performance.now();
  return new Promise((done, reject) => {
    const headers = { host: `localhost:${port}`, accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', ...(cookie && { cookie }) };
    request({ host: '127.0.0.1', port, path: '/guarded.txt', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode === status ? done(performance.now() - begun) : reject(new Error(`answered ${response.statusCode}, not ${status}`))));
    }).on('error', reject).end();
  });
}

/** The time of a process and of those that it started. */
function ticks(root) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return [{ pid: Number(pid), parent: Number(fields[1]), spent: Number(fields[11]) + Number(fields[12]) }];
    } catch {
      return [];
    }
  });
  const sum = (pid) => (all.find((one) => one.pid === pid)?.spent ?? 0) + all.filter(({ parent }) => parent === pid).reduce((total, child) => total + sum(child.pid), 0);
  return sum(root);
}
