

export const document = {
  public_origins: [process.env.NEXT_PUBLIC_ORIGIN],
  default: 'session',
  sign_in: `${process.env.NEXT_PUBLIC_BASE ?? ''}/login`,
  signed_in: `${process.env.NEXT_PUBLIC_BASE ?? ''}/dashboard`,
  session: {
    format: 'edgeward',
    secrets: [{ env: 'SESSION_SECRET' }],
    roles: '/roles',
    idle: '1h',
    to_client: ['/email'],
  },
  routes: [
    { path: [`${process.env.NEXT_PUBLIC_BASE ?? ''}/about`, '/robots.txt'], require: 'public' },
    { path: `${process.env.NEXT_PUBLIC_BASE ?? ''}/login`, require: 'guest' },
    { path: `${process.env.NEXT_PUBLIC_BASE ?? ''}/admin/:path*`, require: { any: [{ role: 'admin' }] } },
    { path: '/api/:path*', require: 'session', on_unauthenticated: '401' },
  ],
};
