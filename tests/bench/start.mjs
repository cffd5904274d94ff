// From the spawn of workerd to the first answer, over the same for an empty Worker.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { bundle } from './lib/bundle.mjs';
import { alternate, round, spread } from './lib/stats.mjs';
import { workerd } from './lib/workerd.mjs';
import { FORMATS, document } from './values.mjs';

const here = (name) => path.join(import.meta.dirname, 'workers', name);

export async function start({ rounds = 15 } = {}) {
  const wasm = await readFile(process.env.WASM);
  const { session, secrets } = FORMATS['jwt HS256'];
  const bindings = { EDGEWARD: document(session), ...secrets };
  const own = async (text) => bundle(text, { text: true });
  const handler = '; export default { fetch: () => new Response(String(typeof used)) };';
  const things = {
    'empty Worker': [{ 'empty.js': await readFile(here('empty.mjs')) }, {}],
    'gate in a JavaScript Worker': [{ 'decide.js': await bundle(here('decide.mjs')), 'edgeward.wasm': wasm }, { bindings }],
    'wrangler Worker': [{ 'index.js': await readFile(path.join(process.env.WORKER_DIR, 'index.js')), 'edgeward.wasm': wasm }, { bindings }],
    jose: [{ 'a.js': await own(`import { jwtVerify as used } from 'jose'${handler}`) }, {}],
    'iron-session': [{ 'a.js': await own(`import { unsealData as used } from 'iron-session'${handler}`) }, {}],
    'next-auth 4': [{ 'a.js': await own(`import { decode as used } from 'next-auth/jwt'${handler}`) }, {}],
    '@auth/core': [{ 'a.js': await own(`import { decode as used } from '@auth/core/jwt'${handler}`) }, {}],
    '@auth0/nextjs-auth0 (store)': [{ 'a.js': await own(`import { StatelessSessionStore as used } from 'auth0-store'${handler}`) }, {}],
    '@clerk/backend': [{ 'a.js': await own(`import { createClerkClient as used } from '@clerk/backend'${handler}`) }, {}],
    'better-auth (cookies)': [{ 'a.js': await own(`import { getCookieCache as used } from 'better-auth/cookies'${handler}`) }, {}],
  };
  const found = await alternate(things, rounds, async ([modules, options]) => {
    const worker = await workerd(modules, options);
    await worker.stop();
    return worker.started;
  });
  const floor = spread(found['empty Worker']).median;
  return Object.entries(found).map(([name, times]) => {
    const time = spread(times);
    const row = { name, time, over: round(time.median - floor) };
    console.log(`  ${name.padEnd(30)} ${round(time.median)} ms (+${row.over}), ${round(time.min)} to ${round(time.max)}`);
    return row;
  });
}
