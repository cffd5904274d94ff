// Tokens of the app's own, as jose writes them; the gate's own format, whose recipe jose follows too; and Ory's, which has
// no library of its own for a check at the edge.

import { hkdfSync } from 'node:crypto';

import { ORIGIN, SECRET, jose, named, now, pem, publicJwk, sign, utf8 } from './support.mjs';

const claims = (n, filler) => ({ sub: `user-${n}`, role: 'editor', filler, iat: now(), exp: now() + 7 * 86_400 });
const cookie = async (name, value) => `${name}=${await value}`;
const encrypted = (enc, key, header, all) => new jose.EncryptJWT(all).setProtectedHeader({ alg: 'dir', enc, ...header }).encrypt(key);
const mapped = { subject: 'sub', exclusive_secret: true };

const signed = async (algorithm, pair) => ({
  peer: `${named('jose')}, CryptoKey kept`,
  opener: 'jwt',
  session: { format: 'jwt', keys: [{ env: 'PEM' }], algorithm, ...mapped },
  secrets: { PEM: await pem(pair) },
  library: { ALG: algorithm },
  make: (n, filler) => cookie('session', sign(pair, claims(n, filler))),
});

const sealed = (enc, key) => ({
  peer: named('jose'),
  opener: 'jwe',
  session: { format: 'jwe', secrets: [{ env: 'SECRET' }], enc, ...mapped },
  secrets: { SECRET: key },
  make: (n, filler) => cookie('session', encrypted(enc, utf8(key), {}, claims(n, filler))),
});

const K32 = '0123456789abcdef0123456789abcdef';
const OWN = '__Host-edgeward';
const derived = (info, bytes) => new Uint8Array(hkdfSync('sha256', SECRET, '', info, bytes));
const ownKey = derived(`edgeward session v1|${OWN}`, 32);
const ownHeader = { typ: 'edgeward-session+jwt', kid: Buffer.from(derived('edgeward kid v1', 8)).toString('base64url') };

export const FORMATS = {
  'jwt HS256': {
    peer: `${named('jose')}, CryptoKey kept`,
    opener: 'jwt',
    session: { format: 'jwt', secrets: [{ env: 'SECRET' }], ...mapped },
    secrets: { SECRET },
    library: { ALG: 'HS256' },
    make: (n, filler) => cookie('session', new jose.SignJWT(claims(n, filler)).setProtectedHeader({ alg: 'HS256' }).sign(utf8(SECRET))),
  },
  'jwt RS256': await signed('RS256', 'rs256'),
  'jwt ES256': await signed('ES256', 'es256'),
  'jwe A256GCM': sealed('A256GCM', K32),
  'jwe A256CBC-HS512': sealed('A256CBC-HS512', K32 + K32),
  'edgeward, its own': {
    peer: `${named('jose')} by the recipe of docs/contract.md, key derived once`,
    opener: 'own',
    session: { format: 'edgeward', secrets: [{ env: 'SECRET' }] },
    secrets: { SECRET },
    library: { KEY: Buffer.from(ownKey).toString('base64url'), AUDIENCE: ORIGIN },
    // Nothing of it is due to be sealed anew while the bench runs.
    make: (n, filler, aud) => {
      const all = { aud, sub: `user-${n}`, sid: `s${n}`, src: 'own', born: now(), iat: now(), exp: now() + 3_600, roles: ['editor'], filler };
      return cookie(OWN, encrypted('A256GCM', ownKey, ownHeader, all));
    },
  },
  'ory-jwt': {
    peer: `${named('jose')}, key set kept; a bearer token`,
    opener: 'ory-jwt',
    bearer: true,
    session: { format: 'ory-jwt', from: ['bearer'], issuer: 'https://id.example.com', algorithm: 'ES256', keys: [{ env: 'PEM' }] },
    secrets: { PEM: await pem('es256') },
    library: { JWKS: JSON.stringify({ keys: [publicJwk('es256')] }), ISSUER: 'https://id.example.com' },
    make: (n, filler) => sign('es256', { iss: 'https://id.example.com', sub: `user-${n}`, sid: `s${n}`, filler, iat: now(), nbf: now(), exp: now() + 3_600 }),
  },
};
