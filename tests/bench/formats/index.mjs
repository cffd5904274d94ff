// Session cookies as the libraries write them, valid now, of a wanted size.

import { FORMATS as betterAuth } from './better-auth.mjs';
import { FORMATS as jose } from './jose.mjs';
import { FORMATS as sealed } from './sealed.mjs';
import { ORIGIN } from './support.mjs';
import { FORMATS as tokens } from './tokens.mjs';

/**
 * What is measured, by name: `peer`, the library that it is held against; `opener`, the file of `workers/openers` that calls it;
 * `session` and `secrets`, our config; `library`, what else the opener needs; `make(n, filler, origin)`, a cookie header.
 */
export const FORMATS = { ...jose, ...sealed, ...betterAuth, ...tokens };

/** The document around a session: guarded by default, one public page, and no call to anybody. */
export const document = (session) => ({
  public_origins: [ORIGIN, 'http://localhost'],
  origin: { binding: 'APP' },
  default: 'session',
  sign_in: '/login',
  routes: [
    { path: '/login', require: 'guest' },
    { path: '/public/:path*', require: 'public' },
  ],
  session,
});

/** The variables of a gate of that format. */
export const environment = ({ session, secrets }) => ({ EDGEWARD: document(session), ...secrets });

/** What the filler is cut from: it says nothing and repeats itself, for no format compresses. */
const FILLER = 'edgeward '.repeat(600);

/** `count` headers of about `size` bytes, all different; the smallest there is where that is larger. */
export async function headers({ make }, size, count, origin = ORIGIN) {
  const length = async (filler) => (await make(0, FILLER.slice(0, filler), origin)).length;
  const [bare, more] = [await length(0), await length(1_000)];
  // How much a byte grows on its way into the cookie: encodings within encodings.
  const filler = FILLER.slice(0, Math.max(0, Math.floor(((size - bare) * 1_000) / (more - bare))));
  const all = [];
  for (let n = 0; n < count; n += 1) all.push(await make(1_000 + n, filler, origin));
  return all;
}
