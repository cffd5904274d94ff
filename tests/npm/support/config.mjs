// One small app's document, for every shell.
import { createPrivateKey, sign } from 'node:crypto';

export const SECRET = 'a test secret that has more than 32 characters';

/** RFC 7515, appendix A.3.1. */
const PUBLIC = { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' };
const PRIVATE = { ...PUBLIC, d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' };
const KID = 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U';

/** What the app's process knows: of the gate in front of it the public key only. */
export const env = { SESSION_SECRET: SECRET, ASSERTION_KEY: JSON.stringify(PUBLIC) };

/** An app behind a gate that stands in front of it, and signs. */
export const behind = (...origins) => ({ ...document(...origins), assertion: { key: { env: 'ASSERTION_KEY' }, audience: 'app' } });

/** Statements as the gate in front makes them, good ones and others. */
export function assertions(sub) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const made = (changes = {}, head = {}) => {
    const claims = { iss: 'edgeward', aud: 'app', sub, sid: 'one', iat: now, exp: now + 60, roles: ['admin'], ...changes };
    const input = `${part({ alg: 'ES256', typ: 'edgeward-assertion+jwt', kid: KID, ...head })}.${part(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), { key: createPrivateKey({ key: PRIVATE, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const good = made();
  const [head, , signature] = good.split('.');
  const others = {
    expired: made({ iat: now - 120, exp: now - 60 }), 'for another app': made({ aud: 'orders' }), 'of another issuer': made({ iss: 'other' }), 'a JWT': made({}, { typ: 'JWT' }),
    'another key': made({}, { kid: 'other' }), 'no algorithm': made({}, { alg: 'none' }), 'other claims': `${head}.${part({ sub: 'root' })}.${signature}`, 'no signature': `${good.split('.').slice(0, 2).join('.')}.`, text: 'x',
  };
  return { good, others };
}

/** @param origins where the app is visited */
export const document = (...origins) => ({
  public_origins: origins,
  default: 'session',
  sign_in: '/login',
  signed_in: '/dashboard',
  session: {
    format: 'edgeward',
    secrets: [{ env: 'SESSION_SECRET' }],
    roles: '/roles',
    idle: '1h',
    to_client: ['/email', '/name'],
  },
  routes: [
    { path: ['/', '/about'], require: 'public' },
    { path: '/login', require: 'guest' },
    { path: '/greeting', require: 'optional' },
    { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } },
    { path: '/api/:path*', require: 'session', on_unauthenticated: '401' },
  ],
});

/** What a browser sends with a page that is gone to. */
export const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' };
