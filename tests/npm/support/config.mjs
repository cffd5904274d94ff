// One small app's document, for every shell.

export const SECRET = 'a test secret that has more than 32 characters';
export const env = { SESSION_SECRET: SECRET };

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
