/** The only file that the gate adds beside `proxy.js`; the cookie is next-auth's own. */
export const document = {
  public_origins: [process.env.NEXTAUTH_URL ?? 'http://localhost:3000'],
  default: 'session',
  sign_in: '/login',
  signed_in: '/dashboard',
  session: { format: 'nextauth-v4', secrets: [{ env: 'NEXTAUTH_SECRET' }], roles: '/role' },
  routes: [
    { path: ['/', '/api/auth/:path*'], require: 'public' },
    { path: '/login', require: 'guest' },
    { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } },
  ],
};
