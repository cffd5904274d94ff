// What a user's bundle grows by: our Worker and the rivals' session checks, bundled by the same call.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { bundle } from './lib/bundle.mjs';

const RIVALS = {
  'jose, HS256': "export { jwtVerify } from 'jose'",
  'iron-session': "export { unsealData, sealData } from 'iron-session'",
  'next-auth 4, jwt': "export { decode, getToken } from 'next-auth/jwt'",
  '@auth/core 5, jwt': "export { decode, getToken } from '@auth/core/jwt'",
  'nextjs-auth0 4, session store': "export { StatelessSessionStore } from 'auth0-store'",
  '@clerk/backend': "export { createClerkClient } from '@clerk/backend'",
  '@supabase/ssr': "export { createServerClient } from '@supabase/ssr'",
  '@workos-inc/node': "export { WorkOS } from '@workos-inc/node'",
  'better-auth, cookies': "export { getCookieCache } from 'better-auth/cookies'",
};

export async function size() {
  const rows = [];
  const add = (name, parts) => {
    const sum = (of) => parts.reduce((total, part) => total + of(part).length, 0);
    const row = { name, raw: sum((part) => part), gzip: sum((part) => gzipSync(part, { level: 9 })), brotli: sum((part) => brotliCompressSync(part)) };
    rows.push(row);
    console.log(`  ${name.padEnd(32)} ${String(row.raw).padStart(9)} ${String(row.gzip).padStart(8)} ${String(row.brotli).padStart(8)}`);
  };
  add('Edgeward, Worker, everything', [await readFile(process.env.WASM), await readFile(path.join(process.env.WORKER_DIR, 'index.js'))]);
  for (const [name, text] of Object.entries(RIVALS)) {
    const made = await bundle(text, { text: true }).catch((error) => console.log(`  ${name}: not bundled: ${error.message.split('\n')[0]}`));
    if (made) add(name, [made]);
  }
  return rows;
}
