import 'server-only';

import { SignJWT } from 'jose';
import { cookies } from 'next/headers';

const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/** As the Next.js guide has it: a signed token in a cookie, nothing on the server. */
export async function createSession(userId: string, role: string) {
  const expires = new Date(Date.now() + LIFETIME_MS);
  const key = new TextEncoder().encode(process.env.SESSION_SECRET);
  const session = await new SignJWT({ userId, role })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(key);
  (await cookies()).set('session', session, { httpOnly: true, secure: process.env.INSECURE !== '1', expires, sameSite: 'lax', path: '/' });
}

export async function deleteSession() {
  (await cookies()).delete('session');
}
