// One module of everything that a Worker of the bench imports, as a user's build would make it.

import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const libraries = path.join(root, 'tests/interop/node_modules');
const esbuild = createRequire(process.env.TOOLCHAIN)('esbuild');

/** Parts of a library that its package does not export, where its own entry needs a framework around it. */
const INSIDE = {
  'auth0-store': '@auth0/nextjs-auth0/dist/server/session/stateless-session-store.js',
  'auth0-cookies': '@auth0/nextjs-auth0/dist/server/cookies.js',
};

/** Bundles a file, or the text of a module. */
export async function bundle(source, { text = false } = {}) {
  const built = await esbuild.build({
    ...(text ? { stdin: { contents: source, resolveDir: import.meta.dirname } } : { entryPoints: [source] }),
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    minify: !process.env.BENCH_READABLE,
    legalComments: 'none',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'edge-light'],
    nodePaths: [libraries],
    alias: {
      'edgeward-glue': process.env.GLUE,
      ...Object.fromEntries(Object.entries(INSIDE).map(([name, file]) => [name, path.join(libraries, file)])),
    },
    external: ['./edgeward.wasm', 'cloudflare:*', 'node:*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: 'import { Buffer } from "node:buffer";' },
    plugins: [prefixed],
    logLevel: 'silent',
  });
  return built.outputFiles[0].contents;
}

const NODE = ['crypto', 'buffer', 'util', 'stream', 'events', 'url', 'querystring', 'assert', 'zlib', 'http', 'https', 'async_hooks', 'tls', 'net', 'path', 'fs', 'os'];
/** workerd knows Node's modules by their full names only. */
const prefixed = {
  name: 'node-prefix',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^(${NODE.join('|')})$`) }, ({ path: name }) => ({ path: `node:${name}`, external: true }));
  },
};
