// The npm package in a bundle: as it ships, with every format, or with one.

import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { bundle } from './bundle.mjs';

const root = path.resolve(import.meta.dirname, '../../../js-shim');

/** Its entries, and whether they bring the wasm. */
export const ENTRIES = { next: true, server: true, fetch: true, node: true, ory: true, 'ory-pages': true, testing: true, react: false };

/** The builds: `everything` as it ships; `one` has the own format, which is always there, and `jwt`. */
const BUILDS = {
  everything: { wasm: process.env.JS_WASM, from: path.join(root, 'dist'), glue: process.env.JS_GLUE },
  one: { wasm: process.env.ONE_WASM, from: path.join(root, 'src'), glue: process.env.ONE_GLUE },
};

/** A build's wasm. */
export const wasm = (build) => readFile(BUILDS[build].wasm);

/** An entry as an app's bundler writes it; or a Worker of the bench that imports `edgeward/fetch`. */
export function packaged(build, { entry, worker }) {
  const { from, glue } = BUILDS[build];
  return bundle(worker ?? path.join(from, `${entry}.mjs`), {
    alias: {
      'edgeward/fetch': path.join(from, 'fetch.mjs'),
      'edgeward-glue': glue,
      '#wasm': path.join(root, 'src/wasm/workerd.mjs'),
    },
    external: ['react'],
  });
}
