// Session cookies as the libraries write them, valid now, of a wanted size.

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const libraries = path.resolve(import.meta.dirname, '../interop');
const require = createRequire(path.join(libraries, 'package.json'));
const load = (name) => import(require.resolve(name));
const inside = (file) => import(path.join(libraries, 'node_modules', file));
const version = (name) => JSON.parse(readFileSync(path.join(libraries, 'node_modules', name, 'package.json'))).version;
const utf8 = (text) => new TextEncoder().encode(text);

const SECRET = 'a secret of at least thirty-two characters';
const KEYS = JSON.parse(readFileSync(path.join(libraries, 'make/keys.json'), 'utf8'));
const DAY = 86_400;
const ORIGIN = 'https://app.example.com';

const jose = await import(path.join(libraries, 'node_modules/jose/dist/webapi/index.js'));
const nextauth = await load('next-auth/jwt');
const authjs = await inside('@auth/core/jwt.js');
const iron = await inside('iron-session/dist/index.js').catch(() => load('iron-session'));
const { StatelessSessionStore } = await inside('@auth0/nextjs-auth0/dist/server/session/stateless-session-store.js');
const { RequestCookies, ResponseCookies } = await inside('@auth0/nextjs-auth0/dist/server/cookies.js');

const now = () => Math.floor(Date.now() / 1000);
const signed = (alg, key, extra) => (n, filler) =>
  new jose.SignJWT({ sub: `user-${n}`, userId: `user-${n}`, role: 'editor', filler, ...extra }).setProtectedHeader({ alg, kid: key.kid }).setIssuedAt().setExpirationTime('7d').sign(key.secret ?? key);
const encrypted = (enc, bytes) => (n, filler) =>
  new jose.EncryptJWT({ sub: `user-${n}`, role: 'editor', filler }).setProtectedHeader({ alg: 'dir', enc }).setIssuedAt().setExpirationTime('7d').encrypt(utf8(bytes));
const named = (name, make) => async (n, filler) => `${name}=${await make(n, filler)}`;

const K32 = '0123456789abcdef0123456789abcdef';
const K64 = K32 + K32;
const rs256 = Object.assign(await jose.importJWK(KEYS.rs256, 'RS256'), { kid: KEYS.rs256.kid });
const es256 = Object.assign(await jose.importJWK(KEYS.es256, 'ES256'), { kid: KEYS.es256.kid });
const publicPem = async (name) => jose.exportSPKI(await jose.importJWK({ ...KEYS[name], d: undefined, p: undefined, q: undefined, dp: undefined, dq: undefined, qi: undefined }, KEYS[name].alg, { extractable: true }));
const PEM_RS256 = await publicPem('rs256');
const PEM_ES256 = await publicPem('es256');

async function auth0(n, filler) {
  const out = new ResponseCookies(new Headers());
  const store = new StatelessSessionStore({ secret: SECRET, rolling: true, cookieOptions: { secure: true } });
  const session = { user: { sub: `auth0|${n}`, sid: `sid-${n}`, filler }, tokenSet: { accessToken: 'opaque', scope: 'openid', expiresAt: now() + DAY }, internal: { sid: `sid-${n}`, createdAt: now() } };
  await store.set(new RequestCookies(new Headers()), out, session);
  return out.getAll().filter(({ value }) => value !== '').map(({ name, value }) => `${name}=${value}`).join('; ');
}

const mapped = { subject: 'sub', exclusive_secret: true };

/** What is measured: our config for the format, the library it is held against, and how its cookies are made. */
export const FORMATS = {
  'jwt HS256': {
    peer: `jose ${version('jose')}, CryptoKey kept`,
    session: { format: 'jwt', secrets: [{ env: 'SECRET' }], ...mapped },
    secrets: { SECRET },
    make: named('session', signed('HS256', utf8(SECRET))),
  },
  'jwt RS256': {
    peer: `jose ${version('jose')}, CryptoKey kept`,
    session: { format: 'jwt', keys: [{ env: 'PEM' }], algorithm: 'RS256', ...mapped },
    secrets: { PEM: PEM_RS256 },
    make: named('session', signed('RS256', rs256)),
  },
  'jwt ES256': {
    peer: `jose ${version('jose')}, CryptoKey kept`,
    session: { format: 'jwt', keys: [{ env: 'PEM' }], algorithm: 'ES256', ...mapped },
    secrets: { PEM: PEM_ES256 },
    make: named('session', signed('ES256', es256)),
  },
  'jwe A256GCM': {
    peer: `jose ${version('jose')}`,
    session: { format: 'jwe', secrets: [{ env: 'SECRET' }], enc: 'A256GCM', ...mapped },
    secrets: { SECRET: K32 },
    make: named('session', encrypted('A256GCM', K32)),
  },
  'jwe A256CBC-HS512': {
    peer: `jose ${version('jose')}`,
    session: { format: 'jwe', secrets: [{ env: 'SECRET' }], enc: 'A256CBC-HS512', ...mapped },
    secrets: { SECRET: K64 },
    make: named('session', encrypted('A256CBC-HS512', K64)),
  },
  'iron-session': {
    peer: `iron-session ${version('iron-session')}`,
    session: { format: 'iron-session', cookie: 's', secrets: [{ env: 'SECRET' }], subject: 'userId' },
    secrets: { SECRET },
    make: named('s', (n, filler) => iron.sealData({ userId: `user-${n}`, role: 'editor', filler }, { password: SECRET, ttl: 14 * DAY })),
  },
  'nextauth-v4': {
    peer: `next-auth ${version('next-auth')}`,
    session: { format: 'nextauth-v4', secrets: [{ env: 'SECRET' }] },
    secrets: { SECRET },
    make: named('__Secure-next-auth.session-token', (n, filler) => nextauth.encode({ token: { sub: `user-${n}`, filler }, secret: SECRET, maxAge: 30 * DAY })),
  },
  authjs: {
    peer: `@auth/core ${version('@auth/core')}`,
    session: { format: 'authjs', secrets: [{ env: 'SECRET' }] },
    secrets: { SECRET },
    make: named('__Secure-authjs.session-token', (n, filler) => authjs.encode({ token: { sub: `user-${n}`, filler }, secret: SECRET, salt: '__Secure-authjs.session-token', maxAge: 30 * DAY })),
  },
  auth0: {
    peer: `@auth0/nextjs-auth0 ${version('@auth0/nextjs-auth0')}`,
    session: { format: 'auth0', secrets: [{ env: 'SECRET' }] },
    secrets: { SECRET },
    make: auth0,
  },
};

/** The document around a session: one guarded page, one public page, and no call to anybody. */
export const document = (session) => ({
  public_origins: [ORIGIN, 'http://localhost'],
  origin: { binding: 'APP' },
  default: 'session',
  sign_in: '/login',
  routes: [
    { path: '/login', require: 'guest' },
    { path: '/public/:path*', require: 'public' },
  ],
  session,
});

/** `count` cookies of about `size` bytes, all different. */
export async function cookies(format, size, count) {
  const { make } = FORMATS[format];
  const bare = (await make(0, '')).length;
  const filler = 'edgeward '.repeat(600).slice(0, Math.max(0, Math.floor(((size - bare) * 3) / 4)));
  const all = [];
  for (let n = 0; n < count; n += 1) all.push(await make(1000 + n, filler));
  return all;
}
