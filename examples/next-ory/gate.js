/** Without this second argument the middleware is a tunnel only, as it was. */
export const options = {
  publicOrigins: [process.env.NEXT_PUBLIC_ORY_SDK_URL ?? 'http://localhost:3000'],
  default: 'session',
  signedIn: '/dashboard',
  session: { secrets: [{ env: 'SESSION_SECRET' }], roles: '/metadata_public/roles' },
  kratos: { claims: ['/traits/email', '/metadata_public/roles'] },
  routes: [
    { path: '/', require: 'public' },
    { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } },
  ],
};
