// Better Auth's cookie cache: a real instance signs visitors up, its helper for middleware reads the cookies.

import { library } from '../../interop/library.mjs';
import { ORIGIN, SECRET, named, returned } from './support.mjs';

const { betterAuth } = await library('better-auth');
const { memoryAdapter } = await library('better-auth/adapters/memory');

function instance(strategy) {
  return betterAuth({
    secret: SECRET,
    baseURL: ORIGIN,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    emailAndPassword: { enabled: true, password: { hash: async () => 'x', verify: async () => true } },
    user: { additionalFields: { filler: { type: 'string', required: false, input: true } } },
    session: { cookieCache: { enabled: true, maxAge: 3_600, strategy } },
    telemetry: { enabled: false },
    logger: { disabled: true },
  });
}

function cached(strategy) {
  let auth;
  let signedUp = 0;
  return {
    peer: named('better-auth'),
    opener: 'better-auth',
    session: { format: 'better-auth', strategy, secrets: [{ env: 'SECRET' }] },
    secrets: { SECRET },
    library: { STRATEGY: strategy },
    make: async (_, filler) => {
      auth ??= instance(strategy);
      signedUp += 1;
      const body = { name: 'Ann', email: `ann${signedUp}@example.com`, password: 'password', filler };
      const response = await auth.api.signUpEmail({ body, asResponse: true });
      return returned(response.headers.getSetCookie());
    },
  };
}

export const FORMATS = { 'better-auth compact': cached('compact'), 'better-auth jwt': cached('jwt'), 'better-auth jwe': cached('jwe') };
