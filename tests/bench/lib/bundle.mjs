// One module of everything that a Worker of the bench imports, as a user's build would make it.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const libraries = path.join(root, 'tests/interop/node_modules');
const esbuild = createRequire(process.env.TOOLCHAIN)('esbuild');

/** Parts of a library that its package does not export, where its own entry needs a framework around it. */
const INSIDE = {
  'auth0-store': '@auth0/nextjs-auth0/dist/server/session/stateless-session-store.js',
  'auth0-cookies': '@auth0/nextjs-auth0/dist/server/cookies.js',
  // What this library takes where there is no Node.
  '#node-web-compat': 'aws-jwt-verify/dist/esm/node-web-compat-web.js',
  'logto-session': '@logto/node/lib/src/utils/session.js',
};

/**
 * Bundles a file, or the text of a module.
 *
 * @param options `alias` name → file; `external` what is left alone; `modules` the folder whose packages are meant, those of the
 *   interop tests by default
 */
export async function bundle(source, { text = false, alias = {}, external = [], modules = libraries } = {}) {
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
    conditions: ['workerd', 'worker', 'edge-light', 'react-server'],
    nodePaths: [modules],
    alias: {
      'edgeward-glue': process.env.GLUE,
      ...alias,
      ...Object.fromEntries(Object.entries(INSIDE).map(([name, file]) => [name, path.join(libraries, file)])),
    },
    external: ['./edgeward.wasm', 'cloudflare:*', 'node:*', ...external],
    define: { 'process.env.NODE_ENV': '"production"', __dirname: '"/"' },
    banner: { js: 'import { Buffer } from "node:buffer";' },
    plugins: [prefixed, framework],
    logLevel: 'silent',
  });
  return built.outputFiles[0].contents;
}

const NODE = ['crypto', 'buffer', 'util', 'stream', 'events', 'url', 'querystring', 'assert', 'zlib', 'http', 'https', 'async_hooks', 'tls', 'net', 'path', 'fs', 'os'];
/** workerd knows Node's modules by their full names only, and in ES modules there is no `require`. */
const prefixed = {
  name: 'node-prefix',
  setup(build) {
    const filter = new RegExp(`^(node:.*|(${NODE.join('|')})(/.*)?)$`);
    build.onResolve({ filter }, ({ path: name, kind }) => {
      const full = name.startsWith('node:') ? name : `node:${name}`;
      return kind === 'require-call' ? { path: full, namespace: 'required' } : { path: full, external: true };
    });
    build.onLoad({ filter: /.*/, namespace: 'required' }, ({ path: name }) => ({ contents: `export * from '${name}'; export { default } from '${name}';` }));
  },
};

/** Public name → where Next.js itself takes it from on the server. */
const API = { error: 'error.react-server', headers: 'headers', navigation: 'navigation.react-server', og: 'og', server: 'server' };
/** Next.js resolves itself to its ES modules when it builds a middleware, so that only what is used comes along. */
const framework = {
  name: 'next-esm',
  setup(build) {
    const resolve = (file, { resolveDir, kind, importer }) => build.resolve(file, { resolveDir, kind, importer, pluginData: framework });
    build.onResolve({ filter: /^next\/\w+(\.js)?$/ }, (given) => {
      const name = given.path.slice('next/'.length).replace(/\.js$/, '');
      return name in API && given.pluginData !== framework ? resolve(`next/dist/esm/api/${API[name]}.js`, given) : undefined;
    });
    build.onResolve({ filter: /^next\/dist\// }, async (given) => {
      if (given.pluginData === framework || /^next\/dist\/(esm|compiled)\//.test(given.path)) return undefined;
      const found = await resolve(given.path.replace('next/dist/', 'next/dist/esm/'), given);
      return found.errors.length === 0 ? found : undefined;
    });
    // An attribute that only its own bundler knows.
    build.onLoad({ filter: /-async-storage\.external\.js$/ }, async ({ path: file }) => ({
      contents: (await readFile(file, 'utf8')).replace(/ with \{[^}]*\}/g, ''),
    }));
    build.onResolve({ filter: /^@opentelemetry\/api$/ }, (given) => (given.pluginData === framework ? undefined : resolve('next/dist/compiled/@opentelemetry/api', given)));
  },
};
