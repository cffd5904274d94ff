import { getCookieCache } from 'better-auth/cookies';

export default async ({ SECRET, STRATEGY }) => (cookie) => getCookieCache(new Headers({ cookie }), { secret: SECRET, strategy: STRATEGY, isSecure: true });
