// The gate's own sealed values, made with `jose` by the recipe of docs/contract.md: what a thief of the format would try.

import { createRequire } from 'node:module';
import { createHash, hkdfSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

import { COPY, KRATOS_SESSION, ORIGIN, given } from './world.mjs';

const { CompactEncrypt, SignJWT, UnsecuredJWT, compactDecrypt } = await import(pathToFileURL(createRequire(given('TOOLCHAIN')).resolve('jose')));

export const SECRET = given('SESSION_SECRET');
const derived = (secret, info, length) => new Uint8Array(hkdfSync('sha256', secret, '', info, length));
export const keyOf = (secret = SECRET, name = COPY, label = 'edgeward session v1') => derived(secret, `${label}|${name}`, 32);
const kidOf = (secret) => Buffer.from(derived(secret, 'edgeward kid v1', 8)).toString('base64url');

/** The claims of a genuine copy. */
export async function open(value) {
  const { plaintext } = await compactDecrypt(value, keyOf());
  return JSON.parse(Buffer.from(plaintext));
}

/** Seals claims as the gate does, by the world's secret or another; `header` and `key` are the defects. */
export function seal(claims, { secret = SECRET, header = {}, key = keyOf(secret) } = {}) {
  const protectedHeader = { alg: 'dir', enc: 'A256GCM', typ: 'edgeward-session+jwt', kid: kidOf(secret), ...header };
  for (const name of Object.keys(protectedHeader)) if (protectedHeader[name] === undefined) delete protectedHeader[name];
  const text = typeof claims === 'string' ? claims : JSON.stringify(claims);
  return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(protectedHeader).encrypt(key);
}

/** The same claims in a signed token, and in one that is not even signed. */
export const signed = (claims, key = new TextEncoder().encode(SECRET)) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'edgeward-session+jwt' }).sign(key);
export const unsigned = (claims) => new UnsecuredJWT(claims).encode();

export const bindingOf = (value, name = KRATOS_SESSION) =>
  createHash('sha256').update(`${name}\0${value}`).digest().subarray(0, 16).toString('base64url');

/** Claims of a copy for a visitor, complete and good, with a role that the visitor does not have. */
export function claimsFor(visitor, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    aud: ORIGIN,
    sub: visitor.identity,
    sid: 'a-session-of-the-tests',
    src: 'kratos',
    born: now,
    iat: now,
    exp: now + 600,
    ver: now,
    bnd: bindingOf(visitor.cookies.get(KRATOS_SESSION)),
    auth_time: now,
    aal: 'aal1',
    roles: ['admin'],
    ...changes,
  };
  for (const name of Object.keys(claims)) if (claims[name] === undefined) delete claims[name];
  return claims;
}
