// For the user's own tests: a visitor who is signed in, and a matcher that leaves no gap.

import { originsOf } from './core/address.mjs';
import { edgeward } from './server.mjs';

export { checkMatcher } from './core/matcher.mjs';

/**
 * A session cookie as the gate would write it.
 *
 * @param config the app's config document
 * @param session as for `seal`
 * @param options `{ env, origin, now }`: the secrets, the origin that is visited (the first public one), and when it was
 *   sealed, in milliseconds
 * @returns `{ cookies, header }`: for a browser driver, and for a `Cookie` field
 */
export async function forge(config, session, { env, origin = originsOf(config)[0], now } = {}) {
  const { seal } = edgeward(config, { env, now: now === undefined ? undefined : () => now });
  const cookies = await seal(session, { url: `${origin}/`, headers: new Headers() });
  return { cookies, header: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
}
