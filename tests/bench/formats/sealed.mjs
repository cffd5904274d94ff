// Cookies that a library seals with a secret of the app.

import { library } from '../../interop/library.mjs';
import { DAY, SECRET, inside, named, now, returned, sign } from './support.mjs';

const nextauth = await library('next-auth/jwt');
const authjs = await library('@auth/core/jwt');
const iron = await library('iron-session');
const { StatelessSessionStore } = await inside('@auth0/nextjs-auth0/dist/server/session/stateless-session-store.js');
const { RequestCookies, ResponseCookies } = await inside('@auth0/nextjs-auth0/dist/server/cookies.js');
const { wrapSession } = await library('@logto/node');

const secrets = { SECRET };
const reference = [{ env: 'SECRET' }];

async function auth0(n, filler) {
  const headers = new Headers();
  const store = new StatelessSessionStore({ secret: SECRET, rolling: true, cookieOptions: { secure: true } });
  const tokenSet = { accessToken: 'opaque', scope: 'openid', expiresAt: now() + DAY };
  const session = { user: { sub: `auth0|${n}`, sid: `sid-${n}`, filler }, tokenSet, internal: { sid: `sid-${n}`, createdAt: now() } };
  await store.set(new RequestCookies(new Headers()), new ResponseCookies(headers), session);
  return returned(headers.getSetCookie());
}

const LOGTO = { app: 'app42', issuer: 'https://logto.example.com/oidc' };

async function logto(n, filler) {
  const idToken = await sign('es384', { iss: LOGTO.issuer, sub: `user-${n}`, aud: LOGTO.app, iat: now(), exp: now() + 3_600, filler });
  return `logto_${LOGTO.app}=${encodeURIComponent(await wrapSession({ idToken, refreshToken: 'r3fr3sh', accessToken: '{}' }, SECRET))}`;
}

export const FORMATS = {
  'iron-session': {
    peer: named('iron-session'),
    opener: 'iron-session',
    session: { format: 'iron-session', cookie: 's', secrets: reference, subject: 'userId' },
    secrets,
    make: async (n, filler) => `s=${await iron.sealData({ userId: `user-${n}`, role: 'editor', filler }, { password: SECRET, ttl: 14 * DAY })}`,
  },
  'nextauth-v4': {
    peer: named('next-auth'),
    opener: 'nextauth-v4',
    session: { format: 'nextauth-v4', secrets: reference },
    secrets,
    make: async (n, filler) => `__Secure-next-auth.session-token=${await nextauth.encode({ token: { sub: `user-${n}`, filler }, secret: SECRET, maxAge: 30 * DAY })}`,
  },
  authjs: {
    peer: named('@auth/core'),
    opener: 'authjs',
    session: { format: 'authjs', secrets: reference },
    secrets,
    make: async (n, filler) => {
      const name = '__Secure-authjs.session-token';
      return `${name}=${await authjs.encode({ token: { sub: `user-${n}`, filler }, secret: SECRET, salt: name, maxAge: 30 * DAY })}`;
    },
  },
  auth0: {
    peer: named('@auth0/nextjs-auth0'),
    opener: 'auth0',
    session: { format: 'auth0', secrets: reference },
    secrets,
    make: auth0,
  },
  logto: {
    peer: named('@logto/node'),
    opener: 'logto',
    session: { format: 'logto', app_id: LOGTO.app, issuer: LOGTO.issuer, secrets: reference },
    secrets,
    make: logto,
  },
};
