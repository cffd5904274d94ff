import type { EdgewardConfig } from 'edgeward/next';

/** One document for the gate and for the data access layer. */
export const document: EdgewardConfig = {
  public_origins: [process.env.APP_ORIGIN ?? 'http://localhost:3000'],
  default: 'session',
  sign_in: '/login',
  signed_in: '/dashboard',
  session: {
    format: 'jwt',
    cookie: 'session',
    secrets: [{ env: 'SESSION_SECRET' }],
    subject: 'userId',
    exclusive_secret: true,
    roles: '/role',
    to_client: ['/role'],
  },
  routes: [
    { path: '/', require: 'public' },
    // Signing in is a server action of somebody without a session.
    { path: '/login', require: 'guest', actions: 'public' },
    { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } },
    { path: '/api/:path*', require: 'session', on_unauthenticated: '401' },
  ],
};
