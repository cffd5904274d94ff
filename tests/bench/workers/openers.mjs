// How an app opens each cookie with the format's own library: the cookie header in, the claims out.

import { jwtDecrypt, jwtVerify, importSPKI } from 'jose';
import { unsealData } from 'iron-session';
import { decode as nextauth } from 'next-auth/jwt';
import { decode as authjs } from '@auth/core/jwt';
import { StatelessSessionStore } from 'auth0-store';
import { RequestCookies } from 'auth0-cookies';

const utf8 = (text) => new TextEncoder().encode(text);
const value = (cookie) => cookie.slice(cookie.indexOf('=') + 1);

/** Format → a function of the secrets that makes the opener; what an app would keep is kept. */
export const OPENERS = {
  'jwt HS256': async ({ SECRET }) => {
    const key = await crypto.subtle.importKey('raw', utf8(SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    return (cookie) => jwtVerify(value(cookie), key, { algorithms: ['HS256'] });
  },
  'jwt RS256': async ({ PEM }) => {
    const key = await importSPKI(PEM, 'RS256');
    return (cookie) => jwtVerify(value(cookie), key, { algorithms: ['RS256'] });
  },
  'jwt ES256': async ({ PEM }) => {
    const key = await importSPKI(PEM, 'ES256');
    return (cookie) => jwtVerify(value(cookie), key, { algorithms: ['ES256'] });
  },
  'jwe A256GCM': async ({ SECRET }) => {
    const key = utf8(SECRET);
    return (cookie) => jwtDecrypt(value(cookie), key);
  },
  'jwe A256CBC-HS512': async ({ SECRET }) => {
    const key = utf8(SECRET);
    return (cookie) => jwtDecrypt(value(cookie), key);
  },
  'iron-session': async ({ SECRET }) => (cookie) => unsealData(value(cookie), { password: SECRET, ttl: 14 * 86_400 }),
  'nextauth-v4': async ({ SECRET }) => (cookie) => nextauth({ token: value(cookie), secret: SECRET }),
  authjs: async ({ SECRET }) => (cookie) => authjs({ token: value(cookie), secret: SECRET, salt: '__Secure-authjs.session-token' }),
  auth0: async ({ SECRET }) => {
    const store = new StatelessSessionStore({ secret: SECRET, rolling: true, cookieOptions: { secure: true } });
    return (cookie) => store.get(new RequestCookies(new Headers({ cookie })));
  },
};
