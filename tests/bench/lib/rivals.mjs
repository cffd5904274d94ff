// The session checks that others bring into a bundle: each as its guide writes it for Next.js, with the Next.js parts that it imports.

import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Where their packages are; `cargo xtask bench` installs them. */
export const MODULES = path.resolve(import.meta.dirname, '../rivals/node_modules');

const version = (name) => JSON.parse(readFileSync(path.join(MODULES, name, 'package.json'), 'utf8')).version;

/** Name → `{ packages, text }`, the module that an app would write; its default export is what Next.js calls. */
export const RIVALS = {
  '@auth0/nextjs-auth0': {
    text: `import { Auth0Client } from '@auth0/nextjs-auth0/server';
const auth0 = new Auth0Client({ domain: 'x.example.com', clientId: 'x', clientSecret: 'x', secret: '${'0'.repeat(64)}', appBaseUrl: 'https://app.example.com' });
export default (request) => auth0.middleware(request);`,
  },
  '@workos-inc/authkit-nextjs': {
    text: `import { authkitMiddleware } from '@workos-inc/authkit-nextjs';
export default authkitMiddleware({ redirectUri: 'https://app.example.com/callback' });`,
  },
  '@clerk/nextjs': {
    text: `import { clerkMiddleware } from '@clerk/nextjs/server';
export default clerkMiddleware();`,
  },
  'next-auth-5': {
    shown: 'next-auth',
    text: `import NextAuth from 'next-auth-5';
export default NextAuth({ providers: [], secret: 'x', session: { strategy: 'jwt' } }).auth;`,
  },
  '@supabase/ssr': {
    text: `import { createServerClient } from '@supabase/ssr';
import { NextResponse } from 'next/server';
export default async (request) => {
  const client = createServerClient('https://x.supabase.co', 'x', { cookies: { getAll: () => request.cookies.getAll(), setAll() {} } });
  return (await client.auth.getClaims()).data ? NextResponse.next({ request }) : NextResponse.redirect(new URL('/login', request.url));
};`,
  },
  '@ory/nextjs': {
    text: `import { createOryMiddleware } from '@ory/nextjs/middleware';
export default createOryMiddleware({});`,
  },
  'next-auth': {
    text: `import middleware from 'next-auth/middleware';
export default middleware;`,
  },
  'iron-session': {
    text: `import { getIronSession } from 'iron-session';
export default async (request) => getIronSession(request, new Response(), { password: '${'0'.repeat(32)}', cookieName: 's' });`,
  },
  jose: {
    text: `import { jwtVerify } from 'jose';
export default (token, key) => jwtVerify(token, key, { algorithms: ['HS256'] });`,
  },
};

/** Whose parts they bring. */
export const FRAMEWORK = `Next.js ${version('next')}`;

for (const [name, rival] of Object.entries(RIVALS)) rival.title = `${rival.shown ?? name} ${version(name)}`;
