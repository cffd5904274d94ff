// What the makers of cookies share: the pinned libraries, keys that open nothing else, the clock.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { library } from '../../interop/library.mjs';

const libraries = path.resolve(import.meta.dirname, '../../interop');

/** A file of a library that its package does not export. */
export const inside = (file) => import(path.join(libraries, 'node_modules', file));
/** `name version`, as the tables show it. */
export const named = (name) => `${name} ${JSON.parse(readFileSync(path.join(libraries, 'node_modules', name, 'package.json'))).version}`;

export const jose = await library('jose');

export const ORIGIN = 'https://app.example.com';
export const SECRET = 'a secret of at least thirty-two characters';
export const DAY = 86_400;
export const now = () => Math.floor(Date.now() / 1000);
export const utf8 = (text) => new TextEncoder().encode(text);

const PAIRS = JSON.parse(readFileSync(path.join(libraries, 'make/keys.json'), 'utf8'));
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi'];
const imported = new Map();

/** The public half of a named pair, as a JWK. */
export const publicJwk = (name) => Object.fromEntries(Object.entries(PAIRS[name]).filter(([member]) => !PRIVATE.includes(member)));
/** The same as PEM. */
export const pem = async (name) => jose.exportSPKI(await jose.importJWK(publicJwk(name), PAIRS[name].alg, { extractable: true }));

/** Claims signed by a named pair. */
export async function sign(name, claims, header = {}) {
  const { alg, kid } = PAIRS[name];
  if (!imported.has(name)) imported.set(name, await jose.importJWK(PAIRS[name], alg));
  return new jose.SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(imported.get(name));
}

/** `Set-Cookie` lines as a browser sends them back. */
export const returned = (lines) => lines.map((line) => line.split(';', 1)[0]).filter((pair) => !pair.endsWith('=')).join('; ');
