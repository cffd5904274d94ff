/** @type {import('edgeward/node').EdgewardConfig} */
export const document = {
  public_origins: [process.env.APP_ORIGIN ?? 'http://localhost:3000'],
  default: 'session',
  sign_in: '/login',
  signed_in: '/dashboard',
  // Express reads `/API/notes` as `/api/notes`.
  router: 'any',
  session: { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }], roles: '/roles' },
  routes: [
    { path: ['/', '/_next/static/:path*', '/robots.txt'], require: 'public' },
    { path: '/login', require: 'guest' },
    { path: '/api/admin/:path*', require: { any: [{ role: 'admin' }] } },
    { path: '/api/:path*', require: 'session', on_unauthenticated: '401' },
  ],
};
